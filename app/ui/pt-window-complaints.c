/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-window-private.h"

#define NARROW 1000  /* pixels */
#define SWITCHER 216 /* of a narrow one */

gboolean
pt_window_has_page (PtWindow *self, const char *name)
{
  g_return_val_if_fail (PT_IS_WINDOW (self), FALSE);
  return g_strcmp0 (adw_view_stack_get_visible_child_name (self->pages), name) == 0;
}

/* Three pages have no room beside their signs in a window that is narrow. */
static void
window_fit_switcher (PtWindow *self)
{
  gboolean narrow = adw_view_stack_page_get_visible (self->complaints_page)
                    && gtk_widget_get_width (GTK_WIDGET (self)) < NARROW;

  adw_view_switcher_set_policy (self->switcher, narrow ? ADW_VIEW_SWITCHER_POLICY_NARROW
                                                       : ADW_VIEW_SWITCHER_POLICY_WIDE);
  gtk_widget_set_size_request (GTK_WIDGET (self->switcher), narrow ? SWITCHER : -1, -1);
  pt_key_button_set_short (self->key, narrow);
}

/* A daemon that has no complaints to tell of has no page of them either. */
void
pt_window_show_complaints (PtWindow *self)
{
  gboolean offered;

  g_return_if_fail (PT_IS_WINDOW (self));
  window_fit_switcher (self);
  offered = pt_link_is_known (self->link) && pt_link_offers (self->link, &pt_list_complaints);
  if (offered == adw_view_stack_page_get_visible (self->complaints_page))
    return;
  if (!offered && pt_window_has_page (self, "complaints"))
    adw_view_stack_set_visible_child_name (self->pages, "outages");
  adw_view_stack_page_set_visible (self->complaints_page, offered);
  gtk_widget_set_visible (GTK_WIDGET (self->key), offered);
  if (offered && self->settings->key != NULL && pt_session_key (self->session) == NULL)
    pt_key_button_choose (self->key, self->settings->key);
}

void
pt_window_connect_complaints (PtWindow *self)
{
  g_return_if_fail (PT_IS_WINDOW (self));
  pt_complaints_page_set_session (self->complaints, self->session, self->link);
  pt_key_button_set_session (self->key, self->session);
}

void
pt_window_show_complaint (PtWindow *self, const char *area, const char *complaint)
{
  g_return_if_fail (PT_IS_WINDOW (self));
  adw_view_stack_set_visible_child_name (self->pages, "complaints");
  pt_complaints_page_show (self->complaints, area, complaint);
}

void
pt_window_show_complaint_site (PtWindow *self, const char *area, const char *site, gboolean near)
{
  guint number;

  g_return_if_fail (PT_IS_WINDOW (self));
  number = pt_site_store_find (pt_link_sites (self->link), area, site);
  if (number == PT_SITE_NONE)
    return;
  pt_window_select (self, number);
  if (!near)
    return;
  adw_view_stack_set_visible_child_name (self->pages, "outages");
  pt_map_view_go_to_site (self->map, number, TRUE);
}

void
pt_window_keep_key (PtWindow *self)
{
  PtKeyringKey *key;

  g_return_if_fail (PT_IS_WINDOW (self));
  key = pt_session_key (self->session);
  g_free (self->settings->key);
  self->settings->key = key != NULL ? g_strdup (key->public_key) : NULL;
  pt_settings_save (self->settings);
}
