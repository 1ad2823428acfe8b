/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-table.h"

#include <string.h>

static void
test_durations (void)
{
  static const struct
  {
    gint64 ms;
    const char *text;
  } cases[] = { { -5, "0 s" },
                { 0, "0 s" },
                { 59999, "59 s" },
                { 60000, "1 min 00 s" },
                { 3599999, "59 min 59 s" },
                { 3600000, "1 h 00 min" },
                { 86399999, "23 h 59 min" },
                { 86400000, "1 d 00 h" },
                { G_GINT64_CONSTANT (781200000), "9 d 01 h" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = pt_format_duration (cases[i].ms);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_times (void)
{
  g_autofree char *none = pt_format_time (-1), *time = pt_format_time (1764000000123);
  g_autofree char *zone = pt_format_zone (1764000000123), *far = pt_format_time (G_MAXINT64);

  g_assert_cmpstr (none, ==, "-");
  g_assert_cmpstr (time, ==, "2025-11-24 21:45:00");
  g_assert_cmpstr (zone, ==, "+0545");
  g_assert_cmpstr (far, ==, "-");
}

static void
test_counts (void)
{
  static const char *const texts[] = { "0 outages", "1 outage", "2 outages" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = pt_format_count (i, "outage", "outages");

      g_assert_cmpstr (text, ==, texts[i]);
    }
}

static void
test_tables (void)
{
  static const char *const headings[] = { "Name", "Number", NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 1 << 1);
  g_autofree char *text = NULL;

  pt_table_take (table, g_strdup ("बिजली\x1b[2J"));
  pt_table_take (table, g_strdup ("7"));
  pt_table_take (table, NULL);
  pt_table_take (table, g_strdup ("12345678\xff"));
  text = pt_table_to_text (table);
  g_assert_null (strchr (text, '\x1b'));
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_nonnull (strstr (text, "Name          Number\n"));
  g_assert_nonnull (strstr (text, "          7\n-          12345678"));
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "<+0545>-5:45", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/table/durations", test_durations);
  g_test_add_func ("/table/times", test_times);
  g_test_add_func ("/table/counts", test_counts);
  g_test_add_func ("/table/tables", test_tables);
  return g_test_run ();
}
