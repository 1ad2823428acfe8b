/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-admission.h"
#include "pt-reads.h"
#include "pt-replay.h"
#include "pt-submitter.h"
#include "pt-traffic.h"

/* Where the numbers are; the parts belong to the pipeline. */
typedef struct
{
  const PtReads *reads;
  PtAdmission *admission;
  PtSubmitter *submitter;
  PtReplay *replay; /* NULL: none goes on */
  PtTraffic *traffic;
} PtStatusSources;

/* The daemon in numbers, gathered once for all who show them: /status, /metrics, D-Bus. */
typedef struct
{
  PtCounts counts;
  guint areas, devices;
  guint damaged; /* batches */
  guint copied;  /* keys */
  PtSiteCounts sites;
  PtComplaintCounts complaints;
  PtSubmitterStatus chain;
  PtHealthStatus health;
  PtAdmissionCounts lines;
  PtTrafficOfWay ways[PT_TRANSPORT_COUNT];
  gint64 oldest_age; /* ms since the window of the oldest batch that is not final ended; 0: none */
  gboolean replays;  /* an older copy is brought level, as far as it is */
  PtReplayProgress replay;
} PtStatusNumbers;

/* On a worker's thread: asks the store. FALSE when the store does not answer; health is filled in
 * all the same. */
gboolean pt_status_collect (const PtStatusSources *sources, PtStatusNumbers *out, GError **error);
/* "ok" or "attention". */
const char *pt_status_state (const PtStatusNumbers *status);
/* What everybody may know of it: a word for programs, empty when all is well, and a sentence.
 * Paths, balances and what an endpoint said are for the operator, in the log and on the bus. */
const char *pt_status_cause (const PtStatusNumbers *status);
const char *pt_status_detail (const PtStatusNumbers *status);
/* ms, rounded up: how long lines took that came by this way, and the slowest of them. */
gint64 pt_status_lag_mean (const PtLag *lag);
gint64 pt_status_lag_longest (const PtLag *lag);
