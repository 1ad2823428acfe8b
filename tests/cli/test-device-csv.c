/* SPDX-License-Identifier: Apache-2.0 */
#include "device-csv.h"

#include <string.h>

#define LIMIT G_GINT64_CONSTANT (900000000)
#define KEY                                                                                        \
  "BJdZN62rO2xgKDETLXB4JSF4EFzWuiNj9hwIlxygnZzlg0YZg4kpT1swXyhwILXk5QfYmRb9UL6UxsFXTdYkQjg"

static void
test_positions (void)
{
  static const struct
  {
    const char *text;
    gint64 value;
  } good[] = { { "0", 0 },
               { "-5", -5 },
               { "900000000", 900000000 },
               { "-900000000", -900000000 },
               { "37.9", 379000000 },
               { "-0.0000001", -1 },
               { "0.0", 0 },
               { "-37.1234567", -371234567 },
               { "90.0", 900000000 } };
  static const char *const bad[] = { "",           ".",
                                     "1.",         ".5",
                                     "-.5",        "900000001",
                                     "90.0000001", "1.23456789",
                                     "1e3",        "1.2.3",
                                     " 1",         "1 ",
                                     "+1",         "01",
                                     "0x1",        "1,2",
                                     "1.-2",       "nan",
                                     "--1.0",      "1.5x",
                                     "-",          "99999999999999999999999999",
                                     "1.+2" };
  gint64 value = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (pt_position_parse (good[i].text, LIMIT, &value));
      g_assert_cmpint (value, ==, good[i].value);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_false (pt_position_parse (bad[i], LIMIT, &value));
    }
}

static void
test_rows (void)
{
  const char *fields[PT_DEVICE_FIELDS]
      = { "pge-01", "tx-1", "T-1", KEY, "379000000", "-122.25", "house", "3" };
  static const struct
  {
    guint field;
    const char *text;
  } bad[]
      = { { 0, "" },       { 0, "PGE" },        { 0, "a b" },   { 1, "" },      { 1, "-x" },
          { 2, "a/b" },    { 3, "" },           { 3, KEY "A" }, { 3, KEY "=" }, { 4, "900000001" },
          { 4, "37.905" }, { 5, "1800000001" }, { 5, "x" },     { 6, "House" }, { 6, "" },
          { 7, "-1" },     { 7, "" },           { 7, "1.0" } };
  g_autoptr (GError) error = NULL;
  PtDeviceRow row;

  g_assert_true (pt_device_row_parse (fields, &row, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (row.area, ==, "pge-01");
  g_assert_cmpint (row.lon, ==, -1222500000);
  g_assert_cmpint (row.level, ==, PT_LEVEL_HOUSE);
  g_assert_cmpint (row.customers, ==, 3);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *kept = fields[bad[i].field];

      fields[bad[i].field] = bad[i].text;
      g_assert_false (pt_device_row_parse (fields, &row, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
      fields[bad[i].field] = kept;
    }
}

static gboolean
collect (const PtDeviceRow *row, guint64 line, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data, "%s@%" G_GUINT64_FORMAT "%s%s ", row->device, line,
                          row->says_feeder ? "=" : "", row->feeder);
  return TRUE;
}

static gboolean
read_text (const char *text, gboolean names, GString *devices, GError **error)
{
  g_autoptr (PtCsv) csv = pt_csv_new ("d.csv", text, strlen (text), error);

  return csv != NULL
         && pt_device_csv_read (csv, "d.csv",
                                names ? PT_DEVICE_COLUMNS_NAMES : PT_DEVICE_COLUMNS_ALL, collect,
                                devices, error);
}

static void
test_files (void)
{
  static const struct
  {
    const char *text, *devices, *error;
  } files[] = {
    { PT_DEVICE_CSV_HEADING "\na,d1,s," KEY ",1,1,cluster,0\na,d2,s," KEY ",1,1,cluster,0\n",
      "d1@2 d2@3 ", NULL },
    { PT_DEVICE_CSV_HEADING "\r\na,d1,s," KEY ",1,1,cluster,0\r\n\r\na,d2,s," KEY ",1,1,cluster,0",
      "d1@2 d2@4 ", NULL },
    { "\xef\xbb\xbf\"area\",\"device\",\"site\",\"key\",\"lat\",\"lon\",\"level\",\"customers\"\r\n"
      "\"a\",\"d1\",\"s\",\"" KEY "\",\"1\",\"1\",\"cluster\",\"0\"\r\n",
      "d1@2 ", NULL },
    { PT_DEVICE_CSV_HEADING ",feeder\na,d1,s," KEY ",1,1,cluster,0,F-1\na,d2,s," KEY
                            ",1,1,cluster,0,\n",
      "d1@2=F-1 d2@3= ", NULL },
    { "feeder," PT_DEVICE_CSV_HEADING "\n11kV:7,a,d1,s," KEY ",1,1,cluster,0\nF 1,a,d2,s," KEY
      ",1,1,cluster,0\n",
      "d1@2=11kV:7 ", "line 3: feeder 'F 1'" },
    { "device, area ,site,note,key,lat,lon,level,customers\nd1, a,s,\"x, y\"," KEY
      ", 1,1 ,cluster,0\n",
      "d1@2 ", NULL },
    { PT_DEVICE_CSV_HEADING "\n", "", NULL },
    { "", "", "line 1" },
    { "area,device\n", "", "line 1" },
    { "area;device;site;key;lat;lon;level;customers\n", "", "commas" },
    { PT_DEVICE_CSV_HEADING "\na,d1,s," KEY ",1,1,cluster,0\na,d2\n", "d1@2 ", "line 3: 2 fields" },
    { PT_DEVICE_CSV_HEADING "\n,,,,,,,,,,,,,\n", "", "line 2: 14 fields" },
    { PT_DEVICE_CSV_HEADING "\n,,,,,,,\n", "", "line 2: area" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GString) devices = g_string_new (NULL);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (read_text (files[i].text, FALSE, devices, &error), ==,
                       files[i].error == NULL);
      g_assert_cmpstr (devices->str, ==, files[i].devices);
      if (files[i].error != NULL)
        {
          g_assert_nonnull (strstr (error->message, files[i].error));
          g_assert_nonnull (strstr (error->message, "d.csv"));
        }
    }
}

/* A revocation needs no more than names. */
static void
test_names (void)
{
  g_autoptr (GString) devices = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (read_text ("x,device,area\n1,d1,a\n2,d2,a\n", TRUE, devices, &error));
  g_assert_cmpstr (devices->str, ==, "d1@2 d2@3 ");
  g_assert_false (read_text ("device\nd1\n", TRUE, devices, &error));
  g_assert_nonnull (strstr (error->message, "area,device"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-csv/positions", test_positions);
  g_test_add_func ("/device-csv/rows", test_rows);
  g_test_add_func ("/device-csv/files", test_files);
  g_test_add_func ("/device-csv/names", test_names);
  return g_test_run ();
}
