/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-audit-finding.h"

/* Checks signatures on several threads. They are handed over in blocks of a few hundred, because
 * waking a thread for each would cost as much as the check; there is a fixed number of blocks, so
 * the reader waits when the workers are behind. */

typedef struct _PtAuditPool PtAuditPool;

/* @sink is told of signatures and keys that do not hold, @counts->verified counts up; both outlive
 * the pool. */
PtAuditPool *pt_audit_pool_new (const PtAuditSink *sink, PtAuditCounts *counts, guint threads);

/* Queues one entry's signature by @key (copied). @area must outlive the pool. Registrations also
 * have the key that they register checked. One thread only. */
void pt_audit_pool_add (PtAuditPool *pool, const PtEntry *entry, const guint8 *key,
                        const char *area, guint64 batch, guint64 line);

/* Waits for all that was added, and frees the pool. */
void pt_audit_pool_finish (PtAuditPool *pool);
