/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-panel.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-check-run.h"
#include "pt-check-view.h"
#include "pt-complaint-query.h"
#include "pt-complaint-row.h"
#include "pt-error.h"
#include "pt-feed-batches.h"
#include "pt-feed-outages.h"
#include "pt-format.h"
#include "pt-report-item.h"
#include "pt-save.h"
#include "pt-state-icon.h"
#include "pt-timeline.h"

#define DETAIL_MS 400 /* the least time between two looks at the same site */
#define COMPLAINTS_SHOWN 10

struct _PtSitePanel
{
  GtkWidget parent_instance;
  GtkStack *stack;
  PtStateIcon *icon;
  GtkLabel *name, *about, *state, *copied, *no_reports, *question, *earlier;
  PtTimeline *timeline;
  GtkListBox *reports, *complaints;
  GtkWidget *complaints_group;
  PtCheckView *check;
  GtkButton *save, *verify;

  PtLink *link;
  const PtSettings *settings;
  char *rpc, *area, *site;
  guint number;
  gint64 now;
  gboolean stale;
  PtSiteDetail *detail;
  char *device; /* of the report chosen, with ->seq */
  gint64 seq;
  gboolean anchored;      /* that report is */
  gboolean picked;        /* by hand: it stays chosen whatever comes */
  gboolean filling;       /* the list of reports, by us */
  GCancellable *loading;  /* the detail */
  GCancellable *checking; /* or saving */
  PtCheckResult *result;  /* of that report, or NULL */
  gboolean failed;        /* it could not be checked; the check's view says why */
  gint64 checked;         /* ms: when ->result or ->failed came */
  char *asked;            /* the report that they are of, in words */
  guint again_source, complaints_source;
};

G_DEFINE_TYPE (PtSitePanel, pt_site_panel, GTK_TYPE_WIDGET)

static guint said_signal, complaint_signal;

static void panel_load (PtSitePanel *self);

/* What was found stays below, with its time, when something else is asked. */
static void
panel_keep_verdict (PtSitePanel *self)
{
  const char *verdict = NULL;
  g_autofree char *time = NULL, *text = NULL;

  if (self->result != NULL || self->failed)
    verdict = pt_check_view_verdict (self->check);
  if (verdict == NULL || self->asked == NULL)
    return;
  time = pt_format_time (self->checked, self->now);
  /* Translators: a time, a report ("off" of 15:10), and what checking it has shown. */
  text = g_strdup_printf (_ ("Checked at %s: the report %s. %s"), time, self->asked, verdict);
  gtk_label_set_label (self->earlier, text);
  gtk_widget_set_visible (GTK_WIDGET (self->earlier), TRUE);
}

static void
panel_forget_verdict (PtSitePanel *self)
{
  g_clear_pointer (&self->asked, g_free);
  gtk_widget_set_visible (GTK_WIDGET (self->earlier), FALSE);
}

static void
panel_stop_check (PtSitePanel *self)
{
  panel_keep_verdict (self);
  self->failed = FALSE;
  if (self->checking != NULL)
    g_cancellable_cancel (self->checking);
  g_clear_object (&self->checking);
  g_clear_pointer (&self->result, pt_check_result_free);
}

static void
panel_sensitive (PtSitePanel *self)
{
  gboolean possible = self->anchored && self->checking == NULL && self->device != NULL;

  gtk_widget_set_sensitive (GTK_WIDGET (self->verify), possible);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save), possible);
  gtk_button_set_label (self->verify, self->result != NULL ? _ ("Verify again") : _ ("Verify"));
}

/* The state in words */

/* Rows come when a state changes; the reports below may be newer. */
static gint64
last_heard (PtSitePanel *self, const PtSiteRow *row)
{
  gint64 heard = row->last_report;

  /* By when it was heard, whatever its clock says. */
  if (row->state == PT_SITE_SILENT && row->since > 0)
    return row->since;
  for (guint i = 0; self->detail != NULL && i < self->detail->reports->len; i++)
    {
      const PtReportRow *report = g_ptr_array_index (self->detail->reports, i);

      heard = MAX (heard, report->ts);
    }
  return heard;
}

static char *
state_sentence (PtSitePanel *self, const PtSiteRow *row)
{
  gint64 last = last_heard (self, row);
  g_autofree char *since = pt_format_time (row->since, self->now);
  g_autofree char *heard = pt_format_time (last, self->now);
  g_autofree char *lasts = pt_format_duration (self->now - row->since);
  g_autofree char *silent = pt_format_duration (self->now - last);

  switch (row->state)
    {
    case PT_SITE_OFF:
      return row->since == 0
                 ? g_strdup (_ ("No supply; since when is not known."))
                 : g_strdup_printf (_ ("No supply since %s (%s). The device last reported at %s."),
                                    since, lasts, heard);
    case PT_SITE_ON:
      return row->since == 0
                 ? g_strdup_printf (_ ("Has supply. The device last reported at %s."), heard)
                 : g_strdup_printf (_ ("Has supply since %s (%s). The device last reported at %s."),
                                    since, lasts, heard);
    case PT_SITE_SILENT:
      return g_strdup_printf (
          _ ("Silent: not heard since %s (%s). Whether it has supply is not known."), heard,
          silent);
    case PT_SITE_UNKNOWN:
      break;
    }
  return g_strdup (_ ("Never heard. Whether it has supply is not known."));
}

static const char *
level_word (PtLevel level)
{
  switch (level)
    {
    case PT_LEVEL_TRANSFORMER:
      return _ ("transformer");
    case PT_LEVEL_CLUSTER:
      return _ ("street cluster");
    case PT_LEVEL_HOUSE:
      break;
    }
  return _ ("house");
}

static void
panel_show_row (PtSitePanel *self)
{
  const PtSiteRow *row;
  g_autofree char *customers = NULL, *level = NULL, *about = NULL, *state = NULL;

  if (self->site == NULL || self->number >= pt_site_store_size (pt_link_sites (self->link)))
    return;
  row = pt_site_store_get (pt_link_sites (self->link), self->number);
  customers = pt_format_any_customers (row->customers);
  level = customers[0] != '\0' ? g_strdup_printf ("%s · %s", level_word (row->level), customers)
                               : g_strdup (level_word (row->level));
  about = row->place != NULL
              ? g_strdup_printf (_ ("site %s · area %s · %s"), row->site, row->area, level)
              : g_strdup_printf (_ ("area %s · %s"), row->area, level);
  state = state_sentence (self, row);
  pt_state_icon_set_state (self->icon, row->state);
  pt_state_icon_set_stale (self->icon, self->stale);
  gtk_label_set_label (self->name, row->place != NULL ? row->place : row->site);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name),
                               row->place != NULL ? _ ("The nearest place that has a name") : NULL);
  if (row->feeder != NULL)
    {
      g_autofree char *more = g_strdup_printf (_ ("%s · feeder %s"), about, row->feeder);

      gtk_label_set_label (self->about, more);
    }
  else
    gtk_label_set_label (self->about, about);
  gtk_label_set_label (self->state, state);
  if (row->state == PT_SITE_OFF && !self->stale)
    gtk_widget_add_css_class (GTK_WIDGET (self->state), "off");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->state), "off");
}

/* Reports */

/* On the chain: in a block, though perhaps not final yet. */
static gboolean
report_is_anchored (const PtReportRow *report)
{
  return report->state == PT_BATCH_FINAL
         || (report->state == PT_BATCH_SUBMITTED
             && g_strcmp0 (report->waits_for, "confirmations") == 0);
}

static const PtReportRow *
chosen_report (PtSitePanel *self)
{
  for (guint i = 0; self->detail != NULL && i < self->detail->reports->len; i++)
    {
      const PtReportRow *report = g_ptr_array_index (self->detail->reports, i);

      if (g_strcmp0 (report->device, self->device) == 0 && report->seq == self->seq)
        return report;
    }
  return NULL;
}

/* “off” of 15:10 */
static char *
report_name (PtSitePanel *self, const PtReportRow *report)
{
  g_autofree char *time = pt_format_time (report->ts, self->now);

  return g_strdup_printf (report->power_on ? _ ("“on” of %s") : _ ("“off” of %s"), time);
}

/* Which report is meant: the list of them is below. */
static void
panel_show_question (PtSitePanel *self, const PtReportRow *report)
{
  g_autofree char *time = report != NULL ? pt_format_time (report->ts, self->now) : NULL;
  g_autofree char *text = NULL;

  if (report == NULL)
    text = g_strdup (_ ("Is this report true?"));
  else
    text = g_strdup_printf (report->power_on ? _ ("Is the report “on” of %s true?")
                                             : _ ("Is the report “off” of %s true?"),
                            time);
  gtk_label_set_label (self->question, text);
}

static void
panel_show_hint (PtSitePanel *self)
{
  const PtReportRow *report = chosen_report (self);
  g_autofree char *hint = NULL;

  panel_show_question (self, report);
  self->anchored = report != NULL && report_is_anchored (report);
  if (self->result == NULL && self->checking == NULL && !self->failed)
    {
      if (report == NULL)
        hint = g_strdup (_ ("There is no report to check."));
      else if (self->anchored)
        hint = g_strdup (_ ("Not checked yet. Verify fetches the record and the proof, and checks "
                            "everything on this computer."));
      else
        hint = g_strdup_printf (
            _ ("Its proof comes with the blockchain: it still waits for %s."),
            pt_format_waits (report->waits_for != NULL ? report->waits_for : "its window to end"));
      pt_check_view_set_result (self->check, NULL, hint);
    }
  panel_sensitive (self);
}

static void
panel_choose_report (PtSitePanel *self, const PtReportRow *report)
{
  if (report != NULL && g_strcmp0 (report->device, self->device) == 0 && report->seq == self->seq)
    {
      panel_show_hint (self);
      return;
    }
  panel_stop_check (self);
  self->picked = !self->filling;
  g_free (self->device);
  self->device = report != NULL ? g_strdup (report->device) : NULL;
  self->seq = report != NULL ? report->seq : 0;
  panel_show_hint (self);
}

static void
report_selected_cb (PtSitePanel *self, GtkListBoxRow *row)
{
  if (row != NULL && self->detail != NULL
      && (guint) gtk_list_box_row_get_index (row) < self->detail->reports->len)
    panel_choose_report (
        self, g_ptr_array_index (self->detail->reports, (guint) gtk_list_box_row_get_index (row)));
}

/* What is looked at stays chosen; else the newest that can be checked. */
static guint
report_to_choose (PtSitePanel *self)
{
  gboolean stays = self->result != NULL || self->checking != NULL || self->failed || self->picked;
  guint anchored = G_MAXUINT;

  for (guint i = 0; i < self->detail->reports->len; i++)
    {
      const PtReportRow *report = g_ptr_array_index (self->detail->reports, i);

      if (stays && g_strcmp0 (report->device, self->device) == 0 && report->seq == self->seq)
        return i;
      if (anchored == G_MAXUINT && report_is_anchored (report))
        anchored = i;
    }
  return anchored != G_MAXUINT ? anchored : 0;
}

static gboolean
detail_has (const PtSiteDetail *detail, PtReportItem *item)
{
  for (guint i = 0; i < detail->reports->len; i++)
    if (pt_report_item_is (item, g_ptr_array_index (detail->reports, i)))
      return TRUE;
  return FALSE;
}

/* Rows of reports that are still there stay: a screen reader may be in one of them. */
static void
panel_fill_reports (PtSitePanel *self)
{
  const PtSiteDetail *detail = self->detail;
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->reports, i)) != NULL;)
    if (detail_has (detail, PT_REPORT_ITEM (row)))
      i++;
    else
      gtk_list_box_remove (self->reports, GTK_WIDGET (row));
  for (guint i = 0; i < detail->reports->len; i++)
    {
      const PtReportRow *report = g_ptr_array_index (detail->reports, i);

      row = gtk_list_box_get_row_at_index (self->reports, (int) i);
      if (row == NULL || !pt_report_item_is (PT_REPORT_ITEM (row), report))
        {
          row = GTK_LIST_BOX_ROW (pt_report_item_new (report));
          gtk_list_box_insert (self->reports, GTK_WIDGET (row), (int) i);
        }
      pt_report_item_set (PT_REPORT_ITEM (row), report, self->now);
      pt_report_item_set_stale (PT_REPORT_ITEM (row), self->stale);
    }
  /* Left over where their order changed. */
  while ((row = gtk_list_box_get_row_at_index (self->reports, (int) detail->reports->len)) != NULL)
    gtk_list_box_remove (self->reports, GTK_WIDGET (row));
}

static void
panel_show_reports (PtSitePanel *self)
{
  guint chosen = report_to_choose (self);
  gboolean any = self->detail->reports->len > 0;

  self->filling = TRUE;
  panel_fill_reports (self);
  gtk_widget_set_visible (GTK_WIDGET (self->reports), any);
  gtk_widget_set_visible (GTK_WIDGET (self->no_reports), !any);
  gtk_label_set_label (self->no_reports, _ ("No report of this site is known."));
  if (any)
    gtk_list_box_select_row (self->reports,
                             gtk_list_box_get_row_at_index (self->reports, (int) chosen));
  else
    panel_choose_report (self, NULL);
  panel_show_hint (self);
  self->filling = FALSE;
}

/* What the daemon says, else the oldest report that is here. */
static gint64
known_from (const PtSiteDetail *detail)
{
  const PtReportRow *oldest;

  if (detail->known_from > 0 || detail->reports->len == 0)
    return detail->known_from;
  oldest = g_ptr_array_index (detail->reports, detail->reports->len - 1);
  return oldest->ts;
}

/* Until when it was heard, whatever it said. */
static gint64
heard_to (PtSitePanel *self, const PtSiteRow *row)
{
  switch (row->state)
    {
    case PT_SITE_ON:
    case PT_SITE_OFF:
      return self->now;
    case PT_SITE_SILENT:
      return last_heard (self, row);
    case PT_SITE_UNKNOWN:
      return row->last_report;
    }
  g_return_val_if_reached (0);
}

/* Whose key is in two hands; NULL: nobody's. */
static char *
copied_sentence (const PtSiteDetail *detail)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint count = 0;

  for (guint i = 0; i < detail->devices->len; i++)
    {
      const PtDeviceRow *device = g_ptr_array_index (detail->devices, i);

      if (device->copied)
        g_string_append_printf (names, "%s%s", count++ > 0 ? ", " : "", device->device);
    }
  if (count == 0)
    return NULL;
  return g_strdup_printf (
      ngettext ("The key of %s was copied: it signed two different reports with one counter. What "
                "it reports may be somebody else's.",
                "The keys of %s were copied: each signed two different reports with one counter. "
                "What they report may be somebody else's.",
                count),
      names->str);
}

static void
panel_show_copied (PtSitePanel *self)
{
  g_autofree char *copied = self->detail != NULL ? copied_sentence (self->detail) : NULL;

  gtk_label_set_label (self->copied, copied != NULL ? copied : "");
  gtk_widget_set_visible (GTK_WIDGET (self->copied), copied != NULL);
}

static void
panel_show_detail (PtSitePanel *self)
{
  const PtSiteRow *row = pt_site_store_get (pt_link_sites (self->link), self->number);

  panel_show_copied (self);
  pt_timeline_set (self->timeline, self->detail->outages, self->now, known_from (self->detail),
                   heard_to (self, row));
  panel_show_row (self);
  panel_show_reports (self);
}

/* Complaints of this site: those that are open, and the last ones that were */

static void
complaint_activated_cb (PtSitePanel *self, GtkListBoxRow *row)
{
  const PtComplaint *complaint = g_object_get_data (G_OBJECT (row), "complaint");

  g_signal_emit (self, complaint_signal, 0, complaint->area, complaint->complaint);
}

static int
open_and_new_first (gconstpointer a, gconstpointer b)
{
  const PtComplaint *one = *(const PtComplaint *const *) a;
  const PtComplaint *other = *(const PtComplaint *const *) b;
  int order = pt_complaint_is_open (other) - pt_complaint_is_open (one);

  return order != 0 ? order : (one->filed_at < other->filed_at) - (one->filed_at > other->filed_at);
}

static GPtrArray *
complaints_here (PtSitePanel *self)
{
  GListModel *all = pt_link_list (self->link, &pt_list_complaints);
  GPtrArray *here = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; self->site != NULL && i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (PtComplaint) complaint = g_list_model_get_item (all, i);

      if (g_strcmp0 (complaint->site, self->site) == 0 && strcmp (complaint->area, self->area) == 0)
        g_ptr_array_add (here, g_steal_pointer (&complaint));
    }
  g_ptr_array_sort (here, open_and_new_first);
  return here;
}

static void
panel_show_complaints (PtSitePanel *self)
{
  g_autoptr (GPtrArray) here = complaints_here (self);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->complaints))) != NULL)
    gtk_list_box_remove (self->complaints, child);
  for (guint i = 0; i < MIN (here->len, COMPLAINTS_SHOWN); i++)
    {
      PtComplaint *complaint = here->pdata[i];
      GtkWidget *row = pt_complaint_row_new (), *item = gtk_list_box_row_new ();

      gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (item), row);
      g_object_set_data_full (G_OBJECT (item), "complaint", g_object_ref (complaint),
                              g_object_unref);
      gtk_list_box_append (self->complaints, item);
      pt_complaint_row_set (PT_COMPLAINT_ROW (row), complaint,
                            complaint->outage_since != 0 ? PT_SITE_OFF : PT_SITE_UNKNOWN);
      pt_complaint_row_tick (PT_COMPLAINT_ROW (row), self->now, self->stale);
    }
  gtk_widget_set_visible (self->complaints_group, here->len > 0);
}

static gboolean
complaints_later_cb (gpointer data)
{
  PtSitePanel *self = data;

  self->complaints_source = 0;
  panel_show_complaints (self);
  return G_SOURCE_REMOVE;
}

static void
panel_queue_complaints (PtSitePanel *self)
{
  if (self->site != NULL && self->complaints_source == 0)
    self->complaints_source = g_timeout_add (DETAIL_MS, complaints_later_cb, self);
}

/* Loading */

static gboolean
panel_load_again (gpointer data)
{
  PtSitePanel *self = data;

  self->again_source = 0;
  panel_load (self);
  return G_SOURCE_REMOVE;
}

static void
panel_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtSitePanel) self = user_data;
  g_autoptr (GError) error = NULL;
  PtSiteDetail *detail = pt_link_load_site_finish (PT_LINK (source), result, &error);

  if (detail == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->loading);
  if (detail == NULL)
    {
      if (self->detail != NULL)
        return;
      gtk_widget_set_visible (GTK_WIDGET (self->no_reports), TRUE);
      gtk_label_set_label (self->no_reports, error->message);
      return;
    }
  if (self->site == NULL || strcmp (detail->site, self->site) != 0
      || self->number >= pt_site_store_size (pt_link_sites (self->link)))
    {
      pt_site_detail_free (detail);
      return;
    }
  g_clear_pointer (&self->detail, pt_site_detail_free);
  self->detail = detail;
  panel_show_detail (self);
}

static void
panel_load (PtSitePanel *self)
{
  if (self->site == NULL || self->loading != NULL || pt_link_state (self->link) != PT_LINK_LIVE)
    return;
  self->loading = g_cancellable_new ();
  pt_link_load_site_async (self->link, self->area, self->site, G_MAXINT64, self->loading,
                           panel_loaded_cb, g_object_ref (self));
}

static void
panel_queue_load (PtSitePanel *self)
{
  if (self->site != NULL && self->again_source == 0)
    self->again_source = g_timeout_add (DETAIL_MS, panel_load_again, self);
}

static void
panel_clear_site (PtSitePanel *self)
{
  panel_stop_check (self);
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_handle_id (&self->again_source, g_source_remove);
  g_clear_pointer (&self->detail, pt_site_detail_free);
  g_clear_pointer (&self->area, g_free);
  g_clear_pointer (&self->site, g_free);
  g_clear_pointer (&self->device, g_free);
  self->anchored = FALSE;
  self->picked = FALSE;
}

static gboolean
panel_has_site (PtSitePanel *self, guint number)
{
  PtSiteStore *sites = pt_link_sites (self->link);
  const PtSiteRow *row;

  if (self->site == NULL || number >= pt_site_store_size (sites))
    return FALSE;
  row = pt_site_store_get (sites, number);
  return strcmp (row->site, self->site) == 0 && strcmp (row->area, self->area) == 0;
}

void
pt_site_panel_show (PtSitePanel *self, guint number)
{
  const PtSiteRow *row;
  GtkWidget *child;

  g_return_if_fail (PT_IS_SITE_PANEL (self));
  if (panel_has_site (self, number))
    {
      /* The same one again, perhaps by another number: what was asked about it stays. */
      self->number = number;
      panel_show_row (self);
      panel_queue_load (self);
      return;
    }
  panel_clear_site (self);
  panel_show_copied (self);
  panel_forget_verdict (self);
  self->number = number;
  if (number >= pt_site_store_size (pt_link_sites (self->link)))
    {
      gtk_label_set_label (self->name, "");
      gtk_label_set_label (self->about, "");
      gtk_label_set_label (self->state, "");
      gtk_stack_set_visible_child_name (self->stack, "none");
      return;
    }
  row = pt_site_store_get (pt_link_sites (self->link), number);
  self->area = g_strdup (row->area);
  self->site = g_strdup (row->site);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->reports))) != NULL)
    gtk_list_box_remove (self->reports, child);
  gtk_widget_set_visible (GTK_WIDGET (self->reports), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->no_reports), FALSE);
  pt_timeline_set (self->timeline, NULL, self->now, 0, 0);
  pt_check_view_set_result (self->check, NULL, NULL);
  panel_sensitive (self);
  panel_show_row (self);
  panel_show_complaints (self);
  gtk_stack_set_visible_child_name (self->stack, "site");
  panel_load (self);
}

gboolean
pt_site_panel_site (PtSitePanel *self, const char **area, const char **site)
{
  g_return_val_if_fail (PT_IS_SITE_PANEL (self), FALSE);
  *area = self->area;
  *site = self->site;
  return self->site != NULL;
}

/* News */

static void
panel_changed_cb (PtSiteStore *sites, GArray *numbers, PtSitePanel *self)
{
  for (guint i = 0; self->site != NULL && i < numbers->len; i++)
    if (g_array_index (numbers, guint, i) == self->number)
      {
        panel_show_row (self);
        panel_queue_load (self);
        return;
      }
}

static void
panel_reset_cb (PtSiteStore *sites, PtSitePanel *self)
{
  guint number
      = self->site != NULL ? pt_site_store_find (sites, self->area, self->site) : PT_SITE_NONE;

  if (self->site == NULL)
    return;
  if (number == PT_SITE_NONE)
    {
      pt_site_panel_show (self, PT_SITE_NONE);
      return;
    }
  self->number = number;
  panel_show_row (self);
  panel_queue_load (self);
}

/* A batch of this area moved on: what its reports wait for is another thing now. */
static void
panel_batches_cb (GListModel *batches, guint position, guint removed, guint added,
                  PtSitePanel *self)
{
  for (guint i = position; self->area != NULL && i < position + added; i++)
    {
      g_autoptr (PtBatch) batch = g_list_model_get_item (batches, i);

      if (strcmp (batch->area, self->area) == 0)
        {
          panel_queue_load (self);
          return;
        }
    }
}

void
pt_site_panel_set_link (PtSitePanel *self, PtLink *link)
{
  g_return_if_fail (PT_IS_SITE_PANEL (self) && self->link == NULL);
  self->link = g_object_ref (link);
  g_signal_connect_object (pt_link_sites (link), "changed", G_CALLBACK (panel_changed_cb), self, 0);
  g_signal_connect_object (pt_link_sites (link), "reset", G_CALLBACK (panel_reset_cb), self, 0);
  g_signal_connect_object (pt_link_list (link, &pt_list_batches), "items-changed",
                           G_CALLBACK (panel_batches_cb), self, 0);
  g_signal_connect_object (pt_link_list (link, &pt_list_complaints), "items-changed",
                           G_CALLBACK (panel_queue_complaints), self, G_CONNECT_SWAPPED);
}

void
pt_site_panel_set_rpc (PtSitePanel *self, const char *rpc)
{
  g_return_if_fail (PT_IS_SITE_PANEL (self));
  g_free (self->rpc);
  self->rpc = g_strdup (rpc);
}

void
pt_site_panel_set_settings (PtSitePanel *self, const PtSettings *settings)
{
  g_return_if_fail (PT_IS_SITE_PANEL (self));
  self->settings = settings;
}

/* What is old is gray: bar and reports, too. */
static void
panel_set_stale (PtSitePanel *self, gboolean stale)
{
  GtkListBoxRow *row;

  self->stale = stale;
  pt_timeline_set_stale (self->timeline, stale);
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->reports, i)) != NULL; i++)
    pt_report_item_set_stale (PT_REPORT_ITEM (row), stale);
}

void
pt_site_panel_tick (PtSitePanel *self, gint64 now, gboolean stale)
{
  g_return_if_fail (PT_IS_SITE_PANEL (self));
  self->now = now;
  if (self->stale && !stale)
    panel_queue_load (self);
  if (self->stale != stale)
    panel_set_stale (self, stale);
  panel_show_row (self);
}

/* Verify */

static void
panel_checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtSitePanel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCheckResult) checked = pt_check_run_finish (result, &error);

  if (checked == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->checking);
  self->checked = self->now;
  if (checked == NULL)
    {
      self->failed = TRUE;
      pt_check_view_set_error (self->check, error->message);
    }
  else
    {
      pt_check_view_set_result (self->check, checked, NULL);
      self->result = g_steal_pointer (&checked);
    }
  panel_sensitive (self);
}

static const char *
panel_rpc (PtSitePanel *self)
{
  const PtDaemonStatus *status = pt_link_status (self->link);

  if (self->rpc != NULL)
    return self->rpc;
  return status != NULL ? status->public_rpc[0] : NULL;
}

/* A key was pressed where the button can't be. */
static void
panel_say_why_not (PtSitePanel *self)
{
  const char *why = NULL;

  if (self->site == NULL)
    why = _ ("Choose a site first: one of its reports is what can be checked.");
  else if (self->checking != NULL)
    why = _ ("The report is being checked.");
  else if (self->detail == NULL)
    why = _ ("The site's reports are still on their way.");
  else if (self->detail->reports->len > 0)
    why = _ ("This report's proof is not on the blockchain yet.");
  else
    why = _ ("There is no report to check.");
  g_signal_emit (self, said_signal, 0, why);
}

void
pt_site_panel_verify (PtSitePanel *self)
{
  PtCheckAnchor anchor = { NULL };
  const PtReportRow *report;

  g_return_if_fail (PT_IS_SITE_PANEL (self));
  report = chosen_report (self);
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->verify)) || self->device == NULL)
    {
      panel_say_why_not (self);
      return;
    }
  if (self->settings != NULL)
    anchor = (PtCheckAnchor){ self->settings->contract, self->settings->chain_id,
                              self->settings->from_block };
  panel_stop_check (self);
  g_free (self->asked);
  self->asked = report != NULL ? report_name (self, report) : NULL;
  self->checking = g_cancellable_new ();
  pt_check_view_set_busy (self->check, TRUE);
  panel_sensitive (self);
  pt_check_run_report_async (self->link, self->area, self->device, self->seq, panel_rpc (self),
                             &anchor, self->checking, panel_checked_cb, g_object_ref (self));
}

/* Save */

static void
panel_saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtSitePanel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = pt_save_finish (result, &error);
  g_autofree char *text = NULL;

  if (path == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  text = path != NULL ? g_strdup_printf (_ ("Proof saved as %s"), path)
                      : g_strdup_printf (_ ("The proof was not saved: %s"), error->message);
  g_signal_emit (self, said_signal, 0, text);
}

static void
panel_ask_where (PtSitePanel *self, GBytes *bundle)
{
  g_autofree char *name = g_strdup_printf ("%s-%s-%" G_GINT64_FORMAT ".powertrack-proof.json",
                                           self->area, self->device, self->seq);

  pt_save_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), _ ("Save the proof"), name,
                 bundle, G_FILE_CREATE_NONE, panel_saved_cb, g_object_ref (self));
}

static void
panel_proof_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtSitePanel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bundle = pt_link_load_bytes_finish (PT_LINK (source), result, &error);

  if (bundle == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->checking);
  panel_sensitive (self);
  if (bundle != NULL)
    panel_ask_where (self, bundle);
  else
    g_signal_emit (self, said_signal, 0, error->message);
}

void
pt_site_panel_save_proof (PtSitePanel *self)
{
  g_return_if_fail (PT_IS_SITE_PANEL (self));
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->save)) || self->device == NULL)
    return;
  /* What was verified is what is saved. */
  if (self->result != NULL)
    {
      panel_ask_where (self, self->result->bundle);
      return;
    }
  self->checking = g_cancellable_new ();
  panel_sensitive (self);
  pt_link_load_proof_async (self->link, self->area, self->device, self->seq, self->checking,
                            panel_proof_cb, g_object_ref (self));
}

/* The object */

static gboolean
pt_site_panel_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PT_SITE_PANEL (widget)->verify));
}

static void
pt_site_panel_dispose (GObject *object)
{
  PtSitePanel *self = PT_SITE_PANEL (object);
  GtkWidget *child;

  panel_clear_site (self);
  g_clear_handle_id (&self->complaints_source, g_source_remove);
  g_clear_pointer (&self->asked, g_free);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->link);
  g_clear_pointer (&self->rpc, g_free);
  G_OBJECT_CLASS (pt_site_panel_parent_class)->dispose (object);
}

static void
pt_site_panel_class_init (PtSitePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_site_panel_dispose;
  GTK_WIDGET_CLASS (klass)->grab_focus = pt_site_panel_grab_focus;
  said_signal = g_signal_new ("said", PT_TYPE_SITE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
  complaint_signal = g_signal_new ("complaint", PT_TYPE_SITE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  g_type_ensure (PT_TYPE_STATE_ICON);
  g_type_ensure (PT_TYPE_TIMELINE);
  g_type_ensure (PT_TYPE_CHECK_VIEW);
  g_type_ensure (ADW_TYPE_STATUS_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-site-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, stack);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, icon);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, name);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, about);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, state);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, copied);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, no_reports);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, question);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, earlier);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, timeline);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, reports);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, complaints);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, complaints_group);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, check);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, save);
  gtk_widget_class_bind_template_child (widget_class, PtSitePanel, verify);
  gtk_widget_class_bind_template_callback (widget_class, report_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, complaint_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, pt_site_panel_save_proof);
  gtk_widget_class_bind_template_callback (widget_class, pt_site_panel_verify);
}

static void
pt_site_panel_init (PtSitePanel *self)
{
  self->number = PT_SITE_NONE;
  gtk_widget_init_template (GTK_WIDGET (self));
}
