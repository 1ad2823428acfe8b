/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-grid.h"

#define STEP_REPORTS 4000 /* about; a step of so many is sent and stored in a moment */
#define STEP_MOST 300000  /* ms: how much later than it was made a report may be taken in */
#define STEP_LEAST 1000
#define SHOWN_MS 250 /* real: whoever watches sees the clock go on this often */

void
pt_fleet_grid_init (PtFleetGrid *grid, gint64 period, guint devices, gint64 heartbeat, double speed)
{
  gint64 wanted = STEP_MOST, parts;

  g_return_if_fail (period > 0 && heartbeat > 0);

  if (devices > 0)
    wanted = MIN (wanted, heartbeat * STEP_REPORTS / devices);
  if (speed > 0)
    wanted = MIN (wanted, (gint64) (speed * SHOWN_MS));
  wanted = MAX (wanted, STEP_LEAST);
  parts = (period + wanted - 1) / wanted;
  grid->period = period;
  grid->length = parts > 1 ? (period + parts - 1) / parts : wanted / period * period;
}

gint64
pt_fleet_grid_end (const PtFleetGrid *grid, gint64 ts)
{
  gint64 window = ts / grid->period * grid->period;

  if (grid->length > grid->period)
    return (ts / grid->length + 1) * grid->length - 1;
  return window + MIN (((ts - window) / grid->length + 1) * grid->length, grid->period) - 1;
}

gint64
pt_fleet_grid_window_end (const PtFleetGrid *grid, gint64 ts)
{
  return pt_fleet_grid_end (grid, (ts / grid->period + 1) * grid->period - 1);
}
