/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <cairo.h>

#include "pt-basemap-regions.h"

G_BEGIN_DECLS

typedef enum
{
  PT_BASEMAP_LIGHT,
  PT_BASEMAP_DARK,
  PT_BASEMAP_N_STYLES
} PtBasemapStyle;

/* What one tile shows. */
typedef struct
{
  int zoom;
  guint column;
  guint row;
  const PtBasemapGeometry *geometry;
} PtBasemapTile;

/* "light" or "dark". */
const char *pt_basemap_style_name (PtBasemapStyle style);

/* Whether @layer is drawn at @zoom or deeper. */
gboolean pt_basemap_layer_is_wanted (guint layer, int zoom);

/* Draws over all of @surface, 256 x 256 pixels of CAIRO_FORMAT_ARGB32; every pixel ends opaque. */
void pt_basemap_draw (cairo_surface_t *surface, const PtBasemapTile *tile, PtBasemapStyle style);

G_END_DECLS
