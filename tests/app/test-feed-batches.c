/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-batches.h"

#include "pt-event-lines.h"
#include "pt-list-fixture.h"

#define BATCH(number, state, more)                                                                 \
  "{\"area\":\"a\",\"batch\":" number                                                              \
  ",\"from\":0,\"to\":1,\"prev_size\":0,\"size\":3,\"bytes\":1,"                                   \
  "\"cid\":\"b\",\"root\":\"c\"" state more "}"
#define PAGE(state) "{\"batches\":[" BATCH ("1", state, "") "]}"

/* The daemon's words; a batch whose window lasts is in no list. */
static void
test_read (void)
{
  static const char *const bad[] = { PAGE (",\"state\":\"open\""), PAGE (",\"state\":\"FINAL\""),
                                     PAGE (",\"state\":4"), PAGE (",\"state\":null"), PAGE ("") };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtListPage) page
      = pt_convert (PAGE (",\"state\":\"published\""), pt_list_page_read, &pt_list_batches, &error);

  g_assert_no_error (error);
  g_assert_cmpint (PT_BATCH (page->records->pdata[0])->state, ==, PT_BATCH_PUBLISHED);
  pt_assert_refuses (pt_list_page_read, &pt_list_batches, bad, G_N_ELEMENTS (bad));
}

/* Newest first; a step is a line of the log, what it waits for is none. */
static void
test_events (void)
{
  PtListFixture fixture;
  g_autoptr (PtBatch) newest = NULL;

  pt_list_start (&fixture, &pt_list_batches);
  g_assert_true (pt_list_event (&fixture, "batch", BATCH ("1", ",\"state\":\"sealed\"", "")));
  g_assert_true (pt_list_event (
      &fixture, "batch", BATCH ("1", ",\"state\":\"sealed\"", ",\"waits_for\":\"publication\"")));
  g_assert_true (
      pt_list_event (&fixture, "batch",
                     BATCH ("2", ",\"state\":\"published\"", ",\"waits_for\":\"a transaction\"")));
  g_assert_true (
      pt_list_event (&fixture, "batch", BATCH ("1", ",\"state\":\"final\"", ",\"block\":9")));
  pt_list_assert_told (&fixture, "sealed area a, batch 1, 3 entries, ; "
                                 "published area a, batch 2, 3 entries, waits for a transaction; "
                                 "final area a, batch 1, 3 entries, block 9; ");
  g_assert_cmpuint (pt_list_length (&fixture), ==, 2);
  newest = g_list_model_get_item (pt_list_model (&fixture), 0);
  g_assert_cmpuint (newest->batch, ==, 2);
  pt_list_stop (&fixture);
}

static void
on_line (PtFeed *feed, PtEventLine *line, gpointer data)
{
  pt_event_lines_put (data, line, 0);
}

static char *
batch_of (const char *area, const char *number)
{
  return g_strdup_printf ("{\"area\":\"%s\",\"batch\":%s,\"from\":0,\"to\":1,\"prev_size\":0,"
                          "\"size\":1500,\"bytes\":1,\"cid\":\"b\",\"root\":\"c\","
                          "\"state\":\"final\",\"block\":58}",
                          area, number);
}

/* What the log has of @count batches of the areas. */
static void
assert_together (const char *const *areas, guint count, const char *expected)
{
  static const char *const numbers[] = { "1", "2", "3" };
  g_autoptr (PtEventLines) lines = pt_event_lines_new ();
  g_autoptr (PtEventLine) line = NULL;
  g_autofree char *text = NULL;
  PtListFixture fixture;
  gsize more_at;

  pt_list_start (&fixture, &pt_list_batches);
  g_signal_connect (fixture.feed, "told", G_CALLBACK (on_line), lines);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *batch = batch_of (areas[i], numbers[i]);

      g_assert_true (pt_list_event (&fixture, "batch", batch));
    }
  pt_event_lines_flush (lines);
  g_assert_cmpuint (g_list_model_get_n_items (pt_event_lines_list (lines)), ==, 1);
  line = g_list_model_get_item (pt_event_lines_list (lines), 0);
  text = pt_event_line_text (line, &more_at);
  g_assert_cmpstr (line->word, ==, "final");
  g_assert_cmpstr (text, ==, expected);
  g_assert_true (line->final && line->kind == PT_EVENT_ANCHORING && !line->urgent);
  pt_list_stop (&fixture);
}

/* A step that many take at once is one line. */
static void
test_together (void)
{
  assert_together ((const char *const[]){ "pge-04" }, 1,
                   "area pge-04, batch 1, 1,500 entries · block 58");
  assert_together ((const char *const[]){ "pge-04", "pge-10", "pge-10" }, 3,
                   "pge: 3 batches, 4,500 entries · block 58");
  assert_together ((const char *const[]){ "east", "west" }, 2,
                   "2 areas: 2 batches, 3,000 entries · block 58");
  assert_together ((const char *const[]){ "east", "east" }, 2,
                   "area east: 2 batches, 3,000 entries · block 58");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed-batches/read", test_read);
  g_test_add_func ("/feed-batches/events", test_events);
  g_test_add_func ("/feed-batches/together", test_together);
  return g_test_run ();
}
