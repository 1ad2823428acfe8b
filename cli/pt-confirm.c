/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-confirm.h"

#include <stdio.h>
#include <unistd.h>

#include "pt-cli.h"
#include "pt-i18n.h"

static gboolean
is_yes (const char *line)
{
  g_autofree char *word = g_utf8_strdown (line, -1);

  g_strstrip (word);
  /* The first word of the reader's language, and English. */
  return g_str_equal (word, "y") || g_str_equal (word, "yes") || g_str_equal (word, _ ("yes"));
}

gboolean
pt_confirm (const char *verb, const char *question, int *status)
{
  char line[64] = "";

  g_return_val_if_fail (verb != NULL && question != NULL && status != NULL, FALSE);
  if (isatty (STDIN_FILENO) != 1)
    {
      *status = pt_cli_usage (verb, _ ("without a terminal nobody can be asked; --yes signs"));
      return FALSE;
    }
  g_printerr (_ ("%s [y/N] "), question);
  if (fgets (line, sizeof line, stdin) != NULL && g_utf8_validate (line, -1, NULL) && is_yes (line))
    return TRUE;
  g_printerr (_ ("Nothing was signed.\n"));
  *status = PT_EXIT_FAILED;
  return FALSE;
}
