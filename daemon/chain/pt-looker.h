/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-contract.h"
#include "pt-reconcile.h"

/* Reads what the contract and the store say of areas, compares (pt-reconcile.h) and says to PtHold
 * what is held back. Blocking; one thread at a time. Errors are PtRpc's and the store's: who could
 * not look has learnt nothing, so nothing is held back or let go by that. */
typedef struct _PtLooker PtLooker;

/* What was seen of one area. */
typedef struct
{
  PtAreaRow area;
  PtLogFacts log; /* ->area is the one above */
  PtContractFacts contract;
  PtReconcile found;
} PtLook;

/* @from: the block that has the contract's first event, as far as is known. @store and @hold
 * outlive it. */
PtLooker *pt_looker_new (PtStore *store, PtHold *hold, const guint8 contract[20], guint64 from);
void pt_looker_free (PtLooker *looker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtLooker, pt_looker_free)

/* Looks at areas, a row of the store (PtAreaRow) each, all at one block. The looks (PtLook) are in
 * the order of @areas; the block stays pinned in *@at. NULL: it could not look, at any of them. */
GPtrArray *pt_looker_look (PtLooker *looker, PtRpc *rpc, GArray *areas, PtContract *at,
                           GError **error);

PtHold *pt_looker_hold (PtLooker *looker);
/* As it was given. */
guint64 pt_looker_from (PtLooker *looker);

/* Whether the contract has this batch, with this root, at the block of @at; then also by which
 * event. One that has the root and does not tell of the event has not answered. */
gboolean pt_looker_anchored (PtLooker *looker, const PtContract *at, const PtBatchRow *row,
                             gboolean *found, PtAnchored *out, GError **error);
/* As of the newest block. */
gboolean pt_looker_pin (PtLooker *looker, PtRpc *rpc, PtContract *at, GError **error);

/* All areas, before a daemon takes in anything, for at most @seconds (0: none of them): what was
 * not reached by then is looked at later (PtHold knows). Areas that were seen ahead before stay
 * held until they are. FALSE only where the start is to be refused: PT_ERROR_CONFIGURATION with a
 * sentence, when an area has other keys on the chain, or an error of the store. */
gboolean pt_looker_start (PtLooker *looker, PtRpc *rpc, guint seconds, GError **error);
