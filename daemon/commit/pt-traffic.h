/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-histogram.h"
#include "pt-rejects.h"
#include "pt-submission.h"

/* What came by each way since the start, what became of it, why it was refused and how long it took
 * until it was durable; what was refused is kept (pt-rejects.h). A flood is told in the journal
 * once a minute. Counted, so that who is answered last may outlive the intake. Any thread. */

PtTraffic *pt_traffic_new (PtClock *clock);
PtTraffic *pt_traffic_ref (PtTraffic *traffic);
void pt_traffic_unref (PtTraffic *traffic);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTraffic, pt_traffic_unref)

/* It has a place, until it is answered. */
void pt_traffic_enter (PtTraffic *traffic, const PtSubmission *submission);
/* It is answered. */
void pt_traffic_count (PtTraffic *traffic, const PtSubmission *submission);
/* A session of a device over CoAP has begun, or so many have ended. */
void pt_traffic_session_begun (PtTraffic *traffic);
void pt_traffic_sessions_ended (PtTraffic *traffic, guint count);
/* A group was written in @us. */
void pt_traffic_commit (PtTraffic *traffic, gint64 us);
/* @device of @area has signed counter @seq twice, with other words: its key is in two hands. Told
 * in the journal, of a device once an hour. */
void pt_traffic_conflict (PtTraffic *traffic, const char *area, const char *device, gint64 seq);
PtRejects *pt_traffic_rejects (PtTraffic *traffic);

/* How long the lines that were accepted in the last minute or two took until they were durable. */
typedef struct
{
  guint64 lines;
  gint64 sum, longest; /* us */
} PtLag;

typedef struct
{
  guint64 accepted, duplicate, refused; /* lines since the start */
  guint waiting;                        /* lines on their way now */
  PtLag lag;
} PtTrafficOfWay;

void pt_traffic_get (PtTraffic *traffic, PtTransport transport, PtTrafficOfWay *out);
/* All of it in the text format of Prometheus. */
void pt_traffic_append (PtTraffic *traffic, GString *text);
