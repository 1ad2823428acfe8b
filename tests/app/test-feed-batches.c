/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-batches.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed-batches/read", test_read);
  g_test_add_func ("/feed-batches/events", test_events);
  return g_test_run ();
}
