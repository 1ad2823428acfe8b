/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-audit-chain.h"

/* What an audit found, in words. Failures come from several threads; the rest is the reading
 * thread's. */

#define PT_AUDIT_LINES_MAX 100  /* failures that get a line; the others are counted */
#define PT_AUDIT_GAPS_MAX 10000 /* ranges of missing counters that are listed; likewise */

typedef struct
{
  char *area, *device;
  PtAuditGap gap;
} PtAuditGapLine;

typedef struct
{
  GMutex mutex;
  GPtrArray *lines; /* char *: what is wrong */
  GPtrArray *open;  /* char *: what could not be looked at */
  guint64 failures, open_count;
  gboolean json, terminal, bar_shown;

  GArray *gaps; /* PtAuditGapLine */
  guint64 gap_ranges;

  GPtrArray *receipts;       /* PtReceiptFile that were judged, borrowed; NULL: none */
  const PtAuditChain *chain; /* what the chain said, borrowed; NULL: it could not be read */
  PtAuditCounts counts;
  gint64 started, shown; /* g_get_monotonic_time () */
} PtAuditReport;

/* @sink is filled: whoever tells it tells @report, which stays where it is. */
void pt_audit_report_init (PtAuditReport *report, gboolean json, PtAuditSink *sink);
void pt_audit_report_clear (PtAuditReport *report);

/* One line `area batch line: what`. @batch or @line 0: none. */
void pt_audit_report_fail (PtAuditReport *report, const char *area, guint64 batch, guint64 line,
                           const char *format, ...) G_GNUC_PRINTF (5, 6);
/* The same of what could not be looked at: nobody is accused. */
void pt_audit_report_open (PtAuditReport *report, const char *area, guint64 batch,
                           const char *format, ...) G_GNUC_PRINTF (4, 5);
/* PT_EXIT_FAILED when anything is wrong, else PT_EXIT_NOT_CHECKED when anything could not be looked
 * at, else PT_EXIT_HOLDS. */
int pt_audit_report_status (const PtAuditReport *report);
/* The summary for people, or the JSON object, on standard output. */
void pt_audit_report_finish (PtAuditReport *report);
