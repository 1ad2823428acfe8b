/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed.h"

G_DEFINE_ABSTRACT_TYPE (PtFeed, pt_feed, G_TYPE_OBJECT)

enum
{
  TOLD,
  SIGNALS
};

static guint signals[SIGNALS];

void
pt_feed_load_async (PtFeed *feed, SoupSession *session, const char *base, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (PT_IS_FEED (feed));
  g_return_if_fail (SOUP_IS_SESSION (session) && base != NULL);
  task = g_task_new (feed, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_feed_load_async);
  PT_FEED_GET_CLASS (feed)->load (feed, session, base, task);
}

gboolean
pt_feed_load_finish (PtFeed *feed, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, feed), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

gsize
pt_feed_event_max (PtFeed *feed, const char *type)
{
  g_return_val_if_fail (PT_IS_FEED (feed) && type != NULL, 0);
  return PT_FEED_GET_CLASS (feed)->event_max (feed, type);
}

gboolean
pt_feed_apply (PtFeed *feed, const char *type, GBytes *data, gboolean *more, GError **error)
{
  g_return_val_if_fail (PT_IS_FEED (feed) && type != NULL, FALSE);
  g_return_val_if_fail (data != NULL && more != NULL, FALSE);
  *more = FALSE;
  return PT_FEED_GET_CLASS (feed)->apply (feed, type, data, more, error);
}

void
pt_feed_flush (PtFeed *feed)
{
  g_return_if_fail (PT_IS_FEED (feed));
  if (PT_FEED_GET_CLASS (feed)->flush != NULL)
    PT_FEED_GET_CLASS (feed)->flush (feed);
}

void
pt_feed_interrupt (PtFeed *feed)
{
  g_return_if_fail (PT_IS_FEED (feed));
  if (PT_FEED_GET_CLASS (feed)->interrupt != NULL)
    PT_FEED_GET_CLASS (feed)->interrupt (feed);
}

gboolean
pt_feed_is_behind (PtFeed *feed, const PtDaemonStatus *status)
{
  g_return_val_if_fail (PT_IS_FEED (feed) && status != NULL, FALSE);
  return PT_FEED_GET_CLASS (feed)->is_behind != NULL
         && PT_FEED_GET_CLASS (feed)->is_behind (feed, status);
}

void
pt_feed_tell (PtFeed *feed, PtEventLine *line)
{
  g_return_if_fail (PT_IS_FEED (feed) && PT_IS_EVENT_LINE (line));
  g_signal_emit (feed, signals[TOLD], 0, line);
  g_object_unref (line);
}

static void
pt_feed_class_init (PtFeedClass *class)
{
  signals[TOLD] = g_signal_new ("told", PT_TYPE_FEED, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, PT_TYPE_EVENT_LINE);
}

static void
pt_feed_init (PtFeed *feed)
{
}
