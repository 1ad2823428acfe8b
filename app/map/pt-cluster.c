/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-cluster.h"

#include <math.h>
#include <string.h>

#define RADIUS_MAX 21.0
#define GAP 3.0   /* pixels that stay free between two symbols */
#define CELL 16.0 /* pixels: sites that are nearer than this are always one */
#define REACH 3   /* cells within which a group can gather: (2 * RADIUS_MAX + GAP) / CELL */
#define TILE 256.0

float
pt_cluster_radius (guint count)
{
  if (count <= 1)
    return 6.0f;
  return (float) MIN (9.5 + 1.7 * log2 ((double) count), RADIUS_MAX);
}

double
pt_cluster_level_world (const PtClusterLevel *level)
{
  g_return_val_if_fail (level != NULL, 0);
  return PT_CLUSTER_WORLD * exp2 ((double) level->step / PT_CLUSTER_STEPS);
}

/* Sites that are too near to part, and the group they went to. */
typedef struct
{
  double x, y; /* sums, then their mean; pixels of the level's world */
  gint32 column, row;
  guint count, around; /* sites here; and within reach, itself included */
  guint group;         /* number of the cell it gathers around; G_MAXUINT: not decided */
} Cell;

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

GArray *
pt_cluster_places (PtSiteStore *sites, const char *area)
{
  const PtSiteRow *rows;
  guint size;
  GArray *places;

  g_return_val_if_fail (PT_IS_SITE_STORE (sites), NULL);
  rows = pt_site_store_rows (sites);
  size = pt_site_store_size (sites);
  places = g_array_sized_new (FALSE, FALSE, sizeof (PtClusterPlace), size);
  for (guint i = 0; i < size; i++)
    {
      PtClusterPlace place = { rows[i].x, rows[i].y };

      if (area != NULL && strcmp (area, rows[i].area) != 0)
        place.x = place.y = -1;
      g_array_append_val (places, place);
    }
  return places;
}

/* Cells with sites; ->cluster_of gets each site's cell for the time being. */
static GArray *
gather (PtClusterLevel *level, GArray *places, GHashTable *index)
{
  GArray *cells = g_array_new (FALSE, TRUE, sizeof (Cell));
  double world = pt_cluster_level_world (level);

  g_array_set_size (level->cluster_of, places->len);
  for (guint i = 0; i < places->len; i++)
    {
      const PtClusterPlace *place = &g_array_index (places, PtClusterPlace, i);
      double x = place->x * world, y = place->y * world;
      guint64 key = cell_key (x, y, CELL);
      guint number;
      Cell *cell;

      g_array_index (level->cluster_of, guint, i) = G_MAXUINT;
      if (place->x < 0)
        continue;
      number = GPOINTER_TO_UINT (g_hash_table_lookup (index, &key));
      if (number == 0)
        {
          Cell fresh = { .column = (gint32) floor (x / CELL),
                         .row = (gint32) floor (y / CELL),
                         .group = G_MAXUINT };

          g_array_append_val (cells, fresh);
          number = cells->len;
          g_hash_table_insert (index, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (number));
        }
      cell = &g_array_index (cells, Cell, number - 1);
      cell->x += x;
      cell->y += y;
      cell->count++;
      g_array_index (level->cluster_of, guint, i) = number - 1;
    }
  for (guint i = 0; i < cells->len; i++)
    {
      Cell *cell = &g_array_index (cells, Cell, i);

      cell->x /= cell->count;
      cell->y /= cell->count;
    }
  return cells;
}

typedef void (*NearFunc) (Cell *cell, guint number, gpointer user_data);

/* Every cell within reach of @center, itself included. */
static void
each_near (GArray *cells, GHashTable *index, const Cell *center, NearFunc func, gpointer data)
{
  for (gint32 row = center->row - REACH; row <= center->row + REACH; row++)
    for (gint32 column = center->column - REACH; column <= center->column + REACH; column++)
      {
        guint64 key = ((guint64) (guint32) column << 32) | (guint32) row;
        guint number = GPOINTER_TO_UINT (g_hash_table_lookup (index, &key));

        if (number != 0)
          func (&g_array_index (cells, Cell, number - 1), number - 1, data);
      }
}

static void
add_around (Cell *cell, guint number, gpointer data)
{
  *(guint *) data += cell->count;
}

typedef struct
{
  const Cell *center;
  guint number, count;
  double distance;
} Gathering;

static void
gather_near (Cell *cell, guint number, gpointer data)
{
  Gathering *gathering = data;

  if (cell->group != G_MAXUINT
      || hypot (cell->x - gathering->center->x, cell->y - gathering->center->y)
             >= gathering->distance)
    return;
  cell->group = gathering->number;
  gathering->count += cell->count;
}

static int
compare_cells (gconstpointer a, gconstpointer b, gpointer data)
{
  const GArray *cells = data;
  const Cell *left = &((const Cell *) (gpointer) cells->data)[*(const guint *) a];
  const Cell *right = &((const Cell *) (gpointer) cells->data)[*(const guint *) b];

  if (left->around != right->around)
    return left->around > right->around ? -1 : 1;
  if (left->count != right->count)
    return left->count > right->count ? -1 : 1;
  if (left->row != right->row)
    return left->row < right->row ? -1 : 1;
  return left->column < right->column ? -1 : left->column > right->column;
}

/* Groups around the densest cells first. A group takes in what is nearer than two rings as large as
 * its own could become. Who comes later has fewer sites around, so its ring is no larger, and it is
 * at least that far away: no two rings can touch. */
static void
decide (GArray *cells, GHashTable *index)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < cells->len; i++)
    {
      Cell *cell = &g_array_index (cells, Cell, i);

      each_near (cells, index, cell, add_around, &cell->around);
      g_array_append_val (order, i);
    }
  g_array_sort_with_data (order, compare_cells, cells);
  for (guint i = 0; i < order->len; i++)
    {
      guint number = g_array_index (order, guint, i);
      Cell *cell = &g_array_index (cells, Cell, number);
      Gathering gathering = { .center = cell, .number = number };

      if (cell->group != G_MAXUINT)
        continue;
      gathering.distance = 2 * (double) pt_cluster_radius (cell->around) + GAP;
      each_near (cells, index, cell, gather_near, &gathering);
      cell->group = number;
      cell->around = gathering.count;
    }
  g_array_unref (order);
}

/* The finished level */

static void
level_fill (PtClusterLevel *level, GArray *cells, const guint *order)
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
      const PtCluster *cluster;

      if (*own == G_MAXUINT)
        continue;
      *own = order[g_array_index (cells, Cell, *own).group];
      cluster = &g_array_index (level->clusters, PtCluster, *own);
      g_array_index (level->members, guint, cluster->first + filled[*own]++) = i;
    }
}

typedef struct
{
  guint64 tile;
  guint cell; /* that it gathered around */
} Placed;

static int
compare_placed (gconstpointer a, gconstpointer b)
{
  const Placed *left = a, *right = b;

  if (left->tile != right->tile)
    return left->tile < right->tile ? -1 : 1;
  return left->cell < right->cell ? -1 : left->cell > right->cell;
}

static GArray *
place_groups (GArray *cells)
{
  GArray *placed = g_array_new (FALSE, FALSE, sizeof (Placed));

  for (guint i = 0; i < cells->len; i++)
    {
      const Cell *cell = &g_array_index (cells, Cell, i);
      Placed one = { cell_key (cell->x, cell->y, TILE), i };

      if (cell->group == i)
        g_array_append_val (placed, one);
    }
  g_array_sort (placed, compare_placed);
  return placed;
}

static void
level_take (PtClusterLevel *level, GArray *cells)
{
  g_autoptr (GArray) placed = place_groups (cells);
  g_autofree guint *order = g_new (guint, MAX (cells->len, 1)); /* cluster around a cell */
  double world = pt_cluster_level_world (level);

  for (guint i = 0; i < placed->len; i++)
    {
      const Placed *one = &g_array_index (placed, Placed, i);
      const Cell *cell = &g_array_index (cells, Cell, one->cell);
      PtCluster cluster = { .x = cell->x / world,
                            .y = cell->y / world,
                            .radius = pt_cluster_radius (cell->around),
                            .count = cell->around };
      guint64 *span = g_hash_table_lookup (level->tiles, &one->tile);

      order[one->cell] = i;
      g_array_append_val (level->clusters, cluster);
      if (span == NULL)
        {
          span = g_new (guint64, 1);
          *span = (guint64) i << 32;
          g_hash_table_insert (level->tiles, g_memdup2 (&one->tile, sizeof one->tile), span);
        }
      (*span)++;
    }
  level_fill (level, cells, order);
}

PtClusterLevel *
pt_cluster_level_new (GArray *places, guint step)
{
  PtClusterLevel *level;
  g_autoptr (GHashTable) index
      = g_hash_table_new_full (key_hash, key_equal, g_free, NULL); /* key -> cell + 1 */
  g_autoptr (GArray) cells = NULL;

  g_return_val_if_fail (places != NULL, NULL);
  level = g_new0 (PtClusterLevel, 1);
  level->step = MIN (step, PT_CLUSTER_LEVEL_MAX);
  level->clusters = g_array_new (FALSE, TRUE, sizeof (PtCluster));
  level->members = g_array_new (FALSE, TRUE, sizeof (guint));
  level->cluster_of = g_array_new (FALSE, TRUE, sizeof (guint));
  level->tiles = g_hash_table_new_full (key_hash, key_equal, g_free, g_free);
  cells = gather (level, places, index);
  decide (cells, index);
  level_take (level, cells);
  return level;
}

void
pt_cluster_level_count (PtClusterLevel *level, PtSiteStore *sites)
{
  const PtSiteRow *rows;
  guint size;

  g_return_if_fail (level != NULL && PT_IS_SITE_STORE (sites));
  rows = pt_site_store_rows (sites);
  size = MIN (level->cluster_of->len, pt_site_store_size (sites));
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
  guint number = G_MAXUINT;
  PtCluster *cluster;

  g_return_if_fail (level != NULL);
  if (site < level->cluster_of->len)
    number = g_array_index (level->cluster_of, guint, site);
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
  g_return_val_if_fail (level != NULL && number < level->clusters->len, NULL);
  return &g_array_index (level->clusters, PtCluster, number);
}

typedef struct
{
  double west, north, east, south;
} Box;

static void
each_inside (PtClusterLevel *level, const Box *box, guint first, guint count, PtClusterFunc func,
             gpointer user_data)
{
  for (guint i = first; i < first + count; i++)
    {
      const PtCluster *cluster = &g_array_index (level->clusters, PtCluster, i);

      if (cluster->x >= box->west && cluster->x <= box->east && cluster->y >= box->north
          && cluster->y <= box->south)
        func (cluster, i, user_data);
    }
}

/* Of a box that does not go over the date line. */
static void
each_between (PtClusterLevel *level, double west, double north, double east, double south,
              PtClusterFunc func, gpointer user_data)
{
  Box box = { west, north, east, south };
  int first_column, last_column, first_row, last_row;
  double world, last, tiles;

  world = pt_cluster_level_world (level);
  last = ceil (world / TILE) - 1;
  first_column = (int) CLAMP (floor (west * world / TILE), 0, last);
  last_column = (int) CLAMP (floor (east * world / TILE), 0, last);
  first_row = (int) CLAMP (floor (north * world / TILE), 0, last);
  last_row = (int) CLAMP (floor (south * world / TILE), 0, last);
  tiles = ((double) last_column - first_column + 1) * ((double) last_row - first_row + 1);
  /* Seen from far above there are more tiles than clusters. */
  if (tiles > level->clusters->len)
    {
      each_inside (level, &box, 0, level->clusters->len, func, user_data);
      return;
    }
  for (int row = first_row; row <= last_row; row++)
    for (int column = first_column; column <= last_column; column++)
      {
        guint64 key = ((guint64) column << 32) | (guint64) row;
        const guint64 *span = g_hash_table_lookup (level->tiles, &key);

        if (span != NULL)
          each_inside (level, &box, (guint) (*span >> 32), (guint) (*span & 0xffffffff), func,
                       user_data);
      }
}

void
pt_cluster_level_each (PtClusterLevel *level, double west, double north, double east, double south,
                       PtClusterFunc func, gpointer user_data)
{
  g_return_if_fail (level != NULL && func != NULL);
  if (east - west >= 1)
    each_between (level, 0, north, 1, south, func, user_data);
  else
    {
      each_between (level, MAX (west, 0), north, MIN (east, 1), south, func, user_data);
      if (west < 0)
        each_between (level, west + 1, north, 1, south, func, user_data);
      if (east > 1)
        each_between (level, 0, north, east - 1, south, func, user_data);
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

  g_return_val_if_fail (level != NULL, G_MAXUINT);
  pt_cluster_level_each (level, x - reach, y - reach, x + reach, y + reach, search_cluster,
                         &search);
  return search.found;
}
