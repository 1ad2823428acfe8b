/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack-store`: work on a store by the daemon's own code, beside a daemon or without one.
 * `powertrack store` executes it. */

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <string.h>

#include "pt-terminal.h"
#include "pt-tool.h"

static const struct
{
  const char *verb;
  int (*run) (int argc, char **argv);
} verbs[] = {
  { "backup", pt_store_backup_main },
  { "check", pt_store_check_main },
  { "copy", pt_store_copy_main },
  { "vacuum", pt_store_vacuum_main },
};

static void
start (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain ("powertrack", PT_LOCALEDIR);
  bind_textdomain_codeset ("powertrack", "UTF-8");
  textdomain ("powertrack");
  /* What is for programs stays as it is in the source. */
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--json") == 0)
      setlocale (LC_MESSAGES, "C");
  pt_terminal_guard ();
}

static void
list (void)
{
  g_print (_ ("Usage: powertrack %s VERB [OPTION...]\n\nVerbs:\n"), "store");
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    g_print ("  powertrack store %s\n", verbs[i].verb);
  g_print (_ ("\nEach knows --help and --json.\n"));
}

/* @argv: "powertrack", "store", the verb. */
int
main (int argc, char **argv)
{
  start (argc, argv);
  if (argc > 2 && strcmp (argv[2], "--help") == 0)
    {
      list ();
      return PT_EXIT_HOLDS;
    }
  for (guint i = 0; argc > 2 && i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (argv[2], verbs[i].verb) == 0)
      return verbs[i].run (argc - 2, argv + 2);
  g_printerr (_ ("powertrack: '%s' is no verb; try 'powertrack --help'\n"),
              argc > 2 ? argv[2] : "store");
  return PT_EXIT_USAGE;
}
