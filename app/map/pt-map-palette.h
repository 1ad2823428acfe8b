/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <cairo.h>
#include <glib.h>

#include "pt-site-state.h"

/* Colours and shapes of the map, the same in window, page and print: state is always both. */

typedef struct
{
  double red, green, blue;
} PtColor;

typedef struct
{
  PtColor sea, land, text, halo; /* halo: behind rings and numbers */
  PtColor names;                 /* of places; the land is their halo */
  PtColor states[PT_SITE_STATES];
} PtMapPalette;

/* That of the light or the dark style; static. */
const PtMapPalette *pt_map_palette (gboolean dark);

/* One site's symbol around (x, y): on a small dot, off a diamond, silent a hollow ring, unknown a
 * dotted ring. @gray: old news. */
void pt_map_draw_symbol (cairo_t *cr, const PtMapPalette *palette, PtSiteState state, double x,
                         double y, gboolean gray);
/* A ring of @radius whose filled arc is the share of @states that is off, with its number,
 * @enlarged so many times where that has room. */
void pt_map_draw_ring (cairo_t *cr, const PtMapPalette *palette, const guint *states, double x,
                       double y, double radius, gboolean gray, double enlarged);
/* Strokes the path that is there: feeders, in red where they are @off; or outlines of areas. */
void pt_map_stroke_feeders (cairo_t *cr, const PtMapPalette *palette, gboolean off, gboolean gray);
void pt_map_stroke_outlines (cairo_t *cr, const PtMapPalette *palette);
/* A line from a chosen site to the edge of its mark of @radius, where that stands apart. */
void pt_map_draw_lead (cairo_t *cr, const PtMapPalette *palette, double from_x, double from_y,
                       double to_x, double to_y, double radius);
/* A ring around what is chosen or pointed at. */
void pt_map_draw_mark (cairo_t *cr, const PtMapPalette *palette, double x, double y, double radius,
                       gboolean strong);
