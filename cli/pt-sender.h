/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-ethereum-keystore.h"
#include "pt-rpc.h"

/* Sends transactions of one account and waits for them. Several may be under way at once. */
typedef struct
{
  PtRpc *rpc; /* borrowed */
  PtEthereumSigner *signer;
  guint64 chain_id, nonce;
  guint64 max_fee, max_priority_fee; /* wei per gas */
} PtSender;

/* Reads the keystore, and chain id, nonce and fees from the chain. */
PtSender *pt_sender_new (PtRpc *rpc, const char *keystore, const char *password_file,
                         GError **error);
void pt_sender_free (PtSender *sender);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSender, pt_sender_free)

/* @to NULL: creates a contract. *@transaction gets its hash. */
gboolean pt_sender_send (PtSender *sender, const guint8 *to, GBytes *data, PtHash *transaction,
                         GError **error);

/* Until it is mined. PT_ERROR_OPERATOR when it was reverted, PT_ERROR_RETRY after @seconds. */
gboolean pt_sender_wait (PtSender *sender, const PtHash *transaction, guint seconds, PtReceipt *out,
                         GError **error);
