/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-plan.h"
#include "pt-fleet-transport.h"

/* What `replay` and `town` have in common once there is a plan: keys and the list of devices, then
 * the run with its progress and summary. */

#define PT_FLEET_EXIT_REJECTED 4 /* it ran to its end, and the daemon refused some reports */
#define PT_FLEET_EXIT_INTERRUPTED 130

typedef struct
{
  char *url;          /* or NULL with a list */
  char *state, *list; /* files; list may be NULL */
  char *token;        /* the file of the administrator's token; NULL unless the clock is stepped */
  double speed;       /* of a stepped clock at most; 0: as fast as it goes, or the daemon's own */
  gint64 heartbeat;   /* ms */
  guint lines, connections;
  PtFleetWay way;
  char *requests;                     /* a folder; NULL, or with a list */
  char *via;                          /* "host:port"; NULL for https */
  char *ca, *certificates, *psk_file; /* files and a folder; may be NULL */
  gboolean json;
  gboolean resync;   /* ask the daemon what it holds, whatever the state says */
  gboolean relative; /* the plan's times count from when the run begins */
} PtFleetLiveOptions;

/* The program's exit code, or -1 and @error. Changes @plan. */
int pt_fleet_live (PtFleetPlan *plan, const PtFleetLiveOptions *options, GError **error);
