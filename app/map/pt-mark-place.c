/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mark-place.h"

#include <math.h>

#define GAP 5.0  /* pixels between the mark and what is beside it */
#define REACH 90 /* pixels: farther away nothing is looked at */
#define STEPS 3  /* distances from the ring that are tried, */
#define TURNS 16 /* and directions */
#define HIDDEN 6 /* pixels of a ring's edge that a mark may lie on: its number stays clear */

typedef struct
{
  double x, y, radius; /* pixels from the site */
  guint count;
} Near;

typedef struct
{
  double x, y, scale;
  GArray *near; /* Near */
} Look;

static void
take_near (const PtCluster *cluster, guint number, gpointer user_data)
{
  Look *look = user_data;
  Near near = { (cluster->x - look->x) * look->scale, (cluster->y - look->y) * look->scale,
                (double) cluster->radius, cluster->count };

  g_array_append_val (look->near, near);
}

static double
near_gap (const Near *near, double x, double y)
{
  return hypot (near->x - x, near->y - y) - near->radius - PT_MARK_RADIUS;
}

/* The ring that would lie beneath the mark at the site; NULL: none. */
static const Near *
ring_beneath (const GArray *all)
{
  const Near *found = NULL;

  for (guint i = 0; i < all->len; i++)
    {
      const Near *near = &g_array_index (all, Near, i);

      if (near->count > 1 && near_gap (near, 0, 0) < -HIDDEN
          && (found == NULL || near_gap (near, 0, 0) < near_gap (found, 0, 0)))
        found = near;
    }
  return found;
}

static gboolean
is_free (const GArray *all, double x, double y)
{
  for (guint i = 0; i < all->len; i++)
    if (near_gap (&g_array_index (all, Near, i), x, y) < GAP - 1e-6)
      return FALSE;
  return TRUE;
}

/* Around the ring, as near to the site as can be; from the top where that is all the same. */
static void
go_beside (const GArray *all, const Near *ring, double *x, double *y)
{
  double toward = hypot (ring->x, ring->y) > 2 ? atan2 (-ring->y, -ring->x) : -G_PI / 2;
  double best = INFINITY;

  for (guint i = 0; i < STEPS * TURNS; i++)
    {
      double away = ring->radius + PT_MARK_RADIUS + GAP + i / TURNS * 12.0;
      double angle = toward + i % TURNS * 2 * G_PI / TURNS;
      double try_x = ring->x + away * cos (angle), try_y = ring->y + away * sin (angle);
      /* Where nothing is free, straight outwards is what remains. */
      double far = hypot (try_x, try_y) + (is_free (all, try_x, try_y) ? 0 : 10 * REACH + i);

      if (far > best - 0.5)
        continue;
      best = far;
      *x = try_x;
      *y = try_y;
    }
}

/* Pixels from the site to where the line from (@x, @y) ends. */
static void
end_lead (const Near *ring, double x, double y, double *lead_x, double *lead_y)
{
  double away = hypot (x - ring->x, y - ring->y);

  *lead_x = *lead_y = 0;
  if (hypot (ring->x, ring->y) > ring->radius)
    return;
  *lead_x = ring->x + (x - ring->x) * ring->radius / away;
  *lead_y = ring->y + (y - ring->y) * ring->radius / away;
}

PtMarkPlace
pt_mark_place (PtClusterLevel *level, double x, double y, double scale)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Near));
  Look look = { x, y, scale, all };
  double reach = REACH / scale, aside_x = 0, aside_y = 0, lead_x = 0, lead_y = 0;
  const Near *ring;

  g_return_val_if_fail (level != NULL, (PtMarkPlace){ 0 });
  pt_cluster_level_each (level, x - reach, y - reach, x + reach, y + reach, take_near, &look);
  ring = ring_beneath (all);
  if (ring != NULL)
    {
      go_beside (all, ring, &aside_x, &aside_y);
      end_lead (ring, aside_x, aside_y, &lead_x, &lead_y);
    }
  return (PtMarkPlace){ .x = x + aside_x / scale,
                        .y = y + aside_y / scale,
                        .apart = ring != NULL,
                        .lead_x = x + lead_x / scale,
                        .lead_y = y + lead_y / scale };
}
