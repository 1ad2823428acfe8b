/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mark-place.h"

#include <math.h>

#define STEP 20 /* zoom 10 */

typedef struct
{
  GArray *places;
  PtClusterLevel *level;
  double scale;
} Fixture;

static void
add (Fixture *fixture, double x, double y, guint count)
{
  PtClusterPlace place = { 0.5 + x / fixture->scale, 0.5 + y / fixture->scale };

  for (guint i = 0; i < count; i++)
    g_array_append_val (fixture->places, place);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->places = g_array_new (FALSE, FALSE, sizeof (PtClusterPlace));
  fixture->scale = PT_CLUSTER_WORLD * exp2 (STEP / PT_CLUSTER_STEPS);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->level, pt_cluster_level_free);
  g_array_unref (fixture->places);
}

/* Pixels from the nearest ring's edge to the line's end. */
static double
lead_gap (Fixture *fixture, const PtMarkPlace *mark)
{
  double least = INFINITY;

  for (guint i = 0; i < fixture->level->clusters->len; i++)
    {
      const PtCluster *cluster = pt_cluster_level_get (fixture->level, i);
      double away = hypot (cluster->x - mark->lead_x, cluster->y - mark->lead_y) * fixture->scale;

      least = MIN (least, fabs (away - (double) cluster->radius));
    }
  return least;
}

/* Pixels from the middle of the world. */
static gboolean
place (Fixture *fixture, double x, double y, double *mark_x, double *mark_y)
{
  PtMarkPlace mark;

  g_clear_pointer (&fixture->level, pt_cluster_level_free);
  fixture->level = pt_cluster_level_new (fixture->places, STEP);
  mark = pt_mark_place (fixture->level, 0.5 + x / fixture->scale, 0.5 + y / fixture->scale,
                        fixture->scale);
  *mark_x = (mark.x - 0.5) * fixture->scale;
  *mark_y = (mark.y - 0.5) * fixture->scale;
  /* The line ends at the site or at an edge, so it crosses no number. */
  if (mark.apart
      && hypot (mark.lead_x - 0.5 - x / fixture->scale, mark.lead_y - 0.5 - y / fixture->scale)
                 * fixture->scale
             > 1e-6)
    g_assert_cmpfloat (lead_gap (fixture, &mark), <, 1e-3);
  return mark.apart;
}

static void
assert_free (Fixture *fixture, double x, double y)
{
  for (guint i = 0; i < fixture->level->clusters->len; i++)
    {
      const PtCluster *cluster = pt_cluster_level_get (fixture->level, i);
      double away = hypot ((cluster->x - 0.5) * fixture->scale - x,
                           (cluster->y - 0.5) * fixture->scale - y);

      g_assert_cmpfloat (away, >=, (double) cluster->radius + PT_MARK_RADIUS);
    }
}

static void
test_alone (Fixture *fixture, gconstpointer data)
{
  double x, y;

  add (fixture, 0, 0, 1);
  add (fixture, 100, 0, 30);
  g_assert_false (place (fixture, 0, 0, &x, &y));
  g_assert_cmpfloat_with_epsilon (x, 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (y, 0, 1e-6);
}

/* One of many at the same place: above the ring. */
static void
test_in_ring (Fixture *fixture, gconstpointer data)
{
  double x, y;

  add (fixture, 0, 0, 30);
  g_assert_true (place (fixture, 0, 0, &x, &y));
  g_assert_cmpfloat_with_epsilon (x, 0, 1e-6);
  g_assert_cmpfloat (y, <, -25);
  assert_free (fixture, x, y);
}

/* At the ring's right: to the right of it. */
static void
test_at_side (Fixture *fixture, gconstpointer data)
{
  double x, y;

  add (fixture, 0, 0, 30);
  add (fixture, 10, 0, 1);
  g_assert_true (place (fixture, 10, 0, &x, &y));
  g_assert_cmpfloat (x, >, 25);
  g_assert_cmpfloat (fabs (y), <, 3);
  assert_free (fixture, x, y);
}

/* Other rings above: it goes where there is room. */
static void
test_crowd (Fixture *fixture, gconstpointer data)
{
  double x, y;

  add (fixture, 0, 0, 30);
  add (fixture, 0, -45, 30);
  add (fixture, -45, -20, 30);
  g_assert_true (place (fixture, 0, 0, &x, &y));
  assert_free (fixture, x, y);
  /* All around, as near as they can be: it still has a place, and near it. */
  for (int i = 0; i < 12; i++)
    for (int ring = 1; ring <= 3; ring++)
      add (fixture, ring * 46 * cos (i * G_PI / 6), ring * 46 * sin (i * G_PI / 6), 200);
  g_assert_true (place (fixture, 0, 0, &x, &y));
  g_assert_cmpfloat (hypot (x, y), <, 90);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/mark-place/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (alone);
  ADD (in_ring);
  ADD (at_side);
  ADD (crowd);
  return g_test_run ();
}
