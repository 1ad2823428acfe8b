/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-new-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("powertrack-new-file-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->path = g_build_filename (fixture->folder, "key.pem", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0); /* nothing is left beside it */
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
assert_refused (const char *path, int wanted)
{
  errno = 0;
  g_assert_false (pt_new_file_write (path, "other", 5));
  g_assert_cmpint (errno, ==, wanted);
}

static void
test_written (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  struct stat about;

  g_assert_true (pt_new_file_write (fixture->path, "secret", 6));
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "secret");
  g_assert_cmpint (g_stat (fixture->path, &about), ==, 0);
  g_assert_cmpint (about.st_mode & 0777, ==, 0600);
  g_assert_cmpint (about.st_nlink, ==, 1);
}

/* Nothing is written over, nor to where a link leads. */
static void
test_never_over (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL, *elsewhere = g_build_filename (fixture->folder, "other", NULL);

  g_assert_true (pt_new_file_write (fixture->path, "secret", 6));
  assert_refused (fixture->path, EEXIST);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "secret");

  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (symlink (elsewhere, fixture->path), ==, 0);
  assert_refused (fixture->path, EEXIST);
  g_assert_false (g_file_test (elsewhere, G_FILE_TEST_EXISTS));
}

static void
test_nowhere (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fixture->folder, "none", "key.pem", NULL);
  g_autofree char *name = g_strnfill (5000, 'a');

  assert_refused (missing, ENOENT);
  assert_refused (name, ENAMETOOLONG);
}

/* One that was killed in between left its own file, and keeps nobody from the name. */
static void
test_after_a_kill (Fixture *fixture, gconstpointer data)
{
  g_autofree char *left = g_strdup_printf ("%s/.key.pem.%ld-0", fixture->folder, (long) getpid ());

  g_assert_true (g_file_set_contents (left, "", 0, NULL));
  g_assert_true (pt_new_file_write (fixture->path, "secret", 6));
  g_assert_cmpint (g_unlink (left), ==, 0);
}

#define ADD(name, func) g_test_add ("/new-file/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("written", test_written);
  ADD ("never-over", test_never_over);
  ADD ("nowhere", test_nowhere);
  ADD ("after-a-kill", test_after_a_kill);
  return g_test_run ();
}
