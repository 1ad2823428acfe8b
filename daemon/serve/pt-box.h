/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A box on the map, degrees. Longitudes are a circle: @east is at most 360 east of @west. */
typedef struct
{
  double west, south, east, north;
} PtBox;

/* west,south,east,north: decimal numbers, longitudes from -360 to 360, latitudes from -90 to 90 in
 * either order. A box over the date line has its west east of its east, or goes on beyond 180
 * (RFC 7946 section 5.2). FALSE for anything else; *box is then not changed. */
gboolean pt_box_parse (const char *text, PtBox *box);
/* Edges count, and 180 and -180 are one meridian. @lat and @lon in 1e-7 degree. */
gboolean pt_box_holds (const PtBox *box, gint32 lat, gint32 lon);
