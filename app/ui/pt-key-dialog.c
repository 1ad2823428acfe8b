/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-key-dialog.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-base.h"

#define PASSPHRASE_MIN 8 /* characters, of a key that leaves the keyring */

struct _PtKeyDialog
{
  AdwMessageDialog parent_instance;
  GtkEditable *area, *official, *passphrase, *again;
  PtKeyDialogKind kind;
};

G_DEFINE_FINAL_TYPE (PtKeyDialog, pt_key_dialog, ADW_TYPE_MESSAGE_DIALOG)

static guint chosen_signal;

static gboolean
names_are_good (PtKeyDialog *dialog)
{
  const char *area = gtk_editable_get_text (dialog->area);
  const char *official = gtk_editable_get_text (dialog->official);

  return pt_is_area_id (pt_span (area, strlen (area)))
         && pt_is_id (pt_span (official, strlen (official))) && strcmp (official, "citizen") != 0
         && strcmp (official, "service") != 0;
}

static gboolean
is_whole (PtKeyDialog *dialog)
{
  const char *passphrase = gtk_editable_get_text (dialog->passphrase);

  switch (dialog->kind)
    {
    case PT_KEY_DIALOG_NEW:
    case PT_KEY_DIALOG_IMPORT:
      return names_are_good (dialog);
    case PT_KEY_DIALOG_IMPORT_SEALED:
      return names_are_good (dialog) && passphrase[0] != '\0';
    case PT_KEY_DIALOG_EXPORT:
      break;
    }
  return g_utf8_strlen (passphrase, -1) >= PASSPHRASE_MIN
         && strcmp (passphrase, gtk_editable_get_text (dialog->again)) == 0;
}

static void
entry_changed_cb (PtKeyDialog *dialog)
{
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "do", is_whole (dialog));
}

static void
key_dialog_response (AdwMessageDialog *message, const char *response)
{
  PtKeyDialog *dialog = PT_KEY_DIALOG (message);

  if (strcmp (response, "do") == 0)
    g_signal_emit (dialog, chosen_signal, 0, gtk_editable_get_text (dialog->area),
                   gtk_editable_get_text (dialog->official),
                   gtk_editable_get_text (dialog->passphrase));
}

static void
dialog_show_kind (PtKeyDialog *dialog)
{
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);
  gboolean named = dialog->kind != PT_KEY_DIALOG_EXPORT;
  const char *heading = _ ("New key"), *body = NULL, *label = _ ("_Make it");

  body = _ ("It is made on this computer and kept in the keyring. It counts once the authority of "
            "the area has registered it for you.");
  if (named && dialog->kind != PT_KEY_DIALOG_NEW)
    {
      heading = _ ("Import a key");
      body = _ ("It is kept in the keyring. The file stays where it is.");
      label = _ ("_Import");
    }
  if (!named)
    {
      heading = _ ("Export the key");
      body
          = _ ("Whoever has the file and the passphrase can sign in your name. Take at least eight "
               "characters.");
      label = _ ("_Export…");
    }
  adw_message_dialog_set_heading (message, heading);
  adw_message_dialog_set_body (message, body);
  adw_message_dialog_set_response_label (message, "do", label);
  gtk_widget_set_visible (GTK_WIDGET (dialog->area), named);
  gtk_widget_set_visible (GTK_WIDGET (dialog->official), named);
  gtk_widget_set_visible (GTK_WIDGET (dialog->passphrase),
                          !named || dialog->kind == PT_KEY_DIALOG_IMPORT_SEALED);
  gtk_widget_set_visible (GTK_WIDGET (dialog->again), !named);
}

static void
pt_key_dialog_class_init (PtKeyDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  ADW_MESSAGE_DIALOG_CLASS (class)->response = key_dialog_response;
  chosen_signal = g_signal_new ("chosen", PT_TYPE_KEY_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PtKeyDialog, area);
  gtk_widget_class_bind_template_child (widget_class, PtKeyDialog, official);
  gtk_widget_class_bind_template_child (widget_class, PtKeyDialog, passphrase);
  gtk_widget_class_bind_template_child (widget_class, PtKeyDialog, again);
  gtk_widget_class_bind_template_callback (widget_class, entry_changed_cb);
}

static void
pt_key_dialog_init (PtKeyDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
}

PtKeyDialog *
pt_key_dialog_new (GtkWindow *parent, PtKeyDialogKind kind, const char *area)
{
  PtKeyDialog *dialog;

  g_return_val_if_fail (GTK_IS_WINDOW (parent), NULL);
  dialog = g_object_new (PT_TYPE_KEY_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
  dialog->kind = kind;
  if (area != NULL)
    gtk_editable_set_text (dialog->area, area);
  dialog_show_kind (dialog);
  return dialog;
}

void
pt_key_dialog_again (PtKeyDialog *dialog, const char *official, const char *why)
{
  g_return_if_fail (PT_IS_KEY_DIALOG (dialog) && official != NULL && why != NULL);
  gtk_editable_set_text (dialog->official, official);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), why);
  gtk_widget_grab_focus (GTK_WIDGET (dialog->passphrase));
}
