/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-week.h"

#include "pt-feed-outages.h"

#define HOUR G_GINT64_CONSTANT (3600000)
#define DAY (24 * HOUR)
#define NOW (G_GINT64_CONSTANT (1764000000000))

static void
add (GPtrArray *outages, gint64 start, gint64 end)
{
  g_ptr_array_add (outages, pt_outage_new ("east", "s", "d", start, end, 5));
}

static GPtrArray *
outages_new (void)
{
  return g_ptr_array_new_with_free_func (g_object_unref);
}

static void
assert_week (const PtWeek *week, gint64 on, gint64 off, guint interruptions)
{
  g_assert_cmpint (week->on, ==, on);
  g_assert_cmpint (week->off, ==, off);
  g_assert_cmpint (week->unknown, ==, PT_WEEK_MS - on - off);
  g_assert_cmpuint (week->interruptions, ==, interruptions);
}

/* Of a device that is two days old five days are not known, however much it said since. */
static void
test_known_from (void)
{
  g_autoptr (GPtrArray) outages = outages_new ();
  PtWeek week = pt_week_reckon (outages, NOW, NOW - 2 * DAY, NOW);

  assert_week (&week, 2 * DAY, 0, 0);
  g_assert_cmpint (week.unknown, ==, 5 * DAY);
  add (outages, NOW - 2 * DAY, NOW - 2 * DAY + HOUR);
  week = pt_week_reckon (outages, NOW, NOW - 2 * DAY, NOW);
  assert_week (&week, 2 * DAY - HOUR, HOUR, 1);
  week = pt_week_reckon (NULL, NOW, NOW - 30 * DAY, NOW);
  assert_week (&week, PT_WEEK_MS, 0, 0);
  week = pt_week_reckon (NULL, NOW, 0, NOW);
  assert_week (&week, 0, 0, 0);
  week = pt_week_reckon (NULL, NOW, NOW + HOUR, NOW);
  assert_week (&week, 0, 0, 0);
}

/* Whoever is not heard any more is not known, an outage that lasts or not. */
static void
test_heard_to (void)
{
  g_autoptr (GPtrArray) outages = outages_new ();
  PtWeek week = pt_week_reckon (outages, NOW, NOW - 30 * DAY, NOW - DAY);

  assert_week (&week, 6 * DAY, 0, 0);
  add (outages, NOW - DAY - HOUR, 0);
  week = pt_week_reckon (outages, NOW, NOW - 30 * DAY, NOW - DAY);
  assert_week (&week, 6 * DAY - HOUR, HOUR, 1);
  week = pt_week_reckon (outages, NOW, NOW - 30 * DAY, NOW);
  assert_week (&week, 6 * DAY - HOUR, DAY + HOUR, 1);
  week = pt_week_reckon (outages, NOW, NOW - 30 * DAY, 0);
  assert_week (&week, 0, 0, 1);
}

/* Two devices that are off at once are one interruption; what began before the week counts from its
 * beginning, and what ended before it not at all. */
static void
test_overlaps (void)
{
  g_autoptr (GPtrArray) outages = outages_new ();
  PtWeek week;

  add (outages, NOW - 4 * HOUR, NOW - 2 * HOUR);
  add (outages, NOW - 5 * HOUR, NOW - 3 * HOUR);
  add (outages, NOW - 5 * HOUR, NOW - 5 * HOUR);
  add (outages, NOW - 8 * DAY, NOW - 7 * DAY + HOUR);
  add (outages, NOW - 9 * DAY, NOW - 8 * DAY);
  week = pt_week_reckon (outages, NOW, NOW - 30 * DAY, NOW);
  assert_week (&week, 7 * DAY - 4 * HOUR, 4 * HOUR, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/week/known-from", test_known_from);
  g_test_add_func ("/week/heard-to", test_heard_to);
  g_test_add_func ("/week/overlaps", test_overlaps);
  return g_test_run ();
}
