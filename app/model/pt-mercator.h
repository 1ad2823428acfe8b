/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Web Mercator (EPSG:3857) on a square of side 1, from the north-west corner. Degrees of WGS 84;
 * latitudes beyond 85 degrees are the square's edge. */
double pt_mercator_x (double longitude);
double pt_mercator_y (double latitude);
double pt_mercator_longitude (double x);
double pt_mercator_latitude (double y);

/* The same of @lat and @lon in 1e-7 degree, as sites have them. */
void pt_mercator (gint32 lat, gint32 lon, double *x, double *y);
