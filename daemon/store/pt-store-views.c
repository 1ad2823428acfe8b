/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-class.h"

/* Dispatch: every public verb checks its arguments once, for all backends. */

gboolean
pt_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                  gpointer user_data, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (query != NULL && func != NULL, FALSE);
  return store->klass->outages (store, query, func, user_data, error);
}

gboolean
pt_store_counts (PtStore *store, PtCounts *counts, GError **error)
{
  g_return_val_if_fail (store != NULL && counts != NULL, FALSE);
  return store->klass->counts (store, counts, error);
}
