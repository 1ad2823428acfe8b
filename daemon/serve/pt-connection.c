/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "pt-connection-private.h"
#include "pt-problem.h"

#define DATA "pt-connection" /* of the address that libsoup knows a client by */
#define READ_SIZE 16384
#define KEPT_SIZE 4096                      /* of memory by a connection that waits */
#define LINGER_BYTES_MAX (64 * 1024 * 1024) /* what a refused client may still send */

G_DEFINE_FINAL_TYPE (PtConnection, pt_connection, G_TYPE_IO_STREAM)

void
pt_connection_enter (PtConnection *connection, PtConnectionState state)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  connection->state = state;
  connection->since = g_get_monotonic_time ();
  connection->body_bytes = 0;
  connection->watched_since = 0;
}

static GInputStream *
base_input (PtConnection *connection)
{
  return g_io_stream_get_input_stream (connection->base);
}

/* Its end */

static void
connection_leave (PtConnection *connection)
{
  if (connection->has_left)
    return;
  connection->has_left = TRUE;
  if (connection->events.left != NULL)
    connection->events.left (connection, connection->events.data);
}

void
pt_connection_close (PtConnection *connection)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  if (connection->state == PT_CONNECTION_CLOSED)
    return;
  pt_connection_enter (connection, PT_CONNECTION_CLOSED);
  connection->ended = TRUE;
  if (connection->linger_source != NULL)
    g_source_destroy (connection->linger_source);
  g_clear_pointer (&connection->linger_source, g_source_unref);
  pt_connection_leave_fast (connection);
  if (connection->opening_source != NULL)
    g_source_destroy (connection->opening_source);
  g_clear_pointer (&connection->opening_source, g_source_unref);
  connection->server = NULL;
  g_socket_close (connection->socket, NULL);
  connection_leave (connection);
  if (connection->events.closed != NULL)
    connection->events.closed (connection, connection->events.data);
}

void
pt_connection_cut (PtConnection *connection)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  if (connection->state == PT_CONNECTION_CLOSED)
    return;
  connection->ended = TRUE;
  connection->ready = 0;
  /* Not closed: a thread may be writing to it, and its number must not become another's. */
  g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
  g_cancellable_cancel (connection->wake);
  connection_leave (connection);
  if (connection->server != NULL
      || (connection->state == PT_CONNECTION_ENDS && !connection->is_closing_tls))
    pt_connection_close (connection);
}

static gboolean
connection_linger (GSocket *socket, GIOCondition condition, gpointer data)
{
  PtConnection *connection = data;
  char away[READ_SIZE];
  gssize size = g_socket_receive_with_blocking (socket, away, sizeof away, FALSE, NULL, NULL);

  /* A wake-up without data comes as an error too; whoever waits for that is closed a little soon.
   */
  if (size > 0 && (connection->lingered += (gsize) size) < LINGER_BYTES_MAX)
    {
      connection->since = g_get_monotonic_time ();
      return G_SOURCE_CONTINUE;
    }
  pt_connection_close (connection);
  return G_SOURCE_REMOVE;
}

/* Closing a socket that has unread data resets the connection, and the client loses what was said
 * to it last (RFC 9112 section 9.6). */
static void
connection_begin_linger (PtConnection *connection)
{
  pt_connection_enter (connection, PT_CONNECTION_ENDS);
  connection->began = connection->since;
  g_socket_shutdown (connection->socket, FALSE, TRUE, NULL);
  connection->linger_source = g_socket_create_source (connection->socket, G_IO_IN, NULL);
  g_source_set_callback (connection->linger_source, G_SOURCE_FUNC (connection_linger),
                         g_object_ref (connection), g_object_unref);
  g_source_attach (connection->linger_source, NULL);
}

static void
tls_closed_cb (GObject *base, GAsyncResult *result, gpointer data)
{
  g_autoptr (PtConnection) connection = data;

  g_io_stream_close_finish (G_IO_STREAM (base), result, NULL);
  connection->is_closing_tls = FALSE;
  pt_connection_close (connection);
}

/* From libsoup, which is done with it. */
static gboolean
pt_connection_close_stream (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  PtConnection *connection = PT_CONNECTION (stream);

  connection->ended = TRUE;
  if (connection->state == PT_CONNECTION_CLOSED || connection->state == PT_CONNECTION_ENDS)
    return TRUE;
  if (connection->was_refused && !g_socket_is_closed (connection->socket))
    connection_begin_linger (connection);
  else if (connection->is_tls)
    {
      /* Its last word may have to wait, and the main loop does not. */
      pt_connection_enter (connection, PT_CONNECTION_ENDS);
      connection->is_closing_tls = TRUE;
      g_io_stream_close_async (connection->base, G_PRIORITY_DEFAULT, NULL, tls_closed_cb,
                               g_object_ref (connection));
    }
  else
    pt_connection_close (connection);
  return TRUE;
}

void
pt_connection_end (PtConnection *connection)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  connection->server = NULL;
  pt_connection_close_stream (G_IO_STREAM (connection), NULL, NULL);
}

/* Refusing */

static gboolean
pump_cb (gpointer connection)
{
  pt_connection_pump (connection);
  return G_SOURCE_REMOVE;
}

static void
connection_end_refused (PtConnection *connection)
{
  if (connection->server != NULL) /* nobody else comes to find it at its end */
    g_idle_add_full (G_PRIORITY_DEFAULT, pump_cb, g_object_ref (connection), g_object_unref);
  connection->ended = connection->was_refused = TRUE;
  connection->ready = 0;
  g_cancellable_cancel (connection->wake);
}

void
pt_connection_refuse (PtConnection *connection, guint status, PtErrorCode code,
                      const char *sentence)
{
  g_autofree char *body = NULL;
  g_autofree char *text = NULL;
  GPollableOutputStream *output;

  g_return_if_fail (PT_IS_CONNECTION (connection) && sentence != NULL);

  if (connection->ended)
    return;
  body = pt_problem_text (status, code, sentence);
  text = g_strdup_printf ("HTTP/1.1 %u %s\r\nContent-Type: application/problem+json\r\n"
                          "Content-Length: %" G_GSIZE_FORMAT "\r\n%sConnection: close\r\n\r\n%s",
                          status, soup_status_get_phrase (status), strlen (body),
                          status == SOUP_STATUS_SERVICE_UNAVAILABLE ? "Retry-After: 1\r\n" : "",
                          connection->framing.is_head ? "" : body);
  output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (connection->base));
  /* A few hundred bytes, and nothing of this answer is there before them. */
  g_pollable_output_stream_write_nonblocking (output, text, strlen (text), NULL, NULL);
  connection_end_refused (connection);
}

void
pt_connection_end_streamed (PtConnection *connection)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  if (!connection->ended)
    connection_end_refused (connection);
}

/* Streams */

void
pt_connection_be_streamed (PtConnection *connection)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  connection->is_streamed = TRUE;
}

void
pt_connection_hold (PtConnection *connection, gboolean held)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  if (connection->is_held == held)
    return;
  connection->is_held = held;
  connection->watched_since = 0;
  if (!held && connection->sleep != NULL && !g_source_is_destroyed (connection->sleep))
    g_source_set_ready_time (connection->sleep, 0);
}

GPollableOutputStream *
pt_connection_below (PtConnection *connection)
{
  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  return G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (connection->base));
}

void
pt_connection_note_written (PtConnection *connection, gssize size, gboolean waits)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  if (size > 0)
    g_atomic_pointer_add (&connection->written, size);
  g_atomic_int_set (&connection->is_blocked, waits);
}

/* Reading */

/* Clients of HTTP/1.0 need not name a host; libsoup loses the query of those that do not. */
static gsize
connection_add_host (PtConnection *connection, gsize head)
{
  static const char host[] = "Host: localhost\r\n\r\n";
  GByteArray *ahead = connection->ahead;
  gsize end = connection->at + head - 2, rest = ahead->len - connection->at - head;

  g_byte_array_set_size (ahead, ahead->len + (guint) (sizeof host - 1 - 2));
  memmove (ahead->data + end + sizeof host - 1, ahead->data + end + 2, rest);
  memcpy (ahead->data + end, host, sizeof host - 1);
  return head + sizeof host - 1 - 2;
}

static void
connection_parse_head (PtConnection *connection)
{
  const char *data = (const char *) connection->ahead->data + connection->at;
  gsize size = connection->ahead->len - connection->at, head;
  const char *wrong;

  if (connection->state == PT_CONNECTION_IDLE)
    pt_connection_enter (connection, PT_CONNECTION_HEAD);
  head = pt_framing_head (&connection->framing, data, MIN (size, PT_FRAMING_HEAD_MAX), &wrong);
  if (wrong != NULL)
    pt_connection_refuse (connection, SOUP_STATUS_BAD_REQUEST, PT_ERROR_MALFORMED, wrong);
  else if (head == 0 && size >= PT_FRAMING_HEAD_MAX)
    pt_connection_refuse (connection, 431, PT_ERROR_TOO_LARGE,
                          "The request's head is larger than 32 KiB.");
  else if (head == 0)
    connection->is_hungry = TRUE;
  else if (!pt_connection_begin_fast (connection, head))
    {
      gboolean bare = connection->framing.state == PT_FRAMING_DONE;

      connection->ready
          = connection->framing.has_host ? head : connection_add_host (connection, head);
      pt_connection_enter (connection, bare ? PT_CONNECTION_ANSWER : PT_CONNECTION_BODY);
    }
}

static void
connection_parse_body (PtConnection *connection)
{
  const char *data = (const char *) connection->ahead->data + connection->at, *wrong;
  gsize size = connection->ahead->len - connection->at;
  gsize taken = pt_framing_body (&connection->framing, data, size, &wrong);

  if (wrong != NULL)
    {
      pt_connection_refuse (connection, SOUP_STATUS_BAD_REQUEST, PT_ERROR_MALFORMED, wrong);
      return;
    }
  connection->ready = taken;
  connection->body_bytes += taken;
  if (connection->framing.state == PT_FRAMING_DONE)
    pt_connection_enter (connection, PT_CONNECTION_ANSWER);
}

/* Empty lines before a request are passed over (RFC 9112 section 2.2). */
static gsize
connection_skip_lines (PtConnection *connection)
{
  GByteArray *ahead = connection->ahead;

  while (connection->framing.scanned == 0 && ahead->len - connection->at >= 2
         && memcmp (ahead->data + connection->at, "\r\n", 2) == 0)
    connection->at += 2;
  return ahead->len - connection->at;
}

static void
connection_parse (PtConnection *connection)
{
  if (connection->fast_head > 0)
    pt_connection_parse_fast (connection);
  else if (connection->framing.state != PT_FRAMING_HEAD)
    connection_parse_body (connection);
  else if (connection_skip_lines (connection) > 0)
    connection_parse_head (connection);
}

/* At most READ_SIZE; 0: the end, or it failed; -1: nothing is there. */
static gssize
connection_receive (PtConnection *connection, char *buffer)
{
  g_autoptr (GError) error = NULL;
  gssize size;

  if (!connection->is_tls)
    {
      size = recv (g_socket_get_fd (connection->socket), buffer, READ_SIZE, MSG_DONTWAIT);
      return size >= 0 ? size : errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? -1 : 0;
    }
  size = g_pollable_input_stream_read_nonblocking (
      G_POLLABLE_INPUT_STREAM (base_input (connection)), buffer, READ_SIZE, NULL, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return -1;
  return MAX (size, 0);
}

/* FALSE: nothing is there. *@drained: it has read all that was. */
static gboolean
connection_fill (PtConnection *connection, gboolean *drained)
{
  GByteArray *ahead = connection->ahead;
  char buffer[READ_SIZE];
  gssize size = *drained ? -1 : connection_receive (connection, buffer);

  if (size < 0)
    return FALSE;
  *drained = !connection->is_tls && size < READ_SIZE;
  if (size == 0) /* libsoup closes what has ended, but not what failed */
    {
      connection->ended = TRUE;
      return TRUE;
    }
  if (connection->at > 0)
    g_byte_array_remove_range (ahead, 0, (guint) connection->at);
  connection->at = 0;
  g_byte_array_append (ahead, (const guint8 *) buffer, (guint) size);
  connection->is_hungry = FALSE;
  return TRUE;
}

/* libsoup asks for the next request when it has written the answer to the last one. */
static void
connection_next_request (PtConnection *connection)
{
  if (connection->framing.state != PT_FRAMING_DONE || connection->ready > 0)
    return;
  pt_framing_begin (&connection->framing);
  connection->is_hungry = FALSE;
  pt_connection_enter (connection, PT_CONNECTION_IDLE);
}

static gboolean
connection_has_unread (PtConnection *connection)
{
  return connection->ahead->len > connection->at && !connection->is_hungry;
}

void
pt_connection_give_memory_back (PtConnection *connection)
{
  guint size;

  g_return_if_fail (PT_IS_CONNECTION (connection));

  size = connection->ahead->len;
  if (connection->at < size)
    return;
  connection->at = 0;
  g_byte_array_set_size (connection->ahead, 0);
  if (size <= KEPT_SIZE)
    return;
  g_byte_array_unref (connection->ahead);
  connection->ahead = g_byte_array_new ();
}

/* Whether libsoup has nothing of a request that it did not answer. */
static gboolean
connection_is_between (PtConnection *connection)
{
  return connection->framing.state == PT_FRAMING_HEAD
         || connection->framing.state == PT_FRAMING_DONE || connection->fast_head > 0;
}

/* libsoup keeps a connection for ever, and its descriptor, that ends before the first byte of any
 * request but the first (seen with 3.2). So it gets one, and what follows is a request cut off. */
static gssize
connection_say_end (PtConnection *connection, char *buffer)
{
  if (!connection_is_between (connection) || connection->has_said_end)
    return 0;
  connection->has_said_end = TRUE;
  buffer[0] = 'G';
  return 1;
}

gboolean
pt_connection_advance (PtConnection *connection)
{
  gboolean drained = FALSE;

  g_return_val_if_fail (PT_IS_CONNECTION (connection), TRUE);

  while (connection->ready == 0 && !connection->ended && !connection->is_fast
         && !connection->is_held)
    {
      connection_next_request (connection);
      if (connection_has_unread (connection))
        connection_parse (connection);
      else if (!connection_fill (connection, &drained))
        break;
    }
  return connection->ready > 0 || connection->ended;
}

gssize
pt_connection_read (PtConnection *connection, void *buffer, gsize count, GError **error)
{
  gsize size;

  g_return_val_if_fail (PT_IS_CONNECTION (connection) && buffer != NULL, -1);

  if (!pt_connection_advance (connection))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Nothing is there yet.");
      return -1;
    }
  size = MIN (count, connection->ready);
  if (size == 0)
    return connection_say_end (connection, buffer);
  memcpy (buffer, connection->ahead->data + connection->at, size);
  connection->at += size;
  connection->ready -= size;
  pt_connection_give_memory_back (connection);
  return (gssize) size;
}

GSource *
pt_connection_read_source (PtConnection *connection)
{
  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  if (pt_connection_advance (connection))
    return g_timeout_source_new (0);
  if (connection->is_held || (connection->fast != NULL && connection_is_between (connection)))
    return pt_connection_sleep (connection);
  return g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (base_input (connection)),
                                                connection->wake);
}

/* Deadlines */

#define OPEN_S 10
#define WANTED_S 2 /* of a thread that waits for it, while others wait for a thread */
#define IDLE_S 75
#define HEAD_S 20
#define BODY_MOST_S 600
#define MOVE_S 30     /* in which something has to move, of a body or of an answer */
#define MOVE_RATE 256 /* bytes a second */
#define LINGER_S 5
#define LINGER_MOST_S 60
/* In want. */
#define TIGHT_S 5
#define TIGHT_RATE (32 * 1024)

/* Looked at again and again while it ought to move: whether in all of the last while it moved less
 * than a bad line would. @moved: bytes so far. */
static gboolean
connection_is_slow (PtConnection *connection, gint64 now, guint64 moved, gboolean tight)
{
  gint64 lasts = now - connection->watched_since;
  guint64 least = tight ? TIGHT_S * TIGHT_RATE : MOVE_S * MOVE_RATE;
  gboolean is_slow;

  if (connection->watched_since == 0)
    {
      connection->watched_since = now;
      connection->moved_then = moved;
      return FALSE;
    }
  if (lasts < (tight ? TIGHT_S : MOVE_S) * G_USEC_PER_SEC)
    return FALSE;
  is_slow = moved - connection->moved_then < least;
  connection->watched_since = now;
  connection->moved_then = moved;
  return is_slow;
}

static void
connection_look_at_writing (PtConnection *connection, gint64 now, gboolean tight)
{
  if (!g_atomic_int_get (&connection->is_blocked))
    connection->watched_since = 0;
  else if (connection_is_slow (connection, now, (gsize) g_atomic_pointer_get (&connection->written),
                               tight))
    pt_connection_cut (connection);
}

/* It may wait for us, or for its client to read; else it has to move. */
static void
connection_look_at_stream (PtConnection *connection, gint64 now, gboolean tight)
{
  if (connection->is_held || g_atomic_int_get (&connection->is_blocked))
    connection_look_at_writing (connection, now, tight);
  else if (connection_is_slow (connection, now, connection->body_bytes, tight))
    pt_connection_cut (connection);
}

static void
connection_look_at_body (PtConnection *connection, gint64 now, gboolean tight)
{
  if (connection->is_streamed)
    connection_look_at_stream (connection, now, tight);
  else if (connection_is_slow (connection, now, connection->body_bytes, tight)
           || now - connection->since > BODY_MOST_S * G_USEC_PER_SEC)
    pt_connection_refuse (connection, SOUP_STATUS_REQUEST_TIMEOUT, PT_ERROR_MALFORMED,
                          "The body came too slowly. Send it again, in smaller parts.");
}

/* Whoever has answered is not to blame that no thread has read it. */
static void
connection_look_at_opening (PtConnection *connection, gint64 now, gboolean tight, gboolean wanted)
{
  gint64 most = tight ? TIGHT_S : wanted ? WANTED_S : OPEN_S;

  if (pt_connection_waits_for_thread (connection))
    connection->since = now;
  else if (now - connection->since > most * G_USEC_PER_SEC)
    pt_connection_cut (connection);
}

void
pt_connection_look (PtConnection *connection, gint64 now, gboolean tight, gboolean wanted)
{
  double lasts;

  g_return_if_fail (PT_IS_CONNECTION (connection));

  lasts = (double) (now - connection->since) / G_USEC_PER_SEC;
  switch (connection->state)
    {
    case PT_CONNECTION_OPENS:
      connection_look_at_opening (connection, now, tight, wanted);
      break;
    case PT_CONNECTION_IDLE:
      if (lasts > (tight ? TIGHT_S : IDLE_S))
        pt_connection_cut (connection);
      break;
    case PT_CONNECTION_HEAD:
      if (lasts > (tight ? TIGHT_S : HEAD_S))
        pt_connection_refuse (connection, SOUP_STATUS_REQUEST_TIMEOUT, PT_ERROR_MALFORMED,
                              "The request's head came too slowly.");
      break;
    case PT_CONNECTION_BODY:
      connection_look_at_body (connection, now, tight);
      break;
    case PT_CONNECTION_ANSWER:
      connection_look_at_writing (connection, now, tight);
      break;
    case PT_CONNECTION_ENDS:
      if (lasts > (tight ? 1 : LINGER_S)
          || now - connection->began > LINGER_MOST_S * G_USEC_PER_SEC)
        pt_connection_cut (connection);
      break;
    case PT_CONNECTION_CLOSED:
      break;
    }
}

gint64
pt_connection_idle_since (PtConnection *connection)
{
  g_return_val_if_fail (PT_IS_CONNECTION (connection), 0);

  switch (connection->state)
    {
    case PT_CONNECTION_OPENS:
    case PT_CONNECTION_IDLE:
    case PT_CONNECTION_HEAD:
    case PT_CONNECTION_ENDS:
      return connection->has_left ? 0 : connection->since;
    case PT_CONNECTION_BODY:
    case PT_CONNECTION_ANSWER:
    case PT_CONNECTION_CLOSED:
      break;
    }
  return 0;
}

/* Serving */

void
pt_connection_give (PtConnection *connection)
{
  SoupServer *server;
  g_autoptr (GSocketAddress) local = NULL;

  g_return_if_fail (PT_IS_CONNECTION (connection) && connection->server != NULL);

  server = g_steal_pointer (&connection->server);
  local = g_socket_get_local_address (connection->socket, NULL);
  if (local == NULL) /* it has gone already */
    pt_connection_close (connection);
  else
    soup_server_accept_iostream (server, G_IO_STREAM (connection), local, connection->remote, NULL);
}

void
pt_connection_serve (PtConnection *connection, SoupServer *server, PtFast *fast)
{
  g_return_if_fail (PT_IS_CONNECTION (connection) && SOUP_IS_SERVER (server));

  if (connection->remote == NULL)
    connection->remote = g_socket_get_remote_address (connection->socket, NULL);
  if (connection->remote == NULL) /* it has gone already */
    {
      pt_connection_close (connection);
      return;
    }
  g_object_set_data (G_OBJECT (connection->remote), DATA, connection);
  connection->server = server;
  if (fast != NULL && (connection->listen->serves & PT_SERVES_DEVICES) != 0
      && pt_fast_watch (fast, g_socket_get_fd (connection->socket), connection))
    connection->fast = fast;
  if (connection->fast != NULL)
    pt_connection_pump (connection); /* TLS may have read a request already */
  else
    pt_connection_give (connection);
}

PtConnection *
pt_connection_of (SoupServerMessage *message)
{
  GSocketAddress *address;

  g_return_val_if_fail (SOUP_IS_SERVER_MESSAGE (message), NULL);

  address = soup_server_message_get_remote_address (message);
  return address != NULL ? g_object_get_data (G_OBJECT (address), DATA) : NULL;
}

const char *
pt_connection_who (PtConnection *connection)
{
  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  return connection->who;
}

const PtListen *
pt_connection_listen (PtConnection *connection)
{
  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  return connection->listen;
}

GSocketAddress *
pt_connection_remote (PtConnection *connection)
{
  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  return connection->remote;
}

gboolean
pt_connection_is_counted (PtConnection *connection)
{
  g_return_val_if_fail (PT_IS_CONNECTION (connection), FALSE);

  return !connection->has_left;
}

const PtShown *
pt_connection_shown (PtConnection *connection)
{
  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  return connection->shown;
}

void
pt_connection_forget (PtConnection *connection)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  connection->events = (PtConnectionEvents){ 0 };
}

PtConnection *
pt_connection_new (GSocket *socket, const PtListen *listen, const char *who,
                   const PtConnectionEvents *events)
{
  PtConnection *connection;

  g_return_val_if_fail (G_IS_SOCKET (socket) && listen != NULL && events != NULL, NULL);

  connection = g_object_new (PT_TYPE_CONNECTION, NULL);
  connection->socket = g_object_ref (socket);
  g_socket_set_blocking (socket, FALSE);
  if (g_socket_get_family (socket) != G_SOCKET_FAMILY_UNIX)
    g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  connection->base = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  connection->listen = listen;
  connection->who = g_strdup (who);
  connection->events = *events;
  return connection;
}

static GInputStream *
pt_connection_get_input (GIOStream *stream)
{
  return PT_CONNECTION (stream)->input;
}

static GOutputStream *
pt_connection_get_output (GIOStream *stream)
{
  return PT_CONNECTION (stream)->output;
}

static void
pt_connection_dispose (GObject *object)
{
  PtConnection *connection = PT_CONNECTION (object);

  /* The streams may be held for longer than what they are of. */
  if (connection->input != NULL)
    pt_connection_input_detach (connection->input);
  if (connection->output != NULL)
    pt_connection_output_detach (connection->output);
  if (connection->remote != NULL)
    g_object_set_data (G_OBJECT (connection->remote), DATA, NULL);
  G_OBJECT_CLASS (pt_connection_parent_class)->dispose (object);
}

static void
pt_connection_finalize (GObject *object)
{
  PtConnection *connection = PT_CONNECTION (object);

  g_clear_object (&connection->input);
  g_clear_object (&connection->output);
  g_clear_object (&connection->base);
  g_clear_object (&connection->socket);
  g_clear_object (&connection->remote);
  g_clear_object (&connection->wake);
  g_byte_array_unref (connection->ahead);
  g_free (connection->who);
  g_free (connection->shown);
  G_OBJECT_CLASS (pt_connection_parent_class)->finalize (object);
}

static void
pt_connection_class_init (PtConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pt_connection_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_connection_finalize;
  G_IO_STREAM_CLASS (klass)->get_input_stream = pt_connection_get_input;
  G_IO_STREAM_CLASS (klass)->get_output_stream = pt_connection_get_output;
  G_IO_STREAM_CLASS (klass)->close_fn = pt_connection_close_stream;
}

static void
pt_connection_init (PtConnection *connection)
{
  connection->ahead = g_byte_array_new ();
  connection->wake = g_cancellable_new ();
  pt_framing_begin (&connection->framing);
  pt_connection_enter (connection, PT_CONNECTION_OPENS);
}
