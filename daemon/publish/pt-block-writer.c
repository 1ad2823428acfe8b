/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-block-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DEFERRED_MAX 1024 /* blocks; a writer that finds more of them syncs by itself */
#define QUEUED_MAX 4      /* chunks between the caller and the thread that hashes and writes */

struct _PtBlockWriter
{
  PtBlockStore *store;
  PtUnixfsBuilder *builder;
  gsize chunk_size;
  GByteArray *chunk; /* fed to the builder and written once it is full */
  GThread *thread;   /* of a file of several chunks: does both while the caller goes on */
  GMutex lock;
  GCond changed;
  GQueue queued;     /* GByteArray; an empty one is the end */
  gboolean failed;   /* by lock: the thread met an error and drops what comes */
  GQueue leaves;     /* char *: temporary files of leaves that have no CID yet, oldest first */
  GPtrArray *blocks; /* PtPendingBlock */
  guint64 bytes;
  gboolean finished;
  GError *error; /* what went wrong inside the builder's callback */
};

/* Placing: bytes, then names, then directories. */

/* Writing */

static gboolean
write_all (int file, const guint8 *data, gsize size)
{
  for (gsize done = 0; done < size;)
    {
      gssize count = write (file, data + done, size - done);

      if (count < 0 && errno != EINTR)
        return FALSE;
      if (count > 0)
        done += (gsize) count;
    }
  return TRUE;
}

/* The path of a new file that holds @data; not synced. */
static char *
write_temporary (PtBlockStore *store, const void *data, gsize size, GError **error)
{
  guint64 name;
  g_autofree char *path = NULL;
  int file, code;

  g_mutex_lock (&store->lock);
  name = store->next_name++;
  g_mutex_unlock (&store->lock);
  path = g_strdup_printf ("%s/%" G_GUINT64_FORMAT, store->unfinished, name);
  file = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0)
    {
      pt_block_store_fail (error, errno, "make", path);
      return NULL;
    }
  code = write_all (file, data, size) ? 0 : errno;
  /* Lets the disk begin now, so that the fsync of a large file finds little left to do. */
  if (code == 0 && size == PT_UNIXFS_CHUNK_SIZE)
    sync_file_range (file, 0, 0, SYNC_FILE_RANGE_WRITE);
  if (close (file) != 0 && code == 0)
    code = errno;
  if (code == 0)
    return g_steal_pointer (&path);
  unlink (path);
  pt_block_store_fail (error, code, "write", path);
  return NULL;
}

static void
add_block (PtBlockWriter *writer, const PtCid *cid, char *temporary)
{
  PtPendingBlock *block = g_new0 (PtPendingBlock, 1);

  block->cid = *cid;
  block->temporary = temporary;
  g_ptr_array_add (writer->blocks, block);
}

/* The builder's sink. Leaves were written before they were fed, so only their names are missing. */
static bool
take_block (void *context, const PtCid *cid, const void *data, size_t size)
{
  PtBlockWriter *writer = context;
  char *temporary = data == NULL ? g_queue_pop_head (&writer->leaves) : NULL;

  if (temporary == NULL)
    temporary = write_temporary (writer->store, data != NULL ? data : "", data != NULL ? size : 0,
                                 &writer->error);
  if (temporary == NULL)
    return false;
  add_block (writer, cid, temporary);
  return true;
}

PtBlockWriter *
pt_block_store_writer_new_sized (PtBlockStore *store, gsize chunk_size, gsize max_links,
                                 GError **error)
{
  g_autoptr (PtBlockWriter) writer = NULL;

  g_return_val_if_fail (store != NULL, NULL);
  writer = g_new0 (PtBlockWriter, 1);
  writer->store = pt_block_store_ref (store);
  writer->builder = g_new (PtUnixfsBuilder, 1);
  writer->chunk_size = chunk_size > 0 ? chunk_size : PT_UNIXFS_CHUNK_SIZE;
  writer->chunk = g_byte_array_new ();
  writer->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_pending_block_free);
  g_queue_init (&writer->leaves);
  g_queue_init (&writer->queued);
  g_mutex_init (&writer->lock);
  g_cond_init (&writer->changed);
  if (pt_unixfs_init (writer->builder, chunk_size, max_links, take_block, writer) == PT_OK)
    return g_steal_pointer (&writer);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED, "No UnixFS tree has these limits.");
  return NULL;
}

PtBlockWriter *
pt_block_store_writer_new (PtBlockStore *store, GError **error)
{
  g_return_val_if_fail (store != NULL, NULL);

  return pt_block_store_writer_new_sized (store, 0, 0, error);
}

static gboolean
builder_failed (PtBlockWriter *writer, PtResult result, GError **error)
{
  if (writer->error != NULL)
    g_propagate_error (error, g_steal_pointer (&writer->error));
  else
    g_set_error (error, PT_ERROR, pt_error_from_result (result),
                 "The file can't be laid out as UnixFS: %s.", pt_result_slug (result));
  return FALSE;
}

static gboolean
flush_chunk (PtBlockWriter *writer, GByteArray *chunk, GError **error)
{
  char *leaf;
  PtResult result;

  if (chunk->len == 0)
    return TRUE;
  leaf = write_temporary (writer->store, chunk->data, chunk->len, error);
  if (leaf == NULL)
    return FALSE;
  g_queue_push_tail (&writer->leaves, leaf);
  result = pt_unixfs_feed (writer->builder, chunk->data, chunk->len);
  writer->bytes += chunk->len;
  g_byte_array_set_size (chunk, 0);
  return result == PT_OK || builder_failed (writer, result, error);
}

/* The next chunk, waiting for it. */
static GByteArray *
take_chunk (PtBlockWriter *writer)
{
  GByteArray *chunk;

  g_mutex_lock (&writer->lock);
  while (g_queue_is_empty (&writer->queued))
    g_cond_wait (&writer->changed, &writer->lock);
  chunk = g_queue_pop_head (&writer->queued);
  g_cond_signal (&writer->changed);
  g_mutex_unlock (&writer->lock);
  return chunk;
}

static gpointer
flush_main (gpointer data)
{
  PtBlockWriter *writer = data;
  GError *error = NULL;

  for (;;)
    {
      g_autoptr (GByteArray) chunk = take_chunk (writer);

      if (chunk->len == 0)
        return error;
      if (error != NULL || flush_chunk (writer, chunk, &error))
        continue;
      g_mutex_lock (&writer->lock);
      writer->failed = TRUE;
      g_mutex_unlock (&writer->lock);
    }
}

/* Hands the chunk to the thread; FALSE when that has failed, as end_thread () will say. */
static gboolean
queue_chunk (PtBlockWriter *writer)
{
  gboolean failed;

  if (writer->thread == NULL)
    writer->thread = g_thread_new ("block-writer", flush_main, writer);
  g_mutex_lock (&writer->lock);
  while (g_queue_get_length (&writer->queued) >= QUEUED_MAX)
    g_cond_wait (&writer->changed, &writer->lock);
  g_queue_push_tail (&writer->queued, writer->chunk);
  g_cond_signal (&writer->changed);
  failed = writer->failed;
  g_mutex_unlock (&writer->lock);
  writer->chunk = g_byte_array_sized_new ((guint) writer->chunk_size);
  return !failed;
}

static gboolean
end_thread (PtBlockWriter *writer, GError **error)
{
  GError *failure;

  if (writer->thread == NULL)
    return TRUE;
  g_mutex_lock (&writer->lock);
  g_queue_push_tail (&writer->queued, g_byte_array_new ());
  g_cond_signal (&writer->changed);
  g_mutex_unlock (&writer->lock);
  failure = g_thread_join (g_steal_pointer (&writer->thread));
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

gboolean
pt_block_store_writer_write (PtBlockWriter *writer, const void *data, gsize size, GError **error)
{
  const guint8 *bytes;

  g_return_val_if_fail (writer != NULL && !writer->finished, FALSE);
  g_return_val_if_fail (data != NULL || size == 0, FALSE);
  bytes = data;
  while (size > 0)
    {
      gsize part = MIN (size, writer->chunk_size - writer->chunk->len);

      g_byte_array_append (writer->chunk, bytes, (guint) part);
      bytes += part;
      size -= part;
      if (writer->chunk->len < writer->chunk_size || queue_chunk (writer))
        continue;
      end_thread (writer, error);
      return FALSE;
    }
  return TRUE;
}

static gboolean
defer_blocks (PtBlockWriter *writer, GError **error)
{
  PtBlockStore *store = writer->store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  if (store->pending->len >= DEFERRED_MAX && !pt_block_store_sync_locked (store, error))
    return FALSE;
  g_ptr_array_extend_and_steal (store->pending, g_steal_pointer (&writer->blocks));
  return TRUE;
}

gboolean
pt_block_store_writer_finish (PtBlockWriter *writer, PtBlockDurability durability, PtCid *cid,
                              guint64 *bytes, GError **error)
{
  PtResult result;

  g_return_val_if_fail (writer != NULL && !writer->finished && cid != NULL, FALSE);
  writer->finished = TRUE;
  memset (cid, 0, sizeof *cid);
  if (!end_thread (writer, error) || !flush_chunk (writer, writer->chunk, error))
    return FALSE;
  result = pt_unixfs_finish (writer->builder, cid);
  if (result != PT_OK)
    return builder_failed (writer, result, error);
  if (bytes != NULL)
    *bytes = writer->bytes;
  return durability == PT_BLOCKS_DEFERRED
             ? defer_blocks (writer, error)
             : pt_block_store_place (writer->store, writer->blocks, error);
}

void
pt_block_store_writer_free (PtBlockWriter *writer)
{
  if (writer == NULL)
    return;
  end_thread (writer, NULL);
  g_mutex_clear (&writer->lock);
  g_cond_clear (&writer->changed);
  for (char *leaf; (leaf = g_queue_pop_head (&writer->leaves)) != NULL; g_free (leaf))
    unlink (leaf);
  g_clear_pointer (&writer->blocks, g_ptr_array_unref);
  g_clear_error (&writer->error);
  g_byte_array_unref (writer->chunk);
  pt_block_store_unref (writer->store);
  g_free (writer->builder);
  g_free (writer);
}
