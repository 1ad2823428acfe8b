/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-archive.h"

#include <string.h>

#include "pt-batch.h"
#include "pt-bundle.h"
#include "pt-p256.h"

#define PIECE (1024 * 1024)

struct _PtArchive
{
  PtStore *store;
  PtBlockStore *blocks;
  PtEntryIndex *index;
};

PtArchive *
pt_archive_new (PtStore *store, PtBlockStore *blocks, const char *index, GError **error)
{
  g_autoptr (PtArchive) archive = g_new0 (PtArchive, 1);

  g_return_val_if_fail (store != NULL && blocks != NULL && index != NULL, NULL);

  archive->store = store;
  archive->blocks = blocks;
  archive->index = pt_entry_index_new (index, error);
  return archive->index != NULL ? g_steal_pointer (&archive) : NULL;
}

void
pt_archive_free (PtArchive *archive)
{
  if (archive == NULL)
    return;
  g_clear_pointer (&archive->index, pt_entry_index_free);
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

/* Appends the file's bytes from @offset on, over block borders. */
static gboolean
read_range (PtBlockFile *file, guint64 offset, gsize size, GByteArray *out, GError **error)
{
  while (size > 0)
    {
      g_autoptr (GBytes) piece = pt_block_file_read (file, offset, size, error);
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

static GBytes *
line_at (PtBlockFile *file, guint64 offset, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const guint8 *newline = NULL;
  gsize length;

  for (gsize want = 1024; newline == NULL && want <= PT_ENTRY_MAX + 2 + 1024; want *= 8)
    {
      g_byte_array_set_size (bytes, 0);
      if (!read_range (file, offset, want, bytes, error))
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

gboolean
pt_archive_find (const PtArchive *archive, guint32 area, PtSubject subject, gint64 seq,
                 PtEntryPlace *place)
{
  g_return_val_if_fail (archive != NULL && place != NULL, FALSE);
  return pt_entry_index_find (archive->index, area, subject, seq, place);
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
  file = pt_block_store_open_file (archive->blocks, &row.cid, error);
  if (file == NULL)
    return FALSE;
  *entry = line_at (file, place.offset, error);
  return *entry != NULL;
}

/* Reading a whole batch */

/* The tree before a batch stands in the file's last line. */
static gboolean
read_header (PtBlockFile *file, PtBatchHeader *header, GError **error)
{
  guint64 size = pt_block_file_size (file);
  gsize tail_size = (gsize) MIN (size, PT_BATCH_LAST_LINE_MAX + 2);
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  PtSpan line;

  if (!read_range (file, size - tail_size, tail_size, tail, error))
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

static gboolean
read_batch_file (const PtArchive *archive, const PtCid *cid, PtBatchVisitor visitor,
                 gpointer context, PtBatchHeader *header, GError **error)
{
  g_autofree PtBatchReader *reader = g_new (PtBatchReader, 1);
  g_autofree char *buffer = g_malloc (PT_ENTRY_MAX + 2);
  g_autoptr (PtBlockFile) file = pt_block_store_open_file (archive->blocks, cid, error);
  PtResult result;
  guint64 offset = 0;

  if (file == NULL || !read_header (file, header, error))
    return FALSE;
  result = pt_batch_reader_init (reader, &header->previous, buffer, PT_ENTRY_MAX + 2, visitor,
                                 context);
  while (result == PT_OK && offset < pt_block_file_size (file))
    {
      g_autoptr (GBytes) piece = pt_block_file_read (file, offset, PIECE, error);
      gsize size;
      const void *data;

      if (piece == NULL)
        return FALSE;
      data = g_bytes_get_data (piece, &size);
      result = pt_batch_reader_feed (reader, data, size);
      offset += size;
    }
  if (result == PT_OK)
    result = pt_batch_reader_finish (reader, header);
  if (result == PT_OK)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
               "A batch file in the block store is damaged (%s). Restore its blocks.",
               pt_result_slug (result));
  return FALSE;
}

/* Proofs */

typedef struct
{
  PtPathBuilder *builder;
  PtFrontier *frontier;
  guint64 index; /* of the leaf wanted, when found */
  gboolean found;
  GBytes *entry;
} ProofSearch;

static PtResult
proof_find_entry (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  ProofSearch *search = context;
  gsize size;
  const char *wanted = g_bytes_get_data (search->entry, &size);

  if (!search->found && pt_span_equal (entry, pt_span (wanted, size)))
    {
      search->found = TRUE;
      search->index = index;
    }
  return PT_OK;
}

static PtResult
proof_build_path (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  pt_path_builder_append (((ProofSearch *) context)->builder, leaf);
  return PT_OK;
}

/* The registration that vouches: the newest before the report with this key and place, active. One
 * that came later says nothing of it. */
static GBytes *
find_signer (const PtArchive *archive, PtSubject subject, const PtEntry *report, GError **error)
{
  g_autoptr (GPtrArray) bodies = pt_store_subject_bodies (archive->store, subject, error);
  PtVerifier *verifier = NULL;
  GBytes *found = NULL;

  if (bodies == NULL)
    return NULL;
  verifier = pt_p256_verifier_new (PT_P256_FAST);
  for (guint i = 0; found == NULL && i < bodies->len; i++)
    {
      GBytes *body = g_ptr_array_index (bodies, i);
      PtEntry entry;
      gsize size;
      const char *data = g_bytes_get_data (body, &size);

      if (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) == PT_OK
          && entry.received <= report->received && entry.status == PT_STATUS_ACTIVE
          && pt_span_equal (entry.site, report->site) && entry.lat == report->lat
          && entry.lon == report->lon && pt_entry_verify (report, verifier, entry.key) == PT_OK)
        found = g_bytes_ref (body);
    }
  pt_p256_verifier_free (verifier);
  if (found == NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                         "No registration in the store vouches for this report. Audit the log.");
  return found;
}

static GBytes *
write_bundle (const PtBundle *bundle, GError **error)
{
  g_autofree char *text = g_malloc (PT_BUNDLE_MAX);
  gsize size;

  if (pt_bundle_write (bundle, text, PT_BUNDLE_MAX, &size) == PT_OK)
    return g_bytes_new (text, size);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED, "The proof bundle can't be written.");
  return NULL;
}

static gboolean
build_path (const PtArchive *archive, const PtBatchRow *row, GBytes *entry, PtBundle *bundle,
            GError **error)
{
  g_autofree PtPathBuilder *builder = g_new0 (PtPathBuilder, 1);
  ProofSearch search = { .builder = builder, .entry = entry };
  PtBatchHeader header;

  if (!read_batch_file (archive, &row->cid, proof_find_entry, &search, &header, error))
    return FALSE;
  if (!search.found || pt_path_builder_inclusion (builder, &header.previous, search.index) != PT_OK)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                           "The report is not in the batch that the index names. Remove the index "
                           "directory; it is made again.");
      return FALSE;
    }
  if (!read_batch_file (archive, &row->cid, proof_build_path, &search, &header, error))
    return FALSE;
  bundle->index = search.index;
  bundle->size = header.size;
  if (pt_path_builder_finish (builder, bundle->path, &bundle->path_count, &bundle->root) == PT_OK
      && memcmp (&bundle->root, &row->root, PT_HASH_SIZE) == 0)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                       "A stored root is not the recomputed one. Stop and keep all files.");
  return FALSE;
}

/* The batch that holds it, if the chain does. */
static gboolean
find_anchored (const PtArchive *archive, guint32 area, PtSubject subject, gint64 seq,
               PtBatchRow *row, GError **error)
{
  PtEntryPlace place;

  if (!pt_archive_find (archive, area, subject, seq, &place))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                   "No sealed entry %" G_GINT64_FORMAT " of it is known.", seq);
      return FALSE;
    }
  if (!pt_archive_batch (archive, area, place.batch, row, error))
    return FALSE;
  if (row->block != 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_NOT_ANCHORED,
               "Its batch %" G_GUINT64_FORMAT " is %s and not on the chain yet. Try again later.",
               row->batch, pt_batch_state_name (row->state));
  return FALSE;
}

/* A registration has no bundle of its own: it stands in those of what it vouches for. */
static gboolean
parse_proved (GBytes *bytes, PtEntry *entry, GError **error)
{
  gsize size;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (data == NULL || pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, entry) != PT_OK)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                           "The sealed entry is not where the index says it is. Remove the index "
                           "directory; it is made again.");
      return FALSE;
    }
  if (entry->kind == PT_ENTRY_REPORT)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                       "Only of reports there are proofs. Ask for one of its reports.");
  return FALSE;
}

GBytes *
pt_archive_proof (const PtArchive *archive, const PtArchiveChain *chain, guint32 area,
                  PtSubject subject, gint64 seq, GError **error)
{
  g_autoptr (GBytes) entry_bytes = NULL;
  g_autoptr (GBytes) signer = NULL;
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  PtBatchRow row;
  PtEntry entry;
  gsize size;
  const char *data;

  g_return_val_if_fail (archive != NULL && chain != NULL, NULL);

  if (!find_anchored (archive, area, subject, seq, &row, error)
      || !pt_archive_entry (archive, area, subject, seq, &entry_bytes, error)
      || !parse_proved (entry_bytes, &entry, error))
    return NULL;
  signer = find_signer (archive, subject, &entry, error);
  if (signer == NULL || !build_path (archive, &row, entry_bytes, bundle, error))
    return NULL;
  bundle->area = entry.area;
  bundle->batch = row.batch;
  bundle->block = row.block;
  bundle->chain_id = chain->chain_id;
  memcpy (bundle->contract, chain->contract, sizeof bundle->contract);
  memcpy (bundle->transaction, &row.transaction, sizeof bundle->transaction);
  bundle->cid = row.cid;
  bundle->entry = entry.bytes;
  data = g_bytes_get_data (signer, &size);
  bundle->signer = pt_span (data, size);
  return write_bundle (bundle, error);
}

/* The index, made again */

typedef struct
{
  PtFindSubject find;
  gpointer context;
  const PtBatchRow *row;
  GArray *places;
  guint64 offset;
  guint32 leaf; /* of the batch */
} Reindex;

/* FALSE: it has no number in its subject. */
static gboolean
number_of (const PtEntry *entry, gint64 *seq)
{
  switch (entry->kind)
    {
    case PT_ENTRY_REPORT:
      *seq = entry->seq;
      return TRUE;
    case PT_ENTRY_OFFICIAL:
      *seq = entry->ts;
      return TRUE;
    case PT_ENTRY_DEVICE:
    case PT_ENTRY_ACTION:
    case PT_ENTRY_ROSTER:
      break;
    }
  return FALSE;
}

/* FALSE: it is none that the index needs. */
static gboolean
find_place (const Reindex *work, const PtEntry *entry, PtEntryPlace *place)
{
  PtSubject subject;
  PtHash digest;
  gint64 seq;

  if (!number_of (entry, &seq) || !work->find (work->context, work->row->area, entry, &subject))
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
reindex_entry (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  Reindex *work = context;
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

/* The area's batches that hold entries after @covered, newest first. */
static GArray *
rows_after (const PtArchive *archive, guint32 area, guint64 covered, GError **error)
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

          if (row->last_entry > covered)
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

gboolean
pt_archive_reindex (const PtArchive *archive, guint32 area, PtFindSubject find, gpointer context,
                    GError **error)
{
  g_autoptr (GArray) places = NULL;
  g_autoptr (GArray) rows = NULL;
  guint64 covered;

  g_return_val_if_fail (archive != NULL && find != NULL, FALSE);

  covered = pt_entry_index_covered (archive->index, area);
  rows = rows_after (archive, area, covered, error);
  if (rows == NULL)
    return FALSE;
  places = g_array_new (FALSE, FALSE, sizeof (PtEntryPlace));
  for (guint i = rows->len; i > 0; i--)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i - 1);
      Reindex work = { find, context, row, places, first_line_size (row), 0 };
      PtBatchHeader header;

      g_array_set_size (places, 0);
      if (!read_batch_file (archive, &row->cid, reindex_entry, &work, &header, error)
          || !pt_entry_index_add (archive->index, area, covered, row->last_entry, places, error))
        return FALSE;
      covered = row->last_entry;
    }
  return TRUE;
}
