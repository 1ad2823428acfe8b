/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-outages.h"

#include <string.h>

#define HEADER "start_ms,end_ms,device_id,circuit_id,extent,latitude,longitude,customers,cause\n"

static PtFleetPlan *
read_text (const char *text, GError **error)
{
  g_autoptr (PtCsv) csv = pt_csv_new ("f.csv", text, strlen (text), error);

  return csv == NULL ? NULL : pt_fleet_outages_from_csv (csv, error);
}

static PtFleetPlan *
read_good (const char *text)
{
  g_autoptr (GError) error = NULL;
  PtFleetPlan *plan = read_text (text, &error);

  g_assert_no_error (error);
  return plan;
}

static const PtFleetDevice *
device_at (PtFleetPlan *plan, guint number)
{
  g_assert_cmpuint (number, <, plan->devices->len);
  return plan->devices->pdata[number];
}

static void
test_devices (void)
{
  g_autoptr (PtFleetPlan) plan
      = read_good (HEADER "100,200,h1,42271103,CUSTOMER,38.25144,-122.96677,1,x\n"
                          "100,200,c1,252381105,CUSTOMER,36.36941,-120.6454,0,x\n"
                          "300,400,c1,252381105,CUSTOMER,1,1,7,\n"
                          "100,200,t 1,1,DEVICE,37.90111,-122.00009,1,x\n"
                          "100,200,t/1,1,SOURCE,37,-122,50,x\n"
                          "500,600,h1,83271103,CUSTOMER,38,-122,1,\"x, y\"\n");
  const PtFleetDevice *house = device_at (plan, 0), *cluster = device_at (plan, 1);
  const PtFleetDevice *device = device_at (plan, 2), *twin = device_at (plan, 3);

  g_assert_cmpuint (plan->devices->len, ==, 4);
  g_assert_cmpuint (plan->areas, ==, 3);
  g_assert_cmpuint (plan->warnings->len, ==, 1);
  g_assert_cmpstr (house->area, ==, "pge-04");
  g_assert_cmpstr (house->feeder, ==, "42271103");
  g_assert_cmpint (house->level, ==, PT_LEVEL_HOUSE);
  g_assert_cmpint (house->lat, ==, 382500000);
  g_assert_cmpint (house->lon, ==, -1229700000);
  g_assert_cmpuint (house->outages->len, ==, 2);
  g_assert_cmpstr (cluster->area, ==, "pge-25");
  g_assert_cmpint (cluster->level, ==, PT_LEVEL_CLUSTER);
  g_assert_cmpint (cluster->customers, ==, 7);
  g_assert_cmpint (cluster->lat, ==, 363694100);
  g_assert_cmpstr (device->area, ==, "pge-00");
  g_assert_cmpstr (device->id, ==, "t-1");
  g_assert_cmpstr (device->site, ==, "t-1");
  g_assert_cmpint (device->level, ==, PT_LEVEL_TRANSFORMER);
  g_assert_cmpint (device->lon, ==, -1220000900);
  g_assert_cmpstr (twin->id, ==, "t-1-2");
}

static void
test_intervals (void)
{
  g_autoptr (PtFleetPlan) plan = read_good (HEADER "300,400,a,1,DEVICE,1,1,0,\n"
                                                   "100,200,a,1,DEVICE,1,1,0,\n"
                                                   "200,250,a,1,DEVICE,1,1,0,\n"
                                                   "310,320,a,1,DEVICE,1,1,0,\n"
                                                   "251,252,a,1,DEVICE,1,1,0,\n"
                                                   "900,,a,1,DEVICE,1,1,0,\n"
                                                   "950,960,a,1,DEVICE,1,1,0,\n"
                                                   "70,70,b,1,DEVICE,1,1,0,\n");
  const PtFleetOutage expected[]
      = { { 100, 250 }, { 251, 252 }, { 300, 400 }, { 900, PT_FLEET_OPEN } };
  GArray *outages = device_at (plan, 0)->outages;

  g_assert_cmpmem (outages->data, outages->len * sizeof (PtFleetOutage), expected, sizeof expected);
  g_assert_cmpuint (plan->outages, ==, 4);
  g_assert_cmpuint (plan->empty_rows, ==, 1);
  g_assert_cmpuint (plan->devices->len, ==, 2);
  g_assert_cmpint (plan->start, ==, 100);
  g_assert_cmpint (plan->end, ==, 900);
}

static void
test_bad (void)
{
  static const char *const bad[][2] = {
    { "100,50,a,1,DEVICE,1,1,0,\n", "end_ms" },
    { "x,50,a,1,DEVICE,1,1,0,\n", "start_ms" },
    { ",50,a,1,DEVICE,1,1,0,\n", "start_ms" },
    { "-5,50,a,1,DEVICE,1,1,0,\n", "start_ms" },
    { "1.5,50,a,1,DEVICE,1,1,0,\n", "start_ms" },
    { "1,5e3,a,1,DEVICE,1,1,0,\n", "end_ms" },
    { "1,9007199254740992,a,1,DEVICE,1,1,0,\n", "end_ms" },
    { "1,2,,1,DEVICE,1,1,0,\n", "device_id" },
    { "1,2,a,,DEVICE,1,1,0,\n", "circuit_id" },
    { "1,2,a,1234567890,DEVICE,1,1,0,\n", "circuit_id" },
    { "1,2,a,12x,DEVICE,1,1,0,\n", "circuit_id" },
    { "1,2,a,-12,DEVICE,1,1,0,\n", "circuit_id" },
    { "1,2,a,1,DEVICE,,1,0,\n", "latitude" },
    { "1,2,a,1,DEVICE,90.1,1,0,\n", "latitude" },
    { "1,2,a,1,DEVICE,north,1,0,\n", "latitude" },
    { "1,2,a,1,DEVICE,1,181,0,\n", "longitude" },
    { "1,2,a,1,DEVICE,1,1e2,0,\n", "longitude" },
    { "1,2,a,1,DEVICE,1,1,-1,\n", "customers" },
    { "1,2,a,1,DEVICE,1,1,,\n", "customers" },
    { "1,2,a,1,DEVICE,1,1,many,\n", "customers" },
    { "1,2,a,1,DEVICE,1,1,999999999999,\n", "customers" },
    { "1,2,a,1,DEVICE,1,1,0\n", "fields" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strconcat (HEADER "1,2,good,1,DEVICE,1,1,0,\n", bad[i][0], NULL);

      g_test_message ("%s", bad[i][0]);
      g_assert_null (read_text (text, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "f.csv line 3"));
      g_assert_nonnull (strstr (error->message, bad[i][1]));
    }
}

static void
test_columns (void)
{
  static const char *const names[] = { "start_ms", "end_ms",   "device_id", "circuit_id",
                                       "extent",   "latitude", "longitude", "customers" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) text = g_string_new (HEADER);

      g_string_replace (text, names[i], "other", 1);
      g_assert_null (read_text (text->str, &error));
      g_assert_nonnull (strstr (error->message, names[i]));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-outages/devices", test_devices);
  g_test_add_func ("/fleet-outages/intervals", test_intervals);
  g_test_add_func ("/fleet-outages/bad", test_bad);
  g_test_add_func ("/fleet-outages/columns", test_columns);
  return g_test_run ();
}
