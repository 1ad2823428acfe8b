/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Where names of places go so that they touch no site's symbol and not each other: beside, above or
 * below a dot that stands at the place itself, or nowhere. The same rule as the page's. Pure: boxes
 * in, boxes out; everything in pixels of the world at one zoom. */

#define PT_PLACE_DOT 2.0 /* pixels: the dot's radius */

typedef struct
{
  double x, y, width, height; /* x, y: its centre */
} PtPlaceBox;

typedef struct
{
  PtPlaceBox box; /* in: around the place itself; out: where the name goes */
  gboolean shown; /* out: FALSE: there is no room for it or its dot */
} PtPlaceSpot;

/* @taken: what has to stay free; @spots: the most important first. */
void pt_place_layout (const PtPlaceBox *taken, guint taken_count, PtPlaceSpot *spots,
                      guint spot_count);
