/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-text-search.h"

#include <string.h>

static gboolean
folded_holds (const char *text, const char *words)
{
  g_autofree char *folded_text = g_utf8_casefold (text, -1);
  g_autofree char *folded_words = g_utf8_casefold (words, -1);

  return strstr (folded_text, folded_words) != NULL;
}

gboolean
pt_text_search_holds (const char *text, const char *words)
{
  g_autofree char *plain = NULL;

  g_return_val_if_fail (words != NULL, FALSE);
  if (text == NULL)
    return FALSE;
  if (strcasestr (text, words) != NULL)
    return TRUE;
  if (g_str_is_ascii (text))
    return FALSE;
  if (!g_str_is_ascii (words))
    return folded_holds (text, words);
  plain = g_str_to_ascii (text, "C");
  return strcasestr (plain, words) != NULL;
}
