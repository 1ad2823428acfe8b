/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-fault.h"

#include <string.h>

/* JSON-RPC 2.0 section 5.1, EIP-1474, and go-ethereum's code of a revert. */
#define CODE_REVERT 3
#define CODE_TOO_MANY 429
#define CODE_INTERNAL (-32603)
#define CODE_METHOD_NOT_FOUND (-32601)
#define CODE_LIMIT_EXCEEDED (-32005)
#define CODE_METHOD_NOT_SUPPORTED (-32004)
#define CODE_UNAVAILABLE (-32002)

typedef struct
{
  const char *words;
  PtRpcFault fault;
} Phrase;

/* Asked too fast, or too often: stands before what a range is told by, because a long message may
 * speak of both, and halving does not help a quota. */
static const char *const rate_words[]
    = { "too many request", "rate limit",     "rate-limit", "ratelimit",
        "request rate",     "request limit",  "per second", "compute units",
        "request count",    "throttl",        "quota",      "out of credi",
        "call rate",        "requests limit", NULL };

/* "block range is too wide", "query returned more than 10000 results", "response size exceeded",
 * "requested too many blocks", "eth_getLogs is limited to a 10,000 range", "query timeout". */
static const char *const range_words[]
    = { "range",      "results",         "response size", "response is too", "response too",
        "many logs",  "logs matched",    "many blocks",   "block limit",     "maximum blocks",
        "blocks max", "limit the query", "distance",      "exceed max",      "exceeds max",
        "query time", "timed out",       "timeout",       "took too long",   NULL };

static const char *const method_words[]
    = { "not supported", "unsupported",  "not found", "does not exist", "not available",
        "not exist",     "not allowed",  "disabled",  "whitelist",      "not implemented",
        "unknown",       "unrecognized", NULL };

static const char *const later_words[]
    = { "try again", "temporar",   "overload", "busy",        "timeout",      "timed out",
        "capacity",  "no backend", "upstream", "unavailable", "usage exceed", NULL };

/* Clients' words: geth and those that follow it, anvil, Nethermind, Besu, reth. */
static const Phrase phrases[] = {
  { "execution reverted", PT_RPC_REVERTED },
  { "unknown transaction", PT_RPC_REFUSED },
  { "beyond current head", PT_RPC_NO_BLOCK },
  { "already known", PT_RPC_KNOWN },
  { "already imported", PT_RPC_KNOWN },
  { "alreadyknown", PT_RPC_KNOWN },
  { "known transaction", PT_RPC_KNOWN },
  { "insufficient funds", PT_RPC_NO_FUNDS },
  { "insufficient balance", PT_RPC_NO_FUNDS },
  { "insufficientfunds", PT_RPC_NO_FUNDS },
  { "upfront cost", PT_RPC_NO_FUNDS },
  { "nonce too low", PT_RPC_OLD_NONCE },
  { "nonce is too low", PT_RPC_OLD_NONCE },
  { "oldnonce", PT_RPC_OLD_NONCE },
  { "underpriced", PT_RPC_LOW_FEE },
  { "less than block base fee", PT_RPC_LOW_FEE },
  { "feetoolow", PT_RPC_LOW_FEE },
  { "fee too low", PT_RPC_LOW_FEE },
  { "missing trie node", PT_RPC_NO_STATE },
  { "historical state", PT_RPC_NO_STATE },
  { "state not available", PT_RPC_NO_STATE },
  { "state is not available", PT_RPC_NO_STATE },
  { "pruned", PT_RPC_NO_STATE },
  { "header not found", PT_RPC_NO_BLOCK },
  { "unknown block", PT_RPC_NO_BLOCK },
  { "block not found", PT_RPC_NO_BLOCK },
};

static gboolean
has_any (const char *text, const char *const *words)
{
  for (gsize i = 0; words[i] != NULL; i++)
    if (strstr (text, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
is_busy_status (guint status)
{
  static const guint busy[] = { 408, 425, 429, 502, 503, 504 };

  for (gsize i = 0; i < G_N_ELEMENTS (busy); i++)
    if (status == busy[i])
      return TRUE;
  return status > 504; /* gateways' own: "web server is down", "timed out" */
}

/* What the status alone says; PT_RPC_FINE: ask the body. 404 and 500 are what some send along with
 * any JSON-RPC error. */
static PtRpcFault
fault_of_status (guint status, gboolean body)
{
  if (is_busy_status (status))
    return PT_RPC_BUSY;
  if (status == 413)
    return PT_RPC_TOO_MUCH;
  if (status == 401 || status == 402 || status == 403)
    return PT_RPC_DENIED;
  if (body || status / 100 == 2)
    return PT_RPC_FINE;
  if (status >= 500)
    return PT_RPC_BUSY;
  return status == 404 ? PT_RPC_DENIED : PT_RPC_REFUSED;
}

/* "limit exceeded", but not what a transaction may not exceed. */
static gboolean
is_over_limit (const char *words)
{
  static const char *const others[] = { "gas", "size", "nonce", "code", "fee", NULL };

  return (strstr (words, "limit exceeded") != NULL || strstr (words, "has exceeded") != NULL
          || strstr (words, "limit reached") != NULL)
         && !has_any (words, others);
}

static PtRpcFault
fault_of_words (const char *method, gint64 code, const char *words)
{
  if (code == CODE_TOO_MANY || has_any (words, rate_words))
    return PT_RPC_BUSY;
  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    if (strstr (words, phrases[i].words) != NULL)
      return phrases[i].fault;
  if (code == CODE_METHOD_NOT_FOUND || code == CODE_METHOD_NOT_SUPPORTED
      || (strstr (words, "method") != NULL && has_any (words, method_words)))
    return PT_RPC_UNSUPPORTED;
  if (strcmp (method, "eth_getLogs") == 0 && has_any (words, range_words))
    return PT_RPC_TOO_MUCH;
  if (code == CODE_LIMIT_EXCEEDED || code == CODE_INTERNAL || code == CODE_UNAVAILABLE
      || is_over_limit (words) || has_any (words, later_words))
    return PT_RPC_BUSY;
  return PT_RPC_REFUSED;
}

PtRpcFault
pt_rpc_fault_of (const char *method, guint status, gint64 code, const char *message, gboolean data)
{
  PtRpcFault fault = fault_of_status (status, message != NULL);
  g_autofree char *words = NULL;

  g_return_val_if_fail (method != NULL, PT_RPC_REFUSED);

  if (fault != PT_RPC_FINE)
    return fault;
  if (message == NULL)
    return PT_RPC_NONSENSE;
  if (code == CODE_REVERT || (data && code != CODE_TOO_MANY))
    return PT_RPC_REVERTED;
  words = g_ascii_strdown (message, -1);
  fault = fault_of_words (method, code, words);
  if (fault == PT_RPC_REFUSED && status >= 500)
    return PT_RPC_BUSY;
  return fault;
}

const char *
pt_rpc_fault_words (PtRpcFault fault)
{
  static const char *const words[] = {
    [PT_RPC_FINE] = "nothing",
    [PT_RPC_UNREACHABLE] = "it can't be reached",
    [PT_RPC_BUSY] = "it wants to be asked later",
    [PT_RPC_NONSENSE] = "its answer is none",
    [PT_RPC_DENIED] = "it wants another address, key or plan; check them",
    [PT_RPC_UNSUPPORTED] = "it has no such method",
    [PT_RPC_TOO_MUCH] = "the answer would be too large",
    [PT_RPC_NO_BLOCK] = "it does not know the block",
    [PT_RPC_NO_STATE] = "it has forgotten the block's accounts",
    [PT_RPC_KNOWN] = "it has the transaction already",
    [PT_RPC_OLD_NONCE] = "the transaction's number was used already",
    [PT_RPC_LOW_FEE] = "the transaction's fee is too low",
    [PT_RPC_NO_FUNDS] = "the account has too little money",
    [PT_RPC_REVERTED] = "the contract reverts",
    [PT_RPC_REFUSED] = "it does not want to",
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (words) == PT_RPC_FAULT_COUNT);
  g_return_val_if_fail ((guint) fault < PT_RPC_FAULT_COUNT, words[PT_RPC_REFUSED]);

  return words[fault];
}

PtErrorCode
pt_rpc_fault_code (PtRpcFault fault)
{
  switch (fault)
    {
    case PT_RPC_UNREACHABLE:
    case PT_RPC_BUSY:
    case PT_RPC_NONSENSE:
    case PT_RPC_NO_BLOCK:
      return PT_ERROR_RETRY;
    case PT_RPC_TOO_MUCH:
      return PT_ERROR_TOO_LARGE;
    case PT_RPC_DENIED:
    case PT_RPC_UNSUPPORTED:
    case PT_RPC_NO_STATE:
    case PT_RPC_KNOWN:
    case PT_RPC_OLD_NONCE:
    case PT_RPC_LOW_FEE:
    case PT_RPC_NO_FUNDS:
    case PT_RPC_REVERTED:
    case PT_RPC_REFUSED:
      return PT_ERROR_OPERATOR;
    case PT_RPC_FINE:
    case PT_RPC_FAULT_COUNT:
      break;
    }
  return PT_ERROR_FAILED;
}
