/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-vacuum.h"

#include "pt-part-file.h"
#include "pt-sqlite-store.h"
#include "pt-sqlite-upkeep.h"
#include "pt-store-check.h"

gboolean
pt_store_vacuum_measure (const char *path, guint64 *bytes, guint64 *unused, GError **error)
{
  g_autoptr (PtStore) store = NULL;

  g_return_val_if_fail (path != NULL && bytes != NULL && unused != NULL, FALSE);

  store = pt_sqlite_store_new_frozen (path, error);
  return store != NULL && pt_sqlite_measure (store, bytes, unused, error);
}

/* A new file that says less than the old one does not take its place. */
static gboolean
is_the_same (const char *path, const char *part, GError **error)
{
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autoptr (PtStore) store = pt_sqlite_store_new_frozen (path, error);
  g_autoptr (PtStore) copy = store != NULL ? pt_sqlite_store_new_frozen (part, error) : NULL;

  if (copy == NULL || !pt_sqlite_look_at_pages (copy, FALSE, error))
    return FALSE;
  pt_store_compare (store, copy, findings, "same");
  if (pt_store_findings_verdict (findings) == PT_STORE_HOLDS)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_STOP, "%s", pt_store_findings_at (findings, 0)->why);
  return FALSE;
}

gboolean
pt_store_vacuum (const char *path, guint64 *bytes, GError **error)
{
  g_autoptr (PtPartFile) part = NULL;
  guint64 unused;

  g_return_val_if_fail (path != NULL && bytes != NULL, FALSE);

  part = pt_part_file_new (path, path, error);
  return part != NULL && pt_sqlite_write_compact (path, part->part, error)
         && is_the_same (path, part->part, error)
         && pt_store_vacuum_measure (part->part, bytes, &unused, error)
         && pt_part_file_finish (part, TRUE, error);
}
