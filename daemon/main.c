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

typedef struct
{
  GMainLoop *loop;
  PtDaemon *daemon; /* while one lives */
  gboolean told;    /* by a signal */
} Life;

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (((Life *) data)->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
quit_for_good (gpointer data)
{
  ((Life *) data)->told = TRUE;
  g_main_loop_quit (((Life *) data)->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
reload (gpointer data)
{
  Life *life = data;

  if (life->daemon != NULL)
    pt_daemon_reload (life->daemon);
  return G_SOURCE_CONTINUE;
}

/* One life of the daemon; *@again: it wants another one, on what its state directory has now. */
static int
live (const PtConfig *config, PtClock *clock, Life *life, gboolean *again, GError **error)
{
  g_autoptr (PtDaemon) daemon = pt_daemon_new (config, clock, quit, life, error);

  *again = FALSE;
  if (daemon == NULL)
    return g_error_matches (*error, PT_ERROR, PT_ERROR_STOP) ? 3 : 1;
  for (guint i = 0; pt_daemon_urls (daemon)[i] != NULL; i++)
    g_print (_ ("Listening on %s\n"), pt_daemon_urls (daemon)[i]);
  life->daemon = daemon;
  g_main_loop_run (life->loop);
  life->daemon = NULL;
  if (pt_daemon_error (daemon) == NULL)
    {
      *again = pt_daemon_wants_again (daemon) && !life->told;
      return 0;
    }
  g_propagate_error (error, g_error_copy (pt_daemon_error (daemon)));
  return 3;
}

static int
run (const char *config_path, GError **error)
{
  g_autoptr (PtConfig) config = pt_config_load (config_path, error);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (PtClock) clock = NULL;
  Life life = { .loop = loop };
  gboolean again = TRUE;
  int status = 0;

  if (config == NULL)
    return 2;
  clock = pt_config_clock (config);
  g_unix_signal_add (SIGTERM, quit_for_good, &life);
  g_unix_signal_add (SIGINT, quit_for_good, &life);
  g_unix_signal_add (SIGHUP, reload, &life);
  signal (SIGPIPE, SIG_IGN);
  while (again)
    status = live (config, clock, &life, &again, error);
  return status;
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
