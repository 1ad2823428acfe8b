/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-words-dialog.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-complaint-words.h"

#define REASON_MAX 2000 /* bytes */
#define EXACT_HEIGHT 150

struct _PtWordsDialog
{
  AdwMessageDialog parent_instance;
  GtkEditable *reason;
  GtkLabel *trouble, *exact;
  PtWordsAct act;
  PtSession *session;
  PtLink *link;
  gint64 step;
  gboolean going;
  PtActionDraft draft; /* of an erasure; its strings are those below */
  char *area, *complaint, *site, *official, *note;
};

G_DEFINE_FINAL_TYPE (PtWordsDialog, pt_words_dialog, ADW_TYPE_MESSAGE_DIALOG)

static guint acted_signal;

static char *
dialog_reason (PtWordsDialog *dialog)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (dialog->reason)));
}

/* What is shown is what is signed: the draft as it stands. */
static void
reason_changed_cb (PtWordsDialog *dialog)
{
  g_autofree char *reason = dialog_reason (dialog), *text = NULL;
  gboolean good = reason[0] != '\0' && strlen (reason) <= REASON_MAX;

  if (dialog->act == PT_WORDS_ERASE)
    {
      g_free (dialog->note);
      dialog->note = pt_complaint_erase_note (dialog->step, reason);
      dialog->draft.note = dialog->note;
      dialog->draft.ts = pt_link_now (dialog->link);
      text = pt_action_draft_text (&dialog->draft, NULL);
      good = good && text != NULL;
      gtk_label_set_label (dialog->exact, text != NULL ? text : "");
    }
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "do", good);
}

/* Doing it */

static void
dialog_draft (PtWordsDialog *dialog, const PtComplaintDetail *detail)
{
  pt_action_draft_init (&dialog->draft, detail, PT_ACTION_COMMENT, dialog->official, 0);
  dialog->draft.area = dialog->area;
  dialog->draft.complaint = dialog->complaint;
  dialog->draft.site = dialog->site;
}

/* Once more, over the complaint as it is now where that is known. */
static void
dialog_again (PtWordsDialog *dialog, const char *why, const PtComplaintDetail *now)
{
  if (now != NULL && pt_complaint_detail_last (now) != NULL)
    dialog_draft (dialog, now);
  gtk_label_set_label (dialog->trouble, why);
  gtk_widget_set_visible (GTK_WIDGET (dialog->trouble), TRUE);
  reason_changed_cb (dialog);
  gtk_widget_grab_focus (GTK_WIDGET (dialog->reason));
}

static void
acted_cb (GObject *source, GAsyncResult *async, gpointer user_data)
{
  g_autoptr (PtWordsDialog) dialog = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtActResult) result = pt_session_act_finish (PT_SESSION (source), async, &error);

  g_autofree char *faster = NULL;

  dialog->going = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->reason), TRUE);
  if (result == NULL)
    dialog_again (dialog, error->message, NULL);
  else if (!result->is_done)
    {
      faster = pt_act_result_faster (result, dialog->draft.n, pt_link_now (dialog->link));
      dialog_again (dialog, faster != NULL ? faster : result->problem, result->detail);
    }
  if (result != NULL)
    g_signal_emit (dialog, acted_signal, 0);
  if (result != NULL && result->is_done)
    gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
dialog_do (PtWordsDialog *dialog)
{
  g_autofree char *reason = dialog_reason (dialog);

  switch (dialog->act)
    {
    case PT_WORDS_HIDE:
    case PT_WORDS_SHOW:
      pt_session_hide_async (dialog->session, dialog->area, dialog->complaint, dialog->step,
                             dialog->act == PT_WORDS_HIDE, reason, NULL, acted_cb,
                             g_object_ref (dialog));
      break;
    case PT_WORDS_ERASE:
      pt_session_erase_async (dialog->session, &dialog->draft, dialog->step, NULL, acted_cb,
                              g_object_ref (dialog));
      break;
    }
}

static void
words_dialog_response (AdwMessageDialog *message, const char *response)
{
  PtWordsDialog *dialog = PT_WORDS_DIALOG (message);

  if (strcmp (response, "do") != 0 || dialog->going)
    return;
  dialog->going = TRUE;
  adw_message_dialog_set_response_enabled (message, "do", FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->reason), FALSE);
  dialog_do (dialog);
}

static gboolean
close_idle_cb (gpointer data)
{
  PtWordsDialog *dialog = data;

  if (!dialog->going)
    gtk_window_destroy (GTK_WINDOW (dialog));
  return G_SOURCE_REMOVE;
}

/* A message dialog closes before it says what was pressed; this one stays until it is done, for
 * where it is refused, what was written is there. */
static gboolean
close_request_cb (PtWordsDialog *dialog)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, close_idle_cb, g_object_ref (dialog), g_object_unref);
  return TRUE;
}

/* What it says */

static void
dialog_show_act (PtWordsDialog *dialog)
{
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);
  const char *heading = NULL, *body = NULL, *label = NULL;
  AdwResponseAppearance appearance = ADW_RESPONSE_SUGGESTED;

  switch (dialog->act)
    {
    case PT_WORDS_HIDE:
      heading = _ ("Hide these words?");
      body = _ ("Officials of the area see in their place that they are hidden, by whom and why. "
                "The complaint stays, and they can be shown again.");
      label = _ ("_Hide");
      break;
    case PT_WORDS_SHOW:
      heading = _ ("Show these words again?");
      body = _ ("Every official of the area reads them, and sees who showed them again and why.");
      label = _ ("_Show again");
      break;
    case PT_WORDS_ERASE:
      heading = _ ("Erase these words for ever?");
      body = _ ("They and their photos are forgotten, and can't be brought back by anybody. Their "
                "hash stays in the log, and everybody sees for ever that you had them erased, and "
                "why.");
      label = _ ("_Erase for ever");
      appearance = ADW_RESPONSE_DESTRUCTIVE;
      break;
    }
  adw_message_dialog_set_heading (message, heading);
  adw_message_dialog_set_body (message, body);
  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "do", label, NULL);
  adw_message_dialog_set_response_appearance (message, "do", appearance);
  adw_message_dialog_set_close_response (message, "cancel");
  /* What can't be undone is not done by Return in the reason. */
  adw_message_dialog_set_default_response (message,
                                           dialog->act == PT_WORDS_ERASE ? "cancel" : "do");
}

static GtkLabel *
dialog_add_label (GtkBox *box, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, style);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

static void
dialog_add_reason (PtWordsDialog *dialog, GtkBox *box)
{
  const char *name
      = dialog->act == PT_WORDS_ERASE ? _ ("Reason (public, for ever)") : _ ("Reason (officials)");

  dialog_add_label (box, name, "heading");
  dialog->reason = GTK_EDITABLE (gtk_entry_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (dialog->reason), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  gtk_box_append (box, GTK_WIDGET (dialog->reason));
  g_signal_connect_object (dialog->reason, "changed", G_CALLBACK (reason_changed_cb), dialog,
                           G_CONNECT_SWAPPED);
  if (dialog->act == PT_WORDS_ERASE)
    return;
  gtk_entry_set_activates_default (GTK_ENTRY (dialog->reason), TRUE);
}

static void
dialog_add_exact (PtWordsDialog *dialog, GtkBox *box)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (), *label = gtk_label_new (NULL);

  dialog_add_label (box, _ ("This will be signed with your key"), "heading");
  dialog->exact = GTK_LABEL (label);
  gtk_label_set_xalign (dialog->exact, 0);
  gtk_label_set_yalign (dialog->exact, 0);
  gtk_label_set_wrap (dialog->exact, TRUE);
  gtk_label_set_wrap_mode (dialog->exact, PANGO_WRAP_CHAR);
  gtk_label_set_selectable (dialog->exact, TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  gtk_widget_add_css_class (label, "technical");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), label);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), EXACT_HEIGHT);
  gtk_box_append (box, scrolled);
}

/* The object */

static void
pt_words_dialog_finalize (GObject *object)
{
  PtWordsDialog *dialog = PT_WORDS_DIALOG (object);

  g_clear_object (&dialog->session);
  g_clear_object (&dialog->link);
  g_free (dialog->area);
  g_free (dialog->complaint);
  g_free (dialog->site);
  g_free (dialog->official);
  g_free (dialog->note);
  G_OBJECT_CLASS (pt_words_dialog_parent_class)->finalize (object);
}

static void
pt_words_dialog_class_init (PtWordsDialogClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_words_dialog_finalize;
  ADW_MESSAGE_DIALOG_CLASS (class)->response = words_dialog_response;
  acted_signal = g_signal_new ("acted", PT_TYPE_WORDS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
pt_words_dialog_init (PtWordsDialog *dialog)
{
  g_signal_connect (dialog, "close-request", G_CALLBACK (close_request_cb), NULL);
}

PtWordsDialog *
pt_words_dialog_new (GtkWindow *parent, PtWordsAct act, PtSession *session, PtLink *link,
                     const PtComplaintDetail *detail, gint64 n)
{
  GtkBox *box;
  PtWordsDialog *dialog;

  g_return_val_if_fail (GTK_IS_WINDOW (parent) && PT_IS_SESSION (session) && detail != NULL, NULL);
  g_return_val_if_fail (pt_session_key (session) != NULL, NULL);
  dialog = g_object_new (PT_TYPE_WORDS_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
  dialog->act = act;
  dialog->session = g_object_ref (session);
  dialog->link = g_object_ref (link);
  dialog->step = n;
  dialog->area = g_strdup (detail->complaint->area);
  dialog->complaint = g_strdup (detail->complaint->complaint);
  dialog->site = g_strdup (detail->complaint->site);
  dialog->official = g_strdup (pt_session_key (session)->official);
  dialog_draft (dialog, detail);
  box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  dialog_show_act (dialog);
  dialog_add_reason (dialog, box);
  if (act == PT_WORDS_ERASE)
    dialog_add_exact (dialog, box);
  dialog->trouble = dialog_add_label (box, "", "alarm");
  gtk_widget_set_visible (GTK_WIDGET (dialog->trouble), FALSE);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), GTK_WIDGET (box));
  reason_changed_cb (dialog);
  return dialog;
}
