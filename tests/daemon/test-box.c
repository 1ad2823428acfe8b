/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-box.h"

#define DEGREE 10000000

static gboolean
holds (const char *text, int lat, int lon)
{
  PtBox box;

  g_assert_true (pt_box_parse (text, &box));
  return pt_box_holds (&box, lat, lon);
}

static void
test_plain (void)
{
  g_assert_true (holds ("84.5,25,86,26", 255 * (DEGREE / 10), 85 * DEGREE));
  g_assert_true (holds ("85,25,85,25", 25 * DEGREE, 85 * DEGREE));
  g_assert_false (holds ("84.5,25,86,26", 255 * (DEGREE / 10), 87 * DEGREE));
  g_assert_false (holds ("84.5,25,86,26", 27 * DEGREE, 85 * DEGREE));
  /* South and north can't be mistaken for one another; west and east mean something in each order.
   */
  g_assert_true (holds ("84.5,26,86,25", 255 * (DEGREE / 10), 85 * DEGREE));
  g_assert_true (holds ("8.45e1,2.5e+1,86,+26", 255 * (DEGREE / 10), 85 * DEGREE));
}

static void
test_date_line (void)
{
  static const char *const over[]
      = { "179,-20,-179,-10", "179,-20,181,-10", "-181,-20,-179,-10", "-181,-20,181,-10" };
  static const int near[] = { 1799990000, 1800000000, -1800000000, -1799990000, 1790000000 };

  for (guint i = 0; i < G_N_ELEMENTS (over); i++)
    for (guint j = 0; j < G_N_ELEMENTS (near); j++)
      g_assert_true (holds (over[i], -17 * DEGREE, near[j]));
  g_assert_false (holds ("179,-20,-179,-10", -17 * DEGREE, 1780000000));
  g_assert_false (holds ("179,-20,-179,-10", -17 * DEGREE, 0));
  /* One meridian, whatever it is called. */
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (holds ("179.9,-20,180,-10", -17 * DEGREE, near[1 + i]));
      g_assert_true (holds ("-180,-20,-179.9,-10", -17 * DEGREE, near[1 + i]));
    }
  g_assert_false (holds ("179.9,-20,180,-10", -17 * DEGREE, -1799990000));
}

static void
test_whole_world (void)
{
  static const char *const world[]
      = { "-180,-90,180,90", "0,-90,360,90", "-360,-90,360,90", "360,-90,-360,90", "1,-90,0,90" };

  for (guint i = 0; i < G_N_ELEMENTS (world) - 1; i++)
    for (int lon = -180; lon <= 180; lon += 20)
      g_assert_true (holds (world[i], 0, lon * DEGREE) || (i == 3 && lon != 0));
  g_assert_false (holds (world[4], 0, DEGREE / 2));
  g_assert_true (holds (world[4], 0, 2 * DEGREE));
}

static void
test_refused (void)
{
  static const char *const texts[] = { "",
                                       "1,2,3",
                                       "1,2,3,4,5",
                                       "1,2,3,",
                                       ",,,",
                                       "a,b,c,d",
                                       "nan,0,1,1",
                                       "0,0,inf,1",
                                       "1,2,3,4x",
                                       "400,0,1,1",
                                       "0,91,1,1",
                                       "0x1,0,1,1",
                                       " 1,2,3,4",
                                       "1, 2,3,4",
                                       "1,2,3,4 ",
                                       "1e999,0,1,1",
                                       "1,2,3,e",
                                       "--1,2,3,4",
                                       "0.00000000000000000000000000000001,2,3,4" };
  PtBox box = { 1, 2, 3, 4 };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (pt_box_parse (texts[i], &box));
  g_assert_cmpfloat (box.west, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/box/plain", test_plain);
  g_test_add_func ("/box/date-line", test_date_line);
  g_test_add_func ("/box/whole-world", test_whole_world);
  g_test_add_func ("/box/refused", test_refused);
  return g_test_run ();
}
