/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-draw.h"

#include <string.h>

#define TILE PT_BASEMAP_TILE_SIZE
#define ZOOM 4

typedef struct
{
  PtBasemapData data;
  PtBasemapRegions regions;
} World;

static World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  world->data.geometry = pt_basemap_geometry_new ();
  world->data.places = g_array_new (FALSE, FALSE, sizeof (PtBasemapPlace));
  world->regions.world_zoom = ZOOM;
  world->regions.regions = g_array_new (FALSE, FALSE, sizeof (PtBasemapBox));
  return world;
}

static void
world_free (World *world)
{
  pt_basemap_geometry_free (world->data.geometry);
  g_array_unref (world->data.places);
  g_array_unref (world->regions.regions);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* A place at a pixel of the picture of zoom 4. */
static void
add_place (World *world, const char *name, double x, double y, guint64 population)
{
  PtBasemapPlace place
      = { x / (TILE << ZOOM), y / (TILE << ZOOM), population, PT_BASEMAP_PLACE, name };

  g_array_append_val (world->data.places, place);
}

static guint
count_at (const PtBasemapLabels *labels, guint column, guint row)
{
  const GArray *list = pt_basemap_labels_at (labels, ZOOM, column, row);

  return list == NULL ? 0 : list->len;
}

static void
test_largest_wins (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (PtBasemapLabels) labels = NULL;
  const GArray *list;

  add_place (world, "Smaller", 1000, 1000, 5000000);
  add_place (world, "Larger", 1004, 1002, 9000000);
  add_place (world, "Village", 1100, 1100, 900);
  labels = pt_basemap_labels_new (&world->data, &world->regions);
  list = pt_basemap_labels_at (labels, ZOOM, 3, 3);
  g_assert_nonnull (list);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (g_array_index (list, PtBasemapLabel, 0).name, ==, "Larger");
  g_assert_cmpuint (count_at (labels, 10, 10), ==, 0);
}

static gboolean
overlap (const PtBasemapLabel *a, const PtBasemapLabel *b)
{
  return a->left < b->left + b->width && b->left < a->left + a->width && a->top < b->top + b->height
         && b->top < a->top + a->height;
}

/* Many places in a small country: no two names on one another, on any tile, at any zoom. */
static void
test_no_collision (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (PtBasemapLabels) labels = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (20240205);
  guint n_labels = 0;

  for (guint i = 0; i < 2000; i++)
    add_place (world, i % 3 == 0 ? "Springfield" : "Ayr", g_rand_double_range (random, 700, 1400),
               g_rand_double_range (random, 700, 1400), 20000000 - i);
  labels = pt_basemap_labels_new (&world->data, &world->regions);
  for (guint tile = 0; tile < 256; tile++)
    {
      const GArray *list = pt_basemap_labels_at (labels, ZOOM, tile % 16, tile / 16);

      for (guint i = 0; list != NULL && i < list->len; i++, n_labels++)
        for (guint j = 0; j < i; j++)
          g_assert_false (overlap (&g_array_index (list, PtBasemapLabel, i),
                                   &g_array_index (list, PtBasemapLabel, j)));
    }
  g_assert_cmpuint (n_labels, >, 50);
}

/* A name on the antimeridian is on both sides of the map, and in nobody's way twice. */
static void
test_antimeridian (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (PtBasemapLabels) labels = NULL;
  const PtBasemapLabel *east, *west;

  add_place (world, "Waiyevo", (TILE << ZOOM) - 1, 2300, 9000000);
  add_place (world, "Other side", 2, 2300, 8000000);
  labels = pt_basemap_labels_new (&world->data, &world->regions);
  g_assert_cmpuint (count_at (labels, 15, 8), ==, 1);
  g_assert_cmpuint (count_at (labels, 0, 8), ==, 1);
  east = &g_array_index (pt_basemap_labels_at (labels, ZOOM, 15, 8), PtBasemapLabel, 0);
  west = &g_array_index (pt_basemap_labels_at (labels, ZOOM, 0, 8), PtBasemapLabel, 0);
  g_assert_cmpstr (east->name, ==, "Waiyevo");
  g_assert_cmpstr (west->name, ==, "Waiyevo");
  g_assert_cmpint (pt_basemap_label_offset (west, ZOOM, 0), ==,
                   pt_basemap_label_offset (east, ZOOM, 15) - TILE);
}

static void
draw (cairo_t *cairo, const World *world, const PtBasemapLabels *labels, PangoLayout *layout,
      PtBasemapStyle style, guint column, guint row)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, TILE, TILE);
  PtBasemapTile tile = { ZOOM, column, row, world->data.geometry, labels, layout };

  pt_basemap_draw (surface, &tile, style);
  cairo_set_source_surface (cairo, surface, (column % 2) * TILE, (row % 2) * TILE);
  cairo_paint (cairo);
  cairo_surface_destroy (surface);
}

/* One picture of four tiles. */
static cairo_surface_t *
draw_four (const World *world, const PtBasemapLabels *labels, PtBasemapStyle style, guint column,
           guint row)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 2 * TILE, 2 * TILE);
  g_autoptr (PangoLayout) layout = pt_basemap_labels_new_layout ();
  cairo_t *cairo = cairo_create (surface);

  for (guint i = 0; i < 4; i++)
    draw (cairo, world, labels, layout, style, column + i % 2, row + i / 2);
  cairo_destroy (cairo);
  cairo_surface_flush (surface);
  return surface;
}

/* A name over the corner of four tiles is, pixel for pixel, the same name in the middle of one. */
static void
test_over_edges (void)
{
  for (guint style = 0; style < PT_BASEMAP_N_STYLES; style++)
    {
      g_autoptr (World) world = world_new ();
      g_autoptr (PtBasemapLabels) labels = NULL;
      cairo_surface_t *whole, *cut;
      guint n_different = 0;

      add_place (world, "Göteborg", 2 * TILE + 128, 2 * TILE + 128, 9000000);
      add_place (world, "Göteborg", 7 * TILE, 7 * TILE, 9000000);
      labels = pt_basemap_labels_new (&world->data, &world->regions);
      whole = draw_four (world, labels, style, 2, 2);
      cut = draw_four (world, labels, style, 6, 6);
      for (guint y = 0; y < 256; y++)
        {
          const guint8 *here = cairo_image_surface_get_data (whole) + y * 4 * 2 * TILE;
          const guint8 *there
              = cairo_image_surface_get_data (cut) + (y + 128) * 4 * 2 * TILE + 128 * 4;

          g_assert_cmpmem (here, 256 * 4, there, 256 * 4);
          n_different += memcmp (here, cairo_image_surface_get_data (whole), 4 * 256) != 0;
        }
      g_assert_cmpuint (n_different, >, 5); /* there is something to see */
      cairo_surface_destroy (whole);
      cairo_surface_destroy (cut);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/basemap/labels/largest-wins", test_largest_wins);
  g_test_add_func ("/basemap/labels/no-collision", test_no_collision);
  g_test_add_func ("/basemap/labels/antimeridian", test_antimeridian);
  g_test_add_func ("/basemap/labels/over-edges", test_over_edges);
  return g_test_run ();
}
