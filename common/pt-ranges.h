/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Sets of counters as ranges, inclusive, rising, none touching the next. */

typedef struct
{
  gint64 first, last;
} PtRange;

/* NULL is the empty set. Freed with g_array_unref (). */
typedef GArray PtRanges;

/* Adds what of @first to @last is not in it. */
void pt_ranges_add (PtRanges **ranges, gint64 first, gint64 last);
gboolean pt_ranges_has (const PtRanges *ranges, gint64 counter);
/* How many counters from @first to @last it holds. */
guint64 pt_ranges_count (const PtRanges *ranges, gint64 first, gint64 last);
