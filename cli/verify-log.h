/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-entry.h"
#include "pt-findings.h"
#include "pt-offline.h"
#include "pt-signature.h"

/* What the entries of one batch file say about each other: who is registered in it, whose
 * signatures can be checked with it, counters, complaints, announcements, the roster. Memory grows
 * with the signers and complaints named and with the holes in counters, not with the entries. */

typedef struct PtVerifyLog PtVerifyLog;

typedef struct
{
  uint64_t entries[PT_ENTRY_KINDS];    /* by kind */
  uint64_t unverified[PT_ENTRY_KINDS]; /* whose signer is not in the file, nor given */
  uint64_t service;                    /* signed by the service, whose key is not given */
} PtVerifyCounts;

/* @complete: the file holds the area's log from its first entry on. NULL when memory is short. */
PtVerifyLog *pt_verify_log_new (const PtVerifyOptions *options, PtSpan area, uint64_t batch,
                                int64_t from, int64_t to, bool complete);
void pt_verify_log_free (PtVerifyLog *log);

/* One entry's line. What is wrong with it is kept for pt_verify_log_findings (). false when
 * memory is short. */
bool pt_verify_log_entry (PtVerifyLog *log, uint64_t line, PtSpan bytes, const PtHash *leaf);

void pt_verify_log_findings (PtVerifyLog *log, PtFindings *findings);
const PtVerifyCounts *pt_verify_log_counts (const PtVerifyLog *log);

/* Counters below their devices' highest that are not in the log; @explained: those that the devices
 * said are lost. false where the log's beginning is not in the file, so that nobody knows. */
bool pt_verify_log_gaps (const PtVerifyLog *log, uint64_t *explained, uint64_t *unexplained);
