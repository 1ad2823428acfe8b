/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mercator.h"

#include <math.h>

static void
assert_near (double value, double expected, double most)
{
  g_assert_cmpfloat_with_epsilon (value, expected, most);
}

/* The square's corners and middle; and 45 degrees, whose y is ln (1 + sqrt 2) of pi. */
static void
test_known (void)
{
  assert_near (pt_mercator_x (-180), 0, 1e-15);
  assert_near (pt_mercator_x (180), 1, 1e-15);
  assert_near (pt_mercator_y (0), 0.5, 1e-15);
  assert_near (pt_mercator_y (85.0511287798066), 0, 1e-12);
  assert_near (pt_mercator_y (-85.0511287798066), 1, 1e-12);
  assert_near (pt_mercator_y (45), (1 - log (1 + sqrt (2)) / G_PI) / 2, 1e-15);
}

static void
test_edge (void)
{
  g_assert_cmpfloat (pt_mercator_y (90), ==, pt_mercator_y (86));
  g_assert_cmpfloat (pt_mercator_y (-90), ==, pt_mercator_y (-86));
}

static void
test_back (void)
{
  for (int degree = -85; degree <= 85; degree++)
    {
      double x, y;

      pt_mercator (degree * 10000000, degree * 20000000, &x, &y);
      assert_near (pt_mercator_latitude (y), degree, 1e-9);
      assert_near (pt_mercator_longitude (x), degree * 2, 1e-9);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mercator/known", test_known);
  g_test_add_func ("/mercator/edge", test_edge);
  g_test_add_func ("/mercator/back", test_back);
  return g_test_run ();
}
