/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-config.h"
#include "pt-json.h"
#include "pt-store-check.h"

/* What the verbs of `powertrack-store` share. They speak the reader's language, as `powertrack`
 * does, which executes them. */

#define PT_EXIT_HOLDS 0
#define PT_EXIT_FAILED 1
#define PT_EXIT_USAGE 2
#define PT_EXIT_NOT_CHECKED 3 /* nothing is wrong, but not all could be looked at */

/* One file a verb. @argv[0] is the verb's own name; returns an exit status. */
int pt_store_backup_main (int argc, char **argv);
int pt_store_check_main (int argc, char **argv);
int pt_store_copy_main (int argc, char **argv);
int pt_store_vacuum_main (int argc, char **argv);

/* What each of them is asked, beside its own. */
typedef struct
{
  char *config; /* the daemon's configuration */
  gboolean json;
} PtToolOptions;

/* --config and --json, for a verb's table of options. */
#define PT_TOOL_OPTIONS(options)                                                                   \
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &(options).config, N_ ("Read this configuration"),    \
    "FILE" },                                                                                      \
  {                                                                                                \
    "json", 0, 0, G_OPTION_ARG_NONE, &(options).json, N_ ("Print one JSON object"), NULL           \
  }

/* As pt_cli_parse () does: FALSE after a sentence, and PT_EXIT_USAGE is to be returned. @count: how
 * many other arguments there have to be; *@rest gets them. */
gboolean pt_tool_parse (const char *verb, const char *arguments, const char *summary,
                        const GOptionEntry *entries, guint count, int argc, char **argv,
                        char ***rest);
/* "powertrack store VERB: message" on standard error; PT_EXIT_USAGE for what was said wrongly
 * (PT_ERROR_CONFIGURATION), else PT_EXIT_FAILED. */
int pt_tool_fail (const char *verb, const GError *error);

/* The daemon's configuration; @path NULL: the installed one. */
PtConfig *pt_tool_config (const char *path, GError **error);
/* The file of its database, which has to be there; a store on a server is none. */
char *pt_tool_database (const PtConfig *config, GError **error);

/* PtUpkeepProgressFunc: a line on the terminal that is written over, which says of what so many
 * percents are done. */
void pt_tool_tell_copying (guint64 done, guint64 of, gpointer user_data);
void pt_tool_tell_checking (guint64 done, guint64 of, gpointer user_data);

/* "1.2 GB", to be freed. */
#define pt_tool_size(bytes) g_format_size_full (bytes, G_FORMAT_SIZE_DEFAULT)

/* Prints @findings, as lines or as one JSON object, of which the member @name (NULL: none) says
 * @number first; returns the exit status of their verdict. */
int pt_tool_report (const PtStoreFindings *findings, gboolean json, const char *name,
                    guint64 number);
/* Prints what was written as a line. */
void pt_tool_print_json (const PtJsonWriter *writer);
