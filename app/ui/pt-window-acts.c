/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-connections.h"
#include "pt-preferences.h"
#include "pt-window-private.h"

void
pt_window_say (PtWindow *self, const char *text)
{
  AdwToast *toast;
  g_autofree char *escaped = NULL;

  g_return_if_fail (PT_IS_WINDOW (self) && text != NULL);
  toast = adw_toast_new (text);
  escaped = g_markup_escape_text (text, -1);
  adw_toast_set_title (toast, escaped);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

const char *
pt_window_area (PtWindow *self)
{
  guint selected;

  g_return_val_if_fail (PT_IS_WINDOW (self), NULL);
  selected = gtk_drop_down_get_selected (self->area);
  return selected == 0 || selected == GTK_INVALID_LIST_POSITION
             ? NULL
             : gtk_string_list_get_string (self->areas, selected);
}

void
pt_window_select (PtWindow *self, guint number)
{
  PtSiteStore *sites;
  gboolean any;
  const PtSiteRow *row;

  g_return_if_fail (PT_IS_WINDOW (self));
  sites = pt_link_sites (self->link);
  any = number < pt_site_store_size (sites);
  row = any ? pt_site_store_get (sites, number) : NULL;
  if (self->selecting)
    return;
  self->selecting = TRUE;
  self->selected = any ? number : PT_SITE_NONE;
  pt_map_view_set_selected (self->map, self->selected);
  pt_outage_list_show_site (self->list, any ? row->area : NULL, any ? row->site : NULL);
  pt_site_panel_show (self->panel, self->selected);
  adw_flap_set_reveal_flap (self->flap, any);
  self->bring = any;
  pt_window_bring_site (self);
  self->selecting = FALSE;
}

/* Where list, map and panel have no room beside each other the list steps aside for the panel, as
 * long as the window is no wider. TRUE: it did, or came back. */
static gboolean
window_make_room (PtWindow *self, gboolean open)
{
  GtkWidget *list = GTK_WIDGET (self->list), *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean inside = focus != NULL && gtk_widget_is_ancestor (focus, list);
  int width = gtk_widget_get_width (GTK_WIDGET (self->flap));

  if (gtk_widget_get_visible (list))
    {
      if (!open || !adw_flap_get_folded (self->flap))
        return FALSE;
      self->aside_at = width;
      gtk_widget_set_visible (list, FALSE);
      if (inside)
        gtk_widget_child_focus (GTK_WIDGET (self->panel), GTK_DIR_TAB_FORWARD);
      return TRUE;
    }
  if (open && width <= self->aside_at)
    return FALSE;
  gtk_widget_set_visible (list, TRUE);
  return TRUE;
}

static gboolean
bring_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  pt_window_bring_site (PT_WINDOW (widget));
  return G_SOURCE_REMOVE;
}

void
pt_window_bring_later (PtWindow *self)
{
  g_return_if_fail (PT_IS_WINDOW (self));
  gtk_widget_add_tick_callback (GTK_WIDGET (self), bring_cb, NULL, NULL);
}

/* What is in sight stays where it is; what is in sight is known once the panel has its room. */
void
pt_window_bring_site (PtWindow *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self->map));
  gboolean open, over;

  g_return_if_fail (PT_IS_WINDOW (self));
  if (!gtk_widget_get_mapped (GTK_WIDGET (self->map)))
    return; /* another page is in sight: it is brought once this one is */
  open = adw_flap_get_reveal_flap (self->flap);
  over = open && adw_flap_get_folded (self->flap);
  if (open && adw_flap_get_reveal_progress (self->flap) < 1)
    return;
  /* Panel and list move in many frames. */
  if (window_make_room (self, open) || width != self->map_width)
    {
      self->map_width = width;
      pt_window_bring_later (self);
      return;
    }
  pt_map_view_set_covered (self->map, over ? gtk_widget_get_width (GTK_WIDGET (self->panel)) : 0);
  if (self->bring && self->selected != PT_SITE_NONE
      && !pt_map_view_shows (self->map, self->selected))
    pt_map_view_go_to_site (self->map, self->selected, TRUE);
  self->bring = FALSE;
}

/* Panes: F6 goes round */

static void
panes_of (PtWindow *self, GtkWidget *panes[4])
{
  gboolean outages = pt_window_has_page (self, "outages");

  if (pt_window_has_page (self, "complaints"))
    {
      pt_complaints_page_panes (self->complaints, panes);
      panes[3] = NULL;
      return;
    }
  panes[0] = outages ? GTK_WIDGET (self->list) : GTK_WIDGET (self->anchoring);
  if (!gtk_widget_get_visible (panes[0]))
    panes[0] = NULL;
  panes[1] = outages ? GTK_WIDGET (self->map) : NULL;
  panes[2] = outages ? GTK_WIDGET (self->log) : NULL;
  panes[3] = outages && adw_flap_get_reveal_flap (self->flap) ? GTK_WIDGET (self->panel) : NULL;
}

/* A pane's chosen child: outages, the map itself, lines, Verify; where it has none, its first. */
static gboolean
pane_take_focus (PtWindow *self, GtkWidget *pane)
{
  gboolean empty = pane == GTK_WIDGET (self->list) && pt_outage_list_count (self->list) == 0;

  return (!empty && gtk_widget_grab_focus (pane))
         || gtk_widget_child_focus (pane, GTK_DIR_TAB_FORWARD);
}

static void
act_next_pane (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PtWindow *self = PT_WINDOW (widget);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self)), *panes[4];
  int step = g_variant_get_int32 (parameter), at = -1;

  panes_of (self, panes);
  for (int i = 0; i < 4; i++)
    if (focus != NULL && panes[i] != NULL
        && (focus == panes[i] || gtk_widget_is_ancestor (focus, panes[i])))
      at = i;
  if (at < 0 && step < 0)
    at = 0;
  for (int i = 0; i < 4; i++)
    {
      at = (at + step + 4) % 4;
      if (panes[at] != NULL && pane_take_focus (self, panes[at]))
        return;
    }
}

static void
act_find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PtWindow *self = PT_WINDOW (widget);

  /* Complaints are found where they are. */
  if (!pt_window_has_page (self, "complaints"))
    adw_view_stack_set_visible_child_name (self->pages, "outages");
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

static void
act_clear (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PtWindow *self = PT_WINDOW (widget);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean inside = focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->panel));

  if (pt_window_has_page (self, "complaints") && pt_complaints_page_back (self->complaints))
    return;
  /* The site first, then what is searched for. */
  if (self->selected == PT_SITE_NONE)
    gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  pt_window_select (self, PT_SITE_NONE);
  if (inside)
    gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
act_retry (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_link_retry (PT_WINDOW (widget)->link);
}

static void
act_page (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_view_stack_set_visible_child_name (PT_WINDOW (widget)->pages,
                                         g_variant_get_string (parameter, NULL));
}

/* The first page in sight is 1. */
static void
act_page_number (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PtWindow *self = PT_WINDOW (widget);
  g_autoptr (GtkSelectionModel) pages = adw_view_stack_get_pages (self->pages);
  int left = g_variant_get_int32 (parameter);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pages)); i++)
    {
      g_autoptr (AdwViewStackPage) page = g_list_model_get_item (G_LIST_MODEL (pages), i);

      if (adw_view_stack_page_get_visible (page) && --left == 0)
        adw_view_stack_set_visible_child_name (self->pages, adw_view_stack_page_get_name (page));
    }
  if (pt_window_has_page (self, "complaints"))
    gtk_widget_grab_focus (GTK_WIDGET (self->complaints));
}

/* On the complaints that are chosen. */
static void
act_complaint (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static const PtAction acts[] = { PT_ACTION_ACKNOWLEDGE, PT_ACTION_ASSIGN, PT_ACTION_RESOLVE,
                                   PT_ACTION_REJECT, PT_ACTION_COMMENT };
  PtWindow *self = PT_WINDOW (widget);

  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    if (pt_window_has_page (self, "complaints")
        && strcmp (g_variant_get_string (parameter, NULL), pt_action_name (acts[i])) == 0)
      pt_complaints_page_begin (self->complaints, acts[i]);
}

static void
act_keys (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_window_present (
      GTK_WINDOW (pt_preferences_new (GTK_WINDOW (widget), pt_window_area (PT_WINDOW (widget)))));
}

static void
act_verify (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_site_panel_verify (PT_WINDOW (widget)->panel);
}

static void
act_save_proof (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_site_panel_save_proof (PT_WINDOW (widget)->panel);
}

static void
act_fit (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pt_map_view_fit (PT_WINDOW (widget)->map);
}

/* Finding */

void
pt_window_focus_list (PtWindow *self)
{
  g_return_if_fail (PT_IS_WINDOW (self));
  gtk_widget_grab_focus (pt_window_has_page (self, "complaints")  ? GTK_WIDGET (self->complaints)
                         : pt_window_has_page (self, "anchoring") ? GTK_WIDGET (self->anchoring)
                                                                  : GTK_WIDGET (self->list));
}

static void
choose_area (PtWindow *self, const char *name)
{
  guint count = g_list_model_get_n_items (G_LIST_MODEL (self->areas));

  for (guint i = 1; i < count; i++)
    if (strcmp (gtk_string_list_get_string (self->areas, i), name) == 0)
      gtk_drop_down_set_selected (self->area, i);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  pt_map_view_fit (self->map);
}

/* Whatever was found by words is flown to on the map; a place of one site is that site. */
void
pt_window_show_found (PtWindow *self, const PtFound *found)
{
  g_return_if_fail (PT_IS_WINDOW (self) && found != NULL);
  adw_view_stack_set_visible_child_name (self->pages, "outages");
  if (found->kind == PT_FOUND_AREA)
    choose_area (self, found->name);
  else if (found->kind == PT_FOUND_PLACE && found->sites > 1)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->search), found->name);
      pt_map_view_go_to_place (self->map, found->name);
    }
  else
    {
      gtk_editable_set_text (GTK_EDITABLE (self->search), "");
      pt_window_select (self, found->number);
      pt_map_view_go_to_site (self->map, found->number, TRUE);
    }
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

/* Files */

static void
open_chosen_cb (GtkNativeDialog *dialog, int response, PtWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));

      g_signal_emit (self, pt_window_signals[PT_WINDOW_FILES], 0, files);
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
act_open (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new (_ ("Check files"), GTK_WINDOW (widget),
                                     GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Check"), _ ("_Cancel"));

  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (open_chosen_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static gboolean
dropped_cb (GtkDropTarget *target, const GValue *value, double x, double y, PtWindow *self)
{
  GSList *list = g_value_get_boxed (value);
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  for (GSList *at = list; at != NULL; at = at->next)
    g_list_store_append (files, at->data);
  g_signal_emit (self, pt_window_signals[PT_WINDOW_FILES], 0, files);
  return TRUE;
}

static void
held_cb (GtkDropTarget *target, GParamSpec *pspec, PtWindow *self)
{
  gtk_widget_set_visible (self->drop_hint, gtk_drop_target_get_current_drop (target) != NULL);
}

void
pt_window_accept_files (PtWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_return_if_fail (PT_IS_WINDOW (self));
  g_signal_connect_object (target, "drop", G_CALLBACK (dropped_cb), self, 0);
  g_signal_connect_object (target, "notify::current-drop", G_CALLBACK (held_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

/* Connections */

static void
connections_chosen_cb (PtConnections *connections, const char *url, const char *rpc,
                       const char *contract, PtWindow *self)
{
  g_signal_emit (self, pt_window_signals[PT_WINDOW_CONNECT_TO], 0, url, rpc, contract);
}

static void
act_connections (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PtWindow *self = PT_WINDOW (widget);
  g_autofree char *contract = pt_settings_contract_text (self->settings);
  PtConnections *connections
      = pt_connections_new (GTK_WINDOW (self), self->url, self->rpc, contract);

  g_signal_connect_object (connections, "chosen", G_CALLBACK (connections_chosen_cb), self, 0);
  gtk_window_present (GTK_WINDOW (connections));
}

void
pt_window_install_acts (GtkWidgetClass *widget_class)
{
  static const struct
  {
    const char *name;
    GtkWidgetActionActivateFunc act;
  } acts[] = { { "win.find", act_find },
               { "win.clear", act_clear },
               { "win.retry", act_retry },
               { "win.verify", act_verify },
               { "win.save-proof", act_save_proof },
               { "win.fit", act_fit },
               { "win.open", act_open },
               { "win.connections", act_connections },
               { "win.keys", act_keys } };

  g_return_if_fail (GTK_IS_WIDGET_CLASS (widget_class));
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    gtk_widget_class_install_action (widget_class, acts[i].name, NULL, acts[i].act);
  gtk_widget_class_install_action (widget_class, "win.pane", "i", act_next_pane);
  gtk_widget_class_install_action (widget_class, "win.page", "s", act_page);
  gtk_widget_class_install_action (widget_class, "win.page-number", "i", act_page_number);
  gtk_widget_class_install_action (widget_class, "win.complaint", "s", act_complaint);
  /* At the window, after everything in it had its chance. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.clear", NULL);
}
