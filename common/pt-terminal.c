/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-terminal.h"

#include <stdio.h>
#include <string.h>

#include "pt-text.h"

static void
write_safe (FILE *stream, const char *text)
{
  g_autofree char *safe = g_strdup (text);
  const char *charset;

  if (strcmp (text, PT_TERMINAL_CLEAR_LINE) != 0)
    pt_text_make_safe (safe, strlen (safe), TRUE);
  if (g_get_charset (&charset))
    fputs (safe, stream);
  else
    {
      g_autofree char *converted
          = g_convert_with_fallback (safe, -1, charset, "UTF-8", "?", NULL, NULL, NULL);

      fputs (converted != NULL ? converted : "?", stream);
    }
  fflush (stream);
}

static void
print_out (const char *text)
{
  write_safe (stdout, text);
}

static void
print_error (const char *text)
{
  write_safe (stderr, text);
}

void
pt_terminal_guard (void)
{
  g_set_print_handler (print_out);
  g_set_printerr_handler (print_error);
}

char *
pt_terminal_safe (const char *text)
{
  char *safe;

  g_return_val_if_fail (text != NULL, NULL);

  safe = g_strdup (text);
  pt_text_make_safe (safe, strlen (safe), FALSE);
  return safe;
}

static void
append_escape (GString *out, gunichar character)
{
  if (character > 0xffff)
    g_string_append_printf (out, "\\u%04x\\u%04x", 0xd7c0 + (character >> 10),
                            0xdc00 + (character & 0x3ff));
  else
    g_string_append_printf (out, "\\u%04x", character);
}

char *
pt_terminal_safe_json (const char *json)
{
  g_autofree char *valid = NULL;
  GString *out;

  g_return_val_if_fail (json != NULL, NULL);

  valid = g_utf8_make_valid (json, -1);
  out = g_string_sized_new (strlen (valid));
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      /* Outside of strings there are no characters but ASCII's, and of these only layout is unsafe.
       */
      if (pt_character_is_safe (character) || strchr ("\n\t\r", (int) character) != NULL)
        g_string_append_unichar (out, character);
      else
        append_escape (out, character);
    }
  return g_string_free (out, FALSE);
}
