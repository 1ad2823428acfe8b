/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-entry-index.h"
#include "pt-roster.h"
#include "pt-store-log.h"

/* What the entries of a batch say of their subjects, for the index and the roster. Where they are
 * many they are read on a thread beside the one that hands them in and goes on with the file. */
typedef struct _PtHearing PtHearing;

/* Of the batch after @head of the area; @roster is not to be used until the end. */
PtHearing *pt_hearing_new (PtRoster *roster, const char *area, const PtHead *head);
void pt_hearing_free (PtHearing *hearing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtHearing, pt_hearing_free)

/* The batch's next entry, which begins at @offset of its file. Copied. */
void pt_hearing_add (PtHearing *hearing, const PtEntryRow *row, guint64 offset);
/* Waits until all are read. The PtEntryPlaces in their order, or the first that is not what was
 * stored (PT_ERROR_STOP). Once. */
GArray *pt_hearing_end (PtHearing *hearing, GError **error);
