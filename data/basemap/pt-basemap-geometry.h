/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is drawn, in the numbers that prepare.js writes. */
typedef enum
{
  PT_BASEMAP_LAND,
  PT_BASEMAP_COAST,
  PT_BASEMAP_BORDER,
  PT_BASEMAP_FINE_LAND,
  PT_BASEMAP_FINE_COAST,
  PT_BASEMAP_FINE_BORDER,
  PT_BASEMAP_LAKE,
  PT_BASEMAP_STATE,
  PT_BASEMAP_COUNTY,
  PT_BASEMAP_SHORE,
  PT_BASEMAP_POND,
  PT_BASEMAP_RIVER,
  PT_BASEMAP_STREAM,
  PT_BASEMAP_N_LAYERS
} PtBasemapLayer;

/* A point of the world's square: Web Mercator (EPSG:3857), 0..1 eastward and southward.
 * A map whose pixel is larger than the root of @weight can do without it. */
typedef struct
{
  double x;
  double y;
  double weight;
} PtBasemapPoint;

typedef struct
{
  double west;
  double north;
  double east;
  double south;
} PtBasemapBox;

/* @length points from @start on; a ring ends where it starts. */
typedef struct
{
  guint start;
  guint length;
  guint8 layer;
  gboolean is_ring;
  PtBasemapBox box;
} PtBasemapPart;

/* Rings and lines in one array of points. */
typedef struct
{
  GArray *points;
  GArray *parts;
} PtBasemapGeometry;

/* Degrees of WGS 84 to the world's square; beyond 85.05 degrees of latitude it is the square's
 * edge. */
void pt_basemap_project (double longitude, double latitude, double *out_x, double *out_y);

PtBasemapGeometry *pt_basemap_geometry_new (void);
void pt_basemap_geometry_free (PtBasemapGeometry *geometry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBasemapGeometry, pt_basemap_geometry_free)

/* Appends a part of @length points; their weights are kept. */
void pt_basemap_geometry_add (PtBasemapGeometry *geometry, guint8 layer, gboolean is_ring,
                              const PtBasemapPoint *points, guint length);

/* Gives every point its weight: the square of how far the line moves without it (Douglas and
 * Peucker 1973). */
void pt_basemap_geometry_weigh (PtBasemapGeometry *geometry);

/* What of @geometry lies in @box; the cut edges of a ring follow the box. Owned by the caller. */
PtBasemapGeometry *pt_basemap_geometry_clip (const PtBasemapGeometry *geometry,
                                             const PtBasemapBox *box);

G_END_DECLS
