/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-plan.h"

/* What `replay` and `town` have in common once there is a plan: keys and the list of devices, then
 * the run with its progress and summary. */

#define PT_FLEET_EXIT_REJECTED 4 /* it ran to its end, and the daemon refused some reports */
#define PT_FLEET_EXIT_INTERRUPTED 130

typedef struct
{
  char *url;          /* or NULL with a list */
  char *state, *list; /* files; list may be NULL */
  double speed;       /* 0: the daemon's */
  gint64 heartbeat;   /* ms */
  guint lines, connections;
  gboolean json;
  gboolean relative; /* the plan's times count from when the run begins */
} PtFleetLiveOptions;

/* The program's exit code, or -1 and @error. Changes @plan. */
int pt_fleet_live (PtFleetPlan *plan, const PtFleetLiveOptions *options, GError **error);
