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
  PtFees fees;
} PtSender;

/* What the options of a verb that sends say. */
typedef struct
{
  char *keystore, *password_file;
  double max_fee, max_tip; /* gwei per gas; 0: what is usual */
} PtSenderOptions;

extern const char pt_sender_max_fee_help[], pt_sender_max_tip_help[];

/* The last two of them. */
#define PT_SENDER_FEE_OPTIONS(options)                                                             \
  { "max-fee", 0, 0, G_OPTION_ARG_DOUBLE, &(options).max_fee, pt_sender_max_fee_help, "GWEI" },    \
  {                                                                                                \
    "max-tip", 0, 0, G_OPTION_ARG_DOUBLE, &(options).max_tip, pt_sender_max_tip_help, "GWEI"       \
  }

void pt_sender_options_clear (PtSenderOptions *options);

/* Reads the keystore, and chain id, nonce and fees from the chain. PT_ERROR_OPERATOR when the chain
 * asks for more than the options allow. */
PtSender *pt_sender_new (PtRpc *rpc, const PtSenderOptions *options, GError **error);
void pt_sender_free (PtSender *sender);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSender, pt_sender_free)

/* @to NULL: creates a contract. *@transaction gets its hash. */
gboolean pt_sender_send (PtSender *sender, const guint8 *to, GBytes *data, PtHash *transaction,
                         GError **error);

/* Until it is mined. PT_ERROR_OPERATOR when it was reverted, PT_ERROR_RETRY after @seconds. */
gboolean pt_sender_wait (PtSender *sender, const PtHash *transaction, guint seconds,
                         PtRpcReceipt *out, GError **error);
