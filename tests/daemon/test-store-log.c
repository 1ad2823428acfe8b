/* SPDX-License-Identifier: Apache-2.0 */
/* The log, over every store. */
#include "pt-store-suite.h"

/* Areas */

static void
test_areas (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtAreaRow east = add_area (fixture, 0, "east");
  PtAreaRow again;
  g_autoptr (GArray) rows = NULL;
  const PtAreaRow *row;

  add_area (fixture, 1, "west");
  again = east;
  again.number = 2;
  g_assert_false (pt_store_add_area (fixture->store, &again, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  reopen (fixture, data);
  rows = pt_store_areas (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 2);
  row = &g_array_index (rows, PtAreaRow, 0);
  g_assert_cmpstr (row->id, ==, "east");
  g_assert_cmpint (row->registered, ==, 1000);
  g_assert_cmpmem (row->authority_key, PT_PUBLIC_KEY_SIZE, east.authority_key, PT_PUBLIC_KEY_SIZE);
  g_assert_cmpmem (row->service_key, PT_PUBLIC_KEY_SIZE, east.service_key, PT_PUBLIC_KEY_SIZE);
  g_assert_cmpuint (row->ahead, ==, 0);
  g_assert_cmpuint (row->head.batch, ==, 0);
  g_assert_cmpuint (row->head.frontier.size, ==, 0);
  g_assert_cmpuint (g_array_index (rows, PtAreaRow, 1).number, ==, 1);
}

/* What is known stays: only areas of which no service key is known get one. */
static void
test_service_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = NULL;
  PtAreaRow west = { .number = 1, .id = "west", .service_key = { 4, 7 } };
  guint8 key[PT_PUBLIC_KEY_SIZE] = { 4, 9 };

  add_area (fixture, 0, "east");
  pt_store_add_area (fixture->store, &west, &error);
  g_assert_no_error (error);
  pt_store_adopt_service_key (fixture->store, key, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  rows = pt_store_areas (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_array_index (rows, PtAreaRow, 0).service_key[1], ==, 9);
  g_assert_cmpuint (g_array_index (rows, PtAreaRow, 1).service_key[1], ==, 7);
}

static guint64
ahead_of (Fixture *fixture, guint area)
{
  g_autoptr (GArray) rows = pt_store_areas (fixture->store, NULL);

  return g_array_index (rows, PtAreaRow, area).ahead;
}

static void
test_ahead (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  pt_store_set_ahead (fixture->store, 1, 5, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  g_assert_cmpuint (ahead_of (fixture, 0), ==, 0);
  g_assert_cmpuint (ahead_of (fixture, 1), ==, 5);
  pt_store_set_ahead (fixture->store, 1, 0, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  g_assert_cmpuint (ahead_of (fixture, 1), ==, 0);
}

/* Entries */

static gboolean
collect_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  GArray *ids = user_data;

  g_assert_cmpmem (row->body, row->size, "{\"a\":1}", 7);
  g_array_append_val (ids, row->number);
  return TRUE;
}

static void
assert_scan (Fixture *fixture, guint32 area, guint64 after, gint64 before, guint64 first,
             guint count)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  pt_store_scan_entries (fixture->store, area, after, before, collect_entry, ids, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, count);
  for (guint i = 0; i < count; i++)
    g_assert_cmpuint (g_array_index (ids, guint64, i), ==, first + i);
}

static gboolean
stop_at_two (const PtEntryRow *row, gpointer user_data, GError **error)
{
  guint *seen = user_data;

  if (++*seen < 2)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY, "enough");
  return FALSE;
}

static void
test_entries (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint seen;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) none = NULL;

  add_area (fixture, 0, "east");
  g_assert_cmpuint (commit_entries (fixture, 0, 100, 3), ==, 1);
  g_assert_cmpuint (commit_entries (fixture, 0, 200, 2), ==, 4);
  reopen (fixture, data);
  g_assert_cmpuint (commit_entries (fixture, 0, 300, 1), ==, 6);
  assert_scan (fixture, 0, 0, 0, 1, 6);
  assert_scan (fixture, 0, 2, 0, 3, 4);
  assert_scan (fixture, 0, 0, 200, 1, 3);
  assert_scan (fixture, 0, 3, 300, 4, 2);
  assert_scan (fixture, 0, 6, 0, 0, 0);
  seen = 0;
  g_assert_false (pt_store_scan_entries (fixture->store, 0, 0, 0, stop_at_two, &seen, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_BUSY);
  g_assert_cmpuint (seen, ==, 2);
  g_clear_error (&error);
  pt_store_read_entry (fixture->store, 0, 6, &body, &error);
  g_assert_no_error (error);
  g_assert_nonnull (body);
  pt_store_read_entry (fixture->store, 0, 7, &none, &error);
  g_assert_no_error (error);
  g_assert_null (none);
}

/* Two areas interleaved in one group, each with numbers of its own. */
static void
test_two_areas (Fixture *fixture, gconstpointer data)
{
  PtEntryRow rows[5];
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;
  PtCounts counts;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  g_assert_cmpuint (commit_entries (fixture, 1, 100, 2), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    rows[i] = (PtEntryRow){ .area = i % 2,
                            .subject = pt_subject_device (0),
                            .seq = i + 1,
                            .received = 200 + i,
                            .body = "{\"a\":1}",
                            .size = 7 };
  pt_commit_rows (fixture->store, rows, G_N_ELEMENTS (rows), NULL);
  g_assert_cmpuint (rows[4].number, ==, 3);
  g_assert_cmpuint (rows[3].number, ==, 4);
  reopen (fixture, data);
  assert_scan (fixture, 0, 0, 0, 1, 3);
  assert_scan (fixture, 1, 0, 0, 1, 4);
  assert_scan (fixture, 1, 1, 203, 2, 2);
  assert_scan (fixture, 2, 0, 0, 0, 0);
  pt_store_read_entry (fixture->store, 0, 4, &body, &error);
  g_assert_no_error (error);
  g_assert_null (body); /* there is one in the other area */
  pt_store_counts (fixture->store, &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.entries, ==, 7);
  g_assert_cmpuint (counts.unsealed, ==, 7);
  g_assert_cmpuint (counts.reports, ==, 5);
}

static void
assert_not_committed (Fixture *fixture, PtEntryRow *rows, guint count, PtTailMove *tails,
                      guint tail_count)
{
  PtGroup group
      = { .entries = rows, .entry_count = count, .tails = tails, .tail_count = tail_count };
  g_autoptr (GError) error = NULL;

  g_assert_false (pt_store_commit (fixture->store, &group, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
}

/* The tails are a compare-and-swap: one that is elsewhere, and nothing of the group is written. */
static void
test_tails (Fixture *fixture, gconstpointer data)
{
  PtEntryRow rows[2] = { { .area = 0, .number = 4, .body = "{\"a\":1}", .size = 7 },
                         { .area = 1, .number = 1, .body = "{\"a\":1}", .size = 7 } };
  PtTailMove good[2] = { { 0, 3, 4, 0 }, { 1, 0, 1, 0 } };
  PtGroup group = { .entries = rows, .entry_count = 2, .tails = good, .tail_count = 2 };
  g_autoptr (GError) error = NULL;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_entries (fixture, 0, 100, 3);
  for (guint64 number = 2; number <= 6; number += 2)
    {
      PtTailMove tails[2] = { { 0, number - 1, number, 0 }, good[1] };

      rows[0].number = number;
      if (number != 4)
        assert_not_committed (fixture, rows, 2, tails, 2);
    }
  rows[0].number = 4;
  rows[1].area = 2; /* no such area */
  good[1].area = 2;
  assert_not_committed (fixture, rows, 2, good, 2);
  rows[1].area = good[1].area = 1;
  reopen (fixture, data);
  assert_scan (fixture, 0, 0, 0, 1, 3);
  assert_scan (fixture, 1, 0, 0, 0, 0);
  g_assert_true (pt_store_commit (fixture->store, &group, &error));
  g_assert_no_error (error);
  assert_not_committed (fixture, rows, 2, good, 2); /* a second time */
  assert_scan (fixture, 0, 0, 0, 1, 4);
  assert_scan (fixture, 1, 0, 0, 1, 1);
}

/* Entries that would leave a hole, stand twice or belong to no tail. */
static void
test_no_holes (Fixture *fixture, gconstpointer data)
{
  PtEntryRow rows[3];
  PtTailMove move = { .after = 3 };
  PtTailMove two[2] = { { .after = 2 }, { .area = 1, .after = 2 } };

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  for (guint i = 0; i < 3; i++)
    rows[i] = (PtEntryRow){ .number = i + 1, .body = "{\"a\":1}", .size = 7 };
  rows[1].number = 3;
  assert_not_committed (fixture, rows, 3, &move, 1);
  rows[1].number = 1;
  assert_not_committed (fixture, rows, 3, &move, 1);
  rows[1].number = 2;
  move.after = 4;
  assert_not_committed (fixture, rows, 3, &move, 1);
  move.after = 2;
  assert_not_committed (fixture, rows, 3, &move, 1);
  move = (PtTailMove){ .area = 1, .after = 3 };
  assert_not_committed (fixture, rows, 3, &move, 1);
  rows[2] = (PtEntryRow){ .area = 1, .number = 2, .body = "{\"a\":1}", .size = 7 };
  assert_not_committed (fixture, rows, 3, two, 2);
  assert_not_committed (fixture, rows, 3, NULL, 0);
  assert_scan (fixture, 0, 0, 0, 0, 0);
  g_assert_cmpuint (commit_entries (fixture, 0, 100, 1), ==, 1);
}

/* Subjects */

typedef struct
{
  guint count;
  guint64 entries[2], folded[2];
  gboolean active[2], was_active[2];
  gint64 seqs[2];
  guint gaps[2];
} Devices;

static gboolean
collect_device (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Devices *devices = user_data;
  guint i = devices->count++;

  g_assert_cmpuint (row->subject.number, ==, i);
  devices->entries[i] = row->entry;
  devices->folded[i] = row->folded_to;
  devices->active[i] = row->active;
  devices->was_active[i] = row->was_active;
  devices->seqs[i] = row->history.latest.seq;
  devices->gaps[i] = row->history.piece_count;
  return TRUE;
}

static Devices
scan_devices (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  Devices devices = { 0 };

  pt_store_scan_subjects (fixture->store, PT_SUBJECT_DEVICE, collect_device, &devices, &error);
  g_assert_no_error (error);
  return devices;
}

static void
test_devices (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtSubjectRow saved;
  PtOutageChange change;
  Devices devices;
  g_autoptr (GPtrArray) bodies = NULL;
  GBytes *newest;

  add_area (fixture, 0, "east");
  commit_device (fixture, 0, 0, "first", TRUE);
  commit_device (fixture, 1, 0, "other", TRUE);
  seal_one (fixture, 0, 1000, 3); /* holds device 0's entry (2), not device 1's (4) */
  commit_device (fixture, 0, 0, "second", FALSE);

  saved = (PtSubjectRow){ .subject = pt_subject_device (0), .folded_to = 9 };
  pt_history_init (&saved.history);
  pt_history_apply (&saved.history, &(PtReport){ 5, 100, 110, PT_POWER_ON, 0, 1 }, &change);
  pt_history_apply (&saved.history, &(PtReport){ 9, 200, 210, PT_POWER_OFF, 0, 2 }, &change);
  pt_store_save_histories (fixture->store, &saved, 1, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  devices = scan_devices (fixture);
  g_assert_cmpuint (devices.count, ==, 2);
  g_assert_cmpuint (devices.entries[0], ==, 6);
  g_assert_cmpuint (devices.entries[1], ==, 4);
  g_assert_false (devices.active[0]);
  g_assert_true (devices.was_active[0]);
  g_assert_true (devices.active[1]);
  g_assert_false (devices.was_active[1]);
  g_assert_cmpuint (devices.folded[0], ==, 9);
  g_assert_cmpint (devices.seqs[0], ==, 9);
  g_assert_cmpuint (devices.gaps[0], ==, saved.history.piece_count);
  g_assert_cmpint (devices.seqs[1], ==, 0);
  pt_history_clear (&saved.history);

  bodies = pt_store_subject_bodies (fixture->store, pt_subject_device (0), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bodies->len, ==, 2);
  newest = g_ptr_array_index (bodies, 0);
  g_assert_cmpmem (g_bytes_get_data (newest, NULL), g_bytes_get_size (newest), "second", 6);

  seal_one (fixture, 0, 2000, 6);
  devices = scan_devices (fixture);
  g_assert_false (devices.was_active[0]);
  g_assert_true (devices.was_active[1]);
}

/* Two areas' heads are apart, and officials are subjects with numbers of their own. */
static void
test_subjects (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) officials = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GError) error = NULL;
  Devices devices;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_device (fixture, 0, 0, "east's", TRUE);
  commit_device (fixture, 1, 1, "west's", TRUE);
  commit_subject (fixture, pt_subject_official (0), 1, "officer", TRUE);
  commit_subject (fixture, pt_subject_official (0), 1, "again", FALSE);
  commit_subject (fixture, pt_subject_official (1), 0, "another", TRUE);
  seal_one (fixture, 1, 1000, 6);
  reopen (fixture, data);
  devices = scan_devices (fixture);
  g_assert_cmpuint (devices.count, ==, 2);
  g_assert_cmpuint (devices.entries[0], ==, 2);
  g_assert_cmpuint (devices.entries[1], ==, 2);
  g_assert_false (devices.was_active[0]);
  g_assert_true (devices.was_active[1]);
  devices = (Devices){ 0 };
  pt_store_scan_subjects (fixture->store, PT_SUBJECT_OFFICIAL, collect_device, &devices, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (devices.count, ==, 2);
  g_assert_cmpuint (devices.entries[0], ==, 6);
  g_assert_false (devices.active[0]);
  g_assert_cmpuint (devices.entries[1], ==, 4);
  officials = pt_store_subject_bodies (fixture->store, pt_subject_official (0), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (officials->len, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (g_ptr_array_index (officials, 0), NULL), 5, "again", 5);
  none = pt_store_subject_bodies (fixture->store, pt_subject_official (2), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
}

/* Numbers */

static guint32
reserve (Fixture *fixture, PtSubjectKind kind, guint count)
{
  g_autoptr (GError) error = NULL;
  guint32 first = G_MAXUINT32;

  g_assert_true (pt_store_reserve (fixture->store, kind, count, &first, &error));
  g_assert_no_error (error);
  return first;
}

static gboolean
collect_number (PtSubjectRow *row, gpointer user_data, GError **error)
{
  g_array_append_val ((GArray *) user_data, row->subject.number);
  return TRUE;
}

/* What is reserved and not used is had again, whatever was asked for; each kind by itself. */
static void
test_reserve (Fixture *fixture, gconstpointer data)
{
  guint32 device, official, next;

  add_area (fixture, 0, "east");
  device = reserve (fixture, PT_SUBJECT_DEVICE, 3);
  g_assert_cmpuint (device, ==, 0);
  g_assert_cmpuint (reserve (fixture, PT_SUBJECT_DEVICE, 1), ==, device);
  commit_device (fixture, device, 0, "first", TRUE);
  commit_device (fixture, device + 2, 0, "third", TRUE);
  next = reserve (fixture, PT_SUBJECT_DEVICE, 1);
  g_assert_cmpuint (next, ==, 3);
  next = reserve (fixture, PT_SUBJECT_DEVICE, 10000);
  g_assert_cmpuint (next, >=, 3);
  commit_device (fixture, next + 9999, 0, "last", TRUE);
  official = reserve (fixture, PT_SUBJECT_OFFICIAL, 1);
  g_assert_cmpuint (official, ==, 0);
  commit_subject (fixture, pt_subject_official (official), 0, "officer", TRUE);
  reopen (fixture, data);
  g_assert_cmpuint (reserve (fixture, PT_SUBJECT_DEVICE, 1), >, next + 9999);
  g_assert_cmpuint (reserve (fixture, PT_SUBJECT_OFFICIAL, 1), >, official);
}

/* As another writer's numbers make them; and numbers of a store that was copied are not given
 * again. */
static void
test_numbers (Fixture *fixture, gconstpointer data)
{
  static const guint32 wanted[] = { 5, 70, 3000 };
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GPtrArray) bodies = NULL;
  g_autoptr (GError) error = NULL;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_device (fixture, 70, 0, "seventy", TRUE);
  commit_device (fixture, 5, 1, "five", TRUE);
  commit_device (fixture, 3000, 1, "far", TRUE);
  reopen (fixture, data);
  pt_store_scan_subjects (fixture->store, PT_SUBJECT_DEVICE, collect_number, numbers, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (numbers->data, numbers->len * sizeof (guint32), wanted, sizeof wanted);
  bodies = pt_store_subject_bodies (fixture->store, pt_subject_device (6), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bodies->len, ==, 0);
  g_assert_cmpuint (reserve (fixture, PT_SUBJECT_DEVICE, 1), ==, 3001);
}

/* A number of another area's: nothing is written. */
static void
test_taken_number (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("west's", 6);
  PtEntryRow entry
      = { .area = 1, .number = 1, .subject = { PT_SUBJECT_DEVICE, 0 }, .body = "west's" };
  PtSubjectRow row = { .subject = { PT_SUBJECT_DEVICE, 0 }, .area = 1, .body = body, .entry = 1 };
  PtTailMove move = { .area = 1, .after = 1 };
  PtGroup group = { &entry, 1, &move, 1, .subjects = &row, .subject_count = 1 };
  g_autoptr (GError) error = NULL;

  entry.size = strlen (entry.body);
  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_device (fixture, 0, 0, "east's", TRUE);
  g_assert_false (pt_store_commit (fixture->store, &group, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
  g_assert_false (move.moved);
  assert_scan (fixture, 1, 0, 0, 0, 0);
  g_assert_cmpuint (scan_devices (fixture).entries[0], ==, 2);
}

/* Pruning */

/* The batches become FINAL, as the submitter would have it. */
static void
finish (Fixture *fixture, guint64 nonce, const PtBatchRow *rows, guint count)
{
  PtTransactionRow *transaction = make_transaction (nonce, 1);
  g_autoptr (GError) error = NULL;

  transaction->block = 9;
  g_array_append_val (transaction->versions, transaction->hash);
  g_assert_true (pt_store_published (fixture->store, rows, count, &error));
  g_assert_true (pt_store_submit (fixture->store, transaction, rows, count, &error));
  g_assert_true (pt_store_mined (fixture->store, transaction, &error));
  g_assert_true (pt_store_finalize (fixture->store, transaction->id, &error));
  g_assert_no_error (error);
  pt_transaction_row_free (transaction);
}

static void
assert_prune (Fixture *fixture, guint32 area, guint64 up_to, guint limit, guint wanted)
{
  g_autoptr (GError) error = NULL;
  guint removed;

  pt_store_prune (fixture->store, area, up_to, limit, &removed, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (removed, ==, wanted);
}

static void
test_prune (Fixture *fixture, gconstpointer data)
{
  PtBatchRow first, second;
  PtCounts counts;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_entries (fixture, 0, 100, 12);
  commit_entries (fixture, 1, 100, 3);
  assert_prune (fixture, 0, 12, 100, 0); /* nothing is sealed */
  seal_one (fixture, 0, 1000, 7);
  seal_one (fixture, 0, 2000, 10);
  seal_one (fixture, 1, 2000, 3);
  assert_prune (fixture, 0, 12, 100, 0); /* nothing is FINAL */
  first = batch_row (fixture, 0, 1);
  finish (fixture, 0, &first, 1);
  assert_prune (fixture, 0, 2, 100, 2); /* so far as the histories are folded */
  assert_prune (fixture, 0, 12, 4, 4);
  g_assert_true (has_roster (fixture, 0, 1)); /* which its file would need */
  assert_prune (fixture, 0, 12, 100, 1);      /* up to the first that is not */
  g_assert_false (has_roster (fixture, 0, 1));
  assert_prune (fixture, 0, 12, 100, 0);
  assert_prune (fixture, 1, 12, 100, 0);
  assert_prune (fixture, 2, 12, 100, 0); /* no such area */
  reopen (fixture, data);
  assert_scan (fixture, 0, 0, 0, 8, 5);
  assert_scan (fixture, 1, 0, 0, 1, 3);
  g_assert_true (has_roster (fixture, 0, 2));
  g_assert_true (has_roster (fixture, 1, 1));
  g_assert_false (has_roster (fixture, 1, 2));
  second = batch_row (fixture, 0, 2);
  finish (fixture, 1, &second, 1);
  assert_prune (fixture, 0, 12, 100, 3);
  assert_scan (fixture, 0, 0, 0, 11, 2);
  second = batch_row (fixture, 1, 1);
  finish (fixture, 2, &second, 1);
  assert_prune (fixture, 1, G_MAXUINT64, 100, 3);
  g_assert_false (has_roster (fixture, 1, 1));
  g_assert_false (has_roster (fixture, 0, 2));
  reopen (fixture, data);
  /* Numbers are not used twice, even when nothing is left. */
  pt_store_counts (fixture->store, &counts, NULL);
  g_assert_cmpuint (counts.entries, ==, 15);
  g_assert_cmpuint (counts.unsealed, ==, 2);
  g_assert_cmpuint (commit_entries (fixture, 1, 200, 1), ==, 4);
}

/* Threads, each with its area, that commit and scan at once: no holes, no torn groups. */
#define GROUPS 40
#define WRITERS 3

typedef struct
{
  Fixture *fixture;
  guint32 area;
} Writer;

static gpointer
commit_many (gpointer data)
{
  Writer *writer = data;

  for (guint i = 0; i < GROUPS; i++)
    commit_entries (writer->fixture, writer->area, 100, 5);
  return NULL;
}

static gboolean
count_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  guint64 *count = user_data;

  g_assert_cmpuint (row->number, ==, ++*count);
  return TRUE;
}

static guint64
count_area (Fixture *fixture, guint32 area)
{
  g_autoptr (GError) error = NULL;
  guint64 count = 0;

  pt_store_scan_entries (fixture->store, area, 0, 0, count_entry, &count, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count % 5, ==, 0);
  return count;
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  Writer writers[WRITERS] = { { fixture, 0 }, { fixture, 1 }, { fixture, 2 } };
  GThread *threads[WRITERS];
  guint64 all = 0;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  add_area (fixture, 2, "north");
  for (guint i = 0; i < WRITERS; i++)
    threads[i] = g_thread_new ("commits", commit_many, &writers[i]);
  while (all < WRITERS * GROUPS * 5)
    {
      all = 0;
      for (guint i = 0; i < WRITERS; i++)
        all += count_area (fixture, i);
    }
  for (guint i = 0; i < WRITERS; i++)
    g_thread_join (threads[i]);
}

static const SuiteTest tests[] = {
  { "service-key", test_service_key },
  { "ahead", test_ahead },
  { "areas", test_areas },
  { "entries", test_entries },
  { "two-areas", test_two_areas },
  { "tails", test_tails },
  { "no-holes", test_no_holes },
  { "devices", test_devices },
  { "subjects", test_subjects },
  { "reserve", test_reserve },
  { "numbers", test_numbers },
  { "taken-number", test_taken_number },
  { "prune", test_prune },
  { "threads", test_threads },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_suite ("store-log", tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
