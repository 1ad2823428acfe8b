/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-place-name.h"

/* Names of places for the map, in tiles as a daemon has them. Those wanted are fetched a few at a
 * time and a bounded number is kept; where one can't be had there are no names, and it is asked for
 * again after a while. Signal "changed": other places are there. */

#define PT_PLACE_SIZES 4
#define PT_PLACE_TILES_MAX 120 /* that can be wanted at once */
#define PT_PLACE_ZOOM_MAX 18

typedef struct
{
  double x, y;      /* Web Mercator, 0 to 1 */
  gint64 rank;      /* the more the more important */
  guint size;       /* 0 to PT_PLACE_SIZES - 1: how large to write */
  const char *name; /* interned in the tile: valid until "changed" or the next want */
} PtPlace;

/* Tiles of one zoom, the last ones included. */
typedef struct
{
  guint zoom, west, north, east, south;
} PtPlaceRange;

#define PT_TYPE_PLACE_SOURCE (pt_place_source_get_type ())
G_DECLARE_FINAL_TYPE (PtPlaceSource, pt_place_source, PT, PLACE_SOURCE, GObject)

/* @pattern: http://.../{z}/{x}/{y}.json */
PtPlaceSource *pt_place_source_new (const char *pattern);
const char *pt_place_source_pattern (PtPlaceSource *self);
void pt_place_source_stop (PtPlaceSource *self); /* fetches nothing more */
/* Fetches what isn't there; more than PT_PLACE_TILES_MAX tiles: nothing. */
void pt_place_source_want (PtPlaceSource *self, const PtPlaceRange *range);
/* The places (PtPlace) of these tiles, the most important first; where a tile is on its way, those
 * that a tile above it has. */
GArray *pt_place_source_places (PtPlaceSource *self, const PtPlaceRange *range);
/* Another number when other places are there. */
guint pt_place_source_serial (PtPlaceSource *self);
