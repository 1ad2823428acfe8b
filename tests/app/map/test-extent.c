/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-extent.h"

static void
test_extent (void)
{
  static const struct
  {
    double x[4];
    guint count;
    double west, east;
  } cases[] = {
    { { 0.7 }, 1, 0.7, 0.7 },
    { { 0.7, 0.71, 0.69 }, 3, 0.69, 0.71 },
    { { 0.1, 0.7 }, 2, 0.7, 1.1 },
    { { 0.999, 0.001 }, 2, 0.999, 1.001 },
    { { 0.98, 0.01, 0.999, 0.02 }, 4, 0.98, 1.02 },
    { { 0, 1 }, 2, 1, 1 },
    { { 0.25, 0.75 }, 2, 0.25, 0.75 },
  };
  g_autofree PtExtent *extent = g_new (PtExtent, 1);
  double west = -1, east = -1;

  pt_extent_init (extent);
  g_assert_false (pt_extent_get (extent, &west, &east));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      pt_extent_init (extent);
      for (guint j = 0; j < cases[i].count; j++)
        pt_extent_add (extent, cases[i].x[j], 0.4 + j / 10.0);
      g_assert_true (pt_extent_get (extent, &west, &east));
      g_assert_cmpfloat_with_epsilon (west, cases[i].west, 1e-9);
      g_assert_cmpfloat_with_epsilon (east, cases[i].east, 1e-9);
      g_assert_cmpfloat_with_epsilon (extent->north, 0.4, 1e-9);
      g_assert_cmpfloat_with_epsilon (extent->south, 0.4 + (cases[i].count - 1) / 10.0, 1e-9);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/extent/narrowest", test_extent);
  return g_test_run ();
}
