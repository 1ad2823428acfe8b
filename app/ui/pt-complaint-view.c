/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-view.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-complaint-bar.h"
#include "pt-complaint-query.h"
#include "pt-complaint-words-box.h"
#include "pt-complaint-words.h"
#include "pt-format.h"
#include "pt-step-row.h"

struct _PtComplaintView
{
  GtkWidget parent_instance;
  GtkStack *stack;
  AdwStatusPage *none;
  GtkLabel *title, *about, *state, *fault, *device_about, *outage;
  GtkButton *map;
  PtComplaintWordsBox *words;
  PtComplaintBar *bar;
  GtkListBox *steps;
  PtSession *session;
  PtLink *link;
  const PtComplaintDetail *detail; /* borrowed */
  PtSiteDetail *site;
  GCancellable *loading;
  char *loaded; /* area/site of ->site, or of what is loading */
  gint64 now;
  gboolean stale;
};

G_DEFINE_FINAL_TYPE (PtComplaintView, pt_complaint_view, GTK_TYPE_WIDGET)

static guint site_signal, acted_signal;

/* Its head */

static void
append (GString *text, const char *part)
{
  if (part == NULL || part[0] == '\0')
    return;
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, part);
}

/* "complaint 1234 567 890 · site T-0042 · feeder F-07 · filed 18:40 by a citizen, joined by 5" */
static char *
about_words (PtComplaintView *view)
{
  const PtComplaint *complaint = view->detail->complaint;
  GString *text = g_string_new (NULL);
  g_autofree char *number = pt_format_complaint (complaint->complaint);
  g_autofree char *what = g_strdup_printf (_ ("complaint %s"), number);
  g_autofree char *area = g_strdup_printf (_ ("area %s"), complaint->area);
  g_autofree char *site = complaint->site != NULL ? g_strdup_printf (_ ("site %s"), complaint->site)
                                                  : pt_complaint_where (complaint);
  g_autofree char *feeder
      = complaint->feeder != NULL ? g_strdup_printf (_ ("feeder %s"), complaint->feeder) : NULL;
  g_autofree char *when = pt_format_time (complaint->filed_at, view->now);
  g_autofree char *filed = g_strdup_printf (
      complaint->by_service ? _ ("filed %s through the service") : _ ("filed %s by a citizen"),
      when);
  g_autofree char *count = pt_format_number (complaint->people - 1);
  g_autofree char *joined = g_strdup_printf (
      ngettext ("joined by %s", "joined by %s", (gulong) complaint->people - 1), count);

  append (text, what);
  append (text, site);
  append (text, feeder);
  append (text, area);
  append (text, filed);
  append (text, complaint->people > 1 ? joined : NULL);
  return g_string_free (text, FALSE);
}

/* Who rejected it; of one that waits for a second officer. NULL: it doesn't. */
static char *
waits_words (PtComplaintView *view)
{
  const GPtrArray *steps = view->detail->steps;

  if (view->detail->complaint->state != PT_COMPLAINT_REJECTING)
    return NULL;
  for (guint i = steps->len; i > 0; i--)
    {
      const PtComplaintStep *step = steps->pdata[i - 1];

      if (step->action == PT_ACTION_REJECT)
        return g_strdup_printf (_ ("waits for the approval of another officer than %s"), step->by);
    }
  return NULL;
}

/* What was promised, and what became of it. */
static char *
state_words (PtComplaintView *view)
{
  const PtComplaint *complaint = view->detail->complaint;
  GString *text = g_string_new (NULL);
  g_autofree char *answer = pt_format_time (complaint->acknowledge_by, view->now);
  g_autofree char *by = pt_format_time (complaint->resolve_by, view->now);
  g_autofree char *answer_due = g_strdup_printf (
      complaint->acknowledge_by < view->now ? _ ("answer was due %s") : _ ("answer due %s"),
      answer);
  g_autofree char *due = g_strdup_printf (
      complaint->resolve_by < view->now ? _ ("resolution was due %s") : _ ("resolution due %s"),
      by);
  g_autofree char *to
      = complaint->assigned != NULL ? g_strdup_printf (_ ("with %s"), complaint->assigned) : NULL;
  g_autofree char *waits = waits_words (view);

  append (text, pt_complaint_state_word (complaint->state));
  append (text, waits);
  append (text, to);
  append (text, pt_complaint_closed_word (complaint->closed));
  if (pt_complaint_is_open (complaint))
    {
      append (text, complaint->acknowledge_by != 0 && complaint->acknowledged_at == 0 ? answer_due
                                                                                      : NULL);
      append (text, complaint->resolve_by != 0 ? due : NULL);
    }
  return g_string_free (text, FALSE);
}

static void
view_show_head (PtComplaintView *view)
{
  const PtComplaint *complaint = view->detail->complaint;
  guint faults = pt_complaint_detail_faults (view->detail);
  g_autofree char *where = pt_complaint_where (complaint);
  g_autofree char *title = g_strdup_printf ("%s, %s", pt_complaint_title (complaint),
                                            complaint->place != NULL ? complaint->place : where);
  g_autofree char *about = about_words (view), *state = state_words (view);
  g_autofree char *fault = g_strdup_printf (
      ngettext ("%u step of this complaint does not hold: it was altered, or is by somebody who "
                "may not. Keep it and tell the auditor.",
                "%u steps of this complaint do not hold: they were altered, or are by somebody who "
                "may not. Keep it and tell the auditor.",
                faults),
      faults);
  gboolean bad
      = complaint->closed == PT_CLOSED_AGAINST || pt_complaint_is_overdue (complaint, view->now);
  const char *styles[] = { "heading", bad ? "off" : "body", NULL };

  gtk_label_set_label (view->title, title);
  gtk_label_set_label (view->about, about);
  gtk_label_set_label (view->state, state);
  gtk_widget_set_css_classes (GTK_WIDGET (view->state), styles);
  gtk_label_set_label (view->fault, view->detail->lie != NULL ? view->detail->lie : fault);
  gtk_widget_set_visible (GTK_WIDGET (view->fault), view->detail->lie != NULL || faults > 0);
  gtk_widget_set_visible (GTK_WIDGET (view->map), complaint->site != NULL);
}

/* What was done: what joins one after another is one row */

static void
view_show_steps (PtComplaintView *view)
{
  const GPtrArray *steps = view->detail->steps;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (view->steps))) != NULL)
    gtk_list_box_remove (view->steps, child);
  for (guint i = 0, count; i < steps->len; i += count)
    {
      const PtComplaintStep *step = steps->pdata[i];

      for (count = 1; step->action == PT_ACTION_JOIN && i + count < steps->len; count++)
        if (((const PtComplaintStep *) steps->pdata[i + count])->action != PT_ACTION_JOIN)
          break;
      gtk_list_box_append (view->steps, pt_step_row_new (view->detail, i, count, view->now));
    }
}

/* What the device says */

static const PtSiteRow *
view_site (PtComplaintView *view)
{
  const PtComplaint *complaint = view->detail->complaint;
  PtSiteStore *sites = pt_link_sites (view->link);
  guint number = complaint->site != NULL
                     ? pt_site_store_find (sites, complaint->area, complaint->site)
                     : PT_SITE_NONE;

  return number != PT_SITE_NONE ? pt_site_store_get (sites, number) : NULL;
}

static char *
device_words (PtComplaintView *view, const PtSiteRow *row)
{
  g_autofree char *since = pt_format_time (row->since, view->now);

  switch (row->state)
    {
    case PT_SITE_OFF:
      return row->since != 0 ? g_strdup_printf (_ ("%s: off since %s"), row->site, since)
                             : g_strdup_printf (_ ("%s: off"), row->site);
    case PT_SITE_ON:
      return row->since != 0 ? g_strdup_printf (_ ("%s: on since %s"), row->site, since)
                             : g_strdup_printf (_ ("%s: on"), row->site);
    case PT_SITE_SILENT:
      return g_strdup_printf (_ ("%s: silent since %s; whether it has supply is not known"),
                              row->site, since);
    case PT_SITE_UNKNOWN:
      break;
    }
  return g_strdup_printf (_ ("%s: never heard"), row->site);
}

static void
view_show_outage (PtComplaintView *view)
{
  const PtComplaint *complaint = view->detail->complaint;
  g_autofree char *since = pt_format_time (complaint->outage_since, view->now);
  g_autofree char *back = pt_format_time (complaint->supply_back_at, view->now);
  g_autofree char *text = NULL;

  if (complaint->outage_since != 0)
    text = g_strdup_printf (_ ("Part of the outage that lasts since %s."), since);
  else if (complaint->supply_back_at != 0)
    text = g_strdup_printf (_ ("Supply came back at %s; the citizen is asked."), back);
  gtk_widget_set_visible (GTK_WIDGET (view->outage), text != NULL);
  gtk_label_set_label (view->outage, text != NULL ? text : "");
}

static void
view_show_device (PtComplaintView *view)
{
  const PtSiteRow *row = view_site (view);
  g_autofree char *words = NULL;

  gtk_widget_set_visible (GTK_WIDGET (view->bar), row != NULL);
  view_show_outage (view);
  if (row == NULL)
    {
      gtk_label_set_label (view->device_about, view->detail->complaint->site == NULL
                                                   ? _ ("There is no device near this place.")
                                                   : _ ("Its site is not known here."));
      return;
    }
  words = device_words (view, row);
  gtk_label_set_label (view->device_about, words);
  pt_complaint_bar_set (
      view->bar, view->detail, view->site, view->now,
      row->state == PT_SITE_SILENT || row->state == PT_SITE_UNKNOWN ? row->last_report : view->now);
}

static void
site_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtComplaintView) view = user_data;
  g_autoptr (GError) error = NULL;
  PtSiteDetail *site = pt_link_load_site_finish (PT_LINK (source), result, &error);

  if (site == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_clear_pointer (&view->loaded, g_free);
      return;
    }
  g_clear_pointer (&view->site, pt_site_detail_free);
  view->site = site;
  if (view->detail != NULL)
    view_show_device (view);
}

/* Anew with every change of the complaint, for its device may have spoken too. */
static void
view_load_site (PtComplaintView *view)
{
  const PtComplaint *complaint = view->detail->complaint;
  g_autofree char *name = g_strdup_printf ("%s/%s", complaint->area, complaint->site);

  if (view->loading != NULL)
    g_cancellable_cancel (view->loading);
  g_clear_object (&view->loading);
  if (g_strcmp0 (name, view->loaded) != 0)
    g_clear_pointer (&view->site, pt_site_detail_free);
  g_free (view->loaded);
  view->loaded = g_steal_pointer (&name);
  if (complaint->site == NULL)
    return;
  view->loading = g_cancellable_new ();
  pt_link_load_site_async (view->link, complaint->area, complaint->site,
                           pt_complaint_bar_from (view->detail, pt_link_now (view->link)),
                           view->loading, site_loaded_cb, g_object_ref (view));
}

/* In and out */

void
pt_complaint_view_say (PtComplaintView *view, const char *text)
{
  g_return_if_fail (PT_IS_COMPLAINT_VIEW (view) && text != NULL);
  view->detail = NULL;
  pt_complaint_words_box_forget (view->words);
  adw_status_page_set_title (view->none, _ ("No complaint chosen"));
  adw_status_page_set_icon_name (view->none, "mail-unread-symbolic");
  adw_status_page_set_description (view->none, text);
  gtk_stack_set_visible_child_name (view->stack, "none");
}

void
pt_complaint_view_accuse (PtComplaintView *view, const char *lie)
{
  g_return_if_fail (PT_IS_COMPLAINT_VIEW (view) && lie != NULL);
  pt_complaint_view_say (view, lie);
  adw_status_page_set_title (view->none, _ ("The daemon takes back what it showed"));
  adw_status_page_set_icon_name (view->none, "dialog-warning-symbolic");
}

void
pt_complaint_view_set (PtComplaintView *view, const PtComplaintDetail *detail)
{
  g_return_if_fail (PT_IS_COMPLAINT_VIEW (view) && view->session != NULL);
  view->detail = detail;
  if (detail == NULL)
    {
      pt_complaint_view_say (view, _ ("Choose one in the list to see what was said and done."));
      return;
    }
  view_load_site (view);
  view_show_head (view);
  view_show_steps (view);
  view_show_device (view);
  pt_complaint_words_box_set (view->words, detail, view->session, view->link, view->now);
  gtk_stack_set_visible_child_name (view->stack, "complaint");
}

void
pt_complaint_view_tick (PtComplaintView *view, gint64 now, gboolean stale)
{
  g_return_if_fail (PT_IS_COMPLAINT_VIEW (view));
  view->now = now;
  if (stale != view->stale)
    pt_complaint_bar_set_stale (view->bar, stale);
  view->stale = stale;
  if (view->detail == NULL)
    return;
  view_show_head (view);
  view_show_device (view);
}

void
pt_complaint_view_set_session (PtComplaintView *view, PtSession *session, PtLink *link)
{
  g_return_if_fail (PT_IS_COMPLAINT_VIEW (view) && view->session == NULL);
  view->session = g_object_ref (session);
  view->link = g_object_ref (link);
}

static void
map_clicked_cb (PtComplaintView *view)
{
  if (view->detail != NULL && view->detail->complaint->site != NULL)
    g_signal_emit (view, site_signal, 0, view->detail->complaint->area,
                   view->detail->complaint->site);
}

static void
words_acted_cb (PtComplaintView *view)
{
  g_signal_emit (view, acted_signal, 0);
}

/* The object */

static void
pt_complaint_view_dispose (GObject *object)
{
  PtComplaintView *view = PT_COMPLAINT_VIEW (object);
  GtkWidget *child;

  if (view->loading != NULL)
    g_cancellable_cancel (view->loading);
  g_clear_object (&view->loading);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (view))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&view->site, pt_site_detail_free);
  g_clear_pointer (&view->loaded, g_free);
  g_clear_object (&view->session);
  g_clear_object (&view->link);
  G_OBJECT_CLASS (pt_complaint_view_parent_class)->dispose (object);
}

static void
pt_complaint_view_class_init (PtComplaintViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_complaint_view_dispose;
  site_signal = g_signal_new ("site", PT_TYPE_COMPLAINT_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  acted_signal = g_signal_new ("acted", PT_TYPE_COMPLAINT_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
  g_type_ensure (ADW_TYPE_STATUS_PAGE);
  g_type_ensure (PT_TYPE_COMPLAINT_BAR);
  g_type_ensure (PT_TYPE_COMPLAINT_WORDS_BOX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-complaint-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, stack);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, none);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, title);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, about);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, state);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, fault);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, device_about);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, outage);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, map);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, words);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, bar);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintView, steps);
  gtk_widget_class_bind_template_callback (widget_class, map_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, words_acted_cb);
}

static void
pt_complaint_view_init (PtComplaintView *view)
{
  gtk_widget_init_template (GTK_WIDGET (view));
}
