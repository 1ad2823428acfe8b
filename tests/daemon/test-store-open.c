/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-open.h"

#include <glib/gstdio.h>

static void
assert_refused (const char *address)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_store_open (address, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_clear_error (&error);
  g_assert_null (pt_store_open_frozen (address, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
}

static void
test_refused (void)
{
  assert_refused ("");
  assert_refused ("sqlite");
  assert_refused ("sqlite:");
  assert_refused ("sqlite:/nonexistent/store.sqlite");
  assert_refused ("memory:here");
  assert_refused ("SQLITE:store.sqlite");
  assert_refused ("mongodb:localhost");
  assert_refused ("mongodb://");
  assert_refused ("mongodb+srv://");
  assert_refused ("mysql://user:s3cret@localhost");
}

/* It is missed before anything else is tried. */
static void
test_no_password (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_store_open ("mongodb://user@localhost", "/nonexistent/password", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
}

static void
test_opens (void)
{
  g_autofree char *directory = g_dir_make_tmp ("pt-store-open-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "a store.sqlite", NULL);
  g_autofree char *address = g_strconcat ("sqlite:", path, NULL);
  static const char *const endings[] = { "", "-wal", "-shm" };
  g_autoptr (PtStore) memory = NULL;
  PtStore *frozen;
  g_autoptr (GError) error = NULL;

  memory = pt_store_open ("memory:", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (memory);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PtStore) store = pt_store_open (address, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (store);
    }
  frozen = pt_store_open_frozen (address, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (frozen);
  g_clear_pointer (&frozen, pt_store_free);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *file = g_strconcat (path, endings[i], NULL);

      g_remove (file);
    }
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store-open/refused", test_refused);
  g_test_add_func ("/store-open/no-password", test_no_password);
  g_test_add_func ("/store-open/opens", test_opens);
  return g_test_run ();
}
