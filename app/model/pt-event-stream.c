/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-stream.h"

#include <glib/gi18n-lib.h>

#include "pt-error.h"
#include "pt-fetch.h"

#define CHUNK 65536
#define HEAD_S 10

struct _PtEventStream
{
  PtEventStreamFuncs funcs;
  gpointer user_data;
  PtEventReader *reader;
  GInputStream *input;
  GCancellable *cancellable;
  guint silence_s, watch;
  gint64 heard; /* monotonic, us */
  gboolean over;
};

static void
stream_clear (gpointer data)
{
  PtEventStream *stream = data;

  pt_event_reader_free (stream->reader);
  g_clear_object (&stream->input);
  g_clear_object (&stream->cancellable);
}

/* Nothing is told any more. */
static void
stream_close (PtEventStream *stream)
{
  stream->over = TRUE;
  g_clear_handle_id (&stream->watch, g_source_remove);
  g_cancellable_cancel (stream->cancellable);
}

static void
stream_end (PtEventStream *stream, const GError *error)
{
  if (stream->over)
    return;
  stream_close (stream);
  stream->funcs.ended (error, stream->user_data);
}

static gboolean
stream_watch (gpointer data)
{
  PtEventStream *stream = data;
  g_autoptr (GError) error = NULL;

  if (g_get_monotonic_time () - stream->heard < stream->silence_s * G_TIME_SPAN_SECOND)
    return G_SOURCE_CONTINUE;
  stream->watch = 0;
  error = g_error_new (PT_ERROR, PT_ERROR_RETRY,
                       ngettext ("It has said nothing for %u second.",
                                 "It has said nothing for %u seconds.", stream->silence_s),
                       stream->silence_s);
  stream_end (stream, error);
  return G_SOURCE_REMOVE;
}

static void
stream_event (const PtEvent *event, gpointer data)
{
  PtEventStream *stream = data;

  stream->heard = g_get_monotonic_time ();
  if (!stream->over)
    stream->funcs.event (event, stream->user_data);
}

static void stream_read (PtEventStream *stream);

static void
stream_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtEventStream *stream = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) chunk
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize size = 0;
  const char *data = chunk != NULL ? g_bytes_get_data (chunk, &size) : NULL;

  if (chunk != NULL && size == 0)
    error = g_error_new_literal (PT_ERROR, PT_ERROR_RETRY, _ ("It has closed the line."));
  if (error == NULL && !stream->over)
    pt_event_reader_feed (stream->reader, data, size, &error);
  if (error != NULL)
    stream_end (stream, error);
  else if (!stream->over)
    stream_read (stream);
  g_rc_box_release_full (stream, stream_clear);
}

static void
stream_read (PtEventStream *stream)
{
  g_input_stream_read_bytes_async (stream->input, CHUNK, PT_FETCH_PRIORITY, stream->cancellable,
                                   stream_read_cb, g_rc_box_acquire (stream));
}

static void
stream_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtEventStream *stream = user_data;
  g_autoptr (GError) error = NULL;

  stream->input = pt_fetch_stream_finish (result, &error);
  if (error != NULL)
    stream_end (stream, error);
  else if (!stream->over)
    {
      stream->heard = g_get_monotonic_time ();
      stream->watch = g_timeout_add_seconds (1, stream_watch, stream);
      stream_read (stream);
      stream->funcs.opened (stream->user_data);
    }
  g_rc_box_release_full (stream, stream_clear);
}

PtEventStream *
pt_event_stream_new (SoupSession *session, const char *url, guint silence_s,
                     const PtEventStreamFuncs *funcs, gpointer user_data)
{
  static const PtFetchLimits limits = { "text/event-stream", HEAD_S, 0 };
  PtEventStream *stream;

  g_return_val_if_fail (SOUP_IS_SESSION (session) && url != NULL, NULL);
  g_return_val_if_fail (funcs != NULL, NULL);
  stream = g_rc_box_new0 (PtEventStream);
  stream->funcs = *funcs;
  stream->user_data = user_data;
  stream->silence_s = silence_s;
  stream->reader = pt_event_reader_new (stream_event, stream);
  stream->cancellable = g_cancellable_new ();
  pt_fetch_stream_async (session, url, &limits, stream->cancellable, stream_opened_cb,
                         g_rc_box_acquire (stream));
  return stream;
}

void
pt_event_stream_free (PtEventStream *stream)
{
  if (stream == NULL)
    return;
  stream_close (stream);
  g_rc_box_release_full (stream, stream_clear);
}
