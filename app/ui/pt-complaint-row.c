/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-row.h"

#include <glib/gi18n-lib.h>

#include "pt-accessible.h"
#include "pt-complaint-query.h"
#include "pt-complaint-words.h"
#include "pt-format.h"
#include "pt-state-icon.h"

#define HOUR_MS 3600000

struct _PtComplaintRow
{
  GtkWidget parent_instance;
  PtStateIcon *icon;
  GtkLabel *where, *about, *evidence, *state, *assigned, *clock;
  PtComplaint *complaint;
};

G_DEFINE_FINAL_TYPE (PtComplaintRow, pt_complaint_row, GTK_TYPE_WIDGET)

/* "1234 567 890 · No supply · 6 people · reopened twice" */
static char *
about_words (const PtComplaint *complaint)
{
  g_autofree char *number = pt_format_complaint (complaint->complaint);
  g_autofree char *count = pt_format_number (complaint->people);
  g_autofree char *people
      = g_strdup_printf (ngettext ("%s person", "%s people", (gulong) complaint->people), count);
  g_autofree char *again = pt_format_number (complaint->reopened);
  g_autofree char *reopened = g_strdup_printf (
      ngettext ("reopened once", "reopened %s times", (gulong) complaint->reopened), again);

  return g_strdup_printf (complaint->reopened > 0 ? "%s · %s · %s · %s" : "%s · %s · %s", number,
                          pt_complaint_title (complaint), people, reopened);
}

/* What the devices have to say about it; "": nothing. */
static char *
evidence_words (const PtComplaint *complaint, gint64 now)
{
  g_autofree char *since = pt_format_time (complaint->outage_since, now);
  g_autofree char *back = pt_format_time (complaint->supply_back_at, now);

  if (complaint->closed == PT_CLOSED_AGAINST)
    return g_strdup (complaint->later == PT_AFTERMATH_FELL_AGAIN
                         ? _ ("against the evidence: it went off again")
                         : _ ("against the evidence: the device said off"));
  if (complaint->outage_since != 0)
    return g_strdup_printf (_ ("off here since %s"), since);
  if (complaint->supply_back_at != 0)
    return g_strdup_printf (_ ("on again since %s"), back);
  return g_strdup (complaint->site == NULL ? _ ("no device near") : "");
}

static void
row_show_evidence (PtComplaintRow *row, gint64 now)
{
  const PtComplaint *complaint = row->complaint;
  g_autofree char *words = evidence_words (complaint, now);
  const char *style = complaint->closed == PT_CLOSED_AGAINST ? "off"
                      : complaint->outage_since != 0         ? "off"
                      : complaint->supply_back_at != 0       ? "on"
                                                             : "dim-label";
  const char *styles[] = { "caption", style, NULL };

  gtk_widget_set_visible (GTK_WIDGET (row->evidence), words[0] != '\0');
  gtk_label_set_label (row->evidence, words);
  gtk_widget_set_css_classes (GTK_WIDGET (row->evidence), styles);
}

void
pt_complaint_row_set (PtComplaintRow *row, PtComplaint *complaint, PtSiteState state)
{
  g_autofree char *where = NULL, *about = NULL;

  g_return_if_fail (PT_IS_COMPLAINT_ROW (row));
  g_set_object (&row->complaint, complaint);
  if (complaint == NULL)
    return;
  where = pt_complaint_where (complaint);
  about = about_words (complaint);
  pt_state_icon_set_state (row->icon, state);
  gtk_label_set_label (row->where, where);
  gtk_label_set_label (row->about, about);
  gtk_label_set_label (row->state, pt_complaint_state_word (complaint->state));
  gtk_label_set_label (row->assigned, complaint->assigned != NULL ? complaint->assigned : "");
  gtk_widget_set_visible (GTK_WIDGET (row->assigned), complaint->assigned != NULL);
  gtk_label_set_label (row->clock, ""); /* so that the next tick says all of it */
  gtk_widget_set_tooltip_text (GTK_WIDGET (row), about);
}

/* "18 min over", "41 min left"; of what is closed, when that was. */
static char *
clock_words (const PtComplaint *complaint, gint64 now, const char **style)
{
  gint64 deadline = pt_complaint_deadline (complaint), left = deadline - now;
  g_autofree char *span = pt_format_duration (ABS (left));

  *style = "body";
  if (!pt_complaint_is_open (complaint))
    {
      *style = "dim-label";
      return pt_format_time (
          complaint->resolved_at != 0 ? complaint->resolved_at : complaint->changed_at, now);
    }
  if (deadline == 0)
    {
      g_autofree char *age = pt_format_duration (now - complaint->filed_at);

      *style = "dim-label";
      return g_strdup_printf (_ ("%s old"), age);
    }
  *style = left < 0 ? "off" : left <= HOUR_MS ? "due" : "body";
  return g_strdup_printf (left < 0 ? _ ("%s over") : _ ("%s left"), span);
}

void
pt_complaint_row_tick (PtComplaintRow *row, gint64 now, gboolean stale)
{
  g_autofree char *clock = NULL, *words = NULL;
  const char *styles[] = { "heading", "numeric", NULL, NULL };

  g_return_if_fail (PT_IS_COMPLAINT_ROW (row));
  if (row->complaint == NULL)
    return;
  clock = clock_words (row->complaint, now, &styles[2]);
  pt_state_icon_set_stale (row->icon, stale);
  if (g_strcmp0 (gtk_label_get_label (row->clock), clock) == 0)
    return;
  row_show_evidence (row, now);
  gtk_label_set_label (row->clock, clock);
  gtk_widget_set_css_classes (GTK_WIDGET (row->clock), styles);
  words = g_strdup_printf ("%s, %s, %s, %s, %s", gtk_label_get_label (row->where),
                           gtk_label_get_label (row->about), gtk_label_get_label (row->evidence),
                           gtk_label_get_label (row->state), clock);
  pt_accessible_name_row (GTK_WIDGET (row), words);
}

static void
pt_complaint_row_dispose (GObject *object)
{
  PtComplaintRow *row = PT_COMPLAINT_ROW (object);
  GtkWidget *child;

  g_clear_object (&row->complaint);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (row))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pt_complaint_row_parent_class)->dispose (object);
}

static void
pt_complaint_row_class_init (PtComplaintRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_complaint_row_dispose;
  g_type_ensure (PT_TYPE_STATE_ICON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-complaint-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PtComplaintRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintRow, where);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintRow, about);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintRow, evidence);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintRow, state);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintRow, assigned);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintRow, clock);
}

static void
pt_complaint_row_init (PtComplaintRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}

GtkWidget *
pt_complaint_row_new (void)
{
  return g_object_new (PT_TYPE_COMPLAINT_ROW, NULL);
}
