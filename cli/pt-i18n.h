/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <inttypes.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

/* Messages in the language of whoever reads them. No GLib: the offline program uses this too. */

#define _(text) gettext (text)
#define N_(text) text /* translated where it is shown */

/* @directory: where the catalogs are installed. What --json prints is for programs and stays as it
 * is in the source. */
static inline void
pt_i18n_start (const char *directory, int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain ("powertrack", directory);
  bind_textdomain_codeset ("powertrack", "UTF-8");
  textdomain ("powertrack");
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--json") == 0)
      setlocale (LC_MESSAGES, "C");
}
