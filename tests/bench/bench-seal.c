/* SPDX-License-Identifier: Apache-2.0 */

/* bench-seal N FOLDER [PROOFS]: the daemon's own sealing of N reports of one window, from SQLite to
 * the durable batch file, its root and its CID, as `powertrackd` does it at a period's end. The
 * reports carry one and the same signature: sealing does not verify, intake has. Prints one JSON
 * object, with the seconds of all threads beside those that passed, which depend on the machine's
 * other work; the batch is left as FOLDER/batch.json. With PROOFS also how long so many proofs
 * took, of reports all over the batch that are really signed. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pt-p256.h"
#include "pt-pipeline.h"
#include "pt-sqlite-store.h"
#include "pt-store-batches.h"

#define AREA "bench"
#define DEVICES 1000
#define GROUP 4096
#define SIGNED 997 /* every so many'th report is really signed */
#define START_MS G_GINT64_CONSTANT (1764000000000)
#define PERIOD_MS (15 * 60 * 1000)

typedef struct
{
  PtStore *store;
  PtClock *clock;
  PtHealth *health;
  PtNews *news;
  PtPipeline *pipeline;
  PtP256Key *key;
  PtSigner signer;
  char signature[PT_SIGNATURE_SIZE * 2];
  guint64 tail; /* number of the newest entry */
} Bench;

static void
stop (const char *what, const GError *error)
{
  g_printerr ("bench-seal: %s: %s\n", what, error != NULL ? error->message : "failed");
  exit (1);
}

/* A line of /proc/self/status, in MiB. */
static double
memory (const char *name)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, name);
  return line == NULL ? 0 : g_ascii_strtod (line + strlen (name) + 1, NULL) / 1024;
}

static void
open_parts (Bench *bench, const char *folder)
{
  g_autofree char *store = g_build_filename (folder, "store.db", NULL);
  PtPipelineConfig config = { .folder = folder,
                              .signer = &bench->signer,
                              .period = PERIOD_MS,
                              .silent_after = PERIOD_MS,
                              .snapshot_s = 3600,
                              .lines_max = GROUP };
  g_autoptr (GError) error = NULL;

  config.store = bench->store = pt_sqlite_store_new (store, &error);
  if (bench->store == NULL)
    stop (store, error);
  bench->key = pt_p256_key_generate ();
  if (bench->key == NULL || !pt_p256_signer_init (&bench->signer, bench->key))
    stop ("a key", NULL);
  config.clock = bench->clock = pt_clock_new_manual (START_MS);
  config.health = bench->health = pt_health_new (NULL, NULL);
  config.news = bench->news = pt_news_new ();
  bench->pipeline = pt_pipeline_new (&config, &error);
  if (bench->pipeline == NULL)
    stop (folder, error);
}

static void
add_area (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  if (!pt_committer_add_area (bench->pipeline->committer, AREA, bench->signer.public_key,
                              bench->signer.public_key, NULL, &error))
    stop ("the area", error);
}

/* The stored form of @fields, signed. */
static gsize
sign_and_store (Bench *bench, const PtEntry *fields, gint64 received, char *out, gsize out_size)
{
  char unsigned_bytes[1024], signed_bytes[1024];
  gsize size = 0;
  PtEntry entry;

  if (pt_entry_write (fields, unsigned_bytes, sizeof unsigned_bytes, &size) != PT_OK
      || pt_entry_parse (pt_span (unsigned_bytes, size), PT_ENTRY_UNSIGNED, &entry) != PT_OK
      || pt_entry_sign (&entry, &bench->signer, signed_bytes, sizeof signed_bytes, &size) != PT_OK
      || pt_entry_parse (pt_span (signed_bytes, size), PT_ENTRY_SIGNED, &entry) != PT_OK
      || pt_entry_store (&entry, received, out, out_size, &size) != PT_OK)
    stop ("an entry", NULL);
  return size;
}

static void
write_device (guint number, const Bench *bench, char *id, PtEntry *entry)
{
  g_snprintf (id, 16, "tx-%06u", number);
  *entry = (PtEntry){ .kind = PT_ENTRY_DEVICE,
                      .area = pt_span (AREA, strlen (AREA)),
                      .ts = START_MS,
                      .device = pt_span (id, strlen (id)),
                      .site = pt_span (id, strlen (id)),
                      .lat = 255942345,
                      .lon = 851374321,
                      .level = PT_LEVEL_TRANSFORMER,
                      .customers = 63 };
  memcpy (entry->key, bench->signer.public_key, sizeof entry->key);
}

/* The stored form of a device's registration. */
static gsize
make_registration (Bench *bench, guint number, char *out, gsize out_size)
{
  char id[16];
  PtEntry entry;

  write_device (number, bench, id, &entry);
  return sign_and_store (bench, &entry, START_MS, out, out_size);
}

/* @rows become the area's next entries. */
static void
commit (Bench *bench, PtGroup *group, PtEntryRow *rows, guint count)
{
  PtTailMove move = { .before = bench->tail, .after = bench->tail + count, .reports = count };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < count; i++)
    rows[i].number = ++bench->tail;
  group->entries = rows;
  group->entry_count = count;
  group->tails = &move;
  group->tail_count = 1;
  if (!pt_store_commit (bench->store, group, &error))
    stop ("storing", error);
}

static void
add_devices (Bench *bench)
{
  g_autofree char *bodies = g_malloc (DEVICES * 1024);
  g_autofree PtEntryRow *rows = g_new0 (PtEntryRow, DEVICES);
  g_autofree PtSubjectRow *devices = g_new0 (PtSubjectRow, DEVICES);
  PtGroup group = { .subjects = devices, .subject_count = DEVICES };

  for (guint i = 0; i < DEVICES; i++)
    {
      PtEntry entry;

      rows[i] = (PtEntryRow){ .subject = pt_subject_device (i),
                              .received = START_MS,
                              .body = bodies + i * 1024 };
      rows[i].size = make_registration (bench, i, bodies + i * 1024, 1024);
      devices[i] = (PtSubjectRow){ .subject = rows[i].subject, .entry = i + 1, .active = TRUE };
      devices[i].body = g_bytes_new (rows[i].body, rows[i].size);
      if (pt_entry_parse (pt_span (rows[i].body, rows[i].size), PT_ENTRY_STORED, &entry) != PT_OK)
        stop ("a registration", NULL);
      memcpy (bench->signature, strstr (rows[i].body, "\"sig\":\"") + 7, 86);
      pt_registry_apply (bench->pipeline->directory->registry, &entry, NULL);
    }
  commit (bench, &group, rows, DEVICES);
  for (guint i = 0; i < DEVICES; i++)
    g_bytes_unref (devices[i].body);
}

static gsize
make_signed_report (Bench *bench, guint device, guint seq, gint64 ts, char *out, gsize out_size)
{
  char id[16];
  PtEntry entry = { .kind = PT_ENTRY_REPORT };

  g_snprintf (id, sizeof id, "tx-%06u", device);
  entry.area = pt_span (AREA, strlen (AREA));
  entry.device = entry.site = pt_span (id, strlen (id));
  entry.lat = 255942345;
  entry.lon = 851374321;
  entry.power = seq % 7 == 0 ? PT_POWER_OFF : PT_POWER_ON;
  entry.seq = seq;
  entry.ts = ts;
  return sign_and_store (bench, &entry, ts, out, out_size);
}

static void
add_reports (Bench *bench, guint from, guint count)
{
  g_autofree char *bodies = g_malloc (GROUP * 320);
  g_autofree PtEntryRow *rows = g_new0 (PtEntryRow, GROUP);
  PtGroup group = { 0 };

  for (guint i = 0; i < count; i++)
    {
      guint device = (from + i) % DEVICES, seq = (from + i) / DEVICES + 1;
      gint64 ts = START_MS + 1 + (from + i) / 2000;
      char *body = bodies + i * 320;

      rows[i] = (PtEntryRow){
        .subject = pt_subject_device (device), .seq = seq, .received = ts, .body = body
      };
      rows[i].size = (gsize) g_snprintf (
          body, 320,
          "{\"area\":\"" AREA "\",\"device\":\"tx-%06u\",\"kind\":\"report\",\"lat\":255942345,"
          "\"lon\":851374321,\"power\":\"%s\",\"received\":%" G_GINT64_FORMAT
          ",\"seq\":%u,\"sig\":\"%.86s\",\"site\":\"tx-%06u\",\"ts\":%" G_GINT64_FORMAT "}",
          device, seq % 7 == 0 ? "OFF" : "ON", ts, seq, bench->signature, device, ts);
      if ((from + i) % SIGNED == 0)
        rows[i].size = make_signed_report (bench, device, seq, ts, body, 320);
    }
  commit (bench, &group, rows, count);
}

static void
write_file (Bench *bench, const PtBatchRow *row, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtBlockFile) file
      = pt_block_store_open_file (bench->pipeline->blocks, &row->cid, &error);
  FILE *out = fopen (path, "w");

  if (file == NULL || out == NULL)
    stop (path, error);
  for (guint64 at = 0; at < row->bytes;)
    {
      g_autoptr (GBytes) bytes = pt_block_file_read (file, at, 1 << 20, &error);

      if (bytes == NULL || g_bytes_get_size (bytes) == 0)
        stop (path, error);
      fwrite (g_bytes_get_data (bytes, NULL), 1, g_bytes_get_size (bytes), out);
      at += g_bytes_get_size (bytes);
    }
  if (fclose (out) != 0)
    stop (path, NULL);
}

/* As the submitter would. */
static void
mine (Bench *bench, const PtBatchRow *row)
{
  PtTransactionRow transaction = { .block = 9, .hash = { { 4 } } };
  g_autoptr (GError) error = NULL;

  transaction.raw = g_bytes_new_static ("raw", 3);
  transaction.versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  if (!pt_store_published (bench->store, row, 1, &error)
      || !pt_store_submit (bench->store, &transaction, row, 1, &error)
      || !pt_store_mined (bench->store, &transaction, &error))
    stop ("anchoring", error);
  g_bytes_unref (transaction.raw);
  g_array_unref (transaction.versions);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  return *(const gint64 *) a < *(const gint64 *) b ? -1 : *(const gint64 *) a > *(const gint64 *) b;
}

/* Appends to what is printed how long @proofs of reports all over the batch took. */
static void
prove_and_tell (Bench *bench, guint reports, guint proofs)
{
  static const PtArchiveChain chain = { .chain_id = 31337 };
  g_autofree gint64 *times = g_new (gint64, proofs);
  guint there = (reports + SIGNED - 1) / SIGNED;

  for (guint i = 0; i < proofs; i++)
    {
      guint number = (guint) ((guint64) i * 7919 % there) * SIGNED;
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) proof = NULL;

      times[i] = g_get_monotonic_time ();
      proof = pt_archive_proof (bench->pipeline->archive, &chain, 0,
                                pt_subject_device (number % DEVICES), number / DEVICES + 1, &error);
      times[i] = g_get_monotonic_time () - times[i];
      if (proof == NULL)
        stop ("a proof", error);
    }
  qsort (times, proofs, sizeof *times, compare_times);
  g_print (",\"proofs\":%u,\"proof_ms\":%.3f,\"proof_ms_p99\":%.3f,\"proof_ms_most\":%.3f", proofs,
           (double) times[proofs / 2] / 1000, (double) times[proofs * 99 / 100] / 1000,
           (double) times[proofs - 1] / 1000);
}

static void
seal_and_tell (Bench *bench, guint reports, guint proofs, const char *path)
{
  const guint64 entries = (guint64) reports + DEVICES + 1;
  const PtBatchQuery query = { .area = -1, .state = -1, .limit = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = NULL;
  double idle = memory ("VmRSS:"), seconds, processor;
  clock_t ran;
  gint64 begun;
  guint count = 0;

  /* "5" sets the high-water mark back to what is resident now. */
  g_file_set_contents_full ("/proc/self/clear_refs", "5", 1, G_FILE_SET_CONTENTS_NONE, 0, NULL);
  ran = clock ();
  begun = g_get_monotonic_time ();
  if (!pt_batcher_seal (bench->pipeline->batcher, START_MS + PERIOD_MS, &count, &error)
      || count != 1)
    stop ("sealing", error);
  seconds = (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  processor = (double) (clock () - ran) / CLOCKS_PER_SEC;
  rows = pt_store_batches (bench->store, &query, &error);
  if (rows == NULL || rows->len != 1)
    stop ("the batch", error);
  write_file (bench, &g_array_index (rows, PtBatchRow, 0), path);
  g_print ("{\"seconds\":%.6f,\"processor_seconds\":%.6f,\"entries\":%" G_GUINT64_FORMAT
           ",\"bytes\":%" G_GUINT64_FORMAT ",\"mib_above_idle\":%.1f,\"file\":\"%s\"",
           seconds, processor, entries, g_array_index (rows, PtBatchRow, 0).bytes,
           memory ("VmHWM:") - idle, path);
  if (proofs > 0)
    {
      mine (bench, &g_array_index (rows, PtBatchRow, 0));
      prove_and_tell (bench, reports, proofs);
    }
  g_print ("}\n");
}

int
main (int argc, char **argv)
{
  Bench bench = { 0 };
  g_autofree char *path = NULL;
  guint count;

  if (argc < 3 || argc > 4 || (count = (guint) strtoul (argv[1], NULL, 10)) == 0)
    {
      g_printerr ("usage: bench-seal REPORTS FOLDER [PROOFS]\n");
      return 2;
    }
  path = g_build_filename (argv[2], "batch.json", NULL);
  open_parts (&bench, argv[2]);
  add_area (&bench);
  add_devices (&bench);
  for (guint from = 0; from < count; from += GROUP)
    add_reports (&bench, from, MIN (GROUP, count - from));
  pt_clock_manual_set (bench.clock, START_MS + PERIOD_MS);
  seal_and_tell (&bench, count, argc > 3 ? (guint) strtoul (argv[3], NULL, 10) : 0, path);
  pt_pipeline_free (bench.pipeline);
  pt_store_free (bench.store);
  pt_news_free (bench.news);
  pt_health_free (bench.health);
  pt_clock_unref (bench.clock);
  pt_p256_signer_clear (&bench.signer);
  pt_p256_key_free (bench.key);
  return 0;
}
