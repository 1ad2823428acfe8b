/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-layer-view.h"

#include <math.h>

#include "pt-cluster.h"
#include "pt-mercator.h"

#define USUAL_PIXELS (11.0 * 96 / 72) /* of 11 points */
#define TEXT_SCALE_MAX 4.0

PtLayerView
pt_layer_view (ShumateLayer *layer)
{
  ShumateViewport *viewport;
  ShumateLocation *middle;
  double zoom;

  g_return_val_if_fail (SHUMATE_IS_LAYER (layer), (PtLayerView){ 0 });
  viewport = shumate_layer_get_viewport (layer);
  middle = SHUMATE_LOCATION (viewport);
  zoom = shumate_viewport_get_zoom_level (viewport);
  return (PtLayerView){ .x = pt_mercator_x (shumate_location_get_longitude (middle)),
                        .y = pt_mercator_y (shumate_location_get_latitude (middle)),
                        .zoom = zoom,
                        .scale = PT_CLUSTER_WORLD * exp2 (zoom),
                        .width = gtk_widget_get_width (GTK_WIDGET (layer)),
                        .height = gtk_widget_get_height (GTK_WIDGET (layer)) };
}

double
pt_layer_view_x (const PtLayerView *view, double x)
{
  double aside;

  g_return_val_if_fail (view != NULL, 0);
  aside = x - view->x;
  return (aside - round (aside)) * view->scale + view->width / 2;
}

double
pt_layer_view_y (const PtLayerView *view, double y)
{
  g_return_val_if_fail (view != NULL, 0);
  return (y - view->y) * view->scale + view->height / 2;
}

double
pt_map_text_scale (GtkWidget *widget)
{
  PangoContext *context;
  const PangoFontDescription *font;
  double size;

  g_return_val_if_fail (GTK_IS_WIDGET (widget), 1);
  context = gtk_widget_get_pango_context (widget);
  font = pango_context_get_font_description (context);
  size = (double) pango_font_description_get_size (font) / PANGO_SCALE;
  if (!pango_font_description_get_size_is_absolute (font))
    size *= pango_cairo_context_get_resolution (context) / 72;
  return CLAMP (size / USUAL_PIXELS, 1, TEXT_SCALE_MAX);
}
