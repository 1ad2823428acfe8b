/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-directory.h"
#include "pt-submission.h"

/* Checks form, signer, clock and signature of submissions' lines on worker threads, in blocks, and
 * hands each submission on when all its lines are checked. */
typedef struct _PtVerifierPool PtVerifierPool;

/* Takes the submission; on a worker's thread. */
typedef void (*PtVerifiedFunc) (PtSubmission *submission, gpointer user_data);

/* @workers: 0 for one a processor. @lines_max: bound on the lines that wait. */
PtVerifierPool *pt_verifier_pool_new (PtDirectory *directory, PtClock *clock, guint workers,
                                      guint lines_max, PtVerifiedFunc verified, gpointer user_data);
/* Finishes what is under way and what waits; after it nothing is taken any more. Lines can still be
 * released, so the committer ends between this and the end of the pool. */
void pt_verifier_pool_drain (PtVerifierPool *pool);
/* Drains it first. */
void pt_verifier_pool_free (PtVerifierPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtVerifierPool, pt_verifier_pool_free)

/* Takes the submission, or returns FALSE and leaves it when too many lines wait. */
gboolean pt_verifier_pool_push (PtVerifierPool *pool, PtSubmission *submission);

/* A line that was counted in has left the pipeline. */
void pt_verifier_pool_release (PtVerifierPool *pool, guint lines);
guint pt_verifier_pool_waiting (PtVerifierPool *pool);
