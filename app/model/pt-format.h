/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-batch-state.h"

/* Times and numbers as people read them: the local time zone, the date when it is not today, units
 * spelled, thousands apart. All are translated and newly allocated. */

char *pt_format_number (gint64 count);
/* "7 h 19 min", "2 d 3 h", "48 s". @ms below 0 counts as 0. */
char *pt_format_duration (gint64 ms);
/* "10:31" or "4 Feb, 10:31"; @now says what today is. ms since 1970. */
char *pt_format_time (gint64 ms, gint64 now);
/* With seconds, for logs. */
char *pt_format_clock (gint64 ms);
char *pt_format_customers (gint64 customers); /* "137 customers" */
/* The same, or "" where there are none: nobody said how many, or it serves no one. */
char *pt_format_any_customers (gint64 customers);
char *pt_format_bytes (gint64 bytes);
/* "Napa, site 0424-19, area pge-04"; without @place (NULL) "0424-19, area pge-04". */
char *pt_format_site (const char *place, const char *site, const char *area);
/* A batch's state in a word; open: its window lasts. */
const char *pt_format_batch_state (PtBatchState state);
/* What a batch waits for, as the daemon says it in English, translated where it is known. */
const char *pt_format_waits (const char *waits_for);
/* Long hashes and identifiers, shortened in the middle. */
char *pt_format_short (const char *text);
/* A complaint's number as it is said: "1234 567 890"; one of another form as it is. */
char *pt_format_complaint (const char *complaint);
