/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-draw.h"

#define TILE PT_BASEMAP_TILE_SIZE
/* What may move without being seen, in pixels. */
#define TOLERANCE 0.3

typedef struct
{
  const char *name;
  guint32 sea;
  guint32 land;
  guint32 line;
  guint32 river;
} Colours;

/* Sea, land and lines as the drawings have them; rivers are told from borders by a little more
 * blue. */
static const Colours colours_of_style[PT_BASEMAP_N_STYLES] = {
  { "light", 0xdfe6ea, 0xf6f5f1, 0xdcd9d0, 0xc5d5df },
  { "dark", 0x14191d, 0x1f252a, 0x2e363c, 0x2a4150 },
};

typedef struct
{
  int first_zoom;
  int last_zoom;
  double width;  /* of the line, pixels; 0 for what is filled only */
  double growth; /* of that, with each zoom beyond 8 */
} Drawing;

static const Drawing drawing_of_layer[PT_BASEMAP_N_LAYERS] = {
  [PT_BASEMAP_LAND] = { 0, 4, 0 },
  [PT_BASEMAP_COAST] = { 0, 4, 0.7 },
  [PT_BASEMAP_BORDER] = { 0, 4, 1.2 },
  [PT_BASEMAP_FINE_LAND] = { 5, PT_BASEMAP_ZOOM_MAX, 0 },
  [PT_BASEMAP_FINE_COAST] = { 5, PT_BASEMAP_ZOOM_MAX, 0.9 },
  [PT_BASEMAP_FINE_BORDER] = { 5, PT_BASEMAP_ZOOM_MAX, 1.5 },
  [PT_BASEMAP_LAKE] = { 2, PT_BASEMAP_ZOOM_MAX, 0 },
  [PT_BASEMAP_STATE] = { 6, PT_BASEMAP_ZOOM_MAX, 1.2 },
  [PT_BASEMAP_COUNTY] = { 6, PT_BASEMAP_ZOOM_MAX, 0.8 },
  [PT_BASEMAP_SHORE] = { 5, PT_BASEMAP_ZOOM_MAX, 0.9 },
  [PT_BASEMAP_POND] = { 8, PT_BASEMAP_ZOOM_MAX, 0 },
  [PT_BASEMAP_RIVER] = { 5, PT_BASEMAP_ZOOM_MAX, 1.2, 0.5 },
  [PT_BASEMAP_STREAM] = { 8, PT_BASEMAP_ZOOM_MAX, 0.9, 0.2 },
};

const char *
pt_basemap_style_name (PtBasemapStyle style)
{
  return colours_of_style[style].name;
}

gboolean
pt_basemap_layer_is_wanted (guint layer, int zoom)
{
  return zoom <= drawing_of_layer[layer].last_zoom;
}

static void
set_colour (cairo_t *cairo, guint32 colour)
{
  cairo_set_source_rgb (cairo, (colour >> 16) / 255.0, (colour >> 8 & 255) / 255.0,
                        (colour & 255) / 255.0);
}

static void
add_path (cairo_t *cairo, const PtBasemapTile *tile, const PtBasemapPart *part)
{
  double scale = (double) TILE * (1u << tile->zoom);
  double left = (double) tile->column * TILE, top = (double) tile->row * TILE;
  double least = (TOLERANCE / scale) * (TOLERANCE / scale);

  cairo_new_sub_path (cairo);
  for (guint i = part->start; i < part->start + part->length; i++)
    {
      const PtBasemapPoint *point = &g_array_index (tile->geometry->points, PtBasemapPoint, i);

      if (point->weight >= least)
        cairo_line_to (cairo, point->x * scale - left, point->y * scale - top);
    }
  if (part->is_ring)
    cairo_close_path (cairo);
}

/* The path of all parts of a layer; FALSE when it is not drawn here. */
static gboolean
set_path (cairo_t *cairo, const PtBasemapTile *tile, PtBasemapLayer layer)
{
  const Drawing *drawing = &drawing_of_layer[layer];
  gboolean is_there = FALSE;

  cairo_new_path (cairo);
  if (tile->zoom < drawing->first_zoom || tile->zoom > drawing->last_zoom)
    return FALSE;
  for (guint i = 0; i < tile->geometry->parts->len; i++)
    {
      const PtBasemapPart *part = &g_array_index (tile->geometry->parts, PtBasemapPart, i);

      if (part->layer != layer)
        continue;
      add_path (cairo, tile, part);
      is_there = TRUE;
    }
  return is_there;
}

static void
fill_layer (cairo_t *cairo, const PtBasemapTile *tile, PtBasemapLayer layer)
{
  if (set_path (cairo, tile, layer))
    cairo_fill (cairo);
}

static void
stroke_layer (cairo_t *cairo, const PtBasemapTile *tile, PtBasemapLayer layer)
{
  const Drawing *drawing = &drawing_of_layer[layer];

  if (!set_path (cairo, tile, layer))
    return;
  cairo_set_line_width (cairo, drawing->width + drawing->growth * MAX (0, tile->zoom - 8));
  cairo_stroke (cairo);
}

/* Land first, with the lines that stay on land; then lakes are cut out of it, and the sea comes
 * beneath. */
static void
draw_shapes (cairo_t *cairo, const PtBasemapTile *tile, const Colours *colours)
{
  set_colour (cairo, colours->land);
  fill_layer (cairo, tile, PT_BASEMAP_LAND);
  fill_layer (cairo, tile, PT_BASEMAP_FINE_LAND);
  fill_layer (cairo, tile, PT_BASEMAP_SHORE);
  cairo_set_operator (cairo, CAIRO_OPERATOR_ATOP);
  set_colour (cairo, colours->river);
  stroke_layer (cairo, tile, PT_BASEMAP_STREAM);
  stroke_layer (cairo, tile, PT_BASEMAP_RIVER);
  set_colour (cairo, colours->line);
  stroke_layer (cairo, tile, PT_BASEMAP_COUNTY);
  stroke_layer (cairo, tile, PT_BASEMAP_STATE);
  stroke_layer (cairo, tile, PT_BASEMAP_BORDER);
  stroke_layer (cairo, tile, PT_BASEMAP_FINE_BORDER);
  cairo_set_operator (cairo, CAIRO_OPERATOR_DEST_OUT);
  fill_layer (cairo, tile, PT_BASEMAP_LAKE);
  fill_layer (cairo, tile, PT_BASEMAP_POND);
  cairo_set_operator (cairo, CAIRO_OPERATOR_OVER);
  stroke_layer (cairo, tile, PT_BASEMAP_COAST);
  stroke_layer (cairo, tile, PT_BASEMAP_FINE_COAST);
  stroke_layer (cairo, tile, PT_BASEMAP_SHORE);
  cairo_set_operator (cairo, CAIRO_OPERATOR_DEST_OVER);
  set_colour (cairo, colours->sea);
  cairo_paint (cairo);
  cairo_set_operator (cairo, CAIRO_OPERATOR_OVER);
}

void
pt_basemap_draw (cairo_surface_t *surface, const PtBasemapTile *tile, PtBasemapStyle style)
{
  const Colours *colours = &colours_of_style[style];
  cairo_t *cairo = cairo_create (surface);

  cairo_set_operator (cairo, CAIRO_OPERATOR_CLEAR);
  cairo_paint (cairo);
  cairo_set_operator (cairo, CAIRO_OPERATOR_OVER);
  cairo_set_fill_rule (cairo, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_set_line_join (cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cairo, CAIRO_LINE_CAP_BUTT);
  draw_shapes (cairo, tile, colours);
  cairo_destroy (cairo);
}
