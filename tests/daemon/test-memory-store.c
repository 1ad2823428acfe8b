/* SPDX-License-Identifier: Apache-2.0 */
/* What only the memory store has: its switches. What every store does is in test-store-log.c and
 * beside it. */
#include "pt-memory-store.h"
#include "pt-store-suite.h"

/* The memory store's own: its switches. */
static void
test_switches (void)
{
  g_autoptr (GError) error = NULL;
  Fixture fixture = { .store = pt_memory_store_new () };
  PtEntryRow entry = { .number = 1, .body = "x", .size = 1 };
  PtTailMove move = { .after = 1 };
  PtGroup group = { .entries = &entry,
                    .entry_count = 1,
                    .tails = &move,
                    .tail_count = 1,
                    .evidence = &entry,
                    .evidence_count = 1 };

  add_area (&fixture, 0, "east");
  pt_memory_store_fail (fixture.store, PT_STORE_COMMIT, PT_FAIL_NOT_PERSISTED, 1, 1);
  g_assert_true (pt_store_commit (fixture.store, &group, &error));
  entry.number = 2;
  entry.seq = 2;
  move = (PtTailMove){ .before = 1, .after = 2 };
  g_assert_false (pt_store_commit (fixture.store, &group, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  g_assert_cmpuint (pt_memory_store_evidence_count (fixture.store), ==, 1);
  pt_memory_store_fail (fixture.store, PT_STORE_COMMIT, PT_FAIL_PERSISTED, 0, 1);
  g_assert_false (pt_store_commit (fixture.store, &group, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  g_assert_cmpuint (pt_memory_store_evidence_count (fixture.store), ==, 2);
  /* It was written, and the next commit tells. */
  g_assert_false (pt_store_commit (fixture.store, &group, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
  pt_store_free (fixture.store);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-store/switches", test_switches);
  return g_test_run ();
}
