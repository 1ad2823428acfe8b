/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-findings.h"

#include "pt-error.h"

static void
expect (PtStoreFindings *findings, guint at, const char *name, PtStoreState state, const char *why,
        guint more)
{
  const PtStoreFinding *finding = pt_store_findings_at (findings, at);

  g_assert_cmpstr (finding->name, ==, name);
  g_assert_cmpint (finding->state, ==, state);
  g_assert_cmpstr (finding->why, ==, why);
  g_assert_cmpuint (finding->more, ==, more);
}

static void
test_states (void)
{
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autoptr (GError) busy = g_error_new_literal (PT_ERROR, PT_ERROR_RETRY, "busy");
  g_autoptr (GError) broken = g_error_new_literal (PT_ERROR, PT_ERROR_STOP, "broken");

  g_assert_cmpint (pt_store_findings_verdict (findings), ==, PT_STORE_HOLDS);
  pt_store_findings_ask (findings, "a");
  pt_store_findings_ask (findings, "b");
  g_assert_cmpint (pt_store_findings_verdict (findings), ==, PT_STORE_HOLDS);
  pt_store_findings_error (findings, "b", busy);
  g_assert_cmpint (pt_store_findings_verdict (findings), ==, PT_STORE_NOT_CHECKED);
  pt_store_findings_fail (findings, "b", "first %d", 1);
  pt_store_findings_fail (findings, "b", "second");
  pt_store_findings_skip (findings, "b", "later");
  pt_store_findings_error (findings, "c", broken);
  pt_store_findings_skip (findings, "d", "one");
  pt_store_findings_skip (findings, "d", "two");
  g_assert_cmpuint (pt_store_findings_count (findings), ==, 4);
  expect (findings, 0, "a", PT_STORE_HOLDS, NULL, 0);
  expect (findings, 1, "b", PT_STORE_FAILS, "first 1", 1);
  expect (findings, 2, "c", PT_STORE_FAILS, "broken", 0);
  expect (findings, 3, "d", PT_STORE_NOT_CHECKED, "one", 1);
  g_assert_cmpint (pt_store_findings_verdict (findings), ==, PT_STORE_FAILS);
}

static void
test_names (void)
{
  g_assert_cmpstr (pt_store_state_name (PT_STORE_HOLDS), ==, "holds");
  g_assert_cmpstr (pt_store_state_name (PT_STORE_FAILS), ==, "fails");
  g_assert_cmpstr (pt_store_state_name (PT_STORE_NOT_CHECKED), ==, "not-checked");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store-findings/states", test_states);
  g_test_add_func ("/store-findings/names", test_names);
  return g_test_run ();
}
