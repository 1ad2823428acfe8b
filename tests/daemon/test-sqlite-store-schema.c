/* SPDX-License-Identifier: Apache-2.0 */
/* Databases of older versions: brought over with all that they hold, or refused and left as they
 * are. What they hold stands in tests/fixtures, as their own version said it. */
#include <sqlite3.h>

#include "pt-audit-fixture.h"
#include "pt-encoding.h"
#include "pt-past.h"

/* When that version had written its last entry. */
#define STOPPED G_GINT64_CONSTANT (1764000300056)

typedef struct
{
  char *path, *database;
} Fixture;

static char *
read_fixture (const char *name)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "tests/fixtures/schema-1", name, NULL);
  g_autoptr (GError) error = NULL;
  char *content;

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  return content;
}

static void
copy_tree (const char *from, const char *to)
{
  g_autoptr (GDir) directory = g_dir_open (from, 0, NULL);
  g_autofree char *content = NULL;
  gsize size;

  if (directory == NULL)
    {
      g_assert_true (g_file_get_contents (from, &content, &size, NULL));
      g_assert_true (g_file_set_contents (to, content, (gssize) size, NULL));
      return;
    }
  g_assert_cmpint (g_mkdir_with_parents (to, 0700), ==, 0);
  for (const char *name; (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);

      copy_tree (source, target);
    }
}

static void
execute (Fixture *fixture, const char *sql)
{
  sqlite3 *database;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (fixture->database, &database), ==, SQLITE_OK);
  sqlite3_exec (database, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (database);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *from
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "tests/fixtures/schema-1", NULL);
  g_autofree char *sql = read_fixture ("store.sql");

  fixture->path = g_dir_make_tmp ("pt-schema-XXXXXX", NULL);
  fixture->database = g_build_filename (fixture->path, "store.sqlite", NULL);
  copy_tree (from, fixture->path);
  execute (fixture, sql);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->path != NULL)
    pt_remove_tree (fixture->path);
  g_free (fixture->path);
  g_free (fixture->database);
}

/* The keys that signed what is in it. */
static void
named_key (PtTestKey *key, const char *name)
{
  guint8 scalar[32];
  gsize size = sizeof scalar;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (sum, (const guchar *) name, (gssize) strlen (name));
  g_checksum_get_digest (sum, scalar, &size);
  key->key = pt_p256_key_from_scalar (scalar);
  g_assert_true (pt_p256_signer_init (&key->signer, key->key));
}

/* Runs on the fixture's directory, which is its own then. */
static PtWorld *
start_world (Fixture *fixture)
{
  static const char *const names[] = { "tx-1", "tx-3", "tx-4", "tx-5", "officer-1" };
  PtWorld *world = pt_world_alloc (g_steal_pointer (&fixture->path), STOPPED, NULL);

  named_key (&world->authority, "authority");
  named_key (&world->service, "service");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      PtTestKey *key = g_new0 (PtTestKey, 1);

      named_key (key, names[i]);
      g_hash_table_insert (world->keys, g_strdup (names[i]), key);
    }
  pt_world_start (world);
  return world;
}

/* What the store says, as the version before said it */

typedef struct
{
  GString *text;
  guint64 sealed, next;
} Dump;

static void
dump_areas (GString *text, GArray *areas)
{
  for (guint i = 0; i < areas->len; i++)
    {
      const PtAreaRow *area = &g_array_index (areas, PtAreaRow, i);
      const PtHead *head = &area->head;
      g_autofree char *digest = NULL;
      PtHash root;

      pt_frontier_root (&head->frontier, &root);
      digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, root.bytes, PT_HASH_SIZE);
      g_string_append_printf (text,
                              "area %u %s head %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT
                              " %" G_GUINT64_FORMAT " %s\n",
                              i, area->id, head->batch, head->to, head->frontier.size, digest);
    }
}

static void
dump_batches (GString *text, GArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      /* Transactions got numbers from 1 on in the order of their nonces, which began at 0. */
      guint64 nonce = MAX (row->transaction_id, 1) - 1;
      char cid[PT_CID_TEXT_SIZE + 1];

      pt_cid_to_text (&row->cid, cid);
      g_string_append_printf (
          text,
          "batch %u %" G_GUINT64_FORMAT " %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
          " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s %" G_GUINT64_FORMAT
          " %d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
          row->area, row->batch, pt_batch_state_name (row->state), row->from, row->to,
          row->prev_size, row->size, cid, row->bytes, row->transaction_id != 0, nonce, row->block);
    }
}

static void
dump_transactions (GString *text, GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const PtTransactionRow *row = g_ptr_array_index (rows, i);

      g_string_append_printf (text,
                              "transaction %" G_GUINT64_FORMAT " %d %" G_GUINT64_FORMAT " %u\n",
                              row->nonce, row->state, row->block, row->versions->len);
      /* Whose it was the version before did not write down. */
      g_assert_cmpuint (row->chain_id, ==, 0);
    }
}

/* They follow each other from what is in the batches on. */
static gboolean
dump_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Dump *dump = user_data;
  g_autofree char *digest
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) row->body, row->size);

  if (dump->next != 0)
    g_assert_cmpuint (row->number, ==, dump->next);
  dump->next = row->number + 1;
  g_string_append_printf (dump->text, "%u entry %" G_GINT64_FORMAT " %s %s %" G_GINT64_FORMAT "\n",
                          row->area, row->received, digest,
                          row->number <= dump->sealed ? "sealed" : "waits",
                          row->subject.kind == PT_SUBJECT_DEVICE ? row->seq : 0);
  return TRUE;
}

static void
dump_entries (PtStore *store, GString *text, GArray *areas)
{
  for (guint i = 0; i < areas->len; i++)
    {
      const PtAreaRow *area = &g_array_index (areas, PtAreaRow, i);
      Dump dump = { .text = text, .sealed = area->head.last_entry };
      g_autoptr (GError) error = NULL;

      pt_store_scan_entries (store, i, 0, 0, dump_entry, &dump, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (dump.next == 0 ? 0 : dump.next - 1, ==, area->tail);
      g_assert_cmpuint (area->head.last_entry, ==, area->head.frontier.size - area->head.batch);
    }
}

static gboolean
dump_device (PtSubjectRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data, "device %u area %u %s %s\n", row->subject.number, row->area,
                          row->active ? "active" : "revoked",
                          row->was_active ? "was-active" : "was-not");
  return TRUE;
}

static gboolean
dump_official (PtSubjectRow *row, gpointer user_data, GError **error)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, row->body);

  g_string_append_printf (user_data, "official area %u %s\n", row->area, digest);
  return TRUE;
}

static void
dump_registrations (PtStore *store, GString *text, guint devices)
{
  for (guint i = 0; i < devices; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) bodies = pt_store_subject_bodies (store, pt_subject_device (i), &error);

      g_assert_no_error (error);
      for (guint j = 0; j < bodies->len; j++)
        {
          g_autofree char *digest
              = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, g_ptr_array_index (bodies, j));

          g_string_append_printf (text, "registration %u %s\n", i, digest);
        }
    }
}

static char *
dump_store (PtWorld *world)
{
  PtStore *store = world->store;
  const PtBatchQuery all = { .area = -1, .state = -1, .limit = 1000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (store, &error);
  g_autoptr (GArray) batches = areas != NULL ? pt_store_batches (store, &all, &error) : NULL;
  g_autoptr (GPtrArray) transactions
      = batches != NULL ? pt_store_transactions (store, &error) : NULL;
  g_autofree char *histories = pt_world_dump (world);
  GString *text = g_string_new (NULL);
  PtCounts counts;

  g_assert_no_error (error);
  dump_areas (text, areas);
  dump_batches (text, batches);
  dump_transactions (text, transactions);
  dump_entries (store, text, areas);
  pt_store_scan_subjects (store, PT_SUBJECT_DEVICE, dump_device, text, &error);
  g_assert_no_error (error);
  dump_registrations (store, text, pt_registry_device_count (world->pipeline->directory->registry));
  pt_store_scan_subjects (store, PT_SUBJECT_OFFICIAL, dump_official, text, &error);
  g_assert_no_error (error);
  pt_store_counts (store, &counts, &error);
  g_assert_no_error (error);
  g_string_append_printf (text, "reports %" G_GUINT64_FORMAT " outages %" G_GUINT64_FORMAT "\n%s",
                          counts.reports, counts.open_outages, histories);
  return g_string_free (text, FALSE);
}

/* Batches of an area follow each other without a hole, up to its head. */
static void
check_batches (PtWorld *world, guint32 area, guint64 entries)
{
  g_autoptr (GArray) rows = pt_area_rows (world, area);
  guint64 last = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);

      g_assert_cmpuint (row->first_entry, ==, last + 1);
      g_assert_cmpuint (row->last_entry - row->first_entry + 1, ==, row->size - row->prev_size - 1);
      last = row->last_entry;
    }
  g_assert_cmpuint (last, ==, entries);
  g_assert_cmpuint (pt_entry_index_covered (pt_archive_index (world->pipeline->archive), area), ==,
                    entries);
}

/* Everything that the version before said of it is so, and a second start changes nothing. */
static void
test_brought_over (Fixture *fixture, gconstpointer data)
{
  g_autofree char *expected = read_fixture ("expected.txt");
  g_autoptr (PtWorld) world = start_world (fixture);
  g_autofree char *first = dump_store (world);
  g_autofree char *second = NULL;

  g_assert_cmpstr (first, ==, expected);
  check_batches (world, 0, 15);
  check_batches (world, 1, 11);
  check_batches (world, 2, 0);
  check_batches (world, 3, 0);
  pt_world_restart (world, TRUE);
  second = dump_store (world);
  g_assert_cmpstr (second, ==, expected);
}

static gboolean
print_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data,
                          "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT " ",
                          row->start_seq, row->start, row->end);
  return TRUE;
}

/* Outages that ended before they began, as an older version took the clocks' word for it: reckoned
 * by when the reports came, where their entries are still here, and else as early as can be. */
static void
test_times_mended (Fixture *fixture, gconstpointer data)
{
  PtOutagesOf of = { 1, 0, G_MAXUINT32 };
  const PtOutageQuery query = { .area = -1, .devices = &of, .device_count = 1, .limit = 10 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtWorld) world = NULL;

  execute (fixture, "insert into outages values (1, 1, 1764000000020, 2, 1763999000000, 7);"
                    "insert into outages values (1, 3, 1763999000001, 4, 1764000000030, 7);"
                    "update outages set ended = 5 where device = 1 and start_seq = 7;");
  world = start_world (fixture);
  pt_store_outages (world->store, &query, print_outage, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==,
                   "1:1764000000020-1764000000020 3:1764000000020-1764000000030 "
                   "5:1764000000042-1764000060007 7:1764000060056-1764000240007 "
                   "11:1764000240014-0 ");
}

static void
assert_sealed_report (PtWorld *world, guint32 area, guint32 device, gint64 seq)
{
  const PtArchiveChain chain = { .chain_id = 1 };
  PtSubject subject = pt_subject_device (device);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) entry = NULL;
  g_autoptr (GBytes) proof = NULL;

  g_assert_true (pt_archive_entry (world->pipeline->archive, area, subject, seq, &entry, &error));
  g_assert_no_error (error);
  g_assert_nonnull (entry);
  proof = pt_archive_proof (world->pipeline->archive, &chain, area, subject, seq, &error);
  g_assert_no_error (error);
  g_assert_nonnull (proof);
}

static void
report (PtWorld *world, const char *area, const char *device, gint64 seq, const char *wanted)
{
  g_autofree char *line
      = pt_world_report (world, area, device, seq, pt_clock_now (world->clock), PT_POWER_ON, NULL);

  pt_world_expect (world, &pt_kind_report, line, wanted);
}

/* The log goes on: old counters stay used, new entries are sealed after the old ones, and a
 * stranger finds nothing wrong from the first batch on. */
static void
test_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtWorld) world = start_world (fixture);
  g_autofree char *again = pt_world_official (world, "west", "officer-1", STOPPED);
  g_autofree char *device
      = pt_world_device (world, "south", "tx-3", PT_STATUS_ACTIVE, STOPPED + 1000);

  assert_sealed_report (world, 0, 0, 2);                       /* pruned, in its first batch */
  assert_sealed_report (world, 1, 1, 6);                       /* pruned, in its second */
  report (world, "east", "tx-1", 7, PT_REFUSED ("stale-seq")); /* sealed */
  report (world, "east", "tx-1", 8, PT_REFUSED ("stale-seq")); /* waits */
  report (world, "west", "tx-3", 30, PT_REFUSED ("revoked-device"));
  report (world, "south", "tx-5", 4, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, again, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, again, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_registration, device, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 3);
  check_batches (world, 0, 18);
  check_batches (world, 1, 15);
  check_batches (world, 3, 4);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 9);
  g_assert_cmpuint (pt_audit_area (world, 1, "west", NULL, NULL), ==, 9);
  g_assert_cmpuint (pt_audit_area (world, 3, "south", NULL, NULL), ==, 2);
  pt_world_restart (world, FALSE);
  report (world, "east", "tx-1", 9, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 10);
}

/* Everything is pruned, or nothing was ever written: the numbers go on where the heads are. */
static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtStore) store = NULL;
  g_autoptr (GArray) areas = NULL;
  g_autoptr (GError) error = NULL;

  if (data == NULL)
    execute (fixture, "delete from entries; delete from areas; delete from devices;"
                      "delete from officials; delete from registrations; delete from batches;"
                      "delete from outages;");
  else
    execute (fixture, "delete from entries where id > 0;"
                      "delete from registrations where entry > 26;"
                      "delete from officials where area = 1;"
                      "delete from devices where number > 3; delete from outages;");
  store = pt_sqlite_store_new (fixture->database, &error);
  g_assert_no_error (error);
  areas = pt_store_areas (store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (areas->len, ==, data == NULL ? 0 : 4);
  for (guint i = 0; i < areas->len; i++)
    {
      const PtAreaRow *area = &g_array_index (areas, PtAreaRow, i);

      g_assert_cmpuint (area->tail, ==, area->head.last_entry);
      g_assert_cmpuint (area->tail, ==, i == 0 ? 15 : i == 1 ? 11 : 0);
    }
}

/* Evidence of older versions gets its counters, and the oldest two of each stay. */
static void
test_evidence (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtStore *store;

  execute (fixture, "delete from evidence; insert into evidence values"
                    " (1, 0, 5, cast ('{\"seq\":7,\"n\":1}' as blob)),"
                    " (2, 0, 6, cast ('{\"seq\":7,\"n\":2}' as blob)),"
                    " (3, 0, 7, cast ('{\"seq\":7,\"n\":3}' as blob)),"
                    " (4, 0, 8, cast ('{\"seq\":8}' as blob)), (5, 1, 9, cast ('no' as blob));");
  store = pt_sqlite_store_new (fixture->database, &error);
  g_assert_no_error (error);
  pt_store_free (store);
  execute (fixture, "create temp table one (a check (a = 1));"
                    "insert into one select group_concat (id || ':' || seq || '@' || received)"
                    " = '1:7@5,2:7@6,4:8@8,5:0@9' from evidence;");
}

/* How a registration of before is made to say something else. */
#define SAYS(device, entry, old, new)                                                              \
  "update registrations set body = cast (replace (cast (body as text), '\"" old                    \
  "\"', '\"" new "\"') as blob) where device = " #device " and entry = " #entry ";"
#define KEY_BEFORE                                                                                 \
  "BPswzQ-LExqeIRho24suSqyD-mR-9Ek4q9hXYDNm2AGiXisyzO8RtpC3SP7_vrwKow-h9WDvOxJ0tu13coQ-2sc"
#define KEY_NOW                                                                                    \
  "BDz6IIP0XofMiV4pzBd1ZL-WiU0UZB_FV4X-sKc_7y1TzSoleWuhpHnel0o9hRTIe1vFnryD3Syo6zfLPvlsBRs"

static gboolean
check_past (PtSubjectRow *row, gpointer user_data, GError **error)
{
  guint *seen = user_data;
  guint8 before[PT_PUBLIC_KEY_SIZE], now[PT_PUBLIC_KEY_SIZE];
  PtPast past = { 0 };

  *seen += 1;
  g_assert_true (row->past == NULL || pt_past_load (&past, row->past));
  g_assert_true (pt_base64url_decode (pt_text (KEY_BEFORE), before, sizeof before));
  g_assert_true (pt_base64url_decode (pt_text (KEY_NOW), now, sizeof now));
  g_assert_cmpuint (pt_past_place (&past), ==,
                    row->subject.number == 0   ? 2
                    : row->subject.number == 3 ? 1
                                               : 0);
  if (row->subject.number == 0)
    {
      g_assert_cmpstr (g_array_index (past.places, PtPlace, 0).site, ==, "tx-1");
      g_assert_cmpstr (g_array_index (past.places, PtPlace, 1).site, ==, "elsewhere");
      /* How high it stood then is not known any more: as high as the snapshot has it. */
      g_assert_cmpint (pt_past_after (&past, before), ==, 0);
      g_assert_cmpint (pt_past_after (&past, now), ==, 6);
    }
  if (row->subject.number == 3)
    g_assert_cmpstr (g_array_index (past.places, PtPlace, 0).site, ==, "elsewhere");
  pt_past_clear (&past);
  return TRUE;
}

/* What devices were before is reckoned from their registrations, and the places of outages from
 * their times: one that lasted when its device was moved ends then, and stays where it was. */
static void
test_pasts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtStore *store;
  guint seen = 0;

  execute (fixture, SAYS (0, 1, KEY_NOW, KEY_BEFORE) SAYS (0, 9, "tx-1", "elsewhere")
                        SAYS (3, 14, "tx-3", "elsewhere") SAYS (3, 30, "revoked", "active"));
  execute (fixture, "update registrations set body = cast (replace (cast (body as text),"
                    " '\"device\":\"elsewhere\"', '\"device\":\"tx-' || (device + (device = 0))"
                    " || '\"') as blob);"
                    "update devices set active = 1, was_active = 1, body = (select body from"
                    " registrations where device = 3 and entry = 30) where number = 3;");
  store = pt_sqlite_store_new (fixture->database, &error);
  g_assert_no_error (error);
  pt_store_scan_subjects (store, PT_SUBJECT_DEVICE, check_past, &seen, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (seen, ==, 6);
  pt_store_free (store);
  execute (fixture,
           "create temp table one (a check (a = 1));"
           "insert into one select group_concat (device || ':' || start_seq || '@' || place || '-'"
           " || ended_by, ' ') = '0:2@2-1 0:7@2-1 1:5@0-1 1:7@0-1 1:11@0-0 3:9@0-3 4:3@0-0'"
           " from (select * from outages order by device, start_seq);"
           "insert into one select ended = 1764000300021 from outages where device = 3;");
}

static gboolean
print_rejected (const PtRejectedRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data, "%" G_GUINT64_FORMAT "=%s %s;", row->number, row->source,
                          row->reason);
  return TRUE;
}

/* The ring of refused reports (15) is empty at first, and kept from then on. */
static void
test_rejected (Fixture *fixture, gconstpointer data)
{
  static const char made[] = "create temp table one (a check (a = 1));"
                             "insert into one select count (*) from pragma_user_version"
                             " where user_version >= 15;"
                             "insert into one select count (*) = 2 from sqlite_schema"
                             " where tbl_name = 'rejected' and type = 'index' and sql is not null;";
  static const char *const wanted[] = { "", "1=a malformed;" };
  const PtRejectedQuery query = { .limit = 10 };
  const PtRejectedRow row = { .at = 100,
                              .source = "a",
                              .transport = "http",
                              .address = "",
                              .certificate = "",
                              .area = "",
                              .device = "",
                              .reason = "malformed",
                              .text = "{",
                              .size = 1 };
  const PtGroup group = { .rejected = &row, .rejected_count = 1 };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (PtStore) store = pt_sqlite_store_new (fixture->database, &error);

      g_assert_no_error (error);
      pt_store_rejected (store, &query, print_rejected, text, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text->str, ==, wanted[i]);
      pt_store_commit (store, &group, &error);
      g_assert_no_error (error);
    }
  execute (fixture, made);
}

/* What can't be brought over is refused with what to do, and stays what it was. */
static void
test_refused (Fixture *fixture, gconstpointer damage)
{
  static const char untouched[] = "create temp table one (a check (a = 1));"
                                  "insert into one select count (*) from pragma_user_version"
                                  " where user_version = 1;"
                                  "insert into one select count (*) > 0 from devices;"
                                  "insert into one select count (*) > 0 from counters;"
                                  "insert into one select count (*) = 0 from sqlite_schema"
                                  " where name like '%_2' or name = 'subjects';";

  execute (fixture, damage);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pt_sqlite_store_new (fixture->database, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, fixture->database));
      g_assert_nonnull (strstr (error->message, "the version before goes on with it"));
      execute (fixture, untouched);
    }
}

#define ADD(name, data, func)                                                                      \
  g_test_add ("/sqlite-store-schema/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  ADD ("brought-over", NULL, test_brought_over);
  ADD ("times-mended", NULL, test_times_mended);
  ADD ("goes-on", NULL, test_goes_on);
  ADD ("evidence", NULL, test_evidence);
  ADD ("pasts", NULL, test_pasts);
  ADD ("rejected", NULL, test_rejected);
  ADD ("nothing-written", NULL, test_empty);
  ADD ("all-pruned", "pruned", test_empty);
  ADD ("refused-official", "delete from officials where area = 0", test_refused);
  ADD ("refused-body", "update entries set body = x'7b7d' where device is null", test_refused);
  ADD ("refused-area", "update entries set area = 9 where id = 20", test_refused);
  ADD ("refused-head", "update areas set size = 5 where number = 0", test_refused);
  ADD ("refused-registration", "delete from registrations where device = 1", test_refused);
  return g_test_run ();
}
