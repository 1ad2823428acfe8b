/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-anchoring-page.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-format.h"

#define TILES 5

struct _PtAnchoringPage
{
  GtkWidget parent_instance;
  GtkBox *tile_open, *tile_sealed, *tile_published, *tile_submitted, *tile_final;
  GtkLabel *chain;
  GtkStack *stack;
  GtkColumnView *view;
  GtkLabel *numbers[TILES];
  PtLink *link;
  GtkCustomFilter *filter;
  GListModel *shown;
  char *area;
};

G_DEFINE_TYPE (PtAnchoringPage, pt_anchoring_page, GTK_TYPE_WIDGET)

/* Columns */

typedef char *(*CellText) (const PtBatch *batch, gint64 now);

static char *
cell_area (const PtBatch *batch, gint64 now)
{
  return g_strdup (batch->area);
}

static char *
cell_batch (const PtBatch *batch, gint64 now)
{
  return pt_format_number ((gint64) batch->batch);
}

static char *
cell_window (const PtBatch *batch, gint64 now)
{
  g_autofree char *from = pt_format_time (batch->from, now), *to = pt_format_clock (batch->to);

  to[MIN (strlen (to), 5)] = '\0';
  return g_strdup_printf ("%s – %s", from, to);
}

static char *
cell_entries (const PtBatch *batch, gint64 now)
{
  return pt_format_number (batch->size - batch->prev_size);
}

static char *
cell_state (const PtBatch *batch, gint64 now)
{
  return g_strdup (pt_format_batch_state ((int) batch->state));
}

static char *
cell_waits (const PtBatch *batch, gint64 now)
{
  return g_strdup (batch->waits_for != NULL ? pt_format_waits (batch->waits_for) : "–");
}

static char *
cell_block (const PtBatch *batch, gint64 now)
{
  return batch->block > 0 ? pt_format_number (batch->block) : g_strdup ("–");
}

static char *
cell_cid (const PtBatch *batch, gint64 now)
{
  return pt_format_short (batch->cid);
}

static const struct
{
  const char *title;
  CellText text;
  gboolean number, wide;
} columns[] = {
  { N_ ("Area"), cell_area, FALSE, FALSE },
  { N_ ("Batch"), cell_batch, TRUE, FALSE },
  { N_ ("Window"), cell_window, FALSE, FALSE },
  { N_ ("Entries"), cell_entries, TRUE, FALSE },
  { N_ ("State"), cell_state, FALSE, FALSE },
  { N_ ("Waits for"), cell_waits, FALSE, TRUE },
  { N_ ("Block"), cell_block, TRUE, FALSE },
  { N_ ("Content identifier"), cell_cid, FALSE, FALSE },
};

static guint
column_of (GtkListItemFactory *factory)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (factory), "column"));
}

static void
cell_setup_cb (GtkListItemFactory *factory, GtkListItem *item, PtAnchoringPage *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), columns[column_of (factory)].number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
cell_bind_cb (GtkListItemFactory *factory, GtkListItem *item, PtAnchoringPage *self)
{
  const PtBatch *batch = gtk_list_item_get_item (item);
  guint column = column_of (factory);
  g_autofree char *text = columns[column].text (batch, pt_link_now (self->link));
  GtkWidget *label = gtk_list_item_get_child (item);

  gtk_label_set_label (GTK_LABEL (label), text);
  if (columns[column].text == cell_cid)
    gtk_widget_set_tooltip_text (label, batch->cid);
}

static void
page_add_columns (PtAnchoringPage *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn) column = NULL;

      g_object_set_data (G_OBJECT (factory), "column", GUINT_TO_POINTER (i));
      g_signal_connect_object (factory, "setup", G_CALLBACK (cell_setup_cb), self, 0);
      g_signal_connect_object (factory, "bind", G_CALLBACK (cell_bind_cb), self, 0);
      column = gtk_column_view_column_new (_ (columns[i].title), factory);
      gtk_column_view_column_set_expand (column, columns[i].wide);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_append_column (self->view, column);
    }
}

/* Numbers */

static void
page_show_status (PtAnchoringPage *self)
{
  const PtDaemonStatus *status = pt_link_status (self->link);
  g_autofree char *chain = NULL;

  if (status == NULL)
    return;
  for (guint i = 0; i < TILES; i++)
    {
      g_autofree char *number
          = pt_format_number (i == 0 ? status->pending : status->batches[i - 1]);

      gtk_label_set_label (self->numbers[i], number);
    }
  if (status->chain_id == 0)
    chain = g_strdup (_ ("This daemon has no chain: batches are sealed and published, and wait."));
  else
    chain = g_strdup_printf (_ ("Chain %" PRIu64 ", contract %s: %s"), status->chain_id,
                             status->contract, status->chain_state);
  gtk_label_set_label (self->chain, chain);
}

static void
page_count (PtAnchoringPage *self)
{
  gtk_stack_set_visible_child_name (self->stack,
                                    g_list_model_get_n_items (self->shown) > 0 ? "list" : "empty");
}

static gboolean
batch_matches (gpointer item, gpointer data)
{
  const PtAnchoringPage *self = data;

  return self->area == NULL || strcmp (self->area, ((PtBatch *) item)->area) == 0;
}

void
pt_anchoring_page_set_link (PtAnchoringPage *self, PtLink *link)
{
  GtkNoSelection *selection;

  g_return_if_fail (PT_IS_ANCHORING_PAGE (self) && self->link == NULL);
  self->link = g_object_ref (link);
  self->filter = gtk_custom_filter_new (batch_matches, self, NULL);
  self->shown = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (pt_link_batches (link)),
                                                         g_object_ref (GTK_FILTER (self->filter))));
  selection = gtk_no_selection_new (g_object_ref (self->shown));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);
  g_signal_connect_object (self->shown, "items-changed", G_CALLBACK (page_count), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (link, "status-changed", G_CALLBACK (page_show_status), self,
                           G_CONNECT_SWAPPED);
  page_show_status (self);
  page_count (self);
}

void
pt_anchoring_page_set_area (PtAnchoringPage *self, const char *area)
{
  g_return_if_fail (PT_IS_ANCHORING_PAGE (self));
  g_free (self->area);
  self->area = g_strdup (area);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static void
pt_anchoring_page_dispose (GObject *object)
{
  PtAnchoringPage *self = PT_ANCHORING_PAGE (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  g_clear_object (&self->link);
  g_clear_pointer (&self->area, g_free);
  G_OBJECT_CLASS (pt_anchoring_page_parent_class)->dispose (object);
}

static void
pt_anchoring_page_class_init (PtAnchoringPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_anchoring_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-anchoring-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtAnchoringPage, tile_open);
  gtk_widget_class_bind_template_child (widget_class, PtAnchoringPage, tile_sealed);
  gtk_widget_class_bind_template_child (widget_class, PtAnchoringPage, tile_published);
  gtk_widget_class_bind_template_child (widget_class, PtAnchoringPage, tile_submitted);
  gtk_widget_class_bind_template_child (widget_class, PtAnchoringPage, tile_final);
  gtk_widget_class_bind_template_child (widget_class, PtAnchoringPage, chain);
  gtk_widget_class_bind_template_child (widget_class, PtAnchoringPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PtAnchoringPage, view);
}

static void
pt_anchoring_page_init (PtAnchoringPage *self)
{
  static const char *const words[TILES]
      = { N_ ("entries wait for their window to end"), N_ ("batches sealed, wait for publication"),
          N_ ("published, wait for a transaction"), N_ ("submitted, wait for blocks"),
          N_ ("final") };

  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < TILES; i++)
    {
      GtkBox *const tiles[TILES] = { self->tile_open, self->tile_sealed, self->tile_published,
                                     self->tile_submitted, self->tile_final };
      GtkWidget *number = gtk_label_new ("–"), *text = gtk_label_new (_ (words[i]));

      gtk_label_set_xalign (GTK_LABEL (number), 0);
      gtk_label_set_xalign (GTK_LABEL (text), 0);
      gtk_label_set_wrap (GTK_LABEL (text), TRUE);
      gtk_widget_add_css_class (number, "title-2");
      gtk_widget_add_css_class (number, "numeric");
      gtk_widget_add_css_class (text, "caption");
      gtk_widget_add_css_class (text, "dim-label");
      gtk_box_append (tiles[i], number);
      gtk_box_append (tiles[i], text);
      self->numbers[i] = GTK_LABEL (number);
    }
  page_add_columns (self);
}
