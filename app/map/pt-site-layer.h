/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <shumate/shumate.h>

#include "pt-cluster.h"
#include "pt-mark-place.h"

/* All sites in one layer of the map: rings where many are near each other, symbols where not.
 * Levels of clusters are made on another thread; until one is there the nearest is drawn. Signal
 * "symbols-changed": others are drawn, or at other places, not only by another view of them. */

#define PT_TYPE_SITE_LAYER (pt_site_layer_get_type ())
G_DECLARE_FINAL_TYPE (PtSiteLayer, pt_site_layer, PT, SITE_LAYER, ShumateLayer)

PtSiteLayer *pt_site_layer_new (ShumateViewport *viewport);
void pt_site_layer_set_sites (PtSiteLayer *self, PtSiteStore *sites); /* or NULL */
void pt_site_layer_set_area (PtSiteLayer *self, const char *area);    /* NULL: all */
void pt_site_layer_set_dark (PtSiteLayer *self, gboolean dark);
void pt_site_layer_set_stale (PtSiteLayer *self, gboolean stale);
void pt_site_layer_set_selected (PtSiteLayer *self, guint number); /* or PT_SITE_NONE */
/* What the pointer is on: a site, or else a cluster of the level shown (G_MAXUINT: none). */
void pt_site_layer_set_hovered (PtSiteLayer *self, guint number, guint cluster);

/* What is drawn at a point of the widget: a site, or PT_SITE_NONE and @cluster is set where it is
 * one of several (else G_MAXUINT). */
guint pt_site_layer_hit (PtSiteLayer *self, double x, double y, guint *cluster);
const PtCluster *pt_site_layer_cluster (PtSiteLayer *self, guint cluster);
/* Numbers of its sites (guint), those that are off first; at most @most. */
GArray *pt_site_layer_members (PtSiteLayer *self, guint cluster, guint most);
/* Where the site's symbol, or the ring that holds it, is drawn. FALSE: outside. */
gboolean pt_site_layer_locate (PtSiteLayer *self, guint number, double *x, double *y);
/* Another number when other symbols are drawn, or at other places of the world. */
guint pt_site_layer_serial (PtSiteLayer *self);
/* The rings and symbols that are drawn with their centres in the box (0 to 1). */
void pt_site_layer_each (PtSiteLayer *self, double west, double north, double east, double south,
                         PtClusterFunc func, gpointer user_data);

/* Where the chosen site's mark is. FALSE: none is chosen. */
gboolean pt_site_layer_mark (PtSiteLayer *self, PtMarkPlace *mark);
/* The smallest zoom at which the cluster falls apart; 0: at none. */
guint pt_site_layer_split_zoom (PtSiteLayer *self, guint cluster);
/* Whether the level of the present zoom is there and is what is drawn. */
gboolean pt_site_layer_is_settled (PtSiteLayer *self);
