/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-fleet-plan.h"

/* What one device will report and when: each change of its power at the very millisecond, and
 * heartbeats between, which carry the state it is in. Its first report says ON, spread over the
 * first heartbeat period but before its first outage (a device that loses power at the very start
 * begins with OFF). */
typedef struct
{
  const PtFleetDevice *device;
  gint64 end;        /* no event after it */
  gint64 heartbeat;  /* ms */
  gint64 first_beat; /* the regular ones: first_beat + n * heartbeat */
  gint64 beat;       /* the next heartbeat */
  guint change;      /* the next change: outage change / 2, its start when even, its end when odd */
} PtFleetTimeline;

typedef struct
{
  gint64 ts; /* ms since 1970 */
  PtPower power;
  gboolean change; /* else a heartbeat */
} PtFleetEvent;

void pt_fleet_timeline_init (PtFleetTimeline *timeline, const PtFleetPlan *plan,
                             const PtFleetDevice *device, gint64 heartbeat);
/* The next event; FALSE when there is none. */
gboolean pt_fleet_timeline_peek (const PtFleetTimeline *timeline, PtFleetEvent *event);
void pt_fleet_timeline_advance (PtFleetTimeline *timeline);
/* Passes all events up to and with @ts. */
void pt_fleet_timeline_skip (PtFleetTimeline *timeline, gint64 ts);

/* Who is next: a binary heap of (time, number), the smaller number first at the same time. */
typedef struct
{
  gint64 ts;
  guint number;
} PtFleetTurn;

typedef struct
{
  GArray *turns; /* of PtFleetTurn */
} PtFleetSchedule;

void pt_fleet_schedule_init (PtFleetSchedule *schedule);
void pt_fleet_schedule_clear (PtFleetSchedule *schedule);
void pt_fleet_schedule_push (PtFleetSchedule *schedule, gint64 ts, guint number);
/* The earliest, or NULL; good until the next push or pop. */
const PtFleetTurn *pt_fleet_schedule_first (const PtFleetSchedule *schedule);
void pt_fleet_schedule_pop (PtFleetSchedule *schedule);
