/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaints-page.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-act-pane.h"
#include "pt-complaint-queue.h"
#include "pt-complaint-view.h"
#include "pt-error.h"
#include "pt-feed-batches.h"

#define AGAIN_MS 400 /* the least time between two looks at the same one */
#define MANY_MAX 500 /* that are acted on at once */

struct _PtComplaintsPage
{
  GtkWidget parent_instance;
  AdwLeaflet *leaflet;
  AdwFlap *flap;
  GtkWidget *one, *bar, *back;
  GtkToggleButton *act;
  PtComplaintQueue *queue;
  PtComplaintView *view;
  PtActPane *pane;
  PtSession *session;
  PtLink *link;
  GPtrArray *chosen;  /* PtComplaint */
  GPtrArray *details; /* PtComplaintDetail of all of them, once they are there; or NULL */
  GPtrArray *coming;  /* those that are there of a load that goes on */
  GCancellable *loading;
  guint again_source;
};

G_DEFINE_FINAL_TYPE (PtComplaintsPage, pt_complaints_page, GTK_TYPE_WIDGET)

enum
{
  SITE,
  SAID,
  COUNTED,
  SIGNALS
};

static guint signals[SIGNALS];

/* Loading what is chosen, one after another */

static void page_load_next (PtComplaintsPage *page);

static void
free_detail (gpointer detail)
{
  pt_complaint_detail_free (detail);
}

static void
page_stop (PtComplaintsPage *page)
{
  if (page->loading != NULL)
    g_cancellable_cancel (page->loading);
  g_clear_object (&page->loading);
  g_clear_pointer (&page->coming, g_ptr_array_unref);
}

static void
page_show_many (PtComplaintsPage *page)
{
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u complaint is chosen.", "%u complaints are chosen.", page->chosen->len),
      page->chosen->len);

  pt_complaint_view_say (page->view, text);
}

/* The view lets go of the old ones before they go. */
static void
page_take (PtComplaintsPage *page, GPtrArray *details)
{
  g_autoptr (GPtrArray) before = page->details;

  page->details = details;
  if (details == NULL || details->len == 0)
    pt_complaint_view_set (page->view, NULL);
  else if (details->len == 1)
    pt_complaint_view_set (page->view, details->pdata[0]);
  else
    page_show_many (page);
  pt_act_pane_set (page->pane, details);
  if (!adw_flap_get_folded (page->flap))
    adw_flap_set_reveal_flap (page->flap, details != NULL && details->len > 0);
}

/* Beside what it showed, where that is there still. */
static void
page_accuse (PtComplaintsPage *page, const char *lie)
{
  PtComplaintDetail *detail
      = page->details != NULL && page->details->len == 1 ? page->details->pdata[0] : NULL;

  if (detail == NULL)
    {
      pt_complaint_view_accuse (page->view, lie);
      return;
    }
  g_free (detail->lie);
  detail->lie = g_strdup (lie);
  pt_complaint_view_set (page->view, detail);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtComplaintsPage) page = user_data;
  g_autoptr (GError) error = NULL;
  PtComplaintDetail *detail = pt_session_load_finish (PT_SESSION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || page->coming == NULL)
    {
      pt_complaint_detail_free (detail);
      return;
    }
  if (detail == NULL)
    {
      /* What was there stays: a line that is lost makes it no less true. */
      if (g_error_matches (error, PT_ERROR, PT_ERROR_CONFLICT))
        page_accuse (page, error->message);
      else if (page->details == NULL)
        pt_complaint_view_say (page->view, error->message);
      page_stop (page);
      return;
    }
  g_ptr_array_add (page->coming, detail);
  page_load_next (page);
}

static void
page_load_next (PtComplaintsPage *page)
{
  const PtComplaint *complaint;

  if (page->coming->len >= MIN (page->chosen->len, MANY_MAX))
    {
      page_take (page, g_steal_pointer (&page->coming));
      page_stop (page);
      return;
    }
  complaint = page->chosen->pdata[page->coming->len];
  pt_session_load_async (page->session, complaint->area, complaint->complaint, page->loading,
                         loaded_cb, g_object_ref (page));
}

static void
page_load (PtComplaintsPage *page)
{
  page_stop (page);
  if (page->chosen->len == 0)
    {
      page_take (page, NULL);
      return;
    }
  page->loading = g_cancellable_new ();
  page->coming = g_ptr_array_new_with_free_func (free_detail);
  page_load_next (page);
}

static gboolean
page_again_cb (gpointer data)
{
  PtComplaintsPage *page = data;

  page->again_source = 0;
  page_load (page);
  return G_SOURCE_REMOVE;
}

static void
page_load_later (PtComplaintsPage *page)
{
  if (page->again_source == 0 && page->chosen->len > 0)
    page->again_source = g_timeout_add (AGAIN_MS, page_again_cb, page);
}

/* News: of those that are looked at */

static const PtComplaintDetail *
detail_of (PtComplaintsPage *page, const PtComplaint *complaint)
{
  for (guint i = 0; page->details != NULL && i < page->details->len; i++)
    {
      const PtComplaintDetail *detail = page->details->pdata[i];

      if (strcmp (detail->complaint->complaint, complaint->complaint) == 0
          && strcmp (detail->complaint->area, complaint->area) == 0)
        return detail;
    }
  return NULL;
}

static void
complaints_changed_cb (GListModel *all, guint position, guint removed, guint added,
                       PtComplaintsPage *page)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (PtComplaint) complaint = g_list_model_get_item (all, i);
      const PtComplaintDetail *detail = detail_of (page, complaint);

      if (detail == NULL)
        continue;
      page_load_later (page);
      return;
    }
}

/* A batch took a step: so did the entries in it. */
static void
batches_changed_cb (GListModel *batches, guint position, guint removed, guint added,
                    PtComplaintsPage *page)
{
  for (guint i = position; page->details != NULL && i < position + added; i++)
    {
      g_autoptr (PtBatch) batch = g_list_model_get_item (batches, i);

      for (guint k = 0; k < page->details->len; k++)
        if (strcmp (((PtComplaintDetail *) page->details->pdata[k])->complaint->area, batch->area)
            == 0)
          {
            page_load_later (page);
            return;
          }
    }
}

static void
session_changed_cb (PtComplaintsPage *page)
{
  PtKeyringKey *key = pt_session_key (page->session);

  pt_complaint_queue_set_official (page->queue, key != NULL ? key->official : NULL);
  if (pt_session_state (page->session) != PT_SESSION_BUSY)
    page_load_later (page);
}

/* Choosing */

static gboolean
same_chosen (PtComplaintsPage *page, GPtrArray *chosen)
{
  if (chosen->len != page->chosen->len)
    return FALSE;
  for (guint i = 0; i < chosen->len; i++)
    {
      const PtComplaint *one = chosen->pdata[i], *other = page->chosen->pdata[i];

      if (strcmp (one->complaint, other->complaint) != 0 || strcmp (one->area, other->area) != 0)
        return FALSE;
    }
  return TRUE;
}

static void
queue_chosen_cb (PtComplaintsPage *page)
{
  g_autoptr (GPtrArray) chosen = pt_complaint_queue_chosen (page->queue);

  if (same_chosen (page, chosen))
    return;
  g_ptr_array_unref (page->chosen);
  page->chosen = g_steal_pointer (&chosen);
  page_take (page, NULL);
  if (page->chosen->len > 0)
    pt_complaint_view_say (page->view, _ ("Loading…"));
  page_load (page);
  if (page->chosen->len == 1)
    {
      const PtComplaint *complaint = page->chosen->pdata[0];

      if (complaint->site != NULL)
        g_signal_emit (page, signals[SITE], 0, complaint->area, complaint->site, FALSE);
    }
}

static void
page_show_bar (PtComplaintsPage *page)
{
  gboolean folded = adw_leaflet_get_folded (page->leaflet);
  gboolean over = adw_flap_get_folded (page->flap);

  gtk_widget_set_visible (page->back, folded);
  gtk_widget_set_visible (GTK_WIDGET (page->act), over);
  gtk_widget_set_visible (page->bar, folded || over);
}

/* Twice, or with Return: nearer. */
static void
queue_activated_cb (PtComplaintsPage *page)
{
  adw_leaflet_set_visible_child (page->leaflet, page->one);
  if (!adw_leaflet_get_folded (page->leaflet))
    gtk_widget_child_focus (GTK_WIDGET (page->pane), GTK_DIR_TAB_FORWARD);
}

static void
queue_counted_cb (PtComplaintsPage *page)
{
  g_signal_emit (page, signals[COUNTED], 0);
}

static void
back_clicked_cb (PtComplaintsPage *page)
{
  adw_leaflet_set_visible_child (page->leaflet, GTK_WIDGET (page->queue));
  gtk_widget_grab_focus (GTK_WIDGET (page->queue));
}

static void
flap_folded_cb (PtComplaintsPage *page)
{
  adw_flap_set_reveal_flap (page->flap, !adw_flap_get_folded (page->flap) && page->details != NULL);
  page_show_bar (page);
}

static void
view_site_cb (PtComplaintsPage *page, const char *area, const char *site)
{
  g_signal_emit (page, signals[SITE], 0, area, site, TRUE);
}

static void
pane_acted_cb (PtComplaintsPage *page)
{
  page_load (page);
}

static void
pane_said_cb (PtComplaintsPage *page, const char *text)
{
  g_signal_emit (page, signals[SAID], 0, text);
}

/* In and out */

void
pt_complaints_page_set_session (PtComplaintsPage *page, PtSession *session, PtLink *link)
{
  g_return_if_fail (PT_IS_COMPLAINTS_PAGE (page) && page->session == NULL);
  page->session = g_object_ref (session);
  page->link = g_object_ref (link);
  pt_complaint_queue_set_link (page->queue, link);
  pt_complaint_view_set_session (page->view, session, link);
  pt_act_pane_set_session (page->pane, session, link);
  g_signal_connect_object (pt_link_list (link, &pt_list_complaints), "items-changed",
                           G_CALLBACK (complaints_changed_cb), page, 0);
  g_signal_connect_object (pt_link_list (link, &pt_list_batches), "items-changed",
                           G_CALLBACK (batches_changed_cb), page, 0);
  g_signal_connect_object (session, "changed", G_CALLBACK (session_changed_cb), page,
                           G_CONNECT_SWAPPED);
  page_show_bar (page);
}

void
pt_complaints_page_set_area (PtComplaintsPage *page, const char *area)
{
  g_return_if_fail (PT_IS_COMPLAINTS_PAGE (page));
  pt_complaint_queue_set_area (page->queue, area);
}

void
pt_complaints_page_set_search (PtComplaintsPage *page, const char *words)
{
  g_return_if_fail (PT_IS_COMPLAINTS_PAGE (page));
  pt_complaint_queue_set_search (page->queue, words);
}

void
pt_complaints_page_tick (PtComplaintsPage *page, gint64 now, gboolean stale)
{
  g_return_if_fail (PT_IS_COMPLAINTS_PAGE (page));
  pt_complaint_queue_tick (page->queue, now, stale);
  pt_complaint_view_tick (page->view, now, stale);
  pt_act_pane_tick (page->pane, now);
}

void
pt_complaints_page_show (PtComplaintsPage *page, const char *area, const char *complaint)
{
  g_return_if_fail (PT_IS_COMPLAINTS_PAGE (page));
  pt_complaint_queue_choose (page->queue, area, complaint);
  adw_leaflet_set_visible_child (page->leaflet, page->one);
}

void
pt_complaints_page_begin (PtComplaintsPage *page, PtAction action)
{
  g_return_if_fail (PT_IS_COMPLAINTS_PAGE (page));
  adw_leaflet_set_visible_child (page->leaflet, page->one);
  adw_flap_set_reveal_flap (page->flap, TRUE);
  pt_act_pane_begin (page->pane, action);
}

gboolean
pt_complaints_page_back (PtComplaintsPage *page)
{
  g_return_val_if_fail (PT_IS_COMPLAINTS_PAGE (page), FALSE);
  if (pt_act_pane_cancel (page->pane))
    return TRUE;
  if (adw_flap_get_folded (page->flap) && adw_flap_get_reveal_flap (page->flap))
    {
      adw_flap_set_reveal_flap (page->flap, FALSE);
      return TRUE;
    }
  if (!adw_leaflet_get_folded (page->leaflet)
      || adw_leaflet_get_visible_child (page->leaflet) == GTK_WIDGET (page->queue))
    return FALSE;
  back_clicked_cb (page);
  return TRUE;
}

void
pt_complaints_page_counts (PtComplaintsPage *page, guint *open, guint *overdue)
{
  const PtComplaintCounts *counts;

  g_return_if_fail (PT_IS_COMPLAINTS_PAGE (page));
  counts = pt_complaint_queue_counts (page->queue);
  *open = counts->sets[PT_COMPLAINTS_OPEN];
  *overdue = counts->sets[PT_COMPLAINTS_OVERDUE];
}

void
pt_complaints_page_panes (PtComplaintsPage *page, GtkWidget *panes[3])
{
  gboolean folded;

  g_return_if_fail (PT_IS_COMPLAINTS_PAGE (page));
  folded = adw_leaflet_get_folded (page->leaflet);
  panes[0] = !folded || adw_leaflet_get_visible_child (page->leaflet) == GTK_WIDGET (page->queue)
                 ? GTK_WIDGET (page->queue)
                 : NULL;
  panes[1] = !folded || panes[0] == NULL ? GTK_WIDGET (page->view) : NULL;
  panes[2]
      = panes[1] != NULL && adw_flap_get_reveal_flap (page->flap) ? GTK_WIDGET (page->pane) : NULL;
}

/* The object */

static gboolean
pt_complaints_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PT_COMPLAINTS_PAGE (widget)->queue));
}

static void
pt_complaints_page_dispose (GObject *object)
{
  PtComplaintsPage *page = PT_COMPLAINTS_PAGE (object);
  GtkWidget *child;

  g_clear_handle_id (&page->again_source, g_source_remove);
  page_stop (page);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (page))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&page->details, g_ptr_array_unref);
  g_clear_object (&page->session);
  g_clear_object (&page->link);
  G_OBJECT_CLASS (pt_complaints_page_parent_class)->dispose (object);
}

static void
pt_complaints_page_finalize (GObject *object)
{
  g_ptr_array_unref (PT_COMPLAINTS_PAGE (object)->chosen);
  G_OBJECT_CLASS (pt_complaints_page_parent_class)->finalize (object);
}

static void
pt_complaints_page_class_init (PtComplaintsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_complaints_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_complaints_page_finalize;
  widget_class->grab_focus = pt_complaints_page_grab_focus;
  signals[SITE] = g_signal_new ("site", PT_TYPE_COMPLAINTS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[SAID] = g_signal_new ("said", PT_TYPE_COMPLAINTS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[COUNTED] = g_signal_new ("counted", PT_TYPE_COMPLAINTS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (PT_TYPE_COMPLAINT_QUEUE);
  g_type_ensure (PT_TYPE_COMPLAINT_VIEW);
  g_type_ensure (PT_TYPE_ACT_PANE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/powertracker/Console/ui/pt-complaints-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, leaflet);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, flap);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, one);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, bar);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, back);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, act);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, queue);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintsPage, pane);
  gtk_widget_class_bind_template_callback (widget_class, queue_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, queue_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, queue_counted_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, flap_folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, view_site_cb);
  gtk_widget_class_bind_template_callback (widget_class, pane_acted_cb);
  gtk_widget_class_bind_template_callback (widget_class, pane_said_cb);
}

static void
pt_complaints_page_init (PtComplaintsPage *page)
{
  page->chosen = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (page));
  g_object_bind_property (page->act, "active", page->flap, "reveal-flap", G_BINDING_BIDIRECTIONAL);
  g_signal_connect_object (page->leaflet, "notify::folded", G_CALLBACK (page_show_bar), page,
                           G_CONNECT_SWAPPED);
}
