/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-json-bounds.h"
#include "pt-link-private.h"
#include "pt-read.h"

/* off > asking > opening > filling > live, and from each of them to pausing when the line is lost;
 * after the pause it is asking again. Every answer belongs to one step: a step that is left cancels
 * what it has asked for. */

#define SILENCE_S 12
#define POLL_S 5
#define PAUSE_MIN_MS 500
#define PAUSE_MAX_MS 10000
#define STATUS_MAX (1024 * 1024)
#define CLOCK_MAX 4096 /* bytes */
#define CLOCK_DEPTH 16

static const PtFetchLimits status_limits = { "application/json", 10, STATUS_MAX };

static void link_enter (PtLink *link, PtLinkStep step);

/* Losing it */

static gboolean
is_incompatible (const GError *error)
{
  return g_error_matches (error, PT_ERROR, PT_ERROR_UNSUPPORTED)
         || g_error_matches (error, PT_ERROR, PT_ERROR_MALFORMED)
         || g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND)
         || g_error_matches (error, PT_ERROR, PT_ERROR_WRONG_METHOD)
         || g_error_matches (error, PT_ERROR, PT_ERROR_TOO_LARGE);
}

static void
link_say_lost (PtLink *link, const GError *error, gboolean incompatible)
{
  if (incompatible)
    pt_link_say (link, PT_LINK_INCOMPATIBLE,
                 g_strdup_printf (_ ("%s is no daemon that this console understands. %s"),
                                  link->url, error->message));
  else if (link->ever_live)
    pt_link_say (link, PT_LINK_STALE,
                 g_strdup_printf (_ ("The line to %s is lost, and what is shown is old. %s "
                                     "Trying again."),
                                  link->url, error->message));
  else
    pt_link_say (
        link, PT_LINK_SEARCHING,
        g_strdup_printf (_ ("No connection to %s. %s Trying again."), link->url, error->message));
}

static void
link_lost (PtLink *link, const GError *error)
{
  /* Something it said while it was live is no reason to doubt what it is. */
  gboolean incompatible = is_incompatible (error) && link->state != PT_LINK_LIVE;

  link_enter (link, PT_LINK_STEP_PAUSING);
  link_say_lost (link, error, incompatible);
}

void
pt_link_queue_failed (const GError *error, gpointer data)
{
  g_autoptr (PtLink) link = NULL;

  g_return_if_fail (error != NULL && PT_IS_LINK (data));
  link = g_object_ref (data);
  link_lost (link, error);
}

/* TRUE: @error is of a connection that was given up, or the line is now lost by it; there is
 * nothing more to do. */
static gboolean
link_is_over (PtLink *link, const GError *error)
{
  if (error == NULL)
    return FALSE;
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    link_lost (link, error);
  return TRUE;
}

/* Pausing */

static gboolean
link_retry_cb (gpointer data)
{
  PtLink *link = data;

  link->retry = 0;
  pt_link_connect (link);
  return G_SOURCE_REMOVE;
}

/* 0.5 s, 1 s, ... 10 s, each up to a half shorter or two and a half times as long, so that many
 * consoles, which all lost the same daemon at the same moment, don't come at once. */
static void
link_pause (PtLink *link)
{
  guint pause = PAUSE_MAX_MS;

  if (link->failures < 5)
    pause = MIN (PAUSE_MIN_MS << link->failures, PAUSE_MAX_MS);
  link->failures++;
  pause = (guint) (pause * g_random_double_range (0.5, 2.5));
  link->retry = g_timeout_add (pause, link_retry_cb, link);
}

/* Asking */

static void
link_ask_status (PtLink *link, GAsyncReadyCallback callback)
{
  g_autofree char *address = pt_link_address (link, "/status");

  pt_fetch_json_async (link->session, address, &status_limits, pt_daemon_status_read, NULL,
                       (GDestroyNotify) pt_daemon_status_free, link->attempt, callback,
                       g_object_ref (link));
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) link = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtDaemonStatus) status = pt_fetch_json_finish (result, &error);

  if (link_is_over (link, error))
    return;
  g_assert (link->step == PT_LINK_STEP_ASKING);
  link->heard = g_get_monotonic_time ();
  pt_link_take_status (link, g_steal_pointer (&status));
  link_enter (link, PT_LINK_STEP_OPENING);
}

/* Opening the stream, and what it says */

static void
stream_opened (gpointer data)
{
  PtLink *link = data;

  link->heard = g_get_monotonic_time ();
  link_enter (link, PT_LINK_STEP_FILLING);
}

/* The daemon's clock is ahead of whatever waits in the queue. */
static gboolean
link_take_clock (PtLink *link, const PtEvent *event, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local = NULL;
  JsonNode *root = NULL;
  JsonObject *object;
  gint64 now = 0;

  if (event->size <= CLOCK_MAX && pt_json_is_shallow (event->data, event->size, CLOCK_DEPTH)
      && json_parser_load_from_data (parser, event->data, (gssize) event->size, NULL))
    root = json_parser_get_root (parser);
  object = pt_read_as_object (root, "now", &local);
  if (object != NULL)
    now = pt_read_integer (object, "now", PT_READ_NEEDED, &local);
  if (local == NULL)
    {
      pt_link_set_clock (link, now, link->speed);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
stream_event (const PtEvent *event, gpointer data)
{
  PtLink *link = data;
  g_autoptr (GError) error = NULL;
  gboolean good;

  link->heard = g_get_monotonic_time ();
  good = strcmp (event->type, "clock") == 0 ? link_take_clock (link, event, &error)
                                            : pt_event_queue_push (link->queue, event, &error);
  if (!good)
    link_lost (link, error);
}

static void
stream_ended (const GError *error, gpointer data)
{
  link_lost (data, error);
}

static void
link_open_stream (PtLink *link)
{
  static const PtEventStreamFuncs funcs = { stream_opened, stream_event, stream_ended };
  g_autofree char *address = pt_link_address (link, "/events");

  if (!link->ever_live)
    pt_link_say (link, PT_LINK_LOADING, g_strdup (_ ("Loading what the daemon knows.")));
  link->stream = pt_event_stream_new (link->session, address, SILENCE_S, &funcs, link);
}

/* Filling the feeds */

static void
link_load_feed (PtLink *link, PtFeed *feed, GAsyncReadyCallback callback)
{
  g_autofree char *base = pt_link_address (link, "");

  pt_feed_load_async (feed, link->session, base, link->attempt, callback, g_object_ref (link));
}

static void filled_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
link_fill_next (PtLink *link)
{
  if (link->filling < link->feeds->len)
    link_load_feed (link, g_ptr_array_index (link->feeds, link->filling), filled_cb);
  else
    link_enter (link, PT_LINK_STEP_LIVE);
}

static void
filled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) link = user_data;
  g_autoptr (GError) error = NULL;

  pt_feed_load_finish (PT_FEED (source), result, &error);
  if (link_is_over (link, error))
    return;
  g_assert (link->step == PT_LINK_STEP_FILLING);
  link->heard = g_get_monotonic_time ();
  link->filling++;
  link_fill_next (link);
}

/* Live */

static void
feed_caught_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) link = user_data;
  g_autoptr (GError) error = NULL;

  pt_feed_load_finish (PT_FEED (source), result, &error);
  link_is_over (link, error);
}

static void
polled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) link = user_data;
  g_autoptr (GError) error = NULL;
  PtDaemonStatus *status = pt_fetch_json_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  link->polling = FALSE;
  if (status == NULL)
    {
      /* The stream of events says whether it lives. */
      g_info ("The daemon's status could not be read: %s", error->message);
      return;
    }
  link->heard = g_get_monotonic_time ();
  pt_link_take_status (link, status);
  for (guint i = 0; i < link->feeds->len && link->step == PT_LINK_STEP_LIVE; i++)
    if (pt_feed_is_behind (g_ptr_array_index (link->feeds, i), link->status))
      link_load_feed (link, g_ptr_array_index (link->feeds, i), feed_caught_up_cb);
}

static gboolean
link_poll (gpointer data)
{
  PtLink *link = data;

  if (!link->polling)
    {
      link->polling = TRUE;
      link_ask_status (link, polled_cb);
    }
  return G_SOURCE_CONTINUE;
}

static void
link_go_live (PtLink *link)
{
  link->ever_live = TRUE;
  link->failures = 0;
  link->poll = g_timeout_add_seconds (POLL_S, link_poll, link);
  pt_link_say (link, PT_LINK_LIVE, g_strdup (""));
  if (link->step == PT_LINK_STEP_LIVE) /* who heard it may have stopped the link */
    pt_event_queue_start (link->queue);
}

/* From one to the next */

/* Lets go of all that the steps hold. */
static void
link_let_go (PtLink *link)
{
  if (link->attempt != NULL)
    g_cancellable_cancel (link->attempt);
  g_clear_object (&link->attempt);
  g_clear_pointer (&link->stream, pt_event_stream_free);
  g_clear_handle_id (&link->poll, g_source_remove);
  g_clear_handle_id (&link->retry, g_source_remove);
  link->polling = FALSE;
  pt_event_queue_stop (link->queue);
  for (guint i = 0; i < link->feeds->len; i++)
    pt_feed_interrupt (g_ptr_array_index (link->feeds, i));
}

static void
link_enter (PtLink *link, PtLinkStep step)
{
  link->step = step;
  switch (step)
    {
    case PT_LINK_STEP_OFF:
      link_let_go (link);
      break;
    case PT_LINK_STEP_ASKING:
      link_let_go (link);
      link->attempt = g_cancellable_new ();
      link_ask_status (link, asked_cb);
      break;
    case PT_LINK_STEP_OPENING:
      link_open_stream (link);
      break;
    case PT_LINK_STEP_FILLING:
      link->filling = 0;
      link_fill_next (link);
      break;
    case PT_LINK_STEP_LIVE:
      link_go_live (link);
      break;
    case PT_LINK_STEP_PAUSING:
      link_let_go (link);
      link_pause (link);
      break;
    }
}

void
pt_link_connect (PtLink *link)
{
  g_return_if_fail (PT_IS_LINK (link));
  link_enter (link, link->url != NULL ? PT_LINK_STEP_ASKING : PT_LINK_STEP_OFF);
}

void
pt_link_disconnect (PtLink *link)
{
  g_return_if_fail (PT_IS_LINK (link));
  link_enter (link, PT_LINK_STEP_OFF);
}
