/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-site-layer.h"

/* Names of places, beneath the sites' symbols and around them. They are laid out for more than is
 * seen, so that they stay where they are while the map is moved. */

#define PT_TYPE_PLACE_LAYER (pt_place_layer_get_type ())
G_DECLARE_FINAL_TYPE (PtPlaceLayer, pt_place_layer, PT, PLACE_LAYER, ShumateLayer)

/* @sites: whose symbols stay free; owned. */
PtPlaceLayer *pt_place_layer_new (ShumateViewport *viewport, PtSiteLayer *sites);
/* Where tiles of places are, http://.../{z}/{x}/{y}.json; NULL: there are none. */
void pt_place_layer_set_pattern (PtPlaceLayer *self, const char *pattern);
void pt_place_layer_set_dark (PtPlaceLayer *self, gboolean dark);
void pt_place_layer_set_stale (PtPlaceLayer *self, gboolean stale);
/* Names that are laid out at present, for tests: how many, and where (pixels of the layer). */
guint pt_place_layer_count (PtPlaceLayer *self);
gboolean pt_place_layer_locate (PtPlaceLayer *self, const char *name, double *x, double *y);
