/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-extent.h"

#define DEGREE 10000000

typedef struct
{
  const char *name;
  gint32 lons[4]; /* degrees */
  guint count;
  gint32 west, east;
} Row;

static void
test_narrowest (gconstpointer data)
{
  const Row *row = data;
  PtExtent extent;
  PtExtentBox box;

  pt_extent_init (&extent);
  for (guint i = 0; i < row->count; i++)
    pt_extent_add (&extent, (gint32) (i * DEGREE) - DEGREE, row->lons[i] * DEGREE);
  g_assert_true (pt_extent_box (&extent, &box));
  g_assert_cmpint (box.west, ==, row->west * DEGREE);
  g_assert_cmpint (box.east, ==, row->east * DEGREE);
  g_assert_cmpint (box.south, ==, -DEGREE);
  g_assert_cmpint (box.north, ==, (gint32) (row->count - 2) * DEGREE);
}

static void
test_none (void)
{
  PtExtent extent;
  PtExtentBox box = { 0 };

  pt_extent_init (&extent);
  g_assert_false (pt_extent_box (&extent, &box));
}

static const Row rows[] = {
  { "one", { 85 }, 1, 85, 85 },
  { "a-state", { -124, -115, -120 }, 3, -124, -115 },
  { "over-zero", { -5, 3, 12 }, 3, -5, 12 },
  { "over-the-date-line", { 178, -171, 179, -179 }, 4, 178, -171 },
  { "on-the-date-line", { 180, -180 }, 2, 180, -180 },
  { "within-half-a-degree", { 0, 0, 0 }, 3, 0, 0 },
  { "two-halves", { -90, 90 }, 2, -90, 90 },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/extent/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_narrowest);
    }
  g_test_add_func ("/extent/none", test_none);
  return g_test_run ();
}
