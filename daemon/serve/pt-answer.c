/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-answer.h"

#include <string.h>

#include "pt-connection.h"
#include "pt-error.h"
#include "pt-gzip.h"
#include "pt-problem.h"
#include "pt-unread.h"

#define PACKED_LEAST 1024 /* bytes; what is smaller fits into a packet as it is */

static const struct
{
  int workers;
  guint waiting_max;
} lanes[PT_RUNS] = {
  [PT_RUNS_ON_READER] = { 4, 512 },   [PT_RUNS_ON_PAGER] = { 2, 256 },
  [PT_RUNS_ON_LISTER] = { 2, 512 },   [PT_RUNS_ON_PROVER] = { 2, 64 },
  [PT_RUNS_ON_STREAMER] = { 4, 512 },
};

struct _PtAnswers
{
  GThreadPool *lanes[PT_RUNS]; /* that of the loop is NULL */
  PtUnread *unread;
  PtRefusals *refusals; /* or NULL */
};

/* Sending */

static void
request_set_head (PtRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);

  /* Nobody takes what strangers wrote for a page. */
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  if (request->cache_control != NULL)
    soup_message_headers_replace (headers, "Cache-Control", request->cache_control);
  if (request->etag != NULL)
    soup_message_headers_replace (headers, "ETag", request->etag);
}

static void
add_header (const char *name, const char *value, gpointer headers)
{
  soup_message_headers_replace (headers, name, value);
}

/* Whether the client has it; `*` asks whether there is anything. */
static gboolean
request_is_known (PtRequest *request)
{
  return request->etag != NULL
         && (pt_request_has (request, request->etag)
             || g_strcmp0 (pt_request_header (request, "If-None-Match"), "*") == 0);
}

void
pt_answer_set_open_end (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gboolean chunks;

  g_return_if_fail (SOUP_IS_SERVER_MESSAGE (message));

  chunks = soup_server_message_get_http_version (message) != SOUP_HTTP_1_0;
  soup_message_headers_set_encoding (headers, chunks ? SOUP_ENCODING_CHUNKED : SOUP_ENCODING_EOF);
  if (!chunks)
    soup_message_headers_replace (headers, "Connection", "close");
}

static gboolean
request_has_pieces (const PtRequest *request)
{
  return request->next != NULL || request->pieces != NULL;
}

/* Not set_content_type (), which would leave out what it takes for a parameter of its own. */
static void
request_set_body (PtRequest *request)
{
  SoupServerMessage *message = request->message;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  soup_server_message_set_status (message, request->status, NULL);
  soup_message_headers_replace (headers, "Content-Type", request->content_type);
  if (request->location != NULL)
    {
      g_autofree char *link = g_strdup_printf ("<%s>; rel=\"next\"", request->location);

      soup_message_headers_replace (headers, "Link", link);
    }
  if (request_has_pieces (request))
    {
      soup_message_body_set_accumulate (body, FALSE);
      if (request->length < 0)
        pt_answer_set_open_end (message);
      else
        soup_message_headers_set_content_length (headers, request->length);
    }
  else if (request->body != NULL
           && g_bytes_get_size (request->body) > 0) /* it takes no empty one */
    soup_message_body_append_bytes (body, request->body);
}

static void
request_send (PtRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);

  /* libsoup would serve ranges of anything, as often as they are asked for: a thousand times the
   * body in one answer. Only the gateway knows ranges, and has made its own by now. */
  soup_message_headers_remove (soup_server_message_get_request_headers (request->message), "Range");
  if (request->headers != NULL)
    soup_message_headers_foreach (request->headers, add_header, headers);
  if (request->error == NULL && !request_is_known (request))
    pt_unread_enter (request->answers->unread, request, &request->error);
  if (request->error != NULL)
    {
      pt_request_refused (request, pt_error_to_slug (request->error));
      soup_message_headers_remove (headers, "Content-Encoding"); /* of what is not sent */
      /* It may have been an answer until it failed. */
      pt_problem_set (request->message,
                      SOUP_STATUS_IS_CLIENT_ERROR (request->status) ? request->status : 0,
                      request->error);
      return;
    }
  request_set_head (request);
  if (request_is_known (request))
    {
      soup_server_message_set_status (request->message, SOUP_STATUS_NOT_MODIFIED, NULL);
      soup_message_headers_remove (headers, "Content-Encoding"); /* of nothing */
    }
  else
    {
      request_set_body (request);
      request->is_streaming
          = request_has_pieces (request) && !request->is_head && request->length != 0;
    }
}

static void
request_send_piece (PtRequest *request)
{
  SoupMessageBody *body = soup_server_message_get_response_body (request->message);
  gsize size = g_bytes_get_size (request->piece);

  if (size > 0)
    soup_message_body_append_bytes (body, request->piece);
  if (request->length > 0)
    request->length -= (goffset) size;
  g_clear_pointer (&request->piece, g_bytes_unref);
  request->is_done = size == 0 || request->length == 0;
  if (request->is_done)
    soup_message_body_complete (body);
}

/* An answer that has begun can't become a problem: the connection is cut, so that the client sees
 * it. */
static void
request_cut (PtRequest *request)
{
  PtConnection *connection = pt_connection_of (request->message);

  g_message ("%s was cut: %s", request->path, request->error->message);
  request->is_done = TRUE;
  if (connection != NULL)
    pt_connection_cut (connection);
  /* Nothing of it gets out, but libsoup tries to and so ends the message. */
  soup_message_body_complete (soup_server_message_get_response_body (request->message));
}

/* Working */

static void
run_handler (PtRequest *request)
{
  if (!request->route->handler (request, request->context, &request->error)
      && request->error == NULL)
    g_set_error_literal (&request->error, PT_ERROR, PT_ERROR_FAILED, "The request failed.");
}

static void request_work (PtRequest *request);

static gboolean
request_go_on (gpointer data)
{
  g_autoptr (PtRequest) request = data;

  request->is_busy = FALSE;
  if (request->is_gone)
    return G_SOURCE_REMOVE;
  if (!request->is_streaming)
    {
      request_send (request);
      if (request->is_streaming)
        request_work (request);
    }
  else if (request->error != NULL)
    request_cut (request);
  else
    request_send_piece (request);
  if (!request->is_busy)
    soup_server_message_unpause (request->message);
  return G_SOURCE_REMOVE;
}

/* Packing */

static gboolean
is_packable (const char *type)
{
  static const char *const types[]
      = { "application/json", "application/geo+json", "application/x-ndjson", "text/" };

  for (guint i = 0; type != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_has_prefix (type, types[i]))
      return TRUE;
  return FALSE;
}

/* Another encoding is another representation (RFC 9110, section 8.8.3). */
static void
request_mark_packed (PtRequest *request)
{
  pt_request_add_header (request, "Content-Encoding", "gzip");
  if (request->etag != NULL && request->etag[0] != '\0')
    {
      g_autofree char *before = g_steal_pointer (&request->etag);

      before[strlen (before) - 1] = '\0';
      request->etag = g_strconcat (before, "-gzip\"", NULL);
    }
}

/* On a worker's thread. What comes in pieces its handler has packed, where that is worth it. */
static void
request_pack (PtRequest *request)
{
  GBytes *plain;

  if (request->error != NULL || request->body == NULL || !is_packable (request->content_type))
    return;
  pt_request_add_header (request, "Vary", "Accept-Encoding");
  if (g_bytes_get_size (request->body) < PACKED_LEAST || !pt_request_takes_gzip (request))
    return;
  plain = g_steal_pointer (&request->body);
  request->body = pt_gzip_whole (plain);
  g_bytes_unref (plain);
  request_mark_packed (request);
}

/* On a worker's thread. */
static void
work (gpointer data, gpointer user_data)
{
  PtRequest *request = data;

  if (request->is_streaming)
    request->piece = request->next (request->source, &request->error);
  else
    {
      run_handler (request);
      request_pack (request);
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, request_go_on, request, NULL);
}

static GThreadPool *
request_lane (PtRequest *request)
{
  return request->answers->lanes[request->route->runs];
}

/* What is in memory needs no worker; but of each answer one piece a turn of the loop, so that the
 * largest holds up nobody. */
static void
request_work (PtRequest *request)
{
  request->is_busy = TRUE;
  if (request->is_streaming && request->pieces != NULL)
    {
      request->piece = g_bytes_ref (g_ptr_array_index (request->pieces, request->next_piece));
      request->next_piece++;
      g_idle_add_full (G_PRIORITY_DEFAULT, request_go_on, pt_request_ref (request), NULL);
      return;
    }
  g_thread_pool_push (request_lane (request), pt_request_ref (request), NULL);
}

static void
request_wrote_chunk (SoupServerMessage *message, PtRequest *request)
{
  if (request->is_streaming && !request->is_busy && !request->is_done)
    request_work (request);
}

/* Beginning and end */

static void
request_finished (SoupServerMessage *message, PtRequest *request)
{
  request->is_gone = TRUE;
  /* The request holds the message, and these held the request. */
  g_signal_handlers_disconnect_by_data (message, request);
}

static void
unref_closure (gpointer request, GClosure *closure)
{
  pt_request_unref (request);
}

/* The answer comes in another turn of the loop. */
static void
request_pause (PtRequest *request)
{
  SoupServerMessage *message = request->message;

  g_signal_connect_data (message, "wrote-chunk", G_CALLBACK (request_wrote_chunk),
                         pt_request_ref (request), unref_closure, 0);
  g_signal_connect_data (message, "finished", G_CALLBACK (request_finished),
                         pt_request_ref (request), unref_closure, 0);
  soup_server_message_pause (message);
}

static void
begin_on_loop (PtRequest *request)
{
  run_handler (request);
  if (request->is_later) /* another thread may be filling it in by now */
    request_pause (request);
  else if (request->error != NULL || request->status != 0)
    request_send (request);
}

void
pt_answers_begin (PtAnswers *answers, PtRequest *request)
{
  g_return_if_fail (answers != NULL && request != NULL && request->answers == NULL);

  request->answers = answers;
  if (request->route->runs == PT_RUNS_ON_LOOP)
    {
      begin_on_loop (request);
      return;
    }
  if (g_thread_pool_unprocessed (request_lane (request)) >= lanes[request->route->runs].waiting_max)
    {
      g_set_error_literal (&request->error, PT_ERROR, PT_ERROR_BUSY,
                           "Too many requests wait. Try again in a moment.");
      request_send (request);
      return;
    }
  request_pause (request);
  request_work (request);
}

PtRequest *
pt_request_answer_later (PtRequest *request)
{
  g_return_val_if_fail (request->route->runs == PT_RUNS_ON_LOOP && !request->is_later, NULL);

  request->is_later = TRUE;
  return pt_request_ref (request);
}

void
pt_request_answer (PtRequest *request, const GError *error)
{
  g_return_if_fail (request != NULL && request->is_later);

  request->error = error != NULL ? g_error_copy (error) : NULL;
  g_idle_add_full (G_PRIORITY_DEFAULT, request_go_on, request, NULL);
}

void
pt_request_refused (PtRequest *request, const char *slug)
{
  g_return_if_fail (request != NULL && slug != NULL);

  if (request->answers != NULL && request->route->counted)
    pt_refusals_count (request->answers->refusals, slug);
}

PtAnswers *
pt_answers_new (PtBudget *unread, PtRefusals *refusals)
{
  PtAnswers *answers;

  g_return_val_if_fail (unread != NULL, NULL);

  answers = g_new0 (PtAnswers, 1);
  answers->unread = pt_unread_new (unread);
  answers->refusals = refusals;
  for (guint i = 0; i < PT_RUNS; i++)
    if (lanes[i].workers > 0)
      answers->lanes[i] = g_thread_pool_new (work, NULL, lanes[i].workers, FALSE, NULL);
  return answers;
}

void
pt_answers_free (PtAnswers *answers)
{
  if (answers == NULL)
    return;
  for (guint i = 0; i < PT_RUNS; i++)
    if (answers->lanes[i] != NULL)
      g_thread_pool_free (answers->lanes[i], FALSE, TRUE);
  pt_unread_free (answers->unread);
  g_free (answers);
}
