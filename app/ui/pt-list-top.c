/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-list-top.h"

#include <glib/gi18n-lib.h>

struct _PtListTop
{
  GtkWidget parent_instance;
  GtkScrolledWindow *scrolled;
  GtkButton *button;
  GListModel *model;
  gboolean left;    /* somebody has scrolled it, and not back to its top */
  gboolean touched; /* by a hand, since rows changed: what moves now was moved */
  gpointer seen;    /* the first row in sight when it was last scrolled; owned */
  guint seen_at, above;
};

G_DEFINE_FINAL_TYPE (PtListTop, pt_list_top, GTK_TYPE_WIDGET)

enum
{
  PROP_CHILD = 1,
  PROPERTIES
};

static GParamSpec *properties[PROPERTIES];

static GtkAdjustment *
top_adjustment (PtListTop *top)
{
  return gtk_scrolled_window_get_vadjustment (top->scrolled);
}

/* A column view has its list inside, and may be broader than its room. */
static GtkWidget *
top_list (PtListTop *top)
{
  GtkWidget *list = gtk_scrolled_window_get_child (top->scrolled);

  if (!GTK_IS_COLUMN_VIEW (list))
    return list;
  list = gtk_widget_get_first_child (list);
  while (list != NULL && !GTK_IS_LIST_VIEW (list))
    list = gtk_widget_get_next_sibling (list);
  return list;
}

static void
top_show_above (PtListTop *top)
{
  guint above = top->left ? MIN (top->above, top->seen_at) : 0;
  g_autofree char *text
      = g_strdup_printf (ngettext ("%'u new above", "%'u new above", above), above);

  gtk_button_set_label (top->button, text);
  gtk_widget_set_visible (GTK_WIDGET (top->button), above > 0);
}

static void
top_scroll_up (PtListTop *top)
{
  GtkWidget *list = top_list (top);

  if (list == NULL || top->model == NULL || g_list_model_get_n_items (top->model) == 0)
    return;
  gtk_adjustment_set_value (top_adjustment (top), 0);
  gtk_widget_activate_action (list, "list.scroll-to-item", "u", 0);
}

/* Rows are all of one height. */
static guint
first_in_sight (PtListTop *top)
{
  GtkAdjustment *adjustment = top_adjustment (top);
  double upper = MAX (gtk_adjustment_get_upper (adjustment), 1);
  guint count = g_list_model_get_n_items (top->model);

  return MIN ((guint) (gtk_adjustment_get_value (adjustment) / upper * count + 0.5),
              count > 0 ? count - 1 : 0);
}

static void
top_note_seen (PtListTop *top)
{
  g_clear_object (&top->seen);
  top->seen_at = first_in_sight (top);
  top->seen = g_list_model_get_item (top->model, top->seen_at);
}

static void
value_changed_cb (PtListTop *top)
{
  if (top->model == NULL)
    return;
  if (gtk_adjustment_get_value (top_adjustment (top)) < 1)
    {
      top->left = FALSE;
      top->above = 0;
      g_clear_object (&top->seen);
    }
  else if (top->touched)
    {
      top->left = TRUE;
      top_note_seen (top);
      top->above = MIN (top->above, top->seen_at);
    }
  top_show_above (top);
}

/* How far the row that was in sight has moved down is how much is new above it. */
static void
top_count_above (PtListTop *top)
{
  guint count = g_list_model_get_n_items (top->model);

  for (guint i = 0; top->seen != NULL && i < count; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (top->model, i);

      if (item != top->seen)
        continue;
      top->above = i > top->seen_at ? top->above + (i - top->seen_at)
                                    : top->above - MIN (top->above, top->seen_at - i);
      top->seen_at = i;
      top_show_above (top);
      return;
    }
  /* It has gone: the one in its place. */
  g_clear_object (&top->seen);
  top->seen_at = MIN (top->seen_at, count > 0 ? count - 1 : 0);
  top->seen = g_list_model_get_item (top->model, top->seen_at);
}

static void
items_changed_cb (PtListTop *top)
{
  top->touched = FALSE;
  if (top->left)
    top_count_above (top);
  else
    top_scroll_up (top);
}

static gboolean
event_cb (GtkEventControllerLegacy *controller, GdkEvent *event, PtListTop *top)
{
  GdkEventType type = gdk_event_get_event_type (event);

  if (type == GDK_SCROLL || type == GDK_BUTTON_PRESS || type == GDK_KEY_PRESS
      || type == GDK_TOUCH_BEGIN)
    top->touched = TRUE;
  return FALSE;
}

void
pt_list_top_leave (PtListTop *top)
{
  g_return_if_fail (PT_IS_LIST_TOP (top));
  top->touched = TRUE;
}

void
pt_list_top_return (PtListTop *top)
{
  g_return_if_fail (PT_IS_LIST_TOP (top));
  if (gtk_widget_has_focus (GTK_WIDGET (top->button)))
    gtk_widget_grab_focus (gtk_scrolled_window_get_child (top->scrolled));
  top->left = top->touched = FALSE;
  top->above = 0;
  g_clear_object (&top->seen);
  top_show_above (top);
  top_scroll_up (top);
}

static void
map_cb (PtListTop *top)
{
  if (!top->left)
    top_scroll_up (top);
}

void
pt_list_top_set_model (PtListTop *top, GListModel *model)
{
  g_return_if_fail (PT_IS_LIST_TOP (top) && G_IS_LIST_MODEL (model));
  g_return_if_fail (top->model == NULL);
  top->model = g_object_ref (model);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (items_changed_cb), top,
                           G_CONNECT_SWAPPED);
}

static void
pt_list_top_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PtListTop *top = PT_LIST_TOP (object);

  if (id == PROP_CHILD)
    {
      gtk_scrolled_window_set_child (top->scrolled, g_value_get_object (value));
      if (GTK_IS_LIST_VIEW (g_value_get_object (value)))
        gtk_scrolled_window_set_policy (top->scrolled, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pt_list_top_dispose (GObject *object)
{
  PtListTop *top = PT_LIST_TOP (object);
  GtkWidget *child;

  if (top->scrolled != NULL)
    g_signal_handlers_disconnect_by_data (top_adjustment (top), top);
  top->scrolled = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (top))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&top->model);
  g_clear_object (&top->seen);
  G_OBJECT_CLASS (pt_list_top_parent_class)->dispose (object);
}

static void
pt_list_top_class_init (PtListTopClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->set_property = pt_list_top_set_property;
  G_OBJECT_CLASS (klass)->dispose = pt_list_top_dispose;
  properties[PROP_CHILD] = g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET,
                                                G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), PROPERTIES, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-list-top.ui");
  gtk_widget_class_bind_template_child (widget_class, PtListTop, scrolled);
  gtk_widget_class_bind_template_child (widget_class, PtListTop, button);
  gtk_widget_class_bind_template_callback (widget_class, pt_list_top_return);
}

static void
pt_list_top_init (PtListTop *top)
{
  GtkEventController *events = gtk_event_controller_legacy_new ();

  gtk_widget_init_template (GTK_WIDGET (top));
  gtk_event_controller_set_propagation_phase (events, GTK_PHASE_CAPTURE);
  g_signal_connect_object (events, "event", G_CALLBACK (event_cb), top, 0);
  gtk_widget_add_controller (GTK_WIDGET (top), events);
  g_signal_connect_object (top_adjustment (top), "value-changed", G_CALLBACK (value_changed_cb),
                           top, G_CONNECT_SWAPPED);
  g_signal_connect (top, "map", G_CALLBACK (map_cb), NULL);
}
