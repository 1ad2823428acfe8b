/* SPDX-License-Identifier: Apache-2.0 */
/* What a PtConnection does with requests that go past libsoup. */
#include <errno.h>
#include <sys/socket.h>

#include "pt-connection-private.h"

/* Waiting */

/* What wakes libsoup is the stream's source that has this one for a child. */
static gboolean
sleep_over (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
sleep_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  return G_SOURCE_CONTINUE;
}

GSource *
pt_connection_sleep (PtConnection *connection)
{
  static GSourceFuncs funcs = { .dispatch = sleep_dispatch, .closure_callback = sleep_over };
  g_autoptr (GSource) wake = NULL;

  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  wake = g_cancellable_source_new (connection->wake);
  g_source_set_dummy_callback (wake);
  g_clear_pointer (&connection->sleep, g_source_unref);
  connection->sleep = g_source_new (&funcs, sizeof (GSource));
  g_source_add_child_source (connection->sleep, wake);
  return g_source_ref (connection->sleep);
}

/* While libsoup does not know of it. */
static void
connection_pump_alone (PtConnection *connection)
{
  if (!pt_connection_advance (connection))
    return;
  if (connection->ready > 0)
    pt_connection_give (connection);
  else
    pt_connection_end (connection);
}

void
pt_connection_pump (PtConnection *connection)
{
  g_autoptr (PtConnection) guard = NULL;

  g_return_if_fail (PT_IS_CONNECTION (connection));

  guard = g_object_ref (connection);
  if (connection->server != NULL)
    connection_pump_alone (connection);
  else if (connection->sleep != NULL && !g_source_is_destroyed (connection->sleep)
           && pt_connection_advance (connection))
    g_source_set_ready_time (connection->sleep, 0);
}

/* Requests */

gboolean
pt_connection_begin_fast (PtConnection *connection, gsize head)
{
  const char *data = (const char *) connection->ahead->data + connection->at;

  g_return_val_if_fail (PT_IS_CONNECTION (connection), FALSE);

  if (connection->fast == NULL || connection->framing.state != PT_FRAMING_LENGTH
      || !pt_fast_wants (connection->fast, data, head, connection->framing.left))
    return FALSE;
  connection->fast_head = head;
  pt_connection_enter (connection, PT_CONNECTION_BODY);
  return TRUE;
}

void
pt_connection_parse_fast (PtConnection *connection)
{
  gsize head = connection->fast_head, there, size;
  const char *body;

  g_return_if_fail (PT_IS_CONNECTION (connection) && head > 0);

  there = connection->ahead->len - connection->at - head;
  size = (gsize) connection->framing.left;
  connection->body_bytes = there;
  connection->is_hungry = there < size;
  if (connection->is_hungry)
    return;
  connection->fast_head = 0;
  body = (const char *) connection->ahead->data + connection->at + head;
  connection->is_fast = pt_fast_take (connection->fast, connection, body, size);
  if (!connection->is_fast) /* from its head on */
    {
      connection->ready = head;
      return;
    }
  connection->at += head + size;
  connection->framing.left = 0;
  connection->framing.state = PT_FRAMING_DONE;
  pt_connection_enter (connection, PT_CONNECTION_ANSWER);
  pt_connection_give_memory_back (connection);
}

/* Answers */

/* How much of it; -1: it failed. */
static gssize
connection_send (PtConnection *connection, const char *text, gsize size)
{
  g_autoptr (GError) error = NULL;
  gssize sent;

  if (!connection->is_tls)
    {
      sent = send (g_socket_get_fd (connection->socket), text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
      return sent >= 0 ? sent : errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
    }
  sent = g_pollable_output_stream_write_nonblocking (
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (connection->base)), text, size, NULL,
      &error);
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? 0 : sent;
}

static gboolean connection_send_rest (GObject *stream, gpointer data);

static void
connection_wait_to_send (PtConnection *connection)
{
  GOutputStream *output = g_io_stream_get_output_stream (connection->base);

  connection->unsent_source = g_pollable_output_stream_create_source (
      G_POLLABLE_OUTPUT_STREAM (output), connection->wake);
  g_source_set_callback (connection->unsent_source, G_SOURCE_FUNC (connection_send_rest),
                         g_object_ref (connection), g_object_unref);
  g_source_attach (connection->unsent_source, NULL);
}

/* The rest stays in ->unsent. */
static void
connection_go_on (PtConnection *connection, const char *text, gsize size)
{
  gssize sent = connection->ended ? -1 : connection_send (connection, text, size);
  GBytes *rest = NULL;

  if (sent < 0)
    connection->ended = TRUE;
  else if ((gsize) sent < size)
    rest = g_bytes_new (text + sent, size - (gsize) sent);
  if (sent > 0)
    g_atomic_pointer_add (&connection->written, sent);
  g_atomic_int_set (&connection->is_blocked, rest != NULL);
  g_clear_pointer (&connection->unsent, g_bytes_unref);
  connection->unsent = rest;
  if (rest != NULL)
    return;
  connection->is_fast = FALSE;
  pt_connection_pump (connection);
}

static gboolean
connection_send_rest (GObject *stream, gpointer data)
{
  PtConnection *connection = data;
  g_autoptr (GBytes) unsent = g_bytes_ref (connection->unsent);

  connection_go_on (connection, g_bytes_get_data (unsent, NULL), g_bytes_get_size (unsent));
  if (connection->unsent != NULL)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&connection->unsent_source, g_source_unref);
  return G_SOURCE_REMOVE;
}

void
pt_connection_answer_fast (PtConnection *connection, const char *text, gsize size)
{
  g_return_if_fail (PT_IS_CONNECTION (connection) && connection->unsent == NULL);

  connection_go_on (connection, text, size);
  if (connection->unsent != NULL)
    connection_wait_to_send (connection);
}

void
pt_connection_leave_fast (PtConnection *connection)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  if (connection->fast != NULL && !g_socket_is_closed (connection->socket))
    pt_fast_forget (connection->fast, g_socket_get_fd (connection->socket));
  connection->fast = NULL;
  if (connection->unsent_source != NULL)
    g_source_destroy (connection->unsent_source);
  g_clear_pointer (&connection->unsent_source, g_source_unref);
  g_clear_pointer (&connection->unsent, g_bytes_unref);
  g_clear_pointer (&connection->sleep, g_source_unref);
}
