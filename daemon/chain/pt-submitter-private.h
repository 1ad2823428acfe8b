/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-anchor-call.h"
#include "pt-chain-view.h"
#include "pt-submitter.h"

/* pt-submitter.c: the thread, publishing, status. pt-submitter-chain.c: transactions.
 * pt-submitter-look.c: the contract's word on our batches. */

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
  gboolean look_wanted;
  PtSubmitterStatus status;
  PtNamedBlock settled;
  GHashTable *refusals; /* area number -> PtRefusal; written by the thread only */

  /* The thread's own. */
  PtRpc *rpc;
  gboolean checked; /* chain id and contract were seen to be right since the last failure */
  PtChainFacts facts;
  PtFees fees;
  PtClock *clock;             /* NULL: what passed since then, so that no jump makes it wait */
  gint64 started, started_us; /* real ms, and monotonic us */
  GHashTable *sendings;       /* PtTransactionRow.id (gint64 *) -> PtSending */
  gint64 publish_retry_at, chain_retry_at; /* real ms; 0: now */
  gint64 look_at;                          /* ms: when areas are to be looked at; 0: no need */
  gint64 look_all_at;                      /* ms: when all are */
  GHashTable *unsettled;                   /* areas that are to be looked at again */
  gint64 settled_at;                       /* real ms: when to look for a newer block */
  guint64 settled_head;                    /* the newest block when it was looked for */
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

/* Looks at the areas that are due for it, and acts on what is seen. */
gboolean pt_submitter_look_round (PtSubmitter *submitter, GError **error);
/* Before a call is signed: of @due (PtBatchRow) those stay whose area's log is the contract's. */
gboolean pt_submitter_look_at_due (PtSubmitter *submitter, GArray *due, GError **error);
/* The area is to be looked at again, in so many ms. */
void pt_submitter_look_again (PtSubmitter *submitter, guint32 area, gint64 delay);
/* When to look next, ms; 0: no need. */
gint64 pt_submitter_next_look (PtSubmitter *submitter);
/* What the contract says of the batches (of @rows) of a transaction that has no receipt. */
gboolean pt_submitter_ask_contract (PtSubmitter *submitter, const PtTransactionRow *row,
                                    GArray *rows, PtTransactionFacts *facts, PtRpcReceipt *receipt,
                                    PtHash *hash, GError **error);
/* The contract has nothing against the area any more. */
void pt_submitter_accept_area (PtSubmitter *submitter, guint32 area);

/* Looks for a newer settled block, if it is time. Not knowing it holds up nothing. */
void pt_submitter_read_settled (PtSubmitter *submitter);
