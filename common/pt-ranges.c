/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ranges.h"

/* The first range that ends at @counter or above; how many there are where none does. */
static guint
find_range (const PtRanges *ranges, gint64 counter)
{
  guint low = 0, high = ranges->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (ranges, PtRange, middle).last < counter)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

void
pt_ranges_add (PtRanges **ranges, gint64 first, gint64 last)
{
  PtRange range = { first, last };
  guint at, end;

  g_return_if_fail (ranges != NULL && first <= last);

  if (*ranges == NULL)
    *ranges = g_array_new (FALSE, FALSE, sizeof (PtRange));
  at = end = find_range (*ranges, first - 1);
  while (end < (*ranges)->len && g_array_index (*ranges, PtRange, end).first <= last + 1)
    {
      range.first = MIN (range.first, g_array_index (*ranges, PtRange, end).first);
      range.last = MAX (range.last, g_array_index (*ranges, PtRange, end).last);
      end++;
    }
  if (end > at)
    g_array_remove_range (*ranges, at, end - at);
  g_array_insert_val (*ranges, at, range);
}

gboolean
pt_ranges_has (const PtRanges *ranges, gint64 counter)
{
  return pt_ranges_count (ranges, counter, counter) > 0;
}

guint64
pt_ranges_count (const PtRanges *ranges, gint64 first, gint64 last)
{
  guint64 count = 0;

  if (ranges == NULL)
    return 0;
  for (guint i = find_range (ranges, first); i < ranges->len; i++)
    {
      const PtRange *range = &g_array_index (ranges, PtRange, i);

      if (range->first > last)
        break;
      count += (guint64) (MIN (range->last, last) - MAX (range->first, first)) + 1;
    }
  return count;
}
