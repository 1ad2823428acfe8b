/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-limits.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

enum
{
  FAST,
  SLOW,
  UNBOUND,
  ONCE,
  LIMITS
};

static const PtLimitRate rates[LIMITS] = {
  [FAST] = { 3, 3600 },
  [SLOW] = { 1, 1 },
  [UNBOUND] = { 0, 0 },
  [ONCE] = { 2, 0 },
};

static void
test_fills (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates, LIMITS);
  gint64 now = SECOND;
  guint wait;

  for (guint i = 0; i < 3; i++)
    g_assert_true (pt_limits_take (limits, FAST, "a", now, &wait));
  g_assert_false (pt_limits_take (limits, FAST, "a", now, &wait));
  g_assert_cmpuint (wait, ==, 1);
  g_assert_true (pt_limits_take (limits, FAST, "b", now, &wait));
  g_assert_false (pt_limits_take (limits, FAST, "a", now + SECOND - 1, &wait));
  g_assert_true (pt_limits_take (limits, FAST, "a", now + SECOND, &wait));
  g_assert_false (pt_limits_take (limits, FAST, "a", now + SECOND, &wait));
  g_assert_false (pt_limits_take (limits, FAST, "a", now, &wait));
  now += 1000 * SECOND;
  for (guint i = 0; i < 3; i++)
    g_assert_true (pt_limits_take (limits, FAST, "a", now, &wait));
  g_assert_false (pt_limits_take (limits, FAST, "a", now, &wait));
}

static void
test_kinds (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates, LIMITS);
  guint wait;

  g_assert_true (pt_limits_take (limits, SLOW, "a", SECOND, &wait));
  g_assert_false (pt_limits_take (limits, SLOW, "a", SECOND, &wait));
  g_assert_cmpuint (wait, ==, 3600);
  g_assert_true (pt_limits_take (limits, FAST, "a", SECOND, &wait));
  for (guint i = 0; i < 1000; i++)
    g_assert_true (pt_limits_take (limits, UNBOUND, "a", SECOND, &wait));
  g_assert_cmpuint (pt_limits_kept (limits, UNBOUND), ==, 0);
  g_assert_true (pt_limits_take (limits, ONCE, "a", SECOND, &wait));
  g_assert_true (pt_limits_take (limits, ONCE, "a", SECOND, &wait));
  g_assert_false (pt_limits_take (limits, ONCE, "a", 1000000 * SECOND, &wait));
  g_assert_cmpuint (wait, ==, 3600);
}

/* Many at once get what there is. */
static void
test_some (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates, LIMITS);
  guint wait;

  g_assert_cmpuint (pt_limits_take_some (limits, FAST, "a", 2, SECOND, &wait), ==, 2);
  g_assert_cmpuint (wait, ==, 0);
  g_assert_cmpuint (pt_limits_take_some (limits, FAST, "a", 3, SECOND, &wait), ==, 1);
  g_assert_cmpuint (wait, ==, 2);
  g_assert_cmpuint (pt_limits_take_some (limits, FAST, "a", 10000, SECOND, &wait), ==, 0);
  g_assert_cmpuint (wait, ==, 3); /* more there never is */
  g_assert_cmpuint (pt_limits_take_some (limits, UNBOUND, "a", 10000, SECOND, &wait), ==, 10000);
  g_assert_cmpuint (pt_limits_take_some (limits, FAST, "a", 0, SECOND, &wait), ==, 0);
  g_assert_cmpuint (wait, ==, 0);
}

/* Looking takes nothing. */
static void
test_has (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates, LIMITS);
  guint wait;

  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (pt_limits_has (limits, SLOW, "a", SECOND, &wait));
      g_assert_cmpuint (wait, ==, 0);
    }
  g_assert_cmpuint (pt_limits_kept (limits, SLOW), ==, 0);
  g_assert_true (pt_limits_take (limits, SLOW, "a", SECOND, &wait));
  g_assert_false (pt_limits_has (limits, SLOW, "a", SECOND, &wait));
  g_assert_cmpuint (wait, ==, 3600);
  g_assert_true (pt_limits_has (limits, SLOW, "b", SECOND, &wait));
  g_assert_false (pt_limits_has (limits, SLOW, "a", 3600 * SECOND + SECOND / 2, &wait));
  g_assert_cmpuint (wait, ==, 1);
  g_assert_true (pt_limits_has (limits, SLOW, "a", 3601 * SECOND, &wait));
  g_assert_true (pt_limits_has (limits, UNBOUND, "a", SECOND, &wait));
}

/* Never more than at once, and nobody else's. */
static void
test_give (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates, LIMITS);
  guint wait;

  pt_limits_give (limits, ONCE, "a");
  for (guint i = 0; i < 2; i++)
    g_assert_true (pt_limits_take (limits, ONCE, "a", SECOND, &wait));
  g_assert_false (pt_limits_take (limits, ONCE, "a", SECOND, &wait));
  pt_limits_give (limits, ONCE, "b");
  g_assert_false (pt_limits_take (limits, ONCE, "a", SECOND, &wait));
  pt_limits_give (limits, ONCE, "a");
  g_assert_true (pt_limits_take (limits, ONCE, "a", SECOND, &wait));
  for (guint i = 0; i < 5; i++)
    pt_limits_give (limits, ONCE, "a");
  for (guint i = 0; i < 2; i++)
    g_assert_true (pt_limits_take (limits, ONCE, "a", SECOND, &wait));
  g_assert_false (pt_limits_take (limits, ONCE, "a", SECOND, &wait));
}

/* However many there are, so much is kept, and whoever asks all the time is not forgotten. */
static void
test_bounded (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates, LIMITS);
  char who[16];
  guint wait;

  g_assert_true (pt_limits_take (limits, SLOW, "busy", SECOND, &wait));
  for (guint i = 0; i < 3 * PT_LIMITS_BUCKETS_MAX; i++)
    {
      g_snprintf (who, sizeof who, "%u", i);
      g_assert_true (pt_limits_take (limits, SLOW, who, SECOND, &wait));
      if (i % 1000 == 0)
        g_assert_false (pt_limits_take (limits, SLOW, "busy", SECOND, &wait));
    }
  g_assert_cmpuint (pt_limits_kept (limits, SLOW), ==, PT_LIMITS_BUCKETS_MAX);
  g_assert_true (pt_limits_take (limits, SLOW, "0", SECOND, &wait));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limits/fills", test_fills);
  g_test_add_func ("/limits/kinds", test_kinds);
  g_test_add_func ("/limits/some", test_some);
  g_test_add_func ("/limits/has", test_has);
  g_test_add_func ("/limits/give", test_give);
  g_test_add_func ("/limits/bounded", test_bounded);
  return g_test_run ();
}
