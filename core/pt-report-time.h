/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* The time of a report, where outages, states and evidence need one (docs/PROTOCOL.md section 2):
 * its ts, unless that is less than the time of the report with the next lower counter in the log,
 * since a clock stood still or was lost; then the greater of its received and that time. So times
 * never go back along the counters, and no outage ends before it began. All in ms since 1970. */

#define PT_NO_TIME (-1) /* there is no report before */

int64_t pt_report_time (int64_t ts, int64_t received, int64_t before);

/* What some reports with neighbouring counters make of the time before them: up to @until the last
 * of them has the time @below, else the greater of @above and the time before. However many they
 * are, these three numbers say all of it. */
typedef struct
{
  int64_t until, below, above;
} PtTimeFold;

PtTimeFold pt_time_fold (int64_t ts, int64_t received); /* of one report */
/* Of the reports of @first, then those of @second. */
PtTimeFold pt_time_fold_then (const PtTimeFold *first, const PtTimeFold *second);
/* The time of the last of them. */
int64_t pt_time_fold_apply (const PtTimeFold *fold, int64_t before);
