/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-regions.h"

#include <gio/gio.h>

static void
test_bad (void)
{
  static const char *const wrong[]
      = { "",          "1",        "1,2,3",     "1,2,3,4,5", "a,b,c,d",    "1,2,3,4x",
          "1,,3,4",    "0,0,0,1",  "0,1,1,1",   "0,2,1,1",   "-181,0,1,1", "0,-91,1,1",
          "0,0,181,1", "0,0,1,91", "nan,0,1,1", "0,0,inf,1" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (PtBasemapBox));
      PtBasemapRegions regions = { 7, 10, boxes };
      g_autoptr (GError) error = NULL;

      g_assert_false (pt_basemap_regions_add (&regions, wrong[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_assert_cmpuint (boxes->len, ==, 0);
    }
}

static void
test_too_many (void)
{
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (PtBasemapBox));
  PtBasemapRegions regions = { 7, 10, boxes };
  g_autoptr (GError) error = NULL;
  guint added = 0;

  while (added < 1000 && pt_basemap_regions_add (&regions, "1,2,3,4", &error))
    added++;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (added, ==, PT_BASEMAP_REGIONS_MAX - 1);
}

static void
test_tiles (void)
{
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (PtBasemapBox));
  PtBasemapRegions regions = { 2, 4, boxes };

  g_assert_cmpuint (pt_basemap_regions_count (&regions), ==, 1 + 4 + 16);
  /* In one tile of zoom 4, the one south-east of 0, 0. */
  g_assert_true (pt_basemap_regions_add (&regions, "1, -2, 2, -1", NULL));
  g_assert_cmpuint (pt_basemap_regions_count (&regions), ==, 1 + 4 + 16 + 1 + 1);
  g_assert_true (pt_basemap_regions_has (&regions, 4, 8, 8));
  g_assert_false (pt_basemap_regions_has (&regions, 4, 7, 8));
  g_assert_false (pt_basemap_regions_has (&regions, 5, 16, 16));
}

static void
test_antimeridian (void)
{
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (PtBasemapBox));
  PtBasemapRegions regions = { 2, 4, boxes };

  g_assert_true (pt_basemap_regions_add (&regions, "176,-20,-178,-15", NULL));
  g_assert_cmpuint (boxes->len, ==, 2);
  g_assert_true (pt_basemap_regions_has (&regions, 4, 15, 8));
  g_assert_true (pt_basemap_regions_has (&regions, 4, 0, 8));
  g_assert_false (pt_basemap_regions_has (&regions, 4, 8, 8));
}

static void
test_bound (void)
{
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (PtBasemapBox));
  PtBasemapRegions regions = { 0, 14, boxes };

  g_assert_true (pt_basemap_regions_add (&regions, "-180,-85,180,85", NULL));
  g_assert_cmpuint (pt_basemap_regions_count (&regions), ==, PT_BASEMAP_TILES_MAX + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/basemap/regions/bad", test_bad);
  g_test_add_func ("/basemap/regions/too-many", test_too_many);
  g_test_add_func ("/basemap/regions/tiles", test_tiles);
  g_test_add_func ("/basemap/regions/antimeridian", test_antimeridian);
  g_test_add_func ("/basemap/regions/bound", test_bound);
  return g_test_run ();
}
