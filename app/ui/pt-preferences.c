/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-preferences.h"

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "pt-format.h"
#include "pt-key-dialog.h"
#include "pt-keyring.h"
#include "pt-p256-pem.h"
#include "pt-save.h"

struct _PtPreferences
{
  AdwPreferencesWindow parent_instance;
  AdwPreferencesGroup *group;
  GPtrArray *rows; /* GtkWidget that are in it */
  char *area;
  GBytes *file;         /* that is being imported */
  PtKeyringKey *chosen; /* that is being exported or removed */
  char *passphrase;     /* of what is being exported */
};

G_DEFINE_FINAL_TYPE (PtPreferences, pt_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static void
preferences_say (PtPreferences *preferences, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (preferences), adw_toast_new (escaped));
}

/* The list: a key, what registers it, and what can be done with it */

static void
copy_clicked_cb (PtPreferences *preferences, GtkButton *button)
{
  const PtKeyringKey *key = g_object_get_data (G_OBJECT (button), "key");
  g_autofree char *request = pt_keyring_key_request (key);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), request);
  preferences_say (preferences, _ ("Copied. Send it to the authority of the area."));
}

static void export_clicked_cb (PtPreferences *preferences, GtkButton *button);
static void remove_clicked_cb (PtPreferences *preferences, GtkButton *button);

static void
add_button (PtPreferences *preferences, AdwActionRow *row, PtKeyringKey *key, const char *label,
            GCallback clicked)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "key", g_object_ref (key), g_object_unref);
  g_signal_connect_object (button, "clicked", clicked, preferences, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
}

static void
preferences_add_key (PtPreferences *preferences, PtKeyringKey *key)
{
  GtkWidget *row = adw_expander_row_new (), *request = adw_action_row_new (),
            *acts = adw_action_row_new ();
  g_autofree char *area = g_strdup_printf (_ ("area %s"), key->area);
  g_autofree char *line = pt_keyring_key_request (key);
  g_autofree char *escaped = g_markup_escape_text (line, -1);
  g_autofree char *part = pt_format_short (key->public_key);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), key->official);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), area);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (request),
                                 _ ("What the authority runs to register it"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (request), escaped);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (request), 0);
  add_button (preferences, ADW_ACTION_ROW (request), key, _ ("Copy"), G_CALLBACK (copy_clicked_cb));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (acts), _ ("Public key"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (acts), part);
  add_button (preferences, ADW_ACTION_ROW (acts), key, _ ("Export…"),
              G_CALLBACK (export_clicked_cb));
  add_button (preferences, ADW_ACTION_ROW (acts), key, _ ("Remove…"),
              G_CALLBACK (remove_clicked_cb));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), request);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), acts);
  adw_preferences_group_add (preferences->group, row);
  g_ptr_array_add (preferences->rows, row);
}

static void
preferences_add_words (PtPreferences *preferences, const char *words)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), words);
  adw_preferences_group_add (preferences->group, row);
  g_ptr_array_add (preferences->rows, row);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtPreferences) preferences = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) keys = pt_keyring_list_finish (result, &error);

  if (preferences->group == NULL)
    return; /* it was closed */
  for (guint i = 0; i < preferences->rows->len; i++)
    adw_preferences_group_remove (preferences->group, preferences->rows->pdata[i]);
  g_ptr_array_set_size (preferences->rows, 0);
  if (keys == NULL)
    preferences_add_words (preferences, error->message);
  else if (keys->len == 0)
    preferences_add_words (preferences, _ ("There is no key yet."));
  for (guint i = 0; keys != NULL && i < keys->len; i++)
    preferences_add_key (preferences, keys->pdata[i]);
  if (keys != NULL && preferences->chosen != NULL)
    for (guint i = 0; i < keys->len; i++)
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (preferences->rows->pdata[i]),
                                     pt_keyring_key_equal (keys->pdata[i], preferences->chosen));
}

static void
preferences_load (PtPreferences *preferences)
{
  pt_keyring_list_async (NULL, listed_cb, g_object_ref (preferences));
}

/* New and imported */

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtPreferences) preferences = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtKeyringKey) key = pt_keyring_add_finish (result, &error);

  if (key == NULL)
    {
      preferences_say (preferences, error->message);
      return;
    }
  g_set_object (&preferences->chosen, key);
  preferences_load (preferences);
}

/* Takes @key. */
static void
preferences_add (PtPreferences *preferences, const char *area, const char *official, PtP256Key *key)
{
  pt_keyring_add_async (area, official, key, NULL, added_cb, g_object_ref (preferences));
  pt_p256_key_free (key);
}

static void
new_chosen_cb (PtPreferences *preferences, const char *area, const char *official,
               const char *passphrase)
{
  PtP256Key *key = pt_p256_key_generate ();

  if (key == NULL)
    preferences_say (preferences, _ ("No key could be made."));
  else
    preferences_add (preferences, area, official, key);
}

static PtKeyDialog *
preferences_ask (PtPreferences *preferences, PtKeyDialogKind kind, const char *area,
                 GCallback chosen)
{
  PtKeyDialog *dialog = pt_key_dialog_new (GTK_WINDOW (preferences), kind, area);

  g_signal_connect_object (dialog, "chosen", chosen, preferences, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

static void
new_clicked_cb (PtPreferences *preferences)
{
  preferences_ask (preferences, PT_KEY_DIALOG_NEW, preferences->area, G_CALLBACK (new_chosen_cb));
}

static void
import_chosen_cb (PtPreferences *preferences, const char *area, const char *official,
                  const char *passphrase)
{
  gsize size;
  const char *text = g_bytes_get_data (preferences->file, &size), *message = NULL;
  PtP256Key *key
      = pt_p256_key_from_pem (text, size, passphrase[0] != '\0' ? passphrase : NULL, &message);

  if (key != NULL)
    {
      preferences_add (preferences, area, official, key);
      return;
    }
  if (passphrase[0] != '\0')
    pt_key_dialog_again (preferences_ask (preferences, PT_KEY_DIALOG_IMPORT_SEALED, area,
                                          G_CALLBACK (import_chosen_cb)),
                         official, _ ("No key of the right kind opens with this passphrase."));
  else
    preferences_say (preferences, _ ("The file holds no private key on the curve P-256."));
}

static void
import_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtPreferences) preferences = user_data;
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  gsize size = 0;

  if (!g_file_load_contents_finish (G_FILE (source), result, &text, &size, NULL, &error))
    {
      preferences_say (preferences, error->message);
      return;
    }
  g_clear_pointer (&preferences->file, g_bytes_unref);
  preferences->file = g_bytes_new_take (text, size);
  if (size > PT_P256_PEM_MAX)
    preferences_say (preferences, _ ("The file holds no private key on the curve P-256."));
  else
    preferences_ask (preferences,
                     pt_p256_pem_is_encrypted (text, size) ? PT_KEY_DIALOG_IMPORT_SEALED
                                                           : PT_KEY_DIALOG_IMPORT,
                     preferences->area, G_CALLBACK (import_chosen_cb));
}

static void
import_file_cb (GtkNativeDialog *dialog, int response, PtPreferences *preferences)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      g_file_load_contents_async (file, NULL, import_read_cb, g_object_ref (preferences));
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
import_clicked_cb (PtPreferences *preferences)
{
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new (_ ("Import a key"), GTK_WINDOW (preferences),
                                     GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Import"), _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (import_file_cb), preferences, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Exported */

static void
preferences_forget_passphrase (PtPreferences *preferences)
{
  if (preferences->passphrase != NULL)
    OPENSSL_cleanse (preferences->passphrase, strlen (preferences->passphrase));
  g_clear_pointer (&preferences->passphrase, g_free);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtPreferences) preferences = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = pt_save_finish (result, &error);
  g_autofree char *text = path != NULL ? g_strdup_printf (_ ("Key saved as %s"), path) : NULL;

  if (path != NULL)
    preferences_say (preferences, text);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    preferences_say (preferences, error->message);
}

static void
export_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtPreferences) preferences = user_data;
  g_autoptr (GError) error = NULL;
  PtP256Key *key = pt_keyring_open_finish (result, &error);
  char pem[PT_P256_PEM_MAX];
  gsize size = 0;

  if (key == NULL)
    {
      preferences_say (preferences, error->message);
      preferences_forget_passphrase (preferences);
      return;
    }
  if (preferences->passphrase != NULL)
    size = pt_p256_key_to_pem (key, preferences->passphrase, pem, sizeof pem);
  pt_p256_key_free (key);
  preferences_forget_passphrase (preferences);
  if (size > 0)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (pem, size);
      g_autofree char *name = g_strdup_printf ("%s-%s.key.pem", preferences->chosen->area,
                                               preferences->chosen->official);

      pt_save_async (GTK_WINDOW (preferences), _ ("Export the key"), name, bytes,
                     G_FILE_CREATE_PRIVATE, saved_cb, g_object_ref (preferences));
    }
}

static void
export_chosen_cb (PtPreferences *preferences, const char *area, const char *official,
                  const char *passphrase)
{
  preferences_forget_passphrase (preferences);
  preferences->passphrase = g_strdup (passphrase);
  pt_keyring_open_async (preferences->chosen, NULL, export_opened_cb, g_object_ref (preferences));
}

static void
export_clicked_cb (PtPreferences *preferences, GtkButton *button)
{
  g_set_object (&preferences->chosen, g_object_get_data (G_OBJECT (button), "key"));
  preferences_ask (preferences, PT_KEY_DIALOG_EXPORT, NULL, G_CALLBACK (export_chosen_cb));
}

/* Removed */

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtPreferences) preferences = user_data;
  g_autoptr (GError) error = NULL;

  if (!pt_keyring_remove_finish (result, &error))
    preferences_say (preferences, error->message);
  preferences_load (preferences);
}

static void
remove_response_cb (PtPreferences *preferences, const char *response)
{
  if (strcmp (response, "remove") == 0)
    pt_keyring_remove_async (preferences->chosen, NULL, removed_cb, g_object_ref (preferences));
}

static void
remove_clicked_cb (PtPreferences *preferences, GtkButton *button)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (preferences), _ ("Remove the key?"),
      _ ("Without it nothing can be signed in its name. It can't be brought back unless it was "
         "exported. Removing it here does not revoke it: that is the authority's."));
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);

  g_set_object (&preferences->chosen, g_object_get_data (G_OBJECT (button), "key"));
  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "remove", _ ("_Remove"),
                                    NULL);
  adw_message_dialog_set_response_appearance (message, "remove", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (remove_response_cb), preferences,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* The object */

static void
pt_preferences_dispose (GObject *object)
{
  PtPreferences *preferences = PT_PREFERENCES (object);

  preferences->group = NULL;
  preferences_forget_passphrase (preferences);
  g_clear_object (&preferences->chosen);
  g_clear_pointer (&preferences->file, g_bytes_unref);
  G_OBJECT_CLASS (pt_preferences_parent_class)->dispose (object);
}

static void
pt_preferences_finalize (GObject *object)
{
  g_ptr_array_unref (PT_PREFERENCES (object)->rows);
  g_free (PT_PREFERENCES (object)->area);
  G_OBJECT_CLASS (pt_preferences_parent_class)->finalize (object);
}

static void
pt_preferences_class_init (PtPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_preferences_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_preferences_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, PtPreferences, group);
  gtk_widget_class_bind_template_callback (widget_class, new_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, import_clicked_cb);
}

static void
pt_preferences_init (PtPreferences *preferences)
{
  preferences->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (preferences));
}

PtPreferences *
pt_preferences_new (GtkWindow *parent, const char *area)
{
  PtPreferences *preferences;

  g_return_val_if_fail (GTK_IS_WINDOW (parent), NULL);
  preferences = g_object_new (PT_TYPE_PREFERENCES, "transient-for", parent, "modal", TRUE, NULL);
  preferences->area = g_strdup (area);
  preferences_load (preferences);
  return preferences;
}
