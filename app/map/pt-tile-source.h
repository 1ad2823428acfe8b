/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <shumate/shumate.h>

/* The basemap's tiles as a TileJSON 3.0 document describes them. Beyond its native zoom the nearest
 * tile above is enlarged, so that the map goes as near as the sites need. Downloads are decoded off
 * the main thread. Property "failing" (gboolean, notify): the server does not answer, or answers
 * with something else than pictures; tiles are then blank, and are asked for again by a new source.
 */

#define PT_TYPE_TILE_SOURCE (pt_tile_source_get_type ())
G_DECLARE_FINAL_TYPE (PtTileSource, pt_tile_source, PT, TILE_SOURCE, ShumateMapSource)

/* @address: of the TileJSON. Signal "ready": the description is there, tiles may be asked for. */
PtTileSource *pt_tile_source_new (const char *address);
void pt_tile_source_load (PtTileSource *self);
gboolean pt_tile_source_is_failing (PtTileSource *self);
const char *pt_tile_source_attribution (PtTileSource *self); /* "" before it is ready */

/* http://.../{z}/{x}/{y}.json of the same origin; NULL: the tiles have names, or there are none. */
const char *pt_tile_source_places (PtTileSource *self);

/* The part of @parent (256 px) that shows tile (x, y), @levels below it, enlarged to 256 px. */
GdkTexture *pt_tile_source_enlarge (GdkTexture *parent, guint x, guint y, guint levels);
