/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-budget.h"

struct _PtBudget
{
  gsize most, share, taken;
  GHashTable
      *shares; /* client -> what it has, in a pointer; those that have nothing are not in it */
};

PtBudget *
pt_budget_new (gsize most, gsize share)
{
  PtBudget *budget;

  g_return_val_if_fail (most > 0, NULL);

  budget = g_new0 (PtBudget, 1);
  budget->most = most;
  budget->share = share;
  budget->shares = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return budget;
}

void
pt_budget_free (PtBudget *budget)
{
  if (budget == NULL)
    return;
  g_hash_table_unref (budget->shares);
  g_free (budget);
}

static void
budget_set_share (PtBudget *budget, const char *who, gsize has)
{
  if (has == 0)
    g_hash_table_remove (budget->shares, who);
  else
    g_hash_table_insert (budget->shares, g_strdup (who), GSIZE_TO_POINTER (has));
}

PtBudgetResult
pt_budget_take (PtBudget *budget, const char *who, gsize amount)
{
  gboolean is_shared;
  gsize has = 0;

  g_return_val_if_fail (budget != NULL, PT_BUDGET_FULL);

  is_shared = who != NULL && budget->share > 0;
  if (is_shared)
    has = GPOINTER_TO_SIZE (g_hash_table_lookup (budget->shares, who));
  if (is_shared && amount > budget->share - has)
    return PT_BUDGET_SHARE_FULL;
  if (amount > budget->most - budget->taken)
    return PT_BUDGET_FULL;
  budget->taken += amount;
  if (is_shared)
    budget_set_share (budget, who, has + amount);
  return PT_BUDGET_TAKEN;
}

void
pt_budget_give (PtBudget *budget, const char *who, gsize amount)
{
  gsize has;

  g_return_if_fail (budget != NULL && amount <= budget->taken);

  budget->taken -= amount;
  if (who == NULL || budget->share == 0)
    return;
  has = GPOINTER_TO_SIZE (g_hash_table_lookup (budget->shares, who));
  g_return_if_fail (amount <= has);
  budget_set_share (budget, who, has - amount);
}

gsize
pt_budget_taken (PtBudget *budget)
{
  g_return_val_if_fail (budget != NULL, 0);

  return budget->taken;
}

gsize
pt_budget_largest (PtBudget *budget, const char *who)
{
  g_return_val_if_fail (budget != NULL, 0);

  return who != NULL && budget->share > 0 ? MIN (budget->share, budget->most) : budget->most;
}

gboolean
pt_budget_is_tight (PtBudget *budget)
{
  g_return_val_if_fail (budget != NULL, FALSE);

  return budget->taken > budget->most - budget->most / 4;
}
