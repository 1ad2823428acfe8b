/* SPDX-License-Identifier: Apache-2.0 */
/* One conformance suite over all stores: to add a backend, add a line to @backends. */
#include <glib/gstdio.h>
#include <string.h>

#include "pt-memory-store.h"
#include "pt-store-batches.h"
#include "pt-store-log.h"
#include "pt-store-open.h"
#include "pt-store-views.h"

static const struct
{
  const char *name;
  const char *scheme;
  const char *file; /* opens with what it had when it was freed; NULL: it does not */
} backends[] = {
  { "memory", "memory:", NULL },
  { "sqlite", "sqlite:", "store.sqlite" },
};

typedef struct
{
  char *directory;
  PtStore *store;
} Fixture;

static void
open_backend (Fixture *fixture, guint backend)
{
  g_autofree char *path = NULL, *address = NULL;
  g_autoptr (GError) error = NULL;

  if (backends[backend].file != NULL)
    path = g_build_filename (fixture->directory, backends[backend].file, NULL);
  address = g_strconcat (backends[backend].scheme, path, NULL);
  fixture->store = pt_store_open (address, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("pt-store-XXXXXX", &error);
  g_assert_no_error (error);
  open_backend (fixture, GPOINTER_TO_UINT (data));
}

/* Frees the store and opens it again, where that keeps what is in it. */
static void
reopen (Fixture *fixture, gconstpointer data)
{
  guint backend = GPOINTER_TO_UINT (data);

  if (backends[backend].file == NULL)
    return;
  pt_store_free (fixture->store);
  open_backend (fixture, backend);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_store_free (fixture->store);
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);
  for (const char *name; (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

/* Areas */

static PtAreaRow
add_area (Fixture *fixture, guint32 number, const char *id)
{
  g_autoptr (GError) error = NULL;
  PtAreaRow row = { .number = number, .registered = 1000 + number };
  g_strlcpy (row.id, id, sizeof row.id);
  row.authority_key[0] = 4;
  row.authority_key[PT_PUBLIC_KEY_SIZE - 1] = (guint8) number;
  pt_store_add_area (fixture->store, &row, &error);
  g_assert_no_error (error);
  return row;
}

static void
test_areas (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtAreaRow east = add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  PtAreaRow again = east;
  again.number = 2;
  g_assert_false (pt_store_add_area (fixture->store, &again, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  reopen (fixture, data);
  g_autoptr (GArray) rows = pt_store_areas (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 2);
  const PtAreaRow *row = &g_array_index (rows, PtAreaRow, 0);
  g_assert_cmpstr (row->id, ==, "east");
  g_assert_cmpint (row->registered, ==, 1000);
  g_assert_cmpmem (row->authority_key, PT_PUBLIC_KEY_SIZE, east.authority_key, PT_PUBLIC_KEY_SIZE);
  g_assert_cmpuint (row->head.batch, ==, 0);
  g_assert_cmpuint (row->head.frontier.size, ==, 0);
  g_assert_cmpuint (g_array_index (rows, PtAreaRow, 1).number, ==, 1);
}

/* Entries */

static guint64
commit_entries (Fixture *fixture, guint32 area, gint64 received, guint count)
{
  g_autoptr (GError) error = NULL;
  g_autofree PtEntryRow *rows = g_new0 (PtEntryRow, count);
  for (guint i = 0; i < count; i++)
    rows[i] = (PtEntryRow){ .area = area, .received = received, .body = "{\"a\":1}", .size = 7 };
  PtGroup group = { .entries = rows, .entry_count = count };
  guint64 first;
  pt_store_commit (fixture->store, &group, &first, &error);
  g_assert_no_error (error);
  return first;
}

static gboolean
collect_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  GArray *ids = user_data;
  g_assert_cmpmem (row->body, row->size, "{\"a\":1}", 7);
  g_array_append_val (ids, row->id);
  return TRUE;
}

static void
assert_scan (Fixture *fixture, guint64 after, gint64 before, guint64 first, guint count)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  pt_store_scan_entries (fixture->store, after, before, collect_entry, ids, &error);
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
  add_area (fixture, 0, "east");
  g_assert_cmpuint (commit_entries (fixture, 0, 100, 3), ==, 1);
  g_assert_cmpuint (commit_entries (fixture, 0, 200, 2), ==, 4);
  reopen (fixture, data);
  g_assert_cmpuint (commit_entries (fixture, 0, 300, 1), ==, 6);
  assert_scan (fixture, 0, 0, 1, 6);
  assert_scan (fixture, 2, 0, 3, 4);
  assert_scan (fixture, 0, 200, 1, 3);
  assert_scan (fixture, 3, 300, 4, 2);
  assert_scan (fixture, 6, 0, 0, 0);
  guint seen = 0;
  g_assert_false (pt_store_scan_entries (fixture->store, 0, 0, stop_at_two, &seen, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_BUSY);
  g_assert_cmpuint (seen, ==, 2);
  g_clear_error (&error);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) none = NULL;
  pt_store_read_entry (fixture->store, 6, &body, &error);
  g_assert_no_error (error);
  g_assert_nonnull (body);
  pt_store_read_entry (fixture->store, 7, &none, &error);
  g_assert_no_error (error);
  g_assert_null (none);
}

static void
test_prune (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint removed;
  PtCounts counts;
  add_area (fixture, 0, "east");
  commit_entries (fixture, 0, 100, 10);
  pt_store_prune (fixture->store, 10, 4, &removed, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (removed, ==, 4);
  assert_scan (fixture, 0, 0, 5, 6);
  pt_store_prune (fixture->store, 10, 100, &removed, &error);
  g_assert_cmpuint (removed, ==, 6);
  reopen (fixture, data);
  /* Numbers are not used twice, even when nothing is left. */
  pt_store_counts (fixture->store, &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.last_entry, ==, 10);
  g_assert_cmpuint (commit_entries (fixture, 0, 200, 1), ==, 11);
}

/* Devices */

static void
commit_device (Fixture *fixture, guint32 number, guint32 area, const char *text, gboolean active)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  /* The device's entry is not the group's first. */
  PtEntryRow entries[2]
      = { { .area = area, .received = 100, .body = "{\"a\":1}", .size = 7 },
          { .area = area, .received = 100, .body = text, .size = strlen (text) } };
  PtDeviceRow device
      = { .number = number, .area = area, .body = body, .entry = 1, .active = active };
  PtGroup group = { .entries = entries, .entry_count = 2, .devices = &device, .device_count = 1 };
  guint64 first;
  pt_store_commit (fixture->store, &group, &first, &error);
  g_assert_no_error (error);
}

typedef struct
{
  guint count;
  guint64 entries[2], folded[2];
  gboolean active[2], was_active[2];
  gint64 seqs[2];
  guint gaps[2];
} Devices;

static gboolean
collect_device (PtDeviceRow *row, gpointer user_data, GError **error)
{
  Devices *devices = user_data;
  guint i = devices->count++;
  g_assert_cmpuint (row->number, ==, i);
  devices->entries[i] = row->entry;
  devices->folded[i] = row->folded_to;
  devices->active[i] = row->active;
  devices->was_active[i] = row->was_active;
  devices->seqs[i] = row->history.latest.seq;
  devices->gaps[i] = row->history.gap_count;
  return TRUE;
}

static Devices
scan_devices (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  Devices devices = { 0 };
  pt_store_scan_devices (fixture->store, collect_device, &devices, &error);
  g_assert_no_error (error);
  return devices;
}

static PtSeal
make_seal (Fixture *fixture, guint32 area, gint64 to, guint64 last_entry)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, &error);
  PtSeal seal = { .previous = g_array_index (areas, PtAreaRow, area).head };
  seal.next = seal.previous;
  for (guint i = 0; i < 2; i++)
    {
      PtHash leaf = { { (guint8) area, (guint8) to, (guint8) i } };
      pt_frontier_append (&seal.next.frontier, &leaf);
    }
  seal.next.batch++;
  seal.next.to = to;
  seal.next.last_entry = last_entry;
  seal.row = (PtBatchRow){ .area = area,
                           .batch = seal.next.batch,
                           .from = seal.previous.to,
                           .to = to,
                           .prev_size = seal.previous.frontier.size,
                           .size = seal.next.frontier.size,
                           .bytes = 500,
                           .first_entry = seal.previous.last_entry + 1,
                           .last_entry = last_entry };
  g_strlcpy (seal.row.area_id, g_array_index (areas, PtAreaRow, area).id, sizeof seal.row.area_id);
  pt_frontier_root (&seal.previous.frontier, &seal.row.prev_root);
  pt_frontier_root (&seal.next.frontier, &seal.row.root);
  pt_cid_make (PT_CODEC_RAW, &seal.row.root, &seal.row.cid);
  return seal;
}

static void
seal_one (Fixture *fixture, guint32 area, gint64 to, guint64 last_entry)
{
  g_autoptr (GError) error = NULL;
  PtSeal seal = make_seal (fixture, area, to, last_entry);
  pt_store_seal (fixture->store, &seal, 1, &error);
  g_assert_no_error (error);
}

static void
test_devices (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  add_area (fixture, 0, "east");
  commit_device (fixture, 0, 0, "first", TRUE);
  commit_device (fixture, 1, 0, "other", TRUE);
  seal_one (fixture, 0, 1000, 3); /* holds device 0's entry (2), not device 1's (4) */
  commit_device (fixture, 0, 0, "second", FALSE);

  PtDeviceRow saved = { .number = 0, .folded_to = 9 };
  PtOutageChange change;
  pt_history_init (&saved.history);
  pt_history_apply (&saved.history, 5, 100, PT_POWER_ON, &change);
  pt_history_apply (&saved.history, 9, 200, PT_POWER_OFF, &change);
  pt_store_save_devices (fixture->store, &saved, 1, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  Devices devices = scan_devices (fixture);
  g_assert_cmpuint (devices.count, ==, 2);
  g_assert_cmpuint (devices.entries[0], ==, 6);
  g_assert_cmpuint (devices.entries[1], ==, 4);
  g_assert_false (devices.active[0]);
  g_assert_true (devices.was_active[0]);
  g_assert_true (devices.active[1]);
  g_assert_false (devices.was_active[1]);
  g_assert_cmpuint (devices.folded[0], ==, 9);
  g_assert_cmpint (devices.seqs[0], ==, 9);
  g_assert_cmpuint (devices.gaps[0], ==, saved.history.gap_count);
  g_assert_cmpint (devices.seqs[1], ==, 0);
  pt_history_clear (&saved.history);

  g_autoptr (GPtrArray) bodies = pt_store_device_bodies (fixture->store, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bodies->len, ==, 2);
  GBytes *newest = g_ptr_array_index (bodies, 0);
  g_assert_cmpmem (g_bytes_get_data (newest, NULL), g_bytes_get_size (newest), "second", 6);

  seal_one (fixture, 0, 2000, 6);
  devices = scan_devices (fixture);
  g_assert_false (devices.was_active[0]);
  g_assert_true (devices.was_active[1]);
}

/* Outages */

static void
commit_outage (Fixture *fixture, const PtOutageWrite *writes, guint count)
{
  g_autoptr (GError) error = NULL;
  PtEntryRow entry = { .received = 100, .body = "{\"a\":1}", .size = 7 };
  PtGroup group = { .entries = &entry, .entry_count = 1, .outages = writes, .outage_count = count };
  guint64 first;
  pt_store_commit (fixture->store, &group, &first, &error);
  g_assert_no_error (error);
}

static gboolean
print_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data,
                          "%u:%" G_GINT64_FORMAT "@%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT
                          "@%" G_GINT64_FORMAT "*%" G_GINT64_FORMAT " ",
                          row->device, row->start_seq, row->start, row->end_seq, row->end,
                          row->customers);
  return TRUE;
}

static void
assert_outages (Fixture *fixture, const PtOutageQuery *query, const char *expected)
{
  g_autoptr (GError) error = NULL;
  GString *text = g_string_new (NULL);
  pt_store_outages (fixture->store, query, print_outage, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, expected);
  g_string_free (text, TRUE);
}

static void
test_outages (Fixture *fixture, gconstpointer data)
{
  const PtOutageQuery all = { .area = -1, .limit = 100 };
  PtCounts counts;
  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_device (fixture, 0, 0, "zero", TRUE);
  commit_device (fixture, 1, 1, "one", TRUE);
  const PtOutageWrite opened[]
      = { { 0, { PT_CHANGE_OPEN, .start_seq = 5, .start = 500 }, 10 },
          { 1, { PT_CHANGE_OPEN, .start_seq = 2, .start = 400 }, 20 },
          { 0, { PT_CHANGE_CLOSE, .start_seq = 5, .start = 500, .end_seq = 9, .end = 900 }, 10 } };
  commit_outage (fixture, opened, 3);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:5@500-9@900*10 ");
  pt_store_counts (fixture->store, &counts, NULL);
  g_assert_cmpuint (counts.open_outages, ==, 1);
  const PtOutageWrite start = { 0,
                                { PT_CHANGE_MOVE_START, .old_start_seq = 5, .start_seq = 4,
                                  .start = 450, .end_seq = 9, .end = 900 },
                                10 };
  commit_outage (fixture, &start, 1);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-9@900*10 ");
  const PtOutageWrite end = { 0,
                              { PT_CHANGE_MOVE_END, .start_seq = 7, /* a counter inside it */
                                .end_seq = 8, .end = 800 },
                              10 };
  commit_outage (fixture, &end, 1);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-8@800*10 ");
  const PtOutageWrite split = { 0,
                                { PT_CHANGE_SPLIT, .old_start_seq = 5, .start_seq = 7, .start = 700,
                                  .end_seq = 6, .end = 600 },
                                10 };
  commit_outage (fixture, &split, 1);
  reopen (fixture, data);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-6@600*10 0:7@700-8@800*10 ");

  const guint32 zero = 0;
  const PtOutageQuery by_area = { .limit = 100, .area = 1 };
  const PtOutageQuery by_device = { .limit = 100, .area = -1, .devices = &zero, .device_count = 1 };
  const PtOutageQuery only_open = { .limit = 100, .area = -1, .only_open = TRUE };
  const PtOutageQuery window = { .limit = 100, .area = -1, .from = 600, .to = 700 };
  const PtOutageQuery page
      = { .area = -1, .limit = 1, .after_start = 400, .after_device = 1, .after_seq = 2 };
  assert_outages (fixture, &by_area, "1:2@400-0@0*20 ");
  assert_outages (fixture, &by_device, "0:4@450-6@600*10 0:7@700-8@800*10 ");
  assert_outages (fixture, &only_open, "1:2@400-0@0*20 ");
  assert_outages (fixture, &window, "1:2@400-0@0*20 ");
  assert_outages (fixture, &page, "0:4@450-6@600*10 ");
}

/* Batches */

static void
test_seal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_entries (fixture, 0, 100, 4);
  PtSeal seals[2] = { make_seal (fixture, 0, 1000, 4), make_seal (fixture, 1, 1000, 4) };
  PtSeal stale = seals[1];

  /* All or none: the second area's head is not what it is said to be. */
  seals[1].previous.batch = 77;
  g_assert_false (pt_store_seal (fixture->store, seals, 2, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  PtBatchQuery query = { .area = -1, .state = -1, .limit = 100 };
  g_autoptr (GArray) none = pt_store_batches (fixture->store, &query, &error);
  g_assert_cmpuint (none->len, ==, 0);

  seals[1] = stale;
  pt_store_seal (fixture->store, seals, 2, &error);
  g_assert_no_error (error);
  g_assert_false (pt_store_seal (fixture->store, &stale, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  reopen (fixture, data);
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, &error);
  const PtHead *head = &g_array_index (areas, PtAreaRow, 1).head;
  g_assert_cmpuint (head->batch, ==, 1);
  g_assert_cmpint (head->to, ==, 1000);
  g_assert_cmpuint (head->last_entry, ==, 4);
  g_assert_cmpmem (head->frontier.nodes, sizeof (PtHash), stale.next.frontier.nodes,
                   sizeof (PtHash));
  g_autoptr (GArray) rows = pt_store_unfinished (fixture->store, 100, &error);
  g_assert_cmpuint (rows->len, ==, 2);
  const PtBatchRow *row = &g_array_index (rows, PtBatchRow, 1);
  g_assert_cmpint (row->state, ==, PT_BATCH_SEALED);
  g_assert_cmpstr (row->area_id, ==, "west");
  g_assert_cmpuint (row->size, ==, 2);
  g_assert_cmpuint (row->bytes, ==, 500);
  g_assert_cmpuint (row->last_entry, ==, 4);
  g_assert_true (pt_cid_equal (&row->cid, &stale.row.cid));
  g_assert_cmpmem (&row->root, sizeof (PtHash), &stale.row.root, sizeof (PtHash));
  g_assert_cmpmem (&row->prev_root, sizeof (PtHash), &stale.row.prev_root, sizeof (PtHash));
  g_assert_false (row->has_nonce);
}

/* "area/batch " of the rows. */
static char *
names_of (GArray *rows)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < rows->len; i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      g_string_append_printf (text, "%u/%" G_GUINT64_FORMAT " ", row->area, row->batch);
    }
  return g_string_free (text, FALSE);
}

static void
assert_batches (Fixture *fixture, PtBatchQuery query, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = pt_store_batches (fixture->store, &query, &error);
  g_assert_no_error (error);
  g_autofree char *names = names_of (rows);
  g_assert_cmpstr (names, ==, expected);
}

static void
seal_six (Fixture *fixture)
{
  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  for (gint64 to = 1000; to <= 3000; to += 1000)
    {
      seal_one (fixture, 0, to, 0);
      seal_one (fixture, 1, to, 0);
    }
}

static void
test_queries (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  seal_six (fixture);
  assert_batches (fixture, (PtBatchQuery){ .area = -1, .state = -1, .limit = 10 },
                  "1/3 0/3 1/2 0/2 1/1 0/1 ");
  assert_batches (fixture, (PtBatchQuery){ .area = 1, .state = -1, .limit = 10 }, "1/3 1/2 1/1 ");
  assert_batches (fixture, (PtBatchQuery){ .area = 0, .state = -1, .batch = 2, .limit = 10 },
                  "0/2 ");
  assert_batches (fixture, (PtBatchQuery){ .area = -1, .state = PT_BATCH_FINAL, .limit = 10 }, "");
  assert_batches (
      fixture,
      (PtBatchQuery){ .area = -1, .state = -1, .limit = 2, .before_to = 3000, .before_area = 0 },
      "1/2 0/2 ");
  g_autoptr (GArray) oldest = pt_store_unfinished (fixture->store, 3, &error);
  g_assert_no_error (error);
  g_autofree char *names = names_of (oldest);
  g_assert_cmpstr (names, ==, "0/1 1/1 0/2 ");
}

/* Transactions */

static PtTransactionRow *
make_transaction (guint64 nonce, guint8 version)
{
  PtTransactionRow *row = g_new0 (PtTransactionRow, 1);
  row->nonce = nonce;
  row->state = PT_BATCH_SUBMITTED;
  row->sent = 5000 + version;
  row->max_fee = 100 + version;
  row->max_priority_fee = 10 + version;
  row->hash = (PtHash){ { (guint8) nonce, version } };
  row->raw = g_bytes_new (row->hash.bytes, 2);
  row->versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  return row;
}

static void
assert_conflict (gboolean result, GError **error)
{
  g_assert_false (result);
  g_assert_error (*error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (error);
}

static PtTransactionRow *
only_transaction (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = pt_store_transactions (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 1);
  return g_ptr_array_steal_index (rows, 0);
}

static PtBatchRow
batch_row (Fixture *fixture, gint32 area, guint64 batch)
{
  PtBatchQuery query = { .area = area, .state = -1, .batch = batch, .limit = 1 };
  g_autoptr (GArray) rows = pt_store_batches (fixture->store, &query, NULL);
  g_assert_cmpuint (rows->len, ==, 1);
  return g_array_index (rows, PtBatchRow, 0);
}

static void
test_published_and_submitted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  seal_six (fixture);
  g_autoptr (GArray) rows = pt_store_unfinished (fixture->store, 4, &error);
  PtBatchRow *batches = (PtBatchRow *) (gpointer) rows->data;
  PtTransactionRow *transaction = make_transaction (7, 1);
  assert_conflict (pt_store_submit (fixture->store, transaction, batches, 2, &error), &error);
  pt_store_published (fixture->store, batches, 3, &error);
  g_assert_no_error (error);
  assert_conflict (pt_store_published (fixture->store, batches, 1, &error), &error);
  /* The fourth is not published: none is taken. */
  assert_conflict (pt_store_submit (fixture->store, transaction, batches, 4, &error), &error);
  g_assert_cmpint (batch_row (fixture, 0, 1).state, ==, PT_BATCH_PUBLISHED);
  pt_store_submit (fixture->store, transaction, batches, 2, &error);
  g_assert_no_error (error);
  assert_conflict (pt_store_submit (fixture->store, transaction, batches + 2, 1, &error), &error);
  g_assert_cmpint (batch_row (fixture, 0, 2).state, ==, PT_BATCH_PUBLISHED);
  reopen (fixture, data);
  PtBatchRow row = batch_row (fixture, 1, 1);
  g_assert_cmpint (row.state, ==, PT_BATCH_SUBMITTED);
  g_assert_true (row.has_nonce);
  g_assert_cmpuint (row.nonce, ==, 7);
  g_assert_cmpuint (row.block, ==, 0);
  PtTransactionRow *stored = only_transaction (fixture);
  g_assert_cmpuint (stored->nonce, ==, 7);
  g_assert_cmpuint (stored->max_fee, ==, 101);
  g_assert_cmpuint (stored->max_priority_fee, ==, 11);
  g_assert_cmpint (stored->sent, ==, 5001);
  g_assert_true (g_bytes_equal (stored->raw, transaction->raw));
  g_assert_cmpuint (stored->versions->len, ==, 1);
  g_assert_cmpuint (stored->block, ==, 0);
  pt_transaction_row_free (stored);
  pt_transaction_row_free (transaction);
}

static PtTransactionRow *
submit_all (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  seal_six (fixture);
  g_autoptr (GArray) rows = pt_store_unfinished (fixture->store, 100, &error);
  PtBatchRow *batches = (PtBatchRow *) (gpointer) rows->data;
  PtTransactionRow *transaction = make_transaction (7, 1);
  pt_store_published (fixture->store, batches, 6, &error);
  g_assert_no_error (error);
  pt_store_submit (fixture->store, transaction, batches, 2, &error);
  g_assert_no_error (error);
  return transaction;
}

static void
test_mined (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *first = submit_all (fixture), *second = make_transaction (7, 2);
  pt_store_bump (fixture->store, second, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  PtTransactionRow *stored = only_transaction (fixture);
  g_assert_cmpuint (stored->versions->len, ==, 2);
  g_assert_cmpmem (&g_array_index (stored->versions, PtHash, 0), 32, &first->hash, 32);
  g_assert_cmpmem (&stored->hash, 32, &second->hash, 32);
  g_assert_cmpint (stored->sent, ==, 5002);
  g_assert_cmpuint (stored->max_fee, ==, 102);
  pt_transaction_row_free (stored);

  /* The older version is the one that is mined. */
  first->block = 55;
  first->block_hash = (PtHash){ { 5, 5 } };
  first->gas_used = 99000;
  pt_store_mined (fixture->store, first, &error);
  g_assert_no_error (error);
  stored = only_transaction (fixture);
  g_assert_cmpuint (stored->block, ==, 55);
  g_assert_cmpuint (stored->gas_used, ==, 99000);
  g_assert_cmpmem (&stored->hash, 32, &first->hash, 32);
  g_assert_cmpmem (&stored->block_hash, 32, &first->block_hash, 32);
  g_assert_true (g_bytes_equal (stored->raw, second->raw));
  pt_transaction_row_free (stored);
  PtBatchRow row = batch_row (fixture, 0, 1);
  g_assert_cmpuint (row.block, ==, 55);
  g_assert_cmpmem (&row.transaction, 32, &first->hash, 32);
  g_assert_cmpint (row.state, ==, PT_BATCH_SUBMITTED);

  /* A reorg, and mined again. */
  first->block = 0;
  pt_store_mined (fixture->store, first, &error);
  g_assert_no_error (error);
  static const PtHash none;
  row = batch_row (fixture, 0, 1);
  g_assert_cmpuint (row.block, ==, 0);
  g_assert_cmpmem (&row.transaction, 32, &none, 32);
  stored = only_transaction (fixture);
  g_assert_cmpuint (stored->block, ==, 0);
  pt_transaction_row_free (stored);
  second->block = 56;
  pt_store_mined (fixture->store, second, &error);
  g_assert_no_error (error);
  pt_store_finalize (fixture->store, 7, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  g_autoptr (GPtrArray) pending = pt_store_transactions (fixture->store, &error);
  g_assert_cmpuint (pending->len, ==, 0);
  row = batch_row (fixture, 1, 1);
  g_assert_cmpint (row.state, ==, PT_BATCH_FINAL);
  g_assert_cmpuint (row.block, ==, 56);
  g_assert_cmpmem (&row.transaction, 32, &second->hash, 32);
  PtCounts counts;
  pt_store_counts (fixture->store, &counts, &error);
  g_assert_cmpuint (counts.batches[PT_BATCH_FINAL], ==, 2);
  g_assert_cmpuint (counts.batches[PT_BATCH_PUBLISHED], ==, 4);
  g_autoptr (GArray) rest = pt_store_unfinished (fixture->store, 100, &error);
  g_assert_cmpuint (rest->len, ==, 4);
  pt_transaction_row_free (first);
  pt_transaction_row_free (second);
}

static void
test_withdraw (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *first = submit_all (fixture), *next = make_transaction (8, 1);
  pt_store_withdraw (fixture->store, 7, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  g_autoptr (GPtrArray) pending = pt_store_transactions (fixture->store, &error);
  g_assert_cmpuint (pending->len, ==, 0);
  PtBatchRow rows[2] = { batch_row (fixture, 0, 1), batch_row (fixture, 1, 1) };
  g_assert_cmpint (rows[0].state, ==, PT_BATCH_PUBLISHED);
  g_assert_false (rows[0].has_nonce);
  pt_store_submit (fixture->store, next, rows, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (batch_row (fixture, 1, 1).nonce, ==, 8);
  pt_transaction_row_free (first);
  pt_transaction_row_free (next);
}

/* Threads that commit and scan at once: ids without holes, snapshots without torn groups. */
#define GROUPS 40

static gpointer
commit_many (gpointer data)
{
  for (guint i = 0; i < GROUPS; i++)
    commit_entries (data, 0, 100, 5);
  return NULL;
}

static gboolean
count_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  guint64 *count = user_data;
  g_assert_cmpuint (row->id, ==, ++*count);
  return TRUE;
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  add_area (fixture, 0, "east");
  GThread *threads[3];
  guint64 count = 0;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("commits", commit_many, fixture);
  while (count < G_N_ELEMENTS (threads) * GROUPS * 5)
    {
      g_autoptr (GError) error = NULL;
      count = 0;
      pt_store_scan_entries (fixture->store, 0, 0, count_entry, &count, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (count % 5, ==, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* The memory store's own: its switches. */
static void
test_switches (void)
{
  g_autoptr (GError) error = NULL;
  Fixture fixture = { .store = pt_memory_store_new () };
  PtEntryRow entry = { .body = "x", .size = 1 };
  PtGroup group = { .entries = &entry, .entry_count = 1, .evidence = &entry, .evidence_count = 1 };
  guint64 first;
  add_area (&fixture, 0, "east");
  pt_memory_store_fail (fixture.store, PT_STORE_COMMIT, PT_FAIL_NOT_PERSISTED, 1, 1);
  g_assert_true (pt_store_commit (fixture.store, &group, &first, &error));
  g_assert_false (pt_store_commit (fixture.store, &group, &first, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  g_assert_cmpuint (pt_memory_store_evidence_count (fixture.store), ==, 1);
  pt_memory_store_fail (fixture.store, PT_STORE_COMMIT, PT_FAIL_PERSISTED, 0, 1);
  g_assert_false (pt_store_commit (fixture.store, &group, &first, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpuint (pt_memory_store_evidence_count (fixture.store), ==, 2);
  pt_store_free (fixture.store);
}

typedef void (*TestFunc) (Fixture *fixture, gconstpointer data);

static const struct
{
  const char *name;
  TestFunc func;
} tests[] = {
  { "areas", test_areas },     { "entries", test_entries },
  { "prune", test_prune },     { "devices", test_devices },
  { "outages", test_outages }, { "seal", test_seal },
  { "queries", test_queries }, { "published-and-submitted", test_published_and_submitted },
  { "mined", test_mined },     { "withdraw", test_withdraw },
  { "threads", test_threads },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint backend = 0; backend < G_N_ELEMENTS (backends); backend++)
    for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
      {
        g_autofree char *path
            = g_strdup_printf ("/store/%s/%s", backends[backend].name, tests[i].name);
        g_test_add (path, Fixture, GUINT_TO_POINTER (backend), set_up, tests[i].func, tear_down);
      }
  g_test_add_func ("/store/memory/switches", test_switches);
  return g_test_run ();
}
