/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-block-store.h"
#include "pt-clock.h"
#include "pt-health.h"
#include "pt-looker.h"
#include "pt-news.h"
#include "pt-publisher.h"
#include "pt-rpc.h"
#include "pt-store-batches.h"
#include "pt-time-guard.h"
#include "pt-transaction.h"

/* Takes sealed batches to FINAL: publishes them, anchors them, follows their transactions. One
 * thread that owns the connection to the chain and does what pt-plan.h says about every row that is
 * not FINAL, at the start and whenever it is woken; it polls only while something is in flight. */
typedef struct _PtSubmitter PtSubmitter;

typedef struct
{
  const char *rpc_url; /* NULL: no chain; batches are published and wait */
  guint8 contract[20];
  guint64 chain_id;
  guint confirmations;      /* depth that makes final; at least 1 */
  guint bump_after_s;       /* fees are raised when a transaction was not mined after so long */
  guint stuck_after_s;      /* one that waits for what is not ours is given up then; 0: 180 */
  guint poll_ms;            /* while something is in flight; 0: 500 */
  guint operator_retry_s;   /* how often to try again what needs the operator; 0: 30 */
  PtFeeBounds most;         /* wei per gas that are never passed */
  guint64 max_cost;         /* gwei that one transaction may cost at most; 0: no limit */
  PtEthereumSigner *signer; /* outlives the submitter; may be NULL without a chain */
  PtLooker *looker; /* compares the chain with the store before anything is signed; outlives the
                       submitter; may be NULL without a chain */
  guint look_s;     /* how often all areas are compared, though nothing else asks for it; 0: 900 */
  PtClock *clock;   /* that fees and waiting are reckoned by; NULL: the machine's at the
                       start, because the chain goes by that too */
  const PtPublisher *publishers; /* besides our own block store; copied */
  guint publisher_count;
  PtTimeGuard *guard; /* told the chain's time where it wants it; or NULL */
  PtHealth *health;   /* what holds up batches is said here */
  PtNews *news;       /* and their states are told here; both outlive the submitter */
} PtSubmitterConfig;

typedef struct
{
  const char *state;    /* static: "none", "connecting", "ready", "submitting", "unreachable",
                           "wrong-chain", "operator", "store-failed", "stopped" */
  guint64 block;        /* the chain's newest that was seen */
  guint64 gas_used;     /* by transactions that became final since the start */
  guint64 transactions; /* of those, how many */
} PtSubmitterStatus;

/* @store and @blocks outlive it; @config is copied. */
PtSubmitter *pt_submitter_new (PtStore *store, PtBlockStore *blocks,
                               const PtSubmitterConfig *config);
/* Whether batches are anchored at all. */
gboolean pt_submitter_has_chain (PtSubmitter *submitter);
/* There may be something to do: batches were sealed, or the operator says "now". */
void pt_submitter_wake (PtSubmitter *submitter);
/* There are areas that nobody has looked at yet (pt-hold.h). */
void pt_submitter_look (PtSubmitter *submitter);
/* Ends the thread (at most a request's time limit later) and frees. Nothing is lost by that. */
void pt_submitter_stop (PtSubmitter *submitter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSubmitter, pt_submitter_stop)
void pt_submitter_get_status (PtSubmitter *submitter, PtSubmitterStatus *out);
/* Why a batch's area is refused by the contract: a sentence (free it), or NULL. */
char *pt_submitter_area_refusal (PtSubmitter *submitter, guint32 area);
/* The newest block that counts as settled, of those that were seen: deeper than any reorg that the
 * log is to outlive, 64 below what counts as final. Looked for every half minute at least, while
 * the chain is reached. Any thread. */
void pt_submitter_settled_block (PtSubmitter *submitter, PtNamedBlock *out);
