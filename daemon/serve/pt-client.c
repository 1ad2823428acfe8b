/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-client.h"

#include <string.h>

#include "pt-connection.h"
#include "pt-listener.h"

#define BEARER "Bearer "

/* The proxy put it behind what the client may have said itself. */
static char *
forwarded_for (PtRequest *request)
{
  static const char *const none[] = { NULL };
  const char *header = pt_request_header (request, "X-Forwarded-For");
  const char *comma = header != NULL ? strrchr (header, ',') : NULL;
  g_autofree char *text = g_strdup (comma != NULL ? comma + 1 : header);
  g_autoptr (GInetAddress) inet = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  if (text == NULL)
    return NULL;
  inet = g_inet_address_new_from_string (g_strstrip (text));
  if (inet == NULL)
    return NULL;
  address = g_inet_socket_address_new (inet, 0);
  return pt_client_name (address, none);
}

char *
pt_client_of (PtRequest *request)
{
  PtConnection *connection;

  g_return_val_if_fail (request != NULL, NULL);

  connection = pt_connection_of (request->message);
  if (connection == NULL)
    return NULL;
  return pt_connection_who (connection) != NULL ? g_strdup (pt_connection_who (connection))
                                                : forwarded_for (request);
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
