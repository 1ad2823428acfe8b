/* SPDX-License-Identifier: Apache-2.0 */
/* File systems that are no place for a database: the system's answer is the test's. */
#include "pt-sqlite-place.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "pt-error.h"
#include "pt-sqlite-store.h"

static guint32 magic;
static char asked[256];

/* In the place of libc's. */
int
statfs (const char *file, struct statfs *out)
{
  g_strlcpy (asked, file, sizeof asked);
  memset (out, 0, sizeof *out);
  out->f_type = (__fsword_t) magic;
  errno = ENOENT;
  return magic == 0 ? -1 : 0;
}

static void
test_network (void)
{
  static const struct
  {
    guint32 magic;
    const char *name; /* NULL: it may lie there */
  } cases[] = {
    { 0x00006969, "NFS" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB" }, { 0x65735546, "FUSE" },
    { 0x01021997, "9P" },  { 0x0000ef53, NULL },   { 0x58465342, NULL },  { 0x9123683e, NULL },
    { 0x01021994, NULL },  { 0x794c7630, NULL },   { 0x2fc12fc1, NULL },  { 0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      magic = cases[i].magic;
      g_assert_true (pt_sqlite_place_check ("/nowhere/state/x.sqlite", &error)
                     == (cases[i].name == NULL));
      g_assert_cmpstr (asked, ==, "/nowhere/state");
      if (cases[i].name == NULL)
        continue;
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      g_assert_nonnull (strstr (error->message, cases[i].name));
      g_assert_nonnull (strstr (error->message, "/nowhere/state/x.sqlite"));
    }
}

/* Before a file is made there. */
static void
test_store (void)
{
  g_autofree char *directory = g_dir_make_tmp ("pt-place-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "store.sqlite", NULL);
  g_autoptr (GError) error = NULL;

  magic = 0x00006969;
  g_assert_null (pt_sqlite_store_new (path, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
test_no_file (void)
{
  g_autofree char *directory = g_dir_make_tmp ("pt-place-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;

  magic = 0x0000ef53;
  g_assert_false (pt_sqlite_place_check (directory, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sqlite-place/network", test_network);
  g_test_add_func ("/sqlite-place/store", test_store);
  g_test_add_func ("/sqlite-place/no-file", test_no_file);
  return g_test_run ();
}
