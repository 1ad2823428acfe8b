/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a database that is written to, and one that is written anew without holes. */
#include "pt-store-backup.h"

#include "pt-busy-fixture.h"
#include "pt-store-vacuum.h"

typedef struct
{
  PtWorld *world;
  char *database, *copy;
} Busy;

static void
begin (Busy *busy, gconstpointer data)
{
  busy->world = pt_busy_world_new (NULL);
  busy->database = g_build_filename (busy->world->path, "store.sqlite", NULL);
  busy->copy = g_build_filename (busy->world->path, "copy.sqlite", NULL);
}

static void
end (Busy *busy, gconstpointer data)
{
  pt_world_free (busy->world);
  g_free (busy->database);
  g_free (busy->copy);
}

/* Commits while somebody else copies. */
typedef struct
{
  PtWorld *world;
  gint stop; /* atomic */
  gint64 seq;
} Writer;

static gpointer
write_main (gpointer data)
{
  Writer *writer = data;

  while (!g_atomic_int_get (&writer->stop))
    {
      writer->seq++;
      pt_busy_say (writer->world, "west", "tx-1", writer->seq,
                   writer->seq % 2 != 0 ? PT_POWER_OFF : PT_POWER_ON);
    }
  return NULL;
}

static guint64
tail_of (const char *path, guint32 area)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtStore) store = pt_sqlite_store_new_frozen (path, &error);
  g_autoptr (GArray) areas = NULL;

  g_assert_no_error (error);
  areas = pt_store_areas (store, &error);
  g_assert_no_error (error);
  return g_array_index (areas, PtAreaRow, area).tail;
}

/* All that was acknowledged before it is in it, and it holds. */
static void
test_while_written (Busy *busy, gconstpointer data)
{
  g_autoptr (PtBlockStore) blocks = pt_block_store_open (busy->world->path);
  PtStoreBackupConfig config = { .from = busy->database, .to = busy->copy, .blocks = blocks };
  Writer writer = { busy->world, FALSE, 100 };
  g_autoptr (GThread) thread = g_thread_new ("writer", write_main, &writer);

  for (guint round = 0; round < 5; round++)
    {
      guint64 before = tail_of (busy->database, 1);
      g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
      g_autofree char *beside = g_strconcat (busy->copy, "-wal", NULL);
      g_autoptr (GError) error = NULL;
      guint64 bytes;

      config.quick = round == 4;
      g_assert_true (pt_store_backup (&config, findings, &bytes, &error));
      g_assert_no_error (error);
      g_assert_cmpint (pt_store_findings_verdict (findings), ==,
                       config.quick ? PT_STORE_NOT_CHECKED : PT_STORE_HOLDS);
      g_assert_cmpuint (bytes, >, 100000);
      g_assert_cmpuint (tail_of (busy->copy, 1), >=, before);
      g_assert_false (g_file_test (beside, G_FILE_TEST_EXISTS));
      g_assert_cmpint (g_remove (busy->copy), ==, 0);
    }
  g_atomic_int_set (&writer.stop, TRUE);
  g_thread_join (g_steal_pointer (&thread));
}

/* The copy is opened as a store, and goes on where it stood. */
static void
test_goes_on (Busy *busy, gconstpointer data)
{
  PtStoreBackupConfig config = { .from = busy->database, .to = busy->copy };
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autofree char *before = pt_world_dump (busy->world), *after = NULL;
  g_autoptr (GError) error = NULL;
  guint64 bytes;

  g_assert_true (pt_store_backup (&config, findings, &bytes, &error));
  g_assert_no_error (error);
  pt_world_stop (busy->world, TRUE);
  g_assert_cmpint (g_rename (busy->copy, busy->database), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *other = g_strconcat (busy->database, i == 0 ? "-wal" : "-shm", NULL);

      g_remove (other);
    }
  pt_world_start (busy->world);
  after = pt_world_dump (busy->world);
  g_assert_cmpstr (before, ==, after);
}

static void
assert_refused (const PtStoreBackupConfig *config, PtErrorCode code, const char *words)
{
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autoptr (GError) error = NULL;
  guint64 bytes;

  g_assert_false (pt_store_backup (config, findings, &bytes, &error));
  g_assert_error (error, PT_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refused (Busy *busy, gconstpointer data)
{
  g_autofree char *nowhere = g_build_filename (busy->world->path, "nowhere", "copy", NULL);
  PtStoreBackupConfig config = { .from = busy->database, .to = busy->copy };
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (busy->copy, "what was there", -1, NULL));
  assert_refused (&config, PT_ERROR_CONFIGURATION, "is there already");
  g_assert_true (g_file_get_contents (busy->copy, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "what was there");
  config.to = nowhere;
  assert_refused (&config, PT_ERROR_CONFIGURATION, nowhere);
  config = (PtStoreBackupConfig){ .from = busy->copy, .to = nowhere };
  assert_refused (&config, PT_ERROR_STOP, "not a database");
}

/* What is wrong with the database is told; the copy of it is kept all the same. */
static void
test_damaged (Busy *busy, gconstpointer data)
{
  PtStoreBackupConfig config = { .from = busy->database, .to = busy->copy };
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autoptr (GError) error = NULL;
  guint64 bytes;

  pt_busy_execute (busy->database, "delete from outages where ended_by = 0 and device = 2");
  g_assert_true (pt_store_backup (&config, findings, &bytes, &error));
  g_assert_no_error (error);
  g_assert_cmpint (pt_store_findings_verdict (findings), ==, PT_STORE_FAILS);
  g_assert_true (g_file_test (busy->copy, G_FILE_TEST_EXISTS));
}

static void
test_vacuum (Busy *busy, gconstpointer data)
{
  g_autofree char *before = pt_world_dump (busy->world), *after = NULL;
  g_autofree char *wal = g_strconcat (busy->database, "-wal", NULL);
  g_autoptr (GError) error = NULL;
  guint64 bytes, unused, less, still_unused;

  pt_world_stop (busy->world, TRUE);
  pt_busy_execute (busy->database, "create table room (a blob); insert into room values"
                                   " (zeroblob (1000000)); drop table room");
  g_assert_true (pt_store_vacuum_measure (busy->database, &bytes, &unused, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (unused, >=, 900000);
  g_assert_true (pt_store_vacuum (busy->database, &less, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (less, <=, bytes - unused);
  g_assert_true (pt_store_vacuum_measure (busy->database, &bytes, &still_unused, &error));
  g_assert_cmpuint (bytes, ==, less);
  g_assert_cmpuint (still_unused, ==, 0);
  g_assert_false (g_file_test (wal, G_FILE_TEST_EXISTS));
  pt_world_start (busy->world);
  after = pt_world_dump (busy->world);
  g_assert_cmpstr (before, ==, after);
}

#define ADD(name, func) g_test_add ("/store-backup/" name, Busy, NULL, begin, func, end)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("while-written", test_while_written);
  ADD ("goes-on", test_goes_on);
  ADD ("refused", test_refused);
  ADD ("damaged", test_damaged);
  ADD ("vacuum", test_vacuum);
  return g_test_run ();
}
