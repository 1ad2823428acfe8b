/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-check-view.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#define BUSY_MS 300

struct _PtCheckView
{
  GtkWidget parent_instance;
  GtkWidget *verdict_box, *busy;
  GtkImage *verdict_icon;
  GtkLabel *verdict, *hint;
  GtkSpinner *spinner;
  GtkListBox *steps;
  guint busy_source;
};

G_DEFINE_TYPE (PtCheckView, pt_check_view, GTK_TYPE_WIDGET)

static const char *const verdict_icons[]
    = { "emblem-ok-symbolic", "window-close-symbolic", "list-remove-symbolic" };
static const char *const verdict_classes[] = { "holds", "fails", "unchecked" };

static const char *
verdict_word (PtVerdict verdict)
{
  switch (verdict)
    {
    case PT_VERDICT_HOLDS:
      return _ ("holds");
    case PT_VERDICT_FAILS:
      return _ ("does not hold");
    case PT_VERDICT_NOT_CHECKED:
      break;
    }
  return _ ("not checked");
}

static GtkWidget *
step_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
step_details (const PtCheckStep *step)
{
  GtkWidget *expander = gtk_expander_new (_ ("Raw values"));
  GtkWidget *label = step_label (step->technical, "technical");

  gtk_expander_set_child (GTK_EXPANDER (expander), label);
  gtk_widget_add_css_class (expander, "raw");
  gtk_accessible_update_property (GTK_ACCESSIBLE (expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Raw values"), -1);
  return expander;
}

static GtkWidget *
step_row (const PtCheckStep *step)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *icon = gtk_image_new_from_icon_name (verdict_icons[step->verdict]);
  g_autofree char *heard = step->verdict == PT_VERDICT_NOT_CHECKED
                               ? g_strdup_printf ("%s %s", step->sentence, step->reason)
                               : g_strdup_printf ("%s: %s %s", verdict_word (step->verdict),
                                                  step->sentence, step->reason);

  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  verdict_word (step->verdict), -1);
  gtk_widget_add_css_class (icon, verdict_classes[step->verdict]);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (
      GTK_BOX (words),
      step_label (step->sentence, step->verdict == PT_VERDICT_NOT_CHECKED ? "dim-label" : NULL));
  if (step->reason[0] != '\0')
    gtk_box_append (
        GTK_BOX (words),
        step_label (step->reason, step->verdict == PT_VERDICT_FAILS ? "fails" : "caption"));
  if (step->technical != NULL && step->technical[0] != '\0')
    gtk_box_append (GTK_BOX (words), step_details (step));
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), words);
  gtk_widget_add_css_class (box, "check-step");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, heard, -1);
  return row;
}

static const char *
verdict_sentence (const PtCheck *check, PtVerdict verdict)
{
  switch (verdict)
    {
    case PT_VERDICT_HOLDS:
      return check->is_bundle ? _ ("Verified here: this report is what the device signed and the "
                                   "blockchain holds.")
                              : _ ("Verified here: this is the record that the blockchain holds.");
    case PT_VERDICT_FAILS:
      if (!check->parsed)
        return _ ("Refused: what the daemon sent is no proof.");
      return check->is_bundle ? _ ("Refused: this proof does not hold. Something was changed.")
                              : _ ("Refused: this file does not hold. Something was changed.");
    case PT_VERDICT_NOT_CHECKED:
      break;
    }
  return _ ("Nothing here is wrong, but not everything could be checked.");
}

static void
view_clear (PtCheckView *self)
{
  GtkWidget *row;

  g_clear_handle_id (&self->busy_source, g_source_remove);
  gtk_widget_set_visible (self->busy, FALSE);
  gtk_spinner_stop (self->spinner);
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->steps))) != NULL)
    gtk_list_box_remove (self->steps, row);
  gtk_widget_set_visible (GTK_WIDGET (self->steps), FALSE);
  gtk_widget_set_visible (self->verdict_box, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->hint), FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (verdict_classes); i++)
    gtk_widget_remove_css_class (self->verdict_box, verdict_classes[i]);
}

static void
view_show_verdict (PtCheckView *self, PtVerdict verdict, const char *words)
{
  gtk_image_set_from_icon_name (self->verdict_icon, verdict_icons[verdict]);
  gtk_label_set_label (self->verdict, words);
  gtk_widget_add_css_class (self->verdict_box, verdict_classes[verdict]);
  gtk_widget_set_visible (self->verdict_box, TRUE);
}

static void
view_show_hint (PtCheckView *self, const char *hint)
{
  gtk_label_set_label (self->hint, hint != NULL ? hint : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint), hint != NULL && hint[0] != '\0');
}

/* A file of another kind accuses nobody. */
static void
view_show_no_proof (PtCheckView *self, const PtCheck *check)
{
  const PtCheckStep *form = g_ptr_array_index (check->steps, 0);
  g_autofree char *hint = NULL;

  view_show_verdict (self, PT_VERDICT_NOT_CHECKED,
                     check->is_bundle ? _ ("This is no proof file.")
                                      : _ ("This is no whole batch file."));
  hint = g_strdup_printf ("%s %s", form->reason,
                          _ ("It may be another file than you meant, or it was cut off or changed "
                             "on its way; it proves nothing. Choose another file."));
  view_show_hint (self, hint);
}

/* Steps that could not begin say nothing. */
static void
view_show_steps (PtCheckView *self, const PtCheck *check)
{
  for (guint i = 0; i < check->steps->len; i++)
    {
      const PtCheckStep *step = g_ptr_array_index (check->steps, i);

      if (check->parsed || step->verdict != PT_VERDICT_NOT_CHECKED)
        gtk_list_box_append (self->steps, step_row (step));
    }
  gtk_widget_set_visible (GTK_WIDGET (self->steps), TRUE);
}

void
pt_check_view_set_result (PtCheckView *self, const PtCheckResult *result, const char *hint)
{
  PtVerdict verdict;

  g_return_if_fail (PT_IS_CHECK_VIEW (self));
  view_clear (self);
  view_show_hint (self, result != NULL ? result->notice : hint);
  if (result == NULL)
    return;
  if (result->is_file && !result->check->parsed)
    {
      view_show_no_proof (self, result->check);
      return;
    }
  verdict = pt_check_verdict (result->check);
  view_show_verdict (self, verdict, verdict_sentence (result->check, verdict));
  view_show_steps (self, result->check);
}

void
pt_check_view_set_error (PtCheckView *self, const char *message)
{
  g_return_if_fail (PT_IS_CHECK_VIEW (self));
  view_clear (self);
  view_show_verdict (self, PT_VERDICT_NOT_CHECKED, message);
}

const char *
pt_check_view_verdict (PtCheckView *self)
{
  g_return_val_if_fail (PT_IS_CHECK_VIEW (self), NULL);
  return gtk_widget_get_visible (self->verdict_box) ? gtk_label_get_label (self->verdict) : NULL;
}

static gboolean
view_show_busy (gpointer data)
{
  PtCheckView *self = data;

  self->busy_source = 0;
  gtk_widget_set_visible (self->busy, TRUE);
  gtk_spinner_start (self->spinner);
  return G_SOURCE_REMOVE;
}

void
pt_check_view_set_busy (PtCheckView *self, gboolean busy)
{
  g_return_if_fail (PT_IS_CHECK_VIEW (self));
  view_clear (self);
  if (busy)
    self->busy_source = g_timeout_add (BUSY_MS, view_show_busy, self);
}

static void
pt_check_view_dispose (GObject *object)
{
  PtCheckView *self = PT_CHECK_VIEW (object);
  GtkWidget *child;

  g_clear_handle_id (&self->busy_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pt_check_view_parent_class)->dispose (object);
}

static void
pt_check_view_class_init (PtCheckViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_check_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-check-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PtCheckView, verdict_box);
  gtk_widget_class_bind_template_child (widget_class, PtCheckView, verdict_icon);
  gtk_widget_class_bind_template_child (widget_class, PtCheckView, verdict);
  gtk_widget_class_bind_template_child (widget_class, PtCheckView, hint);
  gtk_widget_class_bind_template_child (widget_class, PtCheckView, busy);
  gtk_widget_class_bind_template_child (widget_class, PtCheckView, spinner);
  gtk_widget_class_bind_template_child (widget_class, PtCheckView, steps);
}

static void
pt_check_view_init (PtCheckView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
pt_check_view_new (void)
{
  return g_object_new (PT_TYPE_CHECK_VIEW, NULL);
}
