/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-archive.h"

#include <string.h>

#include "pt-archive-private.h"

#define PIECE (1024 * 1024)

PtArchive *
pt_archive_new (PtStore *store, PtBlockStore *blocks, PtHealth *health, const char *folder,
                GError **error)
{
  g_autoptr (PtArchive) archive = NULL;
  g_autofree char *index = NULL;

  g_return_val_if_fail (store != NULL && blocks != NULL && health != NULL, NULL);
  g_return_val_if_fail (folder != NULL, NULL);

  archive = g_new0 (PtArchive, 1);
  index = g_build_filename (folder, "index", NULL);
  g_mutex_init (&archive->tiling);
  archive->store = store;
  archive->damage = pt_damage_new (health);
  archive->blocks = blocks;
  archive->tiles = g_build_filename (folder, "tiles", NULL);
  archive->index = pt_entry_index_new (index, error);
  return archive->index != NULL ? g_steal_pointer (&archive) : NULL;
}

void
pt_archive_free (PtArchive *archive)
{
  if (archive == NULL)
    return;
  g_clear_pointer (&archive->index, pt_entry_index_free);
  g_clear_pointer (&archive->damage, pt_damage_free);
  g_mutex_clear (&archive->tiling);
  g_free (archive->tiles);
  g_free (archive);
}

PtEntryIndex *
pt_archive_index (const PtArchive *archive)
{
  g_return_val_if_fail (archive != NULL, NULL);
  return archive->index;
}

gboolean
pt_archive_batch (const PtArchive *archive, guint32 area, guint64 batch, PtBatchRow *row,
                  GError **error)
{
  PtBatchQuery query = { .area = (gint32) area, .state = -1, .batch = batch, .limit = 1 };
  g_autoptr (GArray) rows = NULL;

  g_return_val_if_fail (archive != NULL && row != NULL, FALSE);

  rows = pt_store_batches (archive->store, &query, error);
  if (rows == NULL)
    return FALSE;
  if (rows->len == 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                   "There is no batch %" G_GUINT64_FORMAT " of this area.", batch);
      return FALSE;
    }
  *row = g_array_index (rows, PtBatchRow, 0);
  return TRUE;
}

gboolean
pt_archive_find (const PtArchive *archive, guint32 area, PtSubject subject, gint64 seq,
                 PtEntryPlace *place)
{
  g_return_val_if_fail (archive != NULL && place != NULL, FALSE);
  return pt_entry_index_find (archive->index, area, subject, seq, place);
}

/* Single entries */

gboolean
pt_archive_read_range (PtBlockFile *file, guint64 offset, gsize size, gboolean peeking,
                       GByteArray *out, GError **error)
{
  g_return_val_if_fail (file != NULL && out != NULL, FALSE);

  while (size > 0)
    {
      g_autoptr (GBytes) piece = peeking ? pt_block_file_peek (file, offset, size, error)
                                         : pt_block_file_read (file, offset, size, error);
      gsize length;

      if (piece == NULL)
        return FALSE;
      length = g_bytes_get_size (piece);
      if (length == 0)
        break;
      g_byte_array_append (out, g_bytes_get_data (piece, NULL), (guint) length);
      offset += length;
      size -= length;
    }
  return TRUE;
}

GBytes *
pt_archive_line (PtBlockFile *file, guint64 offset, gboolean peeking, GError **error)
{
  static const gsize wants[] = { 1024, 8192, PT_ENTRY_MAX + 2 }; /* with ",\n" */
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const guint8 *newline = NULL;
  gsize length;

  g_return_val_if_fail (file != NULL, NULL);

  for (guint i = 0; newline == NULL && i < G_N_ELEMENTS (wants); i++)
    {
      g_byte_array_set_size (bytes, 0);
      if (!pt_archive_read_range (file, offset, wants[i], peeking, bytes, error))
        return NULL;
      newline = memchr (bytes->data, '\n', bytes->len);
    }
  if (newline == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                           "A batch file has no line where the index says one is. Remove the "
                           "index directory; it is made again.");
      return NULL;
    }
  length = (gsize) (newline - bytes->data);
  if (length > 0 && bytes->data[length - 1] == ',')
    length--;
  return g_bytes_new (bytes->data, length);
}

/* The few bytes of it, if they are those of the leaf that the tiles have. NULL: who knows. */
static GBytes *
peek_entry (const PtArchive *archive, const PtBatchRow *row, const PtEntryPlace *place)
{
  g_autoptr (PtHashTiles) tiles = pt_hash_tiles_open (archive->tiles, row->area, FALSE, NULL);
  g_autoptr (PtBlockFile) file = pt_block_store_open_peek (archive->blocks, &row->cid, NULL);
  g_autoptr (GBytes) line = file != NULL ? pt_archive_line (file, place->offset, TRUE, NULL) : NULL;
  PtHash leaf, wanted;
  const char *data;
  gsize size;

  if (line == NULL || tiles == NULL
      || pt_hash_tiles_node (tiles, 0, row->prev_size + place->leaf, &wanted) != PT_OK)
    return NULL;
  data = g_bytes_get_data (line, &size);
  pt_tree_leaf_hash (pt_span (data, size), &leaf);
  return memcmp (&leaf, &wanted, sizeof leaf) == 0 ? g_steal_pointer (&line) : NULL;
}

gboolean
pt_archive_entry (const PtArchive *archive, guint32 area, PtSubject subject, gint64 seq,
                  GBytes **entry, GError **error)
{
  g_autoptr (PtBlockFile) file = NULL;
  PtEntryPlace place;
  PtBatchRow row;

  g_return_val_if_fail (entry != NULL, FALSE);

  *entry = NULL;
  if (!pt_archive_find (archive, area, subject, seq, &place))
    return TRUE;
  if (!pt_archive_batch (archive, area, place.batch, &row, error))
    return FALSE;
  *entry = peek_entry (archive, &row, &place);
  if (*entry != NULL)
    return TRUE;
  file = pt_block_store_open_file (archive->blocks, &row.cid, error);
  if (file == NULL)
    return FALSE;
  *entry = pt_archive_line (file, place.offset, FALSE, error);
  return *entry != NULL;
}

/* Whole batches */

/* The tree before a batch stands in the file's last line. */
static gboolean
read_header (PtBlockFile *file, PtBatchHeader *header, GError **error)
{
  guint64 size = pt_block_file_size (file);
  gsize tail_size = (gsize) MIN (size, PT_BATCH_LAST_LINE_MAX + 2);
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  PtSpan line;

  if (!pt_archive_read_range (file, size - tail_size, tail_size, FALSE, tail, error))
    return FALSE;
  if (!pt_batch_last_line (pt_span (tail->data, tail->len), &line)
      || pt_batch_parse_last_line (line, header) != PT_OK)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                           "A batch file in the block store is damaged. Restore its blocks.");
      return FALSE;
    }
  return TRUE;
}

static PtResult
feed_file (PtBlockFile *file, PtBatchReader *reader, GError **error)
{
  PtResult result = PT_OK;
  guint64 offset = 0;

  while (result == PT_OK && offset < pt_block_file_size (file))
    {
      g_autoptr (GBytes) piece = pt_block_file_read (file, offset, PIECE, error);
      gsize size;
      const void *data;

      if (piece == NULL)
        return PT_STOPPED;
      data = g_bytes_get_data (piece, &size);
      result = pt_batch_reader_feed (reader, data, size);
      offset += size;
    }
  return result;
}

static gboolean
header_is_of (const PtBatchHeader *header, const PtBatchRow *row, guint64 bytes, GError **error)
{
  if (memcmp (&header->root, &row->root, PT_HASH_SIZE) == 0 && header->size == row->size
      && memcmp (&header->previous_root, &row->prev_root, PT_HASH_SIZE) == 0
      && header->previous.size == row->prev_size && header->batch == row->batch
      && strcmp (header->area, row->area_id) == 0 && bytes == row->bytes)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "Batch %" G_GUINT64_FORMAT " of %s: a stored root is not the recomputed one. Stop "
               "and keep all files.",
               row->batch, row->area_id);
  return FALSE;
}

gboolean
pt_archive_read_batch (const PtArchive *archive, const PtBatchRow *row, PtBatchVisitor visitor,
                       gpointer context, PtBatchHeader *header, GError **error)
{
  g_autofree PtBatchReader *reader = g_new (PtBatchReader, 1);
  g_autofree char *buffer = g_malloc (PT_ENTRY_MAX + 2);
  g_autoptr (PtBlockFile) file = NULL;
  g_autoptr (GError) local = NULL;
  PtResult result;

  g_return_val_if_fail (archive != NULL && row != NULL && header != NULL, FALSE);

  file = pt_block_store_open_file (archive->blocks, &row->cid, error);
  if (file == NULL || !read_header (file, header, error))
    return FALSE;
  result = pt_batch_reader_init (reader, &header->previous, buffer, PT_ENTRY_MAX + 2, visitor,
                                 context);
  if (result == PT_OK)
    result = feed_file (file, reader, &local);
  if (result == PT_OK)
    result = pt_batch_reader_finish (reader, header);
  if (result == PT_OK)
    return header_is_of (header, row, pt_block_file_size (file), error);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (result == PT_STOPPED)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "The batch was not read to its end.");
  else
    g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
                 "A batch file in the block store is damaged (%s). Restore its blocks.",
                 pt_result_slug (result));
  return FALSE;
}
