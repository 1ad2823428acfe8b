/* SPDX-License-Identifier: Apache-2.0 */
/* What is derived from the batch files: the index and the tiles, made again where they lack
 * something or are wrong. */
#include <string.h>

#include "pt-archive-private.h"

#define LEAVES 1024 /* in memory at once */

/* Leaves on their way into the tiles. */
typedef struct
{
  PtHashTiles *tiles;
  PtTreeRange wanted;
  gboolean appending; /* else they are written once more */
  PtHash leaves[LEAVES];
  guint64 first; /* of those in memory */
  gsize count;
  GError *error; /* then no more are written */
} LeafSink;

static void
sink_flush (LeafSink *sink)
{
  if (sink->count > 0 && sink->error == NULL)
    {
      if (sink->appending)
        pt_hash_tiles_append (sink->tiles, sink->first, sink->leaves, sink->count, &sink->error);
      else
        pt_hash_tiles_put (sink->tiles, sink->first, sink->leaves, sink->count, &sink->error);
    }
  sink->first += sink->count;
  sink->count = 0;
}

static void
sink_add (LeafSink *sink, guint64 index, const PtHash *leaf)
{
  if (index < sink->wanted.first || index - sink->wanted.first >= sink->wanted.count)
    return;
  if (sink->count == 0)
    sink->first = index;
  sink->leaves[sink->count++] = *leaf;
  if (sink->count == LEAVES)
    sink_flush (sink);
}

/* Says what went wrong; the tiles catch up later, and proofs are made from the files meanwhile. */
static void
sink_free (LeafSink *sink)
{
  if (sink->error != NULL)
    g_message ("The hashes of an area's tree are behind: %s", sink->error->message);
  g_clear_error (&sink->error);
  g_clear_pointer (&sink->tiles, pt_hash_tiles_free);
  g_free (sink);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LeafSink, sink_free)

static LeafSink *
sink_new (const PtArchive *archive, guint32 area, gboolean appending)
{
  LeafSink *sink = g_new0 (LeafSink, 1);

  sink->appending = appending;
  sink->tiles = pt_hash_tiles_open (archive->tiles, area, TRUE, &sink->error);
  return sink;
}

static guint64
tiled_leaves (const PtArchive *archive, guint32 area)
{
  g_autoptr (PtHashTiles) tiles = pt_hash_tiles_open (archive->tiles, area, FALSE, NULL);

  return tiles != NULL ? pt_hash_tiles_size (tiles) : 0;
}

gboolean
pt_archive_add_leaves (PtArchive *archive, guint32 area, guint64 first, const PtHash *leaves,
                       gsize count)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (LeafSink) sink = NULL;

  g_return_val_if_fail (archive != NULL && leaves != NULL, FALSE);

  locker = g_mutex_locker_new (&archive->tiling);
  sink = sink_new (archive, area, TRUE);
  return sink->error == NULL
         && pt_hash_tiles_append (sink->tiles, first, leaves, count, &sink->error);
}

gboolean
pt_archive_is_behind (const PtArchive *archive, guint32 area, guint64 entries, guint64 leaves)
{
  g_return_val_if_fail (archive != NULL, FALSE);

  return pt_entry_index_covered (archive->index, area) < entries
         || tiled_leaves (archive, area) < leaves;
}

/* Catching up */

typedef struct
{
  PtFindSubject find;
  gpointer context;
  const PtBatchRow *row;
  LeafSink *sink;
  GArray *places; /* NULL: the index has the batch */
  guint64 offset;
  guint32 leaf; /* of the batch */
} Derivation;

/* FALSE: it has no number in its subject. */
static gboolean
number_of (const Derivation *work, const PtEntry *entry, gint64 *seq)
{
  switch (entry->kind)
    {
    case PT_ENTRY_REPORT:
      *seq = entry->seq;
      return TRUE;
    case PT_ENTRY_OFFICIAL:
      *seq = entry->ts;
      return TRUE;
    case PT_ENTRY_ACTION:
    case PT_ENTRY_NOTICE:
    case PT_ENTRY_PROFILE:
      *seq = (gint64) (work->row->first_entry + work->leaf);
      return TRUE;
    case PT_ENTRY_DEVICE:
    case PT_ENTRY_LOST:
    case PT_ENTRY_ROSTER:
      break;
    }
  return FALSE;
}

/* FALSE: it is none that the index needs. */
static gboolean
find_place (const Derivation *work, const PtEntry *entry, PtEntryPlace *place)
{
  PtSubject subject;
  PtHash digest;
  gint64 seq;

  if (!number_of (work, entry, &seq)
      || !work->find (work->context, work->row->area, entry, &subject))
    return FALSE;
  pt_entry_digest (entry, &digest);
  *place = (PtEntryPlace){ .kind = subject.kind,
                           .subject = subject.number,
                           .seq = seq,
                           .digest = pt_entry_place_digest (digest.bytes),
                           .offset = work->offset,
                           .batch = (guint32) work->row->batch,
                           .leaf = work->leaf };
  return TRUE;
}

static PtResult
derive_place (Derivation *work, PtSpan bytes)
{
  PtEntry entry;
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, &entry);
  PtEntryPlace place;

  if (result != PT_OK)
    return result;
  if (find_place (work, &entry, &place))
    g_array_append_val (work->places, place);
  work->offset += bytes.size + 2; /* ",\n" */
  work->leaf++;
  return PT_OK;
}

static PtResult
derive_entry (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  Derivation *work = context;

  sink_add (work->sink, index, leaf);
  return work->places != NULL ? derive_place (work, bytes) : PT_OK;
}

/* The area's batches that hold entries after @covered or leaves after @tiled, newest first. */
static GArray *
rows_after (const PtArchive *archive, guint32 area, guint64 covered, guint64 tiled, GError **error)
{
  g_autoptr (GArray) missing = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  PtBatchQuery query = { .area = (gint32) area, .state = -1, .limit = 1000 };
  gboolean more = TRUE;

  while (more)
    {
      g_autoptr (GArray) rows = pt_store_batches (archive->store, &query, error);

      if (rows == NULL)
        return NULL;
      more = rows->len == query.limit;
      for (guint i = 0; i < rows->len; i++)
        {
          PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);

          if (row->last_entry > covered || row->size > tiled)
            g_array_append_val (missing, *row);
          else
            more = FALSE;
          query.before_to = row->to;
          query.before_area = row->area;
        }
    }
  return g_steal_pointer (&missing);
}

static guint64
first_line_size (const PtBatchRow *row)
{
  g_autofree char *line = g_strdup_printf (
      "{\"area\":\"%s\",\"batch\":%" G_GUINT64_FORMAT ",\"entries\":[\n", row->area_id, row->batch);

  return strlen (line);
}

/* From the beginning of the file. */
static gboolean
derive_from_file (PtArchive *archive, Derivation *work, GError **error)
{
  PtBatchHeader header;

  work->offset = first_line_size (work->row);
  work->leaf = 0;
  work->sink->count = 0;
  if (work->places != NULL)
    g_array_set_size (work->places, 0);
  if (!pt_archive_read_batch (archive, work->row, derive_entry, work, &header, error))
    return FALSE;
  sink_flush (work->sink);
  return TRUE;
}

static gboolean
derive_batch (PtArchive *archive, Derivation *work, guint64 covered, GError **error)
{
  const PtBatchRow *row = work->row;
  g_autoptr (GError) local = NULL;

  if (!derive_from_file (archive, work, &local)
      && (pt_archive_keep (archive, row, NULL, NULL, NULL) != PT_KEEP_MENDED
          || !derive_from_file (archive, work, NULL)))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return work->places == NULL
         || pt_entry_index_add (archive->index, row->area, covered, row->last_entry, work->places,
                                error);
}

gboolean
pt_archive_catch_up (PtArchive *archive, guint32 area, PtFindSubject find, gpointer context,
                     GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (GArray) places = NULL;
  g_autoptr (GArray) rows = NULL;
  g_autoptr (LeafSink) sink = NULL;
  guint64 covered, tiled;

  g_return_val_if_fail (archive != NULL && find != NULL, FALSE);

  locker = g_mutex_locker_new (&archive->tiling);
  sink = sink_new (archive, area, TRUE);
  covered = pt_entry_index_covered (archive->index, area);
  tiled = sink->error == NULL ? pt_hash_tiles_size (sink->tiles) : G_MAXUINT64;
  rows = rows_after (archive, area, covered, tiled, error);
  if (rows == NULL)
    return FALSE;
  sink->wanted = (PtTreeRange){ tiled, G_MAXUINT64 - tiled };
  places = g_array_new (FALSE, FALSE, sizeof (PtEntryPlace));
  for (guint i = rows->len; i > 0; i--)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i - 1);
      gboolean indexed = row->last_entry <= covered;
      Derivation work = { find, context, row, sink, indexed ? NULL : places, 0, 0 };

      if (!derive_batch (archive, &work, covered, error))
        return FALSE;
      covered = MAX (covered, row->last_entry);
    }
  return TRUE;
}

/* Mending tiles */

static gboolean
range_is (PtHashTiles *tiles, const PtTreeRange *range, const PtHash *right)
{
  PtHash root;

  return pt_tree_range_root (range, pt_hash_tiles_node, tiles, &root) == PT_OK
         && memcmp (&root, right, sizeof root) == 0;
}

/* The batch of which leaf @index is, among those up to @last. */
static gboolean
batch_of_leaf (const PtArchive *archive, const PtBatchRow *last, guint64 index, PtBatchRow *row,
               GError **error)
{
  guint64 low = 1, high = last->batch;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (!pt_archive_batch (archive, last->area, middle, row, error))
        return FALSE;
      if (index < row->size)
        high = middle;
      else
        low = middle + 1;
    }
  return pt_archive_batch (archive, last->area, low, row, error);
}

static PtResult
put_leaf (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  sink_add (context, index, leaf);
  return PT_OK;
}

static gboolean
put_leaves (const PtArchive *archive, LeafSink *sink, const PtBatchRow *last, GError **error)
{
  guint64 end = sink->wanted.first + sink->wanted.count;
  PtBatchHeader header;
  PtBatchRow row;

  if (!batch_of_leaf (archive, last, sink->wanted.first, &row, error))
    return FALSE;
  while (pt_archive_read_batch (archive, &row, put_leaf, sink, &header, error))
    {
      if (row.size >= end)
        {
          sink_flush (sink);
          return TRUE;
        }
      if (!pt_archive_batch (archive, row.area, row.batch + 1, &row, error))
        return FALSE;
    }
  return FALSE;
}

/* Each level from the one below it, as high as that helps; at last the leaves from the files. */
static gboolean
mend_range (const PtArchive *archive, LeafSink *sink, const PtBatchRow *last, const PtHash *right,
            GError **error)
{
  const PtTreeRange *range = &sink->wanted;

  for (guint level = PT_TREE_DEPTH_MAX / 8 - 1; level > 0; level--)
    if (pt_hash_tiles_raise (sink->tiles, range, level - 1, NULL)
        && range_is (sink->tiles, range, right))
      return TRUE;
  return put_leaves (archive, sink, last, error)
         && pt_hash_tiles_raise (sink->tiles, range, 0, error)
         && range_is (sink->tiles, range, right);
}

void
pt_archive_mend_tiles (PtArchive *archive, const PtBatchRow *row, guint64 index, const PtHash *path,
                       size_t count)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (LeafSink) sink = NULL;
  PtTreeRange ranges[PT_TREE_DEPTH_MAX];
  g_autoptr (GError) error = NULL;
  size_t ranges_count;

  g_return_if_fail (archive != NULL && row != NULL && path != NULL);

  locker = g_mutex_locker_new (&archive->tiling);
  /* What is only behind is the batcher's. */
  if (tiled_leaves (archive, row->area) < row->size)
    return;
  sink = sink_new (archive, row->area, FALSE);
  if (sink->error != NULL || pt_tree_path_ranges (index, row->size, ranges, &ranges_count) != PT_OK
      || ranges_count != count)
    return;
  for (size_t i = 0; i < count && sink->error == NULL; i++)
    {
      sink->wanted = ranges[i];
      if (range_is (sink->tiles, &ranges[i], &path[i]))
        continue;
      g_message ("Hashes of the tree of %s were wrong and are %s again.", row->area_id,
                 mend_range (archive, sink, row, &path[i], &error) ? "right" : "not to be made");
      g_clear_error (&error);
    }
}
