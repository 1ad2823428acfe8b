/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-report-item.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "pt-format.h"
#include "pt-state-icon.h"

struct _PtReportItem
{
  GtkListBoxRow parent_instance;
  PtStateIcon *icon;
  GtkLabel *head, *tail;
  char *device, *heard;
  gint64 seq;
};

G_DEFINE_TYPE (PtReportItem, pt_report_item, GTK_TYPE_LIST_BOX_ROW)

static char *
report_words (const PtReportRow *report)
{
  if (report->state == PT_BATCH_FINAL)
    return g_strdup_printf (_ ("counter %" PRId64 " · batch %" PRId64 ", final"), report->seq,
                            report->batch);
  if (report->state == PT_BATCH_OPEN)
    return g_strdup_printf (
        _ ("counter %" PRId64 " · in no batch yet; waits for its window to end"), report->seq);
  return g_strdup_printf (_ ("counter %" PRId64 " · batch %" PRId64 ", %s; waits for %s"),
                          report->seq, report->batch, pt_format_batch_state (report->state),
                          pt_format_waits (report->waits_for));
}

void
pt_report_item_set (PtReportItem *self, const PtReportRow *report, gint64 now)
{
  g_autofree char *time = NULL, *head = NULL, *tail = NULL, *heard = NULL;

  g_return_if_fail (PT_IS_REPORT_ITEM (self) && report != NULL);
  time = pt_format_time (report->ts, now);
  head = g_strdup_printf ("%s · %s", time, report->power_on ? _ ("on") : _ ("off"));
  tail = report_words (report);
  heard = g_strdup_printf ("%s, %s", head, tail);
  if (g_strcmp0 (heard, self->heard) == 0)
    return;
  g_free (self->heard);
  self->heard = g_steal_pointer (&heard);
  pt_state_icon_set_state (self->icon, report->power_on ? PT_SITE_ON : PT_SITE_OFF);
  gtk_label_set_label (self->head, head);
  gtk_label_set_label (self->tail, tail);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->heard,
                                  -1);
}

void
pt_report_item_set_stale (PtReportItem *self, gboolean stale)
{
  g_return_if_fail (PT_IS_REPORT_ITEM (self));
  pt_state_icon_set_stale (self->icon, stale);
}

gboolean
pt_report_item_is (PtReportItem *self, const PtReportRow *report)
{
  g_return_val_if_fail (PT_IS_REPORT_ITEM (self) && report != NULL, FALSE);
  return self->seq == report->seq && g_strcmp0 (self->device, report->device) == 0;
}

static void
pt_report_item_finalize (GObject *object)
{
  PtReportItem *self = PT_REPORT_ITEM (object);

  g_free (self->device);
  g_free (self->heard);
  G_OBJECT_CLASS (pt_report_item_parent_class)->finalize (object);
}

static void
pt_report_item_class_init (PtReportItemClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pt_report_item_finalize;
  g_type_ensure (PT_TYPE_STATE_ICON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-report-item.ui");
  gtk_widget_class_bind_template_child (widget_class, PtReportItem, icon);
  gtk_widget_class_bind_template_child (widget_class, PtReportItem, head);
  gtk_widget_class_bind_template_child (widget_class, PtReportItem, tail);
}

static void
pt_report_item_init (PtReportItem *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
pt_report_item_new (const PtReportRow *report)
{
  PtReportItem *self;

  g_return_val_if_fail (report != NULL, NULL);
  self = g_object_new (PT_TYPE_REPORT_ITEM, NULL);
  self->device = g_strdup (report->device);
  self->seq = report->seq;
  return GTK_WIDGET (self);
}
