/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-report-time.h"

static int64_t
later (int64_t a, int64_t b)
{
  return a > b ? a : b;
}

int64_t
pt_report_time (int64_t ts, int64_t received, int64_t before)
{
  return ts >= before ? ts : later (received, before);
}

PtTimeFold
pt_time_fold (int64_t ts, int64_t received)
{
  return (PtTimeFold){ ts, ts, later (ts, received) };
}

/* `until` <= `below` <= `above` in both, and so in the result. */
PtTimeFold
pt_time_fold_then (const PtTimeFold *first, const PtTimeFold *second)
{
  int64_t above = later (first->above, second->above);

  if (first->above <= second->until)
    return *second;
  if (first->below <= second->until)
    return (PtTimeFold){ first->until, second->below, above };
  return (PtTimeFold){ first->until, later (second->above, first->below), above };
}

int64_t
pt_time_fold_apply (const PtTimeFold *fold, int64_t before)
{
  return before <= fold->until ? fold->below : later (fold->above, before);
}
