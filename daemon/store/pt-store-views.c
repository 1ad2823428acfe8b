/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-class.h"

/* Dispatch: every public verb checks its arguments once, for all backends. */

gboolean
pt_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                  gpointer user_data, GError **error)
{
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (store != NULL && query != NULL && func != NULL, FALSE);
  if (store->klass->outages (store, query, func, user_data, &local) || local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
pt_store_counts (PtStore *store, PtCounts *counts, GError **error)
{
  g_return_val_if_fail (store != NULL && counts != NULL, FALSE);
  return store->klass->counts (store, counts, error);
}

gboolean
pt_store_evidence (PtStore *store, const PtEvidenceQuery *query, PtEvidenceRowFunc func,
                   gpointer user_data, GError **error)
{
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (store != NULL && query != NULL && func != NULL, FALSE);
  if (store->klass->evidence (store, query, func, user_data, &local) || local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
pt_store_rejected (PtStore *store, const PtRejectedQuery *query, PtRejectedRowFunc func,
                   gpointer user_data, GError **error)
{
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (store != NULL && query != NULL && func != NULL, FALSE);
  if (store->klass->rejected (store, query, func, user_data, &local) || local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

int
pt_outage_row_compare (gconstpointer a, gconstpointer b)
{
  const PtOutageRow *left = a, *right = b;

  g_return_val_if_fail (left != NULL && right != NULL, 0);

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  if (left->device != right->device)
    return left->device < right->device ? -1 : 1;
  return (left->start_seq > right->start_seq) - (left->start_seq < right->start_seq);
}
