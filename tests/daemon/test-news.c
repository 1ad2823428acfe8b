/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-news.h"

static void
count_items (const PtNewsItems *items, gpointer user_data)
{
  guint *counts = user_data;

  counts[0] += items->site_count;
  counts[1] += items->outage_count;
  counts[2] += items->batch_count;
  for (guint i = 0; i < items->batch_count; i++)
    g_assert_cmpuint (items->batches[i].batch, ==, counts[2] - items->batch_count + i);
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_subscribers (void)
{
  g_autoptr (PtNews) news = pt_news_new ();
  PtSite sites[3] = { { .area = "east" } };
  PtOutageEvent outage = { .start = 1 };
  PtNewsItems items = { .sites = sites, .site_count = 3, .outages = &outage, .outage_count = 1 };
  guint first[3] = { 0 }, second[3] = { 0 };

  pt_news_tell (news, &items);
  pt_news_subscribe (news, count_items, first);
  pt_news_tell (news, &items);
  pt_news_subscribe (news, count_items, second);
  pt_news_tell (news, &items);
  g_assert_cmpuint (first[0], ==, 6);
  g_assert_cmpuint (first[1], ==, 2);
  g_assert_cmpuint (second[0], ==, 3);
  pt_news_unsubscribe (news, count_items, first);
  pt_news_unsubscribe (news, count_items, first); /* again: nothing */
  pt_news_tell (news, &items);
  g_assert_cmpuint (first[0], ==, 6);
  g_assert_cmpuint (second[0], ==, 6);
}

#define THREAD_ROWS 500

static gpointer
tell_thread (gpointer data)
{
  for (guint i = 0; i < THREAD_ROWS; i++)
    {
      PtBatchRow row = { .batch = i };

      pt_news_tell_batches (data, &row, 1);
    }
  return NULL;
}

/* Batches come from threads and are told on the loop, in their order and all of them. */
static void
test_batches (void)
{
  g_autoptr (PtNews) news = pt_news_new ();
  guint counts[3] = { 0 };
  GThread *thread;

  pt_news_subscribe (news, count_items, counts);
  pt_news_tell_batches (news, NULL, 0);
  thread = g_thread_new ("tell", tell_thread, news);
  while (counts[2] < THREAD_ROWS)
    turn ();
  g_thread_join (thread);
  turn ();
  g_assert_cmpuint (counts[2], ==, THREAD_ROWS);
}

/* While the loop stands, what waits is bounded. */
static void
test_bound (void)
{
  g_autoptr (PtNews) news = pt_news_new ();
  g_autofree PtBatchRow *rows = g_new0 (PtBatchRow, 7000);
  guint counts[3] = { 0 };

  for (guint i = 0; i < 7000; i++)
    rows[i].batch = i;
  pt_news_subscribe (news, count_items, counts);
  pt_news_tell_batches (news, rows, 7000);
  turn ();
  g_assert_cmpuint (counts[2], ==, 7000);
  counts[2] = 0;
  pt_news_tell_batches (news, rows, 7000);
  for (guint i = 0; i < 7000; i++)
    rows[i].batch += 7000;
  pt_news_tell_batches (news, rows, 7000);
  pt_news_tell_batches (news, rows, 7000);
  turn ();
  g_assert_cmpuint (counts[2], ==, 10000);
}

static void
test_freed (void)
{
  PtNews *news = pt_news_new ();
  guint counts[3] = { 0 };
  PtBatchRow row = { 0 };

  pt_news_subscribe (news, count_items, counts);
  pt_news_tell_batches (news, &row, 1);
  pt_news_free (news);
  turn ();
  g_assert_cmpuint (counts[2], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/news/subscribers", test_subscribers);
  g_test_add_func ("/news/batches", test_batches);
  g_test_add_func ("/news/bound", test_bound);
  g_test_add_func ("/news/freed", test_freed);
  return g_test_run ();
}
