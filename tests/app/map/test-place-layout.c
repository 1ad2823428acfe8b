/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-layout.h"

#include <math.h>

static PtPlaceSpot
spot (double x, double y)
{
  return (PtPlaceSpot){ { x, y, 60, 14 }, FALSE };
}

static void
expect (const PtPlaceSpot *spot, double x, double y)
{
  g_assert_true (spot->shown);
  g_assert_cmpfloat_with_epsilon (spot->box.x, x, 1e-9);
  g_assert_cmpfloat_with_epsilon (spot->box.y, y, 1e-9);
}

/* Whatever is in the way, the next of the nine places is taken. */
static void
test_order (void)
{
  static const double offsets[][2] = { { 0, 0 },  { 0, 16 },  { 0, -16 }, { 0, 30 }, { 0, -30 },
                                       { 0, 44 }, { 0, -44 }, { 62, 0 },  { -62, 0 } };
  /* Each of these covers one of the places, and not those after it. */
  static const PtPlaceBox covers[] = { { 100, 100, 6, 6 }, { 100, 116, 6, 6 }, { 100, 84, 6, 6 },
                                       { 100, 130, 6, 6 }, { 100, 70, 6, 6 },  { 100, 144, 6, 6 },
                                       { 100, 56, 6, 6 },  { 162, 100, 6, 6 }, { 38, 100, 6, 6 } };

  for (guint count = 0; count <= G_N_ELEMENTS (covers); count++)
    {
      PtPlaceSpot one = spot (100, 100);

      pt_place_layout (covers, count, &one, 1);
      if (count < G_N_ELEMENTS (offsets))
        expect (&one, 100 + offsets[count][0], 100 + offsets[count][1]);
      else
        g_assert_false (one.shown);
    }
}

/* 4 pixels beside and 2 above stay free, no less and no more. */
static void
test_gaps (void)
{
  for (int i = 0; i < 2; i++)
    {
      double more = i * 0.01;
      PtPlaceBox beside = { 100 + 30 + 10 + 4 - 0.005 + more, 100, 20, 200 };
      PtPlaceBox above = { 100, 100 - 7 - 10 - 2 + 0.005 - more, 200, 20 };
      PtPlaceSpot one = spot (100, 100), other = spot (100, 100);

      pt_place_layout (&beside, 1, &one, 1);
      pt_place_layout (&above, 1, &other, 1);
      g_assert_true ((one.box.x == 100 && one.box.y == 100) == (i == 1));
      g_assert_true ((other.box.y == 100) == (i == 1));
    }
}

/* The first has its place whatever comes after it. */
static void
test_rank (void)
{
  PtPlaceSpot spots[] = { spot (0, 0), spot (10, 0), spot (500, 0) };

  pt_place_layout (NULL, 0, spots, G_N_ELEMENTS (spots));
  expect (&spots[0], 0, 0);
  expect (&spots[1], 10, 16);
  expect (&spots[2], 500, 0);
  pt_place_layout (NULL, 0, spots, 0);
}

static gboolean
touch (const PtPlaceBox *a, const PtPlaceBox *b)
{
  return fabs (a->x - b->x) < (a->width + b->width) / 2 + 4 - 1e-9
         && fabs (a->y - b->y) < (a->height + b->height) / 2 + 2 - 1e-9;
}

/* Against looking at each pair: nothing touches, and what is left out has no room. */
static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 40; round++)
    {
      double side = round % 4 == 0 ? 1e9 : 1500; /* as far apart as at the nearest zoom */
      PtPlaceBox taken[300];
      PtPlaceSpot spots[300];
      guint shown = 0;

      for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
        {
          double ring = g_rand_double_range (random, 6, 42);

          taken[i] = (PtPlaceBox){ g_rand_double (random) * side, g_rand_double (random) * side,
                                   ring, ring };
          spots[i] = (PtPlaceSpot){ { g_rand_double (random) * side, g_rand_double (random) * side,
                                      g_rand_double_range (random, 10, 160), 15 },
                                    FALSE };
        }
      pt_place_layout (taken, G_N_ELEMENTS (taken), spots, G_N_ELEMENTS (spots));
      for (guint i = 0; i < G_N_ELEMENTS (spots); i++)
        {
          shown += spots[i].shown;
          for (guint j = 0; spots[i].shown && j < G_N_ELEMENTS (taken); j++)
            g_assert_false (touch (&spots[i].box, &taken[j]));
          for (guint j = 0; spots[i].shown && j < i; j++)
            g_assert_false (spots[j].shown && touch (&spots[i].box, &spots[j].box));
        }
      g_assert_cmpuint (shown, >, 20);
    }
}

static void
test_speed (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autofree PtPlaceBox *taken = g_new (PtPlaceBox, 4000);
  g_autofree PtPlaceSpot *spots = g_new (PtPlaceSpot, 500);
  gint64 begun;

  for (guint i = 0; i < 4000; i++)
    taken[i] = (PtPlaceBox){ g_rand_double (random) * 3000, g_rand_double (random) * 2000, 12, 12 };
  for (guint i = 0; i < 500; i++)
    spots[i] = spot (g_rand_double (random) * 3000, g_rand_double (random) * 2000);
  begun = g_get_monotonic_time ();
  pt_place_layout (taken, 4000, spots, 500);
  g_test_message ("500 names among 4,000 symbols in %d us",
                  (int) (g_get_monotonic_time () - begun));
  g_assert_cmpint (g_get_monotonic_time () - begun, <, G_TIME_SPAN_SECOND / 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/place-layout/order", test_order);
  g_test_add_func ("/place-layout/gaps", test_gaps);
  g_test_add_func ("/place-layout/rank", test_rank);
  g_test_add_func ("/place-layout/random", test_random);
  g_test_add_func ("/place-layout/speed", test_speed);
  return g_test_run ();
}
