/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-window.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-anchoring-page.h"
#include "pt-event-log.h"
#include "pt-format.h"
#include "pt-map-view.h"
#include "pt-outage-list.h"
#include "pt-site-panel.h"

#define TICK_MS 1000

struct _PtWindow
{
  AdwApplicationWindow parent_instance;
  GtkSearchEntry *search;
  GtkToggleButton *panel_button;
  GtkWidget *connection;
  GtkImage *connection_icon;
  GtkLabel *connection_words, *banner_words;
  GtkDropDown *areas;
  GtkRevealer *banner;
  GtkButton *banner_button;
  AdwToastOverlay *toasts;
  AdwViewStack *pages;
  AdwViewStackPage *outages_page, *anchoring_page;
  AdwFlap *flap;
  GtkPaned *side;
  PtSitePanel *panel;
  PtOutageList *outages;
  PtMapView *map;
  PtEventLog *log;
  PtAnchoringPage *anchoring;

  PtLink *link;
  PtSettings *settings;
  char *area; /* chosen, or NULL */
  gboolean filling_areas;
  guint tick_source;
};

G_DEFINE_TYPE (PtWindow, pt_window, ADW_TYPE_APPLICATION_WINDOW)

void
pt_window_say (PtWindow *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  g_return_if_fail (PT_IS_WINDOW (self));
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

/* The connection */

static gboolean
window_is_stale (PtWindow *self)
{
  return pt_link_state (self->link) != PT_LINK_LIVE;
}

static char *
heard_words (PtWindow *self)
{
  gint64 ago = pt_link_heard_ago (self->link);

  if (ago < 0)
    return g_strdup (_ ("never heard"));
  if (ago < 10000)
    return g_strdup_printf (_ ("last heard %.1f s ago"), (double) ago / 1000);
  {
    g_autofree char *duration = pt_format_duration (ago);

    return g_strdup_printf (_ ("last heard %s ago"), duration);
  }
}

static char *
pill_words (PtWindow *self)
{
  g_autofree char *heard = heard_words (self);

  switch (pt_link_state (self->link))
    {
    case PT_LINK_LIVE:
      return g_strdup (_ ("Live"));
    case PT_LINK_LOADING:
      return g_strdup (_ ("Loading…"));
    case PT_LINK_STALE:
      return g_strdup_printf (_ ("Stale · %s"), heard);
    case PT_LINK_INCOMPATIBLE:
      return g_strdup (_ ("Not understood"));
    case PT_LINK_SEARCHING:
    default:
      return g_strdup (_ ("Looking for a daemon…"));
    }
}

static void
window_show_pill (PtWindow *self)
{
  static const char *const icons[]
      = { "system-search-symbolic", "content-loading-symbolic", "media-record-symbolic",
          "dialog-warning-symbolic", "dialog-error-symbolic" };
  PtLinkState state = pt_link_state (self->link);
  g_autofree char *words = pill_words (self), *heard = heard_words (self), *tip = NULL;
  const char *url = pt_link_url (self->link);

  gtk_image_set_from_icon_name (self->connection_icon, icons[state]);
  gtk_label_set_label (self->connection_words, words);
  tip = g_strdup_printf ("%s\n%s\n%s", url != NULL ? url : _ ("no address yet"), heard,
                         pt_link_detail (self->link));
  gtk_widget_set_tooltip_text (self->connection, g_strchomp (tip));
  if (state == PT_LINK_LIVE)
    gtk_widget_add_css_class (self->connection, "live");
  else
    gtk_widget_remove_css_class (self->connection, "live");
}

static void
window_show_banner (PtWindow *self)
{
  PtLinkState state = pt_link_state (self->link);
  const PtDaemonStatus *status = pt_link_status (self->link);
  g_autofree char *heard = heard_words (self), *words = NULL;
  gboolean attention = state == PT_LINK_LIVE && status != NULL && status->attention;

  if (state == PT_LINK_STALE)
    words = g_strdup_printf (_ ("What you see is old: %s. %s"), heard, pt_link_detail (self->link));
  else if (state == PT_LINK_INCOMPATIBLE || state == PT_LINK_SEARCHING)
    words = g_strdup (pt_link_detail (self->link));
  else if (attention)
    words = g_strdup_printf (_ ("The daemon needs attention: %s"), status->detail);
  gtk_widget_set_visible (GTK_WIDGET (self->banner_button), !attention);
  if (words != NULL && words[0] != '\0')
    gtk_label_set_label (self->banner_words, words);
  gtk_revealer_set_reveal_child (self->banner, words != NULL && words[0] != '\0');
}

static void
window_show_link (PtWindow *self)
{
  window_show_pill (self);
  window_show_banner (self);
  g_object_set (self->map, "stale", window_is_stale (self), NULL);
  pt_map_view_set_daemon (self->map, pt_link_url (self->link));
}

static gboolean
window_tick (gpointer data)
{
  PtWindow *self = data;
  gint64 now = pt_link_now (self->link);
  gboolean stale = window_is_stale (self);

  window_show_pill (self);
  if (stale)
    window_show_banner (self);
  pt_outage_list_tick (self->outages, now, stale);
  pt_site_panel_tick (self->panel, now, stale);
  return G_SOURCE_CONTINUE;
}

static void
window_state_cb (PtWindow *self)
{
  window_show_link (self);
  window_tick (self);
}

static void
window_status_cb (PtWindow *self)
{
  const PtDaemonStatus *status = pt_link_status (self->link);
  gint64 waiting = 0;

  for (guint i = 0; status != NULL && i < 3; i++)
    waiting += status->batches[i];
  adw_view_stack_page_set_badge_number (self->anchoring_page, (guint) CLAMP (waiting, 0, 99999));
  window_show_banner (self);
}

static void
window_count_cb (PtWindow *self)
{
  PtSiteTotals totals;

  pt_site_store_totals (pt_link_sites (self->link), self->area, &totals);
  adw_view_stack_page_set_badge_number (self->outages_page, totals.sites[PT_SITE_OFF]);
}

/* Choosing a site */

static void
window_choose (PtWindow *self, guint number)
{
  PtSiteStore *sites = pt_link_sites (self->link);

  pt_site_panel_show (self->panel, number);
  if (number < pt_site_store_size (sites))
    {
      const PtSiteRow *row = pt_site_store_get (sites, number);

      pt_outage_list_show_site (self->outages, row->area, row->site);
      gtk_toggle_button_set_active (self->panel_button, TRUE);
    }
  else
    pt_outage_list_show_site (self->outages, NULL, NULL);
}

static void
map_selected_cb (PtMapView *map, GParamSpec *pspec, PtWindow *self)
{
  window_choose (self, pt_map_view_get_selected (map));
}

static void
window_go_to (PtWindow *self, guint number)
{
  if (number == PT_SITE_NONE)
    return;
  adw_view_stack_set_visible_child_name (self->pages, "outages");
  pt_map_view_set_selected (self->map, number);
  pt_map_view_go_to_site (self->map, number, FALSE);
}

static void
outage_chosen_cb (PtOutageList *list, PtOutage *outage, PtWindow *self)
{
  window_go_to (self, pt_site_store_find (pt_link_sites (self->link), outage->area, outage->site));
}

/* Search */

static void
search_changed_cb (PtWindow *self)
{
  pt_outage_list_set_search (self->outages, gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

/* The site of that name, else the first that has the words in it. */
static guint
find_site (PtWindow *self, const char *words)
{
  PtSiteStore *sites = pt_link_sites (self->link);
  guint found = PT_SITE_NONE;

  for (guint i = 0; i < pt_site_store_size (sites); i++)
    {
      const PtSiteRow *row = pt_site_store_get (sites, i);

      if (self->area != NULL && strcmp (row->area, self->area) != 0)
        continue;
      if (g_ascii_strcasecmp (row->site, words) == 0)
        return i;
      if (found == PT_SITE_NONE && strcasestr (row->site, words) != NULL)
        found = i;
    }
  return found;
}

static void
search_activate_cb (PtWindow *self)
{
  const char *words = gtk_editable_get_text (GTK_EDITABLE (self->search));
  guint number = words[0] != '\0' ? find_site (self, words) : PT_SITE_NONE;
  g_autofree char *text = NULL;

  if (number != PT_SITE_NONE)
    window_go_to (self, number);
  else if (words[0] != '\0')
    {
      text = g_strdup_printf (_ ("There is no site “%s”."), words);
      pt_window_say (self, text);
    }
}

static void
search_stop_cb (PtWindow *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  pt_outage_list_focus (self->outages);
}

/* Areas */

static void
window_fill_areas (PtWindow *self)
{
  GListModel *areas = pt_link_areas (self->link);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint chosen = 0;

  gtk_string_list_append (names, _ ("All areas"));
  for (guint i = 0; i < g_list_model_get_n_items (areas); i++)
    {
      g_autoptr (PtAreaHead) head = g_list_model_get_item (areas, i);

      gtk_string_list_append (names, head->area);
      if (g_strcmp0 (head->area, self->area) == 0)
        chosen = i + 1;
    }
  self->filling_areas = TRUE;
  gtk_drop_down_set_model (self->areas, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->areas, chosen);
  self->filling_areas = FALSE;
}

static void
area_chosen_cb (PtWindow *self)
{
  GtkStringObject *item = gtk_drop_down_get_selected_item (self->areas);

  if (self->filling_areas || self->link == NULL || item == NULL)
    return;
  g_free (self->area);
  self->area = gtk_drop_down_get_selected (self->areas) == 0
                   ? NULL
                   : g_strdup (gtk_string_object_get_string (item));
  pt_outage_list_set_area (self->outages, self->area);
  pt_map_view_set_area (self->map, self->area);
  pt_anchoring_page_set_area (self->anchoring, self->area);
  window_count_cb (self);
}

/* The same areas under new heads need no new list. */
static void
areas_changed_cb (PtWindow *self)
{
  GListModel *areas = pt_link_areas (self->link), *names = gtk_drop_down_get_model (self->areas);
  guint count = g_list_model_get_n_items (areas);
  gboolean same = names != NULL && g_list_model_get_n_items (names) == count + 1;

  for (guint i = 0; same && i < count; i++)
    {
      g_autoptr (PtAreaHead) head = g_list_model_get_item (areas, i);

      same = strcmp (gtk_string_list_get_string (GTK_STRING_LIST (names), i + 1), head->area) == 0;
    }
  if (!same)
    window_fill_areas (self);
}

/* Files that are dropped on it */

static gboolean
window_drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, PtWindow *self)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
  GSList *files = g_value_get_boxed (value);

  for (GSList *file = files; file != NULL; file = file->next)
    {
      GFile *one = file->data;

      g_application_open (application, &one, 1, "");
    }
  return files != NULL;
}

/* Actions */

static void
action_retry (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_link_retry (PT_WINDOW (widget)->link);
}

static void
action_find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_grab_focus (GTK_WIDGET (PT_WINDOW (widget)->search));
}

static void
action_verify (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_site_panel_verify (PT_WINDOW (widget)->panel);
}

static void
action_save (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_site_panel_save_proof (PT_WINDOW (widget)->panel);
}

static void
action_page (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_view_stack_set_visible_child_name (PT_WINDOW (widget)->pages,
                                         g_variant_get_string (parameter, NULL));
}

static void
action_clear (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_map_view_set_selected (PT_WINDOW (widget)->map, PT_SITE_NONE);
}

static void
action_fit (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_map_view_fit (PT_WINDOW (widget)->map);
}

/* List, map, panel, and round again. */
static void
action_next_pane (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PtWindow *self = PT_WINDOW (widget);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->outages)))
    gtk_widget_child_focus (GTK_WIDGET (self->map), GTK_DIR_TAB_FORWARD);
  else if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->map)))
    gtk_widget_child_focus (GTK_WIDGET (self->panel), GTK_DIR_TAB_FORWARD);
  else
    pt_outage_list_focus (self->outages);
}

/* The object */

static void
window_connect (PtWindow *self)
{
  PtSiteStore *sites = pt_link_sites (self->link);

  pt_outage_list_set_link (self->outages, self->link);
  pt_site_panel_set_link (self->panel, self->link);
  pt_event_log_set_link (self->log, self->link);
  pt_anchoring_page_set_link (self->anchoring, self->link);
  pt_map_view_set_sites (self->map, sites);
  g_signal_connect_object (self->link, "notify::state", G_CALLBACK (window_state_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "notify::detail", G_CALLBACK (window_show_link), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "notify::url", G_CALLBACK (window_show_link), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "status-changed", G_CALLBACK (window_status_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sites, "changed", G_CALLBACK (window_count_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sites, "reset", G_CALLBACK (window_count_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pt_link_areas (self->link), "items-changed",
                           G_CALLBACK (areas_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->map, "notify::selected", G_CALLBACK (map_selected_cb), self, 0);
  g_signal_connect_object (self->outages, "chosen", G_CALLBACK (outage_chosen_cb), self, 0);
  g_signal_connect_object (self->panel, "said", G_CALLBACK (pt_window_say), self,
                           G_CONNECT_SWAPPED);
}

PtWindow *
pt_window_new (AdwApplication *application, PtLink *link, PtSettings *settings, const char *rpc)
{
  PtWindow *self = g_object_new (PT_TYPE_WINDOW, "application", application, NULL);

  self->link = g_object_ref (link);
  self->settings = settings;
  gtk_window_set_default_size (GTK_WINDOW (self), settings->width, settings->height);
  if (settings->maximized)
    gtk_window_maximize (GTK_WINDOW (self));
  pt_site_panel_set_rpc (self->panel, rpc);
  window_connect (self);
  window_fill_areas (self);
  pt_site_panel_show (self->panel, PT_SITE_NONE);
  window_state_cb (self);
  window_count_cb (self);
  self->tick_source = g_timeout_add (TICK_MS, window_tick, self);
  return self;
}

static gboolean
pt_window_close_request (GtkWindow *window)
{
  PtWindow *self = PT_WINDOW (window);

  gtk_window_get_default_size (window, &self->settings->width, &self->settings->height);
  self->settings->maximized = gtk_window_is_maximized (window);
  pt_settings_save (self->settings);
  return GTK_WINDOW_CLASS (pt_window_parent_class)->close_request (window);
}

static void
pt_window_dispose (GObject *object)
{
  PtWindow *self = PT_WINDOW (object);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_clear_object (&self->link);
  g_clear_pointer (&self->area, g_free);
  G_OBJECT_CLASS (pt_window_parent_class)->dispose (object);
}

static void
window_class_bind (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PtWindow, search);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, panel_button);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, connection);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, connection_icon);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, connection_words);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, banner_words);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, areas);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, banner_button);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, outages_page);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, anchoring_page);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, side);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, panel);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, outages);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, map);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, log);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, anchoring);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, area_chosen_cb);
}

static void
pt_window_class_init (PtWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = pt_window_close_request;
  g_type_ensure (PT_TYPE_SITE_PANEL);
  g_type_ensure (PT_TYPE_OUTAGE_LIST);
  g_type_ensure (PT_TYPE_MAP_VIEW);
  g_type_ensure (PT_TYPE_EVENT_LOG);
  g_type_ensure (PT_TYPE_ANCHORING_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-window.ui");
  window_class_bind (widget_class);
  gtk_widget_class_install_action (widget_class, "win.retry", NULL, action_retry);
  gtk_widget_class_install_action (widget_class, "win.find", NULL, action_find);
  gtk_widget_class_install_action (widget_class, "win.verify", NULL, action_verify);
  gtk_widget_class_install_action (widget_class, "win.save-proof", NULL, action_save);
  gtk_widget_class_install_action (widget_class, "win.page", "s", action_page);
  gtk_widget_class_install_action (widget_class, "win.clear", NULL, action_clear);
  gtk_widget_class_install_action (widget_class, "win.fit", NULL, action_fit);
  gtk_widget_class_install_action (widget_class, "win.next-pane", NULL, action_next_pane);
}

static void
pt_window_init (PtWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (target, "drop", G_CALLBACK (window_drop_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
