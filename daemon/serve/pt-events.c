/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-events.h"

#include <string.h>

#include "pt-answer.h"
#include "pt-connection.h"
#include "pt-error.h"

#define UNSENT_MAX (4 * 1024 * 1024) /* a reader who is further behind is let go and asks again */
#define BEHIND (256 * 1024) /* bytes unsent: who tells much waits a little for this reader */
#define CLOCK_S 5
#define RETRY_MS_LEAST 1000 /* when a reader comes back: not all of them at once */
#define RETRY_MS_MOST 6000
#define STEP_MS 200 /* steps of the clock are told no more often */

struct _PtEvents
{
  GPtrArray *streams; /* Stream */
  PtBudget *places;   /* of them */
  PtClock *clock;
  guint clock_source;
  guint behind;     /* how many streams are */
  gint step_source; /* atomic: steps are to be told */
  guint64 last_id;
  char *greeting; /* an event, or NULL */
};

typedef struct
{
  PtEvents *events;
  SoupServerMessage *message;
  char *who;     /* whose place it has */
  GQueue unsent; /* sizes of the chunks that are not written yet */
  gsize unsent_bytes;
  gboolean cut, is_behind;
} Stream;

static void
stream_set_behind (Stream *stream, gboolean is_behind)
{
  if (is_behind && !stream->is_behind)
    stream->events->behind++;
  else if (!is_behind && stream->is_behind)
    stream->events->behind--;
  stream->is_behind = is_behind;
}

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  stream_set_behind (stream, FALSE);
  g_signal_handlers_disconnect_by_data (stream->message, stream);
  g_queue_clear (&stream->unsent);
  pt_budget_give (stream->events->places, stream->who, 1);
  g_free (stream->who);
  g_object_unref (stream->message);
  g_free (stream);
}

static void
stream_finished (SoupServerMessage *message, gpointer data)
{
  Stream *stream = data;

  g_ptr_array_remove (stream->events->streams, stream);
}

static void
stream_wrote_chunk (SoupServerMessage *message, gpointer data)
{
  Stream *stream = data;

  if (!g_queue_is_empty (&stream->unsent))
    stream->unsent_bytes -= GPOINTER_TO_SIZE (g_queue_pop_head (&stream->unsent));
  stream_set_behind (stream, !stream->cut && stream->unsent_bytes > BEHIND);
}

/* The reader comes back and reads the state anew. What is unsent is not waited for: who does not
 * read would keep it here for ever. */
static void
stream_cut (Stream *stream)
{
  PtConnection *connection = pt_connection_of (stream->message);

  stream->cut = TRUE;
  stream_set_behind (stream, FALSE);
  if (connection != NULL)
    pt_connection_cut (connection);
}

static void
stream_write (Stream *stream, GBytes *chunk)
{
  SoupMessageBody *body = soup_server_message_get_response_body (stream->message);
  gsize size = g_bytes_get_size (chunk);

  if (stream->cut)
    return;
  if (stream->unsent_bytes + size > UNSENT_MAX)
    {
      stream_cut (stream);
      return;
    }
  g_queue_push_tail (&stream->unsent, GSIZE_TO_POINTER (size));
  stream->unsent_bytes += size;
  stream_set_behind (stream, stream->unsent_bytes > BEHIND);
  soup_message_body_append_bytes (body, chunk);
  soup_server_message_unpause (stream->message);
}

static void
events_write (PtEvents *events, GBytes *chunk)
{
  for (guint i = 0; i < events->streams->len; i++)
    stream_write (g_ptr_array_index (events->streams, i), chunk);
}

static char *
clock_data (PtEvents *events)
{
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_integer (json, "now", pt_clock_now (events->clock));
  pt_json_text_number (json, "speed", pt_clock_speed (events->clock));
  pt_json_text_end_object (json);
  return g_string_free (pt_json_text_free_to_string (json), FALSE);
}

static gboolean
events_tell_clock (gpointer data)
{
  PtEvents *events = data;
  g_autofree char *text = clock_data (events);

  pt_events_send (events, "clock", text);
  return G_SOURCE_CONTINUE;
}

static gboolean
events_tell_step (gpointer data)
{
  PtEvents *events = data;

  g_atomic_int_set (&events->step_source, 0);
  events_tell_clock (events);
  return G_SOURCE_REMOVE;
}

/* On the thread that steps the clock. */
static void
events_clock_moved (gpointer data)
{
  PtEvents *events = data;

  if (g_atomic_int_compare_and_exchange (&events->step_source, 0, 1))
    g_timeout_add (STEP_MS, events_tell_step, events);
}

PtEvents *
pt_events_new (PtClock *clock, PtBudget *places)
{
  PtEvents *events;

  g_return_val_if_fail (clock != NULL && places != NULL, NULL);

  events = g_new0 (PtEvents, 1);
  events->clock = clock;
  events->places = places;
  events->streams = g_ptr_array_new_with_free_func (stream_free);
  events->clock_source = g_timeout_add_seconds (CLOCK_S, events_tell_clock, events);
  pt_clock_add_watch (clock, events_clock_moved, events);
  return events;
}

void
pt_events_free (PtEvents *events)
{
  g_return_if_fail (events != NULL);

  pt_clock_remove_watch (events->clock, events_clock_moved, events);
  while (g_source_remove_by_user_data (events))
    ;
  g_ptr_array_unref (events->streams);
  g_free (events->greeting);
  g_free (events);
}

static GBytes *
hello (PtEvents *events)
{
  g_autofree char *now = clock_data (events);
  char *text = g_strdup_printf ("retry: %d\n: welcome\n\nevent: clock\ndata: %s\n\n%s",
                                g_random_int_range (RETRY_MS_LEAST, RETRY_MS_MOST), now,
                                events->greeting != NULL ? events->greeting : "");

  return g_bytes_new_take (text, strlen (text));
}

/* NULL: there is no place. */
static Stream *
stream_new (PtEvents *events, SoupServerMessage *message)
{
  PtConnection *connection = pt_connection_of (message);
  const char *who = connection != NULL ? pt_connection_who (connection) : NULL;
  Stream *stream;

  if (pt_budget_take (events->places, who, 1) != PT_BUDGET_TAKEN)
    return NULL;
  stream = g_new0 (Stream, 1);
  stream->events = events;
  stream->who = g_strdup (who);
  stream->message = g_object_ref (message);
  g_queue_init (&stream->unsent);
  g_signal_connect (message, "finished", G_CALLBACK (stream_finished), stream);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (stream_wrote_chunk), stream);
  return stream;
}

/* What comes is written as it happens, so the message is ours from here on. */
static gboolean
answer_events (PtRequest *request, gpointer context, GError **error)
{
  PtEvents *events = context;
  SoupServerMessage *message = request->message;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autoptr (GBytes) first = hello (events);
  Stream *stream = request->is_head ? NULL : stream_new (events, message);

  if (stream == NULL && !request->is_head)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY,
                           "Too many event streams are open. Try again later.");
      return FALSE;
    }
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_content_type (headers, "text/event-stream", NULL);
  /* A proxy neither keeps nor packs what it has to hand on at once. */
  soup_message_headers_replace (headers, "Cache-Control", "no-store, no-transform");
  soup_message_headers_replace (headers, "X-Accel-Buffering", "no");
  if (request->is_head) /* whole: nothing would ever end it */
    return TRUE;
  pt_answer_set_open_end (message);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_ptr_array_add (events->streams, stream);
  stream_write (stream, first);
  return TRUE;
}

const PtRoute pt_events_routes[] = {
  { "GET", "/api/v1/events", answer_events, PT_RUNS_ON_LOOP, .open = TRUE },
  { NULL },
};

void
pt_events_send (PtEvents *events, const char *name, const char *data)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) chunk = NULL;

  g_return_if_fail (events != NULL && name != NULL && data != NULL);

  if (events->streams->len == 0)
    return;
  text = g_strdup_printf ("id: %" G_GUINT64_FORMAT "\nevent: %s\ndata: %s\n\n", ++events->last_id,
                          name, data);
  chunk = g_bytes_new (text, strlen (text));
  events_write (events, chunk);
}

void
pt_events_greet (PtEvents *events, const char *name, const char *data)
{
  g_return_if_fail (events != NULL && name != NULL);

  g_clear_pointer (&events->greeting, g_free);
  if (data != NULL)
    events->greeting = g_strdup_printf ("event: %s\ndata: %s\n\n", name, data);
}

void
pt_events_end (PtEvents *events)
{
  g_return_if_fail (events != NULL);

  for (guint i = 0; i < events->streams->len; i++)
    {
      Stream *stream = g_ptr_array_index (events->streams, i);

      if (stream->cut)
        continue;
      stream->cut = TRUE;
      stream_set_behind (stream, FALSE);
      soup_message_body_complete (soup_server_message_get_response_body (stream->message));
      soup_server_message_unpause (stream->message);
    }
}

gboolean
pt_events_is_heard (PtEvents *events)
{
  g_return_val_if_fail (events != NULL, FALSE);

  return events->streams->len > 0;
}

gboolean
pt_events_is_behind (PtEvents *events)
{
  g_return_val_if_fail (events != NULL, FALSE);

  return events->behind > 0;
}
