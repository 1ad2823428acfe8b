/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-timeline.h"

static gint64
change_time (const PtFleetTimeline *timeline)
{
  const GArray *outages = timeline->device->outages;
  const PtFleetOutage *outage;

  if (outages == NULL || timeline->change / 2 >= outages->len)
    return G_MAXINT64;
  outage = &g_array_index (outages, PtFleetOutage, timeline->change / 2);
  return timeline->change % 2 == 0 ? outage->start : outage->end;
}

void
pt_fleet_timeline_init (PtFleetTimeline *timeline, const PtFleetPlan *plan,
                        const PtFleetDevice *device, gint64 heartbeat)
{
  gint64 phase = pt_fleet_device_phase (device, heartbeat), first;

  *timeline = (PtFleetTimeline){
    .device = device, .end = plan->end, .heartbeat = heartbeat, .first_beat = plan->start + phase
  };
  timeline->beat = timeline->first_beat;
  first = change_time (timeline);
  if (first > plan->start && first <= timeline->beat)
    timeline->beat = plan->start + phase % (first - plan->start);
}

gboolean
pt_fleet_timeline_peek (const PtFleetTimeline *timeline, PtFleetEvent *event)
{
  gint64 change = change_time (timeline);
  gboolean out = timeline->change % 2 == 1;

  event->change = change <= timeline->beat;
  event->ts = event->change ? change : timeline->beat;
  event->power = out == event->change ? PT_POWER_ON : PT_POWER_OFF;
  return event->ts <= timeline->end;
}

static void
advance_beat (PtFleetTimeline *timeline)
{
  if (timeline->beat < timeline->first_beat)
    timeline->beat = timeline->first_beat;
  else
    timeline->beat += timeline->heartbeat;
}

void
pt_fleet_timeline_advance (PtFleetTimeline *timeline)
{
  gint64 change = change_time (timeline);

  if (change > timeline->beat)
    {
      advance_beat (timeline);
      return;
    }
  timeline->change++;
  if (change == timeline->beat)
    advance_beat (timeline);
}

void
pt_fleet_timeline_skip (PtFleetTimeline *timeline, gint64 ts)
{
  PtFleetEvent event;

  while (pt_fleet_timeline_peek (timeline, &event) && event.ts <= ts)
    pt_fleet_timeline_advance (timeline);
}

void
pt_fleet_schedule_init (PtFleetSchedule *schedule)
{
  schedule->turns = g_array_new (FALSE, FALSE, sizeof (PtFleetTurn));
}

void
pt_fleet_schedule_clear (PtFleetSchedule *schedule)
{
  g_clear_pointer (&schedule->turns, g_array_unref);
}

static gboolean
before (PtFleetTurn a, PtFleetTurn b)
{
  return a.ts != b.ts ? a.ts < b.ts : a.number < b.number;
}

void
pt_fleet_schedule_push (PtFleetSchedule *schedule, gint64 ts, guint number)
{
  PtFleetTurn turn = { ts, number };
  PtFleetTurn *turns;
  guint at = schedule->turns->len;

  g_array_append_val (schedule->turns, turn);
  turns = (PtFleetTurn *) (gpointer) schedule->turns->data;
  for (; at > 0 && before (turn, turns[(at - 1) / 2]); at = (at - 1) / 2)
    turns[at] = turns[(at - 1) / 2];
  turns[at] = turn;
}

const PtFleetTurn *
pt_fleet_schedule_first (const PtFleetSchedule *schedule)
{
  return schedule->turns->len == 0 ? NULL : &g_array_index (schedule->turns, PtFleetTurn, 0);
}

void
pt_fleet_schedule_pop (PtFleetSchedule *schedule)
{
  PtFleetTurn *turns = (PtFleetTurn *) (gpointer) schedule->turns->data;
  guint count = schedule->turns->len - 1, at = 0, child;
  PtFleetTurn last = turns[count];

  while ((child = 2 * at + 1) < count)
    {
      if (child + 1 < count && before (turns[child + 1], turns[child]))
        child++;
      if (!before (turns[child], last))
        break;
      turns[at] = turns[child];
      at = child;
    }
  turns[at] = last;
  g_array_set_size (schedule->turns, count);
}
