/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-step-row.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-complaint-words.h"
#include "pt-format.h"

struct _PtStepRow
{
  GtkListBoxRow parent_instance;
  GtkLabel *time, *what, *note, *evidence, *checked;
};

G_DEFINE_FINAL_TYPE (PtStepRow, pt_step_row, GTK_TYPE_LIST_BOX_ROW)

/* Who it was: an office with its id, or what signs for citizens. */
static char *
who_words (const PtComplaintStep *step)
{
  g_autofree char *key = pt_format_short (step->key != NULL ? step->key : "");

  if (strcmp (step->by, "citizen") == 0)
    return key[0] != '\0' ? g_strdup_printf (_ ("a citizen, key %s"), key)
                          : g_strdup (_ ("a citizen"));
  if (strcmp (step->by, "service") == 0)
    return g_strdup (_ ("the service, for somebody without a browser"));
  return step->name != NULL ? g_strdup_printf ("%s (%s)", step->name, step->by)
                            : g_strdup (step->by);
}

/* "Assigned to ae-7 by Assistant Engineer, Patna East (officer-1)" */
static char *
what_words (const PtComplaintStep *step)
{
  g_autofree char *who = who_words (step);
  const char *done = pt_complaint_done_word (step->action);

  if (step->to != NULL)
    return g_strdup_printf (_ ("%s to %s by %s"), done, step->to, who);
  if (step->of != NULL)
    {
      g_autofree char *of = pt_format_complaint (step->of);

      return g_strdup_printf (_ ("%s of %s by %s"), done, of, who);
    }
  return g_strdup_printf (_ ("%s by %s"), done, who);
}

/* Where it is on the way to the chain. */
static char *
anchor_words (const PtComplaintStep *step)
{
  g_autofree char *batch = pt_format_number (step->batch);
  g_autofree char *block = pt_format_number (step->block);

  if (step->batch_state == PT_BATCH_FINAL && step->block >= 0)
    return g_strdup_printf (_ ("the daemon says: final in block %s, batch %s"), block, batch);
  if (step->batch > 0)
    return g_strdup_printf (_ ("batch %s, %s"), batch, pt_format_batch_state (step->batch_state));
  return g_strdup (_ ("waits for its window to end"));
}

static const char *
verdict_words (PtStepVerdict verdict, const PtComplaintStep *step)
{
  switch (verdict)
    {
    case PT_STEP_SIGNED:
      return _ ("✓ signature checked here");
    case PT_STEP_UNCHECKED:
      return _ ("signature checked here; not checked: whether the authority registered its key");
    case PT_STEP_UNTIMELY:
      return _ ("✗ the rules do not allow this step here");
    case PT_STEP_FORBIDDEN:
      return strcmp (step->by, "citizen") == 0
                 ? _ ("✗ not signed by who filed or joined the complaint")
                 : _ ("✗ wrong role: its signer may not do this");
    case PT_STEP_STRANGER:
      return _ ("✗ not signed by a registered official");
    case PT_STEP_FORGED:
      return _ ("✗ the signature does not hold");
    case PT_STEP_BROKEN:
      break;
    }
  return _ ("✗ does not follow the step before it");
}

static void
row_show_checked (PtStepRow *row, const PtComplaintStep *step, PtStepVerdict verdict, guint count)
{
  const char *doubtful = verdict == PT_STEP_UNCHECKED ? "dim-label" : "off";
  const char *styles[] = { "caption", verdict == PT_STEP_SIGNED ? "on" : doubtful, NULL };
  g_autofree char *anchor = anchor_words (step);
  g_autofree char *keys = g_strdup_printf (
      ngettext ("✓ %u signature checked here", "✓ %u signatures checked here", count), count);
  g_autofree char *text = g_strdup_printf (
      "%s · %s", count > 1 && verdict == PT_STEP_SIGNED ? keys : verdict_words (verdict, step),
      anchor);

  gtk_label_set_label (row->checked, text);
  gtk_widget_set_css_classes (GTK_WIDGET (row->checked), styles);
}

static void
row_show_evidence (PtStepRow *row, const PtComplaintStep *step)
{
  gboolean against
      = step->evidence == PT_EVIDENCE_CONTRADICTED || step->later == PT_AFTERMATH_FELL_AGAIN;
  const char *styles[] = { "caption", against ? "off" : "dim-label", NULL };
  const char *words = pt_complaint_evidence_word (step->evidence, step->later);

  gtk_label_set_label (row->evidence, words);
  gtk_widget_set_visible (GTK_WIDGET (row->evidence), words[0] != '\0');
  gtk_widget_set_css_classes (GTK_WIDGET (row->evidence), styles);
}

static void
row_show_note (PtStepRow *row, const PtComplaintStep *step)
{
  g_autofree char *quoted = g_strdup_printf (_ ("“%s”"), step->note);

  gtk_widget_set_visible (GTK_WIDGET (row->note), step->note[0] != '\0');
  gtk_label_set_label (row->note, quoted);
}

GtkWidget *
pt_step_row_new (const PtComplaintDetail *detail, guint first, guint count, gint64 now)
{
  PtStepRow *row;
  const PtComplaintStep *step, *last;
  PtStepVerdict verdict = PT_STEP_SIGNED;
  g_autofree char *time = NULL, *until = NULL, *what = NULL;

  g_return_val_if_fail (detail != NULL && count > 0, NULL);
  g_return_val_if_fail (first + count <= detail->steps->len, NULL);
  row = g_object_new (PT_TYPE_STEP_ROW, NULL);
  step = detail->steps->pdata[first];
  last = detail->steps->pdata[first + count - 1];
  for (guint i = first; i < first + count; i++)
    verdict = MAX (verdict, ((const PtComplaintStep *) detail->steps->pdata[i])->verdict);
  time = pt_format_time (step->received, now);
  until = pt_format_time (last->received, now);
  what = count > 1 ? g_strdup_printf (ngettext ("%u joined until %s", "%u joined until %s", count),
                                      count, until)
                   : what_words (step);
  gtk_label_set_label (row->time, time);
  gtk_label_set_label (row->what, what);
  row_show_note (row, step);
  row_show_evidence (row, step);
  row_show_checked (row, last, verdict, count);
  return GTK_WIDGET (row);
}

static void
pt_step_row_class_init (PtStepRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-step-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PtStepRow, time);
  gtk_widget_class_bind_template_child (widget_class, PtStepRow, what);
  gtk_widget_class_bind_template_child (widget_class, PtStepRow, note);
  gtk_widget_class_bind_template_child (widget_class, PtStepRow, evidence);
  gtk_widget_class_bind_template_child (widget_class, PtStepRow, checked);
}

static void
pt_step_row_init (PtStepRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}
