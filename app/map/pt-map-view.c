/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-map-view.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <shumate/shumate.h>
#include <string.h>

#include "pt-map-resources.h"
#include "pt-extent.h"
#include "pt-format.h"
#include "pt-grid-layer.h"
#include "pt-map-palette.h"
#include "pt-mercator.h"
#include "pt-place-layer.h"
#include "pt-site-layer.h"
#include "pt-state-icon.h"
#include "pt-tile-source.h"

#define CLICK_PIXELS 5.0
#define SITE_ZOOM 13.0
#define FIT_ZOOM_MAX 14.0
/* Pixels at the edges where a site is no longer in sight. */
#define SIGHT_MARGIN 24
#define SIGHT_CONTROLS 60
#define SIGHT_LEGEND 48
#define PAN_PIXELS 80.0
#define MEMBERS_MAX 50
#define RETRY_S 5
#define RETRY_MOST_S 60
#define LEGEND_AROUND 48 /* pixels of the map's width that are not the legend's words */
#define OLD_BASE_MS 1500 /* the old tiles stay until the new ones cover them */

struct _PtMapView
{
  GtkWidget parent_instance;
  ShumateMap *map;
  GtkLabel *note, *attribution;
  GtkWidget *legend, *legend_grid;
  PtSiteStore *sites;
  PtSiteLayer *layer;
  PtGridLayer *grid;    /* beneath ->places, above ->base */
  PtPlaceLayer *places; /* beneath ->layer */
  ShumateLayer *base, *old_base;
  PtTileSource *tiles;
  char *url, *area;
  guint selected, hovered;
  gboolean stale, fitted;
  double press_x, press_y, covered;
  guint retry_source, retry_s, old_base_source, legend_source;
  GtkWidget *popover;
};

G_DEFINE_TYPE (PtMapView, pt_map_view, GTK_TYPE_WIDGET)

enum
{
  PROP_SELECTED = 1,
  PROP_HOVERED,
  PROP_STALE,
  PROP_COUNT
};

static GParamSpec *properties[PROP_COUNT];

static ShumateViewport *
view_viewport (PtMapView *self)
{
  return shumate_map_get_viewport (self->map);
}

static gboolean
is_dark (void)
{
  return adw_style_manager_get_dark (adw_style_manager_get_default ());
}

/* The basemap */

static gboolean
view_drop_old_base (gpointer data)
{
  PtMapView *self = data;

  self->old_base_source = 0;
  if (self->old_base != NULL)
    shumate_map_remove_layer (self->map, self->old_base);
  self->old_base = NULL;
  return G_SOURCE_REMOVE;
}

static void
view_drop_tiles (PtMapView *self)
{
  if (self->tiles != NULL)
    g_signal_handlers_disconnect_by_data (self->tiles, self);
  g_clear_handle_id (&self->old_base_source, g_source_remove);
  view_drop_old_base (self);
  if (self->base != NULL)
    shumate_map_remove_layer (self->map, self->base);
  self->base = NULL;
  g_clear_object (&self->tiles);
  g_clear_handle_id (&self->retry_source, g_source_remove);
}

/* A layer asks for each tile once only, so a new one asks again; it goes above what is shown. */
static void
view_add_base (PtMapView *self)
{
  g_clear_handle_id (&self->old_base_source, g_source_remove);
  view_drop_old_base (self);
  self->old_base = self->base;
  self->base = SHUMATE_LAYER (
      shumate_map_layer_new (SHUMATE_MAP_SOURCE (self->tiles), view_viewport (self)));
  shumate_map_insert_layer_behind (self->map, self->base, SHUMATE_LAYER (self->grid));
  if (self->old_base != NULL)
    self->old_base_source = g_timeout_add (OLD_BASE_MS, view_drop_old_base, self);
}

static gboolean
view_retry_tiles (gpointer data)
{
  PtMapView *self = data;

  self->retry_source = 0;
  self->retry_s = MIN (self->retry_s * 2, RETRY_MOST_S);
  if (self->base != NULL)
    view_add_base (self);
  else
    pt_tile_source_load (self->tiles);
  /* Until it no longer fails; a failure that lasts is not told anew. */
  self->retry_source = g_timeout_add_seconds (self->retry_s, view_retry_tiles, self);
  return G_SOURCE_REMOVE;
}

/* "... the sites are": where there are any. */
static void
view_show_note (PtMapView *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->note),
                          self->tiles != NULL && pt_tile_source_is_failing (self->tiles)
                              && self->sites != NULL && pt_site_store_size (self->sites) > 0);
}

static void
view_tiles_failing_cb (PtMapView *self)
{
  gboolean failing = pt_tile_source_is_failing (self->tiles);

  view_show_note (self);
  if (!failing)
    g_clear_handle_id (&self->retry_source, g_source_remove);
  else if (self->retry_source == 0)
    self->retry_source = g_timeout_add_seconds (self->retry_s, view_retry_tiles, self);
}

static void
view_tiles_ready_cb (PtMapView *self)
{
  view_add_base (self);
  pt_place_layer_set_pattern (self->places, pt_tile_source_places (self->tiles));
  gtk_label_set_label (self->attribution, pt_tile_source_attribution (self->tiles));
}

static void
view_load_tiles (PtMapView *self)
{
  g_autofree char *address = NULL;

  view_drop_tiles (self);
  gtk_widget_set_visible (GTK_WIDGET (self->note), FALSE);
  self->retry_s = RETRY_S;
  if (self->url == NULL)
    return;
  address = g_strdup_printf ("%s/tiles/%s.json", self->url, is_dark () ? "dark" : "light");
  self->tiles = pt_tile_source_new (address);
  g_signal_connect_object (self->tiles, "ready", G_CALLBACK (view_tiles_ready_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tiles, "notify::failing", G_CALLBACK (view_tiles_failing_cb), self,
                           G_CONNECT_SWAPPED);
  pt_tile_source_load (self->tiles);
}

void
pt_map_view_set_daemon (PtMapView *self, const char *url)
{
  g_return_if_fail (PT_IS_MAP_VIEW (self));
  if (g_strcmp0 (url, self->url) == 0)
    return;
  g_free (self->url);
  self->url = g_strdup (url);
  pt_place_layer_set_pattern (self->places, NULL);
  view_load_tiles (self);
}

static void
view_style_cb (PtMapView *self)
{
  pt_site_layer_set_dark (self->layer, is_dark ());
  pt_place_layer_set_dark (self->places, is_dark ());
  pt_grid_layer_set_dark (self->grid, is_dark ());
  view_load_tiles (self);
}

/* Moving about */

/* Of the area's sites, or of all; @place: of those that are near to it. */
static PtExtent *
view_extent (PtMapView *self, const char *place)
{
  PtExtent *extent = g_new (PtExtent, 1);
  guint size = self->sites != NULL ? pt_site_store_size (self->sites) : 0;
  const PtSiteRow *rows = size > 0 ? pt_site_store_rows (self->sites) : NULL;

  pt_extent_init (extent);
  for (guint i = 0; i < size; i++)
    if ((self->area == NULL || strcmp (self->area, rows[i].area) == 0)
        && (place == NULL || g_strcmp0 (place, rows[i].place) == 0))
      pt_extent_add (extent, rows[i].x, rows[i].y);
  return extent;
}

/* What the whole map has in its middle when @x is in the middle of what is not covered. */
static double
view_centre_longitude (PtMapView *self, double x, double zoom)
{
  double middle = x + self->covered / 2 / (PT_CLUSTER_WORLD * exp2 (zoom));

  return pt_mercator_longitude (middle > 1 ? middle - 1 : middle);
}

static void
view_show_extent (PtMapView *self, const PtExtent *extent, gboolean animate)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double west, east, zoom, latitude, longitude;

  if (width < 1 || height < 1 || !pt_extent_get (extent, &west, &east))
    return;
  zoom = log2 (MIN (MAX (width - self->covered - 96, 1) / MAX (east - west, 1e-9),
                    (height - 96) / MAX (extent->south - extent->north, 1e-9))
               / PT_CLUSTER_WORLD);
  zoom = CLAMP (zoom, 1.0, FIT_ZOOM_MAX);
  latitude = pt_mercator_latitude ((extent->north + extent->south) / 2);
  longitude = view_centre_longitude (self, (west + east) / 2, zoom);
  if (animate)
    {
      shumate_map_go_to_full (self->map, latitude, longitude, zoom);
      return;
    }
  shumate_map_stop_go_to (self->map);
  shumate_viewport_set_zoom_level (view_viewport (self), zoom);
  shumate_location_set_location (SHUMATE_LOCATION (view_viewport (self)), latitude, longitude);
}

void
pt_map_view_fit (PtMapView *self)
{
  g_autofree PtExtent *extent = NULL;

  g_return_if_fail (PT_IS_MAP_VIEW (self));
  extent = view_extent (self, NULL);
  view_show_extent (self, extent, FALSE);
}

void
pt_map_view_go_to_place (PtMapView *self, const char *place)
{
  g_autofree PtExtent *extent = NULL;

  g_return_if_fail (PT_IS_MAP_VIEW (self) && place != NULL);
  extent = view_extent (self, place);
  view_show_extent (self, extent, TRUE);
}

/* The first time that there is something to see and room to see it in. */
static void
view_fit_once (PtMapView *self)
{
  if (self->fitted || self->sites == NULL || pt_site_store_size (self->sites) == 0
      || gtk_widget_get_width (GTK_WIDGET (self)) < 100)
    return;
  self->fitted = TRUE;
  pt_map_view_fit (self);
}

void
pt_map_view_zoom (PtMapView *self, double steps)
{
  ShumateViewport *viewport = view_viewport (self);

  g_return_if_fail (PT_IS_MAP_VIEW (self));
  shumate_viewport_set_zoom_level (
      viewport,
      CLAMP (shumate_viewport_get_zoom_level (viewport) + steps, 1.0, PT_CLUSTER_ZOOM_MAX));
}

static void
map_zoom_in_cb (PtMapView *self)
{
  pt_map_view_zoom (self, 1);
}

static void
map_zoom_out_cb (PtMapView *self)
{
  pt_map_view_zoom (self, -1);
}

static void
view_pan (PtMapView *self, double x, double y)
{
  double latitude, longitude;

  shumate_viewport_widget_coords_to_location (
      view_viewport (self), GTK_WIDGET (self->map),
      gtk_widget_get_width (GTK_WIDGET (self->map)) / 2.0 + x,
      gtk_widget_get_height (GTK_WIDGET (self->map)) / 2.0 + y, &latitude, &longitude);
  shumate_location_set_location (SHUMATE_LOCATION (view_viewport (self)), latitude, longitude);
}

void
pt_map_view_go_to_site (PtMapView *self, guint number, gboolean animate)
{
  ShumateViewport *viewport = view_viewport (self);
  const PtSiteRow *row;
  double longitude, zoom = MAX (shumate_viewport_get_zoom_level (viewport), SITE_ZOOM);

  g_return_if_fail (PT_IS_MAP_VIEW (self));
  if (self->sites == NULL || number >= pt_site_store_size (self->sites))
    return;
  row = pt_site_store_get (self->sites, number);
  self->fitted = TRUE;
  longitude = view_centre_longitude (self, row->x, zoom);
  if (animate)
    shumate_map_go_to_full (self->map, row->lat / 1e7, longitude, zoom);
  else
    {
      shumate_map_stop_go_to (self->map);
      shumate_viewport_set_zoom_level (viewport, zoom);
      shumate_location_set_location (SHUMATE_LOCATION (viewport), row->lat / 1e7, longitude);
    }
}

static gboolean
map_key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers,
            PtMapView *self)
{
  if (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Left:
      view_pan (self, -PAN_PIXELS, 0);
      return TRUE;
    case GDK_KEY_Right:
      view_pan (self, PAN_PIXELS, 0);
      return TRUE;
    case GDK_KEY_Up:
      view_pan (self, 0, -PAN_PIXELS);
      return TRUE;
    case GDK_KEY_Down:
      view_pan (self, 0, PAN_PIXELS);
      return TRUE;
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      pt_map_view_zoom (self, 1);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      pt_map_view_zoom (self, -1);
      return TRUE;
    case GDK_KEY_Home:
    case GDK_KEY_0:
      pt_map_view_fit (self);
      return TRUE;
    default:
      return FALSE;
    }
}

/* Choosing */

guint
pt_map_view_get_selected (PtMapView *self)
{
  g_return_val_if_fail (PT_IS_MAP_VIEW (self), PT_SITE_NONE);
  return self->selected;
}

void
pt_map_view_set_selected (PtMapView *self, guint number)
{
  g_return_if_fail (PT_IS_MAP_VIEW (self));
  if (self->selected == number)
    return;
  self->selected = number;
  pt_site_layer_set_selected (self->layer, number);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

static void
member_clicked_cb (GtkButton *button, PtMapView *self)
{
  guint number = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "site"));

  gtk_popover_popdown (GTK_POPOVER (self->popover));
  pt_map_view_set_selected (self, number);
}

static GtkWidget *
member_button (PtMapView *self, guint number)
{
  const PtSiteRow *row = pt_site_store_get (self->sites, number);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *button = gtk_button_new ();

  gtk_box_append (GTK_BOX (box), pt_state_icon_new (row->state));
  gtk_box_append (GTK_BOX (box), gtk_label_new (row->site));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, row->site,
                                  -1);
  g_object_set_data (G_OBJECT (button), "site", GUINT_TO_POINTER (number));
  g_signal_connect_object (button, "clicked", G_CALLBACK (member_clicked_cb), self, 0);
  return button;
}

/* Sites at one place never part: they are told by name. */
static void
view_show_members (PtMapView *self, guint cluster, double x, double y)
{
  g_autoptr (GArray) members = pt_site_layer_members (self->layer, cluster, MEMBERS_MAX);
  const PtCluster *found = pt_site_layer_cluster (self->layer, cluster);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *scrolled = gtk_scrolled_window_new ();
  GdkRectangle at = { (int) x, (int) y, 1, 1 };

  for (guint i = 0; i < members->len; i++)
    gtk_box_append (GTK_BOX (box), member_button (self, g_array_index (members, guint, i)));
  if (found != NULL && found->count > members->len)
    {
      g_autofree char *more
          = g_strdup_printf (ngettext ("and %u more", "and %u more", found->count - members->len),
                             found->count - members->len);

      gtk_box_append (GTK_BOX (box), gtk_label_new (more));
    }
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 320);
  gtk_popover_set_child (GTK_POPOVER (self->popover), scrolled);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), &at);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static void
view_enter_cluster (PtMapView *self, guint cluster, double x, double y)
{
  guint zoom = pt_site_layer_split_zoom (self->layer, cluster);
  const PtCluster *found = pt_site_layer_cluster (self->layer, cluster);

  if (zoom == 0)
    view_show_members (self, cluster, x, y);
  else
    shumate_map_go_to_full (self->map, pt_mercator_latitude (found->y),
                            pt_mercator_longitude (found->x), zoom);
}

static void
map_pressed_cb (GtkGestureClick *gesture, int presses, double x, double y, PtMapView *self)
{
  self->press_x = x;
  self->press_y = y;
}

static void
map_released_cb (GtkGestureClick *gesture, int presses, double x, double y, PtMapView *self)
{
  guint cluster, number;

  gtk_widget_grab_focus (GTK_WIDGET (self->map));
  /* A drag moves the map. */
  if (presses != 1 || hypot (x - self->press_x, y - self->press_y) > CLICK_PIXELS)
    return;
  number = pt_site_layer_hit (self->layer, x, y, &cluster);
  if (cluster != G_MAXUINT)
    view_enter_cluster (self, cluster, x, y);
  else
    pt_map_view_set_selected (self, number);
}

static void
view_set_hovered (PtMapView *self, guint number, guint cluster)
{
  pt_site_layer_set_hovered (self->layer, number, cluster);
  gtk_widget_set_cursor_from_name (
      GTK_WIDGET (self->map), number != PT_SITE_NONE || cluster != G_MAXUINT ? "pointer" : NULL);
  if (self->hovered == number)
    return;
  self->hovered = number;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HOVERED]);
}

static void
map_motion_cb (GtkEventControllerMotion *controller, double x, double y, PtMapView *self)
{
  guint cluster, number = pt_site_layer_hit (self->layer, x, y, &cluster);

  view_set_hovered (self, number, cluster);
}

static void
map_leave_cb (GtkEventControllerMotion *controller, PtMapView *self)
{
  view_set_hovered (self, PT_SITE_NONE, G_MAXUINT);
}

static char *
cluster_words (const PtCluster *cluster)
{
  guint off = cluster->states[PT_SITE_OFF];
  g_autofree char *count = pt_format_number (cluster->count);
  g_autofree char *without = pt_format_number (off);
  g_autofree char *sites
      = g_strdup_printf (ngettext ("%s site", "%s sites", cluster->count), count);

  return off > 0 ? g_strdup_printf (_ ("%s, %s without supply"), sites, without)
                 : g_strdup_printf (_ ("%s, none known to be without supply"), sites);
}

static char *
site_words (const PtSiteRow *row)
{
  g_autofree char *customers = pt_format_customers (row->customers);

  if (row->place != NULL)
    return g_strdup_printf (_ ("%s, site %s: %s, %s"), row->place, row->site,
                            pt_state_word (row->state), customers);
  return g_strdup_printf ("%s: %s, %s", row->site, pt_state_word (row->state), customers);
}

static gboolean
map_tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
                PtMapView *self)
{
  g_autofree char *text = NULL;
  guint cluster, number = pt_site_layer_hit (self->layer, x, y, &cluster);

  if (keyboard || (number == PT_SITE_NONE && cluster == G_MAXUINT))
    return FALSE;
  text = number != PT_SITE_NONE ? site_words (pt_site_store_get (self->sites, number))
                                : cluster_words (pt_site_layer_cluster (self->layer, cluster));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

gboolean
pt_map_view_locate (PtMapView *self, guint number, double *x, double *y)
{
  g_return_val_if_fail (PT_IS_MAP_VIEW (self), FALSE);
  return pt_site_layer_locate (self->layer, number, x, y);
}

gboolean
pt_map_view_shows (PtMapView *self, guint number)
{
  double x, y, width, height;

  g_return_val_if_fail (PT_IS_MAP_VIEW (self), FALSE);
  width = gtk_widget_get_width (GTK_WIDGET (self->map)) - self->covered;
  height = gtk_widget_get_height (GTK_WIDGET (self->map));
  return pt_site_layer_locate (self->layer, number, &x, &y) && x >= SIGHT_MARGIN
         && y >= SIGHT_MARGIN && x <= width - SIGHT_CONTROLS && y <= height - SIGHT_LEGEND;
}

void
pt_map_view_set_covered (PtMapView *self, double width)
{
  g_return_if_fail (PT_IS_MAP_VIEW (self) && width >= 0);
  self->covered = width;
}

gboolean
pt_map_view_is_settled (PtMapView *self)
{
  g_return_val_if_fail (PT_IS_MAP_VIEW (self), FALSE);
  return pt_site_layer_is_settled (self->layer);
}

/* Sites */

static void
view_reset_cb (PtMapView *self)
{
  if (self->selected != PT_SITE_NONE && self->selected >= pt_site_store_size (self->sites))
    pt_map_view_set_selected (self, PT_SITE_NONE);
  view_show_note (self);
  view_fit_once (self);
}

void
pt_map_view_set_sites (PtMapView *self, PtSiteStore *sites)
{
  g_return_if_fail (PT_IS_MAP_VIEW (self));
  if (self->sites != NULL)
    g_signal_handlers_disconnect_by_data (self->sites, self);
  g_set_object (&self->sites, sites);
  if (sites != NULL)
    {
      g_signal_connect_object (sites, "reset", G_CALLBACK (view_reset_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (sites, "changed", G_CALLBACK (view_fit_once), self,
                               G_CONNECT_SWAPPED);
    }
  pt_site_layer_set_sites (self->layer, sites);
  pt_grid_layer_set_sites (self->grid, sites);
  view_fit_once (self);
}

void
pt_map_view_set_area (PtMapView *self, const char *area)
{
  g_return_if_fail (PT_IS_MAP_VIEW (self));
  if (g_strcmp0 (area, self->area) != 0)
    {
      g_free (self->area);
      self->area = g_strdup (area);
    }
  pt_site_layer_set_area (self->layer, area);
  pt_grid_layer_set_area (self->grid, area);
}

/* The object */

static void
pt_map_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PtMapView *self = PT_MAP_VIEW (object);

  if (id == PROP_SELECTED)
    g_value_set_uint (value, self->selected);
  else if (id == PROP_HOVERED)
    g_value_set_uint (value, self->hovered);
  else if (id == PROP_STALE)
    g_value_set_boolean (value, self->stale);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pt_map_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PtMapView *self = PT_MAP_VIEW (object);

  if (id == PROP_SELECTED)
    pt_map_view_set_selected (self, g_value_get_uint (value));
  else if (id == PROP_STALE)
    {
      self->stale = g_value_get_boolean (value);
      pt_site_layer_set_stale (self->layer, self->stale);
      pt_place_layer_set_stale (self->places, self->stale);
      pt_grid_layer_set_stale (self->grid, self->stale);
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* The legend has a second line where one would not go into the map's width. */
static gboolean
view_turn_legend (gpointer data)
{
  PtMapView *self = data;
  int spacing = gtk_box_get_spacing (GTK_BOX (self->legend)), wide = LEGEND_AROUND;
  GtkOrientation orientation;

  self->legend_source = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (self->legend); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int natural;

      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
      wide += natural + spacing;
    }
  orientation = wide > gtk_widget_get_width (GTK_WIDGET (self)) ? GTK_ORIENTATION_VERTICAL
                                                                : GTK_ORIENTATION_HORIZONTAL;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->legend), orientation);
  return G_SOURCE_REMOVE;
}

/* The overlay is about to lay its children out; where the legend stands is its own affair. */
static gboolean
overlay_lays_out_cb (GtkOverlay *overlay, GtkWidget *child, GdkRectangle *box, PtMapView *self)
{
  if (self->legend_source == 0)
    self->legend_source = g_idle_add_full (G_PRIORITY_DEFAULT, view_turn_legend, self, NULL);
  return FALSE;
}

static gboolean
pt_map_view_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PT_MAP_VIEW (widget)->map));
}

static void
map_resized_cb (PtMapView *self)
{
  view_fit_once (self);
}

static void
map_rotated_cb (ShumateViewport *viewport)
{
  if (shumate_viewport_get_rotation (viewport) != 0)
    shumate_viewport_set_rotation (viewport, 0);
}

static void
pt_map_view_dispose (GObject *object)
{
  PtMapView *self = PT_MAP_VIEW (object);
  GtkWidget *child;

  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_clear_handle_id (&self->old_base_source, g_source_remove);
  g_clear_handle_id (&self->legend_source, g_source_remove);
  if (self->tiles != NULL)
    g_signal_handlers_disconnect_by_data (self->tiles, self);
  g_clear_object (&self->tiles);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->sites);
  G_OBJECT_CLASS (pt_map_view_parent_class)->dispose (object);
}

static void
pt_map_view_finalize (GObject *object)
{
  g_free (PT_MAP_VIEW (object)->url);
  g_free (PT_MAP_VIEW (object)->area);
  G_OBJECT_CLASS (pt_map_view_parent_class)->finalize (object);
}

static void
pt_map_view_class_init (PtMapViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags writable = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = pt_map_view_get_property;
  object_class->set_property = pt_map_view_set_property;
  object_class->dispose = pt_map_view_dispose;
  object_class->finalize = pt_map_view_finalize;
  widget_class->grab_focus = pt_map_view_grab_focus;
  properties[PROP_SELECTED]
      = g_param_spec_uint ("selected", NULL, NULL, 0, G_MAXUINT, PT_SITE_NONE, writable);
  properties[PROP_HOVERED] = g_param_spec_uint ("hovered", NULL, NULL, 0, G_MAXUINT, PT_SITE_NONE,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_STALE] = g_param_spec_boolean ("stale", NULL, NULL, FALSE, writable);
  g_object_class_install_properties (object_class, PROP_COUNT, properties);
  g_type_ensure (SHUMATE_TYPE_MAP);
  g_resources_register (pt_map_get_resource ());
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/map/pt-map-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PtMapView, map);
  gtk_widget_class_bind_template_child (widget_class, PtMapView, note);
  gtk_widget_class_bind_template_child (widget_class, PtMapView, legend);
  gtk_widget_class_bind_template_child (widget_class, PtMapView, attribution);
  gtk_widget_class_bind_template_callback (widget_class, map_zoom_in_cb);
  gtk_widget_class_bind_template_callback (widget_class, map_zoom_out_cb);
  gtk_widget_class_bind_template_callback (widget_class, pt_map_view_fit);
}

static void
view_add_controllers (PtMapView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_object (click, "pressed", G_CALLBACK (map_pressed_cb), self, 0);
  g_signal_connect_object (click, "released", G_CALLBACK (map_released_cb), self, 0);
  g_signal_connect_object (motion, "motion", G_CALLBACK (map_motion_cb), self, 0);
  g_signal_connect_object (motion, "leave", G_CALLBACK (map_leave_cb), self, 0);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (map_key_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self->map), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self->map), motion);
  gtk_widget_add_controller (GTK_WIDGET (self->map), keys);
  g_signal_connect_object (self->map, "query-tooltip", G_CALLBACK (map_tooltip_cb), self, 0);
}

static void
view_grid_cb (PtMapView *self)
{
  gtk_widget_set_visible (self->legend_grid, pt_grid_layer_lines (self->grid) > 0
                                                 || pt_grid_layer_outlines (self->grid) > 0);
}

static void
draw_feeder_sample (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer off)
{
  cairo_move_to (cr, 1, height / 2.0);
  cairo_line_to (cr, width - 1, height / 2.0);
  pt_map_stroke_feeders (cr, pt_map_palette (is_dark ()), off != NULL, FALSE);
}

static void
draw_outline_sample (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  cairo_move_to (cr, 0, height / 2.0);
  cairo_line_to (cr, width, height / 2.0);
  pt_map_stroke_outlines (cr, pt_map_palette (is_dark ()));
}

static void
legend_add_sample (GtkWidget *box, GtkDrawingAreaDrawFunc draw, gpointer data, const char *word)
{
  GtkWidget *sample = gtk_drawing_area_new (), *label = gtk_label_new (word);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (sample), 18);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (sample), 11);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (sample), draw, data, NULL);
  gtk_widget_set_valign (sample, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), sample);
  gtk_box_append (GTK_BOX (box), label);
}

/* Where there are feeders, what their lines and the outlines of areas mean. */
static void
view_fill_grid_legend (PtMapView *self)
{
  self->legend_grid = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_set_visible (self->legend_grid, FALSE);
  legend_add_sample (self->legend_grid, draw_feeder_sample, NULL, _ ("feeder"));
  legend_add_sample (self->legend_grid, draw_feeder_sample, self, _ ("mostly off"));
  legend_add_sample (self->legend_grid, draw_outline_sample, NULL, _ ("area outline"));
  gtk_box_append (GTK_BOX (self->legend), self->legend_grid);
}

static void
view_fill_legend (PtMapView *self)
{
  GtkWidget *states = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  for (guint i = 0; i < PT_SITE_STATES; i++)
    {
      GtkWidget *icon = pt_state_icon_new ((PtSiteState) i);
      GtkWidget *word = gtk_label_new (pt_state_word ((PtSiteState) i));
      GtkWidget *both = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

      gtk_box_append (GTK_BOX (both), icon);
      gtk_box_append (GTK_BOX (both), word);
      gtk_box_append (GTK_BOX (states), both);
    }
  gtk_box_append (GTK_BOX (self->legend), states);
  view_fill_grid_legend (self);
}

static void
pt_map_view_init (PtMapView *self)
{
  /* What the map reckons with when it is dragged, also where there are no tiles. */
  g_autoptr (PtTileSource) reference = pt_tile_source_new ("");
  ShumateViewport *viewport;

  self->selected = self->hovered = PT_SITE_NONE;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "map-view");
  viewport = view_viewport (self);
  shumate_viewport_set_reference_map_source (viewport, SHUMATE_MAP_SOURCE (reference));
  shumate_viewport_set_min_zoom_level (viewport, 1);
  shumate_viewport_set_max_zoom_level (viewport, PT_CLUSTER_ZOOM_MAX);
  shumate_viewport_set_zoom_level (viewport, 2);
  g_signal_connect (viewport, "notify::rotation", G_CALLBACK (map_rotated_cb), NULL);
  self->layer = pt_site_layer_new (viewport);
  self->places = pt_place_layer_new (viewport, self->layer);
  self->grid = pt_grid_layer_new (viewport, self->layer);
  shumate_map_add_layer (self->map, SHUMATE_LAYER (self->grid));
  shumate_map_add_layer (self->map, SHUMATE_LAYER (self->places));
  shumate_map_add_layer (self->map, SHUMATE_LAYER (self->layer));
  pt_site_layer_set_dark (self->layer, is_dark ());
  pt_place_layer_set_dark (self->places, is_dark ());
  pt_grid_layer_set_dark (self->grid, is_dark ());
  g_signal_connect_object (self->grid, "shapes-changed", G_CALLBACK (view_grid_cb), self,
                           G_CONNECT_SWAPPED);
  self->popover = gtk_popover_new ();
  gtk_widget_set_parent (self->popover, GTK_WIDGET (self->map));
  view_fill_legend (self);
  g_signal_connect_object (gtk_widget_get_first_child (GTK_WIDGET (self)), "get-child-position",
                           G_CALLBACK (overlay_lays_out_cb), self, 0);
  view_add_controllers (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (view_style_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->layer, "map", G_CALLBACK (map_resized_cb), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
pt_map_view_new (void)
{
  return g_object_new (PT_TYPE_MAP_VIEW, NULL);
}
