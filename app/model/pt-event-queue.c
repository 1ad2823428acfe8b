/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-queue.h"

#include <glib/gi18n-lib.h>

#include "pt-error.h"
#include "pt-fetch.h"

#define WAITING_MAX (128 * 1024 * 1024) /* bytes */
#define SLICE_US 4000                   /* of a turn of the main loop */
#define FLUSH_MS 80

/* An event for one feed. */
typedef struct
{
  PtFeed *feed;
  char *type;
  GBytes *data;
} Entry;

struct _PtEventQueue
{
  GPtrArray *feeds;
  PtEventQueueFailed failed;
  gpointer user_data;
  GQueue entries; /* Entry */
  gsize bytes;
  gboolean running;
  guint source;   /* applies what waits */
  guint flush;    /* source: views are told later */
  gint64 flushed; /* monotonic us: when they were told last */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_object_unref (entry->feed);
  g_free (entry->type);
  g_bytes_unref (entry->data);
  g_free (entry);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Entry, entry_free)

static void
queue_clear (gpointer data)
{
  PtEventQueue *queue = data;

  g_ptr_array_unref (queue->feeds);
}

/* Telling views */

static gboolean
queue_flush (gpointer data)
{
  PtEventQueue *queue = data;

  queue->flush = 0;
  queue->flushed = g_get_monotonic_time ();
  for (guint i = 0; i < queue->feeds->len; i++)
    pt_feed_flush (g_ptr_array_index (queue->feeds, i));
  return G_SOURCE_REMOVE;
}

/* Every telling makes views sort and lay out again, so in a storm it is done a dozen times a second
 * and no more. */
static void
queue_flush_soon (PtEventQueue *queue)
{
  gint64 ago = (g_get_monotonic_time () - queue->flushed) / 1000;

  if (queue->flush != 0)
    return;
  if (ago >= FLUSH_MS)
    queue_flush (queue);
  else
    queue->flush = g_timeout_add ((guint) (FLUSH_MS - ago), queue_flush, queue);
}

/* Applying */

/* The first entry, or the next part of it. */
static gboolean
queue_apply_first (PtEventQueue *queue, GError **error)
{
  g_autoptr (Entry) entry = g_queue_pop_head (&queue->entries);
  gsize size = g_bytes_get_size (entry->data);
  gboolean more;

  queue->bytes -= size;
  if (!pt_feed_apply (entry->feed, entry->type, entry->data, &more, error))
    return FALSE;
  if (more && queue->running)
    {
      queue->bytes += size;
      g_queue_push_head (&queue->entries, g_steal_pointer (&entry));
    }
  return TRUE;
}

static gboolean
queue_has_work (const PtEventQueue *queue)
{
  return queue->running && queue->entries.length > 0;
}

static gboolean
queue_apply_slice (gpointer data)
{
  PtEventQueue *queue = g_rc_box_acquire (data); /* who is told may let it go */
  gint64 end = g_get_monotonic_time () + SLICE_US;
  g_autoptr (GError) error = NULL;
  gboolean goes_on;

  while (queue_has_work (queue) && error == NULL && g_get_monotonic_time () < end)
    queue_apply_first (queue, &error);
  if (queue->running)
    queue_flush_soon (queue);
  if (error != NULL)
    queue->running = FALSE;
  goes_on = queue_has_work (queue);
  if (!goes_on)
    queue->source = 0;
  if (error != NULL && queue->failed != NULL)
    queue->failed (error, queue->user_data);
  g_rc_box_release_full (queue, queue_clear);
  return goes_on;
}

static void
queue_wake (PtEventQueue *queue)
{
  if (queue_has_work (queue) && queue->source == 0)
    queue->source = g_idle_add_full (PT_FETCH_PRIORITY, queue_apply_slice, queue, NULL);
}

/* From outside */

static gboolean
refuse_more (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                       _ ("It sends more than this console can keep up with."));
  return FALSE;
}

gboolean
pt_event_queue_push (PtEventQueue *queue, const PtEvent *event, GError **error)
{
  g_autoptr (GBytes) data = NULL;

  g_return_val_if_fail (queue != NULL && event != NULL, FALSE);
  for (guint i = 0; i < queue->feeds->len; i++)
    {
      PtFeed *feed = g_ptr_array_index (queue->feeds, i);
      gsize most = pt_feed_event_max (feed, event->type);
      Entry *entry;

      if (most == 0)
        continue;
      if (event->size > most || queue->bytes + event->size > WAITING_MAX)
        return refuse_more (error);
      if (data == NULL)
        data = g_bytes_new (event->data, event->size);
      entry = g_new (Entry, 1);
      *entry = (Entry){ g_object_ref (feed), g_strdup (event->type), g_bytes_ref (data) };
      queue->bytes += event->size;
      g_queue_push_tail (&queue->entries, entry);
    }
  queue_wake (queue);
  return TRUE;
}

void
pt_event_queue_start (PtEventQueue *queue)
{
  g_return_if_fail (queue != NULL);
  queue->running = TRUE;
  queue_wake (queue);
}

void
pt_event_queue_stop (PtEventQueue *queue)
{
  gboolean has_applied;

  g_return_if_fail (queue != NULL);
  has_applied = queue->running || queue->flush != 0;
  queue->running = FALSE;
  g_clear_handle_id (&queue->source, g_source_remove);
  g_clear_handle_id (&queue->flush, g_source_remove);
  g_queue_clear_full (&queue->entries, entry_free);
  queue->bytes = 0;
  if (has_applied)
    queue_flush (queue);
}

PtEventQueue *
pt_event_queue_new (GPtrArray *feeds, PtEventQueueFailed failed, gpointer user_data)
{
  PtEventQueue *queue;

  g_return_val_if_fail (feeds != NULL && failed != NULL, NULL);
  queue = g_rc_box_new0 (PtEventQueue);
  queue->feeds = g_ptr_array_ref (feeds);
  queue->failed = failed;
  queue->user_data = user_data;
  return queue;
}

void
pt_event_queue_free (PtEventQueue *queue)
{
  if (queue == NULL)
    return;
  pt_event_queue_stop (queue);
  queue->failed = NULL;
  g_rc_box_release_full (queue, queue_clear);
}
