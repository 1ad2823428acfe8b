/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-subject.h"

/* Where in the store a subject's newest entries are, until their batch is sealed: (number in the
 * subject, number in its area's log). Thread-safe. */
typedef struct _PtTail PtTail;

PtTail *pt_tail_new (void);
void pt_tail_free (PtTail *tail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTail, pt_tail_free)

/* Adds entry @entry of the area; forgets the subject's entries up to @sealed while at it. */
void pt_tail_add (PtTail *tail, PtSubject subject, gint64 seq, guint64 entry, guint64 sealed);
/* The entry of the subject's number @seq, 0: not in the tail. */
guint64 pt_tail_find (PtTail *tail, PtSubject subject, gint64 seq);
/* Takes the subject's entries from @entry on out again: their commit failed. */
void pt_tail_drop (PtTail *tail, PtSubject subject, guint64 entry);
