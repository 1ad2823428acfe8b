/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-week.h"

#include "pt-feed-outages.h"

typedef struct
{
  gint64 from, to;
} Span;

static int
compare_spans (gconstpointer a, gconstpointer b)
{
  const Span *one = a, *other = b;

  return (one->from > other->from) - (one->from < other->from);
}

/* The parts of the week without supply, rising. */
static GArray *
find_spans (GPtrArray *outages, gint64 begin, gint64 now, gint64 heard_to)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (Span));

  for (guint i = 0; outages != NULL && i < outages->len; i++)
    {
      const PtOutage *outage = g_ptr_array_index (outages, i);
      Span span = { MAX (outage->start, begin),
                    MIN (outage->end > 0 ? outage->end : MAX (heard_to, outage->start), now) };

      if (span.to >= span.from)
        g_array_append_val (spans, span);
    }
  g_array_sort (spans, compare_spans);
  return spans;
}

PtWeek
pt_week_reckon (GPtrArray *outages, gint64 now, gint64 known_from, gint64 heard_to)
{
  gint64 begin = now - PT_WEEK_MS, to = CLAMP (heard_to, begin, now);
  gint64 from = known_from > 0 ? CLAMP (known_from, begin, to) : to;
  g_autoptr (GArray) spans = find_spans (outages, begin, now, heard_to);
  PtWeek week = { .on = to - from };
  gint64 reached = begin - 1;

  for (guint i = 0; i < spans->len; i++)
    {
      Span span = g_array_index (spans, Span, i);

      week.interruptions += span.from > reached;
      span.from = MAX (span.from, reached);
      reached = MAX (span.to, reached);
      if (span.from >= span.to)
        continue;
      week.off += span.to - span.from;
      week.on -= MAX (MIN (span.to, to) - MAX (span.from, from), 0);
    }
  week.unknown = PT_WEEK_MS - week.on - week.off;
  return week;
}
