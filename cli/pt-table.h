/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Tables and times for people. */

typedef struct
{
  GPtrArray *cells; /* char *, row by row, the heading first */
  guint columns;
  guint64 right; /* bit i: column i holds numbers */
} PtTable;

/* @headings: NULL-terminated. Free with pt_table_free (). */
PtTable *pt_table_new (const char *const *headings, guint64 right);
void pt_table_free (PtTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTable, pt_table_free)

/* Takes @text (NULL: "-"). Control characters become '?': what a daemon sends must not steer the
 * terminal. */
void pt_table_take (PtTable *table, char *text);
/* The finished text. */
char *pt_table_to_text (const PtTable *table);
/* Prints it, and beneath it @total ("2 outages"), the time zone at @last (ms) and, where not all
 * were asked for (@more), how to. */
void pt_table_print (const PtTable *table, const char *total, gint64 last, gboolean more);

/* "2026-02-03 14:05:06" in the local time zone; "-" for less than 0. */
char *pt_format_time (gint64 ms);
/* The local time zone's name at @ms, "NPT". */
char *pt_format_zone (gint64 ms);
/* "3 d 04 h", "2 h 05 min", "7 min 03 s", "12 s". */
char *pt_format_duration (gint64 ms);
/* "1 outage", "2 outages". */
char *pt_format_count (guint64 count, const char *singular, const char *plural);
