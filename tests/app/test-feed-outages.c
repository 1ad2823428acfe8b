/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-outages.h"

#include "pt-list-fixture.h"

#define OUTAGE(device, start, end, more)                                                           \
  "{\"area\":\"a\",\"device\":\"" device "\",\"site\":\"s\",\"start\":" start ",\"end\":" end      \
  ",\"customers\":2" more "}"
#define PAGE(place) "{\"next\":null,\"outages\":[" OUTAGE ("d", "1", "null", place) "]}"

/* What an outage is near to may be there, null, or not there; nonsense is refused. */
static void
test_read (void)
{
  static const char *const good[][2] = { { PAGE (",\"place\":\"Napa\""), "Napa" },
                                         { PAGE (",\"place\":null"), NULL },
                                         { PAGE (""), NULL } };
  static const char *const bad[]
      = { PAGE (",\"place\":\"\""), PAGE (",\"place\":7"), PAGE (",\"place\":\"a\\nb\""),
          "{\"outages\":[{\"area\":\"a\"}]}" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PtListPage) page
          = pt_convert (good[i][0], pt_list_page_read, &pt_list_outages, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (PT_OUTAGE (page->records->pdata[0])->place, ==, good[i][1]);
    }
  pt_assert_refuses (pt_list_page_read, &pt_list_outages, bad, G_N_ELEMENTS (bad));
}

/* The same of what feeds it. */
static void
test_feeder (void)
{
  static const char *const bad[]
      = { PAGE (",\"feeder\":\"\""), PAGE (",\"feeder\":7"), PAGE (",\"feeder\":\"a b\"") };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtListPage) page
      = pt_convert (PAGE (",\"feeder\":\"F-1101\""), pt_list_page_read, &pt_list_outages, &error);
  g_autoptr (PtListPage) without
      = pt_convert (PAGE (""), pt_list_page_read, &pt_list_outages, NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (PT_OUTAGE (page->records->pdata[0])->feeder, ==, "F-1101");
  g_assert_null (PT_OUTAGE (without->records->pdata[0])->feeder);
  pt_assert_refuses (pt_list_page_read, &pt_list_outages, bad, G_N_ELEMENTS (bad));
}

static gint64
first_start (PtListFixture *fixture)
{
  g_autoptr (PtOutage) outage = g_list_model_get_item (pt_list_model (fixture), 0);

  return outage->start;
}

/* A device has one that lasts; the end of an earlier one leaves it. */
static void
test_events (void)
{
  PtListFixture fixture;

  pt_list_start (&fixture, &pt_list_outages);
  g_assert_true (pt_list_event (&fixture, "outage", OUTAGE ("d", "1000", "null", "")));
  pt_list_assert_told (&fixture, "off s, area a, 2 customers; ");
  g_assert_true (pt_list_event (&fixture, "outage", OUTAGE ("d", "1000", "null", "")));
  g_assert_true (pt_list_event (&fixture, "outage-changed", OUTAGE ("d", "900", "null", "")));
  pt_list_assert_told (&fixture, "");
  g_assert_cmpuint (pt_list_length (&fixture), ==, 1);
  g_assert_cmpint (first_start (&fixture), ==, 900);
  g_assert_true (pt_list_event (&fixture, "outage-changed", OUTAGE ("d", "10", "20", "")));
  g_assert_cmpuint (pt_list_length (&fixture), ==, 1);
  g_assert_true (pt_list_event (&fixture, "outage-changed",
                                OUTAGE ("d", "900", "60900", ",\"place\":\"Napa\"")));
  pt_list_assert_told (&fixture, "on s, area a, after 0 s, 2 customers; "
                                 "on Napa, site s, area a, after 1 min, 2 customers; ");
  g_assert_cmpuint (pt_list_length (&fixture), ==, 0);
  g_assert_false (pt_list_event (&fixture, "outage", "{}"));
  g_assert_false (pt_list_event (&fixture, "outage", "{{{"));
  pt_list_stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed-outages/read", test_read);
  g_test_add_func ("/feed-outages/feeder", test_feeder);
  g_test_add_func ("/feed-outages/events", test_events);
  return g_test_run ();
}
