/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-pill.h"

#include <glib/gi18n-lib.h>

#include "pt-format.h"

struct _PtPill
{
  GtkWidget parent_instance;
  GtkMenuButton *button;
  GtkImage *icon;
  GtkLabel *label, *address, *detail, *daemon;
};

G_DEFINE_TYPE (PtPill, pt_pill, GTK_TYPE_WIDGET)

static const char *const state_classes[] = { "searching", "searching", "live", "stale", "stale" };
static const char *const state_icons[]
    = { "system-search-symbolic", "emblem-synchronizing-symbolic", "emblem-ok-symbolic",
        "dialog-warning-symbolic", "dialog-error-symbolic" };

static char *
pill_words (PtLink *link)
{
  PtLinkState state = pt_link_state (link);
  gint64 ago = pt_link_heard_ago (link);
  g_autofree char *age = pt_format_duration (ago);

  switch (state)
    {
    case PT_LINK_LOADING:
      return g_strdup (_ ("Loading…"));
    case PT_LINK_LIVE:
      /* Translators: how long ago the daemon was heard, in seconds. */
      return g_strdup_printf (_ ("Live · %.1f s"), (double) MAX (ago, 0) / 1000);
    case PT_LINK_STALE:
      return g_strdup_printf (_ ("Stale · last heard %s ago"), age);
    case PT_LINK_INCOMPATIBLE:
      return g_strdup (_ ("Not understood"));
    case PT_LINK_SEARCHING:
      break;
    }
  return g_strdup (pt_link_url (link) != NULL ? _ ("No connection") : _ ("Looking for a daemon…"));
}

static void
pill_show_state (PtPill *self, PtLinkState state, const char *words)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_classes); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self), state_classes[i]);
  gtk_widget_add_css_class (GTK_WIDGET (self), state_classes[state]);
  gtk_image_set_from_icon_name (self->icon, state_icons[state]);
  gtk_label_set_label (self->label, words);
}

void
pt_pill_update (PtPill *self, PtLink *link)
{
  const PtDaemonStatus *status = pt_link_status (link);
  const char *url = pt_link_url (link), *detail = pt_link_detail (link);
  g_autofree char *words = pill_words (link);
  g_autofree char *tip = NULL, *daemon = NULL;

  g_return_if_fail (PT_IS_PILL (self));
  if (url == NULL)
    url = _ ("the daemon of this machine");
  if (g_strcmp0 (words, gtk_label_get_label (self->label)) != 0)
    pill_show_state (self, pt_link_state (link), words);
  if (detail == NULL || detail[0] == '\0')
    detail = _ ("Everything shown is as of now.");
  tip = g_strdup_printf ("%s\n%s", url, detail);
  if (g_strcmp0 (tip, gtk_widget_get_tooltip_text (GTK_WIDGET (self->button))) != 0)
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), tip);
  gtk_label_set_label (self->address, url);
  gtk_label_set_label (self->detail, detail);
  if (status != NULL)
    daemon = g_strdup_printf (_ ("powertrackd %s"), status->version);
  gtk_label_set_label (self->daemon, daemon != NULL ? daemon : "");
  gtk_widget_set_visible (GTK_WIDGET (self->daemon), daemon != NULL);
}

static void
pt_pill_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pt_pill_parent_class)->dispose (object);
}

static void
pt_pill_class_init (PtPillClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_pill_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-pill.ui");
  gtk_widget_class_bind_template_child (widget_class, PtPill, button);
  gtk_widget_class_bind_template_child (widget_class, PtPill, icon);
  gtk_widget_class_bind_template_child (widget_class, PtPill, label);
  gtk_widget_class_bind_template_child (widget_class, PtPill, address);
  gtk_widget_class_bind_template_child (widget_class, PtPill, detail);
  gtk_widget_class_bind_template_child (widget_class, PtPill, daemon);
}

static void
pt_pill_init (PtPill *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
