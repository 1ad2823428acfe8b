/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-backup.h"

#include <glib/gi18n-lib.h>

#include "pt-error.h"
#include "pt-part-file.h"
#include "pt-sqlite-store.h"
#include "pt-sqlite-upkeep.h"

static gboolean
tell_copied (guint64 done, guint64 bytes, gpointer user_data)
{
  const PtStoreBackupConfig *config = user_data;

  if (config->copying != NULL)
    config->copying (done, bytes, config->user_data);
  return TRUE;
}

/* Whether the copy may be called one. */
static gboolean
is_the_same (PtStore *store, PtStore *copy, gboolean quick, PtStoreFindings *findings,
             GError **error)
{
  pt_store_findings_ask (findings, "file");
  if (!pt_sqlite_look_at_pages (copy, quick, error))
    return FALSE;
  pt_store_compare (store, copy, findings, "same");
  if (pt_store_findings_verdict (findings) == PT_STORE_HOLDS)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                       _ ("What was written is not what was read. Look at the disk."));
  return FALSE;
}

gboolean
pt_store_backup (const PtStoreBackupConfig *config, PtStoreFindings *findings, guint64 *bytes,
                 GError **error)
{
  PtStoreCheckConfig check;
  g_autoptr (PtStore) store = NULL;
  g_autoptr (PtPartFile) part = NULL;
  g_autoptr (PtStore) copy = NULL;
  guint64 unused;

  g_return_val_if_fail (config != NULL && config->from != NULL && config->to != NULL, FALSE);
  g_return_val_if_fail (findings != NULL && bytes != NULL, FALSE);

  store = pt_sqlite_store_new_frozen (config->from, error);
  if (store == NULL)
    return FALSE;
  part = pt_part_file_new (config->to, config->from, error);
  if (part == NULL
      || !pt_sqlite_copy_out (store, part->part, tell_copied, (gpointer) config, error))
    return FALSE;
  copy = pt_sqlite_store_new_frozen (part->part, error);
  if (copy == NULL || !is_the_same (store, copy, config->quick, findings, error)
      || !pt_sqlite_measure (copy, bytes, &unused, error))
    return FALSE;
  g_clear_pointer (&store, pt_store_free); /* the log need not be held for what is read now */
  check = (PtStoreCheckConfig){ copy, config->blocks, config->quick, config->checking,
                                config->user_data };
  pt_store_check (&check, findings);
  return pt_part_file_finish (part, FALSE, error);
}
