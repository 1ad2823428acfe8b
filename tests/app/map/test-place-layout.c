/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-layout.h"

#include <json-glib/json-glib.h>
#include <math.h>

static void
expect (const PtPlaceSpot *spot, double x, double y)
{
  g_assert_true (spot->shown);
  g_assert_cmpfloat_with_epsilon (spot->box.x, x, 1e-9);
  g_assert_cmpfloat_with_epsilon (spot->box.y, y, 1e-9);
}

static double
number (JsonArray *array, guint index)
{
  return json_array_get_double_element (array, index);
}

static void
check_case (JsonObject *object)
{
  JsonArray *circles = json_object_get_array_member (object, "circles");
  JsonArray *names = json_object_get_array_member (object, "names");
  JsonArray *written = json_object_get_array_member (object, "written");
  guint taken_count = json_array_get_length (circles), count = json_array_get_length (names);
  g_autofree PtPlaceBox *taken = g_new (PtPlaceBox, taken_count);
  g_autofree PtPlaceSpot *spots = g_new (PtPlaceSpot, count);

  g_test_message ("%s", json_object_get_string_member (object, "what"));
  for (guint i = 0; i < taken_count; i++)
    {
      JsonArray *one = json_array_get_array_element (circles, i);

      taken[i] = (PtPlaceBox){ number (one, 0), number (one, 1), 2 * number (one, 2),
                               2 * number (one, 2) };
    }
  for (guint i = 0; i < count; i++)
    {
      JsonArray *one = json_array_get_array_element (names, i);

      spots[i]
          = (PtPlaceSpot){ { number (one, 0), number (one, 1), number (one, 2), number (one, 3) },
                           FALSE };
    }
  pt_place_layout (taken, taken_count, spots, count);
  g_assert_cmpuint (json_array_get_length (written), ==, count);
  for (guint i = 0; i < count; i++)
    if (json_array_get_null_element (written, i))
      g_assert_false (spots[i].shown);
    else
      expect (&spots[i], number (json_array_get_array_element (written, i), 0),
              number (json_array_get_array_element (written, i), 1));
}

/* Those that the page is held to as well. */
static void
test_vectors (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "tests", "vectors", "names.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *cases;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  cases = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                        "cases");
  g_assert_cmpuint (json_array_get_length (cases), >, 20);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    check_case (json_array_get_object_element (cases, i));
}

static void
test_none (void)
{
  PtPlaceBox taken = { 0, 0, 10, 10 };

  pt_place_layout (&taken, 1, NULL, 0);
  pt_place_layout (NULL, 0, NULL, 0);
}

static gboolean
touch (const PtPlaceBox *a, const PtPlaceBox *b)
{
  return fabs (a->x - b->x) < (a->width + b->width) / 2 + 4 - 1e-9
         && fabs (a->y - b->y) < (a->height + b->height) / 2 + 2 - 1e-9;
}

/* Pixels from a place to the nearest edge of its name. */
static double
distance (double x, double y, const PtPlaceBox *box)
{
  double across = MAX (fabs (box->x - x) - box->width / 2, 0);
  double down = MAX (fabs (box->y - y) - box->height / 2, 0);

  return hypot (across, down);
}

/* Against looking at each pair: nothing touches, and a name is at its place. */
static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 40; round++)
    {
      double side = round % 4 == 0 ? 1e9 : 1500; /* as far apart as at the nearest zoom */
      PtPlaceBox taken[300];
      PtPlaceSpot spots[300];
      double places[300][2];
      guint shown = 0;

      for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
        {
          double ring = g_rand_double_range (random, 6, 42);

          taken[i] = (PtPlaceBox){ g_rand_double (random) * side, g_rand_double (random) * side,
                                   ring, ring };
          spots[i] = (PtPlaceSpot){ { g_rand_double (random) * side, g_rand_double (random) * side,
                                      g_rand_double_range (random, 10, 160), 15 },
                                    FALSE };
          places[i][0] = spots[i].box.x;
          places[i][1] = spots[i].box.y;
        }
      pt_place_layout (taken, G_N_ELEMENTS (taken), spots, G_N_ELEMENTS (spots));
      for (guint i = 0; i < G_N_ELEMENTS (spots); i++)
        {
          shown += spots[i].shown;
          g_assert_true (!spots[i].shown
                         || distance (places[i][0], places[i][1], &spots[i].box)
                                <= 1.2 * spots[i].box.height);
          for (guint j = 0; spots[i].shown && j < G_N_ELEMENTS (taken); j++)
            g_assert_false (touch (&spots[i].box, &taken[j]));
          for (guint j = 0; spots[i].shown && j < i; j++)
            g_assert_false (spots[j].shown && touch (&spots[i].box, &spots[j].box));
        }
      g_assert_cmpuint (shown, >, 20);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/place-layout/vectors", test_vectors);
  g_test_add_func ("/place-layout/none", test_none);
  g_test_add_func ("/place-layout/random", test_random);
  return g_test_run ();
}
