/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-abi.h"
#include "pt-store-batches.h"
#include "pt-transaction.h"

/* The anchor transaction: made from batches, signed, and read back from its stored bytes. */

#define PT_ANCHOR_MAX 100                               /* checkpoints in one transaction */
#define PT_ANCHOR_GAS_MAX G_GUINT64_CONSTANT (12000000) /* gas limit of one transaction */

/* What the chain holds of a batch once it is anchored. @row is not NULL. */
PtCheckpoint pt_anchor_checkpoint (const PtBatchRow *row);

/* The call anchor (checkpoints) for @rows, in their order. @count from 1 to PT_ANCHOR_MAX. */
GBytes *pt_anchor_call_data (const PtBatchRow *rows, guint count, GError **error);

/* Signs @transaction (data included) into a new row: chain, account, nonce, fees, hash, raw; sent
 * is
 * @now. */
PtTransactionRow *pt_anchor_sign (const PtTransaction *transaction, const PtEthereumSigner *signer,
                                  gint64 now, GError **error);

/* Reads a signed EIP-1559 transaction that pt_transaction_sign () made; ->data points into @raw.
 * PT_ERROR_STOP if it is anything else: what the store holds is not what was put there. */
gboolean pt_anchor_read (GBytes *raw, PtTransaction *out, GError **error);

/* Whose signed transaction it is, by its signature. PT_ERROR_STOP likewise. */
gboolean pt_anchor_owner (GBytes *raw, guint64 *chain_id, guint8 account[20], GError **error);
