/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-geometry.h"

#include <math.h>

static const PtBasemapBox unit = { 0.25, 0.25, 0.75, 0.75 };

static const PtBasemapPoint *
points_of (const PtBasemapGeometry *geometry, guint part)
{
  guint start = g_array_index (geometry->parts, PtBasemapPart, part).start;

  return &g_array_index (geometry->points, PtBasemapPoint, start);
}

static const PtBasemapPart *
part_of (const PtBasemapGeometry *geometry, guint part)
{
  return &g_array_index (geometry->parts, PtBasemapPart, part);
}

/* The area of a closed ring, by the shoelace formula. */
static double
area_of (const PtBasemapGeometry *geometry, guint part)
{
  const PtBasemapPoint *points = points_of (geometry, part);
  double area = 0;

  for (guint i = 0; i + 1 < part_of (geometry, part)->length; i++)
    area += points[i].x * points[i + 1].y - points[i + 1].x * points[i].y;
  return fabs (area) / 2;
}

/* Figures of the spherical Mercator projection (EPSG guidance note 7-2, method 1024). */
static void
test_project (void)
{
  double x, y;

  pt_basemap_project (0, 0, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (y, 0.5, 1e-12);
  pt_basemap_project (-180, 85.05112877980659, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 0, 1e-12);
  g_assert_cmpfloat_with_epsilon (y, 0, 1e-9);
  /* 24.46 N, 100.33 W is -11169055.58 m east and 2800000.00 m north. */
  pt_basemap_project (-(100 + 20.0 / 60), 24 + 22 / 60.0 + 54.433 / 3600, &x, &y);
  g_assert_cmpfloat_with_epsilon ((x - 0.5) * 2 * G_PI * 6378137, -11169055.58, 0.01);
  g_assert_cmpfloat_with_epsilon ((0.5 - y) * 2 * G_PI * 6378137, 2800000.00, 0.01);
  pt_basemap_project (999, -90, &x, &y);
  g_assert_cmpfloat (x, ==, 1);
  g_assert_cmpfloat_with_epsilon (y, 1, 1e-9);
}

static void
test_line (void)
{
  const PtBasemapPoint through[] = { { 0, 0.5, 0 }, { 0.5, 0.5, 0 }, { 1, 0.5, 0 } };
  const PtBasemapPoint twice[]
      = { { 0.5, 0.5, 0 }, { 0.9, 0.5, 0 }, { 0.9, 0.6, 0 }, { 0.5, 0.6, 0 } };
  const PtBasemapPoint beside[] = { { 0, 0.4, 0 }, { 0.4, 0, 0 } };
  g_autoptr (PtBasemapGeometry) geometry = pt_basemap_geometry_new ();
  g_autoptr (PtBasemapGeometry) cut = NULL;

  pt_basemap_geometry_add (geometry, PT_BASEMAP_COAST, FALSE, through, 3);
  pt_basemap_geometry_add (geometry, PT_BASEMAP_STATE, FALSE, twice, 4);
  pt_basemap_geometry_add (geometry, PT_BASEMAP_STATE, FALSE, beside, 2);
  cut = pt_basemap_geometry_clip (geometry, &unit);
  g_assert_cmpuint (cut->parts->len, ==, 3);
  g_assert_cmpuint (part_of (cut, 0)->layer, ==, PT_BASEMAP_COAST);
  g_assert_cmpuint (part_of (cut, 0)->length, ==, 3);
  g_assert_cmpfloat (points_of (cut, 0)[0].x, ==, 0.25);
  g_assert_cmpfloat (points_of (cut, 0)[2].x, ==, 0.75);
  g_assert_true (isinf (points_of (cut, 0)[0].weight));
  for (guint part = 1; part < 3; part++)
    {
      g_assert_cmpuint (part_of (cut, part)->length, ==, 2);
      g_assert_cmpuint (part_of (cut, part)->layer, ==, PT_BASEMAP_STATE);
    }
}

/* A line after a ring is not joined to it. */
static void
test_line_after_ring (void)
{
  const PtBasemapPoint ring[]
      = { { 0, 0, 0 }, { 0.5, 0, 0 }, { 0.5, 0.5, 0 }, { 0, 0.5, 0 }, { 0, 0, 0 } };
  const PtBasemapPoint line[] = { { 0.6, 0.6, 0 }, { 1, 0.6, 0 } };
  g_autoptr (PtBasemapGeometry) geometry = pt_basemap_geometry_new ();
  g_autoptr (PtBasemapGeometry) cut = NULL;

  pt_basemap_geometry_add (geometry, PT_BASEMAP_LAND, TRUE, ring, 5);
  pt_basemap_geometry_add (geometry, PT_BASEMAP_COAST, FALSE, line, 2);
  cut = pt_basemap_geometry_clip (geometry, &unit);
  g_assert_cmpuint (cut->parts->len, ==, 2);
  g_assert_cmpfloat_with_epsilon (area_of (cut, 0), 0.25 * 0.25, 1e-12);
  g_assert_cmpuint (part_of (cut, 1)->length, ==, 2);
  g_assert_cmpfloat (points_of (cut, 1)[0].x, ==, 0.6);
}

static void
test_ring (void)
{
  const PtBasemapPoint around[]
      = { { 0, 0, 0 }, { 1, 0, 0 }, { 1, 1, 0 }, { 0, 1, 0 }, { 0, 0, 0 } };
  const PtBasemapPoint diamond[]
      = { { 0.5, 0, 0 }, { 1, 0.5, 0 }, { 0.5, 1, 0 }, { 0, 0.5, 0 }, { 0.5, 0, 0 } };
  const PtBasemapPoint away[] = { { 0, 0, 0 }, { 0.2, 0, 0 }, { 0, 0.2, 0 }, { 0, 0, 0 } };
  g_autoptr (PtBasemapGeometry) geometry = pt_basemap_geometry_new ();
  g_autoptr (PtBasemapGeometry) cut = NULL;

  pt_basemap_geometry_add (geometry, PT_BASEMAP_LAND, TRUE, around, 5);
  pt_basemap_geometry_add (geometry, PT_BASEMAP_LAND, TRUE, diamond, 5);
  pt_basemap_geometry_add (geometry, PT_BASEMAP_LAND, TRUE, away, 4);
  cut = pt_basemap_geometry_clip (geometry, &unit);
  g_assert_cmpuint (cut->parts->len, ==, 2);
  for (guint part = 0; part < 2; part++)
    {
      const PtBasemapPoint *points = points_of (cut, part);

      g_assert_cmpfloat_with_epsilon (area_of (cut, part), 0.25, 1e-12);
      g_assert_cmpfloat (points[0].x, ==, points[part_of (cut, part)->length - 1].x);
      g_assert_cmpfloat (part_of (cut, part)->box.west, >=, 0.25);
      g_assert_cmpfloat (part_of (cut, part)->box.east, <=, 0.75);
    }
}

static void
test_weights (void)
{
  const PtBasemapPoint line[]
      = { { 0, 0, 0 }, { 1, 0.01, 0 }, { 2, 1, 0 }, { 3, 0, 0 }, { 4, 0, 0 } };
  const PtBasemapPoint dot[] = { { 1, 1, 0 }, { 1, 1, 0 } };
  g_autoptr (PtBasemapGeometry) geometry = pt_basemap_geometry_new ();
  const PtBasemapPoint *points;

  pt_basemap_geometry_add (geometry, PT_BASEMAP_COAST, FALSE, line, 5);
  pt_basemap_geometry_add (geometry, PT_BASEMAP_COAST, FALSE, dot, 2);
  pt_basemap_geometry_weigh (geometry);
  points = points_of (geometry, 0);
  g_assert_true (isinf (points[0].weight) && isinf (points[4].weight));
  g_assert_cmpfloat_with_epsilon (points[2].weight, 1, 1e-12);
  g_assert_cmpfloat (points[1].weight, <, points[2].weight);
  g_assert_cmpfloat (points[1].weight, >, 0);
  g_assert_true (isinf (points_of (geometry, 1)[0].weight));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/basemap/geometry/project", test_project);
  g_test_add_func ("/basemap/geometry/line", test_line);
  g_test_add_func ("/basemap/geometry/line-after-ring", test_line_after_ring);
  g_test_add_func ("/basemap/geometry/ring", test_ring);
  g_test_add_func ("/basemap/geometry/weights", test_weights);
  return g_test_run ();
}
