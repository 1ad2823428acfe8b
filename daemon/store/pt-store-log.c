/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-class.h"

/* Dispatch: every public verb checks its arguments once, for all backends. */

gboolean
pt_store_commit (PtStore *store, const PtGroup *group, guint64 *first_id, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (group != NULL && first_id != NULL, FALSE);
  return store->klass->commit (store, group, first_id, error);
}

gboolean
pt_store_add_area (PtStore *store, const PtAreaRow *row, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (row != NULL, FALSE);
  return store->klass->add_area (store, row, error);
}

GArray *
pt_store_areas (PtStore *store, GError **error)
{
  g_return_val_if_fail (store != NULL, NULL);
  return store->klass->areas (store, error);
}

gboolean
pt_store_scan_entries (PtStore *store, guint64 after_id, gint64 before_received,
                       PtEntryRowFunc func, gpointer user_data, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (func != NULL, FALSE);
  return store->klass->scan_entries (store, after_id, before_received, func, user_data, error);
}

gboolean
pt_store_read_entry (PtStore *store, guint64 id, GBytes **body, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (body != NULL, FALSE);
  return store->klass->read_entry (store, id, body, error);
}

gboolean
pt_store_scan_devices (PtStore *store, PtDeviceRowFunc func, gpointer user_data, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (func != NULL, FALSE);
  return store->klass->scan_devices (store, func, user_data, error);
}

gboolean
pt_store_save_devices (PtStore *store, const PtDeviceRow *rows, guint count, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (rows != NULL || count == 0, FALSE);
  return store->klass->save_devices (store, rows, count, error);
}

GPtrArray *
pt_store_device_bodies (PtStore *store, guint32 number, GError **error)
{
  g_return_val_if_fail (store != NULL, NULL);
  return store->klass->device_bodies (store, number, error);
}

gboolean
pt_store_prune (PtStore *store, guint64 up_to, guint limit, guint *removed, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);
  g_return_val_if_fail (removed != NULL, FALSE);
  return store->klass->prune (store, up_to, limit, removed, error);
}

gboolean
pt_store_scan_officials (PtStore *store, PtOfficialRowFunc func, gpointer user_data, GError **error)
{
  g_return_val_if_fail (store != NULL && func != NULL, FALSE);
  return store->klass->scan_officials (store, func, user_data, error);
}
