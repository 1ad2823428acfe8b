/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-name.h"

static gboolean
is_shown (gunichar character)
{
  GUnicodeType type = g_unichar_type (character);

  return type != G_UNICODE_CONTROL && type != G_UNICODE_LINE_SEPARATOR
         && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

gboolean
pt_place_name_is_good (const char *text, gsize size)
{
  g_return_val_if_fail (text != NULL || size == 0, FALSE);
  if (size == 0 || size > PT_PLACE_NAME_MAX || !g_utf8_validate_len (text, size, NULL))
    return FALSE;
  for (const char *at = text; at < text + size; at = g_utf8_next_char (at))
    if (!is_shown (g_utf8_get_char (at)))
      return FALSE;
  return TRUE;
}
