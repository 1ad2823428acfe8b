/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mercator.h"

#include <math.h>

#define LATITUDE_MAX 85.0511287798066 /* where the square ends */
#define DEGREE (G_PI / 180)

double
pt_mercator_x (double longitude)
{
  return (longitude + 180) / 360;
}

double
pt_mercator_y (double latitude)
{
  double radians = CLAMP (latitude, -LATITUDE_MAX, LATITUDE_MAX) * DEGREE;

  return (1 - asinh (tan (radians)) / G_PI) / 2;
}

double
pt_mercator_longitude (double x)
{
  return x * 360 - 180;
}

double
pt_mercator_latitude (double y)
{
  return atan (sinh (G_PI * (1 - 2 * y))) / DEGREE;
}

void
pt_mercator (gint32 lat, gint32 lon, double *x, double *y)
{
  g_return_if_fail (x != NULL && y != NULL);
  *x = pt_mercator_x (lon / 1e7);
  *y = pt_mercator_y (lat / 1e7);
}
