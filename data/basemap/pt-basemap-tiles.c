/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-tiles.h"

#include <glib/gi18n.h>
#include <string.h>

#include "pt-basemap-png.h"

#define TILE PT_BASEMAP_TILE_SIZE
/* Lines are cut this many pixels outside of their tile, so that no cut shows. */
#define BUFFER 8.0
#define PROGRESS_TILES 256

typedef struct
{
  const PtBasemapRegions *regions;
  PtBasemapWriter **writers;
  PtBasemapTile tile;
  cairo_surface_t *surface;
  GByteArray *png;
  GHashTable *plain; /* colour -> GBytes, the picture of nothing but it */
  guint done;
  guint total;
  PtBasemapProgress progress;
  gpointer user_data;
} Walk;

static gboolean
encode (Walk *walk, GError **error)
{
  const guint8 *bytes = cairo_image_surface_get_data (walk->surface);

  return pt_basemap_png_encode (walk->png, (const guint32 *) (const void *) bytes, TILE, TILE,
                                error);
}

/* Whether the picture is all of one colour. */
static gboolean
is_plain (cairo_surface_t *surface, guint32 *out_colour)
{
  const guint8 *bytes = cairo_image_surface_get_data (surface);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);

  memcpy (out_colour, bytes, sizeof *out_colour);
  /* A row equal to itself less one pixel is of one colour. */
  if (memcmp (bytes, bytes + 4, (TILE - 1) * 4) != 0)
    return FALSE;
  for (gsize row = 1; row < TILE; row++)
    if (memcmp (bytes, bytes + row * stride, TILE * 4) != 0)
      return FALSE;
  return TRUE;
}

/* Leaves the tile's picture in @walk->png; most of the world is sea, which is encoded once. */
static gboolean
make_png (Walk *walk, PtBasemapStyle style, GError **error)
{
  guint32 colour;
  GBytes *known;

  pt_basemap_draw (walk->surface, &walk->tile, style);
  cairo_surface_flush (walk->surface);
  if (!is_plain (walk->surface, &colour))
    return encode (walk, error);
  known = g_hash_table_lookup (walk->plain, GUINT_TO_POINTER (colour));
  if (known != NULL)
    {
      gsize length;
      const guint8 *bytes = g_bytes_get_data (known, &length);

      g_byte_array_set_size (walk->png, 0);
      g_byte_array_append (walk->png, bytes, (guint) length);
      return TRUE;
    }
  if (!encode (walk, error))
    return FALSE;
  g_hash_table_insert (walk->plain, GUINT_TO_POINTER (colour),
                       g_bytes_new (walk->png->data, walk->png->len));
  return TRUE;
}

static gboolean
report_progress (Walk *walk, GError **error)
{
  walk->done++;
  if (walk->progress == NULL || (walk->done % PROGRESS_TILES != 0 && walk->done != walk->total)
      || walk->progress (walk->done, walk->total, walk->user_data))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _ ("Interrupted; no file was written"));
  return FALSE;
}

static gboolean
draw_tile (Walk *walk, const PtBasemapGeometry *geometry, int zoom, guint column, guint row,
           GError **error)
{
  walk->tile.geometry = geometry;
  walk->tile.zoom = zoom;
  walk->tile.column = column;
  walk->tile.row = row;
  for (guint style = 0; style < PT_BASEMAP_N_STYLES; style++)
    if (walk->writers[style] != NULL
        && (!make_png (walk, style, error)
            || !pt_basemap_writer_add (walk->writers[style], zoom, column, row, walk->png->data,
                                       walk->png->len, error)))
      return FALSE;
  return report_progress (walk, error);
}

static PtBasemapGeometry *
clip_to_tile (const PtBasemapGeometry *geometry, int zoom, guint column, guint row)
{
  double size = 1.0 / (1u << zoom), beyond = size * BUFFER / TILE;
  PtBasemapBox box = { column * size - beyond, row * size - beyond, (column + 1) * size + beyond,
                       (row + 1) * size + beyond };

  return pt_basemap_geometry_clip (geometry, &box);
}

/* A tile, then the four that are its quarters at the next zoom, each with its own part of the
 * shapes. */
static gboolean
walk_tiles (Walk *walk, const PtBasemapGeometry *geometry, int zoom, guint column, guint row,
            GError **error)
{
  if (!draw_tile (walk, geometry, zoom, column, row, error))
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      guint child_column = 2 * column + i % 2, child_row = 2 * row + i / 2;
      g_autoptr (PtBasemapGeometry) child = NULL;

      if (zoom == PT_BASEMAP_ZOOM_MAX
          || !pt_basemap_regions_has (walk->regions, zoom + 1, child_column, child_row))
        continue;
      child = clip_to_tile (geometry, zoom + 1, child_column, child_row);
      if (!walk_tiles (walk, child, zoom + 1, child_column, child_row, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pt_basemap_tiles_draw (const PtBasemapData *data, const PtBasemapRegions *regions,
                       PtBasemapWriter *writers[PT_BASEMAP_N_STYLES], PtBasemapProgress progress,
                       gpointer user_data, GError **error)
{
  g_autoptr (GByteArray) png = g_byte_array_new ();
  g_autoptr (GHashTable) plain
      = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_bytes_unref);
  Walk walk = { .regions = regions,
                .writers = writers,
                .png = png,
                .plain = plain,
                .total = pt_basemap_regions_count (regions),
                .progress = progress,
                .user_data = user_data };
  gboolean is_whole;

  walk.surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, TILE, TILE);
  is_whole = walk_tiles (&walk, data->geometry, 0, 0, 0, error);
  cairo_surface_destroy (walk.surface);
  return is_whole;
}
