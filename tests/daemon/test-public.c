/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-public.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

#define TEMPLATE "https://tiles.example/{z}/{x}/{y}.png"

static PtPublic *
open_well (const PtPublicConfig *config)
{
  g_autoptr (GError) error = NULL;
  PtPublic *public = pt_public_new (config, &error);

  g_assert_no_error (error);
  g_assert_nonnull (public);
  return public;
}

static void
test_page (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-public-XXXXXX", NULL);
  g_autofree char *index = g_build_filename (folder, "index.html", NULL);
  PtPublicConfig config = { .page = folder, .rpc = "https://one.example/x; http://two.example" };
  g_autoptr (PtPublic) public = NULL;

  g_assert_true (g_file_set_contents (index, "<!doctype html>", -1, NULL));
  public = open_well (&config);
  g_assert_nonnull (public->page);
  g_assert_cmpuint (g_strv_length (public->rpc), ==, 2);
  g_assert_cmpstr (public->rpc[1], ==, "http://two.example");
  g_assert_cmpint (g_remove (index), ==, 0);
  g_assert_cmpint (g_remove (folder), ==, 0);
}

/* The map may be elsewhere: addresses are taken as they are. */
static void
test_map (void)
{
  PtPublicConfig config = { .light = TEMPLATE, .attribution = "Somebody" };
  g_autoptr (PtPublic) public = open_well (&config);

  g_assert_nonnull (public->tiles);
  g_assert_cmpstr (pt_tiles_origins (public->tiles), ==, "https://tiles.example");
  g_assert_cmpuint (g_strv_length (public->rpc), ==, 0);
}

/* What was asked for and is not there stops the start. */
static void
test_missing (void)
{
  static const PtPublicConfig configs[] = { { .light = "/nowhere/light.mbtiles" },
                                            { .dark = "/nowhere/dark.mbtiles" },
                                            { .places = "/nowhere/places.tsv" },
                                            { .page = "/nowhere" } };

  for (guint i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pt_public_new (&configs[i], &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      g_assert_nonnull (strstr (error->message, "/nowhere"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/public/page", test_page);
  g_test_add_func ("/public/map", test_map);
  g_test_add_func ("/public/missing", test_missing);
  return g_test_run ();
}
