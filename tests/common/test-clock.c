/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-clock.h"

static gint64
real_now (void)
{
  return g_get_real_time () / 1000;
}

static void
test_real (void)
{
  g_autoptr (PtClock) clock = pt_clock_new_real ();
  gint64 before = real_now ();
  gint64 now = pt_clock_now (clock);

  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, real_now ());
  g_assert_cmpfloat (pt_clock_speed (clock), ==, 1.0);
  g_assert_cmpuint (pt_clock_delay (clock, now - 1000), ==, 1);
  g_assert_cmpuint (pt_clock_delay (clock, pt_clock_now (clock) + 1000), >=, 990);
  g_assert_cmpuint (pt_clock_delay (clock, pt_clock_now (clock) + 1000), <=, 1001);
}

static void
test_scaled (void)
{
  gint64 started = real_now () - 10000;
  g_autoptr (PtClock) clock = pt_clock_new_scaled (1700000000000, started, 2000);
  gint64 now = pt_clock_now (clock);

  g_assert_cmpint (now, >=, 1700000000000 + 10000 * 2000);
  g_assert_cmpint (now, <=, 1700000000000 + (real_now () - started + 1) * 2000);
  g_assert_cmpfloat (pt_clock_speed (clock), ==, 2000.0);
  g_assert_cmpuint (pt_clock_delay (clock, pt_clock_now (clock) + 2000 * 1000), <=, 1001);
}

/* Two processes with one configuration show one time, whenever they were started. */
static void
test_scaled_agrees (void)
{
  gint64 started = real_now ();
  g_autoptr (PtClock) first = pt_clock_new_scaled (1700000000000, started, 100000);
  gint64 before, between, after;

  g_usleep (20000);
  {
    g_autoptr (PtClock) second = pt_clock_new_scaled (1700000000000, started, 100000);

    before = pt_clock_now (first);
    between = pt_clock_now (second);
    after = pt_clock_now (first);
  }
  g_assert_cmpint (before, <=, between);
  g_assert_cmpint (between, <=, after);
}

/* Time stands until it is to begin, and a wait reaches that moment. */
static void
test_not_started (void)
{
  g_autoptr (PtClock) clock = pt_clock_new_scaled (1700000000000, real_now () + 86400000, 1000);

  g_assert_cmpint (pt_clock_now (clock), ==, 1700000000000);
  g_usleep (5000);
  g_assert_cmpint (pt_clock_now (clock), ==, 1700000000000);
  g_assert_cmpuint (pt_clock_delay (clock, 1700000000000 + 60000), >=, 60);
}

/* After the delay the clock shows the moment, never just before it. */
static void
test_delay_reaches (void)
{
  g_autoptr (PtClock) clock = pt_clock_new_scaled (1700000000000, real_now (), 997);

  for (guint i = 0; i < 20; i++)
    {
      gint64 at = pt_clock_now (clock) + 3000;

      g_usleep (pt_clock_delay (clock, at) * 1000);
      g_assert_cmpint (pt_clock_now (clock), >=, at);
    }
}

static void
test_manual (void)
{
  g_autoptr (PtClock) clock = pt_clock_new_manual (5);
  PtClock *again = pt_clock_ref (clock);

  g_assert_cmpint (pt_clock_now (clock), ==, 5);
  pt_clock_manual_set (again, -7);
  g_assert_cmpint (pt_clock_now (clock), ==, -7);
  pt_clock_unref (again);
  g_assert_cmpuint (pt_clock_delay (clock, 1000000), ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clock/real", test_real);
  g_test_add_func ("/clock/scaled", test_scaled);
  g_test_add_func ("/clock/scaled-agrees", test_scaled_agrees);
  g_test_add_func ("/clock/not-started", test_not_started);
  g_test_add_func ("/clock/delay-reaches", test_delay_reaches);
  g_test_add_func ("/clock/manual", test_manual);
  return g_test_run ();
}
