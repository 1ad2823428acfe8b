/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-histogram.h"

static const gint64 bounds[PT_HISTOGRAM_BOUNDS] /* ms */
    = { 1, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 10000, 60000 };

void
pt_histogram_add (PtHistogram *histogram, gint64 us, guint count)
{
  g_return_if_fail (histogram != NULL);

  us = MAX (us, 0);
  histogram->count += count;
  histogram->sum += us * count;
  for (guint i = 0; i < PT_HISTOGRAM_BOUNDS; i++)
    if (us <= bounds[i] * G_TIME_SPAN_MILLISECOND)
      {
        histogram->counts[i] += count;
        return;
      }
}

static void
append_seconds (GString *text, double seconds)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (text, g_ascii_formatd (number, sizeof number, "%.9g", seconds));
}

static void
append_name (GString *text, const char *name, const char *part, const char *label)
{
  g_string_append_printf (text, "%s_%s", name, part);
  if (label[0] != '\0')
    g_string_append_printf (text, "{%s}", label);
  g_string_append_c (text, ' ');
}

void
pt_histogram_append (const PtHistogram *histogram, const char *name, const char *label,
                     GString *text)
{
  const char *comma;
  guint64 below = 0;

  g_return_if_fail (histogram != NULL && name != NULL && label != NULL && text != NULL);

  comma = label[0] != '\0' ? "," : "";
  for (guint i = 0; i < PT_HISTOGRAM_BOUNDS; i++)
    {
      below += histogram->counts[i];
      g_string_append_printf (text, "%s_bucket{%s%sle=\"", name, label, comma);
      append_seconds (text, (double) bounds[i] / 1000);
      g_string_append_printf (text, "\"} %" G_GUINT64_FORMAT "\n", below);
    }
  g_string_append_printf (text, "%s_bucket{%s%sle=\"+Inf\"} %" G_GUINT64_FORMAT "\n", name, label,
                          comma, histogram->count);
  append_name (text, name, "sum", label);
  append_seconds (text, (double) histogram->sum / G_USEC_PER_SEC);
  g_string_append_c (text, '\n');
  append_name (text, name, "count", label);
  g_string_append_printf (text, "%" G_GUINT64_FORMAT "\n", histogram->count);
}
