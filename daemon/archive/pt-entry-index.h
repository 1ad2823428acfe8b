/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-entry-run.h"
#include "pt-subject.h"

/* Where a sealed entry is in the batch files: (subject, its number there) -> (batch, byte offset of
 * its line, its digest). Of each area sorted runs in files, one a batch, merged as they grow in
 * number, so that a look-up is a few binary searches and no batch file is opened to tell a
 * repetition. Derived from the batch files, so it is made again where it is missing or damaged.
 * Thread-safe; nobody who looks up waits for who adds. */
typedef struct _PtEntryIndex PtEntryIndex;

/* @directory is made where it is missing. Runs that are damaged, or are of an older format, are
 * deleted (of more than a gibibyte the rest is believed until pt_entry_index_check ()):
 * pt_entry_index_covered () tells from where on they have to be made again. */
PtEntryIndex *pt_entry_index_new (const char *directory, GError **error);
void pt_entry_index_free (PtEntryIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEntryIndex, pt_entry_index_free)

/* Reads the area's files and drops those that are damaged, with all that follow: they have to be
 * made again. @pace as in pt_entry_run_check (). How many were dropped. */
guint pt_entry_index_check (PtEntryIndex *index, guint32 area, PtEntryRunPace pace,
                            gpointer context);
/* Up to which of the area's entries it is without a hole. */
guint64 pt_entry_index_covered (PtEntryIndex *index, guint32 area);

/* Adds places of the area's entries after @first up to @last: @first must be what is covered, else
 * nothing is added (PT_ERROR_CONFLICT). Sorts @places (PtEntryPlace). */
gboolean pt_entry_index_add (PtEntryIndex *index, guint32 area, guint64 first, guint64 last,
                             GArray *places, GError **error);
gboolean pt_entry_index_find (PtEntryIndex *index, guint32 area, PtSubject subject, gint64 seq,
                              PtEntryPlace *out);
/* The subject's sealed entry with the lowest number above @seq. */
gboolean pt_entry_index_next (PtEntryIndex *index, guint32 area, PtSubject subject, gint64 seq,
                              PtEntryPlace *out);
/* Runs of all areas. */
guint pt_entry_index_runs (PtEntryIndex *index);
