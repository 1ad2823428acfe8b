/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"

/* What an audit found. Failures come from several threads; the rest is the reading thread's. */

#define PT_AUDIT_LINES_MAX 100 /* failures that get a line; the others are counted */

typedef struct
{
  GMutex mutex;
  GPtrArray *lines; /* char * */
  guint64 failures;
  gboolean json, terminal, bar_shown;

  guint64 verified; /* atomic: signatures checked */
  guint64 areas, batches, batches_planned, bytes;
  guint64 entries[PT_ENTRY_ROSTER + 1]; /* by kind */
  guint64 gaps, gap_devices, late, silent, silent_now;
  gint64 started, shown; /* g_get_monotonic_time () */
} PtAuditReport;

void pt_audit_report_init (PtAuditReport *report, gboolean json);
void pt_audit_report_clear (PtAuditReport *report);

/* One line `area batch line: what`. @batch or @line 0: none. */
void pt_audit_report_fail (PtAuditReport *report, const char *area, guint64 batch, guint64 line,
                           const char *format, ...) G_GNUC_PRINTF (5, 6);
guint64 pt_audit_report_failures (PtAuditReport *report);

/* A bar on a terminal ten times a second, else a line every ten seconds. */
void pt_audit_report_progress (PtAuditReport *report, const char *area, guint64 batch);

/* The summary for people, or the JSON object, on standard output. */
void pt_audit_report_finish (PtAuditReport *report);
