/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-index.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pt-error.h"

typedef struct
{
  char *directory;
  PtEntryIndex *index;
} Fixture;

#define AREA 3
#define HEADER 80

static void
open_index (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->index = pt_entry_index_new (fixture->directory, &error);
  g_assert_no_error (error);
}

static void
reopen (Fixture *fixture)
{
  pt_entry_index_free (fixture->index);
  open_index (fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("pt-index-XXXXXX", NULL);
  open_index (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 0);
}

static char **
list_files (Fixture *fixture)
{
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (const char *name; (name = g_dir_read_name (directory)) != NULL;)
    g_strv_builder_add (names, name);
  return g_strv_builder_end (names);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) names = NULL;

  pt_entry_index_free (fixture->index);
  names = list_files (fixture);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (fixture->directory, names[i], NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static void
assert_next (Fixture *fixture, guint32 device, gint64 seq, gint64 expected)
{
  PtEntryPlace place = { 0 };
  gboolean found
      = pt_entry_index_next (fixture->index, AREA, pt_subject_device (device), seq, &place);

  g_assert_cmpint (found ? place.seq : 0, ==, expected);
  if (found)
    g_assert_cmpuint (place.subject, ==, device);
}

/* The area's run @number: ten entries, of which one report each of devices 0 to 9, in reverse. */
static gboolean
add_run_of (Fixture *fixture, guint32 area, guint number, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (PtEntryPlace));

  for (guint i = 0; i < 10; i++)
    {
      PtEntryPlace place = { .subject = 9 - i,
                             .batch = number + 1,
                             .seq = 1000 - (gint64) number,
                             .kind = PT_SUBJECT_DEVICE,
                             .digest = number * 1000 + i,
                             .offset = number * 100 + i,
                             .leaf = i };

      g_array_append_val (places, place);
    }
  return pt_entry_index_add (fixture->index, area, number * 10, number * 10 + 10, places, error);
}

static gboolean
add_run (Fixture *fixture, guint number, GError **error)
{
  return add_run_of (fixture, AREA, number, error);
}

static void
add_runs (Fixture *fixture, guint from, guint to)
{
  for (guint number = from; number < to; number++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (add_run (fixture, number, &error));
      g_assert_no_error (error);
    }
}

/* Exactly the runs below @runs can be found. */
static void
assert_found (Fixture *fixture, guint runs, guint beyond)
{
  for (guint number = 0; number < beyond; number++)
    for (guint device = 0; device < 11; device++)
      {
        PtEntryPlace place;
        gboolean found = pt_entry_index_find (fixture->index, AREA, pt_subject_device (device),
                                              1000 - (gint64) number, &place);

        g_assert_cmpint (found, ==, number < runs && device < 10);
        if (!found)
          continue;
        g_assert_cmpuint (place.batch, ==, number + 1);
        g_assert_cmpuint (place.offset, ==, number * 100 + 9 - device);
        g_assert_cmpuint (place.digest, ==, number * 1000 + 9 - device);
        g_assert_cmpuint (place.leaf, ==, 9 - device);
      }
}

static void
test_merges (Fixture *fixture, gconstpointer data)
{
  for (guint runs = 1; runs <= 100; runs++)
    {
      add_runs (fixture, runs - 1, runs);
      g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, runs * 10);
      g_assert_cmpuint (pt_entry_index_runs (fixture->index), <, 24);
      if (runs % 13 == 0)
        {
          reopen (fixture);
          g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, runs * 10);
        }
    }
  assert_found (fixture, 100, 105);
  {
    g_auto (GStrv) names = list_files (fixture);

    g_assert_cmpuint (g_strv_length (names), ==, pt_entry_index_runs (fixture->index));
  }
}

static void
test_empty_runs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (PtEntryPlace));
  g_autoptr (GError) error = NULL;

  add_runs (fixture, 0, 1);
  g_assert_true (pt_entry_index_add (fixture->index, AREA, 10, 20, none, &error));
  g_assert_no_error (error);
  add_runs (fixture, 2, 3);
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 30);
}

/* A hole is never made, and what is refused changes nothing. */
static void
test_no_holes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add_runs (fixture, 0, 2);
  g_assert_false (add_run (fixture, 3, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (add_run (fixture, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  assert_found (fixture, 2, 5);
  add_runs (fixture, 2, 4);
  assert_found (fixture, 4, 5);
}

static char *
run_path (Fixture *fixture, guint number)
{
  g_autofree char *name = g_strdup_printf ("%d.%u-%u.run", AREA, number * 10, number * 10 + 10);

  return g_build_filename (fixture->directory, name, NULL);
}

/* A run that was torn or changed in its header is put aside with all that follows, and can be made
 * again. */
static void
check_damage (Fixture *fixture, gsize cut, gssize poke)
{
  g_autofree char *path = run_path (fixture, 2);
  g_autofree char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  if (poke >= 0)
    content[poke] ^= 0x55;
  g_assert_true (g_file_set_contents (path, content, (gssize) MIN (cut, size), NULL));
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 20);
  assert_found (fixture, 2, 6);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  add_runs (fixture, 2, 5);
  assert_found (fixture, 5, 6);
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 50);
}

static void
test_damage (Fixture *fixture, gconstpointer data)
{
  add_runs (fixture, 0, 5);
  check_damage (fixture, 0, -1);
  check_damage (fixture, HEADER - 1, -1);
  check_damage (fixture, 100, -1);
  check_damage (fixture, G_MAXSIZE, 0);           /* magic */
  check_damage (fixture, G_MAXSIZE, 14);          /* area */
  check_damage (fixture, G_MAXSIZE, 32);          /* count */
  check_damage (fixture, G_MAXSIZE, 40);          /* level */
  check_damage (fixture, G_MAXSIZE, HEADER + 24); /* a place */
}

/* What a disk gives that kept the name and lost the bytes. */
static void
test_zeros (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  gsize size;

  add_runs (fixture, 0, 9);
  path = g_build_filename (fixture->directory, "3.0-80.run", NULL); /* eight that were merged */
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  memset (content + HEADER, 0, size - HEADER);
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 0);
  g_assert_cmpuint (pt_entry_index_runs (fixture->index), ==, 0);
  add_runs (fixture, 0, 9);
  assert_found (fixture, 9, 10);
}

/* Damage that came after the index was opened. */
static void
test_check (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  gsize size;

  add_runs (fixture, 0, 5);
  g_assert_cmpuint (pt_entry_index_check (fixture->index, AREA, NULL, NULL), ==, 0);
  g_assert_cmpuint (pt_entry_index_check (fixture->index, AREA + 9, NULL, NULL), ==, 0);
  path = run_path (fixture, 2);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  content[size - 20] ^= 1;
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  g_assert_cmpuint (pt_entry_index_check (fixture->index, AREA, NULL, NULL), ==, 3);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 20);
  assert_found (fixture, 2, 6);
  add_runs (fixture, 2, 5);
  assert_found (fixture, 5, 6);
  reopen (fixture);
  assert_found (fixture, 5, 6);
}

/* Whoever looks up while runs are added and merged finds all that was there before. */
static gpointer
look_up (gpointer data)
{
  Fixture *fixture = data;
  PtEntryPlace place;
  guint rounds;

  for (rounds = 0; pt_entry_index_covered (fixture->index, AREA) < 600; rounds++)
    for (guint device = 0; device < 10; device++)
      g_assert_true (
          pt_entry_index_find (fixture->index, AREA, pt_subject_device (device), 1000, &place));
  return GUINT_TO_POINTER (rounds);
}

static void
test_look_up_meanwhile (Fixture *fixture, gconstpointer data)
{
  GThread *thread;

  add_runs (fixture, 0, 1);
  thread = g_thread_new ("look-up", look_up, fixture);
  add_runs (fixture, 1, 60);
  g_thread_join (thread);
  assert_found (fixture, 60, 62);
}

/* A header whose count wraps around to the file's size. */
static void
test_huge_count (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = run_path (fixture, 1);
  g_autofree char *content = NULL;
  guint64 count;
  gsize size;
  PtEntryPlace place;

  G_STATIC_ASSERT (sizeof place == 40);
  add_runs (fixture, 0, 2);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  memcpy (&count, content + 32, sizeof count);
  count += G_GUINT64_CONSTANT (1) << 61; /* times 40, the size of a place: the same again */
  memcpy (content + 32, &count, sizeof count);
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 10);
  g_assert_false (pt_entry_index_find (fixture->index, AREA, pt_subject_device (5), 999, &place));
}

static void
test_missing_and_foreign (Fixture *fixture, gconstpointer data)
{
  g_autofree char *gone = NULL;
  g_autofree char *half = g_build_filename (fixture->directory, "3.30-40.run.new", NULL);
  g_autofree char *inner = g_build_filename (fixture->directory, "3.0-10.run", NULL);
  g_autofree char *copy = g_build_filename (fixture->directory, "copy.run", NULL);
  g_autofree char *content = NULL;
  gsize size;

  add_runs (fixture, 0, 4);
  gone = run_path (fixture, 1);
  g_assert_true (g_file_get_contents (inner, &content, &size, NULL));
  g_assert_true (g_file_set_contents (half, content, (gssize) size / 2, NULL));
  g_assert_true (g_file_set_contents (copy, content, (gssize) size, NULL)); /* covered twice */
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 40);
  assert_found (fixture, 4, 5);
  g_assert_false (g_file_test (half, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_remove (gone), ==, 0);
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 10);
  assert_found (fixture, 1, 5);
}

/* Areas don't see each other, nor do kinds of subjects. */
static void
test_areas (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (PtEntryPlace));
  PtEntryPlace place = { .batch = 7, .seq = 1000, .kind = PT_SUBJECT_OFFICIAL, .offset = 77 };
  g_autoptr (GError) error = NULL;

  add_runs (fixture, 0, 3);
  g_assert_true (add_run_of (fixture, 0, 0, &error));
  g_assert_no_error (error);
  g_array_append_val (places, place);
  g_assert_true (pt_entry_index_add (fixture->index, 0, 10, 11, places, &error));
  g_assert_no_error (error);
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, 0), ==, 11);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, 1), ==, 0);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA), ==, 30);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, AREA + 1), ==, 0);
  assert_found (fixture, 3, 5);
  g_assert_true (pt_entry_index_find (fixture->index, 0, pt_subject_official (0), 1000, &place));
  g_assert_cmpuint (place.batch, ==, 7);
  g_assert_true (pt_entry_index_find (fixture->index, 0, pt_subject_device (0), 1000, &place));
  g_assert_cmpuint (place.batch, ==, 1);
  g_assert_false (pt_entry_index_find (fixture->index, 0, pt_subject_device (0), 999, &place));
  g_assert_false (
      pt_entry_index_find (fixture->index, AREA, pt_subject_official (0), 1000, &place));
  g_assert_false (pt_entry_index_find (fixture->index, 1, pt_subject_device (0), 1000, &place));
}

/* The index as it was before areas had numbers of their own: put aside, as if there were none. */
static void
test_older_format (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "0-11.run", "11-20.run", "20-21.run" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (g_getenv ("PT_SOURCE_DIR"),
                                                "tests/fixtures/schema-1/index", names[i], NULL);
      g_autofree char *to = g_build_filename (fixture->directory, names[i], NULL);
      g_autofree char *content = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (from, &content, &size, NULL));
      g_assert_true (g_file_set_contents (to, content, (gssize) size, NULL));
    }
  reopen (fixture);
  g_assert_cmpuint (pt_entry_index_runs (fixture->index), ==, 0);
  g_assert_cmpuint (pt_entry_index_covered (fixture->index, 0), ==, 0);
  {
    g_auto (GStrv) left = list_files (fixture);

    g_assert_cmpuint (g_strv_length (left), ==, 0);
  }
  add_runs (fixture, 0, 2);
  assert_found (fixture, 2, 3);
}

/* A run that is large enough to be mapped. */
static void
test_large_run (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (PtEntryPlace));
  g_autoptr (GError) error = NULL;
  PtEntryPlace place;

  for (guint i = 0; i < 5000; i++)
    {
      place = (PtEntryPlace){
        .subject = i, .batch = 1, .seq = 5, .kind = PT_SUBJECT_DEVICE, .offset = i
      };
      g_array_append_val (places, place);
    }
  g_assert_true (pt_entry_index_add (fixture->index, AREA, 0, 5000, places, &error));
  g_assert_no_error (error);
  reopen (fixture);
  for (guint i = 0; i < 5000; i += 7)
    {
      g_assert_true (pt_entry_index_find (fixture->index, AREA, pt_subject_device (i), 5, &place));
      g_assert_cmpuint (place.offset, ==, i);
    }
}

static void
test_no_directory (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_entry_index_new ("/dev/null/index", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
}

/* A start without descriptors fails, and deletes nothing that it could not look at. */
static void
test_no_descriptors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GError) error = NULL;
  struct rlimit before, few;
  int file;

  add_runs (fixture, 0, 3);
  g_clear_pointer (&fixture->index, pt_entry_index_free);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  few = (struct rlimit){ 64, before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
  while ((file = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    g_array_append_val (taken, file);
  for (guint spare = 0; spare < 2; spare++) /* for nothing, for the directory alone */
    {
      g_assert_null (pt_entry_index_new (fixture->directory, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
      close (g_array_index (taken, int, taken->len - 1));
      g_array_set_size (taken, taken->len - 1);
    }
  for (guint i = 0; i < taken->len; i++)
    close (g_array_index (taken, int, i));
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  open_index (fixture);
  assert_found (fixture, 3, 4);
}

/* The lowest number above one, whichever run has it, and never another subject's. */
static void
test_next (Fixture *fixture, gconstpointer data)
{
  assert_next (fixture, 0, 0, 0);
  add_runs (fixture, 0, 25); /* each run's numbers are lower than those of the run before */
  for (guint turn = 0; turn < 2; turn++)
    {
      for (guint32 device = 0; device < 10; device++)
        {
          assert_next (fixture, device, 0, 976);
          assert_next (fixture, device, 976, 977);
          assert_next (fixture, device, 999, 1000);
          assert_next (fixture, device, 1000, 0);
        }
      assert_next (fixture, 10, 0, 0);
      reopen (fixture);
    }
}

#define ADD(name, func) g_test_add ("/entry-index/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("no-descriptors", test_no_descriptors);
  ADD ("next", test_next);
  ADD ("merges", test_merges);
  ADD ("empty-runs", test_empty_runs);
  ADD ("no-holes", test_no_holes);
  ADD ("damage", test_damage);
  ADD ("zeros", test_zeros);
  ADD ("check", test_check);
  ADD ("look-up-meanwhile", test_look_up_meanwhile);
  ADD ("huge-count", test_huge_count);
  ADD ("missing-and-foreign", test_missing_and_foreign);
  ADD ("areas", test_areas);
  ADD ("older-format", test_older_format);
  ADD ("large-run", test_large_run);
  g_test_add_func ("/entry-index/no-directory", test_no_directory);
  return g_test_run ();
}
