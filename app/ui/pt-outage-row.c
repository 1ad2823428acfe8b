/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-outage-row.h"

#include <glib/gi18n-lib.h>

#include "pt-accessible.h"
#include "pt-format.h"
#include "pt-state-icon.h"

struct _PtOutageRow
{
  GtkWidget parent_instance;
  PtStateIcon *icon;
  GtkLabel *group, *name, *where, *complaints, *customers, *duration;
  PtOutage *outage;
};

G_DEFINE_TYPE (PtOutageRow, pt_outage_row, GTK_TYPE_WIDGET)

void
pt_outage_row_set (PtOutageRow *self, PtOutage *outage)
{
  g_autofree char *where = NULL, *customers = NULL, *site = NULL;

  g_return_if_fail (PT_IS_OUTAGE_ROW (self));
  g_set_object (&self->outage, outage);
  if (outage == NULL)
    return;
  if (outage->feeder != NULL && outage->place != NULL)
    where = g_strdup_printf (_ ("%s · feeder %s"), outage->site, outage->feeder);
  else if (outage->feeder != NULL)
    where = g_strdup_printf (_ ("area %s · feeder %s"), outage->area, outage->feeder);
  else if (outage->place != NULL)
    where = g_strdup_printf (_ ("%s · area %s"), outage->site, outage->area);
  else
    where = g_strdup_printf (_ ("area %s"), outage->area);
  /* None is no number to lead a row with. */
  customers = outage->customers > 0 ? pt_format_number (outage->customers) : g_strdup ("");
  gtk_label_set_label (self->name, outage->place != NULL ? outage->place : outage->site);
  gtk_label_set_label (self->where, where);
  gtk_label_set_label (self->customers, customers);
  gtk_label_set_label (self->duration, ""); /* so that the next tick says all of it */
  site = pt_format_site (outage->place, outage->site, outage->area);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), site);
}

void
pt_outage_row_set_complaints (PtOutageRow *self, guint count)
{
  g_autofree char *number = NULL, *text = NULL;

  g_return_if_fail (PT_IS_OUTAGE_ROW (self));
  number = pt_format_number (count);
  text = g_strdup_printf (ngettext ("%s complaint", "%s complaints", count), number);
  gtk_widget_set_visible (GTK_WIDGET (self->complaints), count > 0);
  if (g_strcmp0 (gtk_label_get_label (self->complaints), text) != 0)
    gtk_label_set_label (self->complaints, text);
}

void
pt_outage_row_set_group (PtOutageRow *self, const char *heading)
{
  g_return_if_fail (PT_IS_OUTAGE_ROW (self));
  gtk_widget_set_visible (GTK_WIDGET (self->group), heading != NULL);
  if (heading != NULL && g_strcmp0 (gtk_label_get_label (self->group), heading) != 0)
    gtk_label_set_label (self->group, heading);
}

void
pt_outage_row_tick (PtOutageRow *self, gint64 now, gboolean stale)
{
  g_autofree char *duration = NULL, *customers = NULL, *site = NULL, *words = NULL;

  g_return_if_fail (PT_IS_OUTAGE_ROW (self));
  if (self->outage == NULL)
    return;
  duration = pt_format_duration (now - self->outage->start);
  pt_state_icon_set_stale (self->icon, stale);
  if (g_strcmp0 (gtk_label_get_label (self->duration), duration) == 0)
    return;
  gtk_label_set_label (self->duration, duration);
  customers = pt_format_any_customers (self->outage->customers);
  site = pt_format_site (self->outage->place, self->outage->site, self->outage->area);
  words = customers[0] != '\0'
              ? g_strdup_printf (_ ("%s, without supply for %s, %s"), site, duration, customers)
              : g_strdup_printf (_ ("%s, without supply for %s"), site, duration);
  pt_accessible_name_row (GTK_WIDGET (self), words);
}

static void
pt_outage_row_dispose (GObject *object)
{
  PtOutageRow *self = PT_OUTAGE_ROW (object);
  GtkWidget *child;

  g_clear_object (&self->outage);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pt_outage_row_parent_class)->dispose (object);
}

static void
pt_outage_row_class_init (PtOutageRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_outage_row_dispose;
  g_type_ensure (PT_TYPE_STATE_ICON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-outage-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PtOutageRow, group);
  gtk_widget_class_bind_template_child (widget_class, PtOutageRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PtOutageRow, name);
  gtk_widget_class_bind_template_child (widget_class, PtOutageRow, where);
  gtk_widget_class_bind_template_child (widget_class, PtOutageRow, complaints);
  gtk_widget_class_bind_template_child (widget_class, PtOutageRow, customers);
  gtk_widget_class_bind_template_child (widget_class, PtOutageRow, duration);
}

static void
pt_outage_row_init (PtOutageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
pt_outage_row_new (void)
{
  return g_object_new (PT_TYPE_OUTAGE_ROW, NULL);
}
