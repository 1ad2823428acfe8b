/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs: the entry's own bytes, a few hashes out of the tiles, and a root that is known. */
#include <string.h>

#include "pt-archive-private.h"
#include "pt-bundle.h"
#include "pt-p256.h"

typedef struct
{
  PtBatchRow row;
  PtEntryPlace place;
  guint64 index; /* of the leaf in the tree */
  GBytes *entry;
  PtHash path[PT_TREE_DEPTH_MAX];
  size_t count;
} Proof;

static void
proof_clear (Proof *proof)
{
  g_clear_pointer (&proof->entry, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Proof, proof_clear)

/* Whether the registration is of whom the entry names, at its place. */
static gboolean
is_of (const PtEntry *registration, const PtEntry *entry)
{
  if (registration->status != PT_STATUS_ACTIVE || registration->received > entry->received)
    return FALSE;
  if (entry->kind != PT_ENTRY_REPORT)
    return pt_span_equal (registration->official, entry->by);
  return pt_span_equal (registration->site, entry->site) && registration->lat == entry->lat
         && registration->lon == entry->lon;
}

/* The registration that vouches: the newest before the entry with its signer's key, active. One
 * that came later says nothing of it. */
static GBytes *
find_registration (const PtArchive *archive, PtSubject subject, const PtEntry *signed_entry,
                   GError **error)
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
          && is_of (&entry, signed_entry)
          && pt_entry_verify (signed_entry, verifier, entry.key) == PT_OK)
        found = g_bytes_ref (body);
    }
  pt_p256_verifier_free (verifier);
  if (found == NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                         "No registration in the store vouches for this entry. Audit the log.");
  return found;
}

/* A PtSubjectRowFunc: whose name is the official's. */
typedef struct
{
  guint32 area;
  PtSpan id;
  PtSubject subject;
  gboolean found;
} Official;

static gboolean
match_official (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Official *official = user_data;
  PtEntry entry;
  gsize size;
  const char *data = g_bytes_get_data (row->body, &size);

  official->found = row->area == official->area
                    && pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) == PT_OK
                    && pt_span_equal (entry.official, official->id);
  official->subject = row->subject;
  return !official->found;
}

/* Of what a citizen or the service says the entry itself and the area's key say who signed it, of a
 * profile the authority's. */
static GBytes *
find_signer (const PtArchive *archive, PtSubject subject, const PtEntry *entry, GError **error)
{
  Official official = { .area = subject.number, .id = entry->by };

  if (entry->kind == PT_ENTRY_REPORT)
    return find_registration (archive, subject, entry, error);
  if (pt_entry_signer (entry) != PT_SIGNER_OFFICIAL)
    return g_bytes_new (NULL, 0);
  if (!pt_store_scan_subjects (archive->store, PT_SUBJECT_OFFICIAL, match_official, &official,
                               error))
    return NULL;
  return find_registration (archive, official.subject, entry, error);
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

/* The entry is leaf @proof->index of the batch's tree, and its path says so. */
static gboolean
proof_holds (const Proof *proof)
{
  PtHash leaf;
  gsize size;
  const char *data = g_bytes_get_data (proof->entry, &size);

  pt_tree_leaf_hash (pt_span (data, size), &leaf);
  return pt_tree_verify_inclusion (proof->index, proof->row.size, &leaf, proof->path, proof->count,
                                   &proof->row.root)
         == PT_OK;
}

/* From the tiles */

static gboolean
read_path (const PtArchive *archive, Proof *proof)
{
  g_autoptr (PtHashTiles) tiles = pt_hash_tiles_open (archive->tiles, proof->row.area, FALSE, NULL);
  PtTreeRange ranges[PT_TREE_DEPTH_MAX];

  if (tiles == NULL
      || pt_tree_path_ranges (proof->index, proof->row.size, ranges, &proof->count) != PT_OK)
    return FALSE;
  for (size_t i = 0; i < proof->count; i++)
    if (pt_tree_range_root (&ranges[i], pt_hash_tiles_node, tiles, &proof->path[i]) != PT_OK)
      return FALSE;
  return TRUE;
}

/* Believes neither the block nor the tiles nor the index, but the root that follows from them. */
static gboolean
prove_by_tiles (const PtArchive *archive, Proof *proof)
{
  g_autoptr (PtBlockFile) file = pt_block_store_open_peek (archive->blocks, &proof->row.cid, NULL);

  if (file == NULL)
    return FALSE;
  proof->entry = pt_archive_line (file, proof->place.offset, TRUE, NULL);
  if (proof->entry != NULL && read_path (archive, proof) && proof_holds (proof))
    return TRUE;
  g_clear_pointer (&proof->entry, g_bytes_unref);
  return FALSE;
}

/* From the batch file, when the tiles are wrong or behind */

typedef struct
{
  PtPathBuilder builder;
  PtBatchHeader header; /* of which the tree before is known from the first entry on */
  Proof *proof;
} FileProof;

static PtResult
prove_entry (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  FileProof *search = context;
  const PtFrontier *before = &search->header.previous;
  PtResult result = PT_OK;

  if (index == before->size)
    result = pt_path_builder_inclusion (&search->builder, before, search->proof->index);
  if (index == search->proof->index)
    search->proof->entry = g_bytes_new (entry.data, entry.size);
  pt_path_builder_append (&search->builder, leaf);
  return result;
}

static gboolean
prove_by_file (PtArchive *archive, Proof *proof, GError **error)
{
  g_autofree FileProof *search = g_new0 (FileProof, 1);
  PtHash root;

  search->proof = proof;
  if (!pt_archive_read_batch (archive, &proof->row, prove_entry, search, &search->header, error))
    return FALSE;
  if (proof->entry != NULL
      && pt_path_builder_finish (&search->builder, proof->path, &proof->count, &root) == PT_OK
      && proof_holds (proof))
    {
      pt_archive_mend_tiles (archive, &proof->row, proof->index, proof->path, proof->count);
      return TRUE;
    }
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                       "The entry is not in the batch that the index names. Remove the index "
                       "directory; it is made again.");
  return FALSE;
}

/* A file that turns out to be damaged is looked at as a whole: made again if it can be, else told.
 */
static gboolean
prove_by_kept_file (PtArchive *archive, Proof *proof, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (prove_by_file (archive, proof, &local))
    return TRUE;
  g_clear_pointer (&proof->entry, g_bytes_unref);
  if (pt_archive_is_damage (local)
      && pt_archive_keep (archive, &proof->row, NULL, NULL, NULL) == PT_KEEP_MENDED)
    return prove_by_file (archive, proof, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The bundle */

/* The batch that holds it, if the chain does. */
static gboolean
find_anchored (const PtArchive *archive, guint32 area, PtSubject subject, gint64 seq, Proof *proof,
               GError **error)
{
  PtBatchRow *row = &proof->row;

  if (!pt_archive_find (archive, area, subject, seq, &proof->place))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                   "No sealed entry %" G_GINT64_FORMAT " of it is known.", seq);
      return FALSE;
    }
  if (!pt_archive_batch (archive, area, proof->place.batch, row, error))
    return FALSE;
  proof->index = row->prev_size + proof->place.leaf;
  if (row->block != 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_NOT_ANCHORED,
               "Its batch %" G_GUINT64_FORMAT " is %s and not on the chain yet. Try again later.",
               row->batch, pt_batch_state_name (row->state));
  return FALSE;
}

/* A registration has no bundle of its own: it stands in those of what it vouches for. */
static gboolean
parse_proved (GBytes *bytes, PtSubject subject, gint64 seq, PtEntry *entry, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (subject.kind == PT_SUBJECT_OFFICIAL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                           "Of a registration there is no proof. Ask for one of what it vouches "
                           "for.");
      return FALSE;
    }
  if (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, entry) == PT_OK
      && (subject.kind == PT_SUBJECT_AREA || (entry->kind == PT_ENTRY_REPORT && entry->seq == seq)))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                       "The sealed entry is not where the index says it is. Remove the index "
                       "directory; it is made again.");
  return FALSE;
}

static GBytes *
make_bundle (const PtArchive *archive, const PtArchiveChain *chain, const Proof *proof,
             PtSubject subject, const PtEntry *entry, GError **error)
{
  g_autoptr (GBytes) signer = find_signer (archive, subject, entry, error);
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  const char *data;
  gsize size;

  if (signer == NULL)
    return NULL;
  bundle->area = entry->area;
  bundle->batch = proof->row.batch;
  bundle->block = proof->row.block;
  bundle->chain_id = chain->chain_id;
  memcpy (bundle->contract, chain->contract, sizeof bundle->contract);
  memcpy (bundle->transaction, &proof->row.transaction, sizeof bundle->transaction);
  bundle->cid = proof->row.cid;
  bundle->index = proof->index;
  bundle->size = proof->row.size;
  bundle->root = proof->row.root;
  memcpy (bundle->path, proof->path, sizeof bundle->path);
  bundle->path_count = proof->count;
  bundle->entry = entry->bytes;
  data = g_bytes_get_data (signer, &size);
  bundle->signer = pt_span (data, size);
  return write_bundle (bundle, error);
}

GBytes *
pt_archive_proof (PtArchive *archive, const PtArchiveChain *chain, guint32 area, PtSubject subject,
                  gint64 seq, GError **error)
{
  g_auto (Proof) proof = { .entry = NULL };
  PtEntry entry;

  g_return_val_if_fail (archive != NULL && chain != NULL, NULL);

  if (!find_anchored (archive, area, subject, seq, &proof, error)
      || (!prove_by_tiles (archive, &proof) && !prove_by_kept_file (archive, &proof, error))
      || !parse_proved (proof.entry, subject, seq, &entry, error))
    return NULL;
  return make_bundle (archive, chain, &proof, subject, &entry, error);
}
