/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-csv.h"

#include <string.h>

static PtFleetCsv *
open_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  PtFleetCsv *csv = pt_fleet_csv_new ("f.csv", text, strlen (text), &error);

  g_assert_no_error (error);
  return csv;
}

static void
assert_row (PtFleetCsv *csv, const char *first, const char *second)
{
  g_autoptr (GError) error = NULL;
  gboolean more = pt_fleet_csv_next (csv, &error);

  g_assert_no_error (error);
  g_assert_true (more);
  g_assert_cmpstr (pt_fleet_csv_field (csv, 0), ==, first);
  g_assert_cmpstr (pt_fleet_csv_field (csv, 1), ==, second);
}

static void
assert_end (PtFleetCsv *csv)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (pt_fleet_csv_next (csv, &error));
  g_assert_no_error (error);
}

static void
test_good (void)
{
  g_autoptr (PtFleetCsv) csv = open_text ("\xef\xbb\xbf"
                                          "a,\"b\"\r\n1,2\r\n\n\"x,\"\"y\"\"\nz\",\"\"\n,\n3,4");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (pt_fleet_csv_column (csv, "b", &error), ==, 1);
  g_assert_cmpint (pt_fleet_csv_column (csv, "a", &error), ==, 0);
  assert_row (csv, "1", "2");
  assert_row (csv, "x,\"y\"\nz", "");
  assert_row (csv, "", "");
  assert_row (csv, "3", "4");
  assert_end (csv);
  g_assert_cmpint (pt_fleet_csv_column (csv, "c", &error), ==, -1);
  g_assert_nonnull (strstr (error->message, "f.csv line 1"));
  g_assert_nonnull (strstr (error->message, "“c”"));
}

static void
test_lines_are_counted (void)
{
  g_autoptr (PtFleetCsv) csv = open_text ("a,b\r\n\"1\n1\",2\r\n\r\n3,4\r\n");
  g_autoptr (GError) error = NULL;

  assert_row (csv, "1\n1", "2");
  assert_row (csv, "3", "4");
  pt_fleet_csv_refuse (csv, &error, 1, "no");
  g_assert_cmpstr (error->message, ==, "f.csv line 5, column b: “4”: no");
  assert_end (csv);
}

static void
test_bad (void)
{
  static const struct
  {
    const char *text, *where;
  } bad[] = {
    { "", "line 1" },
    { "\n\n", "line 3" },
    { "\xef\xbb\xbf", "line 1" },
    { "a,a\n1,2\n", "“a”" },
    { "a,b\n1\n", "line 2" },
    { "a,b\n1,2,3\n", "line 2" },
    { "a,b\n1,2\n\"1,2\n", "line 3" },
    { "a,b\n\"1\"2,3\n", "line 2" },
    { "a,b\n1\"2,3\n", "line 2" },
    { "a,b\n1,2\r3,4\n", "line 2" },
    { "a,b\n1,2\r", "line 2" },
    { "a,b\n\"\n", "line 2" },
    { "a,\"b\n", "line 1" },
    { "a,b\n1,\xff\n", "line 2" },
    { "a,b\n1,\xc0\x80\n", "line 2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PtFleetCsv) csv
          = pt_fleet_csv_new ("f.csv", bad[i].text, strlen (bad[i].text), &error);

      while (csv != NULL && pt_fleet_csv_next (csv, &error))
        continue;
      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, bad[i].where));
    }
}

static void
test_nul_and_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) wide = g_string_new (NULL);

  g_assert_null (pt_fleet_csv_new ("f.csv", "a,b\n1\0,2\n", 9, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  for (int i = 0; i < 300; i++)
    g_string_append_printf (wide, "c%d,", i);
  g_assert_null (pt_fleet_csv_new ("f.csv", wide->str, wide->len, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (pt_fleet_csv_open ("no-such-file.csv", &error));
  g_assert_nonnull (strstr (error->message, "no-such-file.csv"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-csv/good", test_good);
  g_test_add_func ("/fleet-csv/lines", test_lines_are_counted);
  g_test_add_func ("/fleet-csv/bad", test_bad);
  g_test_add_func ("/fleet-csv/nul-and-files", test_nul_and_files);
  return g_test_run ();
}
