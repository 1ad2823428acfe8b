/* SPDX-License-Identifier: Apache-2.0 */
/* A file manager's part in a test: a window from which the files of the command line can be
 * dragged. */
#include <gtk/gtk.h>

#define SIDE 200

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, GdkFileList *files)
{
  return gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, files);
}

static GdkFileList *
file_list (int count, char **paths)
{
  GSList *files = NULL;
  GdkFileList *list;

  for (int i = count - 1; i >= 0; i--)
    files = g_slist_prepend (files, g_file_new_for_path (paths[i]));
  list = gdk_file_list_new_from_list (files);
  g_slist_free_full (files, g_object_unref);
  return list;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GtkDragSource *source;
  GdkFileList *files;
  GtkWidget *window;

  gtk_init ();
  source = gtk_drag_source_new ();
  files = file_list (argc - 1, argv + 1);
  window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (window), "drag source");
  gtk_window_set_default_size (GTK_WINDOW (window), SIDE, SIDE);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_cb), files);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (loop);
  g_boxed_free (GDK_TYPE_FILE_LIST, files);
  return 0;
}
