/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-save.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GBytes *bytes;
  GFileCreateFlags flags;
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;

  g_bytes_unref (save->bytes);
  g_free (save);
}

static void
save_written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_task_return_pointer (task, g_file_get_parse_name (G_FILE (source)), g_free);
  else
    g_task_return_error (task, error);
}

static void
save_chosen_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GFile) file = NULL;
  Save *save = g_task_get_task_data (task);

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
  if (file == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Nothing was chosen");
  else
    g_file_replace_contents_bytes_async (file, save->bytes, NULL, FALSE,
                                         G_FILE_CREATE_REPLACE_DESTINATION | save->flags, NULL,
                                         save_written_cb, g_steal_pointer (&task));
}

void
pt_save_async (GtkWindow *parent, const char *title, const char *name, GBytes *bytes,
               GFileCreateFlags flags, GAsyncReadyCallback callback, gpointer user_data)
{
  GtkFileChooserNative *dialog;
  GTask *task;
  Save *save;

  g_return_if_fail (GTK_IS_WINDOW (parent));
  g_return_if_fail (title != NULL && name != NULL && bytes != NULL);
  dialog = gtk_file_chooser_native_new (title, parent, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"),
                                        _ ("_Cancel"));
  task = g_task_new (NULL, NULL, callback, user_data);
  save = g_new (Save, 1);
  save->bytes = g_bytes_ref (bytes);
  save->flags = flags;
  g_task_set_task_data (task, save, save_free);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect (dialog, "response", G_CALLBACK (save_chosen_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

char *
pt_save_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
