/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-hold.h"

static void
assert_health (PtHealth *health, PtHealthSort sort, const char *sentence)
{
  PtHealthStatus status;

  pt_health_get (health, &status);
  g_assert_cmpint (status.sort, ==, sort);
  g_assert_cmpstr (status.sentence, ==, sentence);
}

static void
assert_take (PtHold *hold, const char *refused)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (pt_hold_may_take (hold, &error) == (refused == NULL));
  if (refused == NULL)
    return;
  g_assert_error (error, PT_ERROR, PT_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, refused);
}

/* Until somebody looked nothing is sealed, and everything is taken in. */
static void
test_not_looked_at (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);
  g_autoptr (PtHold) hold = pt_hold_new (health, TRUE);
  g_autoptr (PtHold) without_chain = pt_hold_new (health, FALSE);

  g_assert_false (pt_hold_may_seal (hold, 0));
  g_assert_false (pt_hold_was_looked_at (hold, 0));
  assert_take (hold, NULL);
  g_assert_true (pt_hold_may_seal (without_chain, 0));
  g_assert_true (pt_hold_may_seal (NULL, 0));
  g_assert_true (pt_hold_may_take (NULL, NULL));
  pt_hold_set (hold, 0, PT_HOLD_NOTHING, NULL);
  g_assert_true (pt_hold_may_seal (hold, 0));
  g_assert_true (pt_hold_was_looked_at (hold, 0));
  g_assert_false (pt_hold_may_seal (hold, 1));
  pt_hold_look_again (hold, 0);
  g_assert_false (pt_hold_may_seal (hold, 0));
  assert_health (health, PT_HEALTH_WELL, "");
}

static void
test_area (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);
  g_autoptr (PtHold) hold = pt_hold_new (health, TRUE);

  pt_hold_set (hold, 0, PT_HOLD_NOTHING, NULL);
  pt_hold_set (hold, 7, PT_HOLD_AREA, "other keys");
  g_assert_true (pt_hold_may_seal (hold, 0));
  g_assert_false (pt_hold_may_seal (hold, 7));
  g_assert_cmpint (pt_hold_get (hold, 7), ==, PT_HOLD_AREA);
  assert_take (hold, NULL);
  assert_health (health, PT_HEALTH_ASKS, "other keys");
  pt_hold_set (hold, 7, PT_HOLD_NOTHING, NULL);
  g_assert_true (pt_hold_may_seal (hold, 7));
  assert_health (health, PT_HEALTH_WELL, "");
}

/* As long as one area is behind nothing goes on, and the first of the worst is named. */
static void
test_all (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);
  g_autoptr (PtHold) hold = pt_hold_new (health, TRUE);

  pt_hold_set (hold, 0, PT_HOLD_NOTHING, NULL);
  pt_hold_set (hold, 1, PT_HOLD_AREA, "other keys");
  pt_hold_set (hold, 3, PT_HOLD_ALL, "three is behind");
  pt_hold_set (hold, 2, PT_HOLD_ALL, "two is behind");
  g_assert_false (pt_hold_may_seal (hold, 0));
  assert_take (hold, "two is behind");
  assert_health (health, PT_HEALTH_ASKS, "two is behind");
  /* Looking again is to be done; nothing opens by that. */
  pt_hold_look_again (hold, 2);
  assert_take (hold, "two is behind");
  pt_hold_set (hold, 2, PT_HOLD_NOTHING, NULL);
  assert_take (hold, "three is behind");
  pt_hold_set (hold, 3, PT_HOLD_NOTHING, NULL);
  assert_take (hold, NULL);
  g_assert_true (pt_hold_may_seal (hold, 0));
  assert_health (health, PT_HEALTH_ASKS, "other keys");
}

static void
count (gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* Told once a change. */
static void
test_watch (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);
  g_autoptr (PtHold) hold = pt_hold_new (health, TRUE);
  guint told = 0;

  pt_hold_watch (hold, count, &told);
  pt_hold_set (hold, 0, PT_HOLD_NOTHING, NULL);
  g_assert_cmpuint (told, ==, 1);
  pt_hold_set (hold, 0, PT_HOLD_NOTHING, NULL);
  g_assert_cmpuint (told, ==, 1);
  pt_hold_set (hold, 0, PT_HOLD_ALL, "behind");
  pt_hold_set (hold, 0, PT_HOLD_ALL, "further behind");
  g_assert_cmpuint (told, ==, 3);
  pt_hold_watch (hold, NULL, NULL);
  pt_hold_set (hold, 0, PT_HOLD_NOTHING, NULL);
  g_assert_cmpuint (told, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hold/not-looked-at", test_not_looked_at);
  g_test_add_func ("/hold/area", test_area);
  g_test_add_func ("/hold/all", test_all);
  g_test_add_func ("/hold/watch", test_watch);
  return g_test_run ();
}
