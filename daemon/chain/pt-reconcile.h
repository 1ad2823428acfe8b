/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-abi.h"
#include "pt-hold.h"
#include "pt-store-batches.h"

/* Whether the contract and the store say the same of an area's log, and what to do where they do
 * not. Pure: no I/O, no clock. Looked at before anything that can't be undone: at the start, before
 * a call to `anchor` is signed, after the contract refused an area. */

typedef enum
{
  PT_RECONCILE_SAME,       /* they agree */
  PT_RECONCILE_NOT_THERE,  /* the contract does not know the area (yet) */
  PT_RECONCILE_GONE,       /* nor does it any more, though batches were FINAL */
  PT_RECONCILE_OTHER_KEYS, /* it was registered with other keys: nothing of ours can count there */
  PT_RECONCILE_BEHIND,     /* batches after our last are on the chain: ours is an older copy */
  PT_RECONCILE_FORKED,     /* the same number stands for another log there */
  PT_RECONCILE_ANCHORED,   /* batches of ours are there that the store does not know of */
  PT_RECONCILE_LOST,       /* batches that were FINAL are not there (any more) */
  PT_RECONCILE_TOO_EARLY /* the endpoint does not know the blocks that we have seen: it can't say */
} PtReconcile;

/* What the store says. */
typedef struct
{
  const PtAreaRow *area; /* keys, and the number of the last batch that was sealed */
  guint64 compared;      /* a batch: the last that the chain has, or our last if that is older */
  PtHash root;           /* ours after it */
  guint64 final;         /* the newest batch that is FINAL; 0: none */
  guint64 final_block;   /* where that was anchored */
} PtLogFacts;

/* What the contract says, all of it at one block. */
typedef struct
{
  guint64 block;
  gboolean registered;
  gboolean same_keys; /* as the store's; it is enough to have looked once, they stand for ever */
  guint8 authority_key[PT_PUBLIC_KEY_SIZE], service_key[PT_PUBLIC_KEY_SIZE]; /* if not the same */
  PtCheckpoint latest;                                                       /* batch 0: none */
  PtHash root; /* its root after PtLogFacts.compared */
} PtContractFacts;

PtReconcile pt_reconcile (const PtLogFacts *log, const PtContractFacts *contract);
const char *pt_reconcile_name (PtReconcile found);

/* What is held back then. */
PtHoldSort pt_reconcile_hold (PtReconcile found);
/* What is wrong and what to do, for whoever reads it; NULL where nothing is held back. Free it. */
char *pt_reconcile_sentence (PtReconcile found, const PtLogFacts *log,
                             const PtContractFacts *contract);
