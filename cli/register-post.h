/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-http-client.h"

/* Posts signed registrations as NDJSON, many a body, and keeps what the daemon refused. */

#define PT_REGISTER_LINES_MAX 1000

typedef struct
{
  PtHttpClient *client; /* borrowed */
  char *url;
  GString *body;
  GPtrArray *lines; /* of the body: PtRegisterLine */
  guint64 accepted, duplicate, rejected;
  JsonArray *refused; /* {"line","id","error"}; the first ones */
  JsonArray *begin;   /* {"id","first_seq"}; the first ones */
} PtRegisterPost;

/* @url: the daemon's. */
void pt_register_post_init (PtRegisterPost *post, PtHttpClient *client, const char *url);
/* To another address below it, which answers likewise. */
void pt_register_post_init_at (PtRegisterPost *post, PtHttpClient *client, const char *url,
                               const char *path);
void pt_register_post_clear (PtRegisterPost *post);

/* Adds one signed entry; sends when the body is full. @line: of the caller's file, 0: none. */
gboolean pt_register_post_add (PtRegisterPost *post, const char *entry, gsize size, guint64 line,
                               const char *id, GError **error);
/* Sends what waits. */
gboolean pt_register_post_flush (PtRegisterPost *post, GError **error);

/* The line of progress on the terminal. */
typedef struct
{
  gint64 shown; /* g_get_monotonic_time () */
  gboolean is_there;
} PtRegisterProgress;

/* "3 of 200 devices": ten times a second on a terminal, every ten seconds in a log. */
void pt_register_progress_show (PtRegisterProgress *progress, guint64 done, guint64 total);
/* Before anything else is said there. */
void pt_register_progress_clear (PtRegisterProgress *progress);

/* A column, and whether what is wanted of it is not what is registered. */
typedef struct
{
  const char *name;
  gboolean differs;
} PtRegisterColumn;

/* The names of those that differ, "key, site"; NULL: none. */
char *pt_register_differences (const PtRegisterColumn *columns, gsize count);
/* *@ts: newer than the entry before (@before; -1: there is none), and no newer than the daemon's
 * clock where that can be: *@now, by which several are dated, is asked for again then. @is_given:
 * it was said and is not to be asked. */
gboolean pt_register_date (PtHttpClient *client, const char *url, gint64 before, gboolean is_given,
                           gint64 *now, gint64 *ts, GError **error);

/* What devices with new hardware begin with, in words. */
void pt_register_post_print_begin (const PtRegisterPost *post);

/* {"accepted","duplicate","rejected"}, and "begin" where there is some; of @many also
 * "rejected_count", for of those only the first are in "rejected". */
JsonObject *pt_register_post_to_json (const PtRegisterPost *post, gboolean many);
