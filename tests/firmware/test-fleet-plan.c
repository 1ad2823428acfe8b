/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-plan.h"

static PtFleetPlan *
make (void)
{
  PtFleetPlan *plan = pt_fleet_plan_new ();
  PtFleetDevice *first = pt_fleet_plan_add (plan, "a", "one");

  pt_fleet_device_add_outage (first, 100, 200);
  pt_fleet_device_add_outage (first, 300, 500);
  pt_fleet_device_add_outage (pt_fleet_plan_add (plan, "b", "two"), 700, PT_FLEET_OPEN);
  pt_fleet_plan_add (plan, "b", "three");
  pt_fleet_plan_finish (plan);
  return plan;
}

static PtFleetOutage
outage (PtFleetPlan *plan, guint device, guint number)
{
  PtFleetDevice *of = plan->devices->pdata[device];

  g_assert_cmpuint (number, <, of->outages->len);
  return g_array_index (of->outages, PtFleetOutage, number);
}

static void
test_clip (void)
{
  g_autoptr (PtFleetPlan) plan = make ();

  pt_fleet_plan_clip (plan, 150, 400);
  g_assert_cmpuint (plan->outages, ==, 2);
  g_assert_cmpuint (plan->devices->len, ==, 3);
  g_assert_cmpint (outage (plan, 0, 0).start, ==, 150);
  g_assert_cmpint (outage (plan, 0, 0).end, ==, 200);
  g_assert_cmpint (outage (plan, 0, 1).end, ==, PT_FLEET_OPEN);
  g_assert_cmpint (plan->start, ==, 150);
  g_assert_cmpint (plan->end, ==, 400);
}

static void
test_shift (void)
{
  g_autoptr (PtFleetPlan) plan = make ();

  pt_fleet_plan_shift (plan, 1000);
  g_assert_cmpint (outage (plan, 0, 1).end, ==, 1500);
  g_assert_cmpint (outage (plan, 1, 0).start, ==, 1700);
  g_assert_cmpint (outage (plan, 1, 0).end, ==, PT_FLEET_OPEN);
  g_assert_cmpint (plan->start, ==, 1100);
  g_assert_cmpint (plan->end, ==, 1700);
}

static void
test_fingerprint (void)
{
  g_autoptr (PtFleetPlan) plan = make (), same = make ();

  g_assert_cmpuint (pt_fleet_plan_fingerprint (plan), ==, pt_fleet_plan_fingerprint (same));
  pt_fleet_plan_clip (same, 100, G_MAXINT64);
  g_assert_cmpuint (pt_fleet_plan_fingerprint (plan), ==, pt_fleet_plan_fingerprint (same));
  pt_fleet_plan_clip (same, 101, G_MAXINT64);
  g_assert_cmpuint (pt_fleet_plan_fingerprint (plan), !=, pt_fleet_plan_fingerprint (same));
}

static void
test_phase (void)
{
  g_autoptr (PtFleetPlan) plan = make ();

  for (guint i = 0; i < plan->devices->len; i++)
    {
      gint64 phase = pt_fleet_device_phase (plan->devices->pdata[i], 1000);

      g_assert_cmpint (phase, >=, 0);
      g_assert_cmpint (phase, <, 1000);
      g_assert_cmpint (phase, ==, pt_fleet_device_phase (plan->devices->pdata[i], 1000));
    }
}

static void
test_empty (void)
{
  g_autoptr (PtFleetPlan) plan = pt_fleet_plan_new ();

  pt_fleet_plan_finish (plan);
  g_assert_cmpint (plan->start, ==, 0);
  g_assert_cmpint (plan->end, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-plan/clip", test_clip);
  g_test_add_func ("/fleet-plan/shift", test_shift);
  g_test_add_func ("/fleet-plan/fingerprint", test_fingerprint);
  g_test_add_func ("/fleet-plan/phase", test_phase);
  g_test_add_func ("/fleet-plan/empty", test_empty);
  return g_test_run ();
}
