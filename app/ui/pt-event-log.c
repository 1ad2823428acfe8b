/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-log.h"

#include "pt-event-row.h"

#define LINES_MAX 500
#define FLUSH_MS 150

struct _PtEventLog
{
  GtkWidget parent_instance;
  GtkStack *stack;
  GtkListView *list;
  GListStore *lines;
  GPtrArray *waiting; /* PtEventLine, oldest first: told of together */
  guint flush_source;
};

G_DEFINE_TYPE (PtEventLog, pt_event_log, GTK_TYPE_WIDGET)

/* Rows */

static void
row_setup_cb (GtkListItemFactory *factory, GtkListItem *item, PtEventLog *self)
{
  gtk_list_item_set_child (item, pt_event_row_new ());
  gtk_list_item_set_activatable (item, FALSE);
}

static void
row_bind_cb (GtkListItemFactory *factory, GtkListItem *item, PtEventLog *self)
{
  pt_event_row_set (PT_EVENT_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

/* Lines */

static gboolean
at_top (PtEventLog *self)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list));

  return adjustment == NULL || gtk_adjustment_get_value (adjustment) < 8;
}

static gboolean
log_flush (gpointer data)
{
  PtEventLog *self = data;
  guint kept = g_list_model_get_n_items (G_LIST_MODEL (self->lines));
  guint count = MIN (self->waiting->len, LINES_MAX);
  gboolean follow = at_top (self);
  g_autofree gpointer *added = g_new (gpointer, count);

  self->flush_source = 0;
  for (guint i = 0; i < count; i++)
    added[i] = g_ptr_array_index (self->waiting, self->waiting->len - 1 - i);
  if (kept + count > LINES_MAX)
    g_list_store_splice (self->lines, LINES_MAX - count, kept + count - LINES_MAX, NULL, 0);
  g_list_store_splice (self->lines, 0, 0, added, count);
  g_ptr_array_set_size (self->waiting, 0);
  gtk_stack_set_visible_child_name (self->stack, "list");
  if (follow)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
  return G_SOURCE_REMOVE;
}

static void
log_event_cb (PtLink *link, PtEventLine *line, PtEventLog *self)
{
  g_ptr_array_add (self->waiting, g_object_ref (line));
  if (self->waiting->len > 2 * LINES_MAX)
    g_ptr_array_remove_range (self->waiting, 0, LINES_MAX);
  if (self->flush_source == 0)
    self->flush_source = g_timeout_add (FLUSH_MS, log_flush, self);
}

void
pt_event_log_set_link (PtEventLog *self, PtLink *link)
{
  g_return_if_fail (PT_IS_EVENT_LOG (self));
  g_signal_connect_object (link, "stream-event", G_CALLBACK (log_event_cb), self, 0);
}

static gboolean
pt_event_log_grab_focus (GtkWidget *widget)
{
  PtEventLog *self = PT_EVENT_LOG (widget);

  return g_list_model_get_n_items (G_LIST_MODEL (self->lines)) > 0
         && gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
pt_event_log_dispose (GObject *object)
{
  PtEventLog *self = PT_EVENT_LOG (object);
  GtkWidget *child;

  g_clear_handle_id (&self->flush_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->lines);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  G_OBJECT_CLASS (pt_event_log_parent_class)->dispose (object);
}

static void
pt_event_log_class_init (PtEventLogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_event_log_dispose;
  widget_class->grab_focus = pt_event_log_grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-event-log.ui");
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, stack);
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, list);
}

static void
pt_event_log_init (PtEventLog *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkNoSelection) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->lines = g_list_store_new (PT_TYPE_EVENT_LINE);
  g_signal_connect_object (factory, "setup", G_CALLBACK (row_setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (row_bind_cb), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->lines)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
}
