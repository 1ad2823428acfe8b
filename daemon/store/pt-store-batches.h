/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch-state.h"
#include "pt-cid.h"
#include "pt-store-log.h"

/* The life of a batch, from the seal on: a persisted state machine. */

typedef struct
{
  guint32 area;
  char area_id[PT_AREA_MAX + 1];
  guint64 batch;
  PtBatchState state;
  gint64 from, to;
  guint64 prev_size, size;
  PtHash prev_root, root;
  PtCid cid;
  guint64 bytes;                   /* of the file */
  guint64 first_entry, last_entry; /* in the area; the roster, the last line, is none of them */
  guint64 transaction_id;          /* PtTransactionRow.id, when SUBMITTED or FINAL; 0: none */
  PtHash transaction;              /* the version that was mined; zero before */
  guint64 block;                   /* 0: not mined */
} PtBatchRow;

/* A batch to seal, and the head it makes. */
typedef struct
{
  PtBatchRow row;
  PtHead previous, next;
  GBytes *roster; /* the exact bytes of its last entry, which is no row of the log; or NULL */
} PtSeal;

/* A nonce is an account's on a chain: another account, or the same on another chain, counts anew.
 */
typedef struct
{
  guint64 id; /* the store's own number, from 1 on */
  guint64 chain_id;
  guint8 account[20]; /* zeros with chain_id 0: of before the store knew; its bytes say */
  guint64 nonce;
  PtBatchState state; /* SUBMITTED or FINAL */
  gint64 sent;        /* real ms of the newest version */
  guint64 max_fee, max_priority_fee;
  PtHash hash;   /* of the newest version, or of the mined one */
  GBytes *raw;   /* signed bytes of the newest version */
  guint64 block; /* 0: not mined */
  PtHash block_hash;
  guint64 gas_used;
  GArray *versions; /* PtHash of every version sent, oldest first */
} PtTransactionRow;

void pt_transaction_row_free (PtTransactionRow *row);

typedef struct
{
  gint32 area;   /* -1: any */
  gint32 state;  /* -1: any */
  guint64 batch; /* 0: any; else this one */
  guint limit;
  gint64 before_to; /* paging, newest first: strictly before (to, area); 0: from the newest */
  guint32 before_area;
} PtBatchQuery;

/* Whether both heads are after the same batch: its number, its end, its last entry and its tree. */
gboolean pt_head_is_at (const PtHead *a, const PtHead *b);

/* The commit point of sealing: writes each batch and moves its area's head from ->previous to
 * ->next. PT_ERROR_CONFLICT when a head is not ->previous: read it and begin again; where it is so
 * from the start, no area is sealed. After another error some may be, each wholly or not at all, on
 * a store that moves areas apart: the heads tell. */
gboolean pt_store_seal (PtStore *store, const PtSeal *seals, guint count, GError **error);

/* *@roster: of that batch, while its entries are not pruned, so that its file can be made again
 * from what is stored; NULL: it is not kept (any more). */
gboolean pt_store_roster (PtStore *store, guint32 area, guint64 batch, GBytes **roster,
                          GError **error);

/* Of PtBatchRow, newest first by (to, area). */
GArray *pt_store_batches (PtStore *store, const PtBatchQuery *query, GError **error);
/* The oldest that are not FINAL, by (to, area): an area's batches always in order. */
GArray *pt_store_unfinished (PtStore *store, guint limit, GError **error);

/* The steps. Each is durable when it returns. PT_ERROR_CONFLICT when a row or transaction is not in
 * the state before; then what the caller knows is old.
 *
 * A transaction's document or row is the commit point of its steps: its batches change with it, and
 * where a break came between on a store without transactions, they do before anybody reads them
 * again. After PT_ERROR_RETRY a step may have been taken: read what is stored. */

/* SEALED -> PUBLISHED. Each row by itself on a store that moves areas apart, once all of them were
 * SEALED. */
gboolean pt_store_published (PtStore *store, const PtBatchRow *rows, guint count, GError **error);
/* PUBLISHED -> SUBMITTED. Stores a signed transaction before it is sent, with its batches, and sets
 * its ->id. PT_ERROR_CONFLICT also when there is one of this chain, account and nonce. */
gboolean pt_store_submit (PtStore *store, PtTransactionRow *transaction, const PtBatchRow *rows,
                          guint count, GError **error);
/* A new version of transaction ->id, before it is sent: raw, hash, fees, sent. */
gboolean pt_store_bump (PtStore *store, const PtTransactionRow *transaction, GError **error);
/* A version (->hash) was mined in ->block, or with block 0 is not mined any more (a reorg). */
gboolean pt_store_mined (PtStore *store, const PtTransactionRow *transaction, GError **error);
/* SUBMITTED -> FINAL: the transaction and its batches. */
gboolean pt_store_finalize (PtStore *store, guint64 transaction_id, GError **error);
/* SUBMITTED -> PUBLISHED: the transaction can never take effect (reverted, its nonce used by
 * another), and is forgotten. */
gboolean pt_store_withdraw (PtStore *store, guint64 transaction_id, GError **error);
/* PUBLISHED -> FINAL: the contract has these batches by a transaction that the store has not
 * (another copy sent it, or it was given up). Of @transaction chain_id, hash, block and block_hash
 * count. */
gboolean pt_store_adopt (PtStore *store, const PtTransactionRow *transaction,
                         const PtBatchRow *rows, guint count, GError **error);
/* The chain lost what was FINAL (a deep reorg): the transactions of the area's batches after @after
 * are not mined any more, with all their batches. FINAL -> SUBMITTED where the signed bytes are
 * still kept, else -> PUBLISHED. *@count transactions; each by itself on a store that moves areas
 * apart, and said again it goes on with the rest. */
gboolean pt_store_reopen (PtStore *store, guint32 area, guint64 after, guint *count,
                          GError **error);
/* A FINAL transaction's signed bytes are kept for as many blocks. */
#define PT_KEEP_RAW_BLOCKS 50000
/* Of PtTransactionRow: those that are not FINAL, whosever they are, in the order of their making.
 */
GPtrArray *pt_store_transactions (PtStore *store, GError **error);
