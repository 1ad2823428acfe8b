/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <shumate/shumate.h>

/* Where a layer's viewport is, in the world of 0 to 1. */
typedef struct
{
  double x, y;          /* its centre */
  double zoom, scale;   /* scale: pixels of the world */
  double width, height; /* pixels */
} PtLayerView;

PtLayerView pt_layer_view (ShumateLayer *layer);
/* A place of the world in pixels of the layer, on that side of the date line which is nearer to the
 * middle. */
double pt_layer_view_x (const PtLayerView *view, double x);
double pt_layer_view_y (const PtLayerView *view, double y);
/* How many times as large as usual @widget's letters are, by the reader's choice; 1 at least. */
double pt_map_text_scale (GtkWidget *widget);
