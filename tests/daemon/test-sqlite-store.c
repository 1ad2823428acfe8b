/* SPDX-License-Identifier: Apache-2.0 */
/* What only SQLite has: files, versions, threads. What every store does is in test-store-log.c
 * and beside it. */
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "pt-sqlite-store.h"
#include "pt-store-fixture.h"

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

#define ADD(name, func) g_test_add ("/sqlite-store/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("newer-version", test_newer_version);
  ADD ("not-a-database", test_not_a_database);
  g_test_add_func ("/sqlite-store/no-directory", test_no_directory);
  ADD ("threads", test_threads);
  ADD ("snapshot", test_snapshot);
  ADD ("copy-opens", test_copy_opens);
  return g_test_run ();
}
