/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Web Mercator (EPSG:3857) on a square of side 1, from the north-west corner. @lat, @lon: 1e-7
 * degree, WGS 84; beyond 85 degrees is the square's edge. */
void pt_mercator (gint32 lat, gint32 lon, double *x, double *y);
