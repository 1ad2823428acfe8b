/* SPDX-License-Identifier: Apache-2.0 */
/* What only SQLite has: files, versions, threads. What every store does is in test-store-log.c
 * and beside it. */
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "pt-sqlite-store.h"
#include "pt-store-fixture.h"
#include "pt-store-views.h"

typedef struct
{
  char *directory, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("pt-sqlite-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->directory, "store.sqlite", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);

  for (const char *name; (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
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
execute (Fixture *fixture, const char *sql)
{
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open (fixture->path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

/* The store refuses, says what to do, and the file is as it was. */
static void
assert_refused_untouched (Fixture *fixture, const char *words)
{
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize size_before, size_after;

  g_assert_true (g_file_get_contents (fixture->path, &before, &size_before, NULL));
  g_assert_null (pt_sqlite_store_new (fixture->path, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == PT_ERROR);
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_assert_null (strstr (strstr (error->message, fixture->path) + 1, fixture->path)); /* once */
  g_assert_nonnull (strstr (error->message, words));
  g_assert_true (g_file_get_contents (fixture->path, &after, &size_after, NULL));
  g_assert_cmpmem (before, size_before, after, size_after);
}

static void
test_newer_version (Fixture *fixture, gconstpointer data)
{
  pt_store_free (open_store (fixture));
  execute (fixture, "pragma user_version = 99");
  assert_refused_untouched (fixture, "newer version");
}

static void
test_not_a_database (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (8192, 'x');

  g_assert_true (g_file_set_contents (fixture->path, text, 8192, NULL));
  assert_refused_untouched (fixture, "not a database");
}

/* What another program keeps there is its own, and what has no name may be anybody's. */
static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  static const char *const others[] = {
    "create table photos (id integer); pragma application_id = 252006675",
    "drop table photos",
    "create table photos (id integer); pragma application_id = 0",
    "pragma user_version = 15",
    "drop table photos",
    "pragma user_version = 3; pragma application_id = 17",
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      execute (fixture, others[i]);
      assert_refused_untouched (fixture, "another program");
    }
}

/* Somebody else made the file, and put nothing into it. */
static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  pt_store_free (open_store (fixture));
  pt_store_free (open_store (fixture));
}

static void
test_no_directory (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_sqlite_store_new ("/nonexistent/store.sqlite", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
}

static void
add_area (PtStore *store, guint32 number)
{
  PtAreaRow row = { .number = number };
  g_autoptr (GError) error = NULL;

  g_snprintf (row.id, sizeof row.id, "area-%u", number);
  pt_store_add_area (store, &row, &error);
  g_assert_no_error (error);
}

static void
commit_large (PtStore *store)
{
  g_autofree char *text = g_strnfill (2000, 'x');
  PtEntryRow row = { .subject = pt_subject_device (0), .received = 5, .body = text, .size = 2000 };

  pt_commit_rows (store, &row, 1, NULL);
}

static guint64
commit_entries (PtStore *store, guint32 area, guint count)
{
  PtEntryRow rows[8] = { 0 };

  for (guint i = 0; i < count; i++)
    rows[i] = (PtEntryRow){
      .area = area, .subject = pt_subject_device (0), .received = 5, .body = "{}", .size = 2
    };
  return pt_commit_rows (store, rows, count, NULL);
}

static void
fill (PtStore *store, guint groups)
{
  add_area (store, 0);
  for (guint i = 0; i < groups; i++)
    commit_large (store);
}

/* Cut off anywhere, it is damaged, and the daemon ends with it (PT_ERROR_STOP). */
static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  g_autofree char *whole = NULL;
  gsize size;
  PtStore *store = open_store (fixture);

  fill (store, 40);
  pt_store_free (store);
  g_assert_true (g_file_get_contents (fixture->path, &whole, &size, NULL));
  g_assert_cmpuint (size, >, 16 * 4096);
  for (gssize left = (gssize) size - 4096; left > 4096; left -= (gssize) size / 8)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (fixture->path, whole, left, NULL));
      g_assert_null (pt_sqlite_store_new (fixture->path, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
      g_assert_nonnull (strstr (error->message, fixture->path));
    }
}

/* As root may write everywhere, SQLite is told by the file's own name that it may not. */
static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_strdup_printf ("file:%s?mode=ro", fixture->path);
  g_autoptr (GError) error = NULL;

  pt_store_free (open_store (fixture));
  g_assert_null (pt_sqlite_store_new (path, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, "can't be written"));
}

#define THREADS 4
#define GROUPS 25

typedef struct
{
  PtStore *store;
  guint32 area;
} Writer;

static gpointer
commit_main (gpointer data)
{
  Writer *writer = data;

  for (guint i = 0; i < GROUPS; i++)
    g_assert_cmpuint (commit_entries (writer->store, writer->area, 3), ==, 3 * i + 1);
  return NULL;
}

static gboolean
count_row (const PtEntryRow *row, gpointer user_data, GError **error)
{
  guint64 *next = user_data;

  g_assert_cmpuint (row->number, ==, (*next)++);
  return TRUE;
}

/* Groups of several threads, each with its area, are written one after another. */
static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtStore) store = open_store (fixture);
  Writer writers[THREADS];
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    {
      add_area (store, i);
      writers[i] = (Writer){ store, i };
    }
  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("commit", commit_main, &writers[i]);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < THREADS; i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 next = 1;

      g_assert_true (pt_store_scan_entries (store, i, 0, 0, count_row, &next, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (next, ==, GROUPS * 3 + 1);
    }
}

typedef struct
{
  PtStore *store;
  guint seen;
} Scan;

static gboolean
commit_while_reading (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Scan *scan = user_data;

  scan->seen++;
  commit_entries (scan->store, 0, 1);
  return TRUE;
}

/* A reader sees what there was when it began, and holds up no commit. */
static void
test_snapshot (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtStore) store = open_store (fixture);
  Scan scan = { store, 0 };
  g_autoptr (GError) error = NULL;

  add_area (store, 0);
  commit_entries (store, 0, 8);
  g_assert_true (pt_store_scan_entries (store, 0, 0, 0, commit_while_reading, &scan, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (scan.seen, ==, 8);
  g_assert_cmpuint (commit_entries (store, 0, 1), ==, 17);
}

/* What was committed is in the files, whatever became of the process: a copy of them taken while it
 * runs opens with all of it. */
static void
test_copy_opens (Fixture *fixture, gconstpointer data)
{
  static const char *const suffixes[] = { "", "-wal" };
  g_autofree char *copied = g_build_filename (fixture->directory, "copy.sqlite", NULL);
  g_autoptr (PtStore) store = open_store (fixture);
  g_autoptr (PtStore) copy = NULL;
  g_autoptr (GError) error = NULL;

  add_area (store, 0);
  for (guint i = 0; i < 20; i++)
    commit_entries (store, 0, 5);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (fixture->path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (copied, suffixes[i], NULL);
      g_autofree char *content = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (from, &content, &size, NULL));
      g_assert_true (g_file_set_contents (to, content, (gssize) size, NULL));
    }
  copy = pt_sqlite_store_new (copied, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (commit_entries (copy, 0, 1), ==, 101);
}

static gboolean
count_rows (const PtEntryRow *row, gpointer user_data, GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

/* One that is only read stands still, whatever is written beside it, and writes nothing. */
static void
test_frozen (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtStore) store = open_store (fixture);
  g_autoptr (PtStore) frozen = NULL;
  g_autoptr (GArray) areas = NULL;
  g_autoptr (GError) error = NULL;
  guint count = 0;

  add_area (store, 0);
  commit_entries (store, 0, 3);
  frozen = pt_sqlite_store_new_frozen (fixture->path, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 20; i++)
    commit_entries (store, 0, 8);
  add_area (store, 1);
  areas = pt_store_areas (frozen, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (areas->len, ==, 1);
  g_assert_cmpuint (g_array_index (areas, PtAreaRow, 0).tail, ==, 3);
  g_assert_true (pt_store_scan_entries (frozen, 0, 0, 0, count_rows, &count, &error));
  g_assert_cmpuint (count, ==, 3);
  g_assert_false (pt_store_set_ahead (frozen, 0, 7, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
}

static void
test_frozen_other_version (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) older = NULL, newer = NULL;

  pt_store_free (open_store (fixture));
  execute (fixture, "pragma user_version = 3");
  g_assert_null (pt_sqlite_store_new_frozen (fixture->path, &older));
  g_assert_error (older, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (older->message, "older version"));
  execute (fixture, "pragma user_version = 99");
  g_assert_null (pt_sqlite_store_new_frozen (fixture->path, &newer));
  g_assert_error (newer, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (newer->message, "newer version"));
}

/* What SQLite does for a query is counted, a thousand steps at a time, on each connection. */
static gint thousands; /* atomic */

static int
count_steps (void *data)
{
  g_atomic_int_inc (&thousands);
  return 0;
}

static int
count_on (sqlite3 *database, const char **message, const struct sqlite3_api_routines *routines)
{
  sqlite3_progress_handler (database, 1000, count_steps, NULL);
  return SQLITE_OK;
}

static gboolean
count_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

/* A day of outages is found without a look at those that ended long before, however many. */
static void
test_outages_of_a_day (Fixture *fixture, gconstpointer data)
{
  const guint many = 20000;
  g_autofree PtOutageWrite *writes = g_new0 (PtOutageWrite, many);
  const PtGroup group = { .outages = writes, .outage_count = many };
  const gint64 hour = 3600000, last = many * hour;
  const PtOutageQuery query = { .area = 0, .from = last - 24 * hour, .to = last + 1, .limit = 100 };
  g_autoptr (PtStore) store = NULL;
  g_autoptr (GError) error = NULL;
  guint count = 0;

  sqlite3_auto_extension ((void (*) (void)) count_on);
  store = open_store (fixture);
  add_area (store, 0);
  for (guint i = 0; i < many; i++)
    writes[i] = (PtOutageWrite){ .change = { .kind = PT_CHANGE_OPEN,
                                             .start_seq = 2 * i + 1,
                                             .start = 1 + i * hour,
                                             .end_seq = 2 * i + 2,
                                             .end = 1 + i * hour + hour / 2,
                                             .ended_by = PT_END_REPORT } };
  pt_store_commit (store, &group, &error);
  g_assert_no_error (error);
  g_atomic_int_set (&thousands, 0);
  g_assert_true (pt_store_outages (store, &query, count_outage, &count, &error));
  g_assert_cmpuint (count, ==, 24);
  g_assert_cmpint (g_atomic_int_get (&thousands), <, 20); /* a step each would be 20 */
  sqlite3_cancel_auto_extension ((void (*) (void)) count_on);
}

#define ADD(name, func) g_test_add ("/sqlite-store/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sqlite3_config (SQLITE_CONFIG_URI, 1), ==, SQLITE_OK); /* of test_read_only () */
  ADD ("newer-version", test_newer_version);
  ADD ("not-a-database", test_not_a_database);
  ADD ("foreign", test_foreign);
  ADD ("empty", test_empty);
  ADD ("truncated", test_truncated);
  g_test_add_func ("/sqlite-store/no-directory", test_no_directory);
  ADD ("threads", test_threads);
  ADD ("snapshot", test_snapshot);
  ADD ("copy-opens", test_copy_opens);
  ADD ("frozen", test_frozen);
  ADD ("outages-of-a-day", test_outages_of_a_day);
  ADD ("frozen-other-version", test_frozen_other_version);
  ADD ("read-only", test_read_only);
  return g_test_run ();
}
