/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ranges.h"

#include <glib.h>

/* Against a set of single counters, for every range of a small space. */
#define SPACE 12

static void
compare (const PtRanges *ranges, const gboolean *expected)
{
  for (gint64 first = 1; first < SPACE; first++)
    for (gint64 last = first; last < SPACE; last++)
      {
        guint64 count = 0;

        for (gint64 i = first; i <= last; i++)
          count += expected[i];
        g_assert_cmpuint (pt_ranges_count (ranges, first, last), ==, count);
      }
  for (gsize i = 1; i < ranges->count; i++)
    g_assert_cmpint (ranges->items[i - 1].last + 1, <, ranges->items[i].first);
}

static void
test_union (void)
{
  for (guint seed = 0; seed < 300; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      gboolean expected[SPACE] = { FALSE };
      PtRanges ranges = { 0 };

      compare (&ranges, expected);
      for (int round = 0; round < 6; round++)
        {
          gint64 first = g_rand_int_range (random, 1, SPACE);
          gint64 last = g_rand_int_range (random, (gint32) first, SPACE);

          g_assert_true (pt_ranges_add (&ranges, first, last));
          for (gint64 i = first; i <= last; i++)
            expected[i] = TRUE;
          compare (&ranges, expected);
          g_assert_true (pt_ranges_has (&ranges, first) && pt_ranges_has (&ranges, last));
        }
      pt_ranges_clear (&ranges);
    }
}

/* Counters at the end of their range. */
static void
test_large (void)
{
  const gint64 most = G_GINT64_CONSTANT (9007199254740991);
  PtRanges ranges = { 0 };

  g_assert_false (pt_ranges_has (&ranges, 1));
  g_assert_true (pt_ranges_add (&ranges, 1, most));
  g_assert_cmpuint (pt_ranges_count (&ranges, 1, most), ==, (guint64) most);
  g_assert_true (pt_ranges_add (&ranges, 5, 5));
  g_assert_cmpuint (ranges.count, ==, 1);
  pt_ranges_clear (&ranges);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ranges/union", test_union);
  g_test_add_func ("/ranges/large", test_large);
  return g_test_run ();
}
