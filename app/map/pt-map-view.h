/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-site-store.h"

/* The map: basemap, our one layer of sites, zoom buttons, attribution, and a word where tiles fail.
 */

#define PT_TYPE_MAP_VIEW (pt_map_view_get_type ())
G_DECLARE_FINAL_TYPE (PtMapView, pt_map_view, PT, MAP_VIEW, GtkWidget)

/* Property "selected" (guint, a site's number or PT_SITE_NONE; notify, both ways: a click on a site
 * sets it, a click on a cluster zooms in, a click on nothing clears it). Property "hovered"
 * (guint). Property "stale" (gboolean): draws sites greyed. Follows the light or dark style by
 * itself. */
GtkWidget *pt_map_view_new (void);
void pt_map_view_set_sites (PtMapView *self, PtSiteStore *sites);
/* Where the daemon is (http://host:port), whose /tiles/light.json and /tiles/dark.json
 * (TileJSON 3.0) say the rest. NULL: no basemap. */
void pt_map_view_set_daemon (PtMapView *self, const char *url);
void pt_map_view_set_area (PtMapView *self,
                           const char *area); /* only this one's sites; NULL: all */

guint pt_map_view_get_selected (PtMapView *self);
void pt_map_view_set_selected (PtMapView *self, guint number);
/* So many pixels at its end are under something else: a site there is out of sight. */
void pt_map_view_set_covered (PtMapView *self, double width);
/* Moves there, near enough to see it alone. @animate FALSE: at once. */
void pt_map_view_go_to_site (PtMapView *self, guint number, gboolean animate);
void pt_map_view_fit (PtMapView *self); /* shows all sites */
/* Moves to where the sites are that are near to @place. */
void pt_map_view_go_to_place (PtMapView *self, const char *place);
void pt_map_view_zoom (PtMapView *self, double steps);

/* Whether a site can be seen: inside, and beneath nothing that floats above the map. */
gboolean pt_map_view_shows (PtMapView *self, guint number);
/* Where a site is drawn, in the widget's coordinates (the cluster that holds it where it is in
 * one); FALSE: it is outside. For tests and for keyboards. */
gboolean pt_map_view_locate (PtMapView *self, guint number, double *x, double *y);
/* Whether what is drawn is the clustering of this very zoom, of all sites that are known. */
gboolean pt_map_view_is_settled (PtMapView *self);
