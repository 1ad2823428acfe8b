/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-server.h"

#include <string.h>

#include "pt-api.h"
#include "pt-events.h"
#include "pt-gateway.h"
#include "pt-kind.h"
#include "pt-problem.h"
#include "pt-text.h"

#define READ_WORKERS 4
#define READS_MAX 512
#define BACKLOG 4096 /* the kernel's own limit is often the same */
#define END_S 5      /* what clients have to read the rest of their answers at the end */

struct _PtServer
{
  PtServices *services;
  SoupServer *soup;
  char *url;
  GThreadPool *readers;
  PtEvents *events;
  GHashTable *under_way; /* SoupServerMessage from its headers to its end */
  gboolean ending;
};

typedef struct
{
  PtServer *server;
  PtHandler handler;
  PtRequest request;
  GError *error;
  gulong finished;
} Work;

static void
problem_set (SoupServerMessage *message, PtErrorCode code, const char *detail)
{
  g_autoptr (GError) error = g_error_new_literal (PT_ERROR, (int) code, detail);

  pt_problem_set (message, error);
}

/* Requests that a worker answers */

static void
work_free (Work *work)
{
  g_clear_pointer (&work->request.query, g_hash_table_unref);
  g_strfreev (work->request.path);
  g_free (work->request.location);
  g_free (work->request.etag);
  g_clear_pointer (&work->request.body, g_bytes_unref);
  g_clear_object (&work->request.message);
  g_clear_error (&work->error);
  g_free (work);
}

static void
work_gone (SoupServerMessage *message, gpointer data)
{
  ((Work *) data)->request.gone = TRUE;
}

/* Whether the client has it already. */
static gboolean
work_is_known (const Work *work)
{
  const char *known = soup_message_headers_get_list (
      soup_server_message_get_request_headers (work->request.message), "If-None-Match");

  return work->request.etag != NULL && known != NULL && strstr (known, work->request.etag) != NULL;
}

static void
work_fill (Work *work)
{
  const PtRequest *request = &work->request;
  SoupServerMessage *message = request->message;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  if (request->cache_control != NULL)
    soup_message_headers_replace (headers, "Cache-Control", request->cache_control);
  if (request->etag != NULL)
    soup_message_headers_replace (headers, "ETag", request->etag);
  if (work_is_known (work))
    {
      soup_server_message_set_status (message, SOUP_STATUS_NOT_MODIFIED, NULL);
      return;
    }
  soup_server_message_set_status (message, request->status, NULL);
  soup_message_headers_set_content_type (headers, request->content_type, NULL);
  if (request->location != NULL)
    {
      g_autofree char *link = g_strdup_printf ("<%s>; rel=\"next\"", request->location);

      soup_message_headers_replace (headers, "Link", link);
    }
  /* libsoup takes no empty piece. */
  if (g_bytes_get_size (request->body) > 0)
    soup_message_body_append_bytes (soup_server_message_get_response_body (message), request->body);
}

static gboolean
work_answer (gpointer data)
{
  Work *work = data;
  SoupServerMessage *message = work->request.message;

  g_signal_handler_disconnect (message, work->finished);
  if (work->request.gone)
    {
      work_free (work);
      return G_SOURCE_REMOVE;
    }
  if (work->error != NULL)
    pt_problem_set (message, work->error);
  else
    work_fill (work);
  soup_server_message_unpause (message);
  work_free (work);
  return G_SOURCE_REMOVE;
}

static void
server_read (gpointer data, gpointer user_data)
{
  Work *work = data;

  if (!work->handler (&work->request, &work->error) && work->error == NULL)
    g_set_error_literal (&work->error, PT_ERROR, PT_ERROR_FAILED, "The request failed.");
  g_idle_add_full (G_PRIORITY_DEFAULT, work_answer, work, NULL);
}

static void
server_start_read (PtServer *server, SoupServerMessage *message, PtHandler handler,
                   GHashTable *query, const char *path)
{
  Work *work;

  if (g_thread_pool_unprocessed (server->readers) > READS_MAX)
    {
      problem_set (message, PT_ERROR_BUSY, "Too many requests wait. Try again in a moment.");
      return;
    }
  work = g_new0 (Work, 1);
  work->server = server;
  work->handler = handler;
  work->request.services = server->services;
  work->request.message = g_object_ref (message);
  work->request.query = query != NULL ? g_hash_table_ref (query) : NULL;
  work->request.path = g_strsplit (path, "/", 8);
  work->finished = g_signal_connect (message, "finished", G_CALLBACK (work_gone), work);
  soup_server_message_pause (message);
  g_thread_pool_push (server->readers, work, NULL);
}

/* Routes */

typedef struct
{
  const char *method, *path; /* a * is one part; the path is after /api/v1/ */
  PtHandler handler;
} Route;

static const Route routes[] = {
  { "GET", "status", pt_api_status },     { "GET", "metrics", pt_api_metrics },
  { "GET", "areas", pt_api_areas },       { "POST", "areas", pt_api_add_area },
  { "POST", "clock", pt_api_step_clock }, { "GET", "sites", pt_api_sites },
  { "GET", "sites/*", pt_api_site },      { "GET", "sites/*/reports", pt_api_site_reports },
  { "GET", "outages", pt_api_outages },   { "GET", "batches", pt_api_batches },
  { "GET", "batches/*/*", pt_api_batch }, { "GET", "proof", pt_api_proof },
};

static gboolean
path_matches (const char *pattern, const char *path)
{
  g_auto (GStrv) wanted = g_strsplit (pattern, "/", 8);
  g_auto (GStrv) parts = g_strsplit (path, "/", 8);
  guint i;

  for (i = 0; wanted[i] != NULL; i++)
    if (parts[i] == NULL || parts[i][0] == '\0'
        || (strcmp (wanted[i], "*") != 0 && strcmp (wanted[i], parts[i]) != 0))
      return FALSE;
  return parts[i] == NULL;
}

static gboolean
method_is (SoupServerMessage *message, const char *method)
{
  const char *actual = soup_server_message_get_method (message);

  return strcmp (actual, method) == 0
         || (strcmp (method, "GET") == 0 && strcmp (actual, "HEAD") == 0);
}

static gboolean
server_route_special (PtServer *server, SoupServerMessage *message, const char *path)
{
  gboolean is_post = method_is (message, "POST");

  if (is_post && strcmp (path, "reports") == 0)
    pt_api_take (server->services, message, &pt_kind_report);
  else if (is_post && strcmp (path, "registrations") == 0)
    pt_api_take (server->services, message, &pt_kind_registration);
  else if (method_is (message, "GET") && strcmp (path, "events") == 0)
    pt_events_add (server->events, message);
  else
    return FALSE;
  return TRUE;
}

/* The methods of an address as an Allow header names them; NULL: there is no such address. */
static char *
server_methods (const char *path)
{
  g_autoptr (GString) methods = g_string_new (NULL);

  if (strcmp (path, "reports") == 0 || strcmp (path, "registrations") == 0)
    g_string_append (methods, "POST");
  if (strcmp (path, "events") == 0)
    g_string_append (methods, "GET, HEAD");
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    if (path_matches (routes[i].path, path))
      g_string_append_printf (methods, "%s%s%s", methods->len > 0 ? ", " : "", routes[i].method,
                              strcmp (routes[i].method, "GET") == 0 ? ", HEAD" : "");
  return methods->len > 0 ? g_string_free (g_steal_pointer (&methods), FALSE) : NULL;
}

/* Whether the method is one of @methods; else the answer is made. */
static gboolean
server_allows (SoupServerMessage *message, const char *methods)
{
  g_auto (GStrv) names = g_strsplit (methods, ", ", -1);

  if (g_strv_contains ((const char *const *) names, soup_server_message_get_method (message)))
    return TRUE;
  problem_set (message, PT_ERROR_WRONG_METHOD, "This address does not know that method.");
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow",
                                methods);
  return FALSE;
}

static void
server_handle_other (SoupServer *soup, SoupServerMessage *message, const char *path,
                     GHashTable *query, gpointer user_data)
{
  problem_set (message, PT_ERROR_NOT_FOUND,
               "There is no such address. See the interface's description.");
}

/* The page's files and, where there is no page, a word at the root. */
static void
server_handle_rest (SoupServer *soup, SoupServerMessage *message, const char *path,
                    GHashTable *query, gpointer user_data)
{
  static const char word[] = "This is powertrackd. Its interface begins at /api/v1/status; it has "
                             "no public page here ([page] dir names one).\n";
  PtServer *server = user_data;
  gboolean reads = method_is (message, "GET");

  if (server->services->page != NULL && reads
      && pt_page_answer (server->services->page, message, path))
    return;
  if (strcmp (path, "/") != 0)
    server_handle_other (soup, message, path, query, user_data);
  else if (server_allows (message, "GET, HEAD"))
    {
      soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
      soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, word,
                                        sizeof word - 1);
    }
}

static void
server_handle_tiles (SoupServer *soup, SoupServerMessage *message, const char *path,
                     GHashTable *query, gpointer user_data)
{
  if (server_allows (message, "GET, HEAD"))
    server_start_read (user_data, message, pt_api_map, query, path + strlen ("/tiles/"));
}

static void
server_handle_api (SoupServer *soup, SoupServerMessage *message, const char *full_path,
                   GHashTable *query, gpointer user_data)
{
  PtServer *server = user_data;
  const char *path = full_path + strlen ("/api/v1/");
  g_autofree char *methods = server_methods (path);

  if (methods == NULL)
    {
      server_handle_other (soup, message, full_path, query, user_data);
      return;
    }
  if (!server_allows (message, methods) || server_route_special (server, message, path))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    if (path_matches (routes[i].path, path) && method_is (message, routes[i].method))
      {
        server_start_read (server, message, routes[i].handler, query, path);
        return;
      }
}

/* libsoup also gives a handler what only begins with its path. */
static gboolean
server_is_at (SoupServerMessage *message, const char *path, const char *wanted)
{
  if (strcmp (path, wanted) == 0)
    return server_allows (message, "GET, HEAD");
  server_handle_other (NULL, message, path, NULL, NULL);
  return FALSE;
}

static void
server_handle_metrics (SoupServer *soup, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer user_data)
{
  if (server_is_at (message, path, "/metrics"))
    server_start_read (user_data, message, pt_api_metrics, NULL, "metrics");
}

static void
server_handle_health (SoupServer *soup, SoupServerMessage *message, const char *path,
                      GHashTable *query, gpointer user_data)
{
  if (!server_is_at (message, path, "/healthz"))
    return;
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, "ok\n", 3);
}

/* Bodies are bounded while they arrive, not after. */

static void
body_check_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  if (body->length <= PT_SUBMISSION_BYTES_MAX)
    return;
  soup_message_body_set_accumulate (body, FALSE);
  soup_message_body_truncate (body);
  g_object_set_data (G_OBJECT (message), "too-large", GINT_TO_POINTER (TRUE));
}

static void
body_check_headers (SoupServerMessage *message, gpointer user_data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH
      || soup_message_headers_get_content_length (headers) <= PT_SUBMISSION_BYTES_MAX)
    return;
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  problem_set (message, PT_ERROR_TOO_LARGE, "The body is larger than 8 MiB. Send it in parts.");
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                "close");
}

/* What is public may be read by a page from anywhere: there are no cookies to abuse, and a copy of
 * the page that somebody else keeps can check this daemon. */
static void
open_to_pages (SoupServerMessage *message, gpointer user_data)
{
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));

  if (method_is (message, "GET")
      && (g_str_has_prefix (path, "/api/v1/") || g_str_has_prefix (path, "/ipfs/")
          || g_str_has_prefix (path, "/tiles/")))
    soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                  "Access-Control-Allow-Origin", "*");
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
server_request_started (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  g_signal_connect (message, "got-headers", G_CALLBACK (server_message_begun), user_data);
  g_signal_connect (message, "got-headers", G_CALLBACK (body_check_headers), NULL);
  g_signal_connect (message, "got-headers", G_CALLBACK (open_to_pages), NULL);
  g_signal_connect (message, "got-chunk", G_CALLBACK (body_check_chunk), NULL);
}

/* soup_server_listen () keeps 10 connections waiting. When supply comes back a whole town calls at
 * once, and who finds no room tries again a second later, then three. */
static gboolean
server_listen_at (PtServer *server, GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (address),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return FALSE;
  g_socket_set_listen_backlog (socket, BACKLOG);
  return g_socket_bind (socket, address, TRUE, error) && g_socket_listen (socket, error)
         && soup_server_listen_socket (server->soup, socket, 0, error);
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

/* Events */

static void
server_tell_sites (PtServer *server, const PtNewsItems *items)
{
  g_autoptr (GString) sites = g_string_new ("{\"sites\":[");

  for (guint i = 0; i < items->site_count; i++)
    {
      if (i > 0)
        g_string_append_c (sites, ',');
      pt_api_append_site_row (sites, server->services, &items->sites[i]);
    }
  g_string_append (sites, "]}");
  if (items->site_count > 0)
    pt_events_send (server->events, "sites", sites->str);
}

/* A PtNewsFunc. */
static void
server_tell (const PtNewsItems *items, gpointer user_data)
{
  PtServer *server = user_data;

  if (!pt_events_is_heard (server->events))
    return;
  server_tell_sites (server, items);
  for (guint i = 0; i < items->outage_count; i++)
    {
      const PtOutageEvent *event = &items->outages[i];
      g_autoptr (GString) outage = g_string_new (NULL);

      pt_api_append_outage (outage, server->services, event->device, event->start, event->end,
                            event->device->customers);
      pt_events_send (server->events, event->began ? "outage" : "outage-changed", outage->str);
    }
  for (guint i = 0; i < items->batch_count; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      pt_api_append_batch (text, &items->batches[i]);
      pt_events_send (server->events, "batch", text->str);
    }
}

PtServer *
pt_server_new (PtServices *services, const char *listen, GError **error)
{
  g_autoptr (PtServer) server = g_new0 (PtServer, 1);

  server->services = services;
  server->soup = soup_server_new ("server-header", "powertrackd", NULL);
  server->events = pt_events_new (services->clock);
  server->under_way = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  server->readers = g_thread_pool_new (server_read, NULL, READ_WORKERS, FALSE, NULL);
  g_signal_connect (server->soup, "request-started", G_CALLBACK (server_request_started), server);
  soup_server_add_handler (server->soup, "/api/v1/", server_handle_api, server, NULL);
  soup_server_add_handler (server->soup, "/metrics", server_handle_metrics, server, NULL);
  soup_server_add_handler (server->soup, "/healthz", server_handle_health, server, NULL);
  soup_server_add_handler (server->soup, "/tiles/", server_handle_tiles, server, NULL);
  soup_server_add_handler (server->soup, NULL, server_handle_rest, server, NULL);
  pt_gateway_attach (server->soup, services->blocks);
  if (!server_listen (server, listen, error))
    return NULL;
  pt_news_subscribe (services->news, server_tell, server);
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
  pt_events_end (server->events);
  while (g_hash_table_size (server->under_way) > 0 || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (cut_source);
}

void
pt_server_free (PtServer *server)
{
  if (server == NULL)
    return;
  pt_news_unsubscribe (server->services->news, server_tell, server);
  server_end (server);
  soup_server_disconnect (server->soup);
  g_thread_pool_free (server->readers, FALSE, TRUE);
  pt_events_free (server->events);
  g_clear_object (&server->soup);
  g_hash_table_unref (server->under_way);
  g_free (server->url);
  g_free (server);
}

const char *
pt_server_url (PtServer *server)
{
  return server->url;
}
