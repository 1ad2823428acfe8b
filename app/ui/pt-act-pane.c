/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-act-pane.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-complaint-words.h"
#include "pt-format.h"

#define NOTES_MAX 100 /* that are kept of complaints left in the middle of writing */
#define DRAFTS_MAX 1000

static const PtAction acts[]
    = { PT_ACTION_ACKNOWLEDGE, PT_ACTION_ASSIGN, PT_ACTION_RESOLVE,   PT_ACTION_UNRESOLVE,
        PT_ACTION_APPROVE,     PT_ACTION_REJECT, PT_ACTION_DUPLICATE, PT_ACTION_COMMENT };

struct _PtActPane
{
  GtkWidget parent_instance;
  GtkLabel *heading, *trouble, *warning, *signed_title, *exact, *missing, *key, *acts_title, *hint;
  GtkWidget *compose, *acts, *exact_box;
  GtkEntry *target;
  GtkTextView *note;
  GtkFlowBox *templates, *buttons;
  GtkButton *sign, *cancel;
  GtkSpinner *spinner;
  GtkButton *act_buttons[G_N_ELEMENTS (acts)];

  PtSession *session;
  PtLink *link;
  GPtrArray *details; /* PtComplaintDetail, or NULL */
  gboolean composing, filling;
  PtAction action;
  GArray *drafts;      /* PtActionDraft of those of which it may be done */
  char *note_text;     /* that they point to */
  char *target_text;   /* likewise */
  GHashTable *notes;   /* "area/complaint" -> a note that was left */
  char *writing_of;    /* the key of what is being written */
  GCancellable *going; /* of signing, or NULL */
  guint at, done;      /* of the drafts that are being signed */
  GString *problems;
};

G_DEFINE_FINAL_TYPE (PtActPane, pt_act_pane, GTK_TYPE_WIDGET)

enum
{
  ACTED,
  SAID,
  SIGNALS
};

static guint signals[SIGNALS];

static const PtComplaintDetail *
pane_detail (PtActPane *pane, guint number)
{
  return pane->details->pdata[number];
}

static guint
pane_count (PtActPane *pane)
{
  return pane->details != NULL ? pane->details->len : 0;
}

static void
pane_say_trouble (PtActPane *pane, const char *text)
{
  gtk_label_set_label (pane->trouble, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (pane->trouble), text != NULL);
}

/* What may be done */

/* In how many of those chosen. */
static guint
count_may (PtActPane *pane, PtAction action)
{
  guint count = 0;

  for (guint i = 0; i < pane_count (pane); i++)
    count += pt_session_may (pane->session, pane_detail (pane, i), action);
  return count;
}

/* Many at once are acknowledged or assigned; what ends a complaint is looked at one by one. */
static gboolean
is_for_many (PtAction action)
{
  return action == PT_ACTION_ACKNOWLEDGE || action == PT_ACTION_ASSIGN;
}

static const char *
hint_words (PtActPane *pane)
{
  const char *area = pane_count (pane) > 0 ? pane_detail (pane, 0)->complaint->area : NULL;

  switch (pt_session_state (pane->session))
    {
    case PT_SESSION_NONE:
      return _ ("Choose your key above to act. Everything you do is signed with it.");
    case PT_SESSION_BUSY:
      return _ ("Logging in…");
    case PT_SESSION_OUT:
      return pt_session_detail (pane->session);
    case PT_SESSION_IN:
      break;
    }
  if (area != NULL && !pt_session_is_of (pane->session, area))
    return _ ("Your key is of another area.");
  return pt_session_role (pane->session) == PT_ROLE_AUDITOR
             ? _ ("An auditor may comment, and nothing else.")
             : "";
}

static void
pane_show_acts (PtActPane *pane)
{
  guint any = 0;
  const char *hint = hint_words (pane);

  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      gboolean may = (pane_count (pane) == 1 || is_for_many (acts[i]))
                     && count_may (pane, acts[i]) > 0
                     && !(pane->composing && acts[i] == pane->action);

      gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (pane->act_buttons[i])), may);
      gtk_widget_set_sensitive (GTK_WIDGET (pane->act_buttons[i]), pane->going == NULL);
      any += may;
    }
  if (hint[0] == '\0' && any == 0 && !pane->composing)
    hint = _ ("Nothing can be done in this state.");
  gtk_label_set_label (pane->acts_title,
                       pane->composing ? _ ("Other acts") : _ ("What can be done"));
  gtk_label_set_label (pane->hint, hint);
  gtk_widget_set_visible (GTK_WIDGET (pane->hint), hint[0] != '\0');
  gtk_widget_set_visible (GTK_WIDGET (pane->buttons), any > 0);
  gtk_widget_set_visible (pane->acts, pane_count (pane) > 0 && (any > 0 || hint[0] != '\0'));
}

/* Drafts */

static char *
note_in_view (PtActPane *pane)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (pane->note);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

/* A complaint's number as people write it, an id as it is. */
static char *
target_in_entry (PtActPane *pane)
{
  char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (pane->target))));
  char *to = text;

  if (pane->action != PT_ACTION_DUPLICATE || strspn (text, "0123456789 -") != strlen (text))
    return text;
  for (const char *from = text; *from != '\0'; from++)
    if (*from != ' ' && *from != '-')
      *to++ = *from;
  *to = '\0';
  return text;
}

static void
pane_make_drafts (PtActPane *pane)
{
  gint64 now = pt_link_now (pane->link);

  g_array_set_size (pane->drafts, 0);
  g_free (pane->note_text);
  g_free (pane->target_text);
  pane->note_text = note_in_view (pane);
  pane->target_text = target_in_entry (pane);
  for (guint i = 0; i < MIN (pane_count (pane), DRAFTS_MAX); i++)
    {
      PtActionDraft draft;

      if (!pt_session_may (pane->session, pane_detail (pane, i), pane->action))
        continue;
      pt_action_draft_init (&draft, pane_detail (pane, i), pane->action,
                            pt_session_key (pane->session)->official, now);
      draft.note = pane->note_text;
      draft.to = pane->action == PT_ACTION_ASSIGN ? pane->target_text : NULL;
      draft.of = pane->action == PT_ACTION_DUPLICATE ? pane->target_text : NULL;
      g_array_append_val (pane->drafts, draft);
    }
}

/* The exact bytes of all of them; what is missing, instead, in *@missing. */
static char *
exact_text (PtActPane *pane, char **missing)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < pane->drafts->len && *missing == NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *one
          = pt_action_draft_text (&g_array_index (pane->drafts, PtActionDraft, i), &error);

      if (one == NULL)
        *missing = g_strdup (error->message);
      else
        g_string_append_printf (text, "%s%s", i > 0 ? "\n\n" : "", one);
    }
  return g_string_free (text, FALSE);
}

/* Whether the devices of a complaint's site say now that it isn't resolved. */
static gboolean
device_says_off (PtActPane *pane, const PtComplaint *complaint)
{
  PtSiteStore *sites = pt_link_sites (pane->link);
  guint number = complaint->site != NULL
                     ? pt_site_store_find (sites, complaint->area, complaint->site)
                     : PT_SITE_NONE;

  return complaint->outage_since != 0
         || (number != PT_SITE_NONE && pt_site_store_get (sites, number)->state == PT_SITE_OFF);
}

static gboolean
goes_against (PtActPane *pane)
{
  return pane->action == PT_ACTION_RESOLVE && pane_count (pane) == 1 && pane->drafts->len > 0
         && device_says_off (pane, pane_detail (pane, 0)->complaint);
}

/* What becomes of a resolve while the device says off. */
static char *
against_words (PtActPane *pane)
{
  const PtComplaint *complaint = pane_detail (pane, 0)->complaint;
  gulong count = (gulong) complaint->people;
  g_autofree char *people = pt_format_number (complaint->people);

  switch (pt_area_profile_devices_decide (pt_session_profile (pane->session), complaint))
    {
    case PT_PROFILE_YES:
      return g_strdup_printf (
          ngettext (
              "The device of this site says: off, and for this category the area lets the devices "
              "decide. Resolved now, it is shown to everybody as closed against the evidence and "
              "does "
              "not count as resolved; the %s person who complained may reopen it.",
              "The device of this site says: off, and for this category the area lets the devices "
              "decide. Resolved now, it is shown to everybody as closed against the evidence and "
              "does "
              "not count as resolved; any of the %s people may reopen it.",
              count),
          people);
    case PT_PROFILE_NO:
      return g_strdup_printf (
          ngettext (
              "The device of this site says: off. For this category the area does not ask the "
              "devices: "
              "resolved now, it is shown as resolved, but not confirmed; the %s person who "
              "complained "
              "may reopen it.",
              "The device of this site says: off. For this category the area does not ask the "
              "devices: "
              "resolved now, it is shown as resolved, but not confirmed; any of the %s people may "
              "reopen it.",
              count),
          people);
    case PT_PROFILE_UNKNOWN:
      return g_strdup_printf (
          ngettext ("The device of this site says: off. Whether the devices decide is not known "
                    "here: the "
                    "area's profile was not read, or is newer than the complaint. Where they do, "
                    "it is shown "
                    "as closed against the evidence; the %s person who complained may reopen it.",
                    "The device of this site says: off. Whether the devices decide is not known "
                    "here: the "
                    "area's profile was not read, or is newer than the complaint. Where they do, "
                    "it is shown "
                    "as closed against the evidence; any of the %s people may reopen it.",
                    count),
          people);
    }
  return NULL;
}

/* What becomes of a reject, by the profile that is in force when it is signed. */
static const char *
reject_words (PtActPane *pane)
{
  switch (pt_area_profile_needs_two (pt_session_profile (pane->session)))
    {
    case PT_PROFILE_YES:
      return _ ("This area asks for two: once you have signed it waits, and counts as open, until "
                "another officer with another key approves it.");
    case PT_PROFILE_NO:
      return _ ("One signature is enough in this area: it is rejected at once. Who complained may "
                "reopen it.");
    case PT_PROFILE_UNKNOWN:
      break;
    }
  return _ ("Whether another officer has to approve is not known here: the area's profile was not "
            "read.");
}

static void
pane_show_warning (PtActPane *pane)
{
  gboolean against = goes_against (pane);
  g_autofree char *text = against ? against_words (pane) : NULL;
  const char *styles[] = { against ? "alarm" : "dim-label", NULL };

  if (text == NULL && pane->action == PT_ACTION_REJECT && pane->drafts->len > 0)
    text = g_strdup (reject_words (pane));
  gtk_widget_set_css_classes (GTK_WIDGET (pane->warning), styles);
  gtk_widget_set_visible (GTK_WIDGET (pane->warning), text != NULL);
  gtk_label_set_label (pane->warning, text != NULL ? text : "");
}

static void
pane_show_sign (PtActPane *pane, gboolean possible)
{
  gboolean against = goes_against (pane);
  guint count = pane->drafts->len;
  g_autofree char *many = g_strdup_printf (
      ngettext ("Sign for %u complaint", "Sign for %u complaints", count), count);
  g_autofree char *one = g_strdup_printf (_ ("Sign: %s"), pt_complaint_act_word (pane->action));

  gtk_button_set_label (pane->sign, against                 ? _ ("Sign and resolve anyway")
                                    : pane_count (pane) > 1 ? many
                                                            : one);
  gtk_widget_remove_css_class (GTK_WIDGET (pane->sign), "destructive-action");
  gtk_widget_remove_css_class (GTK_WIDGET (pane->sign), "suggested-action");
  gtk_widget_add_css_class (GTK_WIDGET (pane->sign),
                            against ? "destructive-action" : "suggested-action");
  gtk_widget_set_sensitive (GTK_WIDGET (pane->sign), possible && pane->going == NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (pane->cancel), pane->going == NULL);
  gtk_text_view_set_editable (pane->note, pane->going == NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (pane->target), pane->going == NULL);
  gtk_widget_set_visible (GTK_WIDGET (pane->spinner), pane->going != NULL);
  gtk_spinner_set_spinning (pane->spinner, pane->going != NULL);
}

static void
pane_show_key (PtActPane *pane)
{
  PtKeyringKey *key = pt_session_key (pane->session);
  g_autofree char *part = key != NULL ? pt_format_short (key->public_key) : NULL;
  g_autofree char *text
      = key != NULL ? g_strdup_printf (_ ("key %s of %s, in the keyring"), part, key->official)
                    : g_strdup ("");

  gtk_label_set_label (pane->key, text);
}

static void
pane_show_draft (PtActPane *pane)
{
  g_autofree char *missing = NULL, *text = NULL;

  pane_make_drafts (pane);
  text = exact_text (pane, &missing);
  if (pane->drafts->len == 0)
    missing = g_strdup (_ ("This can't be done any more. What you wrote stays here."));
  gtk_label_set_label (pane->exact, text);
  gtk_label_set_label (pane->missing, missing != NULL ? missing : "");
  gtk_widget_set_visible (GTK_WIDGET (pane->missing), missing != NULL);
  gtk_widget_set_visible (pane->exact_box, missing == NULL);
  pane_show_warning (pane);
  pane_show_key (pane);
  pane_show_sign (pane, missing == NULL && pane->drafts->len > 0);
}

static void
draft_changed_cb (PtActPane *pane)
{
  if (!pane->filling && pane->composing && pane->going == NULL)
    pane_show_draft (pane);
}

/* Writing */

static void
pane_show_heading (PtActPane *pane)
{
  guint count = pane_count (pane);
  g_autofree char *many
      = g_strdup_printf (ngettext ("%u complaint chosen", "%u complaints chosen", count), count);

  if (pane->composing)
    gtk_label_set_label (pane->heading, pt_complaint_act_word (pane->action));
  else
    gtk_label_set_label (pane->heading, count > 1 ? many : "");
  gtk_widget_set_visible (GTK_WIDGET (pane->heading), pane->composing || count > 1);
}

static void
template_clicked_cb (PtActPane *pane, GtkButton *button)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (pane->note);
  g_autofree char *before = note_in_view (pane);
  g_autofree char *text = before[0] != '\0'
                              ? g_strdup_printf ("%s %s", before, gtk_button_get_label (button))
                              : g_strdup (gtk_button_get_label (button));

  gtk_text_buffer_set_text (buffer, text, -1);
  gtk_widget_grab_focus (GTK_WIDGET (pane->note));
}

static void
pane_show_templates (PtActPane *pane)
{
  const char *const *notes = pt_complaint_note_templates (pane->action);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (pane->templates))) != NULL)
    gtk_flow_box_remove (pane->templates, child);
  for (guint i = 0; notes[i] != NULL; i++)
    {
      GtkWidget *button = gtk_button_new_with_label (_ (notes[i]));

      gtk_widget_add_css_class (button, "chip");
      g_signal_connect_object (button, "clicked", G_CALLBACK (template_clicked_cb), pane,
                               G_CONNECT_SWAPPED);
      gtk_flow_box_append (pane->templates, button);
      gtk_widget_set_focusable (gtk_widget_get_parent (button), FALSE);
    }
  gtk_widget_set_visible (GTK_WIDGET (pane->templates), notes[0] != NULL);
}

static void
pane_show_target (PtActPane *pane)
{
  gboolean assigns = pane->action == PT_ACTION_ASSIGN;
  const char *name
      = assigns ? _ ("To whom: an official's id") : _ ("Number of the other complaint");

  gtk_widget_set_visible (GTK_WIDGET (pane->target),
                          assigns || pane->action == PT_ACTION_DUPLICATE);
  gtk_entry_set_placeholder_text (pane->target, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (pane->target), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  gtk_editable_set_text (GTK_EDITABLE (pane->target),
                         assigns ? pt_session_key (pane->session)->official : "");
}

/* By which a note is found again. */
static char *
writing_key (PtActPane *pane)
{
  const PtComplaint *complaint;

  if (pane_count (pane) != 1)
    return NULL;
  complaint = pane_detail (pane, 0)->complaint;
  return g_strconcat (complaint->area, "/", complaint->complaint, NULL);
}

void
pt_act_pane_begin (PtActPane *pane, PtAction action)
{
  const char *note = NULL;

  g_return_if_fail (PT_IS_ACT_PANE (pane));
  if (pane->going != NULL || pane_count (pane) == 0 || count_may (pane, action) == 0
      || (pane_count (pane) > 1 && !is_for_many (action)))
    return;
  pane->filling = TRUE;
  if (!pane->composing)
    {
      g_free (pane->writing_of);
      pane->writing_of = writing_key (pane);
      note = pane->writing_of != NULL ? g_hash_table_lookup (pane->notes, pane->writing_of) : NULL;
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (pane->note), note != NULL ? note : "",
                                -1);
    }
  pane->composing = TRUE;
  pane->action = action;
  if (action == PT_ACTION_RESOLVE || action == PT_ACTION_REJECT)
    pt_session_ask_profile (pane->session); /* it may be another one by now */
  pane_show_templates (pane);
  pane_show_target (pane);
  pane->filling = FALSE;
  pane_say_trouble (pane, NULL);
  gtk_widget_set_visible (pane->compose, TRUE);
  pane_show_heading (pane);
  pane_show_acts (pane);
  pane_show_draft (pane);
  gtk_widget_grab_focus (gtk_widget_get_visible (GTK_WIDGET (pane->target))
                             ? GTK_WIDGET (pane->target)
                             : GTK_WIDGET (pane->note));
}

/* Ends writing; what was written is kept where @keep. */
static void
pane_end (PtActPane *pane, gboolean keep)
{
  g_autofree char *note = note_in_view (pane);

  pane->composing = FALSE;
  if (pane->writing_of != NULL && keep && note[0] != '\0'
      && g_hash_table_size (pane->notes) < NOTES_MAX)
    g_hash_table_insert (pane->notes, g_strdup (pane->writing_of), g_steal_pointer (&note));
  else if (pane->writing_of != NULL && !keep)
    g_hash_table_remove (pane->notes, pane->writing_of);
  g_clear_pointer (&pane->writing_of, g_free);
  g_array_set_size (pane->drafts, 0);
  gtk_widget_set_visible (pane->compose, FALSE);
  pane_show_heading (pane);
  pane_show_acts (pane);
}

gboolean
pt_act_pane_cancel (PtActPane *pane)
{
  g_return_val_if_fail (PT_IS_ACT_PANE (pane), FALSE);
  if (!pane->composing || pane->going != NULL)
    return FALSE;
  pane_say_trouble (pane, NULL);
  pane_end (pane, TRUE);
  return TRUE;
}

static void
act_clicked_cb (PtActPane *pane, GtkButton *button)
{
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    if (pane->act_buttons[i] == button)
      pt_act_pane_begin (pane, acts[i]);
}

/* Signing: one after another */

static void pane_sign_next (PtActPane *pane);

static void
pane_note_problem (PtActPane *pane, const PtActionDraft *draft, const char *problem)
{
  g_autofree char *number = pt_format_complaint (draft->complaint);

  if (pane->problems->len > 0)
    g_string_append_c (pane->problems, '\n');
  if (pane_count (pane) > 1)
    g_string_append_printf (pane->problems, "%s: ", number);
  g_string_append (pane->problems, problem);
}

static void
pane_sign_end (PtActPane *pane)
{
  g_autofree char *number = pt_format_number (pane->done);
  g_autofree char *text = NULL;
  gboolean whole = pane->problems->len == 0;

  g_clear_object (&pane->going);
  if (pane->done > 0)
    {
      text = g_strdup_printf (
          ngettext ("Signed and taken: %s act", "Signed and taken: %s acts", pane->done), number);
      g_signal_emit (pane, signals[SAID], 0, text);
    }
  pane_say_trouble (pane, whole ? NULL : pane->problems->str);
  if (whole || pane->done > 0)
    pane_end (pane, FALSE);
  else
    {
      pane_show_draft (pane);
      pane_show_acts (pane);
    }
  g_signal_emit (pane, signals[ACTED], 0);
}

static void
acted_cb (GObject *source, GAsyncResult *async, gpointer user_data)
{
  g_autoptr (PtActPane) pane = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtActResult) result = pt_session_act_finish (PT_SESSION (source), async, &error);
  const PtActionDraft *draft;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || pane->going == NULL)
    return;
  draft = &g_array_index (pane->drafts, PtActionDraft, pane->at);
  if (result == NULL)
    pane_note_problem (pane, draft, error->message);
  else if (result->is_done)
    pane->done++;
  else
    {
      g_autofree char *faster = pt_act_result_faster (result, draft->n, pt_link_now (pane->link));

      pane_note_problem (pane, draft, faster != NULL ? faster : result->problem);
    }
  pane->at++;
  /* A keyring or daemon that does not answer would not answer for the others either. */
  if (result == NULL)
    pane_sign_end (pane);
  else
    pane_sign_next (pane);
}

static void
pane_sign_next (PtActPane *pane)
{
  if (pane->at >= pane->drafts->len)
    {
      pane_sign_end (pane);
      return;
    }
  pt_session_act_async (pane->session, &g_array_index (pane->drafts, PtActionDraft, pane->at),
                        pane->going, acted_cb, g_object_ref (pane));
}

/* What is shown is what is signed: the drafts as they stand. */
static void
sign_clicked_cb (PtActPane *pane)
{
  if (!pane->composing || pane->going != NULL || pane->drafts->len == 0)
    return;
  pane->going = g_cancellable_new ();
  pane->at = pane->done = 0;
  g_string_truncate (pane->problems, 0);
  pane_say_trouble (pane, NULL);
  pane_show_sign (pane, FALSE);
  pane_show_acts (pane);
  pane_sign_next (pane);
}

/* In and out */

static gboolean
same_complaints (PtActPane *pane, GPtrArray *details)
{
  if (details == NULL || details->len != pane_count (pane))
    return FALSE;
  for (guint i = 0; i < details->len; i++)
    {
      const PtComplaintDetail *other = details->pdata[i];

      if (strcmp (other->complaint->complaint, pane_detail (pane, i)->complaint->complaint) != 0
          || strcmp (other->complaint->area, pane_detail (pane, i)->complaint->area) != 0)
        return FALSE;
    }
  return TRUE;
}

void
pt_act_pane_set (PtActPane *pane, GPtrArray *details)
{
  gboolean same;

  g_return_if_fail (PT_IS_ACT_PANE (pane));
  same = same_complaints (pane, details);
  if (!same && pane->going != NULL)
    {
      g_cancellable_cancel (pane->going);
      g_clear_object (&pane->going);
    }
  if (pane->going == NULL)
    g_array_set_size (pane->drafts, 0);
  if (!same && pane->composing)
    pane_end (pane, TRUE);
  if (!same)
    pane_say_trouble (pane, NULL);
  if (pane->going != NULL)
    return; /* what is being signed points into what is there */
  g_clear_pointer (&pane->details, g_ptr_array_unref);
  pane->details = details != NULL ? g_ptr_array_ref (details) : NULL;
  pane_show_heading (pane);
  pane_show_acts (pane);
  if (pane->composing)
    pane_show_draft (pane);
}

static void
session_changed_cb (PtActPane *pane)
{
  if (pane->going != NULL)
    return;
  pane_show_acts (pane);
  if (pane->composing && pt_session_key (pane->session) != NULL)
    pane_show_draft (pane);
}

void
pt_act_pane_set_session (PtActPane *pane, PtSession *session, PtLink *link)
{
  g_return_if_fail (PT_IS_ACT_PANE (pane) && pane->session == NULL);
  pane->session = g_object_ref (session);
  pane->link = g_object_ref (link);
  g_signal_connect_object (session, "changed", G_CALLBACK (session_changed_cb), pane,
                           G_CONNECT_SWAPPED);
  pane_show_acts (pane);
}

void
pt_act_pane_tick (PtActPane *pane, gint64 now)
{
  g_return_if_fail (PT_IS_ACT_PANE (pane));
  /* The device may have spoken. */
  if (pane->composing && pane->going == NULL)
    {
      pane_show_warning (pane);
      pane_show_sign (pane, gtk_widget_get_sensitive (GTK_WIDGET (pane->sign)));
    }
}

/* The object */

static void
pt_act_pane_dispose (GObject *object)
{
  PtActPane *pane = PT_ACT_PANE (object);
  GtkWidget *child;

  if (pane->going != NULL)
    g_cancellable_cancel (pane->going);
  g_clear_object (&pane->going);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (pane))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&pane->details, g_ptr_array_unref);
  g_clear_object (&pane->session);
  g_clear_object (&pane->link);
  G_OBJECT_CLASS (pt_act_pane_parent_class)->dispose (object);
}

static void
pt_act_pane_finalize (GObject *object)
{
  PtActPane *pane = PT_ACT_PANE (object);

  g_array_unref (pane->drafts);
  g_hash_table_unref (pane->notes);
  g_string_free (pane->problems, TRUE);
  g_free (pane->note_text);
  g_free (pane->target_text);
  g_free (pane->writing_of);
  G_OBJECT_CLASS (pt_act_pane_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PtActPane, heading);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, trouble);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, warning);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, signed_title);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, exact);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, exact_box);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, missing);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, key);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, acts_title);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, hint);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, compose);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, acts);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, target);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, note);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, templates);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, buttons);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, sign);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, cancel);
  gtk_widget_class_bind_template_child (widget_class, PtActPane, spinner);
  gtk_widget_class_bind_template_callback (widget_class, draft_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, sign_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, pt_act_pane_cancel);
}

static void
pt_act_pane_class_init (PtActPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pt_act_pane_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_act_pane_finalize;
  signals[ACTED] = g_signal_new ("acted", PT_TYPE_ACT_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  signals[SAID] = g_signal_new ("said", PT_TYPE_ACT_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               "/org/powertracker/Console/ui/pt-act-pane.ui");
  bind_children (GTK_WIDGET_CLASS (klass));
}

static void
pt_act_pane_init (PtActPane *pane)
{
  g_autoptr (PangoAttrList) exact = pango_attr_list_new ();

  pane->drafts = g_array_new (FALSE, TRUE, sizeof (PtActionDraft));
  pane->notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  pane->problems = g_string_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (pane));
  /* What is signed has no hyphens but its own. */
  pango_attr_list_insert (exact, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (pane->exact, exact);
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      g_autofree char *label = g_strdup_printf (_ ("%s…"), pt_complaint_act_word (acts[i]));

      pane->act_buttons[i] = GTK_BUTTON (gtk_button_new_with_label (label));
      g_signal_connect_object (pane->act_buttons[i], "clicked", G_CALLBACK (act_clicked_cb), pane,
                               G_CONNECT_SWAPPED);
      gtk_flow_box_append (pane->buttons, GTK_WIDGET (pane->act_buttons[i]));
      gtk_widget_set_focusable (gtk_widget_get_parent (GTK_WIDGET (pane->act_buttons[i])), FALSE);
    }
  g_signal_connect_object (gtk_text_view_get_buffer (pane->note), "changed",
                           G_CALLBACK (draft_changed_cb), pane, G_CONNECT_SWAPPED);
}
