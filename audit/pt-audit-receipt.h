/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-audit-chain.h"
#include "pt-audit-run.h"
#include "pt-receipt.h"

/* What became of receipts' promises, by the chain and the batches that are anchored on it:
 * docs/PROTOCOL.md section 12. */

typedef enum
{
  PT_RECEIPT_JUDGED,
  PT_RECEIPT_NO_AREA,       /* its area is not registered with the contract */
  PT_RECEIPT_BAD_SIGNATURE, /* the area's service did not give it */
  PT_RECEIPT_NO_FILE,       /* the batch of its time can't be fetched: nobody is accused */
  PT_RECEIPT_BAD_FILE       /* what is anchored as that batch is none that its root follows from */
} PtReceiptOutcome;

typedef struct
{
  GBytes *bytes;
  PtReceipt receipt; /* its spans point into @bytes */
  PtReceiptOutcome outcome;
  PtPromise promise; /* where it is judged */
  guint64 batch;     /* of its time, anchored in a final block; 0: none */
  guint64 block;     /* that anchored it */
  gint64 anchored;   /* ms: that block's time */
} PtAuditReceipt;

/* NULL where @bytes are no receipt; one newline at their end may stand. */
PtAuditReceipt *pt_audit_receipt_new (GBytes *bytes, PtResult *result);
void pt_audit_receipt_free (PtAuditReceipt *receipt);

/* The block up to which all is final: the chain's finalized one, or @confirmations below the
 * newest, where that is not -1 or the chain has none. */
gboolean pt_audit_final_block (PtRpc *rpc, const PtAuditChain *chain, gint64 confirmations,
                               PtBlockHeader *out, GError **error);

/* Judges @receipts (PtAuditReceipt) as of @final. FALSE when the chain can't be asked. Blocking. */
gboolean pt_audit_judge_receipts (const PtAuditChain *chain, PtRpc *rpc,
                                  const PtAuditOptions *options, const PtBlockHeader *final,
                                  GPtrArray *receipts, GError **error);
