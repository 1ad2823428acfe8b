/* SPDX-License-Identifier: Apache-2.0 */
/* `powertrack store vacuum`: gives room of the database that nothing is in back to the disk. */
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

#include "pt-state-dir.h"
#include "pt-store-vacuum.h"
#include "pt-tool.h"

static gboolean
is_yes (const char *line)
{
  g_autofree char *word = g_utf8_strdown (line, -1);

  g_strstrip (word);
  return g_str_equal (word, "y") || g_str_equal (word, "yes") || g_str_equal (word, _ ("yes"));
}

/* *@status: what is to be returned where nobody wants it. */
static gboolean
is_wanted (guint64 bytes, guint64 unused, int *status)
{
  g_autofree char *all = pt_tool_size (bytes);
  g_autofree char *free = pt_tool_size (unused);
  char line[64] = "";

  if (isatty (STDIN_FILENO) != 1)
    {
      g_printerr (_ ("powertrack store vacuum: without a terminal nobody can be asked; --yes does "
                     "it\n"));
      *status = PT_EXIT_USAGE;
      return FALSE;
    }
  g_printerr (_ ("The database takes %s, and nothing is in %s of that. Write it anew without? "),
              all, free);
  g_printerr ("[y/N] ");
  if (fgets (line, sizeof line, stdin) != NULL && g_utf8_validate (line, -1, NULL) && is_yes (line))
    return TRUE;
  g_printerr (_ ("Nothing was changed.\n"));
  *status = PT_EXIT_FAILED;
  return FALSE;
}

static void
print (guint64 before, guint64 after, gboolean json)
{
  guint64 freed = before > after ? before - after : 0;
  g_autofree char *size = pt_tool_size (after);
  g_autofree char *less = pt_tool_size (freed);
  char buffer[128];
  PtJsonWriter writer;

  if (!json)
    {
      g_print (_ ("The database takes %s, %s less than before.\n"), size, less);
      return;
    }
  pt_json_writer_init (&writer, buffer, sizeof buffer);
  pt_json_write_literal (&writer, "{\"bytes\":");
  pt_json_write_integer (&writer, (int64_t) after);
  pt_json_write_literal (&writer, ",\"freed\":");
  pt_json_write_integer (&writer, (int64_t) freed);
  pt_json_write_literal (&writer, "}");
  pt_tool_print_json (&writer);
}

int
pt_store_vacuum_main (int argc, char **argv)
{
  PtToolOptions options = { 0 };
  gboolean yes = FALSE;
  const GOptionEntry entries[]
      = { { "yes", 'y', 0, G_OPTION_ARG_NONE, &yes, N_ ("Do not ask"), NULL },
          PT_TOOL_OPTIONS (options),
          { NULL, 0, 0, 0, NULL, NULL, NULL } };
  g_auto (GStrv) rest = NULL;
  g_autofree char *config_path = NULL;
  g_autoptr (PtConfig) config = NULL;
  g_autofree char *database = NULL;
  g_autoptr (PtStateDir) state = NULL;
  g_autoptr (GError) error = NULL;
  guint64 before, after, unused;
  int status;

  if (!pt_tool_parse ("vacuum", NULL,
                      _ ("Writes the database of a daemon that was stopped anew, without the room "
                         "that nothing is in any more."),
                      entries, 0, argc, argv, &rest))
    return PT_EXIT_USAGE;
  config_path = options.config;
  config = pt_tool_config (config_path, &error);
  database = config != NULL ? pt_tool_database (config, &error) : NULL;
  /* Until we end no daemon starts there. */
  state = database != NULL ? pt_state_dir_open (config->state_dir, &error) : NULL;
  if (state == NULL || !pt_store_vacuum_measure (database, &before, &unused, &error))
    return pt_tool_fail ("vacuum", error);
  if (!yes && !is_wanted (before, unused, &status))
    return status;
  if (!pt_store_vacuum (database, &after, &error))
    return pt_tool_fail ("vacuum", error);
  print (before, after, options.json);
  return PT_EXIT_HOLDS;
}
