/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "audit-chain.h"
#include "audit-fetch.h"
#include "audit-pool.h"
#include "pt-registry.h"

/* Follows one area's log batch by batch: form, tree, CID, signers, counters, rosters. */

typedef struct _PtAuditCheck PtAuditCheck;

/* @area must have at least one checkpoint or be skipped; all arguments outlive the check. */
PtAuditCheck *pt_audit_check_new (PtRegistry *registry, PtAuditPool *pool, PtAuditReport *report);
void pt_audit_check_free (PtAuditCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAuditCheck, pt_audit_check_free)

/* Begins an area; FALSE when its keys from the chain can't be used. */
gboolean pt_audit_check_area (PtAuditCheck *check, const PtAuditArea *area);

/* Reads the area's next batch from @fetcher. FALSE when what follows in the area can't be checked
 * any more. */
gboolean pt_audit_check_batch (PtAuditCheck *check, PtAuditFetcher *fetcher,
                               const PtCheckpoint *checkpoint);

/* After the area's last batch: counts gaps and who was silent. */
void pt_audit_check_area_end (PtAuditCheck *check);
