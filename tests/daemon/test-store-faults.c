/* SPDX-License-Identifier: Apache-2.0 */
/* Every write and every sync of every verb fails once, with and without having been done: then the
 * store has all of what the verb writes or nothing, says so, and goes on when it is opened again.
 */
#include <glib/gstdio.h>
#include <unistd.h>

#include "common/pt-test.h"
#include "pt-faulty-vfs.h"
#include "pt-memory-store.h"
#include "pt-sqlite-store.h"
#include "pt-store-batches.h"
#include "pt-store-check.h"
#include "pt-store-digest.h"

/* What a daemon does with a store, a step at a time; each may be done on any store that has those
 * before. */

static const char registration[]
    = "{\"area\":\"east\",\"customers\":3,\"device\":\"tx-1\",\"key\":\"BAAA\"}";

static gboolean
commit (PtStore *store, PtGroup *group, guint64 before, guint count, GError **error)
{
  PtTailMove move = { .before = before, .after = before + count, .reports = count };

  for (guint i = 0; i < count; i++)
    ((PtEntryRow *) group->entries)[i].number = before + i + 1;
  group->entry_count = count;
  group->tails = &move;
  group->tail_count = 1;
  return pt_store_commit (store, group, error);
}

static gboolean
add_area (PtStore *store, GError **error)
{
  const PtAreaRow row = { .id = "east", .registered = 7 };

  return pt_store_add_area (store, &row, error);
}

static gboolean
register_device (PtStore *store, GError **error)
{
  g_autoptr (GBytes) body = g_bytes_new_static (registration, strlen (registration));
  PtEntryRow row = { .subject = pt_subject_device (0),
                     .received = 10,
                     .body = registration,
                     .size = strlen (registration) };
  PtSubjectRow subject
      = { .subject = pt_subject_device (0), .body = body, .entry = 1, .active = TRUE };
  PtGroup group = { .entries = &row, .subjects = &subject, .subject_count = 1 };

  return commit (store, &group, 0, 1, error);
}

/* Large entries, an outage that begins, evidence. */
static gboolean
report (PtStore *store, GError **error)
{
  g_autofree char *text = g_strnfill (3000, 'x');
  PtEntryRow rows[5];
  const PtEntryRow other = { .subject = pt_subject_device (0), .seq = 2, .body = "{}", .size = 2 };
  const PtOutageWrite outage
      = { .change = { .kind = PT_CHANGE_OPEN, .start_seq = 2, .start = 12 }, .customers = 3 };
  PtGroup group = {
    .entries = rows, .outages = &outage, .outage_count = 1, .evidence = &other, .evidence_count = 1
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    rows[i] = (PtEntryRow){
      .subject = pt_subject_device (0), .seq = i + 1, .received = 11 + i, .body = text, .size = 3000
    };
  return commit (store, &group, 1, G_N_ELEMENTS (rows), error);
}

static gboolean
end_outage (PtStore *store, GError **error)
{
  PtEntryRow row
      = { .subject = pt_subject_device (0), .seq = 6, .received = 20, .body = "{}", .size = 2 };
  const PtOutageWrite outage = { .change = { .kind = PT_CHANGE_CLOSE,
                                             .start_seq = 2,
                                             .end_seq = 6,
                                             .end = 20,
                                             .ended_by = PT_END_REPORT } };
  PtGroup group = { .entries = &row, .outages = &outage, .outage_count = 1 };

  return commit (store, &group, 6, 1, error);
}

static gboolean
save_history (PtStore *store, GError **error)
{
  PtSubjectRow row = { .subject = pt_subject_device (0), .folded_to = 7 };
  const PtReport last = { .seq = 6, .ts = 20, .received = 20, .power = PT_POWER_ON, .order = 7 };
  PtOutageChange change;
  gboolean done;

  pt_history_init (&row.history);
  pt_history_apply (&row.history, &last, &change);
  done = pt_store_save_histories (store, &row, 1, error);
  pt_history_clear (&row.history);
  return done;
}

static gboolean
seal (PtStore *store, GError **error)
{
  g_autoptr (GArray) areas = pt_store_areas (store, error);
  g_autoptr (GBytes) roster = g_bytes_new_static ("roster", 6);
  const PtHash leaf = { { 1 } };
  PtSeal made = { .roster = roster };

  if (areas == NULL)
    return FALSE;
  made.previous = made.next = g_array_index (areas, PtAreaRow, 0).head;
  pt_frontier_append (&made.next.frontier, &leaf);
  made.next.batch = 1;
  made.next.to = 60;
  made.next.last_entry = 7;
  made.row = (PtBatchRow){
    .batch = 1, .to = 60, .size = made.next.frontier.size, .first_entry = 1, .last_entry = 7
  };
  return pt_store_seal (store, &made, 1, error);
}

static gboolean
publish (PtStore *store, GError **error)
{
  const PtBatchRow row = { .batch = 1 };

  return pt_store_published (store, &row, 1, error);
}

static gboolean
with_transaction (PtStore *store, guint step, GError **error)
{
  g_autoptr (GBytes) raw = g_bytes_new_static ("signed", 6);
  g_autoptr (GArray) versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  const PtBatchRow batch = { .batch = 1 };
  PtTransactionRow row
      = { .id = 1, .nonce = 4, .hash = { { 1 } }, .raw = raw, .versions = versions };

  if (step == 0)
    return pt_store_submit (store, &row, &batch, 1, error);
  row.hash.bytes[0] = 2;
  if (step == 1)
    return pt_store_bump (store, &row, error);
  row.block = 9;
  return step == 2 ? pt_store_mined (store, &row, error) : pt_store_finalize (store, 1, error);
}

static gboolean
submit (PtStore *store, GError **error)
{
  return with_transaction (store, 0, error);
}

static gboolean
bump (PtStore *store, GError **error)
{
  return with_transaction (store, 1, error);
}

static gboolean
mined (PtStore *store, GError **error)
{
  return with_transaction (store, 2, error);
}

static gboolean
finalize (PtStore *store, GError **error)
{
  return with_transaction (store, 3, error);
}

static gboolean
prune (PtStore *store, GError **error)
{
  guint removed;

  return pt_store_prune (store, 0, 7, 3, &removed, error);
}

static gboolean
set_ahead (PtStore *store, GError **error)
{
  return pt_store_set_ahead (store, 0, 5, error);
}

static gboolean (*const steps[]) (PtStore *store, GError **error)
    = { add_area, register_device, report,   end_outage, save_history, seal, publish, submit,
        bump,     mined,           finalize, prune,      set_ahead };

/* A store in memory that has the first @count. */
static PtStore *
wanted_after (guint count)
{
  PtStore *store = pt_memory_store_new ();

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GError) error = NULL;

      steps[i](store, &error);
      g_assert_no_error (error);
    }
  return store;
}

static gboolean
is_as_after (PtStore *store, guint count)
{
  g_autoptr (PtStore) wanted = wanted_after (count);
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();

  pt_store_compare (wanted, store, findings, "same");
  pt_store_compare_contents (wanted, store, findings, "contents");
  return pt_store_findings_verdict (findings) == PT_STORE_HOLDS;
}

/* Files */

typedef struct
{
  char *directory, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  /* What the disk does is the test's; a real one would only take its time, some thousand times. */
  fixture->directory = g_access ("/dev/shm", W_OK) == 0
                           ? g_mkdtemp (g_strdup ("/dev/shm/pt-faults-XXXXXX"))
                           : g_dir_make_tmp ("pt-faults-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->path = g_build_filename (fixture->directory, "store.sqlite", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_test_remove_tree (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->path);
}

static PtStore *
open_store (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  PtStore *store = pt_sqlite_store_new (fixture->path, &error);

  g_assert_no_error (error);
  return store;
}

static void
begin_anew (Fixture *fixture)
{
  static const char *const endings[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat (fixture->path, endings[i], NULL);

      g_remove (path);
    }
}

/* Goes through the steps from @from on; where one fails, its number, else their count. */
static guint
go_on (PtStore *store, guint from, GError **error)
{
  guint at = from;

  while (at < G_N_ELEMENTS (steps) && steps[at](store, error))
    at++;
  return at;
}

/* What the disk did not do, or did and said that it had not. */
typedef struct
{
  int write_code, sync_code;
  gboolean done;
  PtErrorCode kind; /* what it means */
  gboolean goes_on; /* the same store, too */
} Case;

/* The disk is broken: the process ends, and what it can't know is read at the next start. */
static const Case cases[] = {
  { SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, FALSE, PT_ERROR_STOP, FALSE },
  { SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, TRUE, PT_ERROR_STOP, FALSE },
  { SQLITE_FULL, SQLITE_FULL, FALSE, PT_ERROR_RETRY, TRUE },
};

/* The nth write of the run fails. FALSE: it has not as many. */
static gboolean
fail_one (Fixture *fixture, const Case *one, gint nth)
{
  PtStore *store = open_store (fixture);
  g_autoptr (GError) error = NULL, second = NULL;
  gboolean failed;
  guint at;

  pt_faulty_set ("store", nth, one->done, one->write_code, one->sync_code);
  at = go_on (store, 0, &error);
  failed = g_atomic_int_get (&pt_faulty.failed) > 0;
  pt_faulty_set (NULL, 0, FALSE, 0, 0);
  if (error != NULL)
    g_assert_error (error, PT_ERROR, (int) one->kind);
  g_assert_true (failed || at == G_N_ELEMENTS (steps));
  if (one->goes_on)
    at = go_on (store, at, &second);
  g_assert_no_error (second);
  pt_store_free (store);
  store = open_store (fixture);
  /* All of it or nothing; then the rest. */
  if (at < G_N_ELEMENTS (steps) && !is_as_after (store, at))
    {
      g_assert_true (is_as_after (store, at + 1));
      at++;
    }
  at = go_on (store, at, &second);
  g_assert_no_error (second);
  g_assert_cmpuint (at, ==, G_N_ELEMENTS (steps));
  g_assert_true (is_as_after (store, at));
  pt_store_free (store);
  begin_anew (fixture);
  return failed;
}

static void
test_every_write (Fixture *fixture, gconstpointer data)
{
  gint nth = 1;

  while (fail_one (fixture, data, nth))
    nth++;
  g_assert_cmpint (nth, >, 60);
  g_test_message ("%d writes and syncs", nth - 1);
}

/* Checkpoints, which nobody asked for: they are told, and the log has all. */

typedef struct
{
  GMutex lock;
  GCond changed;
  guint faults, ends;
  int code;
} Watch;

static void
note_fault (const GError *fault, gpointer user_data)
{
  Watch *watch = user_data;

  g_mutex_lock (&watch->lock);
  if (fault != NULL)
    {
      watch->faults++;
      watch->code = fault->code;
    }
  else
    watch->ends++;
  g_cond_broadcast (&watch->changed);
  g_mutex_unlock (&watch->lock);
}

static void
wait_for (Watch *watch, const guint *count)
{
  gint64 late = pt_test_late ();

  g_mutex_lock (&watch->lock);
  while (*count == 0)
    g_assert_true (g_cond_wait_until (&watch->changed, &watch->lock, late));
  g_mutex_unlock (&watch->lock);
}

static void
test_checkpoint (Fixture *fixture, gconstpointer data)
{
  PtStore *store = open_store (fixture);
  g_autoptr (GError) error = NULL;
  Watch watch = { .faults = 0 };

  pt_store_watch (store, note_fault, &watch);
  pt_faulty_set ("checkpoint", 0, FALSE, SQLITE_FULL, SQLITE_FULL);
  pt_faulty.forever = TRUE;
  g_atomic_int_set (&pt_faulty.left, 1);
  g_assert_cmpuint (go_on (store, 0, &error), ==, G_N_ELEMENTS (steps));
  g_assert_no_error (error);
  wait_for (&watch, &watch.faults);
  g_assert_cmpint (watch.code, ==, PT_ERROR_RETRY);
  g_assert_true (is_as_after (store, G_N_ELEMENTS (steps)));
  pt_faulty_set (NULL, 0, FALSE, 0, 0);
  wait_for (&watch, &watch.ends);
  pt_store_watch (store, NULL, NULL);
  pt_store_free (store);
  store = open_store (fixture);
  g_assert_true (is_as_after (store, G_N_ELEMENTS (steps)));
  pt_store_free (store);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_faulty_install ();
  g_test_add ("/store-faults/not-done", Fixture, &cases[0], set_up, test_every_write, tear_down);
  g_test_add ("/store-faults/done-and-reported-failed", Fixture, &cases[1], set_up,
              test_every_write, tear_down);
  g_test_add ("/store-faults/full", Fixture, &cases[2], set_up, test_every_write, tear_down);
  g_test_add ("/store-faults/checkpoint", Fixture, NULL, set_up, test_checkpoint, tear_down);
  return g_test_run ();
}
