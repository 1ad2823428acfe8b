/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-error.h"

/* What it was that an Ethereum endpoint did not do. Endpoints agree on few codes, so their words
 * count too; what they are taken for decides whether one asks again, asks for less, asks the
 * operator, or holds that the contract said no. */
typedef enum
{
  PT_RPC_FINE,
  PT_RPC_UNREACHABLE, /* no connection, or no answer in time */
  PT_RPC_BUSY,        /* wants to be asked more slowly, or later */
  PT_RPC_NONSENSE,    /* what came is no answer */
  PT_RPC_DENIED,      /* its address, key or plan does not do */
  PT_RPC_UNSUPPORTED, /* it has no such method */
  PT_RPC_TOO_MUCH,    /* for eth_getLogs: ask for fewer blocks */
  PT_RPC_NO_BLOCK,    /* it does not know the block (yet) */
  PT_RPC_NO_STATE,    /* it has forgotten the block's accounts */
  PT_RPC_KNOWN,       /* it has the transaction already */
  PT_RPC_OLD_NONCE,   /* the transaction's number was used */
  PT_RPC_LOW_FEE,     /* the transaction pays too little for each gas */
  PT_RPC_NO_FUNDS,    /* the account has too little money */
  PT_RPC_REVERTED,    /* the contract refused: nothing else is a contract's refusal */
  PT_RPC_REFUSED,     /* anything else */
  PT_RPC_FAULT_COUNT
} PtRpcFault;

/* @status: of HTTP. @code, @message: of the JSON-RPC error, message NULL where the body is none;
 * @data: whether it carries a revert's bytes. Never PT_RPC_FINE. */
PtRpcFault pt_rpc_fault_of (const char *method, guint status, gint64 code, const char *message,
                            gboolean data);

/* What it is, in words of ours that anybody may read: "it has no such method". */
const char *pt_rpc_fault_words (PtRpcFault fault);

/* PT_ERROR_RETRY: goes away by itself; PT_ERROR_TOO_LARGE: ask for less; PT_ERROR_OPERATOR. */
PtErrorCode pt_rpc_fault_code (PtRpcFault fault);
