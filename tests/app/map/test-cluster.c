/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-cluster.h"

#include <math.h>

/* Towns of all sizes, roads between them, and pairs at one place. */
static GArray *
make_places (guint count, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  GArray *places = g_array_new (FALSE, FALSE, sizeof (PtClusterPlace));
  double x = 0.5, y = 0.4, spread = 0.001;

  for (guint i = 0; i < count; i++)
    {
      PtClusterPlace place;

      if (i % 97 == 0)
        {
          x = 0.45 + g_rand_double (random) * 0.05;
          y = 0.4 + g_rand_double (random) * 0.05;
          spread = exp2 (-7 - g_rand_double (random) * 12);
        }
      place.x = x + (g_rand_double (random) - 0.5) * spread;
      place.y = y + (g_rand_double (random) - 0.5) * spread;
      if (i % 13 == 1)
        place = g_array_index (places, PtClusterPlace, i - 1);
      g_array_append_val (places, place);
    }
  return places;
}

static const PtCluster *
cluster_at (PtClusterLevel *level, guint number)
{
  return &g_array_index (level->clusters, PtCluster, number);
}

static int
compare_x (gconstpointer a, gconstpointer b, gpointer data)
{
  double left = cluster_at (data, *(const guint *) a)->x;
  double right = cluster_at (data, *(const guint *) b)->x;

  return left < right ? -1 : left > right;
}

/* From west to east, so that it is another way than the one under test. */
static void
assert_apart (PtClusterLevel *level)
{
  double world = pt_cluster_level_world (level);
  guint size = level->clusters->len;
  g_autofree guint *sorted = g_new (guint, size + 1);

  for (guint i = 0; i < size; i++)
    sorted[i] = i;
  g_qsort_with_data (sorted, (gint) size, sizeof (guint), compare_x, level);
  for (guint i = 0; i < size; i++)
    for (guint j = i + 1; j < size; j++)
      {
        const PtCluster *a = cluster_at (level, sorted[i]), *b = cluster_at (level, sorted[j]);

        if ((b->x - a->x) * world > 60)
          break;
        g_assert_cmpfloat (hypot (b->x - a->x, b->y - a->y) * world, >=,
                           (double) a->radius + (double) b->radius);
      }
}

static void
assert_whole (PtClusterLevel *level, GArray *places)
{
  guint total = 0;
  g_autofree guint8 *seen = g_new0 (guint8, places->len + 1);

  g_assert_cmpuint (level->cluster_of->len, ==, places->len);
  for (guint i = 0; i < level->clusters->len; i++)
    {
      const PtCluster *cluster = cluster_at (level, i);

      g_assert_cmpuint (cluster->count, >, 0);
      for (guint k = 0; k < cluster->count; k++)
        {
          guint site = g_array_index (level->members, guint, cluster->first + k);

          g_assert_false (seen[site]);
          seen[site] = 1;
          g_assert_cmpuint (g_array_index (level->cluster_of, guint, site), ==, i);
        }
      total += cluster->count;
    }
  g_assert_cmpuint (total, ==, places->len);
}

static void
test_apart (void)
{
  for (guint32 seed = 1; seed <= 6; seed++)
    {
      g_autoptr (GArray) places = make_places (3000, seed);

      for (guint step = 0; step <= PT_CLUSTER_LEVEL_MAX; step++)
        {
          g_autoptr (PtClusterLevel) level = pt_cluster_level_new (places, step);

          assert_apart (level);
          assert_whole (level, places);
        }
    }
}

static void
test_same_again (void)
{
  g_autoptr (GArray) places = make_places (5000, 7);

  for (guint step = 8; step < 32; step += 5)
    {
      g_autoptr (PtClusterLevel) a = pt_cluster_level_new (places, step);
      g_autoptr (PtClusterLevel) b = pt_cluster_level_new (places, step);

      g_assert_cmpmem (a->clusters->data, a->clusters->len * sizeof (PtCluster), b->clusters->data,
                       b->clusters->len * sizeof (PtCluster));
      g_assert_cmpmem (a->members->data, a->members->len * sizeof (guint), b->members->data,
                       b->members->len * sizeof (guint));
    }
}

static void
test_few (void)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (PtClusterPlace));
  PtClusterPlace one = { 0.3, 0.3 }, out = { -1, -1 }, odd = { 0, 1 };

  for (guint step = 0; step <= PT_CLUSTER_LEVEL_MAX; step += 9)
    {
      g_autoptr (GArray) some = g_array_new (FALSE, FALSE, sizeof (PtClusterPlace));
      g_autoptr (PtClusterLevel) empty = pt_cluster_level_new (none, step), level = NULL;

      g_assert_cmpuint (empty->clusters->len, ==, 0);
      g_assert_cmpuint (pt_cluster_level_at (empty, 0.3, 0.3, 256, 10), ==, G_MAXUINT);
      g_array_append_val (some, one);
      g_array_append_val (some, out);
      g_array_append_val (some, odd);
      level = pt_cluster_level_new (some, step);
      g_assert_cmpuint (level->clusters->len, ==, 2);
      g_assert_cmpuint (g_array_index (level->cluster_of, guint, 1), ==, G_MAXUINT);
    }
}

static void
test_one_place (void)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (PtClusterPlace));
  PtClusterPlace place = { 0.61803, 0.41421 };

  for (guint i = 0; i < 1000; i++)
    g_array_append_val (places, place);
  for (guint step = 0; step <= PT_CLUSTER_LEVEL_MAX; step++)
    {
      g_autoptr (PtClusterLevel) level = pt_cluster_level_new (places, step);

      g_assert_cmpuint (level->clusters->len, ==, 1);
      g_assert_cmpuint (cluster_at (level, 0)->count, ==, 1000);
      g_assert_cmpfloat_with_epsilon (cluster_at (level, 0)->x, place.x, 1e-9);
    }
}

static void
count_cb (const PtCluster *cluster, guint number, gpointer data)
{
  ++*(guint *) data;
}

static void
test_box (void)
{
  g_autoptr (GArray) places = make_places (4000, 11);
  g_autoptr (PtClusterLevel) level = pt_cluster_level_new (places, 10);
  guint all = 0, inside = 0, expected = 0;

  pt_cluster_level_each (level, -1, -1, 2, 2, count_cb, &all);
  g_assert_cmpuint (all, ==, level->clusters->len);
  for (guint i = 0; i < level->clusters->len; i++)
    {
      const PtCluster *cluster = cluster_at (level, i);

      expected
          += cluster->x >= 0.46 && cluster->x <= 0.471 && cluster->y >= 0.41 && cluster->y <= 0.44;
    }
  pt_cluster_level_each (level, 0.46, 0.41, 0.471, 0.44, count_cb, &inside);
  g_assert_cmpuint (inside, ==, expected);
  g_assert_cmpuint (inside, >, 0);
}

/* Beyond its edges the world goes on with its other side. */
static void
test_date_line (void)
{
  static const PtClusterPlace sites[]
      = { { 0.9995, 0.5 }, { 0.0005, 0.5 }, { 0.5, 0.5 }, { 0.98, 0.5 } };
  static const struct
  {
    double west, east;
    guint count;
  } boxes[] = { { 0.99, 1.01, 2 }, { -0.01, 0.01, 2 }, { 0.97, 1.01, 3 },  { 0.99, 1, 1 },
                { 0.4, 0.6, 1 },   { 0.6, 1.5, 4 },    { -0.45, 0.49, 3 }, { -1, 2, 4 } };
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (PtClusterPlace));
  g_autoptr (PtClusterLevel) level = NULL;

  g_array_append_vals (places, sites, G_N_ELEMENTS (sites));
  level = pt_cluster_level_new (places, 20);
  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    {
      guint count = 0;

      pt_cluster_level_each (level, boxes[i].west, 0, boxes[i].east, 1, count_cb, &count);
      g_assert_cmpuint (count, ==, boxes[i].count);
    }
}

static void
test_hit (void)
{
  g_autoptr (GArray) places = make_places (4000, 12);

  for (guint step = 12; step <= 33; step += 5)
    {
      g_autoptr (PtClusterLevel) level = pt_cluster_level_new (places, step);
      double scale = pt_cluster_level_world (level);

      for (guint i = 0; i < level->clusters->len; i++)
        {
          const PtCluster *cluster = cluster_at (level, i);
          double edge = ((double) cluster->radius - 0.5) / scale;

          g_assert_cmpuint (pt_cluster_level_at (level, cluster->x, cluster->y, scale, 0), ==, i);
          g_assert_cmpuint (pt_cluster_level_at (level, cluster->x + edge, cluster->y, scale, 0),
                            ==, i);
        }
      g_assert_cmpuint (pt_cluster_level_at (level, 0.1, 0.9, scale, 5), ==, G_MAXUINT);
    }
}

static PtSiteStore *
make_store (guint count)
{
  PtSiteStore *store = pt_site_store_new ();

  pt_site_store_begin_load (store);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *site = g_strdup_printf ("S-%04u", i);
      PtSiteRow row = { .area = i % 3 == 0 ? "north" : "south",
                        .site = site,
                        .lat = 380000000 + (gint32) (i * 7919 % 10000) * 1000,
                        .lon = -1220000000 + (gint32) (i * 104729 % 10000) * 1000,
                        .state = (PtSiteState) (i % PT_SITE_STATES) };

      pt_site_store_put (store, &row);
    }
  pt_site_store_end_load (store);
  return store;
}

static void
assert_counts (PtClusterLevel *level, PtSiteStore *store)
{
  for (guint i = 0; i < level->clusters->len; i++)
    {
      const PtCluster *cluster = cluster_at (level, i);
      guint states[PT_SITE_STATES] = { 0 };

      for (guint k = 0; k < cluster->count; k++)
        states[pt_site_store_get (store, g_array_index (level->members, guint, cluster->first + k))
                   ->state]++;
      g_assert_cmpmem (states, sizeof states, cluster->states, sizeof cluster->states);
    }
}

static void
test_states (void)
{
  g_autoptr (PtSiteStore) store = make_store (2000);
  g_autoptr (GArray) places = pt_cluster_places (store, NULL);
  g_autoptr (PtClusterLevel) level = pt_cluster_level_new (places, 9);

  pt_cluster_level_count (level, store);
  assert_counts (level, store);
  for (guint i = 0; i < 2000; i += 3)
    {
      PtSiteRow row = *pt_site_store_get (store, i);
      PtSiteState before = row.state;

      row.state = (PtSiteState) ((i / 3) % PT_SITE_STATES);
      pt_site_store_put (store, &row);
      pt_cluster_level_move (level, i, before, row.state);
    }
  assert_counts (level, store);
  pt_cluster_level_move (level, 2000000, PT_SITE_ON, PT_SITE_OFF);
}

static void
test_area (void)
{
  g_autoptr (PtSiteStore) store = make_store (300);
  g_autoptr (GArray) places = pt_cluster_places (store, "north");
  g_autoptr (PtClusterLevel) level = pt_cluster_level_new (places, 8);
  guint total = 0;

  for (guint i = 0; i < level->clusters->len; i++)
    total += cluster_at (level, i)->count;
  g_assert_cmpuint (total, ==, 100);
  g_assert_cmpuint (g_array_index (level->cluster_of, guint, 1), ==, G_MAXUINT);
  g_assert_cmpuint (g_array_index (level->cluster_of, guint, 3), !=, G_MAXUINT);
}

static void
test_many (void)
{
  g_autoptr (GArray) places = make_places (100000, 99);

  for (guint step = 4; step <= PT_CLUSTER_LEVEL_MAX; step += 7)
    {
      g_autoptr (PtClusterLevel) level = pt_cluster_level_new (places, step);
      guint total = 0;

      for (guint i = 0; i < level->clusters->len; i++)
        total += cluster_at (level, i)->count;
      g_test_message ("level %u: %u clusters", step, level->clusters->len);
      for (guint i = 0; i < places->len; i++)
        total += g_array_index (level->cluster_of, guint, i) == G_MAXUINT;
      g_assert_cmpuint (total, ==, places->len);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cluster/apart", test_apart);
  g_test_add_func ("/cluster/same-again", test_same_again);
  g_test_add_func ("/cluster/few", test_few);
  g_test_add_func ("/cluster/one-place", test_one_place);
  g_test_add_func ("/cluster/box", test_box);
  g_test_add_func ("/cluster/date-line", test_date_line);
  g_test_add_func ("/cluster/hit", test_hit);
  g_test_add_func ("/cluster/states", test_states);
  g_test_add_func ("/cluster/area", test_area);
  g_test_add_func ("/cluster/many", test_many);
  return g_test_run ();
}
