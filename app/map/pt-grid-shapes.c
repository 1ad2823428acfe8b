/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-grid-shapes.h"

#include <math.h>

static inline const PtGridSite *
shapes_site (const PtGridShapes *shapes, guint number)
{
  return &g_array_index (shapes->sites, PtGridSite, number);
}

/* On that side of the date line which is nearer to @near. */
static double
beside (double x, double near)
{
  return x - round (x - near);
}

static PtGridBox
box_at (double x, double y)
{
  return (PtGridBox){ x, y, x, y };
}

static void
box_add (PtGridBox *box, double x, double y)
{
  box->west = MIN (box->west, x);
  box->east = MAX (box->east, x);
  box->north = MIN (box->north, y);
  box->south = MAX (box->south, y);
}

/* Feeders */

/* A site that the tree has not reached: how far the nearest one is that it has. */
typedef struct
{
  guint site, nearest;
  double distance; /* squared */
} Waiting;

static double
distance (const PtGridSite *a, const PtGridSite *b)
{
  double x = beside (a->x, b->x) - b->x, y = a->y - b->y;

  return x * x + y * y;
}

/* Takes the nearest of @waiting into the tree. */
static guint
reach_nearest (PtGridShapes *shapes, GArray *waiting)
{
  guint nearest = 0;
  Waiting taken;

  for (guint i = 1; i < waiting->len; i++)
    if (g_array_index (waiting, Waiting, i).distance
        < g_array_index (waiting, Waiting, nearest).distance)
      nearest = i;
  taken = g_array_index (waiting, Waiting, nearest);
  g_array_append_val (shapes->edges, ((PtGridEdge){ taken.nearest, taken.site }));
  g_array_remove_index_fast (waiting, nearest);
  return taken.site;
}

static void
add_line (PtGridShapes *shapes, const guint *members, guint count)
{
  g_autoptr (GArray) waiting = g_array_sized_new (FALSE, FALSE, sizeof (Waiting), count);
  const PtGridSite *first = shapes_site (shapes, members[0]);
  guint reached = members[0];
  PtGridLine line = { .box = box_at (first->x, first->y),
                      .first = shapes->members->len,
                      .count = count,
                      .first_edge = shapes->edges->len };

  for (guint i = 1; i < count; i++)
    {
      const PtGridSite *site = shapes_site (shapes, members[i]);
      Waiting one = { members[i], reached, INFINITY };

      box_add (&line.box, beside (site->x, first->x), site->y);
      g_array_append_val (waiting, one);
    }
  while (waiting->len > 0)
    {
      for (guint i = 0; i < waiting->len; i++)
        {
          Waiting *one = &g_array_index (waiting, Waiting, i);
          double far = distance (shapes_site (shapes, one->site), shapes_site (shapes, reached));

          if (far < one->distance)
            *one = (Waiting){ one->site, reached, far };
        }
      reached = reach_nearest (shapes, waiting);
    }
  g_array_append_vals (shapes->members, members, count);
  g_array_append_val (shapes->lines, line);
}

/* Areas */

static int
compare_corners (gconstpointer a, gconstpointer b)
{
  const PtGridCorner *left = a, *right = b;

  if (left->x != right->x)
    return left->x < right->x ? -1 : 1;
  return left->y < right->y ? -1 : left->y > right->y;
}

/* Above 0: from @a by @b to @c it goes to the right, as on a map with north above. */
static double
turn (const PtGridCorner *a, const PtGridCorner *b, const PtGridCorner *c)
{
  return (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
}

/* Takes @corner into the chain that begins at @from; what would dent it goes. */
static void
chain_add (GArray *chain, guint from, const PtGridCorner *corner)
{
  while (chain->len >= from + 2
         && turn (&g_array_index (chain, PtGridCorner, chain->len - 2),
                  &g_array_index (chain, PtGridCorner, chain->len - 1), corner)
                >= 0)
    g_array_set_size (chain, chain->len - 1);
  g_array_append_vals (chain, corner, 1);
}

static void
add_outline (PtGridShapes *shapes, const guint *members, guint count)
{
  g_autoptr (GArray) sorted = g_array_sized_new (FALSE, FALSE, sizeof (PtGridCorner), count);
  const PtGridSite *first = shapes_site (shapes, members[0]);
  PtGridOutline outline
      = { .box = box_at (first->x, first->y), .site = members[0], .first = shapes->corners->len };
  guint back;

  for (guint i = 0; i < count; i++)
    {
      const PtGridSite *site = shapes_site (shapes, members[i]);
      PtGridCorner corner = { beside (site->x, first->x), site->y };

      box_add (&outline.box, corner.x, corner.y);
      g_array_append_val (sorted, corner);
    }
  g_array_sort (sorted, compare_corners);
  for (guint i = 0; i < count; i++)
    chain_add (shapes->corners, outline.first, &g_array_index (sorted, PtGridCorner, i));
  back = shapes->corners->len - 1;
  for (guint i = count - 1; i-- > 0;)
    chain_add (shapes->corners, back, &g_array_index (sorted, PtGridCorner, i));
  /* The first one again. */
  g_array_set_size (shapes->corners, shapes->corners->len - 1);
  outline.count = shapes->corners->len - outline.first;
  if (outline.count >= 3)
    g_array_append_val (shapes->outlines, outline);
  else
    g_array_set_size (shapes->corners, outline.first);
}

/* Both */

static int
compare_members (gconstpointer a, gconstpointer b, gpointer user_data)
{
  guint left = *(const guint *) a, right = *(const guint *) b;
  const PtGridSite *one = shapes_site (user_data, left), *other = shapes_site (user_data, right);

  if (one->area != other->area)
    return one->area < other->area ? -1 : 1;
  if (one->feeder != other->feeder)
    return one->feeder < other->feeder ? -1 : 1;
  return left < right ? -1 : left > right;
}

/* @members: of one area, feeder by feeder. */
static void
add_lines (PtGridShapes *shapes, const guint *members, guint count)
{
  for (guint first = 0, end; first < count; first = end)
    {
      gsize feeder = shapes_site (shapes, members[first])->feeder;

      for (end = first + 1; end < count; end++)
        if (shapes_site (shapes, members[end])->feeder != feeder)
          break;
      if (feeder != PT_GRID_NONE && end - first >= 2 && end - first <= PT_GRID_FEEDER_MAX)
        add_line (shapes, members + first, end - first);
    }
}

PtGridShapes *
pt_grid_shapes_new (GArray *sites)
{
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (guint));
  PtGridShapes *shapes;

  g_return_val_if_fail (sites != NULL, NULL);
  shapes = g_new (PtGridShapes, 1);
  *shapes = (PtGridShapes){ g_array_ref (sites),
                            g_array_new (FALSE, FALSE, sizeof (guint)),
                            g_array_new (FALSE, FALSE, sizeof (PtGridEdge)),
                            g_array_new (FALSE, FALSE, sizeof (PtGridLine)),
                            g_array_new (FALSE, FALSE, sizeof (PtGridCorner)),
                            g_array_new (FALSE, FALSE, sizeof (PtGridOutline)) };
  for (guint i = 0; i < sites->len; i++)
    g_array_append_val (order, i);
  g_array_sort_with_data (order, compare_members, shapes);
  for (guint first = 0, end; first < order->len; first = end)
    {
      const guint *members = &g_array_index (order, guint, first);
      gsize area = shapes_site (shapes, members[0])->area;

      for (end = first + 1; end < order->len; end++)
        if (shapes_site (shapes, g_array_index (order, guint, end))->area != area)
          break;
      add_lines (shapes, members, end - first);
      add_outline (shapes, members, end - first);
    }
  return shapes;
}

void
pt_grid_shapes_free (PtGridShapes *shapes)
{
  g_return_if_fail (shapes != NULL);

  g_array_unref (shapes->sites);
  g_array_unref (shapes->members);
  g_array_unref (shapes->edges);
  g_array_unref (shapes->lines);
  g_array_unref (shapes->corners);
  g_array_unref (shapes->outlines);
  g_free (shapes);
}
