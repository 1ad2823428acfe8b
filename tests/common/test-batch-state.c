/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-batch-state.h"

static void
test_names (void)
{
  PtBatchState state;

  for (guint i = PT_BATCH_OPEN; i < PT_BATCH_STATES; i++)
    {
      g_assert_true (pt_batch_state_parse (pt_batch_state_name ((PtBatchState) i), &state));
      g_assert_cmpuint (state, ==, i);
    }
  g_assert_cmpstr (pt_batch_state_name (PT_BATCH_FINAL), ==, "final");
  g_assert_false (pt_batch_state_parse ("FINAL", &state));
  g_assert_false (pt_batch_state_parse ("", &state));
}

/* Databases hold these. */
static void
test_numbers (void)
{
  g_assert_cmpint (PT_BATCH_OPEN, ==, 0);
  g_assert_cmpint (PT_BATCH_SEALED, ==, 1);
  g_assert_cmpint (PT_BATCH_FINAL, ==, PT_BATCH_STATES - 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch-state/names", test_names);
  g_test_add_func ("/batch-state/numbers", test_numbers);
  return g_test_run ();
}
