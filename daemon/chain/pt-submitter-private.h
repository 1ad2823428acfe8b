/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-anchor-call.h"
#include "pt-chain-view.h"
#include "pt-submitter.h"

/* pt-submitter.c: the thread, publishing, status. pt-submitter-chain.c: transactions. */

/* What is remembered of a transaction's newest version between two rounds; losing it is harmless.
 */
typedef struct
{
  gint64 sent; /* ms */
  gboolean refused;
  gint64 stuck; /* ms: since when it waits for what is not ours; 0: it does not */
} PtSending;

typedef struct
{
  gint64 retry_at; /* real ms */
  char *sentence;
} PtRefusal;

struct _PtSubmitter
{
  PtStore *store;
  PtBlockStore *blocks;
  PtSubmitterConfig config; /* rpc_url and publishers owned */
  GThread *thread;

  GMutex lock; /* guards what follows, up to the thread's own */
  GCond changed;
  gboolean woken, stopping;
  PtSubmitterStatus status;
  GHashTable *refusals; /* area number -> PtRefusal; written by the thread only */

  /* The thread's own. */
  PtRpc *rpc;
  gboolean checked; /* chain id and contract were seen to be right since the last failure */
  PtChainFacts facts;
  PtFees fees;
  PtClock *clock;
  GHashTable *sendings;                    /* PtTransactionRow.id (gint64 *) -> PtSending */
  gint64 publish_retry_at, chain_retry_at; /* real ms; 0: now */
  guint failures;                          /* of the chain, in a row */
  gboolean progress;                       /* something changed: go round again at once */
  char *attention;                         /* what the operator has to know, or NULL */
};

gint64 pt_submitter_now (PtSubmitter *submitter); /* ms */
/* Remembers the first sentence of a round for the status. */
void pt_submitter_note_attention (PtSubmitter *submitter, const char *sentence);
/* Tells of those of @rows that @transaction holds, after setting their state and place. */
void pt_submitter_tell (PtSubmitter *submitter, GArray *rows, const PtTransactionRow *transaction,
                        PtBatchState state);
/* One round over the chain. @transactions: of the store; @rows: its unfinished batches. Sets
 * facts.in_flight. Errors of the chain are of PT_ERROR, those of the store of PT_STORE_FAULT with
 * the same codes: each is answered in another way. */
#define PT_STORE_FAULT (g_quark_from_static_string ("pt-store-fault-quark"))
gboolean pt_submitter_chain_round (PtSubmitter *submitter, GPtrArray *transactions, GArray *rows,
                                   GError **error);
