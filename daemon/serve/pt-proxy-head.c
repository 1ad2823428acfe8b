/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-proxy-head.h"

#include <string.h>

#define TEXT_MAX 107 /* section 2.1: with CRLF */
#define FIXED 16     /* of version 2, before the addresses */
#define WORDS 6

static const guint8 binary[] = { '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n' };
static const char text[] = "PROXY ";

static const char is_wrong[] = "The proxy's PROXY head is not what it should be.";

/* Version 1: a line */

static gboolean
read_port (const char *word, guint16 *port)
{
  guint64 number;

  /* No sign, no zero before it. */
  if (!g_ascii_isdigit (word[0]) || (word[0] == '0' && word[1] != '\0')
      || !g_ascii_string_to_unsigned (word, 10, 0, 65535, &number, NULL))
    return FALSE;
  *port = (guint16) number;
  return TRUE;
}

static gboolean
read_host (const char *word, GSocketFamily family, guint8 *bytes)
{
  g_autoptr (GInetAddress) address = NULL;

  if (word[strspn (word, "0123456789abcdefABCDEF.:")] != '\0') /* no scope */
    return FALSE;
  address = g_inet_address_new_from_string (word);
  if (address == NULL || g_inet_address_get_family (address) != family)
    return FALSE;
  memcpy (bytes, g_inet_address_to_bytes (address), g_inet_address_get_native_size (address));
  return TRUE;
}

static gboolean
read_words (PtProxyHead *head, char **words)
{
  guint8 other[16];
  guint16 other_port;
  guint count = g_strv_length (words);

  if (count >= 2 && strcmp (words[1], "UNKNOWN") == 0)
    return TRUE;
  if (count != WORDS || (strcmp (words[1], "TCP4") != 0 && strcmp (words[1], "TCP6") != 0))
    return FALSE;
  head->family = words[1][3] == '4' ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
  return read_host (words[2], head->family, head->address)
         && read_host (words[3], head->family, other) && read_port (words[4], &head->port)
         && read_port (words[5], &other_port);
}

static gsize
read_line (PtProxyHead *head, const char *data, gsize size, const char **wrong)
{
  const char *end = memchr (data, '\n', MIN (size, TEXT_MAX));
  g_auto (GStrv) words = NULL;
  g_autofree char *line = NULL;
  gsize length;

  if (end == NULL)
    {
      if (size >= TEXT_MAX)
        *wrong = is_wrong;
      return 0;
    }
  length = (gsize) (end - data);
  if (end[-1] == '\r' && memchr (data, '\0', length) == NULL)
    {
      line = g_strndup (data, length - 1);
      words = g_strsplit (line, " ", -1);
      if (strchr (line, '\r') == NULL && read_words (head, words))
        return length + 1;
    }
  *wrong = is_wrong;
  return 0;
}

/* Version 2: bytes */

static gsize
read_binary (PtProxyHead *head, const guint8 *data, gsize size, const char **wrong)
{
  gsize length, address;

  if (size < FIXED)
    return 0;
  length = (gsize) data[14] << 8 | data[15];
  address = data[13] == 0x11 ? 4 : data[13] == 0x21 ? 16 : 0; /* TCP over IPv4, over IPv6 */
  if ((data[12] != 0x20 && data[12] != 0x21) || FIXED + length > PT_PROXY_HEAD_MAX
      || (data[12] == 0x21 && address > 0 && length < 2 * address + 4))
    {
      *wrong = is_wrong;
      return 0;
    }
  if (size < FIXED + length)
    return 0;
  if (data[12] == 0x21 && address > 0) /* else its own look, or a family that we have not */
    {
      head->family = address == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
      memcpy (head->address, data + FIXED, address);
      head->port = (guint16) (data[FIXED + 2 * address] << 8 | data[FIXED + 2 * address + 1]);
    }
  return FIXED + length;
}

gsize
pt_proxy_head (PtProxyHead *head, const guint8 *data, gsize size, const char **wrong)
{
  gsize read = 0;

  g_return_val_if_fail (head != NULL && wrong != NULL && (data != NULL || size == 0), 0);

  *head = (PtProxyHead){ .family = G_SOCKET_FAMILY_INVALID };
  *wrong = NULL;
  if (size == 0)
    return 0;
  if (memcmp (data, text, MIN (size, sizeof text - 1)) == 0)
    read = size >= sizeof text - 1 ? read_line (head, (const char *) data, size, wrong) : 0;
  else if (memcmp (data, binary, MIN (size, sizeof binary)) == 0)
    read = read_binary (head, data, size, wrong);
  else
    *wrong = "A PROXY head is missing.";
  if (read == 0)
    head->family = G_SOCKET_FAMILY_INVALID;
  return read;
}

GSocketAddress *
pt_proxy_head_address (const PtProxyHead *head)
{
  g_autoptr (GInetAddress) address = NULL;

  g_return_val_if_fail (head != NULL, NULL);

  if (head->family == G_SOCKET_FAMILY_INVALID)
    return NULL;
  address = g_inet_address_new_from_bytes (head->address, head->family);
  return g_inet_socket_address_new (address, head->port);
}
