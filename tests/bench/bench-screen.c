/* SPDX-License-Identifier: Apache-2.0 */

/* bench-screen URL: the console on a daemon; a line of JSON for each site MARK-... when its outage
 * is on the screen: in the list, the frame painted. Says "ready" when it is live; ends when
 * standard input does. */
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>

#include "pt-application.h"
#include "pt-feed-outages.h"
#include "pt-window.h"

typedef struct
{
  GApplication *application;
  PtWindow *window;
  GHashTable *known;  /* sites that were seen */
  GPtrArray *waiting; /* sites to be told of after the next frame */
} Bench;

static void
frame_painted_cb (GdkFrameClock *clock, Bench *bench)
{
  for (guint i = 0; i < bench->waiting->len; i++)
    printf ("{\"site\": \"%s\", \"at\": %.1f}\n", (char *) g_ptr_array_index (bench->waiting, i),
            (double) g_get_real_time () / 1000);
  fflush (stdout);
  g_ptr_array_set_size (bench->waiting, 0);
}

static void
outages_changed_cb (GListModel *outages, guint position, guint removed, guint added, Bench *bench)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (PtOutage) outage = g_list_model_get_item (outages, i);

      if (g_str_has_prefix (outage->site, "MARK-")
          && g_hash_table_add (bench->known, g_strdup (outage->site)))
        {
          g_ptr_array_add (bench->waiting, g_strdup (outage->site));
          gtk_widget_queue_draw (GTK_WIDGET (bench->window));
        }
    }
}

static void
link_state_cb (PtLink *link, GParamSpec *pspec, Bench *bench)
{
  if (pt_link_state (link) != PT_LINK_LIVE)
    return;
  puts ("ready");
  fflush (stdout);
  g_signal_handlers_disconnect_by_func (link, link_state_cb, bench);
}

static void
window_added_cb (GtkApplication *application, GtkWindow *window, Bench *bench)
{
  if (PT_IS_WINDOW (window) && bench->window == NULL)
    bench->window = PT_WINDOW (window);
}

static gboolean
watch (gpointer data)
{
  Bench *bench = data;
  PtLink *link;

  if (bench->window == NULL || !gtk_widget_get_realized (GTK_WIDGET (bench->window)))
    return G_SOURCE_CONTINUE;
  link = pt_window_link (bench->window);
  g_signal_connect (pt_link_list (link, &pt_list_outages), "items-changed",
                    G_CALLBACK (outages_changed_cb), bench);
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (bench->window)), "after-paint",
                    G_CALLBACK (frame_painted_cb), bench);
  g_signal_connect (link, "notify::state", G_CALLBACK (link_state_cb), bench);
  link_state_cb (link, NULL, bench);
  return G_SOURCE_REMOVE;
}

static void
input_ended_cb (GObject *input, GAsyncResult *result, gpointer data)
{
  g_application_quit (((Bench *) data)->application);
}

int
main (int argc, char **argv)
{
  g_autoptr (PtApplication) application = pt_application_new ();
  g_autoptr (GInputStream) input = g_unix_input_stream_new (0, FALSE);
  g_autofree char *url = g_strconcat ("--url=", argc > 1 ? argv[1] : "", NULL);
  char *arguments[] = { argv[0], url, NULL };
  static char byte;
  Bench bench = { .application = G_APPLICATION (application),
                  .known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                  .waiting = g_ptr_array_new_with_free_func (g_free) };
  int code;

  g_signal_connect (application, "window-added", G_CALLBACK (window_added_cb), &bench);
  g_timeout_add (10, watch, &bench);
  g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, NULL, input_ended_cb, &bench);
  code = g_application_run (G_APPLICATION (application), 2, arguments);
  g_hash_table_unref (bench.known);
  g_ptr_array_unref (bench.waiting);
  return code;
}
