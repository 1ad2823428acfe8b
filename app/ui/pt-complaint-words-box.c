/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-words-box.h"

#include <glib/gi18n-lib.h>

#include "pt-complaint-words.h"
#include "pt-format.h"
#include "pt-words-dialog.h"

#define MIB (1024 * 1024)
#define PHOTO_MAX (8 * MIB)
#define PHOTO_WIDTH 150
#define PHOTO_HEIGHT 110

struct _PtComplaintWordsBox
{
  GtkWidget parent_instance;
  GtkBox *all;
  char *shown; /* what is there, so that the same is not made again */
  GCancellable *loading;
  const PtComplaintDetail *detail; /* borrowed, or NULL */
  PtSession *session;
  PtLink *link;
};

G_DEFINE_FINAL_TYPE (PtComplaintWordsBox, pt_complaint_words_box, GTK_TYPE_WIDGET)

static guint acted_signal;

static void
box_clear (PtComplaintWordsBox *box)
{
  GtkWidget *child;

  if (box->loading != NULL)
    g_cancellable_cancel (box->loading);
  g_set_object (&box->loading, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box->all))) != NULL)
    gtk_box_remove (box->all, child);
}

static GtkWidget *
add_label (GtkBox *box, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  gtk_box_append (box, label);
  return label;
}

/* Photos */

static void
photo_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkPicture) picture = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtFetchReply) reply = pt_link_send_finish (PT_LINK (source), result, &error);
  g_autoptr (GdkTexture) texture = NULL;

  if (reply != NULL && reply->status == SOUP_STATUS_OK)
    texture = gdk_texture_new_from_bytes (reply->body, &error);
  else if (reply != NULL)
    error = pt_fetch_reply_error (reply);
  if (texture != NULL)
    gtk_picture_set_paintable (picture, GDK_PAINTABLE (texture));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_widget_set_tooltip_text (GTK_WIDGET (picture), error->message);
}

static void
add_photos (PtComplaintWordsBox *box, const PtComplaintDetail *detail, const PtComplaintStep *step,
            PtSession *session, PtLink *link)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  for (guint i = 0; i < step->photos->len; i++)
    {
      const PtComplaintPhoto *photo = step->photos->pdata[i];
      const PtFetchRequest request = { NULL, NULL, NULL, pt_session_token (session) };
      GtkWidget *picture = gtk_picture_new ();
      g_autofree char *name = g_strdup_printf (_ ("Photo %u of %u"), i + 1, step->photos->len);
      g_autofree char *path
          = g_strdup_printf ("/complaints/%s/%s/photos/%s", detail->complaint->area,
                             detail->complaint->complaint, photo->sha256);

      gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                      -1);
      gtk_widget_set_size_request (picture, PHOTO_WIDTH, PHOTO_HEIGHT);
      gtk_widget_set_halign (picture, GTK_ALIGN_START);
      gtk_widget_add_css_class (picture, "photo");
      gtk_box_append (GTK_BOX (row), picture);
      pt_link_send_async (link, path, &request, PHOTO_MAX, box->loading, photo_cb,
                          g_object_ref (picture));
    }
  gtk_box_append (box->all, row);
}

/* What can be done with words */

static void
dialog_acted_cb (PtComplaintWordsBox *box)
{
  g_signal_emit (box, acted_signal, 0);
}

static void
ask_clicked_cb (PtComplaintWordsBox *box, GtkButton *button)
{
  PtWordsAct act = (PtWordsAct) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "act"));
  gint64 n = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "step"));
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (box)));
  PtWordsDialog *dialog;

  if (box->detail == NULL || !pt_session_is_of (box->session, box->detail->complaint->area))
    return;
  dialog = pt_words_dialog_new (window, act, box->session, box->link, box->detail, n);
  g_signal_connect_object (dialog, "acted", G_CALLBACK (dialog_acted_cb), box, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
add_button (PtComplaintWordsBox *box, GtkBox *row, const char *label, PtWordsAct act, gint64 n)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "chip");
  g_object_set_data (G_OBJECT (button), "act", GINT_TO_POINTER (act));
  g_object_set_data (G_OBJECT (button), "step", GINT_TO_POINTER ((int) n));
  g_signal_connect_object (button, "clicked", G_CALLBACK (ask_clicked_cb), box, G_CONNECT_SWAPPED);
  gtk_box_append (row, button);
}

static void
add_acts (PtComplaintWordsBox *box, const PtComplaintStep *step)
{
  GtkBox *row = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));

  if (step->is_hidden)
    add_button (box, row, _ ("Show again…"), PT_WORDS_SHOW, step->n);
  else
    add_button (box, row, _ ("Hide…"), PT_WORDS_HIDE, step->n);
  if (pt_session_role (box->session) == PT_ROLE_OFFICER)
    add_button (box, row, _ ("Erase…"), PT_WORDS_ERASE, step->n);
  gtk_box_append (box->all, GTK_WIDGET (row));
}

/* What stands in the place of words: who, when and why */

static void
add_tombstone (PtComplaintWordsBox *box, const char *what, const char *name, const char *by,
               gint64 at, const char *reason, gint64 now)
{
  g_autofree char *time = pt_format_time (at, now);
  g_autofree char *who
      = name != NULL && name[0] != '\0' ? g_strdup_printf ("%s (%s)", name, by) : g_strdup (by);
  g_autofree char *text = g_strdup_printf (_ ("%s By %s, %s: “%s”"), what, who, time, reason);

  add_label (box->all, text, "dim-label");
}

static void
add_erased (PtComplaintWordsBox *box, const PtComplaintDetail *detail, const PtComplaintStep *step,
            gint64 now)
{
  const char *what = _ ("These words were erased; their hash stays in the log.");

  for (guint i = 0; i < detail->steps->len; i++)
    {
      const PtComplaintStep *later = detail->steps->pdata[i];
      const char *reason = later->action == PT_ACTION_COMMENT && later->role == PT_ROLE_OFFICER
                               ? pt_complaint_erase_reason (later->note, step->n)
                               : NULL;

      if (reason == NULL)
        continue;
      add_tombstone (box, what, later->name, later->by, later->received, reason, now);
      return;
    }
  add_label (box->all, what, "dim-label");
}

static void
add_hidden (PtComplaintWordsBox *box, const PtComplaintStep *step, gint64 now)
{
  const char *what = _ ("These words are hidden by moderation.");

  if (step->moderated_by != NULL)
    add_tombstone (box, what, step->moderated_name, step->moderated_by, step->moderated_at,
                   step->moderated_reason, now);
  else
    add_label (box->all, what, "dim-label");
}

/* Words */

static void
add_step (PtComplaintWordsBox *box, const PtComplaintDetail *detail, const PtComplaintStep *step,
          PtSession *session, PtLink *link, gint64 now)
{
  g_autofree char *time = pt_format_time (step->received, now);
  g_autofree char *quoted = g_strdup_printf (_ ("“%s”"), step->text);

  if (step->is_erased)
    add_erased (box, detail, step, now);
  else if (step->is_hidden)
    add_hidden (box, step, now);
  else if (step->text[0] != '\0')
    add_label (box->all, quoted, NULL);
  if (step->photos->len > 0 && !step->is_hidden && !step->is_erased)
    add_photos (box, detail, step, session, link);
  if (step->contact[0] != '\0' && !step->is_hidden && !step->is_erased)
    {
      g_autofree char *contact = g_strdup_printf (_ ("%s · contact: %s"), time, step->contact);

      add_label (box->all, contact, "caption");
    }
  else
    gtk_widget_add_css_class (add_label (box->all, time, "caption"), "dim-label");
  if (!step->is_erased && pt_session_role (session) != PT_ROLE_AUDITOR)
    add_acts (box, step);
}

/* Of whom there are words, and what of them may be seen. */
static char *
what_is_there (const PtComplaintDetail *detail, PtSession *session)
{
  GString *text = g_string_new (detail->complaint->complaint);

  g_string_append_printf (text, "%d", pt_session_is_of (session, detail->complaint->area));
  for (guint i = 0; i < detail->steps->len; i++)
    {
      const PtComplaintStep *step = detail->steps->pdata[i];

      if (step->has_private)
        g_string_append_printf (text, " %u%d%d%" G_GINT64_FORMAT, i, step->is_erased,
                                step->is_hidden, step->moderated_at);
    }
  return g_string_free (text, FALSE);
}

void
pt_complaint_words_box_forget (PtComplaintWordsBox *box)
{
  g_return_if_fail (PT_IS_COMPLAINT_WORDS_BOX (box));
  box->detail = NULL;
  g_clear_pointer (&box->shown, g_free);
  box_clear (box);
}

void
pt_complaint_words_box_set (PtComplaintWordsBox *box, const PtComplaintDetail *detail,
                            PtSession *session, PtLink *link, gint64 now)
{
  g_autofree char *there = NULL;
  gboolean any = FALSE;

  g_return_if_fail (PT_IS_COMPLAINT_WORDS_BOX (box) && detail != NULL);
  g_return_if_fail (PT_IS_SESSION (session) && PT_IS_LINK (link));
  box->detail = detail;
  g_set_object (&box->session, session);
  g_set_object (&box->link, link);
  there = what_is_there (detail, session);
  if (g_strcmp0 (there, box->shown) == 0)
    return;
  g_free (box->shown);
  box->shown = g_steal_pointer (&there);
  box_clear (box);
  box->loading = g_cancellable_new ();
  for (guint i = 0; i < detail->steps->len; i++)
    {
      const PtComplaintStep *step = detail->steps->pdata[i];

      if (step->has_private)
        add_step (box, detail, step, session, link, now);
      any |= step->has_private;
    }
  if (!any)
    add_label (
        box->all,
        pt_session_is_of (session, detail->complaint->area)
            ? _ ("Nobody wrote anything.")
            : _ ("Words and photos are seen by officials of this area alone. Choose your key "
                 "above to log in."),
        "dim-label");
}

static void
pt_complaint_words_box_dispose (GObject *object)
{
  PtComplaintWordsBox *box = PT_COMPLAINT_WORDS_BOX (object);

  if (box->all != NULL)
    {
      box_clear (box);
      gtk_widget_unparent (GTK_WIDGET (box->all));
      box->all = NULL;
    }
  g_clear_pointer (&box->shown, g_free);
  g_clear_object (&box->session);
  g_clear_object (&box->link);
  G_OBJECT_CLASS (pt_complaint_words_box_parent_class)->dispose (object);
}

static void
pt_complaint_words_box_class_init (PtComplaintWordsBoxClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pt_complaint_words_box_dispose;
  acted_signal = g_signal_new ("acted", PT_TYPE_COMPLAINT_WORDS_BOX, G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
pt_complaint_words_box_init (PtComplaintWordsBox *box)
{
  box->all = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gtk_widget_set_parent (GTK_WIDGET (box->all), GTK_WIDGET (box));
}
