/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mercator.h"

#include <math.h>

#define LATITUDE_MAX 85.0511287798066 /* where the square ends */

void
pt_mercator (gint32 lat, gint32 lon, double *x, double *y)
{
  double radians = CLAMP (lat / 1e7, -LATITUDE_MAX, LATITUDE_MAX) * G_PI / 180;

  *x = (lon / 1e7 + 180) / 360;
  *y = (1 - asinh (tan (radians)) / G_PI) / 2;
}
