/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-catalogs.h"

#include <glib/gstdio.h>
#include <string.h>

#include "common/pt-test.h"

/* As msgfmt writes it: two texts, of which the second has no translation. */
static const struct
{
  guint32 head[7], texts[4], said[4];
  char bytes[16];
} file = { { 0x950412de, 0, 2, 28, 44, 0, 60 },
           { 2, 60, 2, 63 },
           { 6, 66, 0, 65 },
           "on\0no\0\xe0\xa4\xb9\xe0\xa4\x82" };

static void
write_file (const char *folder, const char *language, const void *data, gsize size)
{
  g_autofree char *below = g_build_filename (folder, language, "LC_MESSAGES", NULL);
  g_autofree char *path = g_build_filename (below, "powertrack.mo", NULL);

  g_assert_cmpint (g_mkdir_with_parents (below, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static void
test_say (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-catalogs-XXXXXX", NULL);
  g_autoptr (PtCatalogs) catalogs = NULL;
  const PtCatalog *hindi;

  write_file (folder, "hi", &file, sizeof file);
  catalogs = pt_catalogs_new (folder);
  hindi = pt_catalogs_choose (catalogs, "hi");
  g_assert_nonnull (hindi);
  g_assert_cmpstr (pt_catalog_say (hindi, "on"), ==, "\xe0\xa4\xb9\xe0\xa4\x82");
  g_assert_cmpstr (pt_catalog_say (hindi, "no"), ==, "no");
  g_assert_cmpstr (pt_catalog_say (hindi, "other"), ==, "other");
  g_assert_cmpstr (pt_catalog_say (NULL, "on"), ==, "on");
  for (guint i = 0; i < 6; i++)
    {
      static const char *const wanted[]
          = { "hi-IN,hi;q=0.9,en;q=0.8", "HI", "mr,hi;q=0.5", "fr;q=0.1, hi", "*,hi", "en;q=0,hi" };

      g_assert_true (pt_catalogs_choose (catalogs, wanted[i]) == hindi);
    }
  for (guint i = 0; i < 7; i++)
    {
      static const char *const wanted[]
          = { "en,hi;q=0.9", "en-IN,hi", "", "fr", "../hi", "hi;q=0", ";;,," };

      g_assert_null (pt_catalogs_choose (catalogs, wanted[i]));
    }
  g_assert_null (pt_catalogs_choose (catalogs, NULL));
  pt_test_remove_tree (folder);
}

/* Each file that is cut or points out of itself is left out; none makes it read beyond. */
static void
test_broken (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-catalogs-XXXXXX", NULL);
  g_autoptr (PtCatalogs) none = pt_catalogs_new ("/nowhere");

  g_assert_null (pt_catalogs_choose (none, "hi"));
  for (gsize size = 0; size < 73; size++)
    {
      g_autofree char *copy = g_memdup2 (&file, sizeof file);
      g_autoptr (PtCatalogs) catalogs = NULL;

      write_file (folder, "hi", copy, size);
      catalogs = pt_catalogs_new (folder);
      g_assert_null (pt_catalogs_choose (catalogs, "hi"));
    }
  for (gsize at = 0; at < 60; at += 4)
    {
      g_autofree char *copy = g_memdup2 (&file, sizeof file);
      g_autoptr (PtCatalogs) catalogs = NULL;

      memset (copy + at, 0xff, 4);
      write_file (folder, "hi", copy, sizeof file);
      catalogs = pt_catalogs_new (folder);
      /* The revision, and the table of hashes, are not looked at. */
      g_assert_true ((pt_catalogs_choose (catalogs, "hi") != NULL)
                     == (at == 4 || at == 20 || at == 24));
    }
  pt_test_remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalogs/say", test_say);
  g_test_add_func ("/catalogs/broken", test_broken);
  return g_test_run ();
}
