/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-check-window.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-check-run.h"
#include "pt-check-view.h"
#include "pt-format.h"

#define FILE_MAX (256 * 1024 * 1024)

struct _PtCheckWindow
{
  AdwWindow parent_instance;
  AdwWindowTitle *title;
  GtkLabel *claim;
  GtkWidget *question, *other; /* "Is it true?", and another file */
  GtkListBox *claims;
  PtCheckView *view;
  GtkWidget *endpoint;
  AdwEntryRow *rpc, *contract;
  GtkButton *ask;
  GFile *file;
  GBytes *bytes;
  guint64 chain_id;
  GCancellable *cancellable;
};

G_DEFINE_TYPE (PtCheckWindow, pt_check_window, ADW_TYPE_WINDOW)

/* What the file says */

static void
add_claim (PtCheckWindow *self, const char *name, const char *value)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *left = gtk_label_new (name), *right = gtk_label_new (value);
  g_autofree char *heard = g_strdup_printf ("%s: %s", name, value);

  gtk_label_set_xalign (GTK_LABEL (left), 0);
  gtk_label_set_width_chars (GTK_LABEL (left), 11);
  gtk_widget_set_valign (left, GTK_ALIGN_START);
  gtk_widget_add_css_class (left, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (right), 0);
  gtk_label_set_wrap (GTK_LABEL (right), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (right), PANGO_WRAP_CHAR);
  gtk_label_set_selectable (GTK_LABEL (right), TRUE);
  gtk_widget_set_can_focus (right, FALSE);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_box_append (GTK_BOX (box), left);
  gtk_box_append (GTK_BOX (box), right);
  gtk_widget_add_css_class (box, "claim");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, heard, -1);
  gtk_list_box_append (self->claims, row);
}

static void
add_batch_claims (PtCheckWindow *self, const PtCheck *check)
{
  g_autofree char *batch = pt_format_number ((gint64) check->batch);
  g_autofree char *size = pt_format_number ((gint64) check->size);
  g_autofree char *index = pt_format_number ((gint64) check->index + 1);
  g_autofree char *record
      = check->is_bundle
            ? g_strdup_printf (_ ("entry %s of %s, in batch %s of area %s"), index, size, batch,
                               check->area)
            : g_strdup_printf (_ ("batch %s of area %s, up to entry %s"), batch, check->area, size);
  g_autofree char *block = pt_format_number ((gint64) check->block);

  add_claim (self, _ ("Record"), record);
  if (check->cid != NULL)
    add_claim (self, _ ("File (CID)"), check->cid);
  if (check->contract != NULL)
    {
      g_autofree char *chain = g_strdup_printf (_ ("chain %" PRIu64 ", contract %s, block %s"),
                                                check->chain_id, check->contract, block);

      add_claim (self, _ ("Blockchain"), chain);
    }
}

static void
show_claims (PtCheckWindow *self, const PtCheck *check)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->claims))) != NULL)
    gtk_list_box_remove (self->claims, row);
  gtk_widget_set_visible (GTK_WIDGET (self->claims), check->parsed);
  gtk_widget_set_visible (GTK_WIDGET (self->claim), check->parsed);
  gtk_widget_set_visible (self->question, check->parsed);
  gtk_widget_set_visible (self->other, !check->parsed);
  if (!check->parsed)
    return;
  if (check->device != NULL)
    {
      gint64 today = g_get_real_time () / 1000;
      g_autofree char *time = pt_format_time (check->ts, today);
      g_autofree char *claim = check->power_on
                                   ? g_strdup_printf (_ ("It says: supply was on at %s"), time)
                                   : g_strdup_printf (_ ("It says: supply was off at %s"), time);
      g_autofree char *device
          = g_strdup_printf (_ ("%s, counter %" PRId64), check->device, check->seq);

      gtk_label_set_label (self->claim, claim);
      add_claim (self, _ ("Site"), check->site != NULL ? check->site : _ ("not said"));
      add_claim (self, _ ("Device"), device);
    }
  else
    gtk_label_set_label (self->claim, check->is_bundle
                                          ? _ ("It says: this is an entry of the public record")
                                          : _ ("It says: this is a part of the public record"));
  add_batch_claims (self, check);
}

/* Checking */

static void
window_checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtCheckWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCheckResult) checked = pt_check_run_finish (result, &error);

  if (checked == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->ask), TRUE);
  if (checked == NULL)
    {
      pt_check_view_set_error (self->view, error->message);
      return;
    }
  show_claims (self, checked->check);
  pt_check_view_set_result (self->view, checked, NULL);
  gtk_widget_set_visible (self->endpoint, checked->check->parsed);
}

static const char *
entry_text (AdwEntryRow *row)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (row));

  return text[0] != '\0' ? text : NULL;
}

/* "31337:0xabc…", or the address alone where the chain's number is known. */
static PtCheckAnchor
read_anchor (PtCheckWindow *self, const char *text)
{
  PtCheckAnchor anchor = { text, self->chain_id, 0 };
  char *end = NULL;
  guint64 chain_id = text != NULL ? g_ascii_strtoull (text, &end, 10) : 0;

  if (chain_id == 0 || *end != ':')
    return anchor;
  anchor.chain_id = chain_id;
  anchor.contract = end + 1;
  return anchor;
}

static void
window_check (PtCheckWindow *self)
{
  PtCheckAnchor anchor = read_anchor (self, entry_text (self->contract));

  if (self->bytes == NULL || self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  gtk_widget_set_sensitive (GTK_WIDGET (self->ask), FALSE);
  pt_check_view_set_busy (self->view, TRUE);
  pt_check_run_file_async (self->bytes, entry_text (self->rpc), &anchor, self->cancellable,
                           window_checked_cb, g_object_ref (self));
}

/* Reading */

static void
window_unreadable (PtCheckWindow *self, const char *reason)
{
  gtk_label_set_label (self->claim, _ ("This file could not be read."));
  gtk_widget_set_visible (self->question, FALSE);
  gtk_widget_set_visible (self->other, TRUE);
  pt_check_view_set_error (self->view, reason);
}

static void
window_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtCheckWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  GBytes *bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);

  if (bytes == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (bytes == NULL)
    {
      window_unreadable (self, error->message);
      return;
    }
  self->bytes = bytes;
  window_check (self);
}

static void
window_sized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtCheckWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (info == NULL)
    window_unreadable (self, error->message);
  else if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    window_unreadable (self, _ ("It is no file but a folder or a device."));
  else if (g_file_info_get_size (info) > FILE_MAX)
    window_unreadable (self, _ ("It is larger than 256 MiB, as no proof and no batch file is."));
  else
    {
      g_file_load_bytes_async (self->file, self->cancellable, window_read_cb, g_object_ref (self));
      return;
    }
  g_clear_object (&self->cancellable);
}

static void
window_load (PtCheckWindow *self, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *shown = g_filename_display_name (name);

  g_set_object (&self->file, file);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  adw_window_title_set_subtitle (self->title, shown);
  gtk_label_set_label (self->claim, _ ("Reading…"));
  gtk_widget_set_visible (GTK_WIDGET (self->claim), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->claims), FALSE);
  gtk_widget_set_visible (self->endpoint, FALSE);
  gtk_widget_set_visible (self->other, FALSE);
  self->cancellable = g_cancellable_new ();
  pt_check_view_set_busy (self->view, TRUE);
  g_file_query_info_async (self->file, "standard::size,standard::type", G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, self->cancellable, window_sized_cb,
                           g_object_ref (self));
}

/* Another file */

static void
other_chosen_cb (GtkNativeDialog *dialog, int response, PtCheckWindow *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;

  if (file != NULL && self->cancellable == NULL)
    window_load (self, file);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
window_choose_other (PtCheckWindow *self)
{
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new (_ ("Check a file"), GTK_WINDOW (self),
                                     GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Check"), _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (other_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* The object */

static void
pt_check_window_dispose (GObject *object)
{
  PtCheckWindow *self = PT_CHECK_WINDOW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->file);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  G_OBJECT_CLASS (pt_check_window_parent_class)->dispose (object);
}

static void
pt_check_window_class_init (PtCheckWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_check_window_dispose;
  g_type_ensure (PT_TYPE_CHECK_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-check-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, title);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, claim);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, claims);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, question);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, other);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, view);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, endpoint);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, rpc);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, contract);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, ask);
  gtk_widget_class_bind_template_callback (widget_class, window_check);
  gtk_widget_class_bind_template_callback (widget_class, window_choose_other);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
pt_check_window_init (PtCheckWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
pt_check_window_new (GtkApplication *application, GFile *file, const char *rpc,
                     const PtSettings *settings)
{
  g_autofree char *contract = NULL;
  PtCheckWindow *self;

  g_return_val_if_fail (GTK_IS_APPLICATION (application) && G_IS_FILE (file), NULL);
  self = g_object_new (PT_TYPE_CHECK_WINDOW, "application", application, NULL);
  self->chain_id = settings->chain_id;
  gtk_editable_set_text (GTK_EDITABLE (self->rpc), rpc != NULL ? rpc : "");
  contract = pt_settings_contract_text (settings);
  gtk_editable_set_text (GTK_EDITABLE (self->contract), contract != NULL ? contract : "");
  window_load (self, file);
  return GTK_WINDOW (self);
}
