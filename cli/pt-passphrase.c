/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-passphrase.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"

#define SIZE_MAX_TYPED 1024

void
pt_passphrase_free (char *passphrase)
{
  if (passphrase != NULL)
    explicit_bzero (passphrase, strlen (passphrase));
  g_free (passphrase);
}

/* One line from the terminal, not shown. */
static char *
ask_once (FILE *terminal, const char *prompt)
{
  char line[SIZE_MAX_TYPED] = "";
  struct termios shown, unseen;
  gboolean is_hidden = tcgetattr (fileno (terminal), &shown) == 0;
  gboolean got;
  char *text = NULL;

  if (is_hidden)
    {
      unseen = shown;
      unseen.c_lflag &= ~(tcflag_t) ECHO;
      tcsetattr (fileno (terminal), TCSAFLUSH, &unseen);
    }
  g_printerr ("%s: ", prompt);
  got = fgets (line, sizeof line, terminal) != NULL;
  if (is_hidden)
    tcsetattr (fileno (terminal), TCSAFLUSH, &shown);
  g_printerr ("\n");
  line[strcspn (line, "\r\n")] = '\0';
  if (got)
    text = g_strdup (line);
  explicit_bzero (line, sizeof line);
  return text;
}

static char *
ask (FILE *terminal, const char *prompt, gboolean new, GError **error)
{
  char *first = ask_once (terminal, prompt), *second = NULL;
  gboolean same;

  if (new &&first != NULL)
    second = ask_once (terminal, _ ("The same again"));
  same = !new || (second != NULL && strcmp (first, second) == 0);
  pt_passphrase_free (second);
  if (first != NULL && *first != '\0' && same)
    return first;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       first == NULL || *first == '\0' ? _ ("nothing was typed")
                                                       : _ ("what was typed differs"));
  pt_passphrase_free (first);
  return NULL;
}

char *
pt_passphrase_get (const char *path, const char *prompt, gboolean new, const char *option,
                   GError **error)
{
  FILE *terminal = NULL;
  char *text = NULL;

  g_return_val_if_fail (prompt != NULL && option != NULL, NULL);
  if (path != NULL)
    return pt_cli_read_secret (path, error);
  if (isatty (STDIN_FILENO) == 1)
    terminal = fopen ("/dev/tty", "re");
  if (terminal == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("without a terminal nobody can be asked for the passphrase; give %s"),
                   option);
      return NULL;
    }
  setvbuf (terminal, NULL, _IONBF, 0);
  text = ask (terminal, prompt, new, error);
  fclose (terminal);
  return text;
}
