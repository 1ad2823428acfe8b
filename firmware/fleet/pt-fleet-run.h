/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-link.h"
#include "pt-fleet-plan.h"
#include "pt-fleet-state.h"
#include "pt-fleet-steps.h"
#include "pt-fleet-transport.h"

/* Lives through a plan: makes each report when the daemon's clock reaches it, on worker threads,
 * one for each connection, and sends it until it is acknowledged. A clock that is stepped is moved
 * on when everything due is. */

typedef struct
{
  const PtFleetPlan *plan;
  PtFleetState *state;
  const char *url;
  PtFleetWay way;
  const char *via; /* as in PtFleetTransportOptions */
  PtFleetCredentials *credentials;
  guint open;        /* connections of devices that a thread has open at once */
  gint64 heartbeat;  /* ms */
  guint lines;       /* reports a request carries at most */
  guint connections; /* and worker threads; where each device has its own, threads alone */
  /* With what the daemon signs what it holds. Set: the state may have lost what was acknowledged,
   * so each device asks for it first. */
  const guint8 *resync;
  PtFleetSteps *steps; /* of as many members; NULL: the daemon's clock goes by itself */
} PtFleetRunOptions;

/* Counts of the whole run, as they stand. */
typedef struct
{
  guint64 made, acknowledged, duplicate, rejected, retries;
  guint64 outages; /* OFF changes made */
  guint out;       /* devices that are without power */
  gint64 now;      /* the daemon's clock, ms since 1970 */
  gint64 reached;  /* every event up to here is made and acknowledged */
  gboolean running;
} PtFleetCounts;

typedef struct _PtFleetRun PtFleetRun;

/* @clock: looked at already; borrowed. */
PtFleetRun *pt_fleet_run_new (const PtFleetRunOptions *options, PtFleetClock *clock);
/* Starts the threads. */
void pt_fleet_run_start (PtFleetRun *run);
void pt_fleet_run_counts (PtFleetRun *run, PtFleetCounts *out);
/* The newest trouble in reaching the daemon, once; NULL when there was none since. */
char *pt_fleet_run_take_trouble (PtFleetRun *run);
/* slug -> guint64 *; after the run. */
GHashTable *pt_fleet_run_rejected (PtFleetRun *run);
/* Asks the threads to end; what is unacknowledged stays in the state. */
void pt_fleet_run_stop (PtFleetRun *run);
/* Waits for the threads: FALSE with the reason when the run could not go on. */
gboolean pt_fleet_run_join (PtFleetRun *run, GError **error);
void pt_fleet_run_free (PtFleetRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFleetRun, pt_fleet_run_free)
