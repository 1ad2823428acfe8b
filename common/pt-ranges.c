/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ranges.h"

#include <stdlib.h>
#include <string.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

void
pt_ranges_clear (PtRanges *ranges)
{
  free (ranges->items);
  *ranges = (PtRanges){ 0 };
}

/* The first range that ends at @counter or above; how many there are where none does. */
static size_t
find_range (const PtRanges *ranges, int64_t counter)
{
  size_t low = 0, high = ranges->count;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (ranges->items[middle].last < counter)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static bool
make_room (PtRanges *ranges)
{
  size_t capacity = ranges->capacity == 0 ? 4 : 2 * ranges->capacity;
  PtRange *items;

  if (ranges->count < ranges->capacity)
    return true;
  items = realloc (ranges->items, capacity * sizeof *items);
  if (items == NULL)
    return false;
  ranges->items = items;
  ranges->capacity = capacity;
  return true;
}

bool
pt_ranges_add (PtRanges *ranges, int64_t first, int64_t last)
{
  PtRange range = { first, last };
  size_t at, end;

  if (!make_room (ranges))
    return false;
  at = end = find_range (ranges, first - 1);
  while (end < ranges->count && ranges->items[end].first <= last + 1)
    {
      range.first = MIN (range.first, ranges->items[end].first);
      range.last = MAX (range.last, ranges->items[end].last);
      end++;
    }
  memmove (&ranges->items[at + 1], &ranges->items[end],
           (ranges->count - end) * sizeof *ranges->items);
  ranges->items[at] = range;
  ranges->count = ranges->count + 1 - (end - at);
  return true;
}

bool
pt_ranges_has (const PtRanges *ranges, int64_t counter)
{
  return pt_ranges_count (ranges, counter, counter) > 0;
}

uint64_t
pt_ranges_count (const PtRanges *ranges, int64_t first, int64_t last)
{
  uint64_t count = 0;

  for (size_t i = find_range (ranges, first); i < ranges->count; i++)
    {
      const PtRange *range = &ranges->items[i];

      if (range->first > last)
        break;
      count += (uint64_t) (MIN (range->last, last) - MAX (range->first, first)) + 1;
    }
  return count;
}
