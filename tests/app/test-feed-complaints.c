/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-complaints.h"

#include "pt-complaint-fixture.h"
#include "pt-list-fixture.h"

#define ROW PT_COMPLAINT_ROW_JSON
#define PAGE(row) "{\"complaints\":[" row "],\"counts\":{}}"

/* All that a row may say. */
static void
test_read (void)
{
  static const char whole[] = PAGE (ROW (
      "1234567890", "resolved", "4",
      ",\"place\":\"Patna\",\"feeder\":\"F-07\",\"assigned\":\"ae-7\",\"acknowledge_by\":61000,"
      "\"acknowledged_at\":5000,\"resolve_by\":90000,\"resolved_at\":80000,\"evidence\":"
      "\"contradicted\",\"later\":\"pending\",\"closed\":\"against\",\"outage_since\":900,"
      "\"supply_back_at\":null"));
  g_autoptr (GError) error = NULL;
  g_autoptr (PtListPage) page = pt_convert (whole, pt_list_page_read, &pt_list_complaints, &error);
  const PtComplaint *complaint;
  g_autofree char *where = NULL;

  g_assert_no_error (error);
  complaint = page->records->pdata[0];
  where = pt_complaint_where (complaint);
  g_assert_cmpstr (where, ==, "Patna, T-1");
  g_assert_cmpstr (pt_complaint_title (complaint), ==, "No supply");
  g_assert_cmpint (complaint->state, ==, PT_COMPLAINT_RESOLVED);
  g_assert_cmpint (complaint->closed, ==, PT_CLOSED_AGAINST);
  g_assert_cmpint (complaint->evidence, ==, PT_EVIDENCE_CONTRADICTED);
  g_assert_cmpint (complaint->later, ==, PT_AFTERMATH_PENDING);
  g_assert_cmpstr (complaint->assigned, ==, "ae-7");
  g_assert_cmpint (complaint->resolve_by, ==, 90000);
  g_assert_cmpint (complaint->supply_back_at, ==, 0);
}

/* Where no site is near there is a cell; a category without a title has its id. */
static void
test_cell (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtComplaint) complaint = NULL;
  g_autoptr (JsonNode) node
      = json_from_string ("{\"area\":\"east\",\"complaint\":\"c\",\"category\":\"damaged-pole\","
                          "\"lat\":256000000,\"lon\":-852000000,\"state\":\"open\",\"filed_at\":1,"
                          "\"changed_at\":1,\"n\":1,\"people\":1,\"by\":\"service\"}",
                          NULL);
  g_autofree char *where = NULL;

  complaint = pt_complaint_read (node, &error);
  g_assert_no_error (error);
  where = pt_complaint_where (complaint);
  g_assert_cmpstr (where, ==, "cell 25.60, -85.20");
  g_assert_cmpstr (pt_complaint_title (complaint), ==, "damaged-pole");
  g_assert_true (complaint->by_service);
  g_assert_null (complaint->site);
}

static void
test_refused (void)
{
  static const char *const bad[]
      = { PAGE (ROW ("a b", "open", "1", "")),
          PAGE (ROW ("1", "closed", "1", "")),
          PAGE (ROW ("1", "none", "1", "")),
          PAGE (ROW ("1", "open", "-1", "")),
          PAGE (ROW ("1", "open", "1", ",\"evidence\":\"yes\"")),
          PAGE (ROW ("1", "open", "1", ",\"assigned\":\"a b\"")),
          PAGE (ROW ("1", "open", "1", ",\"resolve_by\":\"soon\"")),
          PAGE ("{\"area\":\"east\",\"complaint\":\"1\",\"category\":\"c\",\"state\":\"open\","
                "\"filed_at\":1,\"changed_at\":1,\"n\":1,\"people\":1}") };

  pt_assert_refuses (pt_list_page_read, &pt_list_complaints, bad, G_N_ELEMENTS (bad));
}

/* Each step is told once, in its own words; one that is told late changes nothing. */
static void
test_events (void)
{
  PtListFixture fixture;

  pt_list_start (&fixture, &pt_list_complaints);
  g_assert_true (pt_list_event (&fixture, "complaint", ROW ("1234567890", "open", "1", "")));
  pt_list_assert_told (&fixture, "filed T-1, 1234 567 890, No supply; ");
  g_assert_true (
      pt_list_event (&fixture, "complaint", ROW ("1234567890", "acknowledged", "2", "")));
  pt_list_assert_told (&fixture, "acknowledged T-1, 1234 567 890, No supply; ");
  g_assert_true (pt_list_event (&fixture, "complaint", ROW ("1234567890", "open", "1", "")));
  g_assert_true (pt_list_event (&fixture, "complaint",
                                ROW ("1234567890", "acknowledged", "2", ",\"outage_since\":5000")));
  pt_list_assert_told (&fixture, "");
  g_assert_true (pt_list_event (&fixture, "complaint",
                                ROW ("1234567890", "resolved", "3", ",\"closed\":\"against\"")));
  pt_list_assert_told (&fixture, "against the evidence T-1, 1234 567 890, No supply; ");
  g_assert_cmpuint (pt_list_length (&fixture), ==, 1);
  g_assert_false (pt_list_event (&fixture, "complaint", "{}"));
  pt_list_stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed-complaints/read", test_read);
  g_test_add_func ("/feed-complaints/cell", test_cell);
  g_test_add_func ("/feed-complaints/refused", test_refused);
  g_test_add_func ("/feed-complaints/events", test_events);
  return g_test_run ();
}
