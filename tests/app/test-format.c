/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-format.h"

#include <locale.h>

#define SECOND G_GINT64_CONSTANT (1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOON (1707048000 * SECOND) /* 2024-02-04 12:00 UTC */

#define assert_words(made, expected)                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *words = made;                                                                 \
    g_assert_cmpstr (words, ==, expected);                                                         \
  }                                                                                                \
  G_STMT_END

static void
test_durations (void)
{
  assert_words (pt_format_duration (-5 * DAY), "0 s");
  assert_words (pt_format_duration (59999), "59 s");
  assert_words (pt_format_duration (MINUTE), "1 min");
  assert_words (pt_format_duration (HOUR - 1), "59 min");
  assert_words (pt_format_duration (7 * HOUR + 9 * MINUTE), "7 h 09 min");
  assert_words (pt_format_duration (2 * DAY + 3 * HOUR), "2 d 3 h");
}

/* The date is said when it is another one than today's, also a year later. */
static void
test_times (void)
{
  assert_words (pt_format_clock (NOON), "12:00:00");
  assert_words (pt_format_time (NOON, NOON + HOUR), "12:00");
  assert_words (pt_format_time (NOON, NOON + DAY), "4 Feb, 12:00");
  assert_words (pt_format_time (NOON, NOON + 366 * DAY), "4 Feb, 12:00");
  assert_words (pt_format_clock (0), "00:00:00");
}

static void
test_sites (void)
{
  assert_words (pt_format_site ("Napa", "0424-19", "pge-04"), "Napa, site 0424-19, area pge-04");
  assert_words (pt_format_site (NULL, "0424-19", "pge-04"), "0424-19, area pge-04");
  assert_words (pt_format_customers (1), "1 customer");
  assert_words (pt_format_customers (10790), "10,790 customers");
  assert_words (pt_format_number (-10790), "-10,790");
}

static void
test_batches (void)
{
  g_assert_cmpstr (pt_format_batch_state (PT_BATCH_OPEN), ==, "open");
  g_assert_cmpstr (pt_format_batch_state (PT_BATCH_FINAL), ==, "final");
  g_assert_cmpstr (pt_format_waits ("confirmations"), ==, "confirmations");
  g_assert_cmpstr (pt_format_waits ("a newer daemon's reason"), ==, "a newer daemon's reason");
  g_assert_cmpstr (pt_format_waits (NULL), ==, "");
}

static void
test_short (void)
{
  assert_words (pt_format_short ("eighteen bytes are"), "eighteen bytes are");
  assert_words (pt_format_short ("0x5FbDB2315678afecb367f032d93F642f64180aa3"), "0x5FbDB2…180aa3");
  assert_words (pt_format_bytes (-1), "0 bytes");
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/durations", test_durations);
  g_test_add_func ("/format/times", test_times);
  g_test_add_func ("/format/sites", test_sites);
  g_test_add_func ("/format/batches", test_batches);
  g_test_add_func ("/format/short", test_short);
  return g_test_run ();
}
