/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-client.h"

#include <string.h>

#include "pt-error.h"
#include "pt-listener.h"

#define BEARER "Bearer "

/* What the proxy put behind whatever the client may have said itself. */
static char *
last_element (const char *header)
{
  const char *comma = header != NULL ? strrchr (header, ',') : NULL;

  return header != NULL ? g_strstrip (g_strdup (comma != NULL ? comma + 1 : header)) : NULL;
}

/* The host of a node (RFC 7239 section 6): 192.0.2.1, 192.0.2.1:80, [2001:db8::1] or that with a
 * port. NULL: it is hidden, or no address. */
static GInetAddress *
parse_node (const char *text)
{
  const char *colon = strchr (text, ':');
  g_autofree char *host = NULL;

  if (text[0] == '[')
    host = g_strndup (text + 1, strcspn (text + 1, "]"));
  else if (colon != NULL && strchr (colon + 1, ':') == NULL)
    host = g_strndup (text, (gsize) (colon - text));
  else
    host = g_strdup (text);
  return g_inet_address_new_from_string (host);
}

/* for= of an element of Forwarded: for="[2001:db8::1]:1234";proto=https */
static char *
node_of_element (const char *element)
{
  g_auto (GStrv) pairs = g_strsplit (element, ";", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      char *pair = g_strstrip (pairs[i]);

      if (g_ascii_strncasecmp (pair, "for=", 4) != 0)
        continue;
      pair += 4;
      return pair[0] == '"' ? g_strndup (pair + 1, strcspn (pair + 1, "\"")) : g_strdup (pair);
    }
  return g_strdup ("");
}

static GInetAddress *
forwarded_for (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autofree char *plain
      = last_element (soup_message_headers_get_list (headers, "X-Forwarded-For"));
  g_autofree char *element = last_element (soup_message_headers_get_list (headers, "Forwarded"));
  g_autofree char *node = element != NULL ? node_of_element (element) : NULL;

  return plain != NULL ? parse_node (plain) : node != NULL ? parse_node (node) : NULL;
}

gboolean
pt_client_check (SoupServerMessage *message, GError **error)
{
  SoupMessageHeaders *headers;
  PtConnection *connection;
  g_autofree char *plain = NULL;
  g_autofree char *element = NULL;
  g_autofree char *node = NULL;
  g_autoptr (GInetAddress) one = NULL;
  g_autoptr (GInetAddress) other = NULL;

  g_return_val_if_fail (SOUP_IS_SERVER_MESSAGE (message), FALSE);

  connection = pt_connection_of (message);
  headers = soup_server_message_get_request_headers (message);
  plain = last_element (soup_message_headers_get_list (headers, "X-Forwarded-For"));
  element = last_element (soup_message_headers_get_list (headers, "Forwarded"));
  if (connection == NULL || pt_connection_who (connection) != NULL || plain == NULL
      || element == NULL)
    return TRUE;
  node = node_of_element (element);
  one = parse_node (plain);
  other = parse_node (node);
  if (one != NULL && other != NULL && g_inet_address_equal (one, other))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                       "X-Forwarded-For and Forwarded name two clients. Have the proxy remove the "
                       "one that it does not write.");
  return FALSE;
}

char *
pt_client_of (PtRequest *request)
{
  static const char *const none[] = { NULL };
  PtConnection *connection;
  g_autoptr (GInetAddress) inet = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  g_return_val_if_fail (request != NULL, NULL);

  connection = pt_connection_of (request->message);
  if (connection == NULL)
    return NULL;
  if (pt_connection_who (connection) != NULL)
    return g_strdup (pt_connection_who (connection));
  inet = forwarded_for (request->message);
  address = inet != NULL ? g_inet_socket_address_new (inet, 0) : NULL;
  return address != NULL ? pt_client_name (address, none) : NULL;
}

char *
pt_client_address (PtConnection *connection, SoupServerMessage *message)
{
  GSocketAddress *remote;
  g_autoptr (GInetAddress) inet = NULL;

  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  remote = pt_connection_remote (connection);
  if (message != NULL && pt_connection_who (connection) == NULL)
    inet = forwarded_for (message);
  if (inet != NULL)
    return g_inet_address_to_string (inet);
  return remote != NULL && G_IS_INET_SOCKET_ADDRESS (remote) ? g_inet_address_to_string (
             g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)))
                                                             : NULL;
}

const char *
pt_client_bearer (PtRequest *request)
{
  const char *header;

  g_return_val_if_fail (request != NULL, NULL);

  header = pt_request_header (request, "Authorization");
  return header != NULL && g_ascii_strncasecmp (header, BEARER, strlen (BEARER)) == 0
             ? header + strlen (BEARER)
             : NULL;
}
