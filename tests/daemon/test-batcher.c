/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing: what is in the batch files is read back and audited with core's reader and the
 * registry's rules, as a stranger would. */
#include <sqlite3.h>

#include "common/pt-test.h"
#include "pt-audit-fixture.h"

typedef struct
{
  PtWorld *world;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer in_memory)
{
  fixture->world = pt_world_new (in_memory != NULL ? pt_memory_store_new () : NULL);
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_add_device (fixture->world, "east", "tx-2");
}

static void
tear_down (Fixture *fixture, gconstpointer in_memory)
{
  pt_world_free (fixture->world);
}

/* Windows and rosters */

static void
test_windows (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autoptr (GArray) rows = NULL;
  gint64 expected, heard;

  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", &expected, &heard), ==, 1);
  g_assert_cmpint (expected, ==, 2);
  g_assert_cmpint (heard, ==, 1);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (pt_world_seal (world), ==, 0); /* nothing came: the window grows */
  pt_world_report_now (world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_world_advance (world, PT_WORLD_PERIOD - 1); /* still in the window */
  pt_world_report_now (world, "tx-2", 2, PT_POWER_ON, PT_ACCEPTED);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_world_report_now (world, "tx-1", 3, PT_POWER_ON, PT_ACCEPTED); /* on the boundary: the next */
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", &expected, &heard), ==, 5);
  rows = pt_area_rows (world, 0);
  g_assert_cmpuint (rows->len, ==, 3);
  g_assert_cmpint (g_array_index (rows, PtBatchRow, 0).from, ==,
                   PT_WORLD_START / PT_WORLD_PERIOD * PT_WORLD_PERIOD);
  g_assert_cmpuint (g_array_index (rows, PtBatchRow, 1).size, ==, 4 + 4);
}

/* What is held back is not sealed, other areas are; let go, its windows follow, one by one. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  pt_world_add_area (world, "west");
  pt_world_add_device (world, "west", "tx-9");
  pt_hold_set (world->hold, 0, PT_HOLD_AREA, "other keys");
  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 0);
  pt_hold_set (world->hold, 1, PT_HOLD_ALL, "an older copy");
  pt_hold_set (world->hold, 0, PT_HOLD_NOTHING, NULL);
  g_assert_cmpuint (pt_world_seal (world), ==, 0);
  pt_hold_set (world->hold, 1, PT_HOLD_NOTHING, NULL);
  g_assert_cmpuint (pt_world_seal (world), ==, 2);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 2);
}

static gboolean
has_batch (PtWorld *world)
{
  g_autoptr (GArray) rows = pt_area_rows (world, 0);

  return rows->len == 1;
}

/* The thread seals what was let go at once, not at the next boundary. */
static void
test_released (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  pt_hold_set (world->hold, 0, PT_HOLD_AREA, "not yet");
  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_world_advance (world, PT_WORLD_PERIOD);
  pt_batcher_start (world->pipeline->batcher);
  PT_TEST_POLL (pt_batcher_behind (world->pipeline->batcher) == 0);
  g_assert_false (has_batch (world));
  pt_hold_set (world->hold, 0, PT_HOLD_NOTHING, NULL);
  PT_TEST_POLL (has_batch (world));
}

/* Many windows that the batcher had no time for become a batch each. */
static void
test_backlog (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  for (gint64 seq = 1; seq <= 5; seq++)
    {
      pt_world_report_now (world, "tx-1", seq, PT_POWER_ON, PT_ACCEPTED);
      pt_world_advance (world, PT_WORLD_PERIOD * (1 + seq % 2));
    }
  g_assert_cmpuint (pt_world_seal (world), ==, 5);
  g_assert_cmpuint (pt_world_seal (world), ==, 0);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 5);
}

static void
revoke_device (PtWorld *world, const char *device)
{
  g_autofree char *line
      = pt_world_device (world, "east", device, PT_STATUS_REVOKED, pt_clock_now (world->clock));

  pt_world_expect (world, &pt_kind_registration, line, PT_ACCEPTED);
}

/* A registration or revocation counts from its place in the log on, whatever was registered after
 * the window and whenever it was started again. */
static void
check_rosters (PtWorld *world, gboolean restart, gboolean killed)
{
  gint64 expected, heard;

  pt_world_advance (world, 10);
  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  revoke_device (world, "tx-1"); /* heard, but not active at the end */
  pt_world_add_device (world, "east", "tx-3");
  pt_clock_manual_set (world->clock,
                       (pt_clock_now (world->clock) / PT_WORLD_PERIOD + 1) * PT_WORLD_PERIOD);
  pt_world_add_device (world, "east", "tx-4"); /* of the next window */
  revoke_device (world, "tx-2");
  if (restart)
    pt_world_restart (world, killed);
  {
    g_autoptr (GError) error = NULL;
    guint count;

    g_assert_true (
        pt_batcher_seal (world->pipeline->batcher, pt_clock_now (world->clock), &count, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (count, ==, 1);
  }
  pt_audit_area (world, 0, "east", &expected, &heard);
  g_assert_cmpint (expected, ==, 2);
  g_assert_cmpint (heard, ==, 0);
  if (restart)
    pt_world_restart (world, killed);
  pt_world_report_now (world, "tx-4", 1, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_audit_area (world, 0, "east", &expected, &heard);
  g_assert_cmpint (expected, ==, 2);
  g_assert_cmpint (heard, ==, 1);
}

static void
test_rosters (Fixture *fixture, gconstpointer data)
{
  check_rosters (fixture->world, FALSE, FALSE);
}

static void
test_rosters_restarted (Fixture *fixture, gconstpointer data)
{
  check_rosters (fixture->world, TRUE, FALSE);
}

static void
test_rosters_killed (Fixture *fixture, gconstpointer data)
{
  check_rosters (fixture->world, TRUE, TRUE);
}

static void
test_two_areas (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *west = NULL;

  pt_world_add_area (world, "west");
  g_assert_cmpuint (pt_world_seal (world), ==, 1); /* only "east" has entries */
  pt_world_add_device (world, "west", "tx-1");     /* the same name, another device */
  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  west
      = pt_world_report (world, "west", "tx-1", 1, pt_clock_now (world->clock), PT_POWER_OFF, NULL);
  pt_world_expect (world, &pt_kind_report, west, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 2);
  pt_world_restart (world, TRUE);
  pt_world_expect (world, &pt_kind_report, west, PT_DUPLICATE);
  pt_world_report_now (world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 2);
  g_assert_cmpuint (pt_audit_area (world, 1, "west", NULL, NULL), ==, 1);
}

/* Failures */

static void
seal_fails (PtWorld *world, PtStoreFailure failure)
{
  g_autoptr (GError) error = NULL;
  gint64 boundary = (pt_clock_now (world->clock) / PT_WORLD_PERIOD + 1) * PT_WORLD_PERIOD;
  guint count;

  pt_memory_store_fail (world->store, PT_STORE_SEAL, failure, 0, 1);
  pt_clock_manual_set (world->clock, boundary);
  g_assert_false (pt_batcher_seal (world->pipeline->batcher, boundary, &count, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

/* The seal fails in one of both ways, then is tried again, at once or by the next process, with or
 * without entries that came meanwhile: every report is in the log once and known as sealed. */
static void
check_seal_failure (PtStoreFailure failure, gboolean restart, gboolean more)
{
  g_autoptr (PtWorld) world = pt_world_new (pt_memory_store_new ());
  g_autofree char *first = NULL;

  pt_world_add_device (world, "east", "tx-1");
  pt_world_add_device (world, "east", "tx-2");
  first
      = pt_world_report (world, "east", "tx-1", 1, pt_clock_now (world->clock), PT_POWER_OFF, NULL);
  pt_world_expect (world, &pt_kind_report, first, PT_ACCEPTED);
  seal_fails (world, failure);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  if (more)
    pt_world_report_now (world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  if (restart)
    pt_world_restart (world, TRUE);
  g_assert_cmpuint (pt_world_seal (world), ==,
                    (failure == PT_FAIL_NOT_PERSISTED ? 1 : 0) + (more ? 1 : 0));
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  for (gint64 seq = 2; seq < 5; seq++) /* the tail forgets what is sealed when more comes */
    {
      pt_world_report_now (world, "tx-1", seq, PT_POWER_ON, PT_ACCEPTED);
      pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
      g_assert_cmpuint (pt_world_seal (world), ==, 1);
    }
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 4 + more);
}

static void
test_seal_fails (void)
{
  for (guint i = 0; i < 8; i++)
    check_seal_failure (i & 1 ? PT_FAIL_PERSISTED : PT_FAIL_NOT_PERSISTED, (i & 2) != 0,
                        (i & 4) != 0);
}

/* The index can't be written for a while: sealing goes on, and the index catches up. */
static void
test_index_behind (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *index = g_build_filename (world->path, "index", NULL);
  g_autofree char *away = g_build_filename (world->path, "away", NULL);
  g_autofree char *first
      = pt_world_report (world, "east", "tx-1", 1, pt_clock_now (world->clock), PT_POWER_OFF, NULL);

  pt_world_expect (world, &pt_kind_report, first, PT_ACCEPTED);
  g_assert_cmpint (g_rename (index, away), ==, 0);
  pt_expect_warnings ();
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&pt_warnings_seen), >=, 2);
  g_atomic_int_set (&pt_warnings_expected, 0);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  g_assert_cmpint (g_rename (away, index), ==, 0);
  g_assert_cmpuint (pt_world_seal (world), ==, 0); /* and catches up */
  g_assert_cmpuint (pt_entry_index_covered (pt_archive_index (world->pipeline->archive), 0), ==, 4);
  pt_world_report_now (world, "tx-1", 3, PT_POWER_ON, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 2);
}

static void
test_snapshot_fails (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  pt_world_report_now (world, "tx-1", 3, PT_POWER_OFF, PT_ACCEPTED);
  pt_memory_store_fail (world->store, PT_STORE_SAVE_HISTORIES, PT_FAIL_NOT_PERSISTED, 0, 1);
  g_assert_false (pt_batcher_snapshot (world->pipeline->batcher, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  pt_world_report_now (world, "tx-1", 5, PT_POWER_ON, PT_ACCEPTED);
  pt_world_report_now (world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  g_assert_true (pt_batcher_snapshot (world->pipeline->batcher, &error));
  before = pt_world_dump (world);
  pt_world_restart (world, TRUE);
  after = pt_world_dump (world);
  g_assert_cmpstr (before, ==, after);
}

/* Pruning */

/* Anchors everything that is sealed, as the submitter would. */
static void
finish_batches (PtWorld *world, guint64 nonce)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = pt_store_unfinished (world->store, 100, &error);
  PtTransactionRow transaction = { .nonce = nonce, .state = PT_BATCH_SUBMITTED, .block = 5 };

  g_assert_no_error (error);
  transaction.raw = g_bytes_new_static ("raw", 3);
  transaction.versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  g_array_append_val (transaction.versions, transaction.hash);
  pt_store_published (world->store, (PtBatchRow *) rows->data, rows->len, &error);
  g_assert_no_error (error);
  pt_store_submit (world->store, &transaction, (PtBatchRow *) rows->data, rows->len, &error);
  g_assert_no_error (error);
  pt_store_mined (world->store, &transaction, &error);
  g_assert_no_error (error);
  pt_store_finalize (world->store, transaction.id, &error);
  g_assert_no_error (error);
  g_bytes_unref (transaction.raw);
  g_array_unref (transaction.versions);
}

static gboolean
count_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

static guint
entries_in_store (PtWorld *world)
{
  g_autoptr (GError) error = NULL;
  guint count = 0;

  pt_store_scan_entries (world->store, 0, 0, 0, count_entry, &count, &error);
  g_assert_no_error (error);
  return count;
}

static PtHealthSort
health_of (PtWorld *world, PtHealthStatus *status)
{
  pt_health_get (world->health, status);
  return status->sort;
}

/* What is FINAL and folded leaves the store; repetitions of it are known, and a start without it
 * knows all. */
static void
test_prune (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *first
      = pt_world_report (world, "east", "tx-1", 1, pt_clock_now (world->clock), PT_POWER_OFF, NULL);
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  pt_world_expect (world, &pt_kind_report, first, PT_ACCEPTED);
  pt_world_seal (world);
  finish_batches (world, 0);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
  pt_world_seal (world); /* sealed, not final: stays */
  pt_world_report_now (world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  g_assert_true (pt_batcher_snapshot (world->pipeline->batcher, &error));
  g_assert_no_error (error);
  pt_batcher_start (world->pipeline->batcher);
  PT_TEST_POLL (entries_in_store (world) == 2);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  before = pt_world_dump (world);
  pt_world_restart (world, FALSE); /* its thread runs */
  after = pt_world_dump (world);
  g_assert_cmpstr (before, ==, after);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_seal (world);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 3);
}

/* The one block of the area's first batch. */
static char *
first_block (PtWorld *world)
{
  g_autoptr (GError) error = NULL;
  char cid[PT_CID_TEXT_SIZE + 1], name[3];
  PtBatchRow row;

  g_assert_true (pt_archive_batch (world->pipeline->archive, 0, 1, &row, &error));
  pt_cid_to_text (&row.cid, cid);
  g_snprintf (name, sizeof name, "%02x", row.cid.bytes[PT_CID_SIZE - 1]);
  return g_build_filename (world->path, "blocks", name, cid, NULL);
}

/* Both devices said something, and that is FINAL and folded; then a bit of its file turns. */
static char *
spoil_final_batch (PtWorld *world, char **right, gsize *size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *spoilt = NULL;
  char *path;

  pt_world_report_now (world, "tx-1", 1, PT_POWER_OFF, PT_ACCEPTED);
  pt_world_report_now (world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_world_seal (world);
  finish_batches (world, 0);
  g_assert_true (pt_batcher_snapshot (world->pipeline->batcher, &error));
  path = first_block (world);
  g_assert_true (g_file_get_contents (path, right, size, NULL));
  spoilt = g_memdup2 (*right, *size);
  spoilt[*size / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, spoilt, (gssize) *size, NULL));
  return path;
}

/* A bit that the disk turned between seal and finality: the file is made again from the rows before
 * they go. */
static void
test_prune_mends (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *right = NULL;
  g_autofree char *after = NULL;
  gsize size, size_after;
  g_autofree char *path = spoil_final_batch (world, &right, &size);

  pt_batcher_start (world->pipeline->batcher);
  PT_TEST_POLL (entries_in_store (world) == 0);
  g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
  g_assert_cmpmem (after, size_after, right, size);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 2);
}

static void
forget_rosters (PtWorld *world)
{
  g_autofree char *path = g_build_filename (world->path, "store.sqlite", NULL);
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  sqlite3_busy_timeout (database, 10000);
  g_assert_cmpint (sqlite3_exec (database, "delete from rosters", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

/* Where it can't be made again the rows stay, and the state is not well, until a copy is there. */
static void
test_prune_keeps (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *right = NULL;
  gsize size;
  g_autofree char *path = spoil_final_batch (world, &right, &size);
  PtHealthStatus status = { 0 };
  g_autoptr (GError) error = NULL;

  forget_rosters (world);
  g_assert_true (g_file_set_contents (path, "lost", -1, NULL));
  pt_batcher_start (world->pipeline->batcher);
  PT_TEST_POLL (health_of (world, &status) == PT_HEALTH_ASKS);
  g_assert_nonnull (strstr (status.sentence, "Batch 1 of east is damaged"));
  g_assert_cmpuint (entries_in_store (world), ==, 4);
  g_assert_true (g_file_set_contents (path, right, (gssize) size, NULL));
  pt_world_restart (world, FALSE); /* its thread runs */
  pt_world_report_now (world, "tx-1", 2, PT_POWER_OFF, PT_ACCEPTED);
  g_assert_true (pt_batcher_snapshot (world->pipeline->batcher, &error));
  pt_batcher_start (world->pipeline->batcher);
  PT_TEST_POLL (entries_in_store (world) == 1);
  PT_TEST_POLL (health_of (world, &status) == PT_HEALTH_WELL);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 2);
}

/* The thread seals at the boundary by itself. */
static void
test_thread (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  pt_batcher_start (world->pipeline->batcher);
  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  g_usleep (50000);
  g_assert_false (has_batch (world));
  pt_world_advance (world, PT_WORLD_PERIOD);
  PT_TEST_POLL (has_batch (world));
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 1);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/batcher/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  ADD ("windows", NULL, test_windows);
  ADD ("held", NULL, test_held);
  ADD ("released", NULL, test_released);
  ADD ("backlog", NULL, test_backlog);
  ADD ("rosters", NULL, test_rosters);
  ADD ("rosters-restarted", NULL, test_rosters_restarted);
  ADD ("rosters-killed", NULL, test_rosters_killed);
  ADD ("two-areas", NULL, test_two_areas);
  g_test_add_func ("/batcher/seal-fails", test_seal_fails);
  ADD ("index-behind", NULL, test_index_behind);
  ADD ("snapshot-fails", "memory", test_snapshot_fails);
  ADD ("prune", NULL, test_prune);
  ADD ("prune-mends", NULL, test_prune_mends);
  ADD ("prune-keeps", NULL, test_prune_keeps);
  ADD ("thread", NULL, test_thread);
  return g_test_run ();
}
