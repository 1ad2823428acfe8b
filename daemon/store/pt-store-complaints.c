/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-class.h"

void
pt_photo_clear (PtPhoto *photo)
{
  g_return_if_fail (photo != NULL);

  g_clear_pointer (&photo->bytes, g_bytes_unref);
}

void
pt_private_row_copy (const PtPrivateRow *row, PtPrivateRow *out)
{
  g_return_if_fail (row != NULL && out != NULL);

  *out = *row;
  out->complaint = g_strdup (row->complaint);
  out->moderation.reason = g_strdup (row->moderation.reason);
  if (row->text != NULL)
    g_bytes_ref (row->text);
  for (guint i = 0; i < row->photo_count; i++)
    if (row->photos[i].bytes != NULL)
      g_bytes_ref (row->photos[i].bytes);
}

void
pt_private_row_clear (PtPrivateRow *row)
{
  g_return_if_fail (row != NULL);

  g_free ((char *) row->complaint);
  g_free ((char *) row->moderation.reason);
  g_clear_pointer (&row->text, g_bytes_unref);
  for (guint i = 0; i < row->photo_count; i++)
    pt_photo_clear (&row->photos[i]);
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
pt_store_privates (PtStore *store, guint32 area, const char *complaint, gint64 n,
                   PtPrivateRowFunc func, gpointer user_data, GError **error)
{
  const PtErasure from = { area, complaint, n };
  GError *local = NULL;

  g_return_val_if_fail (store != NULL && complaint != NULL && func != NULL, FALSE);

  return scanned (store->klass->privates (store, &from, func, user_data, &local), local, error);
}

gboolean
pt_store_photo (PtStore *store, guint32 area, const char *complaint, const PtHash *sent,
                PtPhoto *out, PtModeration *hidden, GError **error)
{
  PtModeration unasked;

  g_return_val_if_fail (store != NULL && complaint != NULL, FALSE);
  g_return_val_if_fail (sent != NULL && out != NULL, FALSE);

  *out = (PtPhoto){ .sent = *sent };
  if (hidden == NULL)
    hidden = &unasked;
  *hidden = (PtModeration){ 0 };
  return store->klass->photo (store, area, complaint, out, hidden, error);
}

gboolean
pt_store_moderate (PtStore *store, guint32 area, const char *complaint, gint64 n,
                   const PtModeration *moderation, GError **error)
{
  const PtErasure of = { area, complaint, n };

  g_return_val_if_fail (store != NULL && complaint != NULL, FALSE);
  g_return_val_if_fail (moderation != NULL && moderation->reason != NULL, FALSE);

  return store->klass->moderate (store, &of, moderation, error);
}

gboolean
pt_store_no_private (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                       "That step of the complaint has no private part.");
  return FALSE;
}
