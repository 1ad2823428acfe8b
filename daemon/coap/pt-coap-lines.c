/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-lines.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

gboolean
pt_coap_lines_hex (const char *hex, gsize digits, gsize least, gsize most, guint8 *out, gsize *size)
{
  g_return_val_if_fail (hex != NULL && out != NULL && size != NULL, FALSE);

  *size = digits / 2;
  if (digits % 2 != 0 || *size < least || *size > most)
    return FALSE;
  for (gsize i = 0; i < *size; i++)
    {
      int high = g_ascii_xdigit_value (hex[2 * i]), low = g_ascii_xdigit_value (hex[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      out[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

gboolean
pt_coap_lines_parse (const PtCoapLines *lines, const char *text, gsize size, const char *path,
                     gpointer data, GError **error)
{
  const char *cursor = text, *end = text + size;
  guint number = 0;

  g_return_val_if_fail (lines != NULL && text != NULL && path != NULL, FALSE);

  while (cursor < end)
    {
      const char *stop = memchr (cursor, '\n', (gsize) (end - cursor));
      gsize length = (gsize) ((stop != NULL ? stop : end) - cursor);
      const char *wrong = NULL;

      number++;
      if (length > 0 && cursor[length - 1] == '\r')
        length--;
      if (length > 0 && cursor[0] != '#')
        wrong = lines->add (data, cursor, length);
      if (wrong != NULL)
        {
          g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "%s, line %u %s. Write %s, a device a line.", path, number, wrong,
                       lines->form);
          return FALSE;
        }
      cursor = stop != NULL ? stop + 1 : end;
    }
  return TRUE;
}

gboolean
pt_coap_lines_read (const PtCoapLines *lines, const char *path, gpointer data, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  GStatBuf status;
  gboolean good;
  gsize size;

  g_return_val_if_fail (lines != NULL && path != NULL, FALSE);

  if (g_stat (path, &status) == 0
      && ((status.st_mode & 077) != 0 || status.st_size > PT_COAP_LINES_BYTES_MAX))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "Others can read %s, or it is larger than %d MiB. Run chmod 600 on it, and give "
                   "devices new keys if others may have read it.",
                   path, PT_COAP_LINES_BYTES_MAX / (1024 * 1024));
      return FALSE;
    }
  if (!g_file_get_contents (path, &text, &size, &local))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s. Name a file of devices' keys in [coap] %s.", local->message, lines->option);
      return FALSE;
    }
  good = pt_coap_lines_parse (lines, text, size, path, data, error);
  explicit_bzero (text, size);
  return good;
}
