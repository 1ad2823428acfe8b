/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-geometry.h"

#include <math.h>

#define LATITUDE_MAX 85.05112877980659

void
pt_basemap_project (double longitude, double latitude, double *out_x, double *out_y)
{
  double bounded = CLAMP (latitude, -LATITUDE_MAX, LATITUDE_MAX);

  *out_x = CLAMP (longitude / 360 + 0.5, 0, 1);
  *out_y = CLAMP (0.5 - asinh (tan (bounded * G_PI / 180)) / (2 * G_PI), 0, 1);
}

PtBasemapGeometry *
pt_basemap_geometry_new (void)
{
  PtBasemapGeometry *geometry = g_new0 (PtBasemapGeometry, 1);

  geometry->points = g_array_new (FALSE, FALSE, sizeof (PtBasemapPoint));
  geometry->parts = g_array_new (FALSE, FALSE, sizeof (PtBasemapPart));
  return geometry;
}

void
pt_basemap_geometry_free (PtBasemapGeometry *geometry)
{
  g_array_unref (geometry->points);
  g_array_unref (geometry->parts);
  g_free (geometry);
}

void
pt_basemap_geometry_add (PtBasemapGeometry *geometry, guint8 layer, gboolean is_ring,
                         const PtBasemapPoint *points, guint length)
{
  PtBasemapPart part = { .start = geometry->points->len,
                         .length = length,
                         .layer = layer,
                         .is_ring = is_ring,
                         .box = { points[0].x, points[0].y, points[0].x, points[0].y } };

  for (guint i = 1; i < length; i++)
    {
      part.box.west = MIN (part.box.west, points[i].x);
      part.box.east = MAX (part.box.east, points[i].x);
      part.box.north = MIN (part.box.north, points[i].y);
      part.box.south = MAX (part.box.south, points[i].y);
    }
  g_array_append_vals (geometry->points, points, length);
  g_array_append_val (geometry->parts, part);
}

/* Square of the distance from @point to the segment from @a to @b. */
static double
distance_to_segment (const PtBasemapPoint *point, const PtBasemapPoint *a, const PtBasemapPoint *b)
{
  double dx = b->x - a->x, dy = b->y - a->y;
  double along = 0, length = dx * dx + dy * dy;

  if (length > 0)
    along = CLAMP (((point->x - a->x) * dx + (point->y - a->y) * dy) / length, 0, 1);
  dx = a->x + along * dx - point->x;
  dy = a->y + along * dy - point->y;
  return dx * dx + dy * dy;
}

typedef struct
{
  guint first;
  guint last;
  double bound; /* a point weighs no more than the one that split its stretch */
} Stretch;

/* The point of a stretch that is farthest from its chord gets its weight; FALSE when there is none.
 */
static gboolean
split_stretch (PtBasemapPoint *points, const Stretch *stretch, guint *out_middle)
{
  double farthest = -1;

  for (guint i = stretch->first + 1; i < stretch->last; i++)
    {
      double distance
          = distance_to_segment (&points[i], &points[stretch->first], &points[stretch->last]);

      if (distance > farthest)
        {
          farthest = distance;
          *out_middle = i;
        }
    }
  if (farthest < 0)
    return FALSE;
  points[*out_middle].weight = MIN (farthest, stretch->bound);
  return TRUE;
}

static void
weigh_part (PtBasemapPoint *points, guint length, GArray *stack)
{
  Stretch whole = { 0, length - 1, INFINITY };

  points[0].weight = points[length - 1].weight = INFINITY;
  g_array_append_val (stack, whole);
  while (stack->len > 0)
    {
      Stretch stretch = g_array_index (stack, Stretch, stack->len - 1);
      guint middle = 0;

      g_array_set_size (stack, stack->len - 1);
      if (split_stretch (points, &stretch, &middle))
        {
          Stretch left = { stretch.first, middle, points[middle].weight };
          Stretch right = { middle, stretch.last, points[middle].weight };

          g_array_append_val (stack, left);
          g_array_append_val (stack, right);
        }
    }
}

void
pt_basemap_geometry_weigh (PtBasemapGeometry *geometry)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Stretch));

  for (guint i = 0; i < geometry->parts->len; i++)
    {
      PtBasemapPart *part = &g_array_index (geometry->parts, PtBasemapPart, i);

      weigh_part (&g_array_index (geometry->points, PtBasemapPoint, part->start), part->length,
                  stack);
    }
}
