/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-timeline.h"

/* The events of one device as text: "ts+" for ON and "ts-" for OFF. */
static char *
events_of (PtFleetPlan *plan, gint64 heartbeat, gint64 skip)
{
  GString *text = g_string_new (NULL);
  PtFleetTimeline timeline;
  PtFleetEvent event;

  pt_fleet_timeline_init (&timeline, plan, plan->devices->pdata[0], heartbeat);
  pt_fleet_timeline_skip (&timeline, skip);
  while (pt_fleet_timeline_peek (&timeline, &event))
    {
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT "%c", text->len > 0 ? " " : "", event.ts,
                              event.power == PT_POWER_ON ? '+' : '-');
      pt_fleet_timeline_advance (&timeline);
    }
  return g_string_free (text, FALSE);
}

static PtFleetPlan *
plan_of (gint64 from, gint64 until, gint64 start, gint64 end)
{
  PtFleetPlan *plan = pt_fleet_plan_new ();

  pt_fleet_device_add_outage (pt_fleet_plan_add (plan, "a", "one"), start, end);
  pt_fleet_plan_finish (plan);
  pt_fleet_plan_clip (plan, from, until);
  return plan;
}

/* With a heartbeat of 1 the phase is 0, so all times are plain. */
static void
test_state_is_carried (void)
{
  g_autoptr (PtFleetPlan) plan = plan_of (10, 16, 12, 14);
  g_autofree char *events = events_of (plan, 1, -1);

  g_assert_cmpstr (events, ==, "10+ 11+ 12- 13- 14+ 15+ 16+");
}

static void
test_starts_with_outage (void)
{
  g_autoptr (PtFleetPlan) plan = plan_of (12, 15, 12, 14);
  g_autofree char *events = events_of (plan, 1, -1);

  g_assert_cmpstr (events, ==, "12- 13- 14+ 15+");
}

static void
test_stays_open (void)
{
  g_autoptr (PtFleetPlan) plan = plan_of (10, 13, 12, PT_FLEET_OPEN);
  g_autofree char *events = events_of (plan, 1, -1);

  g_assert_cmpstr (events, ==, "10+ 11+ 12- 13-");
}

/* However early the outage, an ON comes first, exactly one before the phase. */
static void
test_first_on_before_outage (void)
{
  for (gint64 start = 1; start < 50; start++)
    {
      g_autoptr (PtFleetPlan) plan = plan_of (0, 1000, start, 60);
      PtFleetTimeline timeline;
      PtFleetEvent event;

      pt_fleet_timeline_init (&timeline, plan, plan->devices->pdata[0], 100000);
      g_assert_true (pt_fleet_timeline_peek (&timeline, &event));
      g_assert_cmpint (event.ts, <, start);
      g_assert_cmpint (event.ts, >=, 0);
      g_assert_cmpint (event.power, ==, PT_POWER_ON);
      pt_fleet_timeline_advance (&timeline);
      g_assert_true (pt_fleet_timeline_peek (&timeline, &event));
      g_assert_cmpint (event.ts, ==, start);
      g_assert_true (event.change);
    }
}

static void
test_skip (void)
{
  g_autoptr (PtFleetPlan) plan = plan_of (10, 16, 12, 14);
  g_autofree char *events = events_of (plan, 1, 13), *none = events_of (plan, 1, 16);

  g_assert_cmpstr (events, ==, "14+ 15+ 16+");
  g_assert_cmpstr (none, ==, "");
}

static void
test_schedule_order (void)
{
  PtFleetSchedule schedule;
  PtFleetTurn last = { -1, 0 };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  pt_fleet_schedule_init (&schedule);
  g_assert_null (pt_fleet_schedule_first (&schedule));
  for (guint i = 0; i < 5000; i++)
    pt_fleet_schedule_push (&schedule, g_rand_int_range (random, 0, 500), i);
  /* Some come back later, as devices do. */
  for (guint again = 5000; pt_fleet_schedule_first (&schedule) != NULL;)
    {
      PtFleetTurn turn = *pt_fleet_schedule_first (&schedule);

      g_assert_true (turn.ts > last.ts || (turn.ts == last.ts && turn.number > last.number));
      last = turn;
      pt_fleet_schedule_pop (&schedule);
      if (again < 6000)
        pt_fleet_schedule_push (&schedule, turn.ts + 100, again++);
    }
  pt_fleet_schedule_clear (&schedule);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-timeline/state", test_state_is_carried);
  g_test_add_func ("/fleet-timeline/starts-with-outage", test_starts_with_outage);
  g_test_add_func ("/fleet-timeline/stays-open", test_stays_open);
  g_test_add_func ("/fleet-timeline/first-on", test_first_on_before_outage);
  g_test_add_func ("/fleet-timeline/skip", test_skip);
  g_test_add_func ("/fleet-timeline/schedule", test_schedule_order);
  return g_test_run ();
}
