/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-class.h"

gboolean
pt_store_is_shared (PtStore *store)
{
  g_return_val_if_fail (store != NULL, FALSE);

  return store->klass->beat != NULL;
}

gboolean
pt_store_beat (PtStore *store, const PtMemberRow *row, GError **error)
{
  g_return_val_if_fail (pt_store_is_shared (store), FALSE);
  g_return_val_if_fail (row != NULL && row->name[0] != '\0', FALSE);

  return store->klass->beat (store, row, error);
}

gboolean
pt_store_leave (PtStore *store, GError **error)
{
  g_return_val_if_fail (pt_store_is_shared (store), FALSE);

  return store->klass->leave (store, error);
}

GArray *
pt_store_members (PtStore *store, GError **error)
{
  g_return_val_if_fail (pt_store_is_shared (store), NULL);

  return store->klass->members (store, error);
}

GArray *
pt_store_leases (PtStore *store, GError **error)
{
  g_return_val_if_fail (pt_store_is_shared (store), NULL);

  return store->klass->leases (store, error);
}

gboolean
pt_store_lease_take (PtStore *store, guint32 area, guint64 token, guint64 *taken, GError **error)
{
  g_return_val_if_fail (pt_store_is_shared (store), FALSE);
  g_return_val_if_fail (area < PT_AREAS_MAX && taken != NULL, FALSE);

  return store->klass->lease_take (store, area, token, taken, error);
}

gboolean
pt_store_lease_give (PtStore *store, guint32 area, GError **error)
{
  g_return_val_if_fail (pt_store_is_shared (store), FALSE);
  g_return_val_if_fail (area < PT_AREAS_MAX, FALSE);

  return store->klass->lease_give (store, area, error);
}
