/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-part-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/pt-test.h"
#include "pt-error.h"

typedef struct
{
  char *directory, *path, *part;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("pt-part-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->directory, "whole", NULL);
  fixture->part = g_strconcat (fixture->path, ".part", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_test_remove_tree (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->path);
  g_free (fixture->part);
}

static PtPartFile *
begin (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  PtPartFile *part = pt_part_file_new (fixture->path, "/nonexistent", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (part->part, ==, fixture->part);
  g_assert_cmpint (write (part->file, "all", 3), ==, 3);
  return part;
}

static void
assert_holds (Fixture *fixture, const char *wanted)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtPartFile) part = begin (fixture);
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_assert_true (pt_part_file_finish (part, FALSE, &error));
  g_assert_no_error (error);
  assert_holds (fixture, "all");
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_false (g_file_test (fixture->part, G_FILE_TEST_EXISTS));
}

static void
test_given_up (Fixture *fixture, gconstpointer data)
{
  pt_part_file_free (begin (fixture));
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (fixture->part, G_FILE_TEST_EXISTS));
}

/* What a run that was killed left is nobody's. */
static void
test_left_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtPartFile) part = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->part, "of a run before", -1, NULL));
  part = begin (fixture);
  g_assert_true (pt_part_file_finish (part, FALSE, &error));
  g_assert_no_error (error);
  assert_holds (fixture, "all");
}

static void
assert_refused (Fixture *fixture, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_part_file_new (fixture->path, "/nonexistent", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtPartFile) part = begin (fixture);
  g_autofree char *nowhere = g_build_filename (fixture->directory, "nowhere", "whole", NULL);
  g_autoptr (GError) error = NULL, missing = NULL;

  assert_refused (fixture, "another process"); /* and leaves it alone */
  g_assert_true (g_file_set_contents (fixture->path, "other", -1, NULL));
  assert_refused (fixture, "is there already");
  /* It came while this one was written. */
  g_assert_false (pt_part_file_finish (part, FALSE, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  assert_holds (fixture, "other");
  g_assert_null (pt_part_file_new (nowhere, "/nonexistent", &missing));
  g_assert_error (missing, PT_ERROR, PT_ERROR_CONFIGURATION);
}

/* In the place of the file that it is like. */
static void
test_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtPartFile) part = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "before", -1, NULL));
  part = pt_part_file_new (fixture->path, fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (write (part->file, "after", 5), ==, 5);
  assert_holds (fixture, "before");
  g_assert_true (pt_part_file_finish (part, TRUE, &error));
  g_assert_no_error (error);
  assert_holds (fixture, "after");
}

#define ADD(name, func) g_test_add ("/part-file/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", test_whole);
  ADD ("given-up", test_given_up);
  ADD ("left-over", test_left_over);
  ADD ("refused", test_refused);
  ADD ("over", test_over);
  return g_test_run ();
}
