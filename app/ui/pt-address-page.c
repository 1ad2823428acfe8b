/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-address-page.h"

#include <glib/gi18n-lib.h>

struct _PtAddressPage
{
  GtkWidget parent_instance;
  AdwStatusPage *status;
  GtkEditable *entry;
  char *filled; /* what was put into the entry; what somebody types stays */
};

G_DEFINE_FINAL_TYPE (PtAddressPage, pt_address_page, GTK_TYPE_WIDGET)

static guint chosen_signal;

static const char *
page_title (PtLink *link)
{
  if (pt_link_state (link) == PT_LINK_INCOMPATIBLE)
    return _ ("Not understood");
  return pt_link_url (link) != NULL ? _ ("No connection") : _ ("No daemon yet");
}

void
pt_address_page_update (PtAddressPage *page, PtLink *link)
{
  const char *url;
  g_autofree char *why = NULL;

  g_return_if_fail (PT_IS_ADDRESS_PAGE (page) && PT_IS_LINK (link));
  url = pt_link_url (link);
  why = g_markup_escape_text (pt_link_detail (link), -1);
  adw_status_page_set_title (page->status, page_title (link));
  if (g_strcmp0 (why, adw_status_page_get_description (page->status)) != 0)
    adw_status_page_set_description (page->status, why);
  if (url == NULL || g_strcmp0 (url, page->filled) == 0)
    return;
  g_free (page->filled);
  page->filled = g_strdup (url);
  gtk_editable_set_text (page->entry, url);
}

static void
connect_cb (PtAddressPage *page)
{
  const char *text = gtk_editable_get_text (page->entry);

  g_signal_emit (page, chosen_signal, 0, text[0] != '\0' ? text : NULL);
}

static gboolean
pt_address_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PT_ADDRESS_PAGE (widget)->entry));
}

static void
pt_address_page_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&PT_ADDRESS_PAGE (object)->filled, g_free);
  G_OBJECT_CLASS (pt_address_page_parent_class)->dispose (object);
}

static void
pt_address_page_class_init (PtAddressPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_address_page_dispose;
  widget_class->grab_focus = pt_address_page_grab_focus;
  chosen_signal = g_signal_new ("chosen", PT_TYPE_ADDRESS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-address-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtAddressPage, status);
  gtk_widget_class_bind_template_child (widget_class, PtAddressPage, entry);
  gtk_widget_class_bind_template_callback (widget_class, connect_cb);
}

static void
pt_address_page_init (PtAddressPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
