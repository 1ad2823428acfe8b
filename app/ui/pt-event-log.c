/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-log.h"

#include <glib/gi18n-lib.h>

#include "pt-event-lines.h"
#include "pt-event-row.h"
#include "pt-format.h"

#define FLUSH_MS 250

struct _PtEventLog
{
  GtkWidget parent_instance;
  GtkToggleButton *power, *anchoring, *complaints, *system;
  GtkStack *stack;
  GtkLabel *empty;
  GtkListView *list;
  PtEventLines *lines;
  GtkCustomFilter *filter;
  GtkFilterListModel *shown;
  char *hidden[PT_EVENT_KINDS]; /* what each filter says; NULL: nothing yet */
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

/* Filters */

static GtkToggleButton *
log_button (PtEventLog *self, PtEventKind kind)
{
  switch (kind)
    {
    case PT_EVENT_POWER:
      return self->power;
    case PT_EVENT_ANCHORING:
      return self->anchoring;
    case PT_EVENT_COMPLAINT:
      return self->complaints;
    case PT_EVENT_SYSTEM:
      break;
    }
  return self->system;
}

static gboolean
line_is_shown (gpointer item, gpointer data)
{
  const PtEventLine *line = item;

  return line->urgent || gtk_toggle_button_get_active (log_button (data, line->kind));
}

static const char *
kind_name (PtEventKind kind)
{
  switch (kind)
    {
    case PT_EVENT_POWER:
      return _ ("Power");
    case PT_EVENT_ANCHORING:
      return _ ("Anchoring");
    case PT_EVENT_COMPLAINT:
      return _ ("Complaints");
    case PT_EVENT_SYSTEM:
      break;
    }
  return _ ("System");
}

static char *
hidden_words (PtEventKind kind, guint count)
{
  g_autofree char *number = pt_format_number (count);

  switch (kind)
    {
    case PT_EVENT_POWER:
      return g_strdup_printf (
          ngettext ("%s line of power hidden", "%s lines of power hidden", count), number);
    case PT_EVENT_ANCHORING:
      return g_strdup_printf (
          ngettext ("%s line of anchoring hidden", "%s lines of anchoring hidden", count), number);
    case PT_EVENT_COMPLAINT:
      return g_strdup_printf (
          ngettext ("%s line of complaints hidden", "%s lines of complaints hidden", count),
          number);
    case PT_EVENT_SYSTEM:
      break;
    }
  return g_strdup_printf (
      ngettext ("%s line of the system hidden", "%s lines of the system hidden", count), number);
}

/* A filter that hides something says how much. */
static void
filter_show (PtEventLog *self, PtEventKind kind, guint hidden)
{
  GtkToggleButton *button = log_button (self, kind);
  g_autofree char *number = pt_format_number (hidden);
  g_autofree char *words = hidden > 0 ? hidden_words (kind, hidden) : g_strdup (kind_name (kind));
  g_autofree char *label = hidden > 0
                               ? g_strdup_printf (_ ("%s · %s hidden"), kind_name (kind), number)
                               : g_strdup (kind_name (kind));

  if (g_strcmp0 (words, self->hidden[kind]) == 0)
    return;
  g_free (self->hidden[kind]);
  self->hidden[kind] = g_steal_pointer (&words);
  gtk_button_set_label (GTK_BUTTON (button), label);
  gtk_widget_set_tooltip_text (GTK_WIDGET (button), hidden > 0 ? self->hidden[kind] : NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->hidden[kind], -1);
}

static void
log_show_filters (PtEventLog *self)
{
  GListModel *list = pt_event_lines_list (self->lines);
  guint hidden[PT_EVENT_KINDS] = { 0 }, count = g_list_model_get_n_items (list);

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (PtEventLine) line = g_list_model_get_item (list, i);

      hidden[line->kind] += !line_is_shown (line, self);
    }
  for (guint kind = 0; kind < PT_EVENT_KINDS; kind++)
    filter_show (self, (PtEventKind) kind, hidden[kind]);
  gtk_label_set_label (self->empty, count > 0
                                        ? _ ("Nothing but what the filters hide has happened.")
                                        : _ ("Nothing has happened since this window was opened."));
  gtk_stack_set_visible_child_name (
      self->stack, g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0 ? "list" : "empty");
}

static void
log_to_top (PtEventLog *self)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
}

static void
filter_toggled_cb (PtEventLog *self)
{
  if (self->filter == NULL)
    return; /* the template is being filled */
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  log_show_filters (self);
  log_to_top (self);
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
  gboolean follow = at_top (self);

  self->flush_source = 0;
  pt_event_lines_flush (self->lines);
  log_show_filters (self);
  if (follow)
    log_to_top (self);
  return G_SOURCE_REMOVE;
}

static void
log_event_cb (PtLink *link, PtEventLine *line, PtEventLog *self)
{
  /* A daemon without complaints has no filter of them. */
  if (line->kind == PT_EVENT_COMPLAINT)
    gtk_widget_set_visible (GTK_WIDGET (self->complaints), TRUE);
  pt_event_lines_put (self->lines, line, g_get_monotonic_time ());
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

  return g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0
         && gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

/* The object */

static void
pt_event_log_dispose (GObject *object)
{
  PtEventLog *self = PT_EVENT_LOG (object);
  GtkWidget *child;

  g_clear_handle_id (&self->flush_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  g_clear_object (&self->lines);
  for (guint kind = 0; kind < PT_EVENT_KINDS; kind++)
    g_clear_pointer (&self->hidden[kind], g_free);
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
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, power);
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, anchoring);
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, complaints);
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, system);
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, stack);
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, empty);
  gtk_widget_class_bind_template_child (widget_class, PtEventLog, list);
  gtk_widget_class_bind_template_callback (widget_class, filter_toggled_cb);
}

static void
pt_event_log_init (PtEventLog *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkNoSelection) selection = NULL;
  GListModel *list;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->lines = pt_event_lines_new ();
  self->filter = gtk_custom_filter_new (line_is_shown, self, NULL);
  list = G_LIST_MODEL (g_object_ref (pt_event_lines_list (self->lines)));
  self->shown = gtk_filter_list_model_new (list, GTK_FILTER (g_object_ref (self->filter)));
  g_signal_connect_object (factory, "setup", G_CALLBACK (row_setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (row_bind_cb), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->shown)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  log_show_filters (self);
}
