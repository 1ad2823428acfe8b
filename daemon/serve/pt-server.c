/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-server.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pt-answer.h"
#include "pt-body.h"
#include "pt-client.h"
#include "pt-error.h"
#include "pt-fast.h"
#include "pt-listener.h"
#include "pt-problem.h"
#include "pt-stream.h"

#define END_S 5          /* what clients have to read the rest of their answers at the end */
#define CERTIFICATE_S 60 /* how often its files are looked at */
#define SHARE_OF_BYTES 4 /* one client has at most this part of all the bytes there are */

struct _PtServer
{
  SoupServer *soup;
  PtListener *listener;
  PtBudget *places, *bodies, *unread, *streams;
  GPtrArray *listens; /* of PtListen, owned */
  guint certificate_source;
  GPtrArray *urls; /* where it really listens; NULL ends them */
  char *url, *authorization;
  PtRoutes *routes;
  PtAnswers *answers;
  PtRefusals *refusals;
  PtFast *fast;
  GHashTable *under_way; /* SoupServerMessage from its headers to its end */
  gboolean ending;
};

/* What the client is served where it came. */
static guint
message_serves (SoupServerMessage *message)
{
  PtConnection *connection = pt_connection_of (message);

  return connection != NULL ? pt_connection_listen (connection)->serves : 0;
}

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
  if (wanted != NULL
      && pt_routes_find (server->routes, message_serves (message), wanted, path, &match)
             == PT_ROUTE_FOUND
      && match.route->open)
    answer_preflight (message, wanted);
  g_strfreev (match.parts);
}

/* What is under way is brought to its end before the server goes. */

static void
server_message_finished (SoupServerMessage *message, gpointer user_data)
{
  PtServer *server = user_data;

  g_hash_table_remove (server->under_way, message);
}

/* From now on its clients come by TLS alone (RFC 6797). */
static void
set_transport_security (SoupServerMessage *message)
{
  PtConnection *connection = pt_connection_of (message);

  if (connection != NULL && pt_connection_listen (connection)->hsts != NULL)
    soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                  "Strict-Transport-Security",
                                  pt_connection_listen (connection)->hsts);
}

static void
server_message_begun (SoupServerMessage *message, gpointer user_data)
{
  PtServer *server = user_data;

  set_transport_security (message);
  if (g_hash_table_add (server->under_way, g_object_ref (message)))
    g_signal_connect (message, "finished", G_CALLBACK (server_message_finished), server);
  if (!server->ending)
    return;
  problem_set (message, PT_ERROR_BUSY, "The daemon is ending. Try again when it is back.");
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                "close");
}

/* What was packed is not unpacked: a sender has to hear of it before its lines are judged. */
static gboolean
is_packed (SoupServerMessage *message)
{
  const char *encoding = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "Content-Encoding");

  return encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0;
}

/* What is refused for another reason is, as a body that is not streamed. */
static gboolean
server_may_stream (PtServer *server, SoupServerMessage *message, const PtRoute *route)
{
  return route->stream != NULL && soup_server_message_get_status (message) == 0
         && pt_stream_fits (message, route->body_max) && !is_packed (message)
         && pt_client_check (message, NULL);
}

static void
server_got_headers (SoupServerMessage *message, gpointer user_data)
{
  PtServer *server = user_data;
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));
  PtRouteMatch match;
  PtRouteResult result = pt_routes_find (server->routes, message_serves (message),
                                         soup_server_message_get_method (message), path, &match);

  /* That there is no such address anybody may know too. */
  if (result == PT_ROUTE_NO_ADDRESS || (result == PT_ROUTE_FOUND && match.route->open))
    open_to_pages (message);
  if (match.route != NULL && server_may_stream (server, message, match.route))
    pt_stream_begin (message, &match, server->bodies);
  else
    pt_body_begin (message, match.route != NULL ? match.route->body_max : 0, server->bodies,
                   match.route != NULL && match.route->counted ? server->refusals : NULL);
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

static gboolean
server_admits (PtServer *server, SoupServerMessage *message, const PtRoute *route)
{
  g_autoptr (GError) error = NULL;

  if (!pt_client_check (message, &error))
    pt_problem_set (message, 0, error);
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
  g_autofree char *allow = pt_routes_allow (server->routes, message_serves (message), path);

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

  if (pt_stream_of (message) != NULL)
    {
      pt_stream_came (pt_stream_of (message));
      return;
    }
  if (pt_routes_find (server->routes, message_serves (message), method, path, &match)
      != PT_ROUTE_FOUND)
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

static void
server_opened (PtConnection *connection, gpointer data)
{
  PtServer *server = data;

  pt_connection_serve (connection, server->soup, server->fast);
}

/* Who is slow takes from the others what they could use. */
static gboolean
server_is_tight (gpointer data)
{
  PtServer *server = data;

  return pt_budget_is_tight (server->bodies) || pt_budget_is_tight (server->unread);
}

static char *
url_of (GSocketAddress *address, gboolean tls)
{
  g_autofree char *host = NULL;
  GInetAddress *inet;
  gboolean six;

  if (G_IS_UNIX_SOCKET_ADDRESS (address))
    return g_strconcat ("unix:", g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)),
                        NULL);
  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  host = g_inet_address_to_string (inet);
  six = g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6;
  return g_strdup_printf ("%s://%s%s%s:%u", tls ? "https" : "http", six ? "[" : "", host,
                          six ? "]" : "",
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}

static gboolean
server_listen_at (PtServer *server, const PtListen *listen, GSocketAddress *address, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GSocketAddress) bound = pt_listener_listen (server->listener, listen, address, &local);
  g_autofree char *url = url_of (bound != NULL ? bound : address, listen->certificate != NULL);

  if (bound == NULL)
    {
      g_autofree char *why = g_strdup_printf ("%s: %s", url, local->message);

      pt_listen_refuse (listen, why, error);
      return FALSE;
    }
  g_ptr_array_add (server->urls, g_strdup (url));
  if (server->url == NULL && (listen->serves & PT_SERVES_PUBLIC) != 0
      && !G_IS_UNIX_SOCKET_ADDRESS (bound))
    server->url = g_steal_pointer (&url);
  return TRUE;
}

static gboolean
server_listen (PtServer *server, GError **error)
{
  const PtListenerOptions options = {
    .places = server->places, .opened = server_opened, .is_tight = server_is_tight, .data = server
  };

  server->listener = pt_listener_new (&options);
  for (guint i = 0; i < server->listens->len; i++)
    {
      const PtListen *listen = g_ptr_array_index (server->listens, i);

      for (guint j = 0; j < listen->addresses->len; j++)
        if (!server_listen_at (server, listen, g_ptr_array_index (listen->addresses, j), error))
          return FALSE;
    }
  if (server->url == NULL)
    server->url = g_strdup (g_ptr_array_index (server->urls, 0));
  g_ptr_array_add (server->urls, NULL);
  return TRUE;
}

/* libsoup keeps a connection for the next request only while it has a socket of its own. It is
 * given one end of a pair, on which nobody ever comes. */
static gboolean
server_stay_alive (PtServer *server, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_FAILED, "No socket can be made: %s.",
                   g_strerror (errno));
      return FALSE;
    }
  socket = g_socket_new_from_fd (ends[0], error);
  close (ends[1]);
  return socket != NULL && soup_server_listen_socket (server->soup, socket, 0, error);
}

void
pt_server_reload (PtServer *server)
{
  g_return_if_fail (server != NULL);

  for (guint i = 0; i < server->listens->len; i++)
    pt_listen_reload (g_ptr_array_index (server->listens, i));
}

static gboolean
server_look_at_certificates (gpointer data)
{
  PtServer *server = data;

  for (guint i = 0; i < server->listens->len; i++)
    pt_listen_look (g_ptr_array_index (server->listens, i));
  return G_SOURCE_CONTINUE;
}

static gboolean
server_add_listen (PtServer *server, const PtListenOptions *options, GError **error)
{
  PtListen *listen = pt_listen_new (options, error);

  if (listen == NULL)
    return FALSE;
  g_ptr_array_add (server->listens, listen);
  return TRUE;
}

static gboolean
server_use_listens (PtServer *server, const PtServerOptions *options, GError **error)
{
  const PtServerLimits *limits = options->limits != NULL ? options->limits : &pt_server_limits;
  const PtListenOptions short_form = { .section = "http",
                                       .address = options->listen,
                                       .certificate = options->certificate,
                                       .key = options->key,
                                       .serves = PT_SERVES_ALL,
                                       .proxies = limits->proxies,
                                       .hsts = -1 };

  if (options->listen_count == 0)
    return server_add_listen (server, &short_form, error);
  for (guint i = 0; i < options->listen_count; i++)
    if (!server_add_listen (server, &options->listens[i], error))
      return FALSE;
  return TRUE;
}

const PtServerLimits pt_server_limits = { .connections = 4096,
                                          .connections_each = 256,
                                          .streams = 1000,
                                          .streams_each = 64,
                                          .bodies = 64 * 1024 * 1024,
                                          .answers = 128 * 1024 * 1024,
                                          .proxies = "127.0.0.1;::1" };

static void
server_use_limits (PtServer *server, const PtServerLimits *limits)
{
  guint parts = limits->connections_each > 0 ? SHARE_OF_BYTES : 0;
  guint room = pt_listener_room ();

  if (room < limits->connections)
    g_message ("At most %u connections: there are no descriptors for more.", room);
  server->places = pt_budget_new (MIN (limits->connections, room), limits->connections_each);
  server->streams = pt_budget_new (limits->streams, limits->streams_each);
  server->bodies = pt_budget_new (limits->bodies, parts > 0 ? limits->bodies / parts : 0);
  server->unread = pt_budget_new (limits->answers, parts > 0 ? limits->answers / parts : 0);
}

PtServer *
pt_server_new (const PtServerOptions *options, GError **error)
{
  g_autoptr (PtServer) server = NULL;

  g_return_val_if_fail (options != NULL && (options->listen != NULL || options->listen_count > 0),
                        NULL);
  g_return_val_if_fail ((options->certificate == NULL) == (options->key == NULL), NULL);

  server = g_new0 (PtServer, 1);
  server->soup = soup_server_new ("server-header", "powertrackd", NULL);
  server->under_way = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  server->routes = pt_routes_new ();
  server->listens = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_listen_free);
  server->urls = g_ptr_array_new_with_free_func (g_free);
  server_use_limits (server, options->limits != NULL ? options->limits : &pt_server_limits);
  server->fast = pt_fast_new (server->bodies);
  server->refusals = pt_refusals_new ();
  server->answers = pt_answers_new (server->unread, server->refusals);
  if (options->admin_token != NULL)
    server->authorization = g_strconcat ("Bearer ", options->admin_token, NULL);
  g_signal_connect (server->soup, "request-started", G_CALLBACK (server_request_started), server);
  soup_server_add_handler (server->soup, NULL, server_handle, server, NULL);
  if (!server_stay_alive (server, error) || !server_use_listens (server, options, error)
      || !server_listen (server, error))
    return NULL;
  server->certificate_source
      = g_timeout_add_seconds (CERTIFICATE_S, server_look_at_certificates, server);
  return g_steal_pointer (&server);
}

/* Clients that do not read are let go. Answers that are still being made are not: they end when
 * they come to write. */
static gboolean
server_cut (gpointer data)
{
  PtServer *server = data;

  pt_listener_cut_all (server->listener);
  return G_SOURCE_CONTINUE;
}

/* libsoup forgets the messages of a connection that it closes without a word to those who are
 * answering them, so all are answered before. */
static void
server_end (PtServer *server)
{
  guint cut_source = g_timeout_add_seconds (END_S, server_cut, server);

  server->ending = TRUE;
  pt_listener_stop (server->listener); /* who calls now finds nobody; others are answered once */
  pt_fast_close (server->fast);
  while (g_hash_table_size (server->under_way) > 0 || pt_fast_under_way (server->fast) > 0
         || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (cut_source);
}

void
pt_server_free (PtServer *server)
{
  if (server == NULL)
    return;
  g_clear_handle_id (&server->certificate_source, g_source_remove);
  if (server->listener != NULL)
    server_end (server);
  if (server->soup != NULL)
    soup_server_disconnect (server->soup);
  pt_answers_free (server->answers);
  g_clear_pointer (&server->listener, pt_listener_free);
  g_clear_object (&server->soup);
  g_clear_pointer (&server->fast, pt_fast_free);
  g_hash_table_unref (server->under_way);
  pt_routes_free (server->routes);
  g_ptr_array_unref (server->listens);
  g_ptr_array_unref (server->urls);
  g_clear_pointer (&server->places, pt_budget_free);
  g_clear_pointer (&server->bodies, pt_budget_free);
  g_clear_pointer (&server->unread, pt_budget_free);
  g_clear_pointer (&server->refusals, pt_refusals_free);
  g_clear_pointer (&server->streams, pt_budget_free);
  g_free (server->authorization);
  g_free (server->url);
  g_free (server);
}

const char *const *
pt_server_urls (PtServer *server)
{
  g_return_val_if_fail (server != NULL, NULL);

  return (const char *const *) server->urls->pdata;
}

const char *
pt_server_url (PtServer *server)
{
  g_return_val_if_fail (server != NULL, NULL);

  return server->url;
}

PtRefusals *
pt_server_refusals (PtServer *server)
{
  g_return_val_if_fail (server != NULL, NULL);

  return server->refusals;
}

PtFast *
pt_server_fast (PtServer *server)
{
  g_return_val_if_fail (server != NULL, NULL);

  return server->fast;
}

PtBudget *
pt_server_streams (PtServer *server)
{
  g_return_val_if_fail (server != NULL, NULL);

  return server->streams;
}
