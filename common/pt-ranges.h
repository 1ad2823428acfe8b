/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sets of counters as ranges, inclusive, rising, none touching the next. No GLib: the offline
 * verifier has them too. */

typedef struct
{
  int64_t first, last;
} PtRange;

/* All zero: the empty set. */
typedef struct
{
  PtRange *items;
  size_t count, capacity;
} PtRanges;

void pt_ranges_clear (PtRanges *ranges);

/* Adds what of @first to @last is not in it; false when memory is short. */
bool pt_ranges_add (PtRanges *ranges, int64_t first, int64_t last);
bool pt_ranges_has (const PtRanges *ranges, int64_t counter);
/* How many counters from @first to @last it holds. */
uint64_t pt_ranges_count (const PtRanges *ranges, int64_t first, int64_t last);
