/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Where a report is in the batch files: (device number, counter) -> (batch, byte offset of its
 * line). Sorted runs in files, one a sealing pass, merged as they grow in number, so that a look-up
 * is a few binary searches. Derived from the batch files, so it is made again when it is missing.
 * Thread-safe. */
typedef struct _PtReportIndex PtReportIndex;

typedef struct
{
  guint32 device, batch;
  gint64 seq;
  guint64 offset; /* of the entry's first byte in its batch's file */
} PtReportPlace;

/* @directory is made where it is missing. Unreadable runs are put aside; then *@complete_to is what
 * is covered without a hole. */
PtReportIndex *pt_report_index_new (const char *directory, guint64 *complete_to, GError **error);
void pt_report_index_free (PtReportIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtReportIndex, pt_report_index_free)

/* Up to which entry it is without a hole. */
guint64 pt_report_index_covered (PtReportIndex *index);

/* Adds the reports of the entries after @first up to @last (ids): @first must be what is covered,
 * else nothing is added (PT_ERROR_CONFLICT). Sorts @places (PtReportPlace). */
gboolean pt_report_index_add (PtReportIndex *index, guint64 first, guint64 last, GArray *places,
                              GError **error);
gboolean pt_report_index_find (PtReportIndex *index, guint32 device, gint64 seq,
                               PtReportPlace *out);
guint pt_report_index_runs (PtReportIndex *index);
