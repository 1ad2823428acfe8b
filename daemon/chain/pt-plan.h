/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-batches.h"

/* What to do next about a batch or a transaction: a pure function of its row and the facts. No I/O,
 * no clock. The same plan runs at the start and ever after, so recovery is no special case. */

/* How often a transaction is signed anew with higher fees. By then they are more than forty times
 * what they were; whatever keeps it out of a block, it is not its fee. */
#define PT_VERSIONS_MAX 33

typedef enum
{
  PT_PLAN_NOTHING,      /* it is where it belongs, or its transaction moves it */
  PT_PLAN_WAIT,         /* ask again later */
  PT_PLAN_PUBLISH,      /* SEALED: give it to the publishers */
  PT_PLAN_SUBMIT,       /* PUBLISHED: may go into the next transaction */
  PT_PLAN_RESEND,       /* send the stored bytes (again) */
  PT_PLAN_BUMP,         /* the same nonce and call with higher fees */
  PT_PLAN_MARK_MINED,   /* it was mined, or is mined in another block than the store says */
  PT_PLAN_UNMINE,       /* a reorg took its block away */
  PT_PLAN_FINALIZE,     /* as deep as configured */
  PT_PLAN_ASK_CONTRACT, /* no receipt says what became of it: whether the contract has its batches
                         */
  PT_PLAN_WITHDRAW,     /* it can never take effect: its batches are to be planned anew */
  PT_PLAN_ASK_OPERATOR  /* a person has to do something first */
} PtPlan;

const char *pt_plan_name (PtPlan plan);

typedef enum
{
  PT_CHAIN_NONE,        /* none configured */
  PT_CHAIN_UNREACHABLE, /* does not answer */
  PT_CHAIN_WRONG,       /* another chain id, or no contract at the address */
  PT_CHAIN_READY
} PtChainState;

typedef struct
{
  PtChainState chain;
  guint64 head;          /* number of the newest block */
  guint64 base_fee;      /* wei per gas of the newest block; 0: not known */
  guint confirmations;   /* depth that makes final; a block just mined has depth 1 */
  gint64 bump_after;     /* ms after which a version that was not mined is bumped */
  gint64 stuck_after;    /* ms after which one that waits for what is not ours is given up */
  gint64 now;            /* ms */
  gboolean in_flight;    /* a transaction of ours that is not mined exists */
  guint64 nonce;         /* of the account, in the newest block */
  guint64 settled_nonce; /* of the account, as deep as configured */
} PtChainFacts;

typedef struct
{
  gint64 retry_at;  /* real ms; before that a failed step is not tried again. 0: none failed */
  gboolean refused; /* the contract refuses its area's next batch */
} PtBatchFacts;

typedef enum
{
  PT_RECEIPT_NONE,    /* no version is mined */
  PT_RECEIPT_SUCCESS, /* one is */
  PT_RECEIPT_FAILED   /* one is, and was reverted */
} PtReceiptState;

typedef enum
{
  PT_WHOSE_OURS,
  PT_WHOSE_OTHER_ACCOUNT, /* of the key that was configured before: never sent nor signed again */
  PT_WHOSE_OTHER_CHAIN    /* this chain will never know of it */
} PtWhose;

typedef struct
{
  PtWhose whose;
  PtReceiptState receipt;
  guint64 block; /* of the receipt */
  PtHash block_hash;
  gboolean known;   /* the chain's node has the newest version in its pool or in a block */
  gboolean refused; /* the node refused the newest version when it was last sent */
  gint64 sent;      /* ms: when this process last sent it, else the row's */
  gboolean asked;   /* the contract was asked, and has not all of its batches by one transaction */
  guint versions;   /* signed so far */
  guint64 before;   /* of ours, not mined, with nonces from the account's on and below this one */
  gint64 stuck;     /* ms: since when it is seen to wait for what is not ours; 0: it does not */
} PtTransactionFacts;

PtPlan pt_plan_batch (const PtBatchRow *row, const PtBatchFacts *batch, const PtChainFacts *chain);
/* Whether something that is not ours would have to be mined first: it is another account's, or
 * there are nonces below its own that nobody used, as when an endpoint once told too high a number.
 */
gboolean pt_plan_is_stuck (const PtTransactionRow *row, const PtTransactionFacts *transaction,
                           const PtChainFacts *chain);
PtPlan pt_plan_transaction (const PtTransactionRow *row, const PtTransactionFacts *transaction,
                            const PtChainFacts *chain);

/* The fee of the next version: at least 12.5 % more (what nodes ask of a replacement), at least
 * @suggested. */
guint64 pt_plan_bumped_fee (guint64 fee, guint64 suggested);
