/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-block-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_MAX MAX (PT_UNIXFS_CHUNK_SIZE, PT_UNIXFS_NODE_MAX)

/* Directories */

/* Removes what a run that was killed left in new/: no name there was ever promised to anyone. */
static gboolean
clean_new (PtBlockStore *store, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (store->unfinished, 0, error);

  if (directory == NULL)
    return FALSE;
  for (const char *name; (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *path = g_build_filename (store->unfinished, name, NULL);

      if (unlink (path) != 0 && errno != ENOENT)
        return pt_block_store_fail (error, errno, "delete", path);
    }
  return TRUE;
}

static gboolean
make_directories (PtBlockStore *store, GError **error)
{
  if (g_mkdir_with_parents (store->blocks, 0755) != 0)
    return pt_block_store_fail (error, errno, "make the directory", store->blocks);
  if (g_mkdir_with_parents (store->unfinished, 0755) != 0)
    return pt_block_store_fail (error, errno, "make the directory", store->unfinished);
  return pt_block_store_sync_directory (store->directory, error) && clean_new (store, error);
}

PtBlockStore *
pt_block_store_open (const char *directory)
{
  PtBlockStore *store;

  g_return_val_if_fail (directory != NULL, NULL);
  store = g_new0 (PtBlockStore, 1);
  g_atomic_ref_count_init (&store->references);
  g_mutex_init (&store->lock);
  store->directory = g_strdup (directory);
  store->blocks = g_build_filename (directory, "blocks", NULL);
  store->unfinished = g_build_filename (directory, "new", NULL);
  store->pending = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_pending_block_free);
  return store;
}

PtBlockStore *
pt_block_store_new (const char *directory, GError **error)
{
  g_autoptr (PtBlockStore) store = NULL;

  g_return_val_if_fail (directory != NULL, NULL);
  store = pt_block_store_open (directory);
  return make_directories (store, error) ? g_steal_pointer (&store) : NULL;
}

PtBlockStore *
pt_block_store_ref (PtBlockStore *store)
{
  g_return_val_if_fail (store != NULL, NULL);
  g_atomic_ref_count_inc (&store->references);
  return store;
}

void
pt_block_store_unref (PtBlockStore *store)
{
  if (store == NULL || !g_atomic_ref_count_dec (&store->references))
    return;
  g_ptr_array_unref (store->pending);
  g_mutex_clear (&store->lock);
  g_free (store->directory);
  g_free (store->blocks);
  g_free (store->unfinished);
  g_free (store);
}

/* Reading. What is said of it may reach everybody: by its name, without a path. */

static gboolean
read_failed (GError **error, int code, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  if (code == ENOENT || code == ENOTDIR)
    g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no block %s here.", name);
  else
    g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "Could not read the block %s: %s.", name,
                 g_strerror (code));
  return FALSE;
}

static gboolean
damaged (GError **error, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
               "The block %s is damaged; put back a good copy of it.", name);
  return FALSE;
}

GBytes *
pt_block_store_read (PtBlockStore *store, const PtCid *cid, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *data = NULL;
  g_autoptr (GError) local = NULL;
  struct stat status;
  gsize size;

  g_return_val_if_fail (store != NULL && cid != NULL, NULL);
  path = pt_block_store_path (store, cid);
  if (stat (path, &status) != 0)
    {
      read_failed (error, errno, path);
      return NULL;
    }
  if (!S_ISREG (status.st_mode) || status.st_size > BLOCK_MAX)
    {
      damaged (error, path);
      return NULL;
    }
  if (!g_file_get_contents (path, &data, &size, &local))
    {
      /* It was there just now: errno may be of what came after. */
      read_failed (
          error, g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_MFILE) ? EMFILE : errno, path);
      return NULL;
    }
  if (!pt_cid_names (cid, data, size))
    {
      damaged (error, path);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

GBytes *
pt_block_store_read_part (PtBlockStore *store, const PtCid *cid, guint64 offset, gsize size,
                          GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *data = g_malloc (size);
  gssize got = -1;
  int file, code;

  g_return_val_if_fail (store != NULL && cid != NULL, NULL);

  path = pt_block_store_path (store, cid);
  file = open (path, O_RDONLY | O_CLOEXEC);
  if (file >= 0)
    got = pread (file, data, size, (off_t) offset);
  code = errno;
  if (file >= 0)
    close (file);
  if (got >= 0)
    return g_bytes_new_take (g_steal_pointer (&data), (gsize) got);
  read_failed (error, code, path);
  return NULL;
}

gboolean
pt_block_store_size (PtBlockStore *store, const PtCid *cid, guint64 *size, GError **error)
{
  g_autofree char *path = NULL;
  struct stat status;

  g_return_val_if_fail (store != NULL, FALSE);

  path = pt_block_store_path (store, cid);
  if (stat (path, &status) != 0)
    return read_failed (error, errno, path);
  *size = (guint64) status.st_size;
  return TRUE;
}

gboolean
pt_block_store_has (PtBlockStore *store, const PtCid *cid)
{
  guint64 size;

  g_return_val_if_fail (store != NULL && cid != NULL, FALSE);
  return pt_block_store_size (store, cid, &size, NULL);
}
