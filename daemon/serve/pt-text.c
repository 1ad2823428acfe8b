/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-text.h"

#include <string.h>

#include "pt-encoding.h"

void
pt_text_append_string (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (const char *c = value; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_printf (text, "\\%c", *c);
      else if ((guchar) *c < 0x20)
        g_string_append_printf (text, "\\u%04x", *c);
      else
        g_string_append_c (text, *c);
    }
  g_string_append_c (text, '"');
}

void
pt_text_append_hex (GString *text, gconstpointer data, gsize size)
{
  g_autofree char *hex = g_malloc (size * 2 + 1);

  hex[pt_hex_encode (data, size, hex, size * 2)] = '\0';
  g_string_append_printf (text, "\"%s\"", hex);
}

void
pt_text_append_base64url (GString *text, gconstpointer data, gsize size)
{
  g_autofree char *encoded = g_malloc (PT_BASE64URL_SIZE (size) + 1);

  encoded[pt_base64url_encode (data, size, encoded, PT_BASE64URL_SIZE (size))] = '\0';
  g_string_append_printf (text, "\"%s\"", encoded);
}

void
pt_text_append_degrees (GString *text, gint32 value)
{
  gint64 magnitude = ABS ((gint64) value);

  g_string_append_printf (text, "%s%" G_GINT64_FORMAT ".%07" G_GINT64_FORMAT, value < 0 ? "-" : "",
                          magnitude / 10000000, magnitude % 10000000);
}

void
pt_text_append_time (GString *text, gint64 ms)
{
  if (ms == 0)
    g_string_append (text, "null");
  else
    g_string_append_printf (text, "%" G_GINT64_FORMAT, ms);
}
