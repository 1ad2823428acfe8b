/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-text.h"

#include <string.h>

static void
test_integer (void)
{
  static const char *const bad[] = {
    "", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "9007199254740992", "99999999999999999999"
  };
  gint64 value;

  g_assert_true (pt_fleet_parse_integer ("0", &value));
  g_assert_cmpint (value, ==, 0);
  g_assert_true (pt_fleet_parse_integer ("9007199254740991", &value));
  g_assert_cmpint (value, ==, PT_INTEGER_MAX);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (pt_fleet_parse_integer (bad[i], &value));
}

static void
test_degrees (void)
{
  static const struct
  {
    const char *text;
    int limit;
    gint64 value;
  } good[] = {
    { "38.25144", 90, 382514400 },
    { "-122.96677", 180, -1229667700 },
    { "0", 90, 0 },
    { "-0.0", 90, 0 },
    { "90", 90, 900000000 },
    { "-180.0000000", 180, -1800000000 },
    { "1.00000004", 90, 10000000 },
    { "1.00000005", 90, 10000001 },
    { "-1.00000005", 90, -10000001 },
    { "0.99999999", 90, 10000000 },
    { "37.1234567499999", 90, 371234567 },
    { "007.5", 90, 75000000 },
  };
  static const char *const bad[]
      = { "",    "-",   ".",          ".5", "5.",  "+5",  " 5",    "5 ",
          "1e1", "1,5", "90.0000001", "91", "--1", "nan", "1.2.3", "999999999999999999999",
          "1.x" };
  gint64 value;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (pt_fleet_parse_degrees (good[i].text, good[i].limit, &value));
      g_assert_cmpint (value, ==, good[i].value);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_false (pt_fleet_parse_degrees (bad[i], 90, &value));
    }
}

static void
test_cell (void)
{
  g_assert_cmpint (pt_fleet_round_to_cell (382514400), ==, 382500000);
  g_assert_cmpint (pt_fleet_round_to_cell (382550000), ==, 382600000);
  g_assert_cmpint (pt_fleet_round_to_cell (-1229667700), ==, -1229700000);
  g_assert_cmpint (pt_fleet_round_to_cell (-50000), ==, -100000);
  g_assert_cmpint (pt_fleet_round_to_cell (49999), ==, 0);
  g_assert_cmpint (pt_fleet_round_to_cell (900000000), ==, 900000000);
}

static void
test_duration (void)
{
  static const char *const bad[] = { "",    "1",  "h",   "0s", "-1h",   "1.5h",
                                     "1 h", "1H", "1hh", "1w", "3651d", "99999999999999999999s" };
  gint64 ms;

  g_assert_true (pt_fleet_parse_duration ("15m", &ms) && ms == 900000);
  g_assert_true (pt_fleet_parse_duration ("1h", &ms) && ms == 3600000);
  g_assert_true (pt_fleet_parse_duration ("7d", &ms) && ms == 604800000);
  g_assert_true (pt_fleet_parse_duration ("500ms", &ms) && ms == 500);
  g_assert_true (pt_fleet_parse_duration ("3650d", &ms));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (pt_fleet_parse_duration (bad[i], &ms));
}

static void
test_time (void)
{
  gint64 ms;

  g_assert_true (pt_fleet_parse_time ("1707006509000", &ms) && ms == 1707006509000);
  g_assert_true (pt_fleet_parse_time ("2024-02-04T00:28:29Z", &ms) && ms == 1707006509000);
  g_assert_true (pt_fleet_parse_time ("2024-02-04T00:28:29", &ms) && ms == 1707006509000);
  g_assert_true (pt_fleet_parse_time ("2024-02-04T00:28:29.250Z", &ms) && ms == 1707006509250);
  g_assert_true (pt_fleet_parse_time ("2024-02-03T16:28:29-08:00", &ms) && ms == 1707006509000);
  g_assert_false (pt_fleet_parse_time ("yesterday", &ms));
  g_assert_false (pt_fleet_parse_time ("", &ms));
  g_assert_false (pt_fleet_parse_time ("1969-01-01T00:00:00Z", &ms));
}

static void
test_id (void)
{
  static const char *const pairs[][2] = {
    { "083252104-2100548213", "083252104-2100548213" },
    { "a b/c", "a-b-c" },
    { "Straße 7", "Stra-e-7" }, /* one dash a character, not a byte */
    { "電柱1", "d--1" },
    { ".x", "d.x" },
    { "a.b_c:d-e", "a.b_c:d-e" },
    { "+", "d-" },
  };
  g_autofree char *longer = g_strnfill (100, 'x');
  char id[PT_ID_MAX + 1], numbered[PT_ID_MAX + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      pt_fleet_make_id (pairs[i][0], id);
      g_assert_cmpstr (id, ==, pairs[i][1]);
      g_assert_true (pt_is_id (pt_span (id, strlen (id))));
    }
  pt_fleet_make_id (longer, id);
  g_assert_cmpuint (strlen (id), ==, PT_ID_MAX);
  pt_fleet_number_id (id, 12, numbered);
  g_assert_cmpuint (strlen (numbered), ==, PT_ID_MAX);
  g_assert_true (g_str_has_suffix (numbered, "x-12"));
  pt_fleet_number_id ("ab", 2, numbered);
  g_assert_cmpstr (numbered, ==, "ab-2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-text/integer", test_integer);
  g_test_add_func ("/fleet-text/degrees", test_degrees);
  g_test_add_func ("/fleet-text/cell", test_cell);
  g_test_add_func ("/fleet-text/duration", test_duration);
  g_test_add_func ("/fleet-text/time", test_time);
  g_test_add_func ("/fleet-text/id", test_id);
  return g_test_run ();
}
