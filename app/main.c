/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n.h>
#include <locale.h>

#include "pt-application.h"
#include "pt-terminal.h"

int
main (int argc, char **argv)
{
  g_autoptr (PtApplication) application = NULL;

  setlocale (LC_ALL, "");
  pt_terminal_guard ();
  /* As gettext(1) has it: translations of a build that is not installed. */
  bindtextdomain (GETTEXT_PACKAGE,
                  g_getenv ("TEXTDOMAINDIR") != NULL ? g_getenv ("TEXTDOMAINDIR") : PT_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Power Tracker"));
  application = pt_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
