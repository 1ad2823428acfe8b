/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-town.h"

#include <string.h>

#define DAY G_GINT64_CONSTANT (86400000)

static void
check_device (const PtFleetDevice *device)
{
  g_assert_true (pt_is_area_id (pt_span (device->area, strlen (device->area))));
  g_assert_true (pt_is_id (pt_span (device->id, strlen (device->id))));
  g_assert_true (pt_is_id (pt_span (device->site, strlen (device->site))));
  g_assert_cmpint (device->customers, >=, 1);
  g_assert_true (pt_is_id (pt_span (device->feeder, strlen (device->feeder))));
  if (device->level == PT_LEVEL_HOUSE)
    {
      g_assert_cmpint (device->lat % PT_HOUSE_CELL, ==, 0);
      g_assert_cmpint (device->lon % PT_HOUSE_CELL, ==, 0);
    }
}

static void
test_believable (void)
{
  g_autoptr (PtFleetPlan) plan = pt_fleet_town (1000, 1, DAY);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  guint levels[3] = { 0 };

  g_assert_cmpuint (plan->devices->len, ==, 1000);
  g_assert_cmpuint (plan->areas, ==, 5);
  g_assert_cmpuint (plan->outages, >, 20);
  g_assert_cmpuint (plan->outages, <, 3000);
  for (guint i = 0; i < plan->devices->len; i++)
    {
      PtFleetDevice *device = plan->devices->pdata[i];

      check_device (device);
      levels[device->level]++;
      g_assert_true (g_hash_table_add (ids, device->id));
      for (guint j = 0; device->outages != NULL && j < device->outages->len; j++)
        {
          PtFleetOutage outage = g_array_index (device->outages, PtFleetOutage, j);

          g_assert_cmpint (outage.start, >, 0);
          g_assert_cmpint (outage.start, <, outage.end);
          g_assert_true (outage.end <= DAY || outage.end == PT_FLEET_OPEN);
        }
    }
  g_assert_cmpuint (levels[PT_LEVEL_TRANSFORMER], ==, 250);
  g_assert_cmpuint (levels[PT_LEVEL_HOUSE], ==, 500);
}

/* A line feeds a neighbourhood: sites of one area, with all that a transformer of it feeds. */
static void
test_feeders (void)
{
  g_autoptr (PtFleetPlan) plan = pt_fleet_town (1000, 1, DAY);
  g_autoptr (GHashTable) feeders = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < plan->devices->len; i++)
    {
      const PtFleetDevice *device = plan->devices->pdata[i];
      const char *area = g_hash_table_lookup (feeders, device->feeder);

      g_assert_true (area == NULL || strcmp (area, device->area) == 0);
      g_hash_table_insert (feeders, (gpointer) device->feeder, (gpointer) device->area);
      if (device->level != PT_LEVEL_TRANSFORMER)
        g_assert_cmpstr (device->feeder, ==,
                         ((const PtFleetDevice *) plan->devices->pdata[i - 1])->feeder);
    }
  g_assert_cmpuint (g_hash_table_size (feeders), ==, (1000 + 47) / 48);
}

static void
test_seed (void)
{
  g_autoptr (PtFleetPlan) one = pt_fleet_town (200, 1, DAY), same = pt_fleet_town (200, 1, DAY);
  g_autoptr (PtFleetPlan) other = pt_fleet_town (200, 2, DAY);

  g_assert_cmpuint (pt_fleet_plan_fingerprint (one), ==, pt_fleet_plan_fingerprint (same));
  g_assert_cmpuint (pt_fleet_plan_fingerprint (one), !=, pt_fleet_plan_fingerprint (other));
}

static void
test_any_size (void)
{
  for (guint sites = 1; sites < 60; sites += 7)
    for (gint64 duration = 1000; duration < 30 * DAY; duration *= 20)
      {
        g_autoptr (PtFleetPlan) plan = pt_fleet_town (sites, sites, duration);

        g_assert_cmpuint (plan->devices->len, ==, sites);
        g_assert_cmpint (plan->end, ==, duration);
      }
}

/* How many of the town's devices, or of those on a line, are without power at @moment. */
static guint
out_at (const PtFleetPlan *plan, const char *feeder, gint64 moment)
{
  guint count = 0;

  for (guint i = 0; i < plan->devices->len; i++)
    {
      const PtFleetDevice *device = plan->devices->pdata[i];

      if (feeder != NULL && strcmp (device->feeder, feeder) != 0)
        continue;
      for (guint j = 0; device->outages != NULL && j < device->outages->len; j++)
        {
          PtFleetOutage outage = g_array_index (device->outages, PtFleetOutage, j);

          count += outage.start <= moment && moment < outage.end;
        }
    }
  return count;
}

/* Whoever starts a town sees it hit at once, whichever it is and however long it lasts. */
static void
test_storm_first (void)
{
  const gint64 minute = 60000;

  for (guint seed = 1; seed <= 40; seed++)
    for (guint sites = 1; sites <= 2000; sites = sites * 5 + 1)
      for (gint64 days = 1; days <= 20; days += 19)
        {
          g_autoptr (PtFleetPlan) plan = pt_fleet_town (sites, seed, days * DAY);
          guint most = 0;

          for (gint64 at = 0; at <= 4 * 60; at++)
            most = MAX (most, out_at (plan, NULL, at * minute));
          g_assert_cmpuint (out_at (plan, NULL, 20 * minute), >=, 1);
          if (sites >= 100)
            g_assert_cmpuint (most, >=, sites / 10);
          g_test_message ("%u sites, seed %u: %u out", sites, seed, most);
        }
}

/* Its first damage is a line's, and whoever starts a town sees a whole neighbourhood dark. */
static void
test_line_first (void)
{
  const gint64 minute = 60000;

  for (guint seed = 1; seed <= 40; seed++)
    for (guint sites = 48; sites <= 2000; sites = sites * 3 + 8)
      {
        g_autoptr (PtFleetPlan) plan = pt_fleet_town (sites, seed, 20 * DAY);
        guint most = 0;

        for (guint line = 1; line <= sites / 48; line++)
          {
            g_autofree char *feeder = g_strdup_printf ("F-%03u", line);

            most = MAX (most, out_at (plan, feeder, 21 * minute));
          }
        g_assert_cmpuint (most, ==, 48);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-town/believable", test_believable);
  g_test_add_func ("/fleet-town/feeders", test_feeders);
  g_test_add_func ("/fleet-town/seed", test_seed);
  g_test_add_func ("/fleet-town/any-size", test_any_size);
  g_test_add_func ("/fleet-town/storm-first", test_storm_first);
  g_test_add_func ("/fleet-town/line-first", test_line_first);
  return g_test_run ();
}
