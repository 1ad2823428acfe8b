/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-gazetteer.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

#define TOWNS                                                                                      \
  "# a comment\n"                                                                                  \
  "# attribution: Somebody\n"                                                                      \
  "capital\t1000000\t27.70169\t85.3206\tKathmandu\n"                                               \
  "seat\t1600000\t25.59408\t85.13563\tPatna\r\n"                                                   \
  "place\t300\t25.6\t85.14\tA \"quarter\"\n"                                                       \
  "\n"                                                                                             \
  "place\t900\t-17.0\t179.95\tWest of the line\n"                                                  \
  "place\t900\t89.9\t10\tNear the pole"

static char *folder;

static PtGazetteer *
read_text (const char *text, gssize length, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "places.tsv", NULL);
  PtGazetteer *gazetteer;

  g_assert_true (g_file_set_contents (path, text, length, NULL));
  gazetteer = pt_gazetteer_new (path, error);
  g_remove (path);
  return gazetteer;
}

static char *
near (const PtGazetteer *gazetteer, double lat, double lon)
{
  char name[PT_PLACE_NAME_MAX + 1];

  if (!pt_gazetteer_nearest (gazetteer, (gint32) (lat * 1e7), (gint32) (lon * 1e7), name))
    return g_strdup ("-");
  return g_strdup (name);
}

static void
test_nearest (void)
{
  static const struct
  {
    double lat, lon;
    const char *name;
  } cases[] = { { 25.594, 85.135, "Patna" },
                { 25.601, 85.142, "A \"quarter\"" },
                { 25.99, 85.13, "A \"quarter\"" },      /* 43 km */
                { 26.2, 85.13, "-" },                   /* 67 km */
                { -17.0, -179.99, "West of the line" }, /* over the antimeridian */
                { -17.0, 180, "West of the line" },
                { -17.0, -180, "West of the line" },
                { 89.95, 12, "Near the pole" },
                { 90, 0, "Near the pole" },
                { -90, 0, "-" } };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtGazetteer) gazetteer = read_text (TOWNS, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (pt_gazetteer_attribution (gazetteer), ==, "Somebody");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = near (gazetteer, cases[i].lat, cases[i].lon);

      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

/* The grid finds what looking at every place finds. */
static void
test_nearest_of_many (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (PtGazetteer) gazetteer = NULL;
  double places[400][2];

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      places[i][0] = g_rand_int_range (random, 5800, 6200) / 100.0;
      places[i][1] = g_rand_int_range (random, 1000, 2000) / 100.0;
      g_string_append_printf (text, "place\t1\t%.2f\t%.2f\t%u\n", places[i][0], places[i][1], i);
    }
  gazetteer = read_text (text->str, -1, NULL);
  g_assert_nonnull (gazetteer);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *name = near (gazetteer, places[i][0], places[i][1]);
      guint found = (guint) g_ascii_strtoull (name, NULL, 10);

      g_assert_cmpfloat (places[found][0], ==, places[i][0]);
      g_assert_cmpfloat (places[found][1], ==, places[i][1]);
    }
}

static void
check_tile (const PtGazetteer *gazetteer, gint64 z, gint64 x, gint64 y, const PtMapPlace *wanted,
            guint count)
{
  g_autoptr (GArray) places = pt_gazetteer_tile (gazetteer, z, x, y);

  g_assert_cmpuint (places->len, ==, count);
  for (guint i = 0; i < count; i++)
    {
      const PtMapPlace *place = &g_array_index (places, PtMapPlace, i);

      g_assert_cmpstr (place->kind, ==, wanted[i].kind);
      g_assert_cmpstr (place->name, ==, wanted[i].name);
      g_assert_cmpint (place->lat, ==, wanted[i].lat);
      g_assert_cmpint (place->lon, ==, wanted[i].lon);
      g_assert_cmpuint (place->population, ==, wanted[i].population);
      g_assert_cmpint (place->rank, ==, wanted[i].rank);
      g_assert_cmpuint (place->size, ==, wanted[i].size);
    }
}

static void
test_tiles (void)
{
  static const gint64 none[][3] = { { -1, 0, 0 }, { 19, 0, 0 }, { 3, 8, 0 }, { 3, 0, 8 },
                                    { 3, -1, 0 }, { 3, 0, -1 }, { 0, 1, 0 }, { 63, 1, 1 } };
  static const PtMapPlace large[]
      = { { "capital", "Kathmandu", 277016900, 853206000, 1000000, 4000000, 1 },
          { "seat", "Patna", 255940800, 851356300, 1600000, 2400000, 0 } };
  static const PtMapPlace small[]
      = { { "place", "A \"quarter\"", 256000000, 851400000, 300, 300, 0 } };
  g_autoptr (PtGazetteer) gazetteer = read_text (TOWNS, -1, NULL);

  check_tile (gazetteer, 4, 11, 6, large, G_N_ELEMENTS (large));
  check_tile (gazetteer, 0, 0, 0, NULL, 0);
  check_tile (gazetteer, 18, 193066, 111918, NULL, 0);
  check_tile (gazetteer, 18, 193069, 111777, small, G_N_ELEMENTS (small));
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    g_assert_null (pt_gazetteer_tile (gazetteer, none[i][0], none[i][1], none[i][2]));
}

/* Every place is in one tile of each zoom, and no tile has more than is bearable. */
static void
test_tiles_divide (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (PtGazetteer) gazetteer = NULL;
  g_autoptr (GArray) all = NULL;
  guint count = 0;

  for (guint i = 0; i < 60; i++)
    g_string_append_printf (text, "place\t900000000\t%.5f\t%.5f\tx\n",
                            g_rand_double_range (random, -84, 84),
                            g_rand_double_range (random, -180, 180));
  gazetteer = read_text (text->str, -1, NULL);
  for (guint tile = 0; tile < 64; tile++)
    {
      g_autoptr (GArray) places = pt_gazetteer_tile (gazetteer, 3, tile % 8, tile / 8);

      count += places->len;
    }
  g_assert_cmpuint (count, ==, 60);
  all = pt_gazetteer_tile (gazetteer, 0, 0, 0);
  g_assert_cmpuint (all->len, ==, 24);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text, *words;
  } wrong[] = {
    { "place\t1\t2\t3", "five columns" },
    { "place\t1\t2\t3\tA\tB", "five columns" },
    { "place\t1\t2\t3\tA\tB\tC\tD", "five columns" },
    { "{\"json\":1}", "five columns" },
    { "town\t1\t2\t3\tA", "kind" },
    { "\t1\t2\t3\tA", "kind" },
    { "place\t-1\t2\t3\tA", "inhabitants" },
    { "place\tmany\t2\t3\tA", "inhabitants" },
    { "place\t\t2\t3\tA", "inhabitants" },
    { "place\tnan\t2\t3\tA", "inhabitants" },
    { "place\t1111111111111111111111111111\t2\t3\tA", "inhabitants" },
    { "place\t1\t91\t3\tA", "degrees" },
    { "place\t1\t2\t-180.1\tA", "degrees" },
    { "place\t1\t2\tinf\tA", "degrees" },
    { "place\t1\t2\t3\t", "name" },
    { "place\t1\t2\t3\t\xff", "name" },
    { "place\t1\t2\t3\ta\x01", "name" },
    { "place\t1\t2\t3\ta\xc2\x85", "name" },
    { "place\t1\t2\t3\ta\u2028b", "name" },
    { "place\t1\t2\t3\tA name of more than sixty bytes, which is longer than names are", "name" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *text = g_strconcat ("place\t1\t2\t3\tA\n", wrong[i].text, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (text, -1, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      g_assert_nonnull (strstr (error->message, "line 2, "));
      g_assert_nonnull (strstr (error->message, wrong[i].words));
    }
}

static void
test_odd_files (void)
{
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);
  g_autoptr (GError) error = NULL, of_folder = NULL;
  g_autoptr (PtGazetteer) empty = read_text ("", 0, NULL);
  g_autofree char *name = near (empty, 1, 1);

  g_assert_cmpstr (name, ==, "-");
  g_assert_cmpstr (pt_gazetteer_attribution (empty), ==, "");
  g_assert_null (pt_gazetteer_new (missing, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_null (pt_gazetteer_new (folder, &of_folder));
  g_assert_error (of_folder, PT_ERROR, PT_ERROR_CONFIGURATION);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("pt-gazetteer-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_test_add_func ("/gazetteer/nearest", test_nearest);
  g_test_add_func ("/gazetteer/nearest-of-many", test_nearest_of_many);
  g_test_add_func ("/gazetteer/tiles", test_tiles);
  g_test_add_func ("/gazetteer/tiles-divide", test_tiles_divide);
  g_test_add_func ("/gazetteer/refused", test_refused);
  g_test_add_func ("/gazetteer/odd-files", test_odd_files);
  result = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return result;
}
