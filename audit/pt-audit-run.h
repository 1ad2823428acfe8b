/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-audit-chain.h"

/* An audit as a whole: a line of threads which fetch, read (the caller's), and check signatures. */

typedef struct
{
  const char *gateway; /* of IPFS, without a slash at its end */
  guint threads;       /* for signatures; 0: one a processor */
  guint block_timeout; /* seconds that one block may take */
} PtAuditOptions;

/* Fetches and checks every batch that is anchored for @areas (pt_audit_read_chain ()). Nothing but
 * the chain is trusted. Blocking; all that was found has been told when it returns. */
void pt_audit_run (const PtAuditOptions *options, GPtrArray *areas, const PtAuditSink *sink,
                   PtAuditCounts *counts);
