/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-key-button.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-complaint-words.h"

struct _PtKeyButton
{
  GtkWidget parent_instance;
  GtkMenuButton *button;
  GtkLabel *name, *status;
  GtkButton *again;
  GtkWidget *scrolled;
  GtkListBox *keys;
  PtSession *session;
  GPtrArray *listed; /* PtKeyringKey, as in ->keys */
  char *wanted;      /* a public key that is to be chosen once the list is there */
};

G_DEFINE_FINAL_TYPE (PtKeyButton, pt_key_button, GTK_TYPE_WIDGET)

static guint chosen_signal;

static char *
status_words (PtKeyButton *button)
{
  PtKeyringKey *key = pt_session_key (button->session);

  switch (pt_session_state (button->session))
    {
    case PT_SESSION_NONE:
      return g_strdup (button->listed != NULL && button->listed->len == 0
                           ? _ ("The keyring holds no key of an official. Make one, and have it "
                                "registered.")
                           : _ ("Choose the key that you act with."));
    case PT_SESSION_BUSY:
      return g_strdup (_ ("Logging in…"));
    case PT_SESSION_IN:
      return g_strdup_printf (_ ("%s: %s of area %s"), pt_session_name (button->session),
                              pt_complaint_role_word (pt_session_role (button->session)),
                              key->area);
    case PT_SESSION_OUT:
      break;
    }
  return g_strdup_printf (_ ("Not logged in. %s"), pt_session_detail (button->session));
}

static void
button_show (PtKeyButton *button)
{
  PtKeyringKey *key = pt_session_key (button->session);
  PtSessionState state = pt_session_state (button->session);
  g_autofree char *words = status_words (button);
  g_autofree char *name = NULL;

  gtk_label_set_label (button->name, key != NULL ? key->official : _ ("No key"));
  gtk_label_set_label (button->status, words);
  gtk_widget_set_visible (GTK_WIDGET (button->again), state == PT_SESSION_OUT);
  if (state == PT_SESSION_IN)
    gtk_widget_add_css_class (GTK_WIDGET (button), "key-in");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (button), "key-in");
  name = g_strdup_printf (_ ("Key: %s"), gtk_label_get_label (button->name));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
}

/* The list */

static void
button_fill (PtKeyButton *button)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (button->keys))) != NULL)
    gtk_list_box_remove (button->keys, child);
  for (guint i = 0; i < button->listed->len; i++)
    {
      const PtKeyringKey *key = button->listed->pdata[i];
      GtkWidget *row = adw_action_row_new ();
      g_autofree char *area = g_strdup_printf (_ ("area %s"), key->area);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), key->official);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), area);
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      if (pt_keyring_key_equal (key, pt_session_key (button->session)))
        adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                                   gtk_image_new_from_icon_name ("object-select-symbolic"));
      gtk_list_box_append (button->keys, row);
    }
  gtk_widget_set_visible (button->scrolled, button->listed->len > 0);
  button_show (button);
}

static void
button_choose_wanted (PtKeyButton *button)
{
  for (guint i = 0; button->wanted != NULL && i < button->listed->len; i++)
    {
      PtKeyringKey *key = button->listed->pdata[i];

      if (strcmp (key->public_key, button->wanted) != 0)
        continue;
      g_clear_pointer (&button->wanted, g_free);
      pt_session_choose (button->session, key);
    }
  g_clear_pointer (&button->wanted, g_free);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtKeyButton) button = user_data;
  g_autoptr (GError) error = NULL;
  GPtrArray *keys = pt_keyring_list_finish (result, &error);

  if (keys == NULL)
    {
      gtk_label_set_label (button->status, error->message);
      return;
    }
  g_clear_pointer (&button->listed, g_ptr_array_unref);
  button->listed = keys;
  button_choose_wanted (button);
  button_fill (button);
  if (keys->len > 0 && gtk_widget_get_mapped (GTK_WIDGET (button->keys)))
    gtk_widget_grab_focus (gtk_widget_get_first_child (GTK_WIDGET (button->keys)));
}

static void
shown_cb (PtKeyButton *button)
{
  pt_keyring_list_async (NULL, listed_cb, g_object_ref (button));
}

static void
row_activated_cb (PtKeyButton *button, GtkListBoxRow *row)
{
  guint at = (guint) gtk_list_box_row_get_index (row);

  if (button->listed == NULL || at >= button->listed->len)
    return;
  pt_session_choose (button->session, button->listed->pdata[at]);
  gtk_menu_button_popdown (button->button);
  g_signal_emit (button, chosen_signal, 0);
}

static void
again_clicked_cb (PtKeyButton *button)
{
  pt_session_login (button->session);
}

void
pt_key_button_choose (PtKeyButton *button, const char *public_key)
{
  g_return_if_fail (PT_IS_KEY_BUTTON (button) && public_key != NULL);
  g_free (button->wanted);
  button->wanted = g_strdup (public_key);
  pt_keyring_list_async (NULL, listed_cb, g_object_ref (button));
}

void
pt_key_button_set_short (PtKeyButton *button, gboolean is_short)
{
  g_return_if_fail (PT_IS_KEY_BUTTON (button));
  gtk_widget_set_visible (GTK_WIDGET (button->name), !is_short);
}

void
pt_key_button_set_session (PtKeyButton *button, PtSession *session)
{
  g_return_if_fail (PT_IS_KEY_BUTTON (button) && button->session == NULL);
  button->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (button_show), button, G_CONNECT_SWAPPED);
  button_show (button);
}

/* The object */

static void
pt_key_button_dispose (GObject *object)
{
  PtKeyButton *button = PT_KEY_BUTTON (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (button))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&button->listed, g_ptr_array_unref);
  g_clear_pointer (&button->wanted, g_free);
  g_clear_object (&button->session);
  G_OBJECT_CLASS (pt_key_button_parent_class)->dispose (object);
}

static void
pt_key_button_class_init (PtKeyButtonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_key_button_dispose;
  chosen_signal = g_signal_new ("chosen", PT_TYPE_KEY_BUTTON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-key-button.ui");
  gtk_widget_class_bind_template_child (widget_class, PtKeyButton, button);
  gtk_widget_class_bind_template_child (widget_class, PtKeyButton, name);
  gtk_widget_class_bind_template_child (widget_class, PtKeyButton, status);
  gtk_widget_class_bind_template_child (widget_class, PtKeyButton, again);
  gtk_widget_class_bind_template_child (widget_class, PtKeyButton, scrolled);
  gtk_widget_class_bind_template_child (widget_class, PtKeyButton, keys);
  gtk_widget_class_bind_template_callback (widget_class, shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, again_clicked_cb);
}

static void
pt_key_button_init (PtKeyButton *button)
{
  gtk_widget_init_template (GTK_WIDGET (button));
}
