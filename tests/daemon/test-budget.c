/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-budget.h"

static void
test_shares (void)
{
  g_autoptr (PtBudget) budget = pt_budget_new (100, 40);

  g_assert_cmpuint (pt_budget_largest (budget, "a"), ==, 40);
  g_assert_cmpuint (pt_budget_largest (budget, NULL), ==, 100);
  g_assert_cmpint (pt_budget_take (budget, "a", 41), ==, PT_BUDGET_SHARE_FULL);
  g_assert_cmpint (pt_budget_take (budget, "a", 40), ==, PT_BUDGET_TAKEN);
  g_assert_cmpint (pt_budget_take (budget, "a", 1), ==, PT_BUDGET_SHARE_FULL);
  g_assert_cmpint (pt_budget_take (budget, "b", 40), ==, PT_BUDGET_TAKEN);
  g_assert_true (pt_budget_is_tight (budget));
  g_assert_cmpint (pt_budget_take (budget, "c", 21), ==, PT_BUDGET_FULL);
  g_assert_cmpint (pt_budget_take (budget, NULL, 20), ==, PT_BUDGET_TAKEN);
  g_assert_cmpuint (pt_budget_taken (budget), ==, 100);
  pt_budget_give (budget, "a", 30);
  g_assert_false (pt_budget_is_tight (budget));
  g_assert_cmpint (pt_budget_take (budget, "a", 31), ==, PT_BUDGET_SHARE_FULL);
  g_assert_cmpint (pt_budget_take (budget, "a", 30), ==, PT_BUDGET_TAKEN);
  pt_budget_give (budget, "a", 40);
  pt_budget_give (budget, "b", 40);
  pt_budget_give (budget, NULL, 20);
  g_assert_cmpuint (pt_budget_taken (budget), ==, 0);
}

static void
test_no_shares (void)
{
  g_autoptr (PtBudget) budget = pt_budget_new (100, 0);

  g_assert_cmpint (pt_budget_take (budget, "a", G_MAXSIZE), ==, PT_BUDGET_FULL);
  g_assert_cmpint (pt_budget_take (budget, "a", 100), ==, PT_BUDGET_TAKEN);
  g_assert_cmpint (pt_budget_take (budget, NULL, 1), ==, PT_BUDGET_FULL);
  pt_budget_give (budget, "a", 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/budget/shares", test_shares);
  g_test_add_func ("/budget/no-shares", test_no_shares);
  return g_test_run ();
}
