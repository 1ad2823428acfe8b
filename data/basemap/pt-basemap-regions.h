/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-basemap-geometry.h"

G_BEGIN_DECLS

#define PT_BASEMAP_ZOOM_MAX 14
#define PT_BASEMAP_REGIONS_MAX 64
#define PT_BASEMAP_TILE_SIZE 256
#define PT_BASEMAP_TILES_MAX 2000000u

/* Which tiles there are: all to @world_zoom, those that touch a region to @region_zoom. */
typedef struct
{
  int world_zoom;
  int region_zoom;
  GArray *regions; /* of PtBasemapBox, in the world's square */
} PtBasemapRegions;

/* Takes "west,south,east,north" in degrees; west may be greater than east, over the antimeridian.
 * Errors: G_IO_ERROR_INVALID_ARGUMENT. */
gboolean pt_basemap_regions_add (PtBasemapRegions *regions, const char *text, GError **error);

/* Whether the tile is to be drawn. */
gboolean pt_basemap_regions_has (const PtBasemapRegions *regions, int zoom, guint column,
                                 guint row);

/* How many tiles there are; it stops counting beyond PT_BASEMAP_TILES_MAX. */
guint pt_basemap_regions_count (const PtBasemapRegions *regions);

G_END_DECLS
