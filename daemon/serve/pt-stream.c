/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-stream.h"

#include <string.h>

#include "pt-connection.h"
#include "pt-error.h"
#include "pt-problem.h"

#define DATA "pt-stream"          /* of a message */
#define CHARGED (3 * 1024 * 1024) /* what one has on its way at most */
#define ENOUGH_READ (64 * 1024)   /* then there is room for more answers */
#define HEAD                                                                                       \
  "HTTP/1.1 200 OK\r\nServer: powertrackd\r\nX-Content-Type-Options: nosniff\r\n"                  \
  "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"

struct _PtStream
{
  SoupServerMessage *message;
  PtConnection *connection;
  PtBudget *bodies;
  char *who;
  const PtStreamTaker *taker;
  gpointer data;
  GByteArray *unread; /* of the answer: not written yet */
  GSource *write_source;
  gboolean has_begun, has_come, is_ending, is_over;
};

static void
stream_free (gpointer data)
{
  PtStream *stream = data;

  if (stream->write_source != NULL)
    g_source_destroy (stream->write_source);
  g_clear_pointer (&stream->write_source, g_source_unref);
  g_byte_array_unref (stream->unread);
  g_object_unref (stream->connection);
  g_free (stream->who);
  g_free (stream);
}

static void
stream_finished (SoupServerMessage *message, gpointer data)
{
  PtStream *stream = data;
  const PtStreamTaker *taker = g_steal_pointer (&stream->taker);

  pt_budget_give (stream->bodies, stream->who, CHARGED);
  if (taker != NULL)
    taker->gone (stream->data);
  g_object_set_data (G_OBJECT (message), DATA, NULL);
}

/* Writing */

/* libsoup finds that nothing can be written or read any more, and so ends the message. */
static void
stream_leave (PtStream *stream, gboolean well)
{
  if (stream->is_over)
    return;
  stream->is_over = TRUE;
  if (well)
    pt_connection_end_streamed (stream->connection);
  else
    pt_connection_cut (stream->connection);
  if (!stream->has_come)
    return;
  soup_server_message_set_status (stream->message, SOUP_STATUS_OK, NULL);
  soup_server_message_unpause (stream->message);
}

static gboolean stream_write (GObject *output, gpointer data);

static void
stream_wait_to_write (PtStream *stream, GPollableOutputStream *output)
{
  if (stream->write_source != NULL)
    return;
  stream->write_source = g_pollable_output_stream_create_source (output, NULL);
  g_source_set_callback (stream->write_source, G_SOURCE_FUNC (stream_write), stream, NULL);
  g_source_attach (stream->write_source, NULL);
}

static void
stream_push (PtStream *stream)
{
  GPollableOutputStream *output = pt_connection_below (stream->connection);
  gboolean was_full = stream->unread->len > ENOUGH_READ;
  g_autoptr (GError) error = NULL;
  gssize size = 0;

  while (stream->unread->len > 0 && error == NULL)
    {
      size = g_pollable_output_stream_write_nonblocking (output, stream->unread->data,
                                                         stream->unread->len, NULL, &error);
      if (size > 0)
        g_byte_array_remove_range (stream->unread, 0, (guint) size);
      pt_connection_note_written (stream->connection, size, stream->unread->len > 0);
    }
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    stream_leave (stream, FALSE);
  else if (error != NULL)
    stream_wait_to_write (stream, output);
  else if (stream->is_ending)
    stream_leave (stream, TRUE);
  else if (was_full && stream->taker != NULL)
    stream->taker->go_on (stream->data);
}

static gboolean
stream_write (GObject *output, gpointer data)
{
  PtStream *stream = data;

  g_clear_pointer (&stream->write_source, g_source_unref);
  stream_push (stream);
  return G_SOURCE_REMOVE;
}

static void
stream_append (PtStream *stream, const char *text)
{
  g_byte_array_append (stream->unread, (const guint8 *) text, (guint) strlen (text));
}

static void
stream_begin_answer (PtStream *stream)
{
  const char *hsts = pt_connection_listen (stream->connection)->hsts;

  if (stream->has_begun)
    return;
  stream->has_begun = TRUE;
  stream_append (stream, HEAD);
  if (hsts != NULL)
    {
      stream_append (stream, "Strict-Transport-Security: ");
      stream_append (stream, hsts);
      stream_append (stream, "\r\n");
    }
  stream_append (stream, "\r\n");
}

void
pt_stream_say (PtStream *stream, const char *text)
{
  char size[32];

  g_return_if_fail (stream != NULL && text != NULL && text[0] != '\0' && !stream->is_ending);

  if (stream->is_over)
    return;
  stream_begin_answer (stream);
  g_snprintf (size, sizeof size, "%zx\r\n", strlen (text));
  stream_append (stream, size);
  stream_append (stream, text);
  stream_append (stream, "\r\n");
  if (stream->write_source == NULL)
    stream_push (stream);
}

gsize
pt_stream_unread (PtStream *stream)
{
  g_return_val_if_fail (stream != NULL, 0);

  return stream->unread->len;
}

void
pt_stream_end (PtStream *stream)
{
  g_return_if_fail (stream != NULL && !stream->is_ending);

  stream_begin_answer (stream);
  stream_append (stream, "0\r\n\r\n");
  stream->is_ending = TRUE;
  if (stream->write_source == NULL && !stream->is_over)
    stream_push (stream);
}

/* Reading */

void
pt_stream_hold (PtStream *stream, gboolean held)
{
  g_return_if_fail (stream != NULL);

  if (!stream->is_over)
    pt_connection_hold (stream->connection, held);
}

static void
stream_got_chunk (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  PtStream *stream = data;
  gsize size;
  const char *bytes = g_bytes_get_data (chunk, &size);

  if (stream->taker != NULL && !stream->is_over && size > 0)
    stream->taker->take (stream->data, bytes, size);
}

void
pt_stream_came (PtStream *stream)
{
  g_return_if_fail (stream != NULL);

  /* What was ended before its body is never answered by libsoup. */
  soup_server_message_pause (stream->message);
  stream->has_come = TRUE;
  if (stream->is_over)
    soup_server_message_unpause (stream->message);
  else if (stream->taker != NULL)
    stream->taker->came (stream->data);
}

PtStream *
pt_stream_of (SoupServerMessage *message)
{
  g_return_val_if_fail (SOUP_IS_SERVER_MESSAGE (message), NULL);

  return g_object_get_data (G_OBJECT (message), DATA);
}

/* Beginning */

void
pt_stream_set_taker (PtStream *stream, const PtStreamTaker *taker, gpointer data)
{
  g_return_if_fail (stream != NULL && stream->taker == NULL && taker != NULL);

  stream->taker = taker;
  stream->data = data;
}

SoupServerMessage *
pt_stream_message (PtStream *stream)
{
  g_return_val_if_fail (stream != NULL, NULL);

  return stream->message;
}

gboolean
pt_stream_fits (SoupServerMessage *message, gsize most)
{
  SoupMessageHeaders *headers;
  const char *type;

  g_return_val_if_fail (SOUP_IS_SERVER_MESSAGE (message), FALSE);

  headers = soup_server_message_get_request_headers (message);
  type = soup_message_headers_get_content_type (headers, NULL);
  if (type == NULL || g_ascii_strcasecmp (type, "application/x-ndjson") != 0
      || soup_server_message_get_http_version (message) == SOUP_HTTP_1_0
      || pt_connection_of (message) == NULL)
    return FALSE;
  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED
         || soup_message_headers_get_content_length (headers) > (goffset) most;
}

void
pt_stream_begin (SoupServerMessage *message, PtRouteMatch *match, PtBudget *bodies)
{
  PtConnection *connection;
  g_autoptr (GError) error = NULL;
  PtStream *stream;

  g_return_if_fail (SOUP_IS_SERVER_MESSAGE (message) && match->route->stream != NULL);

  connection = pt_connection_of (message);
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  if (pt_budget_take (bodies, pt_connection_who (connection), CHARGED) != PT_BUDGET_TAKEN)
    {
      pt_connection_refuse (connection, SOUP_STATUS_SERVICE_UNAVAILABLE, PT_ERROR_BUSY,
                            "Too much is on its way. Send it again in a moment.");
      return;
    }
  stream = g_new0 (PtStream, 1);
  stream->message = message;
  stream->connection = g_object_ref (connection);
  stream->bodies = bodies;
  stream->who = g_strdup (pt_connection_who (connection));
  stream->unread = g_byte_array_new ();
  g_object_set_data_full (G_OBJECT (message), DATA, stream, stream_free);
  g_signal_connect (message, "got-chunk", G_CALLBACK (stream_got_chunk), stream);
  g_signal_connect (message, "finished", G_CALLBACK (stream_finished), stream);
  pt_connection_be_streamed (connection);
  if (match->route->stream (stream, match->context, &error))
    return;
  stream->is_over = TRUE;
  pt_connection_refuse (connection, pt_problem_status (error), (PtErrorCode) error->code,
                        error->message);
}
