/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-notice.h"

struct _PtNotice
{
  GtkWidget parent_instance;
  GtkRevealer *revealer;
  GtkLabel *label;
  GtkButton *button;
};

G_DEFINE_TYPE (PtNotice, pt_notice, GTK_TYPE_WIDGET)

static guint acted_signal;

static void
notice_clicked_cb (PtNotice *self)
{
  g_signal_emit (self, acted_signal, 0);
}

void
pt_notice_set (PtNotice *self, const char *text, const char *button)
{
  gboolean shown = text != NULL && text[0] != '\0';

  g_return_if_fail (PT_IS_NOTICE (self));
  if (shown)
    {
      if (g_strcmp0 (gtk_label_get_label (self->label), text) != 0)
        gtk_label_set_label (self->label, text);
      gtk_widget_set_visible (GTK_WIDGET (self->button), button != NULL);
      if (button != NULL)
        gtk_button_set_label (self->button, button);
    }
  gtk_revealer_set_reveal_child (self->revealer, shown);
  gtk_widget_set_visible (GTK_WIDGET (self), shown);
}

static void
pt_notice_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pt_notice_parent_class)->dispose (object);
}

static void
pt_notice_class_init (PtNoticeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_notice_dispose;
  acted_signal = g_signal_new ("acted", PT_TYPE_NOTICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-notice.ui");
  gtk_widget_class_bind_template_child (widget_class, PtNotice, revealer);
  gtk_widget_class_bind_template_child (widget_class, PtNotice, label);
  gtk_widget_class_bind_template_child (widget_class, PtNotice, button);
  gtk_widget_class_bind_template_callback (widget_class, notice_clicked_cb);
}

static void
pt_notice_init (PtNotice *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
