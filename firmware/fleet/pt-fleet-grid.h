/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-plan.h"

/* The times at which a stepped clock stands while a plan is lived through. They come from the plan,
 * the daemon's period and the wish for a speed alone, never from how fast the machine is: two runs
 * date their reports alike. Windows' ends are among them, so that each report is in the window of
 * its own time. */
typedef struct
{
  gint64 period; /* ms, of the daemon's windows */
  gint64 length; /* ms, of a step; a multiple of the period where it is longer */
} PtFleetGrid;

/* @heartbeat in ms; @speed as in PtFleetStepsOptions. */
void pt_fleet_grid_init (PtFleetGrid *grid, gint64 period, guint devices, gint64 heartbeat,
                         double speed);
/* The last millisecond of the step that holds @ts. */
gint64 pt_fleet_grid_end (const PtFleetGrid *grid, gint64 ts);
/* The last millisecond of the window that holds @ts, or of a step where one is longer. */
gint64 pt_fleet_grid_window_end (const PtFleetGrid *grid, gint64 ts);
