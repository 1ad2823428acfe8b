/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* How much of a thing there is for all together, and how much of it one client may have: bytes,
 * connections, streams. Main loop. */
typedef struct _PtBudget PtBudget;

typedef enum
{
  PT_BUDGET_TAKEN,
  PT_BUDGET_SHARE_FULL, /* the client has what one may have */
  PT_BUDGET_FULL
} PtBudgetResult;

/* @share: of one client; 0: as much as there is. */
PtBudget *pt_budget_new (gsize most, gsize share);
void pt_budget_free (PtBudget *budget);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBudget, pt_budget_free)

/* @who: the client, see pt_client_name (); NULL: one who is not bounded by a share. */
PtBudgetResult pt_budget_take (PtBudget *budget, const char *who, gsize amount);
/* What was taken. */
void pt_budget_give (PtBudget *budget, const char *who, gsize amount);
gsize pt_budget_taken (PtBudget *budget);
/* The most that @who may take at once, when nothing is taken. */
gsize pt_budget_largest (PtBudget *budget, const char *who);
/* More than three quarters are taken: who is slow has to go. */
gboolean pt_budget_is_tight (PtBudget *budget);
