/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-news.h"

#define BATCHES_MAX 10000

typedef struct
{
  PtNewsFunc func;
  gpointer user_data;
} Subscriber;

struct _PtNews
{
  GArray *subscribers; /* Subscriber; main loop, as the next two */
  PtNewsBehindFunc is_behind;
  gpointer behind_data;
  GMutex lock;     /* guards what follows */
  GArray *batches; /* PtBatchRow that wait for the loop */
  guint source;
};

PtNews *
pt_news_new (void)
{
  PtNews *news = g_new0 (PtNews, 1);

  news->subscribers = g_array_new (FALSE, FALSE, sizeof (Subscriber));
  news->batches = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  g_mutex_init (&news->lock);
  return news;
}

void
pt_news_free (PtNews *news)
{
  if (news == NULL)
    return;
  g_clear_handle_id (&news->source, g_source_remove);
  g_array_unref (news->subscribers);
  g_array_unref (news->batches);
  g_mutex_clear (&news->lock);
  g_free (news);
}

void
pt_news_subscribe (PtNews *news, PtNewsFunc func, gpointer user_data)
{
  Subscriber subscriber = { func, user_data };

  g_return_if_fail (news != NULL && func != NULL);

  g_array_append_val (news->subscribers, subscriber);
}

void
pt_news_unsubscribe (PtNews *news, PtNewsFunc func, gpointer user_data)
{
  g_return_if_fail (news != NULL && func != NULL);

  for (guint i = 0; i < news->subscribers->len; i++)
    {
      const Subscriber *subscriber = &g_array_index (news->subscribers, Subscriber, i);

      if (subscriber->func == func && subscriber->user_data == user_data)
        {
          g_array_remove_index (news->subscribers, i);
          return;
        }
    }
}

void
pt_news_set_behind (PtNews *news, PtNewsBehindFunc func, gpointer user_data)
{
  g_return_if_fail (news != NULL);

  news->is_behind = func;
  news->behind_data = user_data;
}

gboolean
pt_news_is_behind (PtNews *news)
{
  g_return_val_if_fail (news != NULL, FALSE);

  return news->is_behind != NULL && news->is_behind (news->behind_data);
}

void
pt_news_tell (PtNews *news, const PtNewsItems *items)
{
  g_return_if_fail (news != NULL && items != NULL);

  for (guint i = 0; i < news->subscribers->len; i++)
    {
      const Subscriber *subscriber = &g_array_index (news->subscribers, Subscriber, i);

      subscriber->func (items, subscriber->user_data);
    }
}

static gboolean
news_tell_batches_idle (gpointer data)
{
  PtNews *news = data;
  g_autoptr (GArray) batches = NULL;
  PtNewsItems items = { 0 };

  g_mutex_lock (&news->lock);
  news->source = 0;
  batches = g_steal_pointer (&news->batches);
  news->batches = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  g_mutex_unlock (&news->lock);
  items.batches = (const PtBatchRow *) (gpointer) batches->data;
  items.batch_count = batches->len;
  pt_news_tell (news, &items);
  return G_SOURCE_REMOVE;
}

void
pt_news_tell_batches (PtNews *news, const PtBatchRow *rows, guint count)
{
  g_return_if_fail (news != NULL && (rows != NULL || count == 0));

  g_mutex_lock (&news->lock);
  count = MIN (count, BATCHES_MAX - news->batches->len);
  g_array_append_vals (news->batches, rows, count);
  if (news->batches->len > 0 && news->source == 0)
    news->source = g_idle_add_full (G_PRIORITY_DEFAULT, news_tell_batches_idle, news, NULL);
  g_mutex_unlock (&news->lock);
}
