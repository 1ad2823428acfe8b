/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-progress.h"

#include "pt-fleet-text.h"
#include "pt-terminal.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

void
pt_fleet_progress_init (PtFleetProgress *progress, const PtFleetPlan *plan, gboolean json)
{
  *progress = (PtFleetProgress){ .plan = plan, .json = json };
  progress->terminal = isatty (STDERR_FILENO);
  progress->started = progress->shown = g_get_monotonic_time ();
}

void
pt_fleet_progress_end_line (PtFleetProgress *progress)
{
  if (progress->open_line)
    g_printerr ("\n");
  progress->open_line = FALSE;
}

static double
share (const PtFleetPlan *plan, gint64 reached)
{
  gint64 length = MAX (1, plan->end - plan->start);

  return CLAMP (100.0 * (double) (reached - plan->start) / (double) length, 0, 100);
}

void
pt_fleet_progress_show (PtFleetProgress *progress, PtFleetRun *run, const PtFleetCounts *counts)
{
  gint64 now = g_get_monotonic_time (), since = now - progress->shown;
  g_autofree char *time = NULL, *trouble = NULL;
  double rate;

  if (since < (progress->terminal ? 1 : 10) * G_USEC_PER_SEC)
    return;
  rate = (double) (counts->acknowledged - progress->shown_acknowledged) * G_USEC_PER_SEC
         / (double) since;
  progress->shown = now;
  progress->shown_acknowledged = counts->acknowledged;
  trouble = pt_fleet_run_take_trouble (run);
  if (trouble != NULL)
    {
      pt_fleet_progress_end_line (progress);
      g_printerr (_ ("Trying again: %s\n"), trouble);
    }
  time = pt_fleet_format_time (counts->reached);
  if (progress->terminal)
    g_printerr (PT_TERMINAL_CLEAR_LINE);
  g_printerr (_ ("%s (%.0f %%) · %" PRIu64
                 " reports acknowledged · %.0f/s · %.1f min behind · %u without power"),
              time, share (progress->plan, counts->reached), counts->acknowledged, rate,
              (double) MAX (0, MIN (counts->now, progress->plan->end) - counts->reached) / 60000.0,
              counts->out);
  progress->open_line = progress->terminal;
  if (!progress->terminal)
    g_printerr ("\n");
}

static void
add_integer (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_rejected (JsonBuilder *builder, GHashTable *rejected)
{
  g_autoptr (GList) slugs
      = g_list_sort (g_hash_table_get_keys (rejected), (GCompareFunc) g_strcmp0);

  json_builder_set_member_name (builder, "rejected");
  json_builder_begin_object (builder);
  for (GList *slug = slugs; slug != NULL; slug = slug->next)
    add_integer (builder, slug->data, *(guint64 *) g_hash_table_lookup (rejected, slug->data));
  json_builder_end_object (builder);
}

static void
print_json (PtFleetProgress *progress, PtFleetRun *run, const PtFleetCounts *counts,
            gboolean complete, double seconds)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  json_builder_begin_object (builder);
  add_integer (builder, "devices", progress->plan->devices->len);
  add_integer (builder, "areas", progress->plan->areas);
  add_integer (builder, "outages", counts->outages);
  add_integer (builder, "reports", counts->made);
  add_integer (builder, "acknowledged", counts->acknowledged);
  add_integer (builder, "duplicate", counts->duplicate);
  add_rejected (builder, pt_fleet_run_rejected (run));
  add_integer (builder, "retries", counts->retries);
  json_builder_set_member_name (builder, "complete");
  json_builder_add_boolean_value (builder, complete);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  /* The seconds in three decimals, which json-glib would not keep to. */
  g_ascii_formatd (number, sizeof number, "%.3f", seconds);
  g_print ("%.*s,\"seconds\":%s}\n", (int) strlen (text) - 1, text, number);
}

static void
print_rejected (PtFleetRun *run)
{
  GHashTableIter iter;
  gpointer slug, count;

  g_hash_table_iter_init (&iter, pt_fleet_run_rejected (run));
  while (g_hash_table_iter_next (&iter, &slug, &count))
    g_print (_ ("  refused as %s: %" PRIu64 "\n"), (char *) slug, *(guint64 *) count);
}

void
pt_fleet_progress_summary (PtFleetProgress *progress, PtFleetRun *run, const PtFleetCounts *counts,
                           gboolean complete)
{
  double seconds = (double) (g_get_monotonic_time () - progress->started) / G_USEC_PER_SEC;

  if (progress->json)
    {
      print_json (progress, run, counts, complete, seconds);
      return;
    }
  if (!complete)
    g_print (_ ("Interrupted; the same command goes on from here.\n"));
  g_print (_ ("%u devices in %u areas went through %" PRIu64 " outages.\n"),
           progress->plan->devices->len, progress->plan->areas, counts->outages);
  g_print (_ ("%" PRIu64 " reports made, %" PRIu64 " acknowledged (%" PRIu64
              " of them a second time), %" PRIu64 " refused, in %.1f s (%.0f/s), after %" PRIu64
              " failed requests.\n"),
           counts->made, counts->acknowledged, counts->duplicate, counts->rejected, seconds,
           (double) counts->acknowledged / MAX (seconds, 0.001), counts->retries);
  print_rejected (run);
}
