/* SPDX-License-Identifier: Apache-2.0 */
/* One file of the index: sorted places with a checksum, written whole or not at all. */
#include "pt-entry-run.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

#define RUNS 3
#define PLACES 3000 /* more than a reader keeps in memory */

typedef struct
{
  char *directory;
  PtEntryRun *runs[RUNS];
} Fixture;

/* Place @i of run @number: the runs are interleaved like teeth. */
static PtEntryPlace
place_of (guint number, guint i)
{
  return (PtEntryPlace){ .kind = 1,
                         .subject = i,
                         .seq = 7 + (gint64) number,
                         .digest = i * 31u + number,
                         .offset = ((guint64) number << 40) + i,
                         .batch = number + 1,
                         .leaf = i };
}

static PtEntryRun *
write_run (Fixture *fixture, guint number)
{
  g_autofree PtEntryPlace *places = g_new (PtEntryPlace, PLACES);
  PtEntryRunRange range = { .area = 2,
                            .first = (guint64) number * PLACES,
                            .last = (guint64) (number + 1) * PLACES,
                            .count = PLACES };
  g_autoptr (GError) error = NULL;
  PtEntryRun *run;

  for (guint i = 0; i < PLACES; i++)
    places[i] = place_of (number, i);
  run = pt_entry_run_write (fixture->directory, &range, places, &error);
  g_assert_no_error (error);
  return run;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("pt-run-XXXXXX", NULL);
  for (guint i = 0; i < RUNS; i++)
    fixture->runs[i] = write_run (fixture, i);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);

  for (guint i = 0; i < RUNS; i++)
    pt_entry_run_unref (fixture->runs[i]);
  for (const char *name; (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static void
assert_holds (const PtEntryRun *run, guint number)
{
  for (guint i = 0; i < PLACES; i++)
    {
      PtEntryPlace wanted = place_of (number, i), found;

      g_assert_true (pt_entry_run_find (run, &wanted, &found));
      g_assert_cmpmem (&found, sizeof found, &wanted, sizeof wanted);
    }
}

static void
assert_lacks (const PtEntryRun *run, guint number)
{
  PtEntryPlace wanted = place_of (number, 1), found;

  g_assert_false (pt_entry_run_find (run, &wanted, &found));
}

static void
test_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtEntryRun) run
      = pt_entry_run_open (pt_entry_run_path (fixture->runs[1]), FALSE, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (pt_entry_run_range (run)->area, ==, 2);
  g_assert_cmpuint (pt_entry_run_range (run)->first, ==, PLACES);
  g_assert_cmpuint (pt_entry_run_range (run)->last, ==, 2 * PLACES);
  assert_holds (run, 1);
  assert_lacks (run, 0);
}

static void
test_merge (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtEntryRun) merged
      = pt_entry_run_merge (fixture->directory, fixture->runs, RUNS, 4, &error);
  g_autoptr (PtEntryRun) again = NULL;

  g_assert_no_error (error);
  g_assert_true (pt_entry_run_sync_names (fixture->directory, &error));
  again = pt_entry_run_open (pt_entry_run_path (merged), FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pt_entry_run_range (again)->first, ==, 0);
  g_assert_cmpuint (pt_entry_run_range (again)->last, ==, RUNS * PLACES);
  g_assert_cmpuint (pt_entry_run_range (again)->count, ==, RUNS * PLACES);
  g_assert_cmpuint (pt_entry_run_range (again)->level, ==, 4);
  for (guint i = 0; i < RUNS; i++)
    {
      assert_holds (merged, i);
      assert_holds (again, i);
    }
  assert_lacks (again, RUNS);
}

/* Every byte is under the checksum, the length too. */
static void
check_damaged (const char *path, const char *content, gsize size)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  g_assert_null (pt_entry_run_open (path, FALSE, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
}

static void
test_damage (Fixture *fixture, gconstpointer data)
{
  const char *path = pt_entry_run_path (fixture->runs[0]);
  g_autofree char *content = NULL;
  g_autoptr (PtEntryRun) run = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  for (gsize at = 0; at < size; at += at < 80 ? 1 : 9973)
    {
      content[at] ^= 1;
      check_damaged (path, content, size);
      content[at] ^= 1;
    }
  check_damaged (path, content, size - 1);
  check_damaged (path, content, size - sizeof (PtEntryPlace));
  check_damaged (path, content, 0);
  memset (content + 80, 0, size - 80);
  check_damaged (path, content, size);
}

static gboolean
count_pace (gpointer context, gsize bytes)
{
  gsize *left = context;

  *left -= MIN (*left, bytes);
  return *left > 0;
}

/* What is believed at first is checked later. */
static void
test_trusting (Fixture *fixture, gconstpointer data)
{
  const char *path = pt_entry_run_path (fixture->runs[0]);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtEntryRun) run = NULL;
  gsize size, most = G_MAXSIZE, little = 10;

  g_assert_true (pt_entry_run_check (fixture->runs[0], NULL, NULL));
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  content[size - 1] ^= 1;
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  run = pt_entry_run_open (path, TRUE, &error);
  g_assert_no_error (error);
  g_assert_false (pt_entry_run_check (run, NULL, NULL));
  g_assert_false (pt_entry_run_check (run, count_pace, &most));
  g_assert_true (pt_entry_run_check (run, count_pace, &little)); /* ended: not known */
  g_assert_true (g_file_set_contents (path, content, (gssize) size - 1, NULL));
  g_assert_null (pt_entry_run_open (path, TRUE, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
}

/* Nothing is left of what can't be written whole. */
static void
test_no_room (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inside = g_build_filename (fixture->directory, "none", NULL);
  PtEntryRunRange range = { .last = 1 };
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_entry_run_write (inside, &range, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  g_assert_null (pt_entry_run_merge (inside, fixture->runs, RUNS, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  g_assert_false (pt_entry_run_sync_names (inside, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

/* A run that lost its file or a bit after it was opened is not made good by merging it. */
static void
test_merge_of_damaged (Fixture *fixture, gconstpointer data)
{
  const char *path = pt_entry_run_path (fixture->runs[0]);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  content[size - 1] ^= 1;
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  g_assert_null (pt_entry_run_merge (fixture->directory, fixture->runs, RUNS, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  content[size - 1] ^= 1;
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  g_assert_cmpint (g_remove (pt_entry_run_path (fixture->runs[1])), ==, 0);
  g_assert_null (pt_entry_run_merge (fixture->directory, fixture->runs, RUNS, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

#define ADD(name, func) g_test_add ("/entry-run/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("open", test_open);
  ADD ("merge", test_merge);
  ADD ("damage", test_damage);
  ADD ("trusting", test_trusting);
  ADD ("no-room", test_no_room);
  ADD ("merge-of-damaged", test_merge_of_damaged);
  return g_test_run ();
}
