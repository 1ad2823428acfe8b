/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-server.h"

#include <string.h>

#include "pt-answer.h"
#include "pt-certificate.h"
#include "pt-error.h"
#include "pt-problem.h"

#define BACKLOG 4096 /* the kernel's own limit is often the same */
#define END_S 5      /* what clients have to read the rest of their answers at the end */

struct _PtServer
{
  SoupServer *soup;
  char *url, *authorization;
  PtRoutes *routes;
  PtAnswers *answers;
  GHashTable *under_way; /* SoupServerMessage from its headers to its end */
  gboolean ending;
};

static void
problem_set (SoupServerMessage *message, PtErrorCode code, const char *detail)
{
  g_autoptr (GError) error = g_error_new_literal (PT_ERROR, (int) code, detail);

  pt_problem_set (message, 0, error);
}

/* Pages */

#define EXPOSED "Content-Length, Content-Range, ETag, Link, Retry-After, X-Ipfs-Path, X-Ipfs-Roots"

/* What is public may be read by a page from anywhere: there are no cookies to abuse, and a copy of
 * the page that somebody else keeps can check this daemon. */
static void
open_to_pages (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", "*");
  soup_message_headers_replace (headers, "Access-Control-Expose-Headers", EXPOSED);
}

/* What a page's browser asks before it asks (WHATWG Fetch, section 3.2.2). */
static void
answer_preflight (SoupServerMessage *message, const char *method)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const char *asked = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "Access-Control-Request-Headers");

  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", "*");
  soup_message_headers_replace (headers, "Access-Control-Allow-Methods", method);
  if (asked != NULL)
    soup_message_headers_replace (headers, "Access-Control-Allow-Headers", asked);
  soup_message_headers_replace (headers, "Access-Control-Max-Age", "86400");
}

static void
server_answer_options (PtServer *server, SoupServerMessage *message, const char *path,
                       const char *allow)
{
  const char *wanted = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Access-Control-Request-Method");
  PtRouteMatch match = { 0 };

  soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow", allow);
  if (wanted != NULL && pt_routes_find (server->routes, wanted, path, &match) == PT_ROUTE_FOUND
      && match.route->open)
    answer_preflight (message, wanted);
  g_strfreev (match.parts);
}

/* Bodies are bounded while they arrive, not after. */

#define BOUND "pt-body-max" /* data of a message */
#define TOO_LARGE "pt-too-large"

static char *
too_large_text (gsize most)
{
  gboolean mebi = most >= 1024 * 1024;

  return g_strdup_printf ("The body is larger than %" G_GSIZE_FORMAT " %s. Send it in parts.",
                          most / (mebi ? 1024 * 1024 : 1024), mebi ? "MiB" : "KiB");
}

static void
body_refuse (SoupServerMessage *message, gsize most)
{
  g_autofree char *text = too_large_text (most);

  problem_set (message, PT_ERROR_TOO_LARGE, text);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                "close");
}

static void
body_check_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  gsize most = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (message), BOUND));

  if (body->length <= (goffset) most)
    return;
  soup_message_body_set_accumulate (body, FALSE);
  soup_message_body_truncate (body);
  g_object_set_data (G_OBJECT (message), TOO_LARGE, GINT_TO_POINTER (TRUE));
}

static void
body_bound (SoupServerMessage *message, gsize most)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  if (most == 0)
    {
      soup_message_body_set_accumulate (body, FALSE);
      return;
    }
  g_object_set_data (G_OBJECT (message), BOUND, GSIZE_TO_POINTER (most));
  g_signal_connect (message, "got-chunk", G_CALLBACK (body_check_chunk), NULL);
  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH
      || soup_message_headers_get_content_length (headers) <= (goffset) most)
    return;
  soup_message_body_set_accumulate (body, FALSE);
  body_refuse (message, most);
}

/* What is under way is brought to its end before the server goes. */

static void
server_message_finished (SoupServerMessage *message, gpointer user_data)
{
  PtServer *server = user_data;

  g_hash_table_remove (server->under_way, message);
}

static void
server_message_begun (SoupServerMessage *message, gpointer user_data)
{
  PtServer *server = user_data;

  if (g_hash_table_add (server->under_way, g_object_ref (message)))
    g_signal_connect (message, "finished", G_CALLBACK (server_message_finished), server);
  if (!server->ending)
    return;
  problem_set (message, PT_ERROR_BUSY, "The daemon is ending. Try again when it is back.");
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                "close");
}

static void
server_got_headers (SoupServerMessage *message, gpointer user_data)
{
  PtServer *server = user_data;
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));
  PtRouteMatch match;
  PtRouteResult result
      = pt_routes_find (server->routes, soup_server_message_get_method (message), path, &match);

  /* That there is no such address anybody may know too. */
  if (result == PT_ROUTE_NO_ADDRESS || (result == PT_ROUTE_FOUND && match.route->open))
    open_to_pages (message);
  body_bound (message, match.route != NULL ? match.route->body_max : 0);
  g_strfreev (match.parts);
}

static void
server_request_started (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  g_signal_connect (message, "got-headers", G_CALLBACK (server_message_begun), user_data);
  g_signal_connect (message, "got-headers", G_CALLBACK (server_got_headers), user_data);
}

/* Requests */

static gboolean
server_knows (PtServer *server, SoupServerMessage *message)
{
  const char *given = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Authorization");
  const char *wanted = server->authorization;
  gsize size = wanted != NULL ? strlen (wanted) : 0;
  guint difference = 0;

  if (given == NULL || wanted == NULL || strlen (given) != size)
    return FALSE;
  /* Not memcmp: its time would tell how much was right. */
  for (gsize i = 0; i < size; i++)
    difference |= (guint) (given[i] ^ wanted[i]);
  return difference == 0;
}

/* What was packed is not unpacked: a sender has to hear of it before its lines are judged. */
static gboolean
is_packed (SoupServerMessage *message)
{
  const char *encoding = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "Content-Encoding");

  return encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0;
}

static gboolean
server_admits (PtServer *server, SoupServerMessage *message, const PtRoute *route)
{
  if (g_object_get_data (G_OBJECT (message), TOO_LARGE) != NULL)
    body_refuse (message, route->body_max);
  else if (route->needs == PT_NEEDS_ADMIN && !server_knows (server, message))
    problem_set (message, PT_ERROR_UNAUTHORIZED,
                 "This needs the token in admin.token of the daemon's state directory, as "
                 "Authorization: Bearer.");
  else if (route->body_max > 0 && is_packed (message))
    problem_set (message, PT_ERROR_UNSUPPORTED,
                 "Bodies are taken as they are. Send it without a Content-Encoding.");
  else
    return TRUE;
  return FALSE;
}

/* No route is there for the method. */
static void
server_refuse (PtServer *server, SoupServerMessage *message, const char *path)
{
  g_autofree char *allow = pt_routes_allow (server->routes, path);

  if (allow == NULL)
    problem_set (message, PT_ERROR_NOT_FOUND,
                 "There is no such address. See the interface's description.");
  else if (soup_server_message_get_method (message) == SOUP_METHOD_OPTIONS)
    server_answer_options (server, message, path, allow);
  else
    {
      problem_set (message, PT_ERROR_WRONG_METHOD, "This address does not know that method.");
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow",
                                    allow);
    }
}

static void
server_handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
               gpointer user_data)
{
  PtServer *server = user_data;
  const char *method = soup_server_message_get_method (message);
  PtRouteMatch match;

  if (pt_routes_find (server->routes, method, path, &match) != PT_ROUTE_FOUND)
    server_refuse (server, message, path);
  else if (server_admits (server, message, match.route))
    {
      g_autoptr (PtRequest) request = pt_request_new (message, path, query, &match);

      pt_answers_begin (server->answers, request);
    }
  g_strfreev (match.parts);
}

void
pt_server_add_routes (PtServer *server, const PtRoute *table, gpointer context)
{
  g_return_if_fail (server != NULL);

  pt_routes_add (server->routes, table, context);
}

/* Beginning and end */

/* soup_server_listen () keeps 10 connections waiting. When supply comes back a whole town calls at
 * once, and who finds no room tries again a second later, then three. */
static gboolean
server_listen_at (PtServer *server, GSocketAddress *address, GError **error)
{
  SoupServerListenOptions how = soup_server_is_https (server->soup) ? SOUP_SERVER_LISTEN_HTTPS : 0;
  g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (address),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return FALSE;
  g_socket_set_listen_backlog (socket, BACKLOG);
  return g_socket_bind (socket, address, TRUE, error) && g_socket_listen (socket, error)
         && soup_server_listen_socket (server->soup, socket, how, error);
}

static gboolean
server_listen (PtServer *server, const char *listen, GError **error)
{
  g_autoptr (GSocketConnectable) parsed = g_network_address_parse (listen, 8650, NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  GSList *uris;

  if (parsed != NULL)
    {
      GNetworkAddress *host = G_NETWORK_ADDRESS (parsed);
      const char *name = g_network_address_get_hostname (host);

      address = g_inet_socket_address_new_from_string (
          strcmp (name, "localhost") == 0 ? "127.0.0.1" : name, g_network_address_get_port (host));
    }
  if (address == NULL || !server_listen_at (server, address, &local))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "Can't listen on %s%s%s. Give a free numeric address and port in [http] "
                   "listen.",
                   listen, local != NULL ? ": " : "", local != NULL ? local->message : "");
      return FALSE;
    }
  uris = soup_server_get_uris (server->soup);
  server->url = g_uri_to_string (uris->data);
  if (g_str_has_suffix (server->url, "/"))
    server->url[strlen (server->url) - 1] = '\0';
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return TRUE;
}

static gboolean
server_use_tls (PtServer *server, const PtServerOptions *options, GError **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (options->certificate == NULL)
    return TRUE;
  certificate = pt_certificate_read (options->certificate, options->key, error);
  if (certificate == NULL)
    return FALSE;
  soup_server_set_tls_certificate (server->soup, certificate);
  return TRUE;
}

PtServer *
pt_server_new (const PtServerOptions *options, GError **error)
{
  g_autoptr (PtServer) server = NULL;

  g_return_val_if_fail (options != NULL && options->listen != NULL
                            && (options->certificate == NULL) == (options->key == NULL),
                        NULL);

  server = g_new0 (PtServer, 1);
  server->soup = soup_server_new ("server-header", "powertrackd", NULL);
  server->under_way = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  server->routes = pt_routes_new ();
  server->answers = pt_answers_new ();
  if (options->admin_token != NULL)
    server->authorization = g_strconcat ("Bearer ", options->admin_token, NULL);
  g_signal_connect (server->soup, "request-started", G_CALLBACK (server_request_started), server);
  soup_server_add_handler (server->soup, NULL, server_handle, server, NULL);
  if (!server_use_tls (server, options, error) || !server_listen (server, options->listen, error))
    return NULL;
  return g_steal_pointer (&server);
}

/* Clients that do not read are let go. Answers that are still being made are not: they end when
 * they come to write. */
static gboolean
server_cut (gpointer data)
{
  PtServer *server = data;
  GHashTableIter iter;
  gpointer message;

  g_hash_table_iter_init (&iter, server->under_way);
  while (g_hash_table_iter_next (&iter, &message, NULL))
    {
      GSocket *socket = soup_server_message_get_socket (message);

      if (socket != NULL)
        g_socket_shutdown (socket, TRUE, TRUE, NULL);
    }
  return G_SOURCE_CONTINUE;
}

/* Who calls now finds nobody; who is connected is answered once more. */
static void
server_stop_listening (PtServer *server)
{
  GSList *listeners = soup_server_get_listeners (server->soup);

  for (GSList *listener = listeners; listener != NULL; listener = listener->next)
    g_socket_shutdown (listener->data, TRUE, FALSE, NULL);
  g_slist_free (listeners);
}

/* libsoup forgets the messages of a connection that it closes without a word to those who are
 * answering them, so all are answered before. */
static void
server_end (PtServer *server)
{
  guint cut_source = g_timeout_add_seconds (END_S, server_cut, server);

  server->ending = TRUE;
  server_stop_listening (server);
  while (g_hash_table_size (server->under_way) > 0 || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (cut_source);
}

void
pt_server_free (PtServer *server)
{
  if (server == NULL)
    return;
  server_end (server);
  soup_server_disconnect (server->soup);
  pt_answers_free (server->answers);
  g_clear_object (&server->soup);
  g_hash_table_unref (server->under_way);
  pt_routes_free (server->routes);
  g_free (server->authorization);
  g_free (server->url);
  g_free (server);
}

const char *
pt_server_url (PtServer *server)
{
  g_return_val_if_fail (server != NULL, NULL);

  return server->url;
}
