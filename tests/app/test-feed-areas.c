/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-areas.h"

#include "pt-list-fixture.h"

#define AREAS                                                                                      \
  "{\"areas\":[{\"area\":\"a\",\"devices\":3,\"batch\":2,\"size\":20,\"to\":null},"                \
  "{\"area\":\"b\",\"devices\":0,\"batch\":0,\"size\":0,\"to\":null}]}"

static void
test_read (void)
{
  static const char *const bad[] = { "{\"areas\":[{\"area\":\"a\",\"batch\":2,\"size\":20}]}" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtListPage) page = pt_convert (AREAS, pt_list_page_read, &pt_list_areas, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (page->records->len, ==, 2);
  g_assert_cmpint (PT_AREA_HEAD (page->records->pdata[0])->devices, ==, 3);
  pt_assert_refuses (pt_list_page_read, &pt_list_areas, bad, G_N_ELEMENTS (bad));
}

/* A newer batch is the head of an area that is known; of no other, and nobody is told a line. */
static void
test_batches (void)
{
  g_autoptr (PtListPage) page = pt_convert (AREAS, pt_list_page_read, &pt_list_areas, NULL);
  PtDaemonStatus status = { .areas = 2 };
  PtListFixture fixture;
  g_autoptr (PtAreaHead) head = NULL;

  pt_list_start (&fixture, &pt_list_areas);
  g_assert_true (pt_feed_is_behind (fixture.feed, &status));
  pt_record_list_replace (pt_feed_list_records (PT_FEED_LIST (fixture.feed)), page->records);
  g_assert_false (pt_feed_is_behind (fixture.feed, &status));
  g_assert_true (
      pt_list_event (&fixture, "batch", "{\"area\":\"a\",\"batch\":3,\"size\":30,\"to\":9}"));
  g_assert_true (
      pt_list_event (&fixture, "batch", "{\"area\":\"a\",\"batch\":1,\"size\":10,\"to\":3}"));
  g_assert_true (
      pt_list_event (&fixture, "batch", "{\"area\":\"c\",\"batch\":1,\"size\":10,\"to\":3}"));
  g_assert_cmpuint (pt_list_length (&fixture), ==, 2);
  head = g_list_model_get_item (pt_list_model (&fixture), 0);
  g_assert_cmpuint (head->batch, ==, 3);
  g_assert_cmpint (head->devices, ==, 3);
  g_assert_cmpint (head->to, ==, 9);
  pt_list_assert_told (&fixture, "");
  pt_list_stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed-areas/read", test_read);
  g_test_add_func ("/feed-areas/batches", test_batches);
  return g_test_run ();
}
