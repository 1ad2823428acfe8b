/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-verb.h"
#include "pt-terminal.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

static const struct
{
  const char *name;
  int (*run) (int argc, char **argv, GError **error);
} verbs[] = { { "replay", pt_fleet_verb_replay },
              { "town", pt_fleet_verb_town },
              { "load", pt_fleet_verb_load } };

static void
print_help (void)
{
  g_print (
      _ ("Usage: powertrack-fleet VERB [OPTION…]\n\n"
         "A fleet of Power Tracker devices in one process. Each has its own key, signs what it\n"
         "reports and keeps it until the daemon has acknowledged it.\n\n"
         "  replay FILE.csv  live through the real outages of a file\n"
         "  town --sites N   live through storms in a synthetic town\n"
         "  load             measure how fast a daemon takes in reports\n\n"
         "First register the devices: the same command with --list FILE writes them as CSV\n"
         "for “powertrack device register”. “powertrack-fleet VERB --help” explains a verb.\n"));
}

static int
usage (const char *problem)
{
  g_printerr (_ ("powertrack-fleet: %s Try “powertrack-fleet --help”.\n"), problem);
  return EXIT_USAGE;
}

static int
run_verb (int argc, char **argv, gsize verb)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strconcat ("powertrack-fleet ", verbs[verb].name, NULL);
  int code;

  g_set_prgname (name); /* what --help shows */
  code = verbs[verb].run (argc, argv, &error);
  if (code >= 0)
    return code;
  g_printerr ("powertrack-fleet %s: %s\n", verbs[verb].name, error->message);
  return error->domain == G_OPTION_ERROR ? EXIT_USAGE : EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  pt_terminal_guard ();
  bindtextdomain ("powertrack", PT_LOCALEDIR);
  bind_textdomain_codeset ("powertrack", "UTF-8");
  textdomain ("powertrack");
  signal (SIGPIPE, SIG_IGN);
  if (argc < 2)
    return usage (_ ("Name a verb."));
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    {
      print_help ();
      return EXIT_SUCCESS;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      g_print ("powertrack-fleet %s\n", PT_VERSION);
      return EXIT_SUCCESS;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (argv[1], verbs[i].name) == 0)
      return run_verb (argc - 1, argv + 1, i);
  return usage (_ ("There is no such verb."));
}
