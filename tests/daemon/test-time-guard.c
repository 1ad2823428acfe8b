/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks that lie, with one that can't: what passed is the test's. */
#include "pt-time-guard.h"

#include <string.h>

#define START G_GINT64_CONSTANT (1795000000000)
#define SECOND G_GINT64_CONSTANT (1000)
#define MINUTE (60 * SECOND)
#define DAY (24 * 60 * MINUTE)

typedef struct
{
  PtClock *clock;
  PtHealth *health;
  PtTimeGuard *guard;
  gint64 shown, passed;
} Fixture;

static gint64
passed_of (gpointer user_data)
{
  return ((Fixture *) user_data)->passed;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->shown = START;
  fixture->passed = 5 * MINUTE;
  fixture->clock = pt_clock_new_manual (START);
  fixture->health = pt_health_new (NULL, NULL);
  fixture->guard = pt_time_guard_new (fixture->clock, fixture->health, passed_of, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_time_guard_free (fixture->guard);
  pt_health_free (fixture->health);
  pt_clock_unref (fixture->clock);
}

/* Time goes on. */
static void
pass (Fixture *fixture, gint64 ms)
{
  fixture->passed += ms;
  fixture->shown += ms;
  pt_clock_manual_set (fixture->clock, fixture->shown);
}

/* The clock alone is set. */
static void
set (Fixture *fixture, gint64 by)
{
  fixture->shown += by;
  pt_clock_manual_set (fixture->clock, fixture->shown);
}

/* @words: some of what health says, NULL: all is well. */
static void
assert_verdict (Fixture *fixture, gint64 newest, PtTimeVerdict wanted, const char *words)
{
  PtHealthStatus status;
  gint64 now;

  g_assert_cmpint (pt_time_guard_ask (fixture->guard, newest, &now), ==, wanted);
  g_assert_cmpint (now, ==, fixture->shown);
  pt_health_get (fixture->health, &status);
  g_assert_cmpint (status.sort, ==, words != NULL ? PT_HEALTH_ASKS : PT_HEALTH_WELL);
  g_assert_nonnull (strstr (status.sentence, words != NULL ? words : ""));
}

#define HOLDS(newest) assert_verdict (fixture, newest, PT_TIME_HOLDS, NULL)
#define DOUBTED(newest) assert_verdict (fixture, newest, PT_TIME_DOUBTED, "jumped ahead, to ")
#define BEHIND(newest)                                                                             \
  assert_verdict (fixture, newest, PT_TIME_BEHIND, "what is stored reaches to ")

/* A year ahead for a moment: nothing gets that time, and when it is right again it is believed. */
static void
test_jump_and_back (Fixture *fixture, gconstpointer data)
{
  HOLDS (0);
  pass (fixture, MINUTE);
  HOLDS (START);
  set (fixture, 365 * DAY);
  DOUBTED (START);
  pass (fixture, 6 * SECOND);
  DOUBTED (START);
  set (fixture, -365 * DAY);
  HOLDS (START);
}

/* A jump that stays is believed in the end: nobody knows better. */
static void
test_jump_stays (Fixture *fixture, gconstpointer data)
{
  HOLDS (0);
  set (fixture, 2 * MINUTE);
  DOUBTED (0);
  pass (fixture, PT_TIME_SETTLES_MS - SECOND);
  DOUBTED (0);
  pass (fixture, SECOND);
  HOLDS (0);
  HOLDS (0);
}

/* What a clock is put right by all the time, and a machine that slept. */
static void
test_small_steps (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 10; i++)
    {
      HOLDS (0);
      set (fixture, i % 2 == 0 ? 50 * SECOND : -50 * SECOND);
      pass (fixture, DAY);
    }
  set (fixture, -10 * DAY); /* with nothing stored that says otherwise */
  HOLDS (0);
}

/* A board without a clock of its own that was not told the time yet. */
static void
test_behind (Fixture *fixture, gconstpointer data)
{
  HOLDS (0);
  set (fixture, -30 * DAY);
  BEHIND (START);
  pass (fixture, 10 * SECOND);
  BEHIND (START);
  set (fixture, 30 * DAY); /* told: no jump to be doubted */
  HOLDS (START);
  set (fixture, -30 * SECOND); /* a little behind is none */
  HOLDS (START + 9 * SECOND);
  set (fixture, 30 * SECOND);
  set (fixture, -START);
  BEHIND (0); /* 1970 */
  set (fixture, START);
  HOLDS (0);
}

/* A new block that has its time too tells that a jump was right. */
static void
test_chain_agrees (Fixture *fixture, gconstpointer data)
{
  HOLDS (0);
  g_assert_true (pt_time_guard_wants_block (fixture->guard));
  pt_time_guard_saw_block (fixture->guard, 7, fixture->shown);
  g_assert_false (pt_time_guard_wants_block (fixture->guard));
  pass (fixture, 6 * SECOND);
  set (fixture, DAY);
  DOUBTED (0);
  g_assert_true (pt_time_guard_wants_block (fixture->guard));
  pt_time_guard_saw_block (fixture->guard, 7, fixture->shown); /* not a new one */
  DOUBTED (0);
  pt_time_guard_saw_block (fixture->guard, 8, fixture->shown - 12 * SECOND);
  HOLDS (0);
}

/* Blocks that come as fast as the time passes, a year before: nothing is sealed, and a jump is not
 * believed however long it stays. */
static void
test_chain_contradicts (Fixture *fixture, gconstpointer data)
{
  HOLDS (0);
  set (fixture, 365 * DAY);
  DOUBTED (0);
  for (guint i = 0; i < 15; i++)
    {
      pt_time_guard_saw_block (fixture->guard, 100 + i * 5, fixture->shown - 365 * DAY);
      pass (fixture, MINUTE);
      DOUBTED (0);
    }
  set (fixture, -365 * DAY);
  pt_time_guard_saw_block (fixture->guard, 200, fixture->shown);
  HOLDS (0);
}

/* The same from the start on: there was no jump to see. */
static void
test_ahead_from_the_start (Fixture *fixture, gconstpointer data)
{
  HOLDS (0);
  pt_time_guard_saw_block (fixture->guard, 100, fixture->shown - 2 * DAY);
  HOLDS (0);
  pass (fixture, MINUTE);
  pt_time_guard_saw_block (fixture->guard, 105, fixture->shown - 2 * DAY);
  assert_verdict (fixture, 0, PT_TIME_AHEAD, "nothing is sealed");
  set (fixture, -2 * DAY);
  pt_time_guard_saw_block (fixture->guard, 106, fixture->shown);
  HOLDS (0);
}

/* A chain that stands still, and an endpoint that is catching up, say nothing of the time. */
static void
test_blocks_that_say_nothing (Fixture *fixture, gconstpointer data)
{
  gint64 time = START - 20 * DAY;

  for (guint i = 0; i < 5; i++, pass (fixture, MINUTE))
    {
      pt_time_guard_saw_block (fixture->guard, 5, time);
      HOLDS (0);
    }
  for (guint i = 0; i < 5; i++, pass (fixture, MINUTE))
    {
      pt_time_guard_saw_block (fixture->guard, 100 * i + 5, time + i * 2 * DAY);
      HOLDS (0);
    }
}

/* A replay's clock is nobody's but its own: only what is stored is before it. */
static void
test_not_the_machines (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtTimeGuard) guard = pt_time_guard_new (fixture->clock, fixture->health, NULL, NULL);
  gint64 now;

  g_assert_cmpint (pt_time_guard_ask (guard, 0, &now), ==, PT_TIME_HOLDS);
  set (fixture, 365 * DAY);
  g_assert_cmpint (pt_time_guard_ask (guard, START, &now), ==, PT_TIME_HOLDS);
  g_assert_false (pt_time_guard_wants_block (guard));
  set (fixture, -366 * DAY);
  g_assert_cmpint (pt_time_guard_ask (guard, START, &now), ==, PT_TIME_BEHIND);
}

/* The real one goes on. */
static void
test_since_boot (void)
{
  gint64 before = pt_time_passed_since_boot (NULL);

  g_assert_cmpint (before, >, 0);
  g_assert_cmpint (pt_time_passed_since_boot (NULL), >=, before);
}

#define ADD(name, func) g_test_add ("/time-guard/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("jump-and-back", test_jump_and_back);
  ADD ("jump-stays", test_jump_stays);
  ADD ("small-steps", test_small_steps);
  ADD ("behind", test_behind);
  ADD ("chain-agrees", test_chain_agrees);
  ADD ("chain-contradicts", test_chain_contradicts);
  ADD ("ahead-from-the-start", test_ahead_from_the_start);
  ADD ("blocks-that-say-nothing", test_blocks_that_say_nothing);
  ADD ("not-the-machines", test_not_the_machines);
  g_test_add_func ("/time-guard/since-boot", test_since_boot);
  return g_test_run ();
}
