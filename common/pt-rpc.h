/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "pt-abi.h"
#include "pt-rpc-fault.h"
#include "pt-transaction.h"

/* Ethereum JSON-RPC over PtHttpClient. Blocking, one thread at a time. An endpoint that is busy is
 * asked again, more and more slowly. Errors: PT_ERROR_RETRY when it does not answer, answers
 * nonsense or stays busy, PT_ERROR_TOO_LARGE when it would have to say too much, PT_ERROR_OPERATOR
 * when it refuses what was asked; pt_rpc_fault () says more. Their messages may be shown to
 * anybody: endpoints' own words, in which keys stand, go to the log. */
typedef struct _PtRpc PtRpc;

PtRpc *pt_rpc_new (const char *url);
void pt_rpc_free (PtRpc *rpc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRpc, pt_rpc_free)

/* @deadline: of g_get_monotonic_time (), us; calls that are not done by then are PT_ERROR_RETRY. 0:
 * none. */
void pt_rpc_set_deadline (PtRpc *rpc, gint64 deadline);

/* How long a call may go on asking a busy endpoint again, ms; 3 s unless set. */
void pt_rpc_set_patience (PtRpc *rpc, guint ms);
/* For who gave the endpoint: messages carry its own words, and none are logged. */
void pt_rpc_set_candid (PtRpc *rpc, gboolean candid);
/* What the last call failed by; PT_RPC_FINE: it did not. */
PtRpcFault pt_rpc_fault (PtRpc *rpc);
/* The endpoint's own words about that, or NULL. Not for the public. Until the next call. */
const char *pt_rpc_words (PtRpc *rpc);

/* One call; @params is a JSON array text. The "result" member, never NULL without an error (JSON
 * null is a null node). */
JsonNode *pt_rpc_call (PtRpc *rpc, const char *method, const char *params, GError **error);

gboolean pt_rpc_chain_id (PtRpc *rpc, guint64 *out, GError **error);
#define PT_RPC_NEWEST G_MAXUINT64          /* for a block's number: whatever the newest is */
#define PT_RPC_FINALIZED (G_MAXUINT64 - 1) /* likewise: the newest that no reorg takes away */

typedef struct
{
  guint64 number;
  PtHash hash;
  gint64 time; /* ms since 1970; chains have seconds */
} PtBlockHeader;

/* PT_ERROR_RETRY and PT_RPC_NO_BLOCK for a block that the endpoint does not know. */
gboolean pt_rpc_header (PtRpc *rpc, guint64 block, PtBlockHeader *out, GError **error);
gboolean pt_rpc_block_number (PtRpc *rpc, guint64 *out, GError **error);
/* Of the account with (pending) or without what waits in the pool. */
gboolean pt_rpc_nonce (PtRpc *rpc, const guint8 address[20], gboolean pending, guint64 *out,
                       GError **error);
gboolean pt_rpc_nonce_at (PtRpc *rpc, const guint8 address[20], guint64 block, guint64 *out,
                          GError **error);
gboolean pt_rpc_balance (PtRpc *rpc, const guint8 address[20], guint8 wei[32], GError **error);

#define PT_RPC_GWEI G_GUINT64_CONSTANT (1000000000) /* wei */
/* What is paid at most unless somebody says otherwise, wei per gas. */
#define PT_RPC_MOST_FEE (200 * PT_RPC_GWEI)
#define PT_RPC_MOST_TIP (3 * PT_RPC_GWEI)

/* wei per gas that are never passed; 0: no bound. The base fee is the chain's, but a tip is paid as
 * it is given, so an endpoint that lies about it spends the account's money. */
typedef struct
{
  guint64 fee, tip;
} PtFeeBounds;

typedef struct
{
  guint64 base_fee;                  /* of the newest block; may be more than max_fee */
  guint64 max_fee, max_priority_fee; /* to offer; within the bounds */
} PtFees;                            /* wei per gas */

/* Fees for inclusion soon: max_fee = 2 * base fee + tip, and the tip what others pay (median of
 * eth_feeHistory), else what the endpoint suggests, else 1 gwei; none of it beyond @most. An ether
 * a gas and more is no answer. */
gboolean pt_rpc_fees (PtRpc *rpc, const PtFeeBounds *most, PtFees *out, GError **error);
/* A revert is PT_RPC_REVERTED with the contract's named error in the message where it is one of
 * PowerAnchor's. @to NULL: creation. */
gboolean pt_rpc_estimate_gas (PtRpc *rpc, const guint8 from[20], const guint8 *to, GBytes *data,
                              guint64 *gas, GError **error);
GBytes *pt_rpc_eth_call (PtRpc *rpc, const guint8 to[20], GBytes *data, GError **error);
GBytes *pt_rpc_code (PtRpc *rpc, const guint8 address[20], GError **error);
/* The same as of block @block. One that the endpoint does not know is PT_RPC_NO_BLOCK or
 * PT_RPC_NO_STATE. */
GBytes *pt_rpc_eth_call_at (PtRpc *rpc, const guint8 to[20], GBytes *data, guint64 block,
                            GError **error);
GBytes *pt_rpc_code_at (PtRpc *rpc, const guint8 address[20], guint64 block, GError **error);
/* Sends raw bytes. "already known" is success. */
gboolean pt_rpc_send_raw (PtRpc *rpc, GBytes *raw, GError **error);

typedef struct
{
  gboolean found; /* mined */
  gboolean success;
  guint64 block;
  PtHash block_hash;
  guint64 gas_used;
  guint8 contract[20]; /* of a creation */
} PtRpcReceipt;

gboolean pt_rpc_receipt (PtRpc *rpc, const PtHash *transaction, PtRpcReceipt *out, GError **error);

/* The contract's logs of blocks @from..@to, in order, calling @func for each; halves the range when
 * the endpoint says it is too large. One that does not know block @to yet is PT_ERROR_RETRY, for it
 * would leave out logs without a word. Logs that are malformed, out of order or were not asked for
 * are PT_ERROR_RETRY too. */
typedef struct
{
  guint64 block;
  PtHash transaction;
  guint log_index;
  PtHash topics[4];
  guint topic_count;
  const guint8 *data;
  gsize data_size;
} PtLog;

typedef gboolean (*PtLogFunc) (const PtLog *log, gpointer user_data, GError **error);
gboolean pt_rpc_logs (PtRpc *rpc, const guint8 contract[20], guint64 from, guint64 to,
                      PtLogFunc func, gpointer user_data, GError **error);

/* The same of those logs alone that begin with @topics (1 to 4). They are few, so the whole range
 * is asked for at once, and halved only where the endpoint will not. */
gboolean pt_rpc_logs_with (PtRpc *rpc, const guint8 contract[20], const PtHash *topics,
                           guint topic_count, guint64 from, guint64 to, PtLogFunc func,
                           gpointer user_data, GError **error);
