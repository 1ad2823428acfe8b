/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-committer.h"
#include "pt-directory.h"

/* Checks form, signer, clock and signature of submissions' lines on worker threads, in blocks, and
 * hands each submission on to the committer when all its lines are checked. How many may wait is
 * said where they come in (pt_submission_enter ()). */
typedef struct _PtVerifierPool PtVerifierPool;

/* @workers: 0 for one a processor. What it is given outlives it. */
PtVerifierPool *pt_verifier_pool_new (PtDirectory *directory, PtClock *clock, guint workers,
                                      PtCommitter *committer);
/* Finishes what is under way and what waits. */
void pt_verifier_pool_free (PtVerifierPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtVerifierPool, pt_verifier_pool_free)

/* Takes the submission. */
void pt_verifier_pool_push (PtVerifierPool *pool, PtSubmission *submission);
