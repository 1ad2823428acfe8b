/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-audit-chain.h"
#include "pt-audit-pool.h"
#include "pt-registry.h"

/* Follows areas' logs batch by batch: form, tree, CID, signers, counters, rosters. It is given the
 * bytes; where they come from is for who asks. */

typedef struct _PtAuditCheck PtAuditCheck;

/* All arguments outlive the check. */
PtAuditCheck *pt_audit_check_new (PtRegistry *registry, PtAuditPool *pool, const PtAuditSink *sink,
                                  PtAuditCounts *counts);
void pt_audit_check_free (PtAuditCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAuditCheck, pt_audit_check_free)

/* Begins an area; FALSE when its keys from the chain can't be used. @registered outlives it. */
gboolean pt_audit_check_begin_area (PtAuditCheck *check, const PtAreaRegistered *registered);

/* Begins the area's next batch. @checkpoint outlives it. */
void pt_audit_check_begin_batch (PtAuditCheck *check, const PtCheckpoint *checkpoint);

/* Gets the blocks that rosters name, PtAuditNamed each; the caller's, until the area's end. */
void pt_audit_check_note_named (PtAuditCheck *check, GArray *named);

/* The next bytes of its file; FALSE: no more are wanted. */
gboolean pt_audit_check_feed (PtAuditCheck *check, GBytes *bytes);

/* The end of the file. FALSE when what follows in the area can't be checked any more. */
gboolean pt_audit_check_end_batch (PtAuditCheck *check);

/* After the area's last batch: counts gaps and who was silent. */
void pt_audit_check_end_area (PtAuditCheck *check);
