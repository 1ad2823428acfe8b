/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-gateway.h"

#include <string.h>

#include "pt-car.h"

#define PREFIX "/ipfs/"
#define PIECE_SIZE PT_UNIXFS_CHUNK_SIZE

typedef enum
{
  FORMAT_FILE,
  FORMAT_RAW,
  FORMAT_CAR
} Format;

/* One request on its way. The main loop's and at most one worker's at a time (->busy): the worker
 * has the reading side (->file, ->car, ->offset) while it runs, the main loop everything else. */
typedef struct
{
  SoupServerMessage *message; /* owned */
  PtBlockStore *blocks;       /* owned */
  PtCid cid;
  char text[PT_CID_TEXT_SIZE + 1];
  Format format;
  PtBlockFile *file;
  PtCar *car;
  guint64 size, offset, end; /* of the file, and what of it is still to be sent */
  gboolean busy, finished, last;
} Request;

static void
request_clear (Request *request)
{
  pt_block_file_free (request->file);
  pt_car_free (request->car);
  pt_block_store_unref (request->blocks);
  g_object_unref (request->message);
}

static void
request_unref (gpointer request)
{
  g_atomic_rc_box_release_full (request, (GDestroyNotify) request_clear);
}

static void
request_unref_closure (gpointer request, GClosure *closure)
{
  request_unref (request);
}

/* Answers */

static void
set_problem (SoupServerMessage *message, guint status, const char *slug, const char *detail)
{
  g_autofree char *escaped = g_strescape (detail, NULL);
  g_autofree char *body
      = g_strdup_printf ("{\"type\":\"%s\",\"title\":\"%s\",\"status\":%u,\"detail\":\"%s\"}\n",
                         slug, soup_status_get_phrase (status), status, escaped);
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/problem+json", SOUP_MEMORY_COPY, body,
                                    strlen (body));
}

static void
set_error (SoupServerMessage *message, const GError *error)
{
  gboolean missing = g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND);
  if (missing)
    set_problem (message, SOUP_STATUS_NOT_FOUND, "not-found",
                 "There are no blocks of this CID here.");
  else
    {
      g_message ("gateway: %s", error->message);
      set_problem (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, pt_error_to_slug (error),
                   "The blocks could not be read; the daemon's log says why.");
    }
}

static const char *const suffixes[] = { "", ".raw", ".car" };
static const char *const types[] = { "application/json", "application/vnd.ipld.raw",
                                     "application/vnd.ipld.car; version=1; order=dfs; dups=y" };

static char *
make_etag (const Request *request)
{
  return g_strdup_printf ("\"%s%s\"", request->text, suffixes[request->format]);
}

static void
set_headers (const Request *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  g_autofree char *etag = make_etag (request);
  g_autofree char *path = g_strdup_printf (PREFIX "%s", request->text);
  soup_message_headers_replace (headers, "ETag", etag);
  soup_message_headers_replace (headers, "Cache-Control", "public, max-age=29030400, immutable");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "X-Ipfs-Path", path);
  soup_message_headers_replace (headers, "X-Ipfs-Roots", request->text);
  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", "*");
  soup_message_headers_replace (headers, "Vary", "Accept");
}

/* Conditions (RFC 9110 section 13.1.2): bytes of one CID never change, so who has them is told so
 * without looking; `*` asks whether there are any. */

static const char *
known_to_peer (const Request *request)
{
  return soup_message_headers_get_list (soup_server_message_get_request_headers (request->message),
                                        "If-None-Match");
}

static gboolean
is_cached (const Request *request)
{
  g_autofree char *etag = make_etag (request);
  const char *known = known_to_peer (request);
  return known != NULL && strstr (known, etag) != NULL;
}

static void
set_not_modified (const Request *request)
{
  set_headers (request);
  soup_server_message_set_status (request->message, SOUP_STATUS_NOT_MODIFIED, NULL);
}

/* Ranges (RFC 9110 section 14): one range is served, several are answered with the whole file. */

typedef enum
{
  RANGE_NONE,
  RANGE_ONE,
  RANGE_UNSATISFIABLE
} Range;

static Range
parse_range (const char *text, guint64 size, guint64 *start, guint64 *end)
{
  *start = 0;
  *end = size;
  if (text == NULL || !g_str_has_prefix (text, "bytes=") || strchr (text, ',') != NULL)
    return RANGE_NONE;
  const char *dash = strchr (text += strlen ("bytes="), '-');
  if (dash == NULL)
    return RANGE_NONE;
  g_autofree char *first = g_strndup (text, (gsize) (dash - text));
  guint64 from = 0, to = G_MAXUINT64 - 1;
  gboolean has_first = g_ascii_string_to_unsigned (first, 10, 0, G_MAXINT64, &from, NULL);
  gboolean has_last = g_ascii_string_to_unsigned (dash + 1, 10, 0, G_MAXINT64, &to, NULL);
  if ((!has_first && *first != '\0') || (!has_last && dash[1] != '\0') || (!has_first && !has_last)
      || (has_first && has_last && to < from))
    return RANGE_NONE;
  if (!has_first)
    {
      if (to == 0 || size == 0)
        return RANGE_UNSATISFIABLE;
      *start = to < size ? size - to : 0;
      return RANGE_ONE;
    }
  if (from >= size)
    return RANGE_UNSATISFIABLE;
  *start = from;
  *end = has_last && to < size - 1 ? to + 1 : size;
  return RANGE_ONE;
}

/* Sets the status, and what of the file is to be sent. FALSE: the answer is complete. */
static gboolean
apply_range (Request *request)
{
  SoupMessageHeaders *asked = soup_server_message_get_request_headers (request->message);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  g_autofree char *etag = make_etag (request);
  const char *condition = soup_message_headers_get_one (asked, "If-Range");
  gboolean applies = condition == NULL || g_str_equal (condition, etag);
  Range range = parse_range (applies ? soup_message_headers_get_one (asked, "Range") : NULL,
                             request->size, &request->offset, &request->end);
  soup_message_headers_replace (headers, "Accept-Ranges", "bytes");
  soup_message_headers_remove (asked, "Range"); /* or libsoup would cut once more */
  if (range == RANGE_UNSATISFIABLE)
    {
      g_autofree char *whole = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, request->size);
      set_problem (request->message, SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE, "malformed",
                   "The range lies beyond the end of the file.");
      soup_message_headers_replace (headers, "Content-Range", whole);
      return FALSE;
    }
  if (range == RANGE_ONE)
    soup_message_headers_set_content_range (headers, (goffset) request->offset,
                                            (goffset) request->end - 1, (goffset) request->size);
  soup_server_message_set_status (
      request->message, range == RANGE_ONE ? SOUP_STATUS_PARTIAL_CONTENT : SOUP_STATUS_OK, NULL);
  return TRUE;
}

/* Reading, on a worker thread */

static gboolean
open_blocks (Request *request, GError **error)
{
  guint64 bytes;
  switch (request->format)
    {
    case FORMAT_CAR:
      /* Missing blocks are found before the answer begins. */
      request->car = pt_car_new (request->blocks, &request->cid);
      return pt_block_store_check (request->blocks, &request->cid, &bytes, error);
    case FORMAT_FILE:
      request->file = pt_block_store_open_file (request->blocks, &request->cid, error);
      request->size = request->file != NULL ? pt_block_file_size (request->file) : 0;
      return request->file != NULL;
    case FORMAT_RAW:
    default:
      return TRUE;
    }
}

static GBytes *
read_piece (Request *request, GError **error)
{
  if (request->format == FORMAT_RAW)
    return pt_block_store_read (request->blocks, &request->cid, error);
  if (request->format == FORMAT_CAR)
    {
      GBytes *piece = NULL;
      if (!pt_car_next (request->car, &piece, error))
        return NULL;
      return piece != NULL ? piece : g_bytes_new (NULL, 0);
    }
  guint64 left = request->end - request->offset;
  GBytes *piece
      = pt_block_file_read (request->file, request->offset, MIN (left, PIECE_SIZE), error);
  if (piece != NULL)
    request->offset += g_bytes_get_size (piece);
  return piece;
}

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Request *request = data;
  GError *error = NULL;
  g_autoptr (GBytes) block = NULL;
  if (open_blocks (request, &error) && request->format == FORMAT_RAW)
    block = read_piece (request, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&block), (GDestroyNotify) g_bytes_unref);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GBytes *piece = read_piece (data, &error);
  if (piece == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, piece, (GDestroyNotify) g_bytes_unref);
}

static void
run_worker (Request *request, GTaskThreadFunc thread, GAsyncReadyCallback done)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done, NULL);
  request->busy = TRUE;
  g_task_set_task_data (task, g_atomic_rc_box_acquire (request), request_unref);
  g_task_run_in_thread (task, thread);
}

/* Sending, on the main loop */

/* An answer that has begun can't become an error: the connection is cut, so that the peer sees it.
 */
static void
cut (Request *request, const GError *error)
{
  GSocket *socket = soup_server_message_get_socket (request->message);
  g_message ("gateway: %s", error->message);
  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

static void
append (Request *request, GBytes *piece)
{
  SoupMessageBody *body = soup_server_message_get_response_body (request->message);
  gsize size = g_bytes_get_size (piece);
  if (size > 0)
    soup_message_body_append_bytes (body, piece);
  request->last = size == 0 || (request->format == FORMAT_FILE && request->offset >= request->end)
                  || request->format == FORMAT_RAW;
  if (request->last)
    soup_message_body_complete (body);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) piece = g_task_propagate_pointer (G_TASK (result), &error);
  request->busy = FALSE;
  if (request->finished)
    return;
  if (piece != NULL)
    append (request, piece);
  else
    cut (request, error);
  soup_server_message_unpause (request->message);
}

static void
wrote_chunk_cb (SoupServerMessage *message, Request *request)
{
  if (!request->finished && !request->busy && !request->last)
    run_worker (request, read_thread, read_cb);
}

static void
finished_cb (SoupServerMessage *message, Request *request)
{
  request->finished = TRUE;
  /* The handlers hold the request, and the request the message. */
  g_signal_handlers_disconnect_by_data (message, g_atomic_rc_box_acquire (request));
  request_unref (request);
}

static void
set_length (Request *request, GBytes *block)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  if (request->format == FORMAT_CAR)
    soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  else
    soup_message_headers_set_content_length (
        headers, block != NULL ? (goffset) g_bytes_get_size (block)
                               : (goffset) (request->end - request->offset));
}

static void
begin_answer (Request *request, GBytes *block)
{
  SoupServerMessage *message = request->message;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gboolean head = soup_server_message_get_method (message) == SOUP_METHOD_HEAD;
  if (g_strcmp0 (known_to_peer (request), "*") == 0)
    {
      set_not_modified (request);
      return;
    }
  set_headers (request);
  soup_message_headers_set_content_type (headers, types[request->format], NULL);
  soup_message_headers_replace (headers, "Content-Type", types[request->format]);
  if (request->format == FORMAT_FILE)
    {
      if (!apply_range (request))
        return;
    }
  else
    {
      soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
      soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
    }
  set_length (request, block);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  if (head || (block == NULL && request->format == FORMAT_FILE && request->offset == request->end))
    return;
  if (block != NULL)
    {
      append (request, block);
      return;
    }
  request->last = FALSE;
  run_worker (request, read_thread, read_cb);
}

static void
open_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) block = g_task_propagate_pointer (G_TASK (result), &error);
  request->busy = FALSE;
  if (request->finished)
    return;
  if (error != NULL)
    set_error (request->message, error);
  else
    begin_answer (request, block);
  if (!request->busy)
    soup_server_message_unpause (request->message);
}

/* Asking */

/* FALSE: the query asks for a format that is not served. */
static gboolean
choose_format (SoupServerMessage *message, GHashTable *query, Format *out)
{
  const char *format = query != NULL ? g_hash_table_lookup (query, "format") : NULL;
  const char *accept
      = soup_message_headers_get_list (soup_server_message_get_request_headers (message), "Accept");
  *out = FORMAT_FILE;
  if (format != NULL)
    {
      *out = g_str_equal (format, "raw") ? FORMAT_RAW : FORMAT_CAR;
      return *out == FORMAT_RAW || g_str_equal (format, "car");
    }
  if (accept != NULL && strstr (accept, "application/vnd.ipld.raw") != NULL)
    *out = FORMAT_RAW;
  else if (accept != NULL && strstr (accept, "application/vnd.ipld.car") != NULL)
    *out = FORMAT_CAR;
  return TRUE;
}

static void
start_request (SoupServerMessage *message, PtBlockStore *blocks, const PtCid *cid, Format format)
{
  Request *request = g_atomic_rc_box_new0 (Request);
  request->message = g_object_ref (message);
  request->blocks = pt_block_store_ref (blocks);
  request->cid = *cid;
  request->format = format;
  request->last = TRUE; /* until a stream begins */
  pt_cid_to_text (cid, request->text);
  if (is_cached (request))
    {
      set_not_modified (request);
      request_unref (request);
      return;
    }
  g_signal_connect_data (message, "wrote-chunk", G_CALLBACK (wrote_chunk_cb),
                         g_atomic_rc_box_acquire (request), request_unref_closure, 0);
  g_signal_connect_data (message, "finished", G_CALLBACK (finished_cb),
                         g_atomic_rc_box_acquire (request), request_unref_closure, 0);
  soup_server_message_pause (message);
  run_worker (request, open_thread, open_cb);
  request_unref (request);
}

static void
handle_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
                gpointer user_data)
{
  const char *method = soup_server_message_get_method (message);
  Format format;
  PtCid cid;
  if (method != SOUP_METHOD_GET && method != SOUP_METHOD_HEAD)
    {
      set_problem (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "wrong-method", "Only GET and HEAD.");
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow",
                                    "GET, HEAD");
      return;
    }
  const char *text = g_str_has_prefix (path, PREFIX) ? path + strlen (PREFIX) : "";
  if (pt_cid_from_text (pt_span (text, strlen (text)), &cid) != PT_OK)
    set_problem (message, SOUP_STATUS_BAD_REQUEST, "malformed",
                 "Ask for /ipfs/ and one CID: version 1, base32, SHA2-256, raw or dag-pb, and no "
                 "path after it.");
  else if (!choose_format (message, query, &format))
    set_problem (message, SOUP_STATUS_BAD_REQUEST, "malformed",
                 "The format is raw, car, or none for the file.");
  else
    start_request (message, user_data, &cid, format);
}

void
pt_gateway_attach (SoupServer *server, PtBlockStore *blocks)
{
  g_return_if_fail (SOUP_IS_SERVER (server) && blocks != NULL);
  soup_server_add_handler (server, "/ipfs", handle_request, pt_block_store_ref (blocks),
                           (GDestroyNotify) pt_block_store_unref);
}
