/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-anchor-page.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-accessible.h"
#include "pt-feed-batches.h"
#include "pt-format.h"
#include "pt-list-top.h"
#include "pt-notice.h"

struct _PtAnchorPage
{
  GtkWidget parent_instance;
  PtNotice *notice;
  GtkLabel *pending, *sealed, *published, *submitted, *final, *chain, *empty;
  GtkStack *stack;
  GtkColumnView *view;
  PtListTop *top;
  PtLink *link;
  GtkCustomFilter *filter;
  GtkSingleSelection *selection;
  char *area;
};

G_DEFINE_TYPE (PtAnchorPage, pt_anchor_page, GTK_TYPE_WIDGET)

static guint said_signal;

/* Columns */

static char *
text_area (const PtBatch *batch, gint64 now)
{
  return g_strdup (batch->area);
}

static char *
text_number (const PtBatch *batch, gint64 now)
{
  return pt_format_number ((gint64) batch->batch);
}

static char *
text_window (const PtBatch *batch, gint64 now)
{
  g_autofree char *from = pt_format_time (batch->from, now);
  g_autofree char *to = pt_format_time (batch->to, now);
  const char *hours = strrchr (to, ' ');

  /* The same day is said once. */
  if (hours != NULL && strncmp (from, to, (gsize) (hours - to)) == 0)
    return g_strdup_printf ("%s–%s", from, hours + 1);
  return g_strdup_printf ("%s–%s", from, to);
}

static char *
text_entries (const PtBatch *batch, gint64 now)
{
  return pt_format_number (batch->size - batch->prev_size);
}

static char *
text_state (const PtBatch *batch, gint64 now)
{
  return g_strdup (pt_format_batch_state (batch->state));
}

static char *
text_waits (const PtBatch *batch, gint64 now)
{
  return g_strdup (batch->state == PT_BATCH_FINAL ? "–" : pt_format_waits (batch->waits_for));
}

static char *
text_block (const PtBatch *batch, gint64 now)
{
  return batch->block > 0 ? pt_format_number (batch->block) : g_strdup ("–");
}

static char *
text_cid (const PtBatch *batch, gint64 now)
{
  return pt_format_short (batch->cid);
}

typedef struct
{
  const char *title;
  char *(*text) (const PtBatch *batch, gint64 now);
  gboolean number, expands;
} Column;

static const Column columns[] = {
  { N_ ("Area"), text_area, FALSE, FALSE },     { N_ ("Batch"), text_number, TRUE, FALSE },
  { N_ ("Window"), text_window, FALSE, FALSE }, { N_ ("Entries"), text_entries, TRUE, FALSE },
  { N_ ("State"), text_state, FALSE, FALSE },   { N_ ("Waits for"), text_waits, FALSE, TRUE },
  { N_ ("Block"), text_block, TRUE, FALSE },    { N_ ("File (CID)"), text_cid, FALSE, FALSE },
};

static void
cell_setup_cb (GtkListItemFactory *factory, GtkListItem *item, PtAnchorPage *self)
{
  const Column *column = g_object_get_data (G_OBJECT (factory), "column");
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), column->number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label),
                           column->expands ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

/* The row, from a cell of it. */
static void
row_say (GtkWidget *label, const PtBatch *batch, const char *state)
{
  g_autofree char *number = pt_format_number ((gint64) batch->batch);
  g_autofree char *waits = text_waits (batch, 0);
  g_autofree char *words
      = g_strdup_printf (_ ("area %s, batch %s: %s, %s"), batch->area, number, state, waits);

  pt_accessible_name_row (gtk_widget_get_parent (label), words);
}

static void
cell_bind_cb (GtkListItemFactory *factory, GtkListItem *item, PtAnchorPage *self)
{
  const Column *column = g_object_get_data (G_OBJECT (factory), "column");
  const PtBatch *batch = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  g_autofree char *text = column->text (batch, pt_link_now (self->link));

  gtk_label_set_label (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, column->text == text_cid ? batch->cid : NULL);
  if (column->text != text_state)
    return;
  row_say (label, batch, text);
  gtk_widget_remove_css_class (label, "final");
  if (batch->state == PT_BATCH_FINAL)
    gtk_widget_add_css_class (label, "final");
}

static void
page_add_column (PtAnchorPage *self, const Column *column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) made = NULL;

  g_object_set_data (G_OBJECT (factory), "column", (gpointer) column);
  g_signal_connect_object (factory, "setup", G_CALLBACK (cell_setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (cell_bind_cb), self, 0);
  made = gtk_column_view_column_new (_ (column->title), factory);
  gtk_column_view_column_set_expand (made, column->expands);
  gtk_column_view_column_set_resizable (made, TRUE);
  gtk_column_view_append_column (self->view, made);
}

/* Numbers and words */

static void
set_count (GtkLabel *label, gint64 count)
{
  g_autofree char *text = pt_format_number (count);

  gtk_label_set_label (label, text);
}

static void
page_show_chain (PtAnchorPage *self, const PtDaemonStatus *status)
{
  g_autofree char *text = NULL;

  if (status->chain_id == 0)
    text = g_strdup (_ ("No blockchain is configured: batches wait, sealed; nothing is lost."));
  else
    text
        = g_strdup_printf (_ ("Chain %" PRIu64 " · contract %s · %s"), status->chain_id,
                           status->contract != NULL ? status->contract : _ ("not known"),
                           status->chain_state != NULL ? status->chain_state : _ ("not asked yet"));
  gtk_label_set_label (self->chain, text);
}

static void
page_status_cb (PtAnchorPage *self)
{
  const PtDaemonStatus *status = pt_link_status (self->link);

  if (status == NULL)
    return;
  set_count (self->pending, status->pending);
  set_count (self->sealed, status->batches[PT_BATCH_SEALED]);
  set_count (self->published, status->batches[PT_BATCH_PUBLISHED]);
  set_count (self->submitted, status->batches[PT_BATCH_SUBMITTED]);
  set_count (self->final, status->batches[PT_BATCH_FINAL]);
  pt_notice_set (self->notice, status->attention ? status->detail : NULL, NULL);
  page_show_chain (self, status);
}

static gboolean
batch_matches (gpointer item, gpointer data)
{
  const PtAnchorPage *self = data;

  return self->area == NULL || strcmp (((PtBatch *) item)->area, self->area) == 0;
}

static void
page_items_cb (PtAnchorPage *self)
{
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0;

  gtk_stack_set_visible_child_name (self->stack, any ? "list" : "empty");
}

static void
page_activate_cb (PtAnchorPage *self, guint position)
{
  g_autoptr (PtBatch) batch = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (batch == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), batch->cid);
  g_signal_emit (self, said_signal, 0, _ ("The file's CID was copied."));
}

/* The object */

void
pt_anchor_page_set_link (PtAnchorPage *self, PtLink *link)
{
  GtkFilterListModel *filtered;

  g_return_if_fail (PT_IS_ANCHOR_PAGE (self) && self->link == NULL);
  self->link = g_object_ref (link);
  self->filter = gtk_custom_filter_new (batch_matches, self, NULL);
  filtered = gtk_filter_list_model_new (g_object_ref (pt_link_list (link, &pt_list_batches)),
                                        g_object_ref (GTK_FILTER (self->filter)));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (filtered));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  pt_list_top_set_model (self->top, G_LIST_MODEL (self->selection));
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (page_items_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (link, "status-changed", G_CALLBACK (page_status_cb), self,
                           G_CONNECT_SWAPPED);
  page_items_cb (self);
  page_status_cb (self);
}

void
pt_anchor_page_set_area (PtAnchorPage *self, const char *area)
{
  g_return_if_fail (PT_IS_ANCHOR_PAGE (self));
  g_free (self->area);
  self->area = g_strdup (area);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  pt_list_top_return (self->top);
}

static gboolean
pt_anchor_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PT_ANCHOR_PAGE (widget)->view));
}

static void
pt_anchor_page_dispose (GObject *object)
{
  PtAnchorPage *self = PT_ANCHOR_PAGE (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->filter);
  g_clear_object (&self->link);
  g_clear_pointer (&self->area, g_free);
  G_OBJECT_CLASS (pt_anchor_page_parent_class)->dispose (object);
}

static void
pt_anchor_page_class_init (PtAnchorPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_anchor_page_dispose;
  said_signal = g_signal_new ("said", PT_TYPE_ANCHOR_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
  GTK_WIDGET_CLASS (klass)->grab_focus = pt_anchor_page_grab_focus;
  g_type_ensure (PT_TYPE_NOTICE);
  g_type_ensure (PT_TYPE_LIST_TOP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-anchor-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, notice);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, pending);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, sealed);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, published);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, submitted);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, final);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, chain);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, empty);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtAnchorPage, top);
  gtk_widget_class_bind_template_callback (widget_class, page_activate_cb);
}

static void
pt_anchor_page_init (PtAnchorPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    page_add_column (self, &columns[i]);
}
