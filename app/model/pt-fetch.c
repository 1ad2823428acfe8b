/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fetch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-json-bounds.h"

#define CHUNK 65536
#define LINE_MAX_BYTES 65536
#define PROBLEM_MAX 65536
#define JSON_DEPTH 16
#define CONNECTIONS 8 /* the stream of events holds one of them */

typedef enum
{
  FETCH_BYTES,
  FETCH_LINES,
  FETCH_STREAM,
  FETCH_REPLY
} FetchKind;

/* One request from its sending to its last byte; belongs to its task. */
typedef struct
{
  FetchKind kind;
  PtFetchLimits limits;
  char *type; /* that of limits */
  SoupMessage *message;
  GInputStream *stream;
  GCancellable *inner; /* ends the request: for the caller, or at the time's end */
  GCancellable *outer;
  gulong outer_id;
  guint timer;
  gboolean late;
  gboolean refused; /* the body is a problem, not what was asked for */
  GByteArray *body; /* lines: the beginning of one */
  gsize taken;
  PtFetchLineFunc line_func;
  gpointer line_data;
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  if (fetch->outer != NULL)
    g_signal_handler_disconnect (fetch->outer, fetch->outer_id);
  g_clear_handle_id (&fetch->timer, g_source_remove);
  g_clear_object (&fetch->outer);
  g_clear_object (&fetch->message);
  g_clear_object (&fetch->stream);
  g_clear_object (&fetch->inner);
  g_clear_pointer (&fetch->body, g_byte_array_unref);
  g_free (fetch->type);
  g_free (fetch);
}

SoupSession *
pt_fetch_session_new (void)
{
  return soup_session_new_with_options ("user-agent", "powertrack-console/" PT_VERSION,
                                        "max-conns-per-host", CONNECTIONS, "idle-timeout", 20,
                                        NULL);
}

/* Errors */

static GError *
fetch_error (const Fetch *fetch, const GError *error)
{
  if (fetch->late)
    return g_error_new (PT_ERROR, PT_ERROR_RETRY,
                        ngettext ("No answer within %u second.", "No answer within %u seconds.",
                                  fetch->limits.seconds),
                        fetch->limits.seconds);
  if (error->domain == PT_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_copy (error);
  return g_error_new (PT_ERROR, PT_ERROR_RETRY,
                      g_str_has_suffix (error->message, ".") ? "%s" : "%s.", error->message);
}

static void
fetch_fail (GTask *task, const GError *error)
{
  g_task_return_error (task, fetch_error (g_task_get_task_data (task), error));
}

static gboolean
code_of_slug (const char *slug, PtErrorCode *out)
{
  for (int code = 0; code < PT_ERROR_COUNT; code++)
    if (g_strcmp0 (slug, pt_error_slug ((PtErrorCode) code)) == 0)
      {
        *out = (PtErrorCode) code;
        return TRUE;
      }
  return FALSE;
}

static const char *
string_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static GError *
problem_error (guint status, const char *path, const char *data, gsize size)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = NULL;
  PtErrorCode code;

  if (size > 0 && pt_json_is_shallow (data, size, JSON_DEPTH)
      && json_parser_load_from_data (parser, data, (gssize) size, NULL))
    root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    {
      JsonObject *problem = json_node_get_object (root);
      const char *detail = string_member (problem, "detail");

      if (code_of_slug (string_member (problem, "type"), &code))
        return g_error_new_literal (PT_ERROR, (int) code,
                                    detail != NULL ? detail : pt_error_slug (code));
    }
  /* A proxy's word for a daemon that is away is no other kind of server. */
  code = status >= 500                     ? PT_ERROR_RETRY
         : status == SOUP_STATUS_NOT_FOUND ? PT_ERROR_NOT_FOUND
                                           : PT_ERROR_UNSUPPORTED;
  return g_error_new (PT_ERROR, (int) code, _ ("It answers “%u %s” to %s."), status,
                      soup_status_get_phrase (status), path);
}

GError *
pt_fetch_reply_error (const PtFetchReply *reply)
{
  const char *data;
  gsize size;

  g_return_val_if_fail (reply != NULL, NULL);
  data = g_bytes_get_data (reply->body, &size);
  return problem_error (reply->status, reply->path, data, size);
}

void
pt_fetch_reply_free (PtFetchReply *reply)
{
  if (reply == NULL)
    return;
  g_bytes_unref (reply->body);
  g_free (reply->path);
  g_free (reply);
}

/* Reading */

static void fetch_read (GTask *task);

static gboolean
fetch_tell_lines (Fetch *fetch, const char *data, gsize size, GError **error)
{
  while (size > 0)
    {
      const char *end = memchr (data, '\n', size);
      gsize part = end != NULL ? (gsize) (end - data) : size;

      if (fetch->body->len + part > LINE_MAX_BYTES)
        {
          g_set_error_literal (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                               _ ("A line of the daemon's answer is too long."));
          return FALSE;
        }
      if (end == NULL || fetch->body->len > 0)
        g_byte_array_append (fetch->body, (const guint8 *) data, (guint) part);
      if (end == NULL)
        return TRUE;
      if (fetch->body->len > 0 ? !fetch->line_func ((const char *) fetch->body->data,
                                                    fetch->body->len, fetch->line_data, error)
                               : !fetch->line_func (data, part, fetch->line_data, error))
        return FALSE;
      g_byte_array_set_size (fetch->body, 0);
      data = end + 1;
      size -= part + 1;
    }
  return TRUE;
}

static gboolean
refuse_more (gsize max, GError **error)
{
  g_autofree char *most = g_format_size_full (max, G_FORMAT_SIZE_IEC_UNITS);

  g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE, _ ("The answer is larger than %s."), most);
  return FALSE;
}

/* What is more than a refusal may have is left out: what is there has to do. */
static gboolean
fetch_take (Fetch *fetch, GBytes *chunk, GError **error)
{
  gsize max = fetch->refused ? PROBLEM_MAX : fetch->limits.max_bytes, size;
  const guint8 *data = g_bytes_get_data (chunk, &size);

  if (fetch->taken + size > max)
    return fetch->refused || refuse_more (max, error);
  fetch->taken += size;
  if (fetch->kind == FETCH_LINES && !fetch->refused)
    return fetch_tell_lines (fetch, (const char *) data, size, error);
  g_byte_array_append (fetch->body, data, (guint) size);
  return TRUE;
}

static void
fetch_end (GTask *task)
{
  Fetch *fetch = g_task_get_task_data (task);
  const char *path = g_uri_get_path (soup_message_get_uri (fetch->message));

  if (fetch->kind == FETCH_REPLY)
    {
      PtFetchReply *reply = g_new0 (PtFetchReply, 1);

      reply->status = soup_message_get_status (fetch->message);
      reply->path = g_strdup (path);
      reply->body = g_byte_array_free_to_bytes (g_steal_pointer (&fetch->body));
      g_task_return_pointer (task, reply, (GDestroyNotify) pt_fetch_reply_free);
    }
  else if (fetch->refused)
    g_task_return_error (task, problem_error (soup_message_get_status (fetch->message), path,
                                              (const char *) fetch->body->data, fetch->body->len));
  else if (fetch->kind == FETCH_BYTES)
    g_task_return_pointer (task, g_byte_array_free_to_bytes (g_steal_pointer (&fetch->body)),
                           (GDestroyNotify) g_bytes_unref);
  else if (fetch->body->len > 0)
    g_task_return_new_error (task, PT_ERROR, PT_ERROR_RETRY,
                             _ ("The daemon's answer breaks off in the middle."));
  else
    g_task_return_boolean (task, TRUE);
}

static void
fetch_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) chunk
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (chunk == NULL)
    fetch_fail (task, error);
  else if (g_bytes_get_size (chunk) == 0)
    fetch_end (task);
  else if (!fetch_take (fetch, chunk, &error))
    {
      g_cancellable_cancel (fetch->inner);
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else
    fetch_read (g_steal_pointer (&task));
}

/* Takes @task. */
static void
fetch_read (GTask *task)
{
  Fetch *fetch = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (fetch->stream, CHUNK, PT_FETCH_PRIORITY, fetch->inner,
                                   fetch_read_cb, task);
}

static gboolean
fetch_head_is_good (Fetch *fetch, GError **error)
{
  const char *type = soup_message_headers_get_content_type (
      soup_message_get_response_headers (fetch->message), NULL);

  if (fetch->kind == FETCH_REPLY || fetch->type == NULL || g_strcmp0 (type, fetch->type) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
               _ ("It answers to %s with “%s” where a daemon answers with “%s”."),
               g_uri_get_path (soup_message_get_uri (fetch->message)),
               type != NULL ? type : _ ("nothing"), fetch->type);
  return FALSE;
}

static void
fetch_sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  fetch->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (fetch->stream == NULL)
    {
      fetch_fail (task, error);
      return;
    }
  fetch->refused
      = fetch->kind != FETCH_REPLY && soup_message_get_status (fetch->message) != SOUP_STATUS_OK;
  if (!fetch->refused && !fetch_head_is_good (fetch, &error))
    {
      g_cancellable_cancel (fetch->inner);
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else if (fetch->kind == FETCH_STREAM && !fetch->refused)
    g_task_return_pointer (task, g_steal_pointer (&fetch->stream), g_object_unref);
  else
    fetch_read (g_steal_pointer (&task));
}

/* Starting */

static gboolean
fetch_late (gpointer data)
{
  Fetch *fetch = data;

  fetch->timer = 0;
  fetch->late = TRUE;
  g_cancellable_cancel (fetch->inner);
  return G_SOURCE_REMOVE;
}

static void
fetch_outer_cancelled (GCancellable *outer, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
fetch_bind (Fetch *fetch, GCancellable *outer)
{
  fetch->inner = g_cancellable_new ();
  fetch->timer = fetch->limits.seconds > 0
                     ? g_timeout_add_seconds (fetch->limits.seconds, fetch_late, fetch)
                     : 0;
  if (outer == NULL)
    return;
  fetch->outer = g_object_ref (outer);
  fetch->outer_id = g_signal_connect_data (outer, "cancelled", G_CALLBACK (fetch_outer_cancelled),
                                           g_object_ref (fetch->inner),
                                           (GClosureNotify) (void (*) (void)) g_object_unref, 0);
  if (g_cancellable_is_cancelled (outer))
    g_cancellable_cancel (fetch->inner);
}

/* NULL: the address was none, and the task has returned. */
static Fetch *
fetch_new (GTask *task, FetchKind kind, const char *url, const PtFetchLimits *limits,
           GCancellable *cancellable)
{
  Fetch *fetch = g_new0 (Fetch, 1);

  fetch->kind = kind;
  fetch->limits = *limits;
  fetch->type = g_strdup (limits->type);
  fetch->body = g_byte_array_new ();
  g_task_set_task_data (task, fetch, fetch_free);
  g_task_set_check_cancellable (task, FALSE);
  fetch->message = soup_message_new (SOUP_METHOD_GET, url);
  if (fetch->message == NULL)
    {
      g_task_return_new_error (task, PT_ERROR, PT_ERROR_MALFORMED,
                               _ ("“%s” is no address of a daemon; it is like "
                                  "http://127.0.0.1:8650."),
                               url);
      return NULL;
    }
  soup_message_add_flags (fetch->message, SOUP_MESSAGE_NO_REDIRECT);
  if (limits->type != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (fetch->message), "Accept",
                                  limits->type);
  fetch_bind (fetch, cancellable);
  return fetch;
}

static void
fetch_send (SoupSession *session, GTask *task)
{
  Fetch *fetch = g_task_get_task_data (task);

  soup_session_send_async (session, fetch->message, G_PRIORITY_DEFAULT, fetch->inner, fetch_sent_cb,
                           g_object_ref (task));
}

void
pt_fetch_bytes_async (SoupSession *session, const char *url, const PtFetchLimits *limits,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (SOUP_IS_SESSION (session));
  g_return_if_fail (url != NULL && limits != NULL);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_fetch_bytes_async);
  if (fetch_new (task, FETCH_BYTES, url, limits, cancellable) != NULL)
    fetch_send (session, task);
}

void
pt_fetch_send_async (SoupSession *session, const char *url, const PtFetchRequest *request,
                     const PtFetchLimits *limits, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  SoupMessageHeaders *headers;
  Fetch *fetch;

  g_return_if_fail (SOUP_IS_SESSION (session));
  g_return_if_fail (url != NULL && request != NULL && limits != NULL);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_fetch_send_async);
  fetch = fetch_new (task, FETCH_REPLY, url, limits, cancellable);
  if (fetch == NULL)
    return;
  headers = soup_message_get_request_headers (fetch->message);
  if (request->method != NULL)
    soup_message_set_method (fetch->message, request->method);
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (fetch->message, request->type, request->body);
  if (request->token != NULL)
    {
      g_autofree char *value = g_strconcat ("Bearer ", request->token, NULL);

      soup_message_headers_replace (headers, "Authorization", value);
    }
  fetch_send (session, task);
}

PtFetchReply *
pt_fetch_send_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

GBytes *
pt_fetch_bytes_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
pt_fetch_lines_async (SoupSession *session, const char *url, const PtFetchLimits *limits,
                      PtFetchLineFunc line_func, gpointer line_data, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Fetch *fetch;

  g_return_if_fail (SOUP_IS_SESSION (session));
  g_return_if_fail (url != NULL && limits != NULL);
  g_return_if_fail (line_func != NULL);
  task = g_task_new (session, cancellable, callback, user_data);
  fetch = fetch_new (task, FETCH_LINES, url, limits, cancellable);
  g_task_set_source_tag (task, pt_fetch_lines_async);
  if (fetch == NULL)
    return;
  fetch->line_func = line_func;
  fetch->line_data = line_data;
  fetch_send (session, task);
}

gboolean
pt_fetch_lines_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
pt_fetch_stream_async (SoupSession *session, const char *url, const PtFetchLimits *limits,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (SOUP_IS_SESSION (session));
  g_return_if_fail (url != NULL && limits != NULL);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_fetch_stream_async);
  if (fetch_new (task, FETCH_STREAM, url, limits, cancellable) != NULL)
    fetch_send (session, task);
}

GInputStream *
pt_fetch_stream_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* JSON */

typedef struct
{
  PtFetchConvert convert;
  gconstpointer convert_data;
  GDestroyNotify free_func;
  GBytes *body;
} Conversion;

static void
conversion_free (gpointer data)
{
  Conversion *conversion = data;

  g_clear_pointer (&conversion->body, g_bytes_unref);
  g_free (conversion);
}

static void
convert_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Conversion *conversion = task_data;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  gpointer made = NULL;
  gsize size;
  const char *data = g_bytes_get_data (conversion->body, &size);

  if (size == 0 || !pt_json_is_shallow (data, size, JSON_DEPTH)
      || !json_parser_load_from_data (parser, data, (gssize) size, NULL)
      || json_parser_get_root (parser) == NULL)
    g_set_error_literal (&error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                         _ ("What it answers is not JSON."));
  else
    made = conversion->convert (json_parser_get_root (parser), conversion->convert_data, &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, made, conversion->free_func);
}

static void
json_fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Conversion *conversion = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  conversion->body = pt_fetch_bytes_finish (result, &error);
  if (conversion->body == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_run_in_thread (task, convert_thread);
}

void
pt_fetch_json_async (SoupSession *session, const char *url, const PtFetchLimits *limits,
                     PtFetchConvert convert, gconstpointer convert_data, GDestroyNotify free_func,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Conversion *conversion;

  g_return_if_fail (SOUP_IS_SESSION (session));
  g_return_if_fail (url != NULL && limits != NULL);
  g_return_if_fail (convert != NULL && free_func != NULL);
  task = g_task_new (session, cancellable, callback, user_data);
  conversion = g_new0 (Conversion, 1);
  conversion->convert = convert;
  conversion->convert_data = convert_data;
  conversion->free_func = free_func;
  g_task_set_task_data (task, conversion, conversion_free);
  g_task_set_source_tag (task, pt_fetch_json_async);
  pt_fetch_bytes_async (session, url, limits, cancellable, json_fetched_cb, task);
}

gpointer
pt_fetch_json_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
