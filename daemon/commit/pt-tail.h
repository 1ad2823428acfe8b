/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-subject.h"

/* Where in the store a subject's newest entries are, until their batch is sealed, and what they say
 * in short. Thread-safe. */
typedef struct _PtTail PtTail;

typedef struct
{
  gint64 seq;     /* the number in the subject */
  guint64 entry;  /* the number in its area's log */
  guint64 digest; /* pt_entry_place_digest () */
} PtTailPlace;

PtTail *pt_tail_new (void);
void pt_tail_free (PtTail *tail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTail, pt_tail_free)

/* Adds an entry of the area; forgets the subject's entries up to @sealed while at it. */
void pt_tail_add (PtTail *tail, PtSubject subject, const PtTailPlace *place, guint64 sealed);
/* The entry of the subject's number @seq; FALSE: not in the tail. It may still be on its way into
 * the store. */
gboolean pt_tail_find (PtTail *tail, PtSubject subject, gint64 seq, PtTailPlace *out);
/* Takes the subject's entries from @entry on out again: their commit failed. */
void pt_tail_drop (PtTail *tail, PtSubject subject, guint64 entry);
