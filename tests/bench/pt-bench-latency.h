/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Latencies of a bench: an array of guint32, us. */

static inline int
pt_bench_compare_latencies (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;

  return left < right ? -1 : left > right;
}

/* ms; 0 of none. @sorted by the function above. */
static inline double
pt_bench_percentile (GArray *sorted, guint percent)
{
  return sorted->len > 0 ? g_array_index (sorted, guint32, (sorted->len - 1) * percent / 100) / 1e3
                         : 0;
}
