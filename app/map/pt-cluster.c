/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-cluster.h"

#include <math.h>
#include <string.h>

#define CELL 44.0 /* pixels: what is nearer than this is likely to be one */
#define GAP 3.0   /* pixels that stay free between two symbols */
#define TILE 256.0

float
pt_cluster_radius (guint count)
{
  if (count <= 1)
    return 6.0f;
  return (float) MIN (10.0 + 2.2 * log2 ((double) count), 26.0);
}

/* While it is being made: the mean place of the members. */
typedef struct
{
  double x, y; /* sums, then centres; pixels of the level's world */
  guint count;
  guint parent; /* of a union-find forest; itself: it stands */
} Group;

static guint64
cell_key (double x, double y, double size)
{
  guint64 column = (guint64) (gint64) floor (x / size), row = (guint64) (gint64) floor (y / size);

  return ((column & 0xffffffff) << 32) | (row & 0xffffffff);
}

static guint
key_hash (gconstpointer key)
{
  guint64 value = *(const guint64 *) key * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint) (value >> 32);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  return *(const guint64 *) a == *(const guint64 *) b;
}

static guint
group_root (GArray *groups, guint number)
{
  Group *group = &g_array_index (groups, Group, number);

  while (group->parent != number)
    {
      guint above = group->parent;

      group->parent = g_array_index (groups, Group, above).parent;
      number = above;
      group = &g_array_index (groups, Group, number);
    }
  return number;
}

GArray *
pt_cluster_places (PtSiteStore *sites, const char *area)
{
  const PtSiteRow *rows = pt_site_store_rows (sites);
  guint size = pt_site_store_size (sites);
  GArray *places = g_array_sized_new (FALSE, FALSE, sizeof (PtClusterPlace), size);

  for (guint i = 0; i < size; i++)
    {
      PtClusterPlace place = { rows[i].x, rows[i].y };

      if (area != NULL && strcmp (area, rows[i].area) != 0)
        place.x = place.y = -1;
      g_array_append_val (places, place);
    }
  return places;
}

/* The first guess: whoever shares a cell is together. ->cluster_of gets the group's number. */
static GArray *
gather (PtClusterLevel *level, GArray *places)
{
  GArray *groups = g_array_new (FALSE, TRUE, sizeof (Group));
  g_autoptr (GHashTable) cells
      = g_hash_table_new_full (key_hash, key_equal, g_free, NULL); /* key -> group + 1 */
  double world = ldexp (PT_CLUSTER_WORLD, (int) level->zoom);

  g_array_set_size (level->cluster_of, places->len);
  for (guint i = 0; i < places->len; i++)
    {
      const PtClusterPlace *place = &g_array_index (places, PtClusterPlace, i);
      double x = place->x * world, y = place->y * world;
      guint64 key = cell_key (x, y, CELL);
      guint number;
      Group *group;

      g_array_index (level->cluster_of, guint, i) = G_MAXUINT;
      if (place->x < 0)
        continue;
      number = GPOINTER_TO_UINT (g_hash_table_lookup (cells, &key));
      if (number == 0)
        {
          Group fresh = { .parent = groups->len };

          g_array_append_val (groups, fresh);
          number = groups->len;
          g_hash_table_insert (cells, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (number));
        }
      group = &g_array_index (groups, Group, number - 1);
      group->x += x;
      group->y += y;
      group->count++;
      g_array_index (level->cluster_of, guint, i) = number - 1;
    }
  for (guint i = 0; i < groups->len; i++)
    {
      Group *group = &g_array_index (groups, Group, i);

      group->x /= group->count;
      group->y /= group->count;
    }
  return groups;
}

/* Where standing groups are, by cells as wide as the largest two can reach. */
static GHashTable *
index_groups (GArray *groups, double size)
{
  GHashTable *cells
      = g_hash_table_new_full (key_hash, key_equal, g_free, (GDestroyNotify) g_array_unref);

  for (guint i = 0; i < groups->len; i++)
    {
      const Group *group = &g_array_index (groups, Group, i);
      guint64 key = cell_key (group->x, group->y, size);
      GArray *cell;

      if (group->parent != i)
        continue;
      cell = g_hash_table_lookup (cells, &key);
      if (cell == NULL)
        {
          cell = g_array_new (FALSE, FALSE, sizeof (guint));
          g_hash_table_insert (cells, g_memdup2 (&key, sizeof key), cell);
        }
      g_array_append_val (cell, i);
    }
  return cells;
}

static gboolean
groups_touch (const Group *a, const Group *b)
{
  return hypot (a->x - b->x, a->y - b->y)
         < (double) pt_cluster_radius (a->count) + (double) pt_cluster_radius (b->count) + GAP;
}

static void
groups_join (GArray *groups, guint into, guint from)
{
  Group *a = &g_array_index (groups, Group, into), *b = &g_array_index (groups, Group, from);
  guint count = a->count + b->count;

  a->x = (a->x * a->count + b->x * b->count) / count;
  a->y = (a->y * a->count + b->y * b->count) / count;
  a->count = count;
  b->parent = into;
}

static gboolean
join_with_cell (GArray *groups, guint number, GArray *cell)
{
  gboolean joined = FALSE;

  for (guint i = 0; cell != NULL && i < cell->len; i++)
    {
      guint other = group_root (groups, g_array_index (cell, guint, i));

      if (other != number
          && groups_touch (&g_array_index (groups, Group, number),
                           &g_array_index (groups, Group, other)))
        {
          groups_join (groups, number, other);
          joined = TRUE;
        }
    }
  return joined;
}

/* One look at every pair that may touch. */
static gboolean
join_once (GArray *groups)
{
  double size = 2 * 26.0 + GAP;
  g_autoptr (GHashTable) cells = index_groups (groups, size);
  gboolean joined = FALSE;

  for (guint i = 0; i < groups->len; i++)
    {
      const Group *group = &g_array_index (groups, Group, i);
      double x = group->x, y = group->y;

      for (int near = 0; near < 9 && group->parent == i; near++)
        {
          guint64 key = cell_key (x + (near % 3 - 1) * size, y + (near / 3 - 1) * size, size);

          joined |= join_with_cell (groups, i, g_hash_table_lookup (cells, &key));
        }
    }
  return joined;
}

/* The finished level */

static void
level_fill (PtClusterLevel *level, GArray *groups, const guint *order)
{
  guint size = level->cluster_of->len, total = 0;
  g_autofree guint *filled = g_new0 (guint, MAX (level->clusters->len, 1));

  for (guint i = 0; i < level->clusters->len; i++)
    {
      PtCluster *cluster = &g_array_index (level->clusters, PtCluster, i);

      cluster->first = total;
      total += cluster->count;
    }
  g_array_set_size (level->members, total);
  for (guint i = 0; i < size; i++)
    {
      guint *own = &g_array_index (level->cluster_of, guint, i);
      PtCluster *cluster;

      if (*own == G_MAXUINT)
        continue;
      *own = order[group_root (groups, *own)];
      cluster = &g_array_index (level->clusters, PtCluster, *own);
      g_array_index (level->members, guint, cluster->first + filled[*own]++) = i;
    }
}

typedef struct
{
  guint64 tile;
  guint group;
} Placed;

static int
compare_placed (gconstpointer a, gconstpointer b)
{
  const Placed *left = a, *right = b;

  if (left->tile != right->tile)
    return left->tile < right->tile ? -1 : 1;
  return left->group < right->group ? -1 : left->group > right->group;
}

static GArray *
place_groups (GArray *groups)
{
  GArray *placed = g_array_new (FALSE, FALSE, sizeof (Placed));

  for (guint i = 0; i < groups->len; i++)
    {
      const Group *group = &g_array_index (groups, Group, i);
      Placed one = { cell_key (group->x, group->y, TILE), i };

      if (group->parent == i)
        g_array_append_val (placed, one);
    }
  g_array_sort (placed, compare_placed);
  return placed;
}

static void
level_take (PtClusterLevel *level, GArray *groups)
{
  g_autoptr (GArray) placed = place_groups (groups);
  g_autofree guint *order = g_new (guint, MAX (groups->len, 1)); /* cluster of a standing group */
  double world = ldexp (PT_CLUSTER_WORLD, (int) level->zoom);

  for (guint i = 0; i < placed->len; i++)
    {
      const Placed *one = &g_array_index (placed, Placed, i);
      const Group *group = &g_array_index (groups, Group, one->group);
      PtCluster cluster = { .x = group->x / world,
                            .y = group->y / world,
                            .radius = pt_cluster_radius (group->count),
                            .count = group->count };
      guint64 *span = g_hash_table_lookup (level->tiles, &one->tile);

      order[one->group] = i;
      g_array_append_val (level->clusters, cluster);
      if (span == NULL)
        {
          span = g_new (guint64, 1);
          *span = (guint64) i << 32;
          g_hash_table_insert (level->tiles, g_memdup2 (&one->tile, sizeof one->tile), span);
        }
      (*span)++;
    }
  level_fill (level, groups, order);
}

PtClusterLevel *
pt_cluster_level_new (GArray *places, guint zoom)
{
  PtClusterLevel *level = g_new0 (PtClusterLevel, 1);
  g_autoptr (GArray) groups = NULL;
  gboolean joined = TRUE;

  level->zoom = MIN (zoom, PT_CLUSTER_ZOOM_MAX);
  level->clusters = g_array_new (FALSE, TRUE, sizeof (PtCluster));
  level->members = g_array_new (FALSE, TRUE, sizeof (guint));
  level->cluster_of = g_array_new (FALSE, TRUE, sizeof (guint));
  level->tiles = g_hash_table_new_full (key_hash, key_equal, g_free, g_free);
  groups = gather (level, places);
  /* Every joining takes a group away, so this ends. */
  while (joined)
    joined = join_once (groups);
  level_take (level, groups);
  return level;
}

void
pt_cluster_level_count (PtClusterLevel *level, PtSiteStore *sites)
{
  const PtSiteRow *rows = pt_site_store_rows (sites);
  guint size = MIN (level->cluster_of->len, pt_site_store_size (sites));

  for (guint i = 0; i < level->clusters->len; i++)
    memset (g_array_index (level->clusters, PtCluster, i).states, 0,
            sizeof (guint[PT_SITE_STATES]));
  for (guint i = 0; i < size; i++)
    {
      guint number = g_array_index (level->cluster_of, guint, i);

      if (number != G_MAXUINT)
        g_array_index (level->clusters, PtCluster, number).states[rows[i].state]++;
    }
}

void
pt_cluster_level_free (PtClusterLevel *level)
{
  if (level == NULL)
    return;
  g_array_unref (level->clusters);
  g_array_unref (level->members);
  g_array_unref (level->cluster_of);
  g_hash_table_unref (level->tiles);
  g_free (level);
}

void
pt_cluster_level_move (PtClusterLevel *level, guint site, PtSiteState before, PtSiteState after)
{
  guint number
      = site < level->cluster_of->len ? g_array_index (level->cluster_of, guint, site) : G_MAXUINT;
  PtCluster *cluster;

  if (number == G_MAXUINT || before == after)
    return;
  cluster = &g_array_index (level->clusters, PtCluster, number);
  g_return_if_fail (cluster->states[before] > 0);
  cluster->states[before]--;
  cluster->states[after]++;
}

const PtCluster *
pt_cluster_level_get (PtClusterLevel *level, guint number)
{
  g_return_val_if_fail (number < level->clusters->len, NULL);
  return &g_array_index (level->clusters, PtCluster, number);
}

void
pt_cluster_level_each (PtClusterLevel *level, double west, double north, double east, double south,
                       PtClusterFunc func, gpointer user_data)
{
  double world = ldexp (PT_CLUSTER_WORLD, (int) level->zoom);
  double last = world / TILE - 1;
  int first_column = (int) CLAMP (floor (west * world / TILE), 0, last);
  int last_column = (int) CLAMP (floor (east * world / TILE), 0, last);
  int first_row = (int) CLAMP (floor (north * world / TILE), 0, last);
  int last_row = (int) CLAMP (floor (south * world / TILE), 0, last);

  for (int row = first_row; row <= last_row; row++)
    for (int column = first_column; column <= last_column; column++)
      {
        guint64 key = ((guint64) column << 32) | (guint64) row;
        const guint64 *span = g_hash_table_lookup (level->tiles, &key);
        guint first = span != NULL ? (guint) (*span >> 32) : 0;
        guint count = span != NULL ? (guint) (*span & 0xffffffff) : 0;

        for (guint i = first; i < first + count; i++)
          {
            const PtCluster *cluster = &g_array_index (level->clusters, PtCluster, i);

            if (cluster->x >= west && cluster->x <= east && cluster->y >= north
                && cluster->y <= south)
              func (cluster, i, user_data);
          }
      }
}

typedef struct
{
  double x, y, scale, best;
  guint found;
} Search;

static void
search_cluster (const PtCluster *cluster, guint number, gpointer user_data)
{
  Search *search = user_data;
  double distance = hypot (cluster->x - search->x, cluster->y - search->y) * search->scale
                    - (double) cluster->radius;

  if (distance > search->best)
    return;
  search->best = distance;
  search->found = number;
}

guint
pt_cluster_level_at (PtClusterLevel *level, double x, double y, double scale, double pixels)
{
  Search search = { x, y, scale, pixels, G_MAXUINT };
  double reach = (pixels + 30) / scale;

  pt_cluster_level_each (level, x - reach, y - reach, x + reach, y + reach, search_cluster,
                         &search);
  return search.found;
}
