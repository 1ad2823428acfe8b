/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-store-log.h"
#include "pt-store-rejected.h"
#include "pt-submission.h"

/* Refused reports on their way into the store: the committer writes them with its next group, or
 * alone where there is none, so that no answer waits for it. Between two groups so many are kept,
 * of one source so many; the others are only counted. Any thread. */
#define PT_REJECTS_MAX 256
#define PT_REJECTS_PER_SOURCE 32

typedef struct _PtRejects PtRejects;

PtRejects *pt_rejects_new (PtClock *clock);
void pt_rejects_free (PtRejects *rejects);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRejects, pt_rejects_free)

/* What of @submission was refused, where it is of reports; not what was refused as busy, which says
 * nothing of it. */
void pt_rejects_take (PtRejects *rejects, const PtSubmission *submission);

/* What waits, for one group. */
typedef struct
{
  GArray *rows; /* PtRejectedRow */
  GStringChunk *words;
  GHashTable *sources; /* how many each has; its words are ->words' */
} PtRejectedBatch;

void pt_rejected_batch_free (PtRejectedBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRejectedBatch, pt_rejected_batch_free)

/* Nothing waits any more; NULL: nothing did. */
PtRejectedBatch *pt_rejects_steal (PtRejects *rejects);
/* What it was is written with @group, which borrows it, and what is too old is forgotten. */
void pt_rejects_fill (PtRejects *rejects, const PtRejectedBatch *batch, PtGroup *group);
/* How long (ms) they are kept. Before the first. */
void pt_rejects_keep_for (PtRejects *rejects, gint64 ms);
/* How many were only counted. */
guint64 pt_rejects_dropped (PtRejects *rejects);
