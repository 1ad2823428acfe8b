/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-store-class.h"

/* Dispatch: every public verb checks its arguments once, for all backends. */

gboolean
pt_head_is_at (const PtHead *a, const PtHead *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return a->batch == b->batch && a->to == b->to && a->last_entry == b->last_entry
         && a->frontier.size == b->frontier.size
         && memcmp (a->frontier.nodes, b->frontier.nodes,
                    pt_frontier_count (&a->frontier) * sizeof (PtHash))
                == 0;
}

void
pt_transaction_row_free (PtTransactionRow *row)
{
  if (row == NULL)
    return;
  g_clear_pointer (&row->raw, g_bytes_unref);
  g_clear_pointer (&row->versions, g_array_unref);
  g_free (row);
}

gboolean
pt_store_seal (PtStore *store, const PtSeal *seals, guint count, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (seals != NULL || count == 0, FALSE);
  return store->klass->seal (store, seals, count, error);
}

gboolean
pt_store_roster (PtStore *store, guint32 area, guint64 batch, GBytes **roster, GError **error)
{
  g_return_val_if_fail (store != NULL && roster != NULL, FALSE);
  *roster = NULL;
  return store->klass->roster (store, area, batch, roster, error);
}

GArray *
pt_store_batches (PtStore *store, const PtBatchQuery *query, GError **error)
{
  g_return_val_if_fail (store != NULL, NULL);
  g_return_val_if_fail (query != NULL, NULL);
  return store->klass->batches (store, query, error);
}

GArray *
pt_store_unfinished (PtStore *store, guint limit, GError **error)
{
  g_return_val_if_fail (store != NULL, NULL);
  return store->klass->unfinished (store, limit, error);
}

gboolean
pt_store_published (PtStore *store, const PtBatchRow *rows, guint count, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (rows != NULL || count == 0, FALSE);
  return store->klass->published (store, rows, count, error);
}

gboolean
pt_store_submit (PtStore *store, PtTransactionRow *transaction, const PtBatchRow *rows, guint count,
                 GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (
      transaction != NULL && transaction->raw != NULL && rows != NULL && count > 0, FALSE);
  return store->klass->submit (store, transaction, rows, count, error);
}

gboolean
pt_store_bump (PtStore *store, const PtTransactionRow *transaction, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (transaction != NULL && transaction->raw != NULL, FALSE);
  return store->klass->bump (store, transaction, error);
}

gboolean
pt_store_mined (PtStore *store, const PtTransactionRow *transaction, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (transaction != NULL, FALSE);
  return store->klass->mined (store, transaction, error);
}

gboolean
pt_store_finalize (PtStore *store, guint64 transaction_id, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  return store->klass->finalize (store, transaction_id, error);
}

gboolean
pt_store_withdraw (PtStore *store, guint64 transaction_id, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  return store->klass->withdraw (store, transaction_id, error);
}

gboolean
pt_store_adopt (PtStore *store, const PtTransactionRow *transaction, const PtBatchRow *rows,
                guint count, GError **error)
{
  g_return_val_if_fail (store != NULL && rows != NULL && count > 0, FALSE);
  g_return_val_if_fail (transaction != NULL && transaction->block != 0, FALSE);
  return store->klass->adopt (store, transaction, rows, count, error);
}

gboolean
pt_store_reopen (PtStore *store, guint32 area, guint64 after, guint *count, GError **error)
{
  g_return_val_if_fail (store != NULL && area < PT_AREAS_MAX && count != NULL, FALSE);
  return store->klass->reopen (store, area, after, count, error);
}

GPtrArray *
pt_store_transactions (PtStore *store, GError **error)
{
  g_return_val_if_fail (store != NULL, NULL);
  return store->klass->transactions (store, error);
}
