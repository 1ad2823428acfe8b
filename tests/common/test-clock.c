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
  guint delay;

  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, real_now ());
  g_assert_cmpfloat (pt_clock_speed (clock), ==, 1.0);
  g_assert_cmpuint (pt_clock_delay (clock, now - 1000), ==, 1);
  delay = pt_clock_delay (clock, now + 1000000);
  g_assert_cmpint (delay, >=, now + 1000000 - real_now ());
  g_assert_cmpuint (delay, <=, 1000001);
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

static void
count_step (gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
}

/* It stands, moves when it is stepped, and never back. */
static void
test_stepped (void)
{
  g_autoptr (PtClock) clock = pt_clock_new_stepped (1700000000000);
  gint steps = 0, others = 0;

  g_assert_cmpint (pt_clock_source (clock), ==, PT_CLOCK_STEPPED);
  g_assert_cmpstr (pt_clock_source_name (pt_clock_source (clock)), ==, "stepped");
  pt_clock_add_watch (clock, count_step, &steps);
  pt_clock_add_watch (clock, count_step, &others);
  g_assert_cmpint (pt_clock_now (clock), ==, 1700000000000);
  g_assert_cmpuint (pt_clock_delay (clock, 1700000000001), ==, 3600000);
  g_assert_true (pt_clock_step (clock, 1700000000001));
  g_assert_cmpint (pt_clock_now (clock), ==, 1700000000001);
  g_assert_cmpuint (pt_clock_delay (clock, 1700000000001), ==, 1);
  g_assert_true (pt_clock_step (clock, 1700000000001));
  pt_clock_remove_watch (clock, count_step, &others);
  g_assert_false (pt_clock_step (clock, 1700000000000));
  g_assert_cmpint (pt_clock_now (clock), ==, 1700000000001);
  g_assert_true (pt_clock_step (clock, 1700000900000));
  g_assert_cmpint (g_atomic_int_get (&steps), ==, 3);
  g_assert_cmpint (g_atomic_int_get (&others), ==, 2);
}

/* Its speed is what was seen: nothing before it was stepped, then about what it was moved by. */
static void
test_stepped_speed (void)
{
  g_autoptr (PtClock) clock = pt_clock_new_stepped (1700000000000);
  gint64 begun = g_get_monotonic_time (), elapsed;
  double speed;

  g_assert_cmpfloat (pt_clock_speed (clock), ==, 0.0);
  for (int i = 0; i < 12; i++)
    {
      g_assert_true (pt_clock_step (clock, pt_clock_now (clock) + 60000));
      g_usleep (100000);
    }
  speed = pt_clock_speed (clock);
  elapsed = g_get_monotonic_time () - begun;
  g_assert_cmpfloat (speed, <, 720);
  /* Where the machine was elsewhere for so long it was another speed. */
  if (elapsed < 3 * G_USEC_PER_SEC)
    g_assert_cmpfloat (speed, >=, 12 * 60000 * 1000.0 / (double) elapsed - 1);
}

typedef struct
{
  PtClock *clock;
  GMutex lock;
  GCond moved;
} Waiter;

static void
wake (gpointer user_data)
{
  Waiter *waiter = user_data;

  g_mutex_lock (&waiter->lock);
  g_cond_signal (&waiter->moved);
  g_mutex_unlock (&waiter->lock);
}

static gpointer
wait_for_step (gpointer data)
{
  Waiter *waiter = data;

  g_mutex_lock (&waiter->lock);
  while (pt_clock_now (waiter->clock) < 2000)
    g_cond_wait (&waiter->moved, &waiter->lock);
  g_mutex_unlock (&waiter->lock);
  return NULL;
}

/* Who waits for a time on another thread is woken when it comes. */
static void
test_stepped_wakes (void)
{
  g_autoptr (PtClock) clock = pt_clock_new_stepped (1000);
  Waiter waiter = { .clock = clock };
  GThread *thread;

  g_mutex_init (&waiter.lock);
  g_cond_init (&waiter.moved);
  pt_clock_add_watch (clock, wake, &waiter);
  thread = g_thread_new ("waiter", wait_for_step, &waiter);
  for (gint64 now = 1100; now <= 2000; now += 100)
    g_assert_true (pt_clock_step (clock, now));
  g_thread_join (thread);
  pt_clock_remove_watch (clock, wake, &waiter);
  g_mutex_clear (&waiter.lock);
  g_cond_clear (&waiter.moved);
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
  g_test_add_func ("/clock/stepped", test_stepped);
  g_test_add_func ("/clock/stepped-speed", test_stepped_speed);
  g_test_add_func ("/clock/stepped-wakes", test_stepped_wakes);
  return g_test_run ();
}
