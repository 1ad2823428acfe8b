/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-limits.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

static const PtLimitRate rates[PT_LIMIT_COUNT] = {
  [PT_LIMIT_ADDRESS] = { 3, 3600 },
  [PT_LIMIT_KEY] = { 1, 1 },
  [PT_LIMIT_SITE] = { 0, 0 },
  [PT_LIMIT_AREA] = { 2, 0 },
};

static void
test_fills (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates);
  gint64 now = SECOND;
  guint wait;

  for (guint i = 0; i < 3; i++)
    g_assert_true (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", now, &wait));
  g_assert_false (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", now, &wait));
  g_assert_cmpuint (wait, ==, 1);
  g_assert_true (pt_limits_take (limits, PT_LIMIT_ADDRESS, "b", now, &wait));
  g_assert_false (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", now + SECOND - 1, &wait));
  g_assert_true (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", now + SECOND, &wait));
  g_assert_false (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", now + SECOND, &wait));
  g_assert_false (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", now, &wait));
  now += 1000 * SECOND;
  for (guint i = 0; i < 3; i++)
    g_assert_true (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", now, &wait));
  g_assert_false (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", now, &wait));
}

static void
test_kinds (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates);
  guint wait;

  g_assert_true (pt_limits_take (limits, PT_LIMIT_KEY, "a", SECOND, &wait));
  g_assert_false (pt_limits_take (limits, PT_LIMIT_KEY, "a", SECOND, &wait));
  g_assert_cmpuint (wait, ==, 3600);
  g_assert_true (pt_limits_take (limits, PT_LIMIT_ADDRESS, "a", SECOND, &wait));
  for (guint i = 0; i < 1000; i++)
    g_assert_true (pt_limits_take (limits, PT_LIMIT_SITE, "a", SECOND, &wait));
  g_assert_cmpuint (pt_limits_kept (limits, PT_LIMIT_SITE), ==, 0);
  g_assert_true (pt_limits_take (limits, PT_LIMIT_AREA, "a", SECOND, &wait));
  g_assert_true (pt_limits_take (limits, PT_LIMIT_AREA, "a", SECOND, &wait));
  g_assert_false (pt_limits_take (limits, PT_LIMIT_AREA, "a", 1000000 * SECOND, &wait));
  g_assert_cmpuint (wait, ==, 3600);
}

/* However many there are, so much is kept, and whoever asks all the time is not forgotten. */
static void
test_bounded (void)
{
  g_autoptr (PtLimits) limits = pt_limits_new (rates);
  char who[16];
  guint wait;

  g_assert_true (pt_limits_take (limits, PT_LIMIT_KEY, "busy", SECOND, &wait));
  for (guint i = 0; i < 3 * PT_LIMITS_BUCKETS_MAX; i++)
    {
      g_snprintf (who, sizeof who, "%u", i);
      g_assert_true (pt_limits_take (limits, PT_LIMIT_KEY, who, SECOND, &wait));
      if (i % 1000 == 0)
        g_assert_false (pt_limits_take (limits, PT_LIMIT_KEY, "busy", SECOND, &wait));
    }
  g_assert_cmpuint (pt_limits_kept (limits, PT_LIMIT_KEY), ==, PT_LIMITS_BUCKETS_MAX);
  g_assert_true (pt_limits_take (limits, PT_LIMIT_KEY, "0", SECOND, &wait));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limits/fills", test_fills);
  g_test_add_func ("/limits/kinds", test_kinds);
  g_test_add_func ("/limits/bounded", test_bounded);
  return g_test_run ();
}
