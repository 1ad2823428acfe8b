/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-layer-view.h"

#include <math.h>

#include "pt-cluster.h"

PtLayerView
pt_layer_view (ShumateLayer *layer)
{
  ShumateViewport *viewport = shumate_layer_get_viewport (layer);
  double latitude = shumate_location_get_latitude (SHUMATE_LOCATION (viewport)) * G_PI / 180;
  double longitude = shumate_location_get_longitude (SHUMATE_LOCATION (viewport));
  double zoom = shumate_viewport_get_zoom_level (viewport);

  return (PtLayerView){ .x = (longitude + 180) / 360,
                        .y = 0.5 - log (tan (G_PI / 4 + latitude / 2)) / (2 * G_PI),
                        .zoom = zoom,
                        .scale = PT_CLUSTER_WORLD * exp2 (zoom),
                        .width = gtk_widget_get_width (GTK_WIDGET (layer)),
                        .height = gtk_widget_get_height (GTK_WIDGET (layer)) };
}

double
pt_layer_view_x (const PtLayerView *view, double x)
{
  return (x - view->x) * view->scale + view->width / 2;
}

double
pt_layer_view_y (const PtLayerView *view, double y)
{
  return (y - view->y) * view->scale + view->height / 2;
}
