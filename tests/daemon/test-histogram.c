/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-histogram.h"

static void
test_text (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  PtHistogram histogram = { 0 };

  pt_histogram_add (&histogram, -5, 1); /* a clock that went back: at once */
  pt_histogram_add (&histogram, 1000, 1);
  pt_histogram_add (&histogram, 1001, 2);
  pt_histogram_add (&histogram, 600 * (gint64) G_USEC_PER_SEC, 1);
  pt_histogram_append (&histogram, "x_seconds", "transport=\"http\"", text);
  g_assert_true (g_str_has_prefix (text->str,
                                   "x_seconds_bucket{transport=\"http\",le=\"0.001\"} 2\n"
                                   "x_seconds_bucket{transport=\"http\",le=\"0.005\"} 4\n"));
  g_assert_true (g_str_has_suffix (text->str, "x_seconds_bucket{transport=\"http\",le=\"60\"} 4\n"
                                              "x_seconds_bucket{transport=\"http\",le=\"+Inf\"} 5\n"
                                              "x_seconds_sum{transport=\"http\"} 600.003002\n"
                                              "x_seconds_count{transport=\"http\"} 5\n"));
}

static void
test_no_label (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  PtHistogram histogram = { 0 };

  pt_histogram_append (&histogram, "x", "", text);
  g_assert_true (g_str_has_prefix (text->str, "x_bucket{le=\"0.001\"} 0\n"));
  g_assert_true (g_str_has_suffix (text->str, "x_sum 0\nx_count 0\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/histogram/text", test_text);
  g_test_add_func ("/histogram/no-label", test_no_label);
  return g_test_run ();
}
