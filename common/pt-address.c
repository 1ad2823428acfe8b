/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-address.h"

#include <string.h>

#define MAPPED "::ffff:"

const char *
pt_address_plain (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return g_str_has_prefix (text, MAPPED) ? text + strlen (MAPPED) : text;
}

char *
pt_address_text (GSocketAddress *address)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (address != NULL, NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return NULL;
  text = g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
  return g_strdup (pt_address_plain (text));
}

char *
pt_address_network (const char *text)
{
  g_autoptr (GInetAddress) inet = NULL;
  const guint8 *bytes;

  g_return_val_if_fail (text != NULL, NULL);

  text = pt_address_plain (text);
  inet = strchr (text, ':') != NULL ? g_inet_address_new_from_string (text) : NULL;
  if (inet == NULL)
    return g_strdup (text);
  bytes = g_inet_address_to_bytes (inet);
  return g_strdup_printf ("%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", bytes[0], bytes[1], bytes[2],
                          bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
}
