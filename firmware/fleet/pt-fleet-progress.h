/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-run.h"

/* What people see of a run, on standard error: a line that renews itself every second on a
 * terminal, else a new line every ten. The summary goes to standard output. */
typedef struct
{
  const PtFleetPlan *plan;
  gboolean json, terminal, open_line;
  gint64 started, shown; /* monotonic us */
  guint64 shown_acknowledged;
} PtFleetProgress;

void pt_fleet_progress_init (PtFleetProgress *progress, const PtFleetPlan *plan, gboolean json);
/* Shows a line when it is time for one. */
void pt_fleet_progress_show (PtFleetProgress *progress, PtFleetRun *run,
                             const PtFleetCounts *counts);
void pt_fleet_progress_end_line (PtFleetProgress *progress);
void pt_fleet_progress_summary (PtFleetProgress *progress, PtFleetRun *run,
                                const PtFleetCounts *counts, gboolean complete);
