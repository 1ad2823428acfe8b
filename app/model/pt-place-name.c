/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-name.h"

#include <string.h>

static gboolean
is_shown (gunichar character)
{
  switch (g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return FALSE;
    default:
      return TRUE;
    }
}

gboolean
pt_place_name_is_good (const char *text, gsize size)
{
  if (size == 0 || size > PT_PLACE_MAX || !g_utf8_validate_len (text, size, NULL))
    return FALSE;
  for (const char *at = text; at < text + size; at = g_utf8_next_char (at))
    if (!is_shown (g_utf8_get_char (at)))
      return FALSE;
  return TRUE;
}

static gboolean
folded_holds (const char *name, const char *words)
{
  g_autofree char *folded_name = g_utf8_casefold (name, -1);
  g_autofree char *folded_words = g_utf8_casefold (words, -1);

  return strstr (folded_name, folded_words) != NULL;
}

gboolean
pt_place_name_holds (const char *name, const char *words)
{
  g_autofree char *plain = NULL;

  if (name == NULL)
    return FALSE;
  if (strcasestr (name, words) != NULL)
    return TRUE;
  if (g_str_is_ascii (name))
    return FALSE;
  if (!g_str_is_ascii (words))
    return folded_holds (name, words);
  plain = g_str_to_ascii (name, "C");
  return strcasestr (plain, words) != NULL;
}
