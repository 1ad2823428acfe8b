/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting to a box: rings side by side (Sutherland and Hodgman 1974), lines by segments (Liang and
 * Barsky 1984). */
#include "pt-basemap-geometry.h"

#include <math.h>

typedef enum
{
  SIDE_WEST,
  SIDE_EAST,
  SIDE_NORTH,
  SIDE_SOUTH,
  N_SIDES
} Side;

/* How far inside of one side of @box the point is; negative outside. */
static double
inside_by (const PtBasemapPoint *point, const PtBasemapBox *box, Side side)
{
  switch (side)
    {
    case SIDE_WEST:
      return point->x - box->west;
    case SIDE_EAST:
      return box->east - point->x;
    case SIDE_NORTH:
      return point->y - box->north;
    case SIDE_SOUTH:
      return box->south - point->y;
    case N_SIDES:
      break;
    }
  return 0;
}

/* A point that a cut made has to stay in every simplification. */
static PtBasemapPoint
point_between (const PtBasemapPoint *a, const PtBasemapPoint *b, double share)
{
  return (PtBasemapPoint){ a->x + share * (b->x - a->x), a->y + share * (b->y - a->y), INFINITY };
}

/* @in is a closed ring; so is @out, or it is empty. */
static void
cut_ring (GArray *out, const GArray *in, const PtBasemapBox *box, Side side)
{
  g_array_set_size (out, 0);
  for (guint i = 0; i + 1 < in->len; i++)
    {
      const PtBasemapPoint *a = &g_array_index (in, PtBasemapPoint, i);
      const PtBasemapPoint *b = &g_array_index (in, PtBasemapPoint, i + 1);
      double a_inside = inside_by (a, box, side), b_inside = inside_by (b, box, side);

      if (a_inside >= 0)
        g_array_append_val (out, *a);
      if ((a_inside >= 0) != (b_inside >= 0))
        {
          PtBasemapPoint cut = point_between (a, b, a_inside / (a_inside - b_inside));

          g_array_append_val (out, cut);
        }
    }
  if (out->len > 0)
    {
      PtBasemapPoint first = g_array_index (out, PtBasemapPoint, 0);

      g_array_append_val (out, first);
    }
}

/* The part of the segment in @box, as shares of it; FALSE when it lies outside. */
static gboolean
cut_segment (const PtBasemapPoint *a, const PtBasemapPoint *b, const PtBasemapBox *box,
             double *out_from, double *out_to)
{
  *out_from = 0;
  *out_to = 1;
  for (Side side = SIDE_WEST; side < N_SIDES; side++)
    {
      double a_inside = inside_by (a, box, side), b_inside = inside_by (b, box, side);

      if (a_inside < 0 && b_inside < 0)
        return FALSE;
      if (a_inside < 0)
        *out_from = MAX (*out_from, a_inside / (a_inside - b_inside));
      else if (b_inside < 0)
        *out_to = MIN (*out_to, a_inside / (a_inside - b_inside));
    }
  return *out_from < *out_to;
}

static void
flush_line (PtBasemapGeometry *out, const PtBasemapPart *part, GArray *line)
{
  if (line->len > 1)
    pt_basemap_geometry_add (out, part->layer, FALSE, (const PtBasemapPoint *) (void *) line->data,
                             line->len);
  g_array_set_size (line, 0);
}

static void
clip_line (PtBasemapGeometry *out, const PtBasemapPart *part, const PtBasemapPoint *points,
           const PtBasemapBox *box, GArray *line)
{
  g_array_set_size (line, 0);
  for (guint i = 0; i + 1 < part->length; i++)
    {
      const PtBasemapPoint *a = &points[i], *b = &points[i + 1];
      double from, to;

      if (!cut_segment (a, b, box, &from, &to))
        {
          flush_line (out, part, line);
          continue;
        }
      if (line->len == 0)
        {
          PtBasemapPoint start = point_between (a, b, from);

          g_array_append_val (line, start);
        }
      if (to < 1)
        {
          PtBasemapPoint end = point_between (a, b, to);

          g_array_append_val (line, end);
          flush_line (out, part, line);
        }
      else
        g_array_append_val (line, *b);
    }
  flush_line (out, part, line);
}

static void
clip_ring (PtBasemapGeometry *out, const PtBasemapPart *part, const PtBasemapPoint *points,
           const PtBasemapBox *box, GArray *scratch[2])
{
  guint current = 0;

  g_array_set_size (scratch[0], 0);
  g_array_append_vals (scratch[0], points, part->length);
  for (Side side = SIDE_WEST; side < N_SIDES && scratch[current]->len > 0; side++, current ^= 1)
    cut_ring (scratch[current ^ 1], scratch[current], box, side);
  if (scratch[current]->len > 3)
    pt_basemap_geometry_add (out, part->layer, TRUE,
                             (const PtBasemapPoint *) (void *) scratch[current]->data,
                             scratch[current]->len);
}

PtBasemapGeometry *
pt_basemap_geometry_clip (const PtBasemapGeometry *geometry, const PtBasemapBox *box)
{
  g_autoptr (PtBasemapGeometry) out = pt_basemap_geometry_new ();
  g_autoptr (GArray) first = g_array_new (FALSE, FALSE, sizeof (PtBasemapPoint));
  g_autoptr (GArray) second = g_array_new (FALSE, FALSE, sizeof (PtBasemapPoint));
  GArray *scratch[2] = { first, second };

  for (guint i = 0; i < geometry->parts->len; i++)
    {
      const PtBasemapPart *part = &g_array_index (geometry->parts, PtBasemapPart, i);
      const PtBasemapPoint *points = &g_array_index (geometry->points, PtBasemapPoint, part->start);

      if (part->box.east < box->west || part->box.west > box->east || part->box.south < box->north
          || part->box.north > box->south)
        continue;
      if (part->box.west >= box->west && part->box.east <= box->east
          && part->box.north >= box->north && part->box.south <= box->south)
        pt_basemap_geometry_add (out, part->layer, part->is_ring, points, part->length);
      else if (part->is_ring)
        clip_ring (out, part, points, box, scratch);
      else
        clip_line (out, part, points, box, first);
    }
  return g_steal_pointer (&out);
}
