/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-group.h"
#include "pt-live.h"
#include "pt-log-state.h"
#include "pt-submission.h"

/* Group commits, one after another: lines are judged, what is accepted is written in one
 * transaction, and only then holds. On the committer's thread. */
typedef struct _PtGroupCommit PtGroupCommit;

/* @live: told of what was committed; or NULL. */
PtGroupCommit *pt_group_commit_new (PtLogState *log, PtLive *live);
void pt_group_commit_free (PtGroupCommit *commit);
/* What receipts promise; none are given before. */
void pt_group_commit_set_receipts (PtGroupCommit *commit, const PtReceiptTerms *terms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtGroupCommit, pt_group_commit_free)

/* What was refused and waits for a group (pt-rejects.h) is written alone. */
void pt_group_commit_keep_rejected (PtGroupCommit *commit);

/* Decides all lines of @submissions (PtSubmission, verified). FALSE: not all was written; what
 * would have been accepted of areas that were not is refused as busy. After PT_ERROR_STOP nothing
 * is written ever again. @now: ms. */
gboolean pt_group_commit_run (PtGroupCommit *commit, GPtrArray *submissions, gint64 now,
                              GError **error);
/* There is no time that may be given: all lines are refused as busy. */
void pt_group_commit_refuse (GPtrArray *submissions);
/* Writes lines that the log has elsewhere, with the times of receipt (ms, of each line) that they
 * have there: all of them become the next entries of their areas, or none does, with
 * PT_ERROR_OPERATOR and *@line (from 0) where one would not be. The lines are verified. */
gboolean pt_group_commit_replay (PtGroupCommit *commit, PtSubmission *submission,
                                 const gint64 *received, guint *line, GError **error);
/* After PT_ERROR_STOP: the store has what it could not say that it had; nothing else is wrong. */
gboolean pt_group_commit_is_behind (PtGroupCommit *commit);
/* Whether what was run last wrote something. */
gboolean pt_group_commit_wrote (PtGroupCommit *commit);
/* After the answers to what was run last. */
void pt_group_commit_tell_late (PtGroupCommit *commit);
