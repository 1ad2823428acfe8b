/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <shumate/shumate.h>

#include "pt-site-layer.h"

/* The grid beneath its sites: a thin line through those of each feeder, red where most of it is
 * off, and a dashed outline around each area, with its name. Lines come as one goes nearer. Nothing
 * where no site says its feeder. */

#define PT_TYPE_GRID_LAYER (pt_grid_layer_get_type ())
G_DECLARE_FINAL_TYPE (PtGridLayer, pt_grid_layer, PT, GRID_LAYER, ShumateLayer)

/* Signals:
 *   "shapes-changed": there are lines now, or none any more, or others. */
PtGridLayer *pt_grid_layer_new (ShumateViewport *viewport, PtSiteLayer *symbols);
/* NULL: nothing. */
void pt_grid_layer_set_sites (PtGridLayer *self, PtSiteStore *sites);
/* Only this area's; NULL: all. */
void pt_grid_layer_set_area (PtGridLayer *self, const char *area);
void pt_grid_layer_set_dark (PtGridLayer *self, gboolean dark);
/* Everything in gray: it is old news. */
void pt_grid_layer_set_stale (PtGridLayer *self, gboolean stale);

/* Feeders through which a line can be drawn, and areas with an outline. */
guint pt_grid_layer_lines (PtGridLayer *self);
guint pt_grid_layer_outlines (PtGridLayer *self);
/* Of the lines that were last drawn: how many, and how many of these in red. */
void pt_grid_layer_drawn (PtGridLayer *self, guint *lines, guint *red);
