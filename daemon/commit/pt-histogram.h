/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* How long something took, counted by bounds from 1 ms to 60 s, as Prometheus has it. Zeroed it is
 * empty; whose it is locks it. */
#define PT_HISTOGRAM_BOUNDS 12

typedef struct
{
  guint64 counts[PT_HISTOGRAM_BOUNDS]; /* up to each bound, and above the one before */
  guint64 count;                       /* of all */
  gint64 sum;                          /* us */
} PtHistogram;

/* @count things took @us each. */
void pt_histogram_add (PtHistogram *histogram, gint64 us, guint count);
/* Its samples in the text format of Prometheus, in seconds, without HELP and TYPE. @label: as
 * transport="http", or "". */
void pt_histogram_append (const PtHistogram *histogram, const char *name, const char *label,
                          GString *text);
