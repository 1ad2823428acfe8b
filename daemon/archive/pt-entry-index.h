/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-subject.h"

/* Where a sealed entry is in the batch files: (subject, its number there) -> (batch, byte offset of
 * its line). Of each area sorted runs in files, one a batch, merged as they grow in number, so that
 * a look-up is a few binary searches. Derived from the batch files, so it is made again when it is
 * missing. Thread-safe. */
typedef struct _PtEntryIndex PtEntryIndex;

#define PT_ENTRY_OFFSET_MAX ((G_GUINT64_CONSTANT (1) << 56) - 1)

typedef struct
{
  guint32 subject; /* its number */
  guint32 batch;
  gint64 seq;          /* the number in the subject */
  guint64 kind : 8;    /* PtSubjectKind */
  guint64 offset : 56; /* of the entry's first byte in its batch's file */
} PtEntryPlace;

/* @directory is made where it is missing. Runs that can't be read, or are of an older format, are
 * deleted: pt_entry_index_covered () tells from where on they have to be made again. */
PtEntryIndex *pt_entry_index_new (const char *directory, GError **error);
void pt_entry_index_free (PtEntryIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEntryIndex, pt_entry_index_free)

/* Up to which of the area's entries it is without a hole. */
guint64 pt_entry_index_covered (PtEntryIndex *index, guint32 area);

/* Adds places of the area's entries after @first up to @last: @first must be what is covered, else
 * nothing is added (PT_ERROR_CONFLICT). Sorts @places (PtEntryPlace). */
gboolean pt_entry_index_add (PtEntryIndex *index, guint32 area, guint64 first, guint64 last,
                             GArray *places, GError **error);
gboolean pt_entry_index_find (PtEntryIndex *index, guint32 area, PtSubject subject, gint64 seq,
                              PtEntryPlace *out);
/* Runs of all areas. */
guint pt_entry_index_runs (PtEntryIndex *index);
