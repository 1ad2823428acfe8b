/* SPDX-License-Identifier: Apache-2.0 */
/* What is sealed, read back by whom it is about. */
#include "pt-archive.h"

#include "pt-bundle.h"
#include "pt-pipeline-fixture.h"

typedef struct
{
  PtWorld *world;
} Fixture;

static const PtArchiveChain chain = { .chain_id = 31337, .contract = { 1, 2, 3 } };

/* One report of each of two devices, and an official, in two areas; all is sealed. */
static void
set_up (Fixture *fixture, gconstpointer in_memory)
{
  PtWorld *world = pt_world_new (in_memory != NULL ? pt_memory_store_new () : NULL);
  gint64 now = pt_clock_now (world->clock);
  g_autofree char *official = pt_world_official (world, "west", "officer-1", now + 7);
  g_autofree char *west = NULL;

  fixture->world = world;
  pt_world_add_area (world, "west");
  pt_world_add_device (world, "east", "tx-1");
  pt_world_add_device (world, "west", "tx-1");
  pt_world_report_now (world, "tx-1", 5, PT_POWER_OFF, PT_ACCEPTED);
  west = pt_world_report (world, "west", "tx-1", 5, now, PT_POWER_ON, NULL);
  pt_world_expect (world, &pt_kind_report, west, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, official, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 2);
}

static void
tear_down (Fixture *fixture, gconstpointer in_memory)
{
  pt_world_free (fixture->world);
}

/* The entry, parsed; its bytes are kept by @bytes. */
static gboolean
read_entry (PtWorld *world, guint32 area, PtSubject subject, gint64 seq, GBytes **bytes,
            PtEntry *entry)
{
  g_autoptr (GError) error = NULL;
  const char *data;
  gsize size;

  g_assert_true (pt_archive_entry (world->pipeline->archive, area, subject, seq, bytes, &error));
  g_assert_no_error (error);
  if (*bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (*bytes, &size);
  g_assert_cmpint (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, entry), ==, PT_OK);
  return TRUE;
}

/* Each is found by area, subject and the number in it, and by nothing else; also when the index had
 * to be made again. */
static void
check_entries (PtWorld *world)
{
  gint64 registered = PT_WORLD_START + 7;
  g_autoptr (GBytes) east = NULL;
  g_autoptr (GBytes) west = NULL;
  g_autoptr (GBytes) official = NULL;
  g_autoptr (GBytes) none = NULL;
  PtEntry entry;

  g_assert_true (read_entry (world, 0, pt_subject_device (0), 5, &east, &entry));
  g_assert_cmpint (entry.power, ==, PT_POWER_OFF);
  g_assert_true (read_entry (world, 1, pt_subject_device (1), 5, &west, &entry));
  g_assert_cmpint (entry.power, ==, PT_POWER_ON);
  g_assert_true (read_entry (world, 1, pt_subject_official (0), registered, &official, &entry));
  g_assert_cmpint (entry.kind, ==, PT_ENTRY_OFFICIAL);
  g_assert_false (read_entry (world, 0, pt_subject_device (0), 4, &none, &entry));
  g_assert_false (read_entry (world, 0, pt_subject_device (1), 5, &none, &entry));
  g_assert_false (read_entry (world, 1, pt_subject_device (0), 5, &none, &entry));
  g_assert_false (read_entry (world, 0, pt_subject_official (0), registered, &none, &entry));
  g_assert_false (read_entry (world, 1, pt_subject_official (0), 5, &none, &entry));
  g_assert_false (read_entry (world, 7, pt_subject_device (0), 5, &none, &entry));
}

static void
test_entries (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *index = g_build_filename (world->path, "index", NULL);

  check_entries (world);
  pt_world_restart (world, FALSE);
  check_entries (world);
  pt_world_stop (world, FALSE);
  pt_remove_tree (index);
  pt_world_start (world);
  check_entries (world);
  g_assert_cmpuint (pt_entry_index_runs (pt_archive_index (world->pipeline->archive)), ==, 2);
}

/* Others may read and write the directory while an index is made again, however long it takes. */
static gboolean
find_beside_a_writer (gpointer user_data, guint32 area, const PtEntry *entry, PtSubject *out)
{
  PtDirectory *directory = user_data;

  g_assert_true (pt_door_try_write (&directory->door));
  pt_door_end_write (&directory->door);
  return pt_directory_find_subject (directory, area, entry, out);
}

static void
test_reindex (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *again = g_build_filename (world->path, "again", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtArchive) archive
      = pt_archive_new (world->store, world->pipeline->blocks, world->health, again, &error);
  PtSubject subjects[] = { pt_subject_device (1), pt_subject_official (0) };
  gint64 numbers[] = { 5, PT_WORLD_START + 7 };

  g_assert_no_error (error);
  g_assert_true (
      pt_archive_catch_up (archive, 1, find_beside_a_writer, world->pipeline->directory, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      PtEntryPlace first = { 0 }, second = { 0 };

      g_assert_true (
          pt_archive_find (world->pipeline->archive, 1, subjects[i], numbers[i], &first));
      g_assert_true (pt_archive_find (archive, 1, subjects[i], numbers[i], &second));
      g_assert_cmpmem (&first, sizeof first, &second, sizeof second);
      g_assert_cmpuint (first.leaf, ==, 1 + i);
    }
}

/* As the submitter would: all that is sealed is mined in block 9. */
static void
mine (PtWorld *world)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = pt_store_unfinished (world->store, 100, &error);
  const PtBatchRow *batches = (const PtBatchRow *) (gpointer) rows->data;
  PtTransactionRow transaction = { .block = 9, .hash = { { 4 } } };

  transaction.raw = g_bytes_new_static ("raw", 3);
  transaction.versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  g_assert_true (pt_store_published (world->store, batches, rows->len, &error));
  g_assert_true (pt_store_submit (world->store, &transaction, batches, rows->len, &error));
  g_assert_true (pt_store_mined (world->store, &transaction, &error));
  g_assert_no_error (error);
  g_bytes_unref (transaction.raw);
  g_array_unref (transaction.versions);
}

static void
assert_no_proof (PtWorld *world, guint32 area, PtSubject subject, gint64 seq, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_archive_proof (world->pipeline->archive, &chain, area, subject, seq, &error));
  g_assert_error (error, PT_ERROR, code);
}

static void
test_proofs (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  g_autofree char *buffer = g_malloc (2 * PT_ENTRY_MAX);
  g_autoptr (GBytes) proof = NULL;
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize size;

  assert_no_proof (world, 1, pt_subject_device (1), 5, PT_ERROR_NOT_ANCHORED);
  mine (world);
  assert_no_proof (world, 1, pt_subject_device (1), 6, PT_ERROR_NOT_FOUND);
  assert_no_proof (world, 0, pt_subject_device (1), 5, PT_ERROR_NOT_FOUND);
  /* A registration vouches for others; there is no bundle about one. */
  assert_no_proof (world, 1, pt_subject_official (0), PT_WORLD_START + 7, PT_ERROR_NOT_FOUND);
  proof = pt_archive_proof (world->pipeline->archive, &chain, 1, pt_subject_device (1), 5, &error);
  g_assert_no_error (error);
  text = g_bytes_get_data (proof, &size);
  g_assert_cmpint (pt_bundle_parse (pt_span (text, size), buffer, 2 * PT_ENTRY_MAX, bundle), ==,
                   PT_OK);
  g_assert_cmpuint (bundle->batch, ==, 1);
  g_assert_cmpuint (bundle->block, ==, 9);
  g_assert_cmpuint (bundle->chain_id, ==, 31337);
  g_assert_cmpuint (bundle->size, ==, 4); /* registrations of both, the report, the roster */
}

/* Registers the device once more, as an authority does when customers came; returns its `ts`. */
static gint64
register_again (PtWorld *world)
{
  gint64 now = pt_clock_now (world->clock) + 1;
  g_autofree char *line = pt_world_device (world, "east", "tx-1", PT_STATUS_ACTIVE, now);

  pt_world_expect (world, &pt_kind_registration, line, PT_ACCEPTED);
  return now;
}

/* The proof of the report @seq holds, and brings the registration of @registered. */
static void
assert_signer (PtWorld *world, gint64 seq, gint64 registered)
{
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  g_autofree char *buffer = g_malloc (2 * PT_ENTRY_MAX);
  g_autoptr (GBytes) proof = NULL;
  g_autoptr (GError) error = NULL;
  PtBundleFindings findings;
  PtEntry signer;
  const char *text;
  gsize size;

  proof
      = pt_archive_proof (world->pipeline->archive, &chain, 0, pt_subject_device (0), seq, &error);
  g_assert_no_error (error);
  text = g_bytes_get_data (proof, &size);
  g_assert_cmpint (pt_bundle_parse (pt_span (text, size), buffer, 2 * PT_ENTRY_MAX, bundle), ==,
                   PT_OK);
  g_assert_cmpint (pt_bundle_verify (bundle, verifier, NULL, &findings), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (bundle->signer, PT_ENTRY_STORED, &signer), ==, PT_OK);
  g_assert_cmpint (signer.ts, ==, registered);
  pt_p256_verifier_free (verifier);
}

/* Before, between and after, in the same batch and in another: what came later says nothing of a
 * report. */
static void
test_registered_again (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 registered[3];

  registered[0] = register_again (world);
  pt_world_advance (world, 100);
  pt_world_report_now (world, "tx-1", 6, PT_POWER_ON, PT_ACCEPTED);
  pt_world_advance (world, 100);
  registered[1] = register_again (world);
  pt_world_advance (world, 100);
  pt_world_report_now (world, "tx-1", 7, PT_POWER_OFF, PT_ACCEPTED);
  pt_world_advance (world, 100);
  register_again (world);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  registered[2] = register_again (world);
  pt_world_report_now (world, "tx-1", 8, PT_POWER_ON, PT_ACCEPTED);
  pt_world_advance (world, 1);
  register_again (world);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  register_again (world);
  mine (world);
  assert_signer (world, 5, PT_WORLD_START);
  for (guint i = 0; i < G_N_ELEMENTS (registered); i++)
    assert_signer (world, 6 + i, registered[i]);
}

/* A long log */

#define LONG_BATCHES 3
#define LONG_REPORTS 300 /* a batch */

/* Batches of many reports of one device, with counters from 100 on. */
static void
make_long_log (PtWorld *world)
{
  for (guint batch = 0; batch < LONG_BATCHES; batch++)
    {
      g_autoptr (GString) lines = g_string_new (NULL);
      g_autofree char *answer = NULL;

      for (guint i = 0; i < LONG_REPORTS; i++)
        {
          g_autofree char *line
              = pt_world_report (world, "east", "tx-1", 100 + batch * LONG_REPORTS + i,
                                 pt_clock_now (world->clock), PT_POWER_ON, NULL);

          g_string_append_printf (lines, "%s\n", line);
        }
      answer = pt_world_submit (world, &pt_kind_report, lines->str);
      g_assert_cmpstr (answer, ==, "{\"accepted\":300,\"duplicate\":0,\"rejected\":[]}");
      g_assert_cmpuint (pt_world_seal (world), ==, 1);
    }
  mine (world);
}

static char *
tile_path (PtWorld *world, const char *level)
{
  return g_build_filename (world->path, "tiles", "0", level, NULL);
}

/* Of the first and the last report of each batch and some between. */
static void
assert_proofs (PtWorld *world)
{
  for (guint i = 0; i < LONG_BATCHES * LONG_REPORTS; i += i % LONG_REPORTS == 0 ? 149 : 150)
    assert_signer (world, 100 + i, PT_WORLD_START);
}

/* A bit that is wrong in any tile changes no proof, and is right again after it was met. */
static void
test_wrong_tiles (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *level;
    gsize at;
  } lies[] = { { "0", 0 },        { "0", 5 * 32 + 31 }, { "0", 299 * 32 }, { "0", 300 * 32 },
               { "0", 700 * 32 }, { "1", 0 },           { "1", 31 },       { "1", 2 * 32 } };
  PtWorld *world = fixture->world;

  make_long_log (world);
  assert_proofs (world);
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autofree char *path = tile_path (world, lies[i].level);
      g_autofree char *right = NULL;
      g_autofree char *after = NULL;
      gsize size, size_after;

      g_assert_true (g_file_get_contents (path, &right, &size, NULL));
      right[lies[i].at] ^= 1;
      g_assert_true (g_file_set_contents (path, right, (gssize) size, NULL));
      right[lies[i].at] ^= 1;
      assert_proofs (world);
      for (guint seq = 100; seq < 100 + LONG_BATCHES * LONG_REPORTS; seq += 7)
        assert_signer (world, seq, PT_WORLD_START);
      g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
      g_assert_cmpmem (after, size_after, right, size);
    }
}

/* Tiles that are gone or short are made again at the next start; till then the files are read. */
static void
test_no_tiles (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *tiles = g_build_filename (world->path, "tiles", NULL);
  g_autofree char *path = tile_path (world, "0");
  g_autofree char *right = NULL;
  g_autofree char *after = NULL;
  gsize size, size_after;

  make_long_log (world);
  g_assert_true (g_file_get_contents (path, &right, &size, NULL));
  g_assert_cmpuint (size, ==, 32 * (2 + 1 + LONG_BATCHES * (LONG_REPORTS + 1)));
  pt_remove_tree (tiles);
  assert_proofs (world);
  g_assert_false (g_file_test (tiles, G_FILE_TEST_EXISTS));
  pt_world_restart (world, FALSE);
  g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
  g_assert_cmpmem (after, size_after, right, size);
  g_clear_pointer (&after, g_free);
  g_assert_true (g_file_set_contents (path, right, 400 * 32 + 5, NULL));
  assert_proofs (world);
  pt_world_restart (world, TRUE);
  g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
  g_assert_cmpmem (after, size_after, right, size);
}

static char *
block_path (PtWorld *world, guint64 batch)
{
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;
  char cid[PT_CID_TEXT_SIZE + 1], name[3];
  PtBatchRow row;

  g_assert_true (pt_archive_batch (world->pipeline->archive, 0, batch, &row, &error));
  pt_cid_to_text (&row.cid, cid);
  g_snprintf (name, sizeof name, "%02x", row.cid.bytes[PT_CID_SIZE - 1]);
  return g_build_filename (world->path, "blocks", name, cid, NULL);
}

static void
assert_attention (PtWorld *world, const char *wanted)
{
  PtHealthStatus status;

  pt_health_get (world->health, &status);
  g_assert_cmpint (status.sort, ==, wanted != NULL ? PT_HEALTH_ASKS : PT_HEALTH_WELL);
  g_assert_true (wanted == NULL || strstr (status.sentence, wanted) != NULL);
  g_assert_null (strstr (status.sentence, world->path));
}

static void
prune_all (PtWorld *world)
{
  g_autoptr (GError) error = NULL;
  guint removed;

  g_assert_true (pt_store_finalize (world->store, 1, &error));
  g_assert_true (pt_store_prune (world->store, 0, G_MAXUINT64, G_MAXUINT, &removed, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (removed, >=, LONG_BATCHES * LONG_REPORTS);
}

/* A rotten block costs the proof of the entry that it spoils, no other, and no wrong one comes; not
 * even that while the store can give it back. */
static void
test_rotten_block (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  g_autoptr (GBytes) entry = NULL;
  g_autoptr (GError) error = NULL;
  const char *line;
  gsize size;

  make_long_log (world);
  if (data == NULL)
    prune_all (world);
  path = block_path (world, 3);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  line = strstr (content, "\"seq\":410,");
  g_assert_nonnull (line);
  content[line - content + 7] ^= 1;
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  assert_signer (world, 409, PT_WORLD_START);
  if (data != NULL)
    {
      assert_signer (world, 410, PT_WORLD_START);
      assert_attention (world, NULL);
      return;
    }
  assert_no_proof (world, 0, pt_subject_device (0), 410, PT_ERROR_OPERATOR);
  assert_attention (world, "Batch 3 of east is damaged");
  g_assert_false (
      pt_archive_entry (world->pipeline->archive, 0, pt_subject_device (0), 410, &entry, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
  assert_signer (world, 409, PT_WORLD_START);
  assert_signer (world, 411, PT_WORLD_START);
}

/* Keeping */

static void
flip (const char *path, gsize at)
{
  g_autofree char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  content[at % size] ^= 4;
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
}

static PtKeep
keep (PtWorld *world, guint64 batch)
{
  g_autoptr (GError) error = NULL;
  PtBatchRow row;
  PtKeep result;

  g_assert_true (pt_archive_batch (world->pipeline->archive, 0, batch, &row, &error));
  result = pt_archive_keep (world->pipeline->archive, &row, NULL, NULL, &error);
  g_assert_no_error (error);
  return result;
}

/* A bit anywhere in the file, or all of it: from the rows it is the same file again. */
static void
test_mended (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *path = NULL;
  g_autofree char *right = NULL;
  g_autofree char *after = NULL;
  gsize size, size_after;

  make_long_log (world);
  path = block_path (world, 3);
  g_assert_true (g_file_get_contents (path, &right, &size, NULL));
  g_assert_cmpint (keep (world, 3), ==, PT_KEEP_HOLDS);
  for (gsize back = 1; back < size; back += size / 9)
    {
      g_clear_pointer (&after, g_free);
      flip (path, size - back);
      g_assert_cmpint (keep (world, 3), ==, PT_KEEP_MENDED);
      g_assert_cmpint (keep (world, 3), ==, PT_KEEP_HOLDS);
      g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
      g_assert_cmpmem (after, size_after, right, size);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (keep (world, 3), ==, PT_KEEP_MENDED);
  assert_attention (world, NULL);
  assert_proofs (world);
}

/* What has no rows any more is told until a copy is put back. */
static void
test_not_mended (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *path = NULL;

  make_long_log (world);
  prune_all (world);
  path = block_path (world, 3);
  g_assert_cmpint (keep (world, 3), ==, PT_KEEP_HOLDS);
  flip (path, 5000);
  g_assert_cmpint (keep (world, 3), ==, PT_KEEP_DAMAGED);
  assert_attention (world, "Batch 3 of east is damaged");
  g_assert_cmpuint (pt_archive_damaged (world->pipeline->archive), ==, 1);
  g_assert_cmpint (keep (world, 2), ==, PT_KEEP_HOLDS);
  assert_attention (world, "Batch 3 of east is damaged");
  flip (path, 5000);
  g_assert_cmpint (keep (world, 3), ==, PT_KEEP_HOLDS);
  assert_attention (world, NULL);
  g_assert_cmpuint (pt_archive_damaged (world->pipeline->archive), ==, 0);
}

/* An index that is made again meets a damaged file and mends it first. */
static void
test_mended_at_start (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *index = g_build_filename (world->path, "index", NULL);
  g_autofree char *path = NULL;

  make_long_log (world);
  path = block_path (world, 3);
  pt_world_stop (world, FALSE);
  pt_remove_tree (index);
  flip (path, 3000);
  pt_world_start (world);
  g_assert_cmpint (keep (world, 3), ==, PT_KEEP_HOLDS);
  assert_proofs (world);
}

static void
test_batch (Fixture *fixture, gconstpointer data)
{
  const PtArchive *archive = fixture->world->pipeline->archive;
  g_autoptr (GError) error = NULL;
  PtBatchRow row;

  g_assert_true (pt_archive_batch (archive, 1, 1, &row, &error));
  g_assert_cmpuint (row.last_entry, ==, 3);
  g_assert_false (pt_archive_batch (archive, 1, 2, &row, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_NOT_FOUND);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/archive/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  ADD ("entries", NULL, test_entries);
  ADD ("entries-in-memory", "memory", test_entries);
  ADD ("reindex", NULL, test_reindex);
  ADD ("proofs", NULL, test_proofs);
  ADD ("registered-again", NULL, test_registered_again);
  ADD ("registered-again-in-memory", "memory", test_registered_again);
  ADD ("wrong-tiles", NULL, test_wrong_tiles);
  ADD ("no-tiles", NULL, test_no_tiles);
  ADD ("rotten-block", NULL, test_rotten_block);
  ADD ("rotten-block-in-memory", "memory", test_rotten_block);
  ADD ("mended", NULL, test_mended);
  ADD ("mended-in-memory", "memory", test_mended);
  ADD ("not-mended", NULL, test_not_mended);
  ADD ("mended-at-start", NULL, test_mended_at_start);
  ADD ("batch", NULL, test_batch);
  return g_test_run ();
}
