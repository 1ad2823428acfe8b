/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What the places of sites say about the grid: a line through the sites of each feeder, and an
 * outline around those of each area. Nobody surveyed them; they only show what belongs together.
 * The same rule as the page's. Pure, for any thread. */

#define PT_GRID_NONE 0           /* no feeder */
#define PT_GRID_FEEDER_MAX 1000u /* sites; a line through more says nothing and takes too long */

typedef struct
{
  double x, y;  /* Web Mercator, 0 to 1, from the north-west corner */
  gsize feeder; /* any number that only sites of this feeder have, or PT_GRID_NONE */
  gsize area;   /* as ->feeder; the feeders of two areas are never the same */
} PtGridSite;

typedef struct
{
  double west, north, east, south; /* east may be above 1, over the date line, or west below 0 */
} PtGridBox;

/* A feeder: @count sites of ->members from @first on; its edges are the @count - 1 pairs of
 * ->edges from @first_edge on. */
typedef struct
{
  PtGridBox box;
  guint first, count, first_edge;
} PtGridLine;

typedef struct
{
  guint from, to; /* ->sites */
} PtGridEdge;

/* An area: @count corners from @first on, against the clock as on a map with north above. */
typedef struct
{
  PtGridBox box;
  guint site; /* one that is in it */
  guint first, count;
} PtGridOutline;

typedef struct
{
  double x, y;
} PtGridCorner;

typedef struct
{
  GArray *sites;    /* PtGridSite */
  GArray *members;  /* guint: ->sites */
  GArray *edges;    /* PtGridEdge: the shortest that join all of a feeder (Prim 1957) */
  GArray *lines;    /* PtGridLine: feeders of two sites or more */
  GArray *corners;  /* PtGridCorner: of the smallest convex shape (Andrew 1979) */
  GArray *outlines; /* PtGridOutline: areas whose sites are not all on one line */
} PtGridShapes;

/* @sites: PtGridSite; a reference is kept. */
PtGridShapes *pt_grid_shapes_new (GArray *sites);
void pt_grid_shapes_free (PtGridShapes *shapes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtGridShapes, pt_grid_shapes_free)
