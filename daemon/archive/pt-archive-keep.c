/* SPDX-License-Identifier: Apache-2.0 */
/* Batch files looked at from the first byte to the last, and made again from what the store has. */
#include <string.h>

#include "pt-archive-private.h"

/* What a file has that is in no row of the log. */
typedef struct
{
  PtFrontier previous; /* the tree before it */
  GBytes *roster;
} Rest;

static void
rest_clear (Rest *rest)
{
  g_clear_pointer (&rest->roster, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rest, rest_clear)

/* The tree before it */

typedef struct
{
  PtHashTiles *tiles;
  PtFrontier *out;
  size_t count;
} FrontierWalk;

static PtResult
note_node (void *context, unsigned height, uint64_t index, PtHash *out)
{
  FrontierWalk *walk = context;
  PtResult result = pt_hash_tiles_node (walk->tiles, height, index, out);

  if (result == PT_OK)
    walk->out->nodes[walk->count++] = *out;
  return result;
}

/* Out of the tiles, if they give the root that is known. */
static gboolean
frontier_by_tiles (const PtArchive *archive, const PtBatchRow *row, PtFrontier *out)
{
  g_autoptr (PtHashTiles) tiles = pt_hash_tiles_open (archive->tiles, row->area, FALSE, NULL);
  PtTreeRange range = { 0, row->prev_size };
  FrontierWalk walk = { tiles, out, 0 };
  PtHash root;

  pt_frontier_init (out);
  if (row->prev_size == 0)
    return TRUE;
  if (tiles == NULL || pt_tree_range_root (&range, note_node, &walk, &root) != PT_OK)
    return FALSE;
  out->size = row->prev_size;
  return memcmp (&root, &row->prev_root, sizeof root) == 0;
}

/* The file's last two lines as they are, which may be good when others are not: the tree, and the
 * roster of a batch that was sealed before rosters were kept. */
static void
rest_by_file (const PtArchive *archive, const PtBatchRow *row, gboolean *has_tree, Rest *rest)
{
  g_autoptr (PtBlockFile) file = pt_block_store_open_peek (archive->blocks, &row->cid, NULL);
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  gsize size = MIN (row->bytes, PT_BATCH_LAST_LINE_MAX + PT_ENTRY_MAX);
  PtBatchHeader header;
  const char *begin;
  PtSpan line;

  if (file == NULL || !pt_archive_read_range (file, row->bytes - size, size, TRUE, tail, NULL)
      || !pt_batch_last_line (pt_span (tail->data, tail->len), &line))
    return;
  if (!*has_tree && pt_batch_parse_last_line (line, &header) == PT_OK
      && header.previous.size == row->prev_size
      && memcmp (&header.previous_root, &row->prev_root, PT_HASH_SIZE) == 0)
    {
      rest->previous = header.previous;
      *has_tree = TRUE;
    }
  size = (gsize) (line.data - (const char *) tail->data);
  if (rest->roster != NULL || size < 2)
    return;
  begin = g_strrstr_len ((const char *) tail->data, (gssize) size - 1, "\n");
  if (begin != NULL)
    rest->roster
        = g_bytes_new (begin + 1, (gsize) (line.data - 1 - (begin + 1))); /* without its newline */
}

static gboolean
find_rest (const PtArchive *archive, const PtBatchRow *row, Rest *rest, GError **error)
{
  gboolean has_tree = frontier_by_tiles (archive, row, &rest->previous);

  if (!pt_store_roster (archive->store, row->area, row->batch, &rest->roster, error))
    return FALSE;
  if (!has_tree || rest->roster == NULL)
    rest_by_file (archive, row, &has_tree, rest);
  if (has_tree && rest->roster != NULL)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
               "The roster of batch %" G_GUINT64_FORMAT " of %s or the tree before it is not kept.",
               row->batch, row->area_id);
  return FALSE;
}

/* Making it again */

typedef struct
{
  const PtBatchRow *row;
  PtBatchWriter writer;
  PtBlockWriter *file;
  guint64 last;  /* entry */
  GError *error; /* of the sink, which can only say no */
} Rewriting;

static void
rewriting_free (Rewriting *work)
{
  g_clear_pointer (&work->file, pt_block_store_writer_free);
  g_clear_error (&work->error);
  g_free (work);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rewriting, rewriting_free)

static bool
write_bytes (void *context, const void *data, size_t size)
{
  Rewriting *work = context;

  return pt_block_store_writer_write (work->file, data, size, &work->error);
}

static gboolean
rewriting_fails (Rewriting *work, GError **error)
{
  if (work->error != NULL)
    g_propagate_error (error, g_steal_pointer (&work->error));
  else
    g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                 "The store has not all of batch %" G_GUINT64_FORMAT " of %s any more.",
                 work->row->batch, work->row->area_id);
  return FALSE;
}

static gboolean
rewrite_entry (const PtEntryRow *entry, gpointer user_data, GError **error)
{
  Rewriting *work = user_data;

  if (work->last == work->row->last_entry)
    return FALSE;
  if (entry->number != work->last + 1
      || pt_batch_writer_append (&work->writer, pt_span (entry->body, entry->size), NULL) != PT_OK)
    return rewriting_fails (work, error);
  work->last = entry->number;
  return TRUE;
}

static gboolean
rewrite_entries (const PtArchive *archive, Rewriting *work, const Rest *rest, GError **error)
{
  const PtBatchRow *row = work->row;
  PtBatchHeader header
      = { .batch = row->batch, .from = row->from, .to = row->to, .previous = rest->previous };
  PtSpan roster;

  roster.data = g_bytes_get_data (rest->roster, &roster.size);
  g_strlcpy (header.area, row->area_id, sizeof header.area);
  if (pt_batch_writer_open (&work->writer, &header, write_bytes, work) != PT_OK)
    return rewriting_fails (work, error);
  if (!pt_store_scan_entries (archive->store, row->area, work->last, 0, rewrite_entry, work, error))
    return FALSE;
  if (work->last != row->last_entry || pt_batch_writer_append (&work->writer, roster, NULL) != PT_OK
      || pt_batch_writer_close (&work->writer, &header) != PT_OK
      || memcmp (&header.root, &row->root, PT_HASH_SIZE) != 0)
    return rewriting_fails (work, error);
  return TRUE;
}

/* Names are given to blocks only when the root is the batch's: then so are they. */
static gboolean
rewrite_batch (PtArchive *archive, const PtBatchRow *row, GError **error)
{
  g_autoptr (Rewriting) work = g_new0 (Rewriting, 1);
  g_auto (Rest) rest = { .roster = NULL };
  PtCid cid;

  work->row = row;
  work->last = row->first_entry - 1;
  work->file = pt_block_store_writer_new (archive->blocks, error);
  return work->file != NULL && find_rest (archive, row, &rest, error)
         && rewrite_entries (archive, work, &rest, error)
         && pt_block_store_writer_finish (work->file, PT_BLOCKS_DURABLE, &cid, NULL, error);
}

/* Looking at it */

gboolean
pt_archive_is_damage (const GError *error)
{
  return g_error_matches (error, PT_ERROR, PT_ERROR_OPERATOR)
         || g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND);
}

PtKeep
pt_archive_keep (PtArchive *archive, const PtBatchRow *row, PtBatchVisitor visitor,
                 gpointer context, GError **error)
{
  g_autoptr (GError) found = NULL;
  g_autoptr (GError) local = NULL;
  PtBatchHeader header;

  g_return_val_if_fail (archive != NULL && row != NULL, PT_KEEP_UNKNOWN);

  if (pt_archive_read_batch (archive, row, visitor, context, &header, &found))
    {
      pt_damage_set (archive->damage, row, FALSE);
      return PT_KEEP_HOLDS;
    }
  if (!pt_archive_is_damage (found))
    {
      g_propagate_error (error, g_steal_pointer (&found));
      return PT_KEEP_UNKNOWN;
    }
  if (rewrite_batch (archive, row, &local)
      && pt_archive_read_batch (archive, row, NULL, NULL, &header, &local))
    {
      g_message ("Batch %" G_GUINT64_FORMAT " of %s was damaged in the block store (%s) and is "
                 "written again from what is stored.",
                 row->batch, row->area_id, found->message);
      pt_damage_set (archive->damage, row, FALSE);
      return PT_KEEP_MENDED;
    }
  g_message ("Batch %" G_GUINT64_FORMAT " of %s is damaged: %s It can't be made again: %s",
             row->batch, row->area_id, found->message, local->message);
  pt_damage_set (archive->damage, row, TRUE);
  return PT_KEEP_DAMAGED;
}

guint
pt_archive_damaged (const PtArchive *archive)
{
  g_return_val_if_fail (archive != NULL, 0);

  return pt_damage_count (archive->damage);
}

GArray *
pt_archive_damaged_rows (const PtArchive *archive)
{
  g_return_val_if_fail (archive != NULL, NULL);

  return pt_damage_rows (archive->damage);
}

gboolean
pt_archive_batch_of_entry (const PtArchive *archive, guint32 area, guint64 entry, PtBatchRow *row,
                           GError **error)
{
  PtBatchQuery newest = { .area = (gint32) area, .state = -1, .limit = 1 };
  g_autoptr (GArray) rows = NULL;
  guint64 low = 1, high;

  g_return_val_if_fail (archive != NULL && row != NULL, FALSE);

  rows = pt_store_batches (archive->store, &newest, error);
  if (rows == NULL)
    return FALSE;
  if (rows->len == 0 || g_array_index (rows, PtBatchRow, 0).last_entry < entry)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                   "Entry %" G_GUINT64_FORMAT " is in no batch yet.", entry);
      return FALSE;
    }
  high = g_array_index (rows, PtBatchRow, 0).batch;
  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (!pt_archive_batch (archive, area, middle, row, error))
        return FALSE;
      if (entry <= row->last_entry)
        high = middle;
      else
        low = middle + 1;
    }
  return pt_archive_batch (archive, area, low, row, error);
}
