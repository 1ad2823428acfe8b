/* SPDX-License-Identifier: Apache-2.0 */
#include "audit-report.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <unistd.h>

#include "audit-words.h"
#include "pt-cli.h"
#include "pt-table.h"
#include "pt-i18n.h"
#include "pt-p256-lanes.h"
#include "pt-terminal.h"
#include "receipt-verdict.h"

#define BAR_INTERVAL (G_USEC_PER_SEC / 10)
#define LINE_INTERVAL (10 * G_USEC_PER_SEC)
#define BAR_WIDTH 24
#define AREAS_SHOWN 20 /* the others are in the JSON object */

static void report_found (const PtAuditFinding *finding, gpointer user_data);
static void report_read (const char *area, guint64 batch, gpointer user_data);
static void report_gap (const char *area, const char *device, const PtAuditGap *gap,
                        gpointer user_data);

static void
gap_clear (gpointer data)
{
  PtAuditGapLine *line = data;

  g_free (line->area);
  g_free (line->device);
}

void
pt_audit_report_init (PtAuditReport *report, gboolean json, PtAuditSink *sink)
{
  *report = (PtAuditReport){ .json = json, .terminal = isatty (STDERR_FILENO) };
  g_mutex_init (&report->mutex);
  report->lines = g_ptr_array_new_with_free_func (g_free);
  report->open = g_ptr_array_new_with_free_func (g_free);
  report->started = report->shown = g_get_monotonic_time ();
  *sink = (PtAuditSink){ report_found, report_read, report_gap, report };
  report->gaps = g_array_new (FALSE, FALSE, sizeof (PtAuditGapLine));
  g_array_set_clear_func (report->gaps, gap_clear);
}

void
pt_audit_report_clear (PtAuditReport *report)
{
  g_mutex_clear (&report->mutex);
  g_clear_pointer (&report->lines, g_ptr_array_unref);
  g_clear_pointer (&report->open, g_ptr_array_unref);
  g_clear_pointer (&report->gaps, g_array_unref);
}

static void
wipe_bar (PtAuditReport *report)
{
  if (report->bar_shown)
    g_printerr (PT_TERMINAL_CLEAR_LINE);
  report->bar_shown = FALSE;
}

static char *
make_line (const char *area, guint64 batch, guint64 line, const char *what)
{
  GString *text = g_string_new (area != NULL ? area : "");

  if (batch > 0)
    g_string_append_printf (text, " batch %" G_GUINT64_FORMAT, batch);
  if (line > 0)
    g_string_append_printf (text, " line %" G_GUINT64_FORMAT, line);
  g_string_append_printf (text, "%s%s", text->len > 0 ? ": " : "", what);
  return g_string_free (text, FALSE);
}

/* Takes @text. */
static void
add_line (PtAuditReport *report, GPtrArray *lines, guint64 *count, char *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&report->mutex);

  if ((*count)++ >= PT_AUDIT_LINES_MAX)
    {
      g_free (text);
      return;
    }
  wipe_bar (report);
  if (!report->json)
    {
      g_print ("%s\n", text);
      fflush (stdout);
    }
  g_ptr_array_add (lines, text);
}

void
pt_audit_report_fail (PtAuditReport *report, const char *area, guint64 batch, guint64 line,
                      const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  add_line (report, report->lines, &report->failures, make_line (area, batch, line, what));
}

void
pt_audit_report_open (PtAuditReport *report, const char *area, guint64 batch, const char *format,
                      ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  add_line (report, report->open, &report->open_count, make_line (area, batch, 0, what));
}

int
pt_audit_report_status (const PtAuditReport *report)
{
  if (report->failures > 0)
    return PT_EXIT_FAILED;
  return report->open_count > 0 ? PT_EXIT_NOT_CHECKED : PT_EXIT_HOLDS;
}

static void
report_found (const PtAuditFinding *finding, gpointer user_data)
{
  g_autofree char *words = pt_audit_words (finding);

  if (pt_audit_code_is_open (finding->code))
    pt_audit_report_open (user_data, finding->area, finding->batch, "%s", words);
  else
    pt_audit_report_fail (user_data, finding->area, finding->batch, finding->line, "%s", words);
}

static void
report_gap (const char *area, const char *device, const PtAuditGap *gap, gpointer user_data)
{
  PtAuditReport *report = user_data;
  PtAuditGapLine line = { NULL, NULL, *gap };

  if (report->gap_ranges++ >= PT_AUDIT_GAPS_MAX)
    return;
  line.area = g_strdup (area);
  line.device = g_strdup (device);
  g_array_append_val (report->gaps, line);
}

static guint64
count_entries (const PtAuditReport *report)
{
  guint64 sum = 0;

  for (int kind = 0; kind < PT_ENTRY_KINDS; kind++)
    sum += report->counts.entries[kind];
  return sum;
}

static double
seconds_since (gint64 started)
{
  return (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
}

static void
print_bar (PtAuditReport *report, const char *area, guint64 batch, double rate)
{
  char bar[BAR_WIDTH + 1] = { 0 };
  guint64 total = MAX (report->counts.batches_planned, 1);

  for (guint i = 0; i < BAR_WIDTH; i++)
    bar[i] = i < report->counts.batches * BAR_WIDTH / total ? '#' : '.';
  g_printerr (PT_TERMINAL_CLEAR_LINE);
  g_printerr (_ ("[%s] %3d%%  %.0f entries/s  %s batch %" PRIu64), bar,
              (int) (report->counts.batches * 100 / total), rate, area, batch);
}

/* A bar on a terminal ten times a second, else a line every ten seconds. */
static void
report_read (const char *area, guint64 batch, gpointer user_data)
{
  PtAuditReport *report = user_data;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GMutexLocker) locker = NULL;
  double rate = 0;

  if (now - report->shown < (report->terminal ? BAR_INTERVAL : LINE_INTERVAL))
    return;
  locker = g_mutex_locker_new (&report->mutex);
  rate = (double) count_entries (report) / MAX (seconds_since (report->started), 0.001);
  report->shown = now;
  report->bar_shown = report->terminal;
  if (report->terminal)
    print_bar (report, area, batch, rate);
  else
    g_printerr (
        _ ("%" PRIu64 " of %" PRIu64 " batches, %.0f entries/s, now %s batch %" PRIu64 "\n"),
        report->counts.batches, report->counts.batches_planned, rate, area, batch);
}

static void
add_count (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_entries (JsonBuilder *builder, const PtAuditReport *report)
{
  json_builder_set_member_name (builder, "entries");
  json_builder_begin_object (builder);
  for (int kind = 0; kind < PT_ENTRY_KINDS; kind++)
    add_count (builder, pt_entry_kind_name ((PtEntryKind) kind), report->counts.entries[kind]);
  add_count (builder, "total", count_entries (report));
  json_builder_end_object (builder);
}

/* Which counters are missing; "gap_ranges" says how many ranges there are where not all are listed.
 */
static void
add_gaps (JsonBuilder *builder, const PtAuditReport *report)
{
  add_count (builder, "gap_ranges", report->gap_ranges);
  json_builder_set_member_name (builder, "missing");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->gaps->len; i++)
    {
      const PtAuditGapLine *line = &g_array_index (report->gaps, PtAuditGapLine, i);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "area");
      json_builder_add_string_value (builder, line->area);
      json_builder_set_member_name (builder, "device");
      json_builder_add_string_value (builder, line->device);
      add_count (builder, "first", (guint64) line->gap.first);
      add_count (builder, "last", (guint64) line->gap.last);
      json_builder_set_member_name (builder, "explained");
      json_builder_add_boolean_value (builder, line->gap.is_explained);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_lines (JsonBuilder *builder, const char *name, GPtrArray *lines)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < lines->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (lines, i));
  json_builder_end_array (builder);
}

static const char *
verdict_name (const PtAuditReport *report)
{
  int status = pt_audit_report_status (report);

  return status == PT_EXIT_HOLDS ? "holds" : status == PT_EXIT_FAILED ? "fails" : "not-checked";
}

/* Up to when was looked, and how long after its window each batch was anchored. */
static void
add_chain (JsonBuilder *builder, const PtAuditChain *chain)
{
  add_count (builder, "chain_id", chain->chain_id);
  add_count (builder, "block", chain->at.number);
  add_count (builder, "block_time", (guint64) chain->at.time);
  json_builder_set_member_name (builder, "until");
  json_builder_begin_array (builder);
  for (guint i = 0; i < chain->areas->len; i++)
    {
      const PtAuditArea *area = g_ptr_array_index (chain->areas, i);
      guint count = area->checkpoints->len;

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "area");
      json_builder_add_string_value (builder, area->registered.area);
      add_count (builder, "batches", count);
      if (count > 0)
        add_count (builder, "to", g_array_index (area->checkpoints, PtCheckpoint, count - 1).to);
      if (area->longest >= 0)
        {
          add_count (builder, "longest_delay", (guint64) area->longest);
          add_count (builder, "delayed", area->delayed);
        }
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* Four ways closed, by what the log says; "confirmed" may be against the evidence, too. */
static void
add_complaints (JsonBuilder *builder, const PtPromiseCounts *counts)
{
  json_builder_set_member_name (builder, "complaints");
  json_builder_begin_object (builder);
  add_count (builder, "filed", counts->filed);
  add_count (builder, "open", counts->waiting);
  json_builder_set_member_name (builder, "closed");
  json_builder_begin_object (builder);
  for (int closed = PT_CLOSED_CITIZEN; closed <= PT_CLOSED_AGAINST; closed++)
    add_count (builder, pt_closed_name ((PtClosed) closed), counts->closed[closed]);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
add_receipts (JsonBuilder *builder, GPtrArray *receipts)
{
  json_builder_set_member_name (builder, "receipts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < receipts->len; i++)
    pt_receipt_file_to_json (g_ptr_array_index (receipts, i), builder);
  json_builder_end_array (builder);
}

static void
print_json (PtAuditReport *report, double seconds)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "holds");
  json_builder_add_boolean_value (builder, pt_audit_report_status (report) == PT_EXIT_HOLDS);
  json_builder_set_member_name (builder, "verdict");
  json_builder_add_string_value (builder, verdict_name (report));
  if (report->chain != NULL)
    add_chain (builder, report->chain);
  add_count (builder, "areas", report->counts.areas);
  add_count (builder, "batches", report->counts.batches);
  add_count (builder, "bytes", report->counts.bytes);
  add_entries (builder, report);
  add_count (builder, "signatures", report->counts.verified);
  json_builder_set_member_name (builder, "verifier");
  json_builder_add_string_value (builder, pt_p256_lanes_name ());
  add_count (builder, "gaps", report->counts.gaps);
  add_count (builder, "gap_devices", report->counts.gap_devices);
  add_count (builder, "explained", report->counts.explained);
  add_gaps (builder, report);
  add_count (builder, "late", report->counts.late);
  add_complaints (builder, &report->counts.complaints);
  add_count (builder, "silent", report->counts.silent);
  add_count (builder, "silent_now", report->counts.silent_now);
  add_count (builder, "failures", report->failures);
  add_lines (builder, "failed", report->lines);
  if (report->receipts != NULL)
    add_receipts (builder, report->receipts);
  add_count (builder, "unanswered", report->open_count);
  add_lines (builder, "not_checked", report->open);
  json_builder_set_member_name (builder, "seconds");
  json_builder_add_double_value (builder, seconds);
  json_builder_set_member_name (builder, "entries_per_second");
  json_builder_add_double_value (builder, (double) count_entries (report) / MAX (seconds, 0.001));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  g_print ("%s\n", text);
}

static void
print_area (const PtAuditArea *area)
{
  guint count = area->checkpoints->len;
  g_autofree char *to = NULL, *longest = NULL;

  if (count == 0)
    {
      g_print (_ ("Until     %s: no batch yet\n"), area->registered.area);
      return;
    }
  to = pt_format_time ((gint64) g_array_index (area->checkpoints, PtCheckpoint, count - 1).to);
  longest = area->longest >= 0 ? pt_format_duration (area->longest) : g_strdup ("?");
  g_print (_ ("Until     %s: %s, batch %u; anchored at most %s after its window, %" PRIu64
              " windows later than wanted\n"),
           area->registered.area, to, count, longest, area->delayed);
}

static void
print_chain (const PtAuditChain *chain)
{
  g_autofree char *time = pt_format_time (chain->at.time);
  guint shown = MIN (chain->areas->len, AREAS_SHOWN);

  g_print (_ ("Looked    at chain %" PRIu64 " up to block %" PRIu64 " of %s\n"), chain->chain_id,
           chain->at.number, time);
  for (guint i = 0; i < shown; i++)
    print_area (g_ptr_array_index (chain->areas, i));
  if (shown < chain->areas->len)
    g_print (_ ("... and %" PRIu64 " more\n"), (guint64) chain->areas->len - shown);
}

static void
print_complaints (const PtPromiseCounts *counts)
{
  g_print (_ ("Complaints %" PRIu64 ", open %" PRIu64 "; closed by the citizen %" PRIu64
              ", by the devices %" PRIu64 ", unconfirmed %" PRIu64 ", against the evidence %" PRIu64
              "\n"),
           counts->filed, counts->waiting, counts->closed[PT_CLOSED_CITIZEN],
           counts->closed[PT_CLOSED_DEVICES], counts->closed[PT_CLOSED_UNCONFIRMED],
           counts->closed[PT_CLOSED_AGAINST]);
}

static void
print_text (PtAuditReport *report, double seconds)
{
  g_autofree char *areas = pt_format_count (report->counts.areas, "area", "areas");
  g_autofree char *batches = pt_format_count (report->counts.batches, "batch", "batches");
  g_autofree char *entries = pt_format_count (count_entries (report), "entry", "entries");
  g_autofree char *failures = pt_format_count (report->failures, "failure", "failures");
  const guint64 *kind = report->counts.entries;

  if (report->failures > report->lines->len)
    g_print (_ ("... and %" PRIu64 " more\n"), report->failures - report->lines->len);
  if (report->chain != NULL)
    print_chain (report->chain);
  g_print (_ ("Checked   %s, %s, %s in %.1f s (%.0f entries/s)\n"), areas, batches, entries,
           seconds, (double) count_entries (report) / MAX (seconds, 0.001));
  g_print (_ ("Entries   %" PRIu64 " reports, %" PRIu64 " device and %" PRIu64
              " official registrations, %" PRIu64 " actions, %" PRIu64 " notices, %" PRIu64
              " profiles, %" PRIu64 " rosters\n"),
           kind[PT_ENTRY_REPORT], kind[PT_ENTRY_DEVICE], kind[PT_ENTRY_OFFICIAL],
           kind[PT_ENTRY_ACTION], kind[PT_ENTRY_NOTICE], kind[PT_ENTRY_PROFILE],
           kind[PT_ENTRY_ROSTER]);
  g_print (_ ("Gaps      %" PRIu64 " reports were made and are not in the log (%" PRIu64
              " devices); %" PRIu64 " counters were lost, as their devices say\n"),
           report->counts.gaps, report->counts.gap_devices, report->counts.explained);
  g_print (_ ("Late      %" PRIu64 " reports came an hour or more after they were made\n"),
           report->counts.late);
  g_print (_ ("Silent    %" PRIu64 " devices in the newest batches, %" PRIu64
              " device-windows in all\n"),
           report->counts.silent_now, report->counts.silent);
  if (report->counts.complaints.filed > 0)
    print_complaints (&report->counts.complaints);
  for (guint i = 0; report->receipts != NULL && i < report->receipts->len; i++)
    {
      const PtReceiptFile *file = g_ptr_array_index (report->receipts, i);
      int status = PT_EXIT_HOLDS;
      g_autofree char *words = pt_receipt_words (file->receipt, &status);

      g_print (_ ("Receipt   %s: %s\n"), file->path, words);
    }
  if (report->failures > 0)
    g_print (_ ("IT DOES NOT HOLD: %s.\n"), failures);
  else if (report->open_count > 0)
    g_print (_ ("NOT ALL COULD BE CHECKED (%" PRIu64 " questions have no answer). Nothing that was "
                "looked at is wrong.\n"),
             report->open_count);
  else
    g_print (_ ("All of it holds.\n"));
}

void
pt_audit_report_finish (PtAuditReport *report)
{
  double seconds = seconds_since (report->started);

  wipe_bar (report);
  if (report->json)
    print_json (report, seconds);
  else
    print_text (report, seconds);
}
