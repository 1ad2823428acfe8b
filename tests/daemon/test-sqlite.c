/* SPDX-License-Identifier: Apache-2.0 */
/* What a fault of SQLite's means: which end the daemon, which pass, and a want of descriptors. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pt-sqlite-store.h"
#include "pt-sqlite.h"
#include "pt-store-log.h"

static void
test_kinds (void)
{
  static const struct
  {
    int code;
    PtErrorCode kind;
  } cases[] = {
    { SQLITE_CORRUPT, PT_ERROR_STOP },
    { SQLITE_CORRUPT_INDEX, PT_ERROR_STOP },
    { SQLITE_NOTADB, PT_ERROR_STOP },
    { SQLITE_IOERR_FSYNC, PT_ERROR_STOP },
    { SQLITE_IOERR_DIR_FSYNC, PT_ERROR_STOP },
    { SQLITE_IOERR_WRITE, PT_ERROR_STOP },
    { SQLITE_IOERR_TRUNCATE, PT_ERROR_STOP },
    { SQLITE_CANTOPEN, PT_ERROR_RETRY },
    { SQLITE_CANTOPEN_FULLPATH, PT_ERROR_RETRY },
    { SQLITE_NOMEM, PT_ERROR_RETRY },
    { SQLITE_IOERR_NOMEM, PT_ERROR_RETRY },
    { SQLITE_IOERR_SHMOPEN, PT_ERROR_RETRY },
    { SQLITE_IOERR_SHMSIZE, PT_ERROR_RETRY },
    { SQLITE_IOERR_SHMMAP, PT_ERROR_RETRY },
    { SQLITE_IOERR_LOCK, PT_ERROR_RETRY },
    { SQLITE_IOERR_READ, PT_ERROR_RETRY },
    { SQLITE_FULL, PT_ERROR_RETRY },
    { SQLITE_BUSY, PT_ERROR_RETRY },
    { SQLITE_BUSY_SNAPSHOT, PT_ERROR_RETRY },
    { SQLITE_LOCKED, PT_ERROR_RETRY },
    { SQLITE_INTERRUPT, PT_ERROR_RETRY },
    { SQLITE_PROTOCOL, PT_ERROR_RETRY },
    { SQLITE_READONLY, PT_ERROR_OPERATOR },
    { SQLITE_PERM, PT_ERROR_OPERATOR },
    { SQLITE_CONSTRAINT_UNIQUE, PT_ERROR_CONFLICT },
  };
  g_autoptr (GError) none = NULL;
  g_autoptr (PtSqlite) sqlite = pt_sqlite_open (":memory:", FALSE, &none);

  g_assert_no_error (none);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      pt_sqlite_set_error (sqlite, cases[i].code, &error);
      g_assert_error (error, PT_ERROR, (int) cases[i].kind);
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
}

static void
test_wrong_path (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_sqlite_open ("/nonexistent/store.sqlite", FALSE, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
}

/* Until there is no descriptor left; closed again by the caller. */
static GArray *
take_descriptors (void)
{
  GArray *taken = g_array_new (FALSE, FALSE, sizeof (int));
  int file;

  while ((file = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    g_array_append_val (taken, file);
  return taken;
}

static void
give_back (GArray *taken, guint count)
{
  for (; count > 0 && taken->len > 0; count--)
    {
      close (g_array_index (taken, int, taken->len - 1));
      g_array_set_size (taken, taken->len - 1);
    }
}

static void
add_area (PtStore *store)
{
  PtAreaRow row = { .id = "area-0" };
  g_autoptr (GError) error = NULL;

  pt_store_add_area (store, &row, &error);
  g_assert_no_error (error);
}

/* The area's entry @number. */
static gboolean
commit_one (PtStore *store, guint64 number, GError **error)
{
  PtEntryRow row = {
    .number = number, .subject = pt_subject_device (0), .received = 5, .body = "{}", .size = 2
  };
  PtTailMove move = { 0, number - 1, number, 0 };
  PtGroup group = { .entries = &row, .entry_count = 1, .tails = &move, .tail_count = 1 };

  return pt_store_commit (store, &group, error);
}

/* With none left, and then with one, two, ... more: whatever of reading and writing fails does so
 * for now, and the same store goes on when there are enough again. */
static void
test_no_descriptors (void)
{
  g_autofree char *directory = g_dir_make_tmp ("pt-sqlite-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "store.sqlite", NULL);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL), *shm = g_strconcat (path, "-shm", NULL);
  g_autoptr (GError) none = NULL;
  PtStore *store = pt_sqlite_store_new (path, &none);
  g_autoptr (GArray) taken = NULL;
  gboolean failed = FALSE;
  guint64 next = 1;

  g_assert_no_error (none);
  add_area (store);
  taken = take_descriptors ();
  for (guint i = 0; i < 6; i++, give_back (taken, 1))
    {
      g_autoptr (GError) reading = NULL, writing = NULL;
      g_autoptr (GArray) areas = pt_store_areas (store, &reading);

      failed |= areas == NULL;
      if (areas == NULL)
        g_assert_error (reading, PT_ERROR, PT_ERROR_RETRY);
      if (commit_one (store, next, &writing))
        next++;
      else
        g_assert_error (writing, PT_ERROR, PT_ERROR_RETRY);
    }
  g_assert_true (failed);
  give_back (taken, taken->len);
  g_assert_true (commit_one (store, next, &none));
  g_assert_no_error (none);
  pt_store_free (store);
  g_remove (path);
  g_remove (wal);
  g_remove (shm);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  struct rlimit limit = { 64, 64 };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_test_add_func ("/sqlite/kinds", test_kinds);
  g_test_add_func ("/sqlite/wrong-path", test_wrong_path);
  g_test_add_func ("/sqlite/no-descriptors", test_no_descriptors);
  return g_test_run ();
}
