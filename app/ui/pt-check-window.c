/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-check-window.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "pt-check-view.h"
#include "pt-format.h"

#define FILE_MAX (G_GINT64_CONSTANT (256) * 1024 * 1024)

struct _PtCheckWindow
{
  AdwWindow parent_instance;
  AdwWindowTitle *title;
  GtkLabel *claims;
  PtCheckView *check;
  GtkEditable *rpc;
  GFile *file;
  GBytes *bytes;
  GCancellable *cancellable;
};

G_DEFINE_TYPE (PtCheckWindow, pt_check_window, ADW_TYPE_WINDOW)

static char *
claims_words (const PtCheck *check)
{
  g_autofree char *now = NULL, *ts = NULL, *index = pt_format_number ((gint64) check->index + 1);
  gint64 today = g_get_real_time () / 1000;

  if (!check->parsed)
    return g_strdup (_ ("This file says nothing that can be understood."));
  if (!check->is_bundle)
    return g_strdup_printf (
        _ ("This file says it is batch %" PRIu64 " of area %s, up to entry %s."), check->batch,
        check->area, now = pt_format_number ((gint64) check->size));
  if (check->device == NULL)
    return g_strdup_printf (_ ("This file says it proves entry %s of area %s, batch %" PRIu64 "."),
                            index, check->area, check->batch);
  ts = pt_format_time (check->ts, today);
  return g_strdup_printf (check->power_on
                              ? _ ("This file says: device %s at site %s (area %s) reported power "
                                   "ON at %s; entry %s of the record, batch %" PRIu64 ".")
                              : _ ("This file says: device %s at site %s (area %s) reported power "
                                   "OFF at %s; entry %s of the record, batch %" PRIu64 "."),
                          check->device, check->site, check->area, ts, index, check->batch);
}

static void
window_checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtCheckWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCheckResult) checked = pt_check_run_finish (result, &error);
  g_autofree char *words = NULL;

  if (checked == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (checked == NULL)
    {
      pt_check_view_set_error (self->check, error->message);
      return;
    }
  words = claims_words (checked->check);
  gtk_label_set_label (self->claims, words);
  pt_check_view_set_result (self->check, checked, NULL);
}

static void
window_check (PtCheckWindow *self)
{
  const char *rpc = gtk_editable_get_text (self->rpc);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->bytes == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  pt_check_view_set_busy (self->check, TRUE);
  pt_check_run_file_async (self->bytes, rpc[0] != '\0' ? rpc : NULL, 0, NULL, self->cancellable,
                           window_checked_cb, g_object_ref (self));
}

static void
rpc_apply_cb (PtCheckWindow *self)
{
  window_check (self);
}

static void
window_fail (PtCheckWindow *self, const char *why)
{
  g_autofree char *text = g_strdup_printf (_ ("The file could not be read: %s"), why);

  pt_check_view_set_error (self->check, text);
}

static void
window_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtCheckWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  self->bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);
  if (self->bytes == NULL)
    window_fail (self, error->message);
  else
    window_check (self);
}

/* Its size first: what is too large is not read at all. */
static void
window_sized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtCheckWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info == NULL)
    window_fail (self, error->message);
  else if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    window_fail (self, _ ("it is no file"));
  else if (g_file_info_get_size (info) > FILE_MAX)
    window_fail (self, _ ("it is larger than 256 MiB"));
  else
    g_file_load_bytes_async (G_FILE (source), NULL, window_read_cb, g_steal_pointer (&self));
}

PtCheckWindow *
pt_check_window_new (GtkApplication *application, GFile *file, const char *rpc)
{
  PtCheckWindow *self = g_object_new (PT_TYPE_CHECK_WINDOW, "application", application, NULL);
  g_autofree char *name = g_file_get_basename (file);

  self->file = g_object_ref (file);
  adw_window_title_set_subtitle (self->title, name);
  gtk_editable_set_text (self->rpc, rpc != NULL ? rpc : "");
  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                           G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, NULL, window_sized_cb,
                           g_object_ref (self));
  return self;
}

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
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, claims);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, check);
  gtk_widget_class_bind_template_child (widget_class, PtCheckWindow, rpc);
  gtk_widget_class_bind_template_callback (widget_class, rpc_apply_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
pt_check_window_init (PtCheckWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
