/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-rpc.h"

/* What PowerAnchor (docs/PROTOCOL.md section 6) says, all of it at one block, so that answers fit
 * each other while batches go on being anchored. Blocking; errors are PtRpc's, and
 * PT_ERROR_CONFIGURATION where the address holds no such contract. An endpoint that does not know
 * the block (any more) fails; it never counts as "nothing there". */
typedef struct
{
  PtRpc *rpc; /* borrowed */
  guint8 address[20];
  PtBlockHeader at;
  PtHash code; /* SHA-256 of the code at the address, at that block */
} PtContract;

/* @block: PT_RPC_NEWEST for the newest. */
gboolean pt_contract_pin (PtContract *contract, PtRpc *rpc, const guint8 address[20], guint64 block,
                          GError **error);
/* After the last question: PT_ERROR_RETRY when the chain has another block there by now. */
gboolean pt_contract_check_pin (const PtContract *contract, GError **error);

/* The newest checkpoint: batch, size, to and root; zeros where there is none. */
gboolean pt_contract_latest (const PtContract *contract, const char *area, PtCheckpoint *out,
                             GError **error);
/* Zeros for a batch that is not anchored. */
gboolean pt_contract_root_of (const PtContract *contract, const char *area, guint64 batch,
                              PtHash *out, GError **error);
/* Zeros for an area that is not registered. */
gboolean pt_contract_operator_of (const PtContract *contract, const char *area, guint8 out[20],
                                  GError **error);
/* @pending: whom the ownership is offered to, or zeros. */
gboolean pt_contract_owner (const PtContract *contract, guint8 owner[20], guint8 pending[20],
                            GError **error);

/* The area's AreaRegistered event. Looked for from @from on first, then before: where events begin
 * is only said. */
gboolean pt_contract_registered (const PtContract *contract, const char *area, guint64 from,
                                 gboolean *found, PtAreaRegistered *out, GError **error);

/* Those of all areas, from @from on only, which is one question for many areas. */
typedef gboolean (*PtAreaRegisteredFunc) (const PtAreaRegistered *event, gpointer user_data,
                                          GError **error);
gboolean pt_contract_each_registered (const PtContract *contract, guint64 from,
                                      PtAreaRegisteredFunc func, gpointer user_data,
                                      GError **error);

typedef struct
{
  PtCheckpoint checkpoint;
  guint64 block;
  PtHash transaction;
} PtAnchored;

/* The Anchored event of one batch, likewise. */
gboolean pt_contract_anchored (const PtContract *contract, const char *area, guint64 batch,
                               guint64 from, gboolean *found, PtAnchored *out, GError **error);

/* The calls that only the contract's owner may send, and whom the ownership was offered to. */
GBytes *pt_contract_set_operator_call (const char *area, const guint8 account[20]);
GBytes *pt_contract_transfer_ownership_call (const guint8 account[20]);
GBytes *pt_contract_accept_ownership_call (void);
