/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-plan.h"
#include "pt-rpc.h"

/* What the planner has to know of the chain, read over JSON-RPC. Blocking. Errors are PtRpc's. */

/* PT_ERROR_CONFIGURATION with a sentence when the endpoint is another chain or has no contract
 * there; then *@key (may be NULL) is the key of [chain] that has to be corrected. */
gboolean pt_chain_view_check (PtRpc *rpc, guint64 chain_id, const guint8 contract[20],
                              const char **key, GError **error);

/* Fills head and fees, these within @most; and with @nonces the two nonces of @account at
 * @out->confirmations. */
gboolean pt_chain_view_read (PtRpc *rpc, const guint8 account[20], gboolean nonces,
                             const PtFeeBounds *most, PtChainFacts *out, PtFees *fees,
                             GError **error);

/* Looks for a receipt of any version of @row, and else whether the newest is known. Fills
 * everything in @out but refused and sent; *@receipt and *@hash of the version that was found. */
gboolean pt_chain_view_transaction (PtRpc *rpc, const PtTransactionRow *row,
                                    PtTransactionFacts *out, PtRpcReceipt *receipt, PtHash *hash,
                                    GError **error);
