/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fast-head.h"

#include <string.h>

#define PORT_DIGITS_MAX 5

typedef struct
{
  const char *text;
  gsize size;
} Word;

static gboolean
word_is (Word word, const char *wanted)
{
  return word.size == strlen (wanted) && g_ascii_strncasecmp (word.text, wanted, word.size) == 0;
}

static gboolean
is_first_line (Word line, const char *path)
{
  static const char before[] = "POST ", after[] = " HTTP/1.1";
  gsize size = strlen (path);

  return line.size == sizeof before - 1 + size + sizeof after - 1
         && memcmp (line.text, before, sizeof before - 1) == 0
         && memcmp (line.text + sizeof before - 1, path, size) == 0
         && memcmp (line.text + sizeof before - 1 + size, after, sizeof after - 1) == 0;
}

/* A name or an IPv4 address, and perhaps a port: what nobody reads in another way. */
static gboolean
is_plain_host (Word host)
{
  gsize at = 0, port;

  while (at < host.size
         && (g_ascii_isalnum (host.text[at]) || host.text[at] == '-' || host.text[at] == '.'))
    at++;
  if (at == 0 || at == host.size)
    return at > 0;
  if (host.text[at] != ':')
    return FALSE;
  for (port = at + 1; port < host.size && g_ascii_isdigit (host.text[port]); port++)
    ;
  return port == host.size && port > at + 1 && port - at - 1 <= PORT_DIGITS_MAX;
}

/* Those that say how they would like the answer do not change this one. */
static gboolean
is_without_effect (Word name)
{
  static const char *const names[]
      = { "User-Agent", "Accept", "Accept-Encoding", "Accept-Language", "Content-Length" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (word_is (name, names[i]))
      return TRUE;
  return FALSE;
}

static gboolean
header_fits (Word line, guint *types)
{
  const char *colon = memchr (line.text, ':', line.size), *end = line.text + line.size;
  Word name = { line.text, (gsize) (colon - line.text) }, value = { colon + 1, 0 };

  while (value.text < end && *value.text == ' ')
    value.text++;
  while (end > value.text && end[-1] == ' ')
    end--;
  value.size = (gsize) (end - value.text);
  if (word_is (name, "Host"))
    return is_plain_host (value);
  if (word_is (name, "Content-Type"))
    {
      ++*types;
      return word_is (value, "application/json") || word_is (value, "application/x-ndjson");
    }
  if (word_is (name, "Connection"))
    return word_is (value, "keep-alive");
  return is_without_effect (name);
}

gboolean
pt_fast_head_fits (const char *head, gsize size, const char *path)
{
  const char *line = head, *end;
  guint types = 0;

  g_return_val_if_fail (head != NULL && size >= 4 && path != NULL, FALSE);

  end = head + size - 2; /* of the last line that is not empty */
  while (line < end)
    {
      const char *stop = memchr (line, '\r', (gsize) (end - line));
      Word word = { line, (gsize) (stop - line) };

      if (line == head ? !is_first_line (word, path) : !header_fits (word, &types))
        return FALSE;
      line = stop + 2;
    }
  return types == 1;
}
