/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-queue.h"

#include "common/pt-test.h"
#include "pt-error.h"

/* A feed that writes down what it is given: "a" in one part, "b" in three, "bad" is refused. */

#define TEST_TYPE_FEED (test_feed_get_type ())
G_DECLARE_FINAL_TYPE (TestFeed, test_feed, TEST, FEED, PtFeed)

typedef struct
{
  PtEventQueue *queue;
  GPtrArray *feeds;
  GString *log;
  char *failed;
  gboolean stops; /* at the next event */
  gboolean frees;
} Fixture;

struct _TestFeed
{
  PtFeed parent_instance;
  Fixture *fixture;
  guint parts, dirty;
};

G_DEFINE_FINAL_TYPE (TestFeed, test_feed, PT_TYPE_FEED)

static gsize
feed_event_max (PtFeed *feed, const char *type)
{
  return strcmp (type, "small") == 0 ? 10 : strcmp (type, "large") == 0 ? 40 * 1024 * 1024 : 0;
}

static gboolean
feed_apply (PtFeed *base, const char *type, GBytes *data, gboolean *more, GError **error)
{
  TestFeed *feed = TEST_FEED (base);
  Fixture *fixture = feed->fixture;
  gsize size;
  const char *text = g_bytes_get_data (data, &size);

  if (size == 3 && memcmp (text, "bad", size) == 0)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED, "bad");
      return FALSE;
    }
  g_string_append_c (fixture->log, text[0]);
  feed->dirty++;
  *more = text[0] == 'b' && ++feed->parts % 3 != 0;
  if (fixture->stops)
    pt_event_queue_stop (fixture->queue);
  if (fixture->frees)
    g_clear_pointer (&fixture->queue, pt_event_queue_free);
  return TRUE;
}

static void
feed_flush (PtFeed *base)
{
  TestFeed *feed = TEST_FEED (base);

  if (feed->dirty > 0)
    g_string_append_c (feed->fixture->log, '.');
  feed->dirty = 0;
}

static void
test_feed_class_init (TestFeedClass *class)
{
  PtFeedClass *feed_class = PT_FEED_CLASS (class);

  feed_class->event_max = feed_event_max;
  feed_class->apply = feed_apply;
  feed_class->flush = feed_flush;
}

static void
test_feed_init (TestFeed *feed)
{
}

static void
on_failed (const GError *error, gpointer data)
{
  Fixture *fixture = data;

  g_assert_null (fixture->failed);
  fixture->failed = g_strdup (error->message);
  pt_event_queue_stop (fixture->queue);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  TestFeed *feed = g_object_new (TEST_TYPE_FEED, NULL);

  feed->fixture = fixture;
  fixture->log = g_string_new (NULL);
  fixture->feeds = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (fixture->feeds, feed);
  fixture->queue = pt_event_queue_new (fixture->feeds, on_failed, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->queue, pt_event_queue_free);
  g_ptr_array_unref (fixture->feeds);
  g_string_free (fixture->log, TRUE);
  g_free (fixture->failed);
}

static gboolean
push (Fixture *fixture, const char *type, const char *text, GError **error)
{
  PtEvent event = { .type = type, .data = text, .size = strlen (text), .id = "" };

  return pt_event_queue_push (fixture->queue, &event, error);
}

static void
push_small (Fixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (push (fixture, "small", text, &error));
  g_assert_no_error (error);
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* What was applied; when views were told is another matter. */
static void
assert_applied (Fixture *fixture, const char *wanted)
{
  g_auto (GStrv) parts = g_strsplit (fixture->log->str, ".", -1);
  g_autofree char *applied = g_strjoinv ("", parts);

  g_assert_cmpstr (applied, ==, wanted);
}

/* In order, once it is started; what none takes is passed over. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  push_small (fixture, "a");
  push_small (fixture, "b");
  push_small (fixture, "c");
  g_assert_true (push (fixture, "of-a-newer-daemon", "x", NULL));
  turn ();
  g_assert_cmpstr (fixture->log->str, ==, "");
  pt_event_queue_start (fixture->queue);
  turn ();
  assert_applied (fixture, "abbbc");
  push_small (fixture, "d");
  turn ();
  assert_applied (fixture, "abbbcd");
  PT_TEST_WAIT_FOR (g_str_has_suffix (fixture->log->str, "."), fixture->log->str);
  assert_applied (fixture, "abbbcd");
}

/* Views have peace for 80 ms each time. */
static void
test_peace (Fixture *fixture, gconstpointer data)
{
  gint64 begun = g_get_monotonic_time ();
  guint told = 0;

  pt_event_queue_start (fixture->queue);
  for (guint i = 0; i < 100; i++)
    {
      push_small (fixture, "a");
      turn ();
      g_usleep (2000);
    }
  for (const char *c = fixture->log->str; *c != '\0'; c++)
    told += *c == '.';
  g_assert_cmpint (told, >=, 1);
  g_assert_cmpint (told, <=, 1 + (g_get_monotonic_time () - begun) / 80000);
}

static void
test_bounds (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (30 * 1024 * 1024, 'x');
  g_autoptr (GError) error = NULL, full = NULL;
  guint taken = 0;

  g_assert_false (push (fixture, "small", "more than ten", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_TOO_LARGE);
  while (taken < 10 && push (fixture, "large", large, &full))
    taken++;
  g_assert_error (full, PT_ERROR, PT_ERROR_TOO_LARGE);
  g_assert_cmpuint (taken, ==, 4);
  pt_event_queue_stop (fixture->queue);
  g_assert_true (push (fixture, "large", large, NULL)); /* there is room again */
}

/* Nothing after it; the queue has stopped by itself. */
static void
test_failure (Fixture *fixture, gconstpointer data)
{
  push_small (fixture, "a");
  push_small (fixture, "bad");
  push_small (fixture, "c");
  pt_event_queue_start (fixture->queue);
  turn ();
  g_assert_cmpstr (fixture->log->str, ==, "a.");
  g_assert_cmpstr (fixture->failed, ==, "bad");
  pt_event_queue_start (fixture->queue);
  turn ();
  g_assert_cmpstr (fixture->log->str, ==, "a.");
}

/* In the middle of an event: what was applied is shown. */
static void
test_stopped_within (Fixture *fixture, gconstpointer data)
{
  push_small (fixture, "b");
  push_small (fixture, "c");
  fixture->stops = TRUE;
  pt_event_queue_start (fixture->queue);
  turn ();
  g_assert_cmpstr (fixture->log->str, ==, "b.");
  fixture->stops = FALSE;
  push_small (fixture, "d");
  pt_event_queue_start (fixture->queue);
  turn ();
  g_assert_true (g_str_has_prefix (fixture->log->str, "b.d"));
}

static void
test_freed_within (Fixture *fixture, gconstpointer data)
{
  push_small (fixture, "b");
  push_small (fixture, "c");
  fixture->frees = TRUE;
  pt_event_queue_start (fixture->queue);
  turn ();
  g_assert_cmpstr (fixture->log->str, ==, "b.");
  g_assert_null (fixture->queue);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/event-queue/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (order);
  ADD (peace);
  ADD (bounds);
  ADD (failure);
  ADD (stopped_within);
  ADD (freed_within);
  return g_test_run ();
}
