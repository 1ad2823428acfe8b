/* SPDX-License-Identifier: Apache-2.0 */
/* The two sides of a PtConnection, as GIO and libsoup know streams. */
#include "pt-connection-private.h"

/* Reading: on the main loop alone. */

#define PT_TYPE_CONNECTION_INPUT (pt_connection_input_get_type ())
G_DECLARE_FINAL_TYPE (PtConnectionInput, pt_connection_input, PT, CONNECTION_INPUT, GInputStream)

struct _PtConnectionInput
{
  GInputStream parent;
  PtConnection *connection; /* NULL: it has gone */
};

static gboolean
input_can_poll (GPollableInputStream *stream)
{
  return TRUE;
}

static gboolean
input_is_readable (GPollableInputStream *stream)
{
  PtConnectionInput *input = PT_CONNECTION_INPUT (stream);

  return input->connection == NULL || pt_connection_advance (input->connection);
}

static gssize
input_read (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  PtConnectionInput *input = PT_CONNECTION_INPUT (stream);

  return input->connection != NULL ? pt_connection_read (input->connection, buffer, count, error)
                                   : 0;
}

static GSource *
input_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  PtConnectionInput *input = PT_CONNECTION_INPUT (stream);
  g_autoptr (GSource) below = input->connection != NULL
                                  ? pt_connection_read_source (input->connection)
                                  : g_timeout_source_new (0);

  return g_pollable_source_new_full (stream, below, cancellable);
}

static void
input_be_pollable (GPollableInputStreamInterface *iface)
{
  iface->can_poll = input_can_poll;
  iface->is_readable = input_is_readable;
  iface->read_nonblocking = input_read;
  iface->create_source = input_source;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PtConnectionInput, pt_connection_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      input_be_pollable))

/* Nobody waits on the main loop. */
static gssize
pt_connection_input_read_and_wait (GInputStream *stream, void *buffer, gsize count,
                                   GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Poll this stream.");
  return -1;
}

static void
pt_connection_input_class_init (PtConnectionInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = pt_connection_input_read_and_wait;
}

static void
pt_connection_input_init (PtConnectionInput *input)
{
}

GInputStream *
pt_connection_input_new (PtConnection *connection)
{
  PtConnectionInput *input;

  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  input = g_object_new (PT_TYPE_CONNECTION_INPUT, NULL);
  input->connection = connection;
  return G_INPUT_STREAM (input);
}

void
pt_connection_input_detach (GInputStream *stream)
{
  g_return_if_fail (PT_IS_CONNECTION_INPUT (stream));

  PT_CONNECTION_INPUT (stream)->connection = NULL;
}

/* Writing: libsoup ends chunked bodies on a thread of its own. */

#define PT_TYPE_CONNECTION_OUTPUT (pt_connection_output_get_type ())
G_DECLARE_FINAL_TYPE (PtConnectionOutput, pt_connection_output, PT, CONNECTION_OUTPUT,
                      GOutputStream)

struct _PtConnectionOutput
{
  GOutputStream parent;
  PtConnection *connection; /* NULL: it has gone */
  GOutputStream *below;
};

static gboolean
output_has_ended (PtConnectionOutput *output, GError **error)
{
  if (output->connection != NULL && !output->connection->ended)
    return FALSE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "The connection was ended.");
  return TRUE;
}

static void
output_wrote (PtConnectionOutput *output, gssize size, gsize count)
{
  if (size > 0)
    g_atomic_pointer_add (&output->connection->written, size);
  g_atomic_int_set (&output->connection->is_blocked, size < (gssize) count);
}

static gboolean
output_can_poll (GPollableOutputStream *stream)
{
  return TRUE;
}

static gboolean
output_is_writable (GPollableOutputStream *stream)
{
  return g_pollable_output_stream_is_writable (
      G_POLLABLE_OUTPUT_STREAM (PT_CONNECTION_OUTPUT (stream)->below));
}

static gssize
output_write (GPollableOutputStream *stream, const void *buffer, gsize count, GError **error)
{
  PtConnectionOutput *output = PT_CONNECTION_OUTPUT (stream);
  gssize size;

  if (output_has_ended (output, error))
    return -1;
  size = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output->below),
                                                     buffer, count, NULL, error);
  output_wrote (output, size, count);
  return size;
}

static GSource *
output_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) below = g_pollable_output_stream_create_source (
      G_POLLABLE_OUTPUT_STREAM (PT_CONNECTION_OUTPUT (stream)->below), NULL);

  return g_pollable_source_new_full (stream, below, cancellable);
}

static void
output_be_pollable (GPollableOutputStreamInterface *iface)
{
  iface->can_poll = output_can_poll;
  iface->is_writable = output_is_writable;
  iface->write_nonblocking = output_write;
  iface->create_source = output_source;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PtConnectionOutput, pt_connection_output, G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      output_be_pollable))

static gssize
pt_connection_output_write_and_wait (GOutputStream *stream, const void *buffer, gsize count,
                                     GCancellable *cancellable, GError **error)
{
  PtConnectionOutput *output = PT_CONNECTION_OUTPUT (stream);
  gssize size;

  if (output_has_ended (output, error))
    return -1;
  g_atomic_int_set (&output->connection->is_blocked, TRUE);
  size = g_output_stream_write (output->below, buffer, count, cancellable, error);
  output_wrote (output, size, count);
  return size;
}

static void
pt_connection_output_finalize (GObject *object)
{
  g_clear_object (&PT_CONNECTION_OUTPUT (object)->below);
  G_OBJECT_CLASS (pt_connection_output_parent_class)->finalize (object);
}

static void
pt_connection_output_class_init (PtConnectionOutputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pt_connection_output_finalize;
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = pt_connection_output_write_and_wait;
}

static void
pt_connection_output_init (PtConnectionOutput *output)
{
}

GOutputStream *
pt_connection_output_new (PtConnection *connection)
{
  PtConnectionOutput *output;

  g_return_val_if_fail (PT_IS_CONNECTION (connection), NULL);

  output = g_object_new (PT_TYPE_CONNECTION_OUTPUT, NULL);
  output->connection = connection;
  output->below = g_object_ref (g_io_stream_get_output_stream (connection->base));
  return G_OUTPUT_STREAM (output);
}

void
pt_connection_output_detach (GOutputStream *stream)
{
  g_return_if_fail (PT_IS_CONNECTION_OUTPUT (stream));

  PT_CONNECTION_OUTPUT (stream)->connection = NULL;
}
