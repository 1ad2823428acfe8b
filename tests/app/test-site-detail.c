/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-detail.h"

#include "pt-convert.h"

#define SITE(devices)                                                                              \
  "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"area\":\"east\",\"site\":\"s1\","     \
  "\"known_from\":500,"                                                                            \
  "\"devices\":[" devices "]}}"
#define DEVICE(device, last)                                                                       \
  "{\"device\":\"" device "\",\"key\":\"B\",\"status\":\"active\",\"missing\":2,\"last\":" last "}"
#define REPORT(power, state)                                                                       \
  "{\"reports\":[{\"device\":\"d1\",\"seq\":7,\"ts\":1000,\"received\":1001,\"power\":" power      \
  ",\"batch\":null,\"state\":" state ",\"waits_for\":null}]}"

/* The last report of each device, newest first. */
static void
test_devices (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtSiteDetail) detail = pt_convert (
      SITE (DEVICE ("d1", "{\"seq\":7,\"ts\":1000,\"power\":\"OFF\"}") "," DEVICE (
          "d2", "null") "," DEVICE ("d3", "{\"seq\":1,\"ts\":2000,\"power\":\"ON\"}")),
      pt_site_detail_read, NULL, &error);
  const PtReportRow *newest;

  g_assert_no_error (error);
  g_assert_cmpstr (detail->area, ==, "east");
  g_assert_cmpint (detail->known_from, ==, 500);
  g_assert_cmpuint (detail->devices->len, ==, 3);
  g_assert_cmpuint (detail->reports->len, ==, 2);
  g_assert_false (((PtDeviceRow *) detail->devices->pdata[0])->copied);
  newest = detail->reports->pdata[0];
  g_assert_cmpstr (newest->device, ==, "d3");
  g_assert_true (newest->power_on);
  g_assert_cmpint (newest->state, ==, PT_BATCH_OPEN);
}

static void
test_copied (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtSiteDetail) detail
      = pt_convert (SITE ("{\"device\":\"d1\",\"key\":\"B\",\"status\":\"active\",\"missing\":0,"
                          "\"key_copied\":true,\"last\":null}"),
                    pt_site_detail_read, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (((PtDeviceRow *) detail->devices->pdata[0])->copied);
}

static void
test_reports (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows
      = pt_convert (REPORT ("\"OFF\"", "\"submitted\""), pt_site_detail_read_reports, NULL, &error);
  const PtReportRow *row;

  g_assert_no_error (error);
  row = rows->pdata[0];
  g_assert_false (row->power_on);
  g_assert_cmpint (row->received, ==, 1001);
  g_assert_cmpint (row->state, ==, PT_BATCH_SUBMITTED);
}

static void
test_refused (void)
{
  static const char *const sites[]
      = { "{\"properties\":{\"devices\":[{}]}}", SITE ("{\"device\":1}"), SITE ("1"),
          SITE (DEVICE ("d1", "{\"seq\":7,\"ts\":1000,\"power\":\"off\"}")) };
  static const char *const reports[]
      = { "{\"reports\":[{\"power\":\"MAYBE\"}]}", REPORT ("\"MAYBE\"", "\"open\""),
          REPORT ("\"ON\"", "\"OPEN\""), REPORT ("\"ON\"", "1") };

  pt_assert_refuses (pt_site_detail_read, NULL, sites, G_N_ELEMENTS (sites));
  pt_assert_refuses (pt_site_detail_read_reports, NULL, reports, G_N_ELEMENTS (reports));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/site-detail/devices", test_devices);
  g_test_add_func ("/site-detail/copied", test_copied);
  g_test_add_func ("/site-detail/reports", test_reports);
  g_test_add_func ("/site-detail/refused", test_refused);
  return g_test_run ();
}
