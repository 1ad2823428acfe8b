/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-block-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

char *
pt_block_store_path (PtBlockStore *store, const PtCid *cid)
{
  char text[PT_CID_TEXT_SIZE + 1];

  g_return_val_if_fail (store != NULL, NULL);

  pt_cid_to_text (cid, text);
  return g_strdup_printf ("%s/%02x/%s", store->blocks, cid->bytes[PT_CID_SIZE - 1], text);
}

void
pt_pending_block_free (PtPendingBlock *block)
{
  g_return_if_fail (block != NULL);

  if (block->temporary != NULL)
    unlink (block->temporary);
  g_free (block->temporary);
  g_free (block);
}

gboolean
pt_block_store_fail (GError **error, int code, const char *verb, const char *path)
{
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "Could not %s %s: %s.", verb, path,
               g_strerror (code));
  return FALSE;
}

/* The kernel reports a failed write-back once; a second fsync would say all is well. So it ends the
 * process. */
static gboolean
sync_failed (GError **error, int code, const char *path)
{
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "The disk could not keep %s (%s); check the disk, then start again.", path,
               g_strerror (code));
  return FALSE;
}

static gboolean
sync_path (const char *path, int flags, GError **error)
{
  int file = open (path, O_RDONLY | O_CLOEXEC | flags);
  int code;

  if (file < 0)
    return pt_block_store_fail (error, errno, "open", path);
  code = fsync (file) == 0 ? 0 : errno;
  close (file);
  return code == 0 ? TRUE : sync_failed (error, code, path);
}

gboolean
pt_block_store_sync_directory (const char *path, GError **error)
{
  return sync_path (path, O_DIRECTORY, error);
}

static gboolean
sync_bytes (GPtrArray *blocks, GError **error)
{
  for (guint i = 0; i < blocks->len; i++)
    {
      PtPendingBlock *block = g_ptr_array_index (blocks, i);

      if (!block->synced && !sync_path (block->temporary, 0, error))
        return FALSE;
      block->synced = TRUE;
    }
  return TRUE;
}

/* *@new_directory: one was made, so its parent must be synced. */
static gboolean
rename_block (PtBlockStore *store, PtPendingBlock *block, GHashTable *directories,
              gboolean *new_directory, GError **error)
{
  g_autofree char *path = pt_block_store_path (store, &block->cid);
  g_autofree char *directory = g_path_get_dirname (path);

  if (g_mkdir (directory, 0755) == 0)
    *new_directory = TRUE;
  else if (errno != EEXIST)
    return pt_block_store_fail (error, errno, "make the directory", directory);
  if (rename (block->temporary, path) != 0)
    return pt_block_store_fail (error, errno, "rename a block to", path);
  g_clear_pointer (&block->temporary, g_free);
  g_hash_table_add (directories, g_steal_pointer (&directory));
  return TRUE;
}

static gboolean
sync_directories (PtBlockStore *store, GHashTable *directories, gboolean new_directory,
                  GError **error)
{
  GHashTableIter iter;
  gpointer directory;

  g_hash_table_iter_init (&iter, directories);
  while (g_hash_table_iter_next (&iter, &directory, NULL))
    if (!pt_block_store_sync_directory (directory, error))
      return FALSE;
  return !new_directory || pt_block_store_sync_directory (store->blocks, error);
}

/* Children come before parents in @blocks and get their names in that order. */
gboolean
pt_block_store_place (PtBlockStore *store, GPtrArray *blocks, GError **error)
{
  g_autoptr (GHashTable) directories
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean new_directory = FALSE;
  guint done;
  g_autoptr (GError) sync_error = NULL;

  g_return_val_if_fail (store != NULL, FALSE);

  if (!sync_bytes (blocks, error))
    return FALSE;
  done = 0;
  while (
      done < blocks->len
      && rename_block (store, g_ptr_array_index (blocks, done), directories, &new_directory, error))
    done++;
  if (done > 0)
    g_ptr_array_remove_range (blocks, 0, done);
  if (!sync_directories (store, directories, new_directory, &sync_error))
    {
      /* Graver than a rename that failed before it. */
      g_clear_error (error);
      g_propagate_error (error, g_steal_pointer (&sync_error));
      return FALSE;
    }
  return blocks->len == 0;
}

gboolean
pt_block_store_sync_locked (PtBlockStore *store, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);

  return store->pending->len == 0 || pt_block_store_place (store, store->pending, error);
}

gboolean
pt_block_store_sync (PtBlockStore *store, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (store != NULL, FALSE);
  locker = g_mutex_locker_new (&store->lock);
  return pt_block_store_sync_locked (store, error);
}
