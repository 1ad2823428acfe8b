/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-audit-finding.h"
#include "pt-abi.h"
#include "pt-contract.h"

/* What the chain says: each area's keys and the checkpoints of its batches, in order. */

/* A block that the roster of @batch names. */
typedef struct
{
  guint64 batch, block;
  PtHash hash;
} PtAuditNamed;

typedef struct
{
  PtAreaRegistered registered;
  GArray *checkpoints; /* PtCheckpoint, batch = index + 1 */
  GArray *blocks;      /* guint64: the block that anchored each */
  GArray *named;       /* PtAuditNamed, rising: the blocks that rosters name */
  gint64 longest;      /* ms from a window's end to its block; -1: not asked */
  guint64 delayed;     /* windows of which that was more than was wanted */
  gboolean broken;     /* the events themselves do not follow one another */
  gint stopped;        /* atomic: no later batch of it is looked at */
} PtAuditArea;

void pt_audit_area_free (PtAuditArea *area);

/* All of it as of one block. */
typedef struct
{
  guint64 chain_id;
  PtBlockHeader at;
  GPtrArray *areas; /* PtAuditArea, in the order of their registration */
} PtAuditChain;

void pt_audit_chain_free (PtAuditChain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAuditChain, pt_audit_chain_free)

typedef struct
{
  guint8 contract[20];
  guint64 from_block; /* of the contract's creation */
  const char *only;   /* that area alone; or NULL */
} PtAuditQuestion;

/* Reads the contract's events and what it says itself, which must be the same: an endpoint that
 * leaves out events, or the contract's beginning, is told. NULL when the chain can't be read.
 * Blocking. */
PtAuditChain *pt_audit_read_chain (PtRpc *rpc, const PtAuditQuestion *question,
                                   const PtAuditSink *sink, GError **error);

/* Whether another endpoint says the same of the same block; that it does not is told, with @name.
 * FALSE when it can't be asked. */
gboolean pt_audit_compare_chain (const PtAuditChain *chain, PtRpc *rpc, const char *name,
                                 const PtAuditQuestion *question, const PtAuditSink *sink,
                                 GError **error);

/* How long after its end each window was anchored: one block is read for each that anchored. Those
 * of more than @limit ms are counted, and told where @is_failure. */
gboolean pt_audit_read_delays (PtAuditChain *chain, PtRpc *rpc, gint64 limit, gboolean is_failure,
                               const PtAuditSink *sink, GError **error);

/* Whether the blocks that the rosters name (pt_audit_run ()) are on the chain, and older than those
 * that anchored their batches. FALSE: they can't be read. */
gboolean pt_audit_read_named (const PtAuditChain *chain, PtRpc *rpc, const PtAuditSink *sink,
                              GError **error);
