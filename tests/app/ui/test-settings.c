/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-settings.h"

#include <glib/gstdio.h>

static char *
settings_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "powertrack", "console.ini", NULL);
}

static void
test_kept (void)
{
  PtSettings kept = { .width = 1000,
                      .height = 700,
                      .maximized = TRUE,
                      .url = (char *) "http://a",
                      .scheme = (char *) "dark" };
  PtSettings *settings;

  pt_settings_save (&kept);
  settings = pt_settings_load ();
  g_assert_cmpint (settings->width, ==, 1000);
  g_assert_cmpint (settings->height, ==, 700);
  g_assert_true (settings->maximized);
  g_assert_cmpstr (settings->url, ==, "http://a");
  g_assert_null (settings->rpc);
  g_assert_cmpstr (settings->scheme, ==, "dark");
  pt_settings_free (settings);
}

static PtSettings *
save_and_load (PtSettings *settings)
{
  pt_settings_save (settings);
  pt_settings_free (settings);
  return pt_settings_load ();
}

static void
assert_contract (const PtSettings *settings, const char *expected)
{
  g_autofree char *text = pt_settings_contract_text (settings);

  g_assert_cmpstr (text, ==, expected);
}

/* The first contract that a daemon names is kept, whatever another says later; only a person
 * changes it. */
static void
test_contract (void)
{
  PtSettings *settings = save_and_load (pt_settings_load ());

  assert_contract (settings, NULL);
  g_assert_false (pt_settings_is_other (settings, 31337, "0xaa"));
  g_assert_false (pt_settings_pin (settings, 0, "0xaa", 0));
  g_assert_false (pt_settings_pin (settings, 31337, NULL, 0));
  g_assert_true (pt_settings_pin (settings, 31337, "0xaa", 7));
  settings = save_and_load (settings);
  assert_contract (settings, "31337:0xaa");
  g_assert_cmpuint (settings->from_block, ==, 7);
  g_assert_false (pt_settings_pin (settings, 31337, "0xbb", 0));
  g_assert_true (pt_settings_is_other (settings, 31337, "0xbb"));
  g_assert_true (pt_settings_is_other (settings, 1, "0xaa"));
  g_assert_false (pt_settings_is_other (settings, 31337, "0xAA"));
  g_assert_false (pt_settings_is_other (settings, 0, NULL));
  assert_contract (settings, "31337:0xaa");
  pt_settings_set_contract_text (settings, "31337:0xaa");
  g_assert_cmpuint (settings->from_block, ==, 7);
  pt_settings_set_contract_text (settings, "1:0xcc");
  assert_contract (settings, "1:0xcc");
  g_assert_cmpuint (settings->from_block, ==, 0);
  settings = save_and_load (settings);
  assert_contract (settings, "1:0xcc");
  pt_settings_set_contract_text (settings, "nonsense");
  assert_contract (settings, NULL);
  settings = save_and_load (settings);
  assert_contract (settings, NULL);
  pt_settings_free (settings);
}

/* What is not in the file, or cannot be, has its default. */
static void
test_defaults (void)
{
  static const char *const files[]
      = { "", "[window\nwidth=", "[window]\nwidth=-5\nheight=99999999999\nscheme=pink\n",
          "[window]\nwidth=x\nmaximized=perhaps\n[connection]\ndaemon=\n" };

  g_autofree char *path = settings_path (), *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (guint i = 0; i <= G_N_ELEMENTS (files); i++)
    {
      PtSettings *settings;

      if (i < G_N_ELEMENTS (files))
        g_assert_true (g_file_set_contents (path, files[i], -1, NULL));
      else
        g_assert_cmpint (g_remove (path), ==, 0);
      settings = pt_settings_load ();
      g_assert_cmpint (settings->width, ==, 1360);
      g_assert_cmpint (settings->height, ==, 860);
      g_assert_false (settings->maximized);
      g_assert_null (settings->url);
      g_assert_cmpstr (settings->scheme, ==, "system");
      pt_settings_free (settings);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/settings/kept", test_kept);
  g_test_add_func ("/settings/contract", test_contract);
  g_test_add_func ("/settings/defaults", test_defaults);
  return g_test_run ();
}
