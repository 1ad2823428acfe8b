/* SPDX-License-Identifier: Apache-2.0 */
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>

#include "pt-daemon.h"
#include "pt-error.h"
#include "pt-terminal.h"

#define LARGE (256 * 1024) /* bytes */

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static int
run (const char *config_path, GError **error)
{
  g_autoptr (PtConfig) config = pt_config_load (config_path, error);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (PtClock) clock = NULL;
  g_autoptr (PtDaemon) daemon = NULL;

  if (config == NULL)
    return 2;
  clock = pt_config_clock (config);
  daemon = pt_daemon_new (config, clock, quit, loop, error);
  if (daemon == NULL)
    return g_error_matches (*error, PT_ERROR, PT_ERROR_STOP) ? 3 : 1;
  g_unix_signal_add (SIGTERM, quit, loop);
  g_unix_signal_add (SIGINT, quit, loop);
  signal (SIGPIPE, SIG_IGN);
  g_print (_ ("Listening on %s\n"), pt_daemon_url (daemon));
  g_main_loop_run (loop);
  if (pt_daemon_error (daemon) == NULL)
    return 0;
  g_propagate_error (error, g_error_copy (pt_daemon_error (daemon)));
  return 3;
}

int
main (int argc, char **argv)
{
  g_autofree char *config = NULL;
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config, N_ ("Read this configuration"), "FILE" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("Print the version and exit"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  int status;

#ifdef M_MMAP_THRESHOLD
  /* What is as large as a client's body or an answer goes back to the system when it is freed; else
   * a bad hour would stay in memory for ever. */
  mallopt (M_MMAP_THRESHOLD, LARGE);
#endif
  setlocale (LC_ALL, "");
  pt_terminal_guard ();
  bindtextdomain ("powertrack", PT_LOCALEDIR);
  bind_textdomain_codeset ("powertrack", "UTF-8");
  textdomain ("powertrack");
  g_option_context_set_summary (
      context, _ ("Takes in signed reports on electricity supply, verifies, stores, batches and "
                  "anchors them."));
  g_option_context_add_main_entries (context, entries, "powertrack");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("powertrackd: %s\n", error->message);
      return 2;
    }
  if (version)
    {
      g_print ("powertrackd %s\n", PT_VERSION);
      return 0;
    }
  status = run (config != NULL ? config : PT_SYSCONFDIR "/powertrack/powertrackd.conf", &error);
  if (error != NULL)
    g_printerr ("powertrackd: %s\n", error->message);
  return status;
}
