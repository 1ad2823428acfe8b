/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-row.h"

#include "pt-accessible.h"
#include "pt-format.h"
#include "pt-state-icon.h"

struct _PtEventRow
{
  GtkWidget parent_instance;
  GtkLabel *time, *word, *text;
  GtkStack *icons;
  PtStateIcon *state;
};

G_DEFINE_TYPE (PtEventRow, pt_event_row, GTK_TYPE_WIDGET)

/* The style of the word; NULL: that of the list. */
static const char *
line_style (const PtEventLine *line)
{
  static const char *const of_state[PT_SITE_STATES] = { [PT_SITE_ON] = "on",
                                                        [PT_SITE_OFF] = "off",
                                                        [PT_SITE_SILENT] = "silent",
                                                        [PT_SITE_UNKNOWN] = "silent" };

  if (line->state >= 0)
    return of_state[line->state];
  return line->final ? "final" : NULL;
}

static void
row_show_kind (PtEventRow *row, const PtEventLine *line)
{
  const char *styles[] = { "event-word", line_style (line), NULL };

  gtk_widget_set_css_classes (GTK_WIDGET (row->word), styles);
  if (line->state >= 0)
    pt_state_icon_set_state (row->state, (PtSiteState) line->state);
  gtk_stack_set_visible_child_name (row->icons, line->state >= 0                   ? "site"
                                                : line->kind == PT_EVENT_ANCHORING ? "batch"
                                                : line->kind == PT_EVENT_COMPLAINT ? "complaint"
                                                                                   : "system");
}

/* What comes after the middle dot is said in a lower voice. */
static void
row_show_text (PtEventRow *row, const char *text, gsize more_at)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  PangoAttribute *paler = pango_attr_foreground_alpha_new (G_MAXUINT16 * 6 / 10);

  paler->start_index = (guint) more_at;
  pango_attr_list_insert (attributes, paler);
  gtk_label_set_attributes (row->text, attributes);
  gtk_label_set_label (row->text, text);
}

void
pt_event_row_set (PtEventRow *row, const PtEventLine *line)
{
  g_autofree char *clock = NULL, *text = NULL, *heard = NULL;
  gsize more_at;

  g_return_if_fail (PT_IS_EVENT_ROW (row));
  g_return_if_fail (line != NULL);
  clock = pt_format_clock (line->time);
  text = pt_event_line_text (line, &more_at);
  heard = g_strdup_printf ("%s %s: %s", clock, line->word, text);
  gtk_label_set_label (row->time, clock);
  gtk_label_set_label (row->word, line->word);
  row_show_text (row, text, more_at);
  row_show_kind (row, line);
  pt_accessible_name_row (GTK_WIDGET (row), heard);
}

static void
pt_event_row_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pt_event_row_parent_class)->dispose (object);
}

static void
pt_event_row_class_init (PtEventRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = pt_event_row_dispose;
  g_type_ensure (PT_TYPE_STATE_ICON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-event-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PtEventRow, time);
  gtk_widget_class_bind_template_child (widget_class, PtEventRow, icons);
  gtk_widget_class_bind_template_child (widget_class, PtEventRow, state);
  gtk_widget_class_bind_template_child (widget_class, PtEventRow, word);
  gtk_widget_class_bind_template_child (widget_class, PtEventRow, text);
}

static void
pt_event_row_init (PtEventRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}

GtkWidget *
pt_event_row_new (void)
{
  return g_object_new (PT_TYPE_EVENT_ROW, NULL);
}
