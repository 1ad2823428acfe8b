/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-audit-finding.h"
#include "pt-abi.h"
#include "pt-rpc.h"

/* What the chain says: each area's keys and the checkpoints of its batches, in order. */

typedef struct
{
  PtAreaRegistered registered;
  GArray *checkpoints; /* PtCheckpoint, batch = index + 1 */
  gboolean broken;     /* the events themselves do not follow one another */
  gint stopped;        /* atomic: no later batch of it is looked at */
} PtAuditArea;

void pt_audit_area_free (PtAuditArea *area);

/* Whether there is a contract at the address. FALSE when the chain can't be read. */
gboolean pt_audit_find_contract (PtRpc *rpc, const guint8 contract[20], gboolean *found,
                                 GError **error);

/* Reads the contract's events from block @from on; @only (or NULL): that area alone. The areas
 * (PtAuditArea) in the order of their registration, or NULL when the chain can't be read. Events
 * that do not follow one another are told. Blocking. */
GPtrArray *pt_audit_read_chain (PtRpc *rpc, const guint8 contract[20], guint64 from,
                                const char *only, const PtAuditSink *sink, GError **error);
