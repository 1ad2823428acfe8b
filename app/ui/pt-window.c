/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-window.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-accessible.h"
#include "pt-feed-areas.h"
#include "pt-feed-outages.h"
#include "pt-format.h"
#include "pt-window-private.h"

#define TICK_MS 1000

G_DEFINE_FINAL_TYPE (PtWindow, pt_window, ADW_TYPE_APPLICATION_WINDOW)

guint pt_window_signals[PT_WINDOW_SIGNALS];

/* Choosing a site: list, map and panel show the same one */

static void
map_selected_cb (PtWindow *self)
{
  guint number = pt_map_view_get_selected (self->map);

  if (!self->selecting && number != self->selected)
    pt_window_select (self, number);
}

static void
outage_chosen_cb (PtWindow *self, PtOutage *outage)
{
  guint number = pt_site_store_find (pt_link_sites (self->link), outage->area, outage->site);

  if (number != PT_SITE_NONE)
    pt_window_select (self, number);
}

/* Chosen twice, or with Return: nearer. */
static void
outage_activated_cb (PtWindow *self, PtOutage *outage)
{
  guint number = pt_site_store_find (pt_link_sites (self->link), outage->area, outage->site);

  if (number == PT_SITE_NONE)
    return;
  pt_window_select (self, number);
  pt_map_view_go_to_site (self->map, number, TRUE);
}

/* Sites were loaded anew: numbers are other ones, so the panel looks its site up by name. */
static void
sites_reset_cb (PtWindow *self)
{
  const char *area, *site;

  if (!self->fitted && pt_site_store_size (pt_link_sites (self->link)) > 0)
    {
      self->fitted = TRUE;
      pt_map_view_fit (self->map);
    }
  if (self->selected == PT_SITE_NONE || !pt_site_panel_site (self->panel, &area, &site))
    return;
  self->selected = pt_site_store_find (pt_link_sites (self->link), area, site);
  self->selecting = TRUE;
  pt_map_view_set_selected (self->map, self->selected);
  adw_flap_set_reveal_flap (self->flap, self->selected != PT_SITE_NONE);
  self->selecting = FALSE;
}

/* Areas */

static void
area_chosen_cb (PtWindow *self)
{
  const char *area = pt_window_area (self);

  if (self->link == NULL || self->selecting)
    return;
  pt_outage_list_set_area (self->list, area);
  pt_map_view_set_area (self->map, area);
  pt_anchor_page_set_area (self->anchoring, area);
  pt_complaints_page_set_area (self->complaints, area);
}

static void
areas_changed_cb (PtWindow *self)
{
  GListModel *heads = pt_link_list (self->link, &pt_list_areas);
  g_autofree char *chosen = g_strdup (pt_window_area (self));
  guint count = g_list_model_get_n_items (heads), select = 0;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (PtAreaHead) head = g_list_model_get_item (heads, i);

      g_ptr_array_add (names, g_strdup (head->area));
      if (g_strcmp0 (head->area, chosen) == 0)
        select = i + 1;
    }
  /* Heads change with every batch; the names hardly ever. */
  if (count + 1 == g_list_model_get_n_items (G_LIST_MODEL (self->areas)))
    {
      guint same = 0;

      while (same < count
             && strcmp (gtk_string_list_get_string (self->areas, same + 1), names->pdata[same])
                    == 0)
        same++;
      if (same == count)
        return;
    }
  g_ptr_array_add (names, NULL);
  self->selecting = TRUE;
  gtk_string_list_splice (self->areas, 1, g_list_model_get_n_items (G_LIST_MODEL (self->areas)) - 1,
                          (const char *const *) names->pdata);
  gtk_drop_down_set_selected (self->area, select);
  self->selecting = FALSE;
  if (chosen != NULL && select == 0)
    area_chosen_cb (self);
}

/* What the link says */

/* What a daemon can't do by itself: have another contract trusted. NULL: it names none other. */
static char *
other_contract_text (PtWindow *self)
{
  const PtDaemonStatus *status = pt_link_status (self->link);

  if (status == NULL || !pt_settings_is_other (self->settings, status->chain_id, status->contract))
    return NULL;
  return g_strdup_printf (_ ("This daemon names contract %s; the one that you trust is %s. Its "
                             "proofs do not hold until you choose."),
                          status->contract, self->settings->contract);
}

static void
window_show_notice (PtWindow *self, PtLinkState state)
{
  g_autofree char *age = pt_format_duration (pt_link_heard_ago (self->link));
  g_autofree char *text = NULL;

  switch (state)
    {
    case PT_LINK_STALE:
      text = g_strdup_printf (_ ("Last heard %s ago. %s"), age, pt_link_detail (self->link));
      break;
    case PT_LINK_SEARCHING:
    case PT_LINK_INCOMPATIBLE:
      text = pt_link_is_known (self->link) ? g_strdup (pt_link_detail (self->link)) : NULL;
      break;
    case PT_LINK_LIVE:
    case PT_LINK_LOADING:
      text = other_contract_text (self);
      break;
    }
  /* Where nothing was ever there, another address helps more than patience. */
  pt_notice_set (self->notice, text, state == PT_LINK_STALE ? _ ("Try now") : _ ("Connections…"));
}

/* While nothing was ever whole there is nothing to look at, and another address helps more than
 * patience; a daemon that answers at once is waited for. */
static gboolean
window_has_nothing (PtWindow *self, PtLinkState state)
{
  return !pt_link_is_known (self->link)
         && (state == PT_LINK_INCOMPATIBLE || (state == PT_LINK_SEARCHING && self->waited));
}

static void
window_show_nothing (PtWindow *self, gboolean nothing)
{
  const char *name = nothing ? "nothing" : "pages";

  if (nothing)
    pt_address_page_update (self->address, self->link);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->whole), name) == 0)
    return;
  /* Whoever hears the window is not told of the other one either; a stack shows what is visible. */
  gtk_widget_set_visible (GTK_WIDGET (nothing ? (gpointer) self->address : self->pages), TRUE);
  gtk_stack_set_visible_child_name (self->whole, name);
  gtk_widget_set_visible (GTK_WIDGET (nothing ? (gpointer) self->pages : self->address), FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->switcher), !nothing);
  gtk_widget_set_sensitive (GTK_WIDGET (self->search), !nothing);
  gtk_widget_set_sensitive (GTK_WIDGET (self->area), !nothing);
  if (nothing)
    gtk_widget_grab_focus (GTK_WIDGET (self->address));
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
window_update (PtWindow *self)
{
  PtLinkState state = pt_link_state (self->link);
  gboolean stale = state != PT_LINK_LIVE && state != PT_LINK_LOADING;
  gint64 now = pt_link_now (self->link);

  pt_pill_update (self->pill, self->link);
  window_show_nothing (self, window_has_nothing (self, state));
  window_show_notice (self, state);
  g_object_set (self->map, "stale", stale, NULL);
  if (stale)
    gtk_widget_add_css_class (GTK_WIDGET (self->pages), "stale");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->pages), "stale");
  pt_outage_list_tick (self->list, now, stale);
  pt_site_panel_tick (self->panel, now, stale);
  pt_complaints_page_tick (self->complaints, now, stale);
  pt_window_show_complaints (self);
}

static gboolean
window_tick (gpointer data)
{
  PtWindow *self = data;

  self->waited = TRUE;
  window_update (self);
  pt_window_bring_site (self); /* it may have been made wider */
  return G_SOURCE_CONTINUE;
}

/* "Outages 3,962", or "Outages 41 of 3,962": how many, where there are any. */
static void
page_count (AdwViewStackPage *page, const char *title, gint64 shown, gint64 count)
{
  g_autofree char *number = pt_format_number (count), *part = pt_format_number (shown);
  g_autofree char *of
      = shown != count ? g_strdup_printf (_ ("%s of %s"), part, number) : g_steal_pointer (&number);
  g_autofree char *counted = g_strdup_printf ("%s  %s", title, of);

  adw_view_stack_page_set_title (page, count > 0 ? counted : title);
}

static void
window_count (PtWindow *self)
{
  const PtDaemonStatus *status;
  gint64 waiting;
  guint open, overdue;

  if (self->link == NULL)
    return;
  status = pt_link_status (self->link);
  page_count (self->outages_page, _ ("Outages"), pt_outage_list_count (self->list),
              g_list_model_get_n_items (pt_link_list (self->link, &pt_list_outages)));
  pt_complaints_page_counts (self->complaints, &open, &overdue);
  page_count (self->complaints_page, _ ("Complaints"), open, open);
  adw_view_stack_page_set_needs_attention (self->complaints_page, overdue > 0);
  if (status == NULL)
    return;
  waiting = status->batches[PT_BATCH_SEALED] + status->batches[PT_BATCH_PUBLISHED]
            + status->batches[PT_BATCH_SUBMITTED];
  page_count (self->anchoring_page, _ ("Anchoring"), waiting, waiting);
  adw_view_stack_page_set_needs_attention (self->anchoring_page, status->attention);
}

static void
url_changed_cb (PtWindow *self)
{
  pt_map_view_set_daemon (self->map, pt_link_url (self->link));
}

static void
window_connect_link (PtWindow *self)
{
  PtSiteStore *sites = pt_link_sites (self->link);

  pt_outage_list_set_link (self->list, self->link);
  pt_event_log_set_link (self->log, self->link);
  pt_site_panel_set_link (self->panel, self->link);
  pt_site_panel_set_rpc (self->panel, self->rpc);
  pt_site_panel_set_settings (self->panel, self->settings);
  pt_anchor_page_set_link (self->anchoring, self->link);
  pt_window_connect_complaints (self);
  pt_map_view_set_sites (self->map, sites);
  g_signal_connect_object (sites, "reset", G_CALLBACK (sites_reset_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pt_link_list (self->link, &pt_list_areas), "items-changed",
                           G_CALLBACK (areas_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pt_link_list (self->link, &pt_list_outages), "items-changed",
                           G_CALLBACK (window_count), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "status-changed", G_CALLBACK (window_count), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "notify::state", G_CALLBACK (window_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "notify::detail", G_CALLBACK (window_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "notify::url", G_CALLBACK (url_changed_cb), self,
                           G_CONNECT_SWAPPED);
  url_changed_cb (self);
  window_update (self);
}

/* Searching */

static gboolean
search_has_focus (PtWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  return focus != NULL
         && (gtk_widget_is_ancestor (focus, GTK_WIDGET (self->search))
             || gtk_widget_is_ancestor (focus, GTK_WIDGET (self->results)));
}

static void
search_changed_cb (PtWindow *self)
{
  const char *words = gtk_editable_get_text (GTK_EDITABLE (self->search));

  if (self->link == NULL)
    return;
  pt_outage_list_set_search (self->list, words);
  pt_complaints_page_set_search (self->complaints, words);
  /* A name that was chosen is written there, and asks nothing; complaints are found in their
   * list. */
  pt_search_results_show (
      self->results, self->link, pt_window_area (self),
      search_has_focus (self) && !pt_window_has_page (self, "complaints") ? words : NULL);
}

static void
search_activate_cb (PtWindow *self)
{
  if (pt_window_has_page (self, "complaints"))
    {
      pt_window_focus_list (self);
      return;
    }
  pt_search_results_take_top (self->results, self->link, pt_window_area (self),
                              gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

/* Down goes into what was found, or into the list. */
static gboolean
search_key_cb (PtWindow *self, guint key, guint code, GdkModifierType modifiers)
{
  if (key != GDK_KEY_Down && key != GDK_KEY_KP_Down)
    return FALSE;
  if (!pt_search_results_enter (self->results))
    pt_window_focus_list (self);
  return TRUE;
}

/* What was found stays as long as one is at it. */
static void
focus_changed_cb (PtWindow *self)
{
  if (self->results != NULL && !search_has_focus (self))
    gtk_popover_popdown (GTK_POPOVER (self->results));
}

static void
found_chosen_cb (PtWindow *self, const PtFound *found)
{
  pt_window_show_found (self, found);
}

static void
search_stop_cb (PtWindow *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  pt_window_focus_list (self);
}

static void
notice_acted_cb (PtWindow *self)
{
  gtk_widget_activate_action (
      GTK_WIDGET (self),
      pt_link_state (self->link) == PT_LINK_STALE ? "win.retry" : "win.connections", NULL);
}

static void
address_chosen_cb (PtWindow *self, const char *url)
{
  g_autofree char *contract = pt_settings_contract_text (self->settings);

  g_signal_emit (self, pt_window_signals[PT_WINDOW_CONNECT_TO], 0, url, self->rpc, contract);
}

/* The map has its new room after this frame. */
static void
flap_changed_cb (PtWindow *self)
{
  self->bring = self->selected != PT_SITE_NONE;
  pt_window_bring_later (self);
}

static void
complaint_site_cb (PtWindow *self, const char *area, const char *site, gboolean near)
{
  pt_window_show_complaint_site (self, area, site, near);
}

static void
panel_complaint_cb (PtWindow *self, const char *area, const char *complaint)
{
  pt_window_show_complaint (self, area, complaint);
}

static void
key_chosen_cb (PtWindow *self)
{
  pt_window_keep_key (self);
}

static void
said_cb (PtWindow *self, const char *text)
{
  pt_window_say (self, text);
}

/* The object */

static gboolean
pt_window_close_request (GtkWindow *window)
{
  PtWindow *self = PT_WINDOW (window);

  self->settings->maximized = gtk_window_is_maximized (window);
  if (!self->settings->maximized)
    gtk_window_get_default_size (window, &self->settings->width, &self->settings->height);
  pt_settings_save (self->settings);
  pt_link_stop (self->link);
  return GTK_WINDOW_CLASS (pt_window_parent_class)->close_request (window);
}

static void
pt_window_dispose (GObject *object)
{
  PtWindow *self = PT_WINDOW (object);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (self->results != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->results));
  self->results = NULL;
  if (self->link != NULL)
    pt_link_stop (self->link);
  g_clear_object (&self->session);
  g_clear_object (&self->link);
  g_clear_object (&self->areas);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->rpc, g_free);
  G_OBJECT_CLASS (pt_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PtWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, drop_hint);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, whole);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, address);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, outages_page);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, complaints_page);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, anchoring_page);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, area);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, search);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, pill);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, notice);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, list);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, map);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, log);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, panel);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, anchoring);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, complaints);
  gtk_widget_class_bind_template_child (widget_class, PtWindow, key);
  gtk_widget_class_bind_template_callback (widget_class, area_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, map_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, outage_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, outage_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, notice_acted_cb);
  gtk_widget_class_bind_template_callback (widget_class, address_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, flap_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, window_count);
  gtk_widget_class_bind_template_callback (widget_class, said_cb);
  gtk_widget_class_bind_template_callback (widget_class, complaint_site_cb);
  gtk_widget_class_bind_template_callback (widget_class, panel_complaint_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_chosen_cb);
}

static void
pt_window_class_init (PtWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = pt_window_close_request;
  pt_window_signals[PT_WINDOW_CONNECT_TO]
      = g_signal_new ("connect-to", PT_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  pt_window_signals[PT_WINDOW_FILES]
      = g_signal_new ("files", PT_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                      1, G_TYPE_LIST_MODEL);
  g_type_ensure (PT_TYPE_ADDRESS_PAGE);
  g_type_ensure (PT_TYPE_PILL);
  g_type_ensure (PT_TYPE_NOTICE);
  g_type_ensure (PT_TYPE_OUTAGE_LIST);
  g_type_ensure (PT_TYPE_MAP_VIEW);
  g_type_ensure (PT_TYPE_EVENT_LOG);
  g_type_ensure (PT_TYPE_SITE_PANEL);
  g_type_ensure (PT_TYPE_ANCHOR_PAGE);
  g_type_ensure (PT_TYPE_COMPLAINTS_PAGE);
  g_type_ensure (PT_TYPE_KEY_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-window.ui");
  bind_children (widget_class);
  pt_window_install_acts (widget_class);
}

static void
window_add_results (PtWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->results = pt_search_results_new (GTK_WIDGET (self->search));
  g_signal_connect_object (self->results, "chosen", G_CALLBACK (found_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (search_key_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->search), keys);
  g_signal_connect_object (self, "notify::focus-widget", G_CALLBACK (focus_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
pt_window_init (PtWindow *self)
{
  const char *const all[] = { _ ("All areas"), NULL };

  self->selected = PT_SITE_NONE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->areas = gtk_string_list_new (all);
  self->selecting = TRUE;
  gtk_drop_down_set_model (self->area, G_LIST_MODEL (self->areas));
  self->selecting = FALSE;
  pt_accessible_name_drop_down (self->area, _ ("Area"));
  pt_window_accept_files (self);
  window_add_results (self);
}

PtWindow *
pt_window_new (GtkApplication *application, PtSettings *settings, const char *url, const char *rpc)
{
  PtWindow *self;

  g_return_val_if_fail (GTK_IS_APPLICATION (application) && settings != NULL, NULL);
  self = g_object_new (PT_TYPE_WINDOW, "application", application, NULL);
  self->settings = settings;
  self->url = g_strdup (url);
  self->rpc = g_strdup (rpc);
  self->link = pt_link_new (url);
  self->session = pt_session_new (self->link);
  gtk_window_set_default_size (GTK_WINDOW (self), settings->width, settings->height);
  if (settings->maximized)
    gtk_window_maximize (GTK_WINDOW (self));
  window_connect_link (self);
  self->tick_source = g_timeout_add (TICK_MS, window_tick, self);
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
  pt_link_start (self->link);
  return self;
}

PtLink *
pt_window_link (PtWindow *self)
{
  g_return_val_if_fail (PT_IS_WINDOW (self), NULL);
  return self->link;
}
