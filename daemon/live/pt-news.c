/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-news.h"

#define BATCHES_MAX 10000
#define KEYS_MAX 1000

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
  GArray *keys;    /* PtKeyNews, likewise; their strings are owned */
  guint source;
};

static void
key_news_clear (gpointer data)
{
  PtKeyNews *key = data;

  g_free ((char *) key->area);
  g_free ((char *) key->device);
}

static GArray *
keys_new (void)
{
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (PtKeyNews));

  g_array_set_clear_func (keys, key_news_clear);
  return keys;
}

PtNews *
pt_news_new (void)
{
  PtNews *news = g_new0 (PtNews, 1);

  news->subscribers = g_array_new (FALSE, FALSE, sizeof (Subscriber));
  news->batches = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  news->keys = keys_new ();
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
  g_array_unref (news->keys);
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
news_tell_waiting (gpointer data)
{
  PtNews *news = data;
  g_autoptr (GArray) batches = NULL, keys = NULL;
  PtNewsItems items = { 0 };

  g_mutex_lock (&news->lock);
  news->source = 0;
  batches = g_steal_pointer (&news->batches);
  news->batches = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  keys = g_steal_pointer (&news->keys);
  news->keys = keys_new ();
  g_mutex_unlock (&news->lock);
  items.batches = (const PtBatchRow *) (gpointer) batches->data;
  items.batch_count = batches->len;
  items.keys = (const PtKeyNews *) (gpointer) keys->data;
  items.key_count = keys->len;
  pt_news_tell (news, &items);
  return G_SOURCE_REMOVE;
}

/* With the lock. */
static void
news_schedule (PtNews *news)
{
  if (news->source == 0)
    news->source = g_idle_add_full (G_PRIORITY_DEFAULT, news_tell_waiting, news, NULL);
}

void
pt_news_tell_batches (PtNews *news, const PtBatchRow *rows, guint count)
{
  g_return_if_fail (news != NULL && (rows != NULL || count == 0));

  g_mutex_lock (&news->lock);
  count = MIN (count, BATCHES_MAX - news->batches->len);
  g_array_append_vals (news->batches, rows, count);
  if (news->batches->len > 0)
    news_schedule (news);
  g_mutex_unlock (&news->lock);
}

void
pt_news_tell_key (PtNews *news, const char *area, const char *device, gboolean is_copied)
{
  g_return_if_fail (news != NULL && area != NULL && device != NULL);

  g_mutex_lock (&news->lock);
  if (news->keys->len < KEYS_MAX)
    {
      PtKeyNews key = { g_strdup (area), g_strdup (device), is_copied };

      g_array_append_val (news->keys, key);
      news_schedule (news);
    }
  g_mutex_unlock (&news->lock);
}
