/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-class.h"

void
pt_photo_clear (PtPhoto *photo)
{
  g_return_if_fail (photo != NULL);

  g_clear_pointer (&photo->bytes, g_bytes_unref);
}

/* A scan that its function ended went well. */
static gboolean
scanned (gboolean whole, GError *local, GError **error)
{
  if (whole || local == NULL)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

gboolean
pt_store_scan_said (PtStore *store, guint32 area, guint64 after, PtSaidRowFunc func,
                    gpointer user_data, GError **error)
{
  GError *local = NULL;

  g_return_val_if_fail (store != NULL && func != NULL, FALSE);

  return scanned (store->klass->scan_said (store, area, after, func, user_data, &local), local,
                  error);
}

gboolean
pt_store_scan_chain (PtStore *store, guint32 area, PtSaidKind kind, const char *name, gint64 n,
                     guint limit, PtSaidRowFunc func, gpointer user_data, GError **error)
{
  const PtChainQuery query = { area, kind, name, n, limit };
  GError *local = NULL;

  g_return_val_if_fail (store != NULL && name != NULL && func != NULL, FALSE);

  return scanned (store->klass->scan_chain (store, &query, func, user_data, &local), local, error);
}

gboolean
pt_store_privates (PtStore *store, guint32 area, const char *complaint, PtPrivateRowFunc func,
                   gpointer user_data, GError **error)
{
  GError *local = NULL;

  g_return_val_if_fail (store != NULL && complaint != NULL && func != NULL, FALSE);

  return scanned (store->klass->privates (store, area, complaint, func, user_data, &local), local,
                  error);
}

gboolean
pt_store_photo (PtStore *store, guint32 area, const char *complaint, const PtHash *sent,
                PtPhoto *out, GError **error)
{
  g_return_val_if_fail (store != NULL && complaint != NULL, FALSE);
  g_return_val_if_fail (sent != NULL && out != NULL, FALSE);

  *out = (PtPhoto){ .sent = *sent };
  return store->klass->photo (store, area, complaint, out, error);
}

gboolean
pt_store_hide (PtStore *store, guint32 area, const char *complaint, gint64 n, gboolean hidden,
               GError **error)
{
  const PtErasure of = { area, complaint, n };

  g_return_val_if_fail (store != NULL && complaint != NULL, FALSE);

  return store->klass->hide (store, &of, hidden, error);
}

gboolean
pt_store_no_private (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                       "That step of the complaint has no private part.");
  return FALSE;
}
