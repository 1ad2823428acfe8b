/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-anchor-call.h"

#include <string.h>

#include "pt-abi.h"
#include "pt-ethereum-key.h"

#define ENVELOPE_MAX 256 /* bytes that signing adds to the call's data */
#define ADDRESS_SIZE 20

static void
fill_checkpoint (const PtBatchRow *row, PtCheckpoint *out)
{
  memset (out, 0, sizeof *out);
  g_strlcpy (out->area, row->area_id, sizeof out->area);
  out->batch = row->batch;
  out->size = row->size;
  out->from = (guint64) row->from;
  out->to = (guint64) row->to;
  out->root = row->root;
  out->cid = row->cid;
}

GBytes *
pt_anchor_call_data (const PtBatchRow *rows, guint count, GError **error)
{
  g_autofree PtCheckpoint *checkpoints = NULL;
  g_autofree guint8 *data = NULL;
  gsize capacity, size;
  PtResult result;

  g_return_val_if_fail (rows != NULL && count > 0 && count <= PT_ANCHOR_MAX, NULL);

  checkpoints = g_new (PtCheckpoint, count);
  for (guint i = 0; i < count; i++)
    fill_checkpoint (&rows[i], &checkpoints[i]);
  capacity = pt_abi_anchor_size (count);
  data = g_malloc (capacity);
  result = pt_abi_anchor (pt_keccak_permutation_nettle, checkpoints, count, data, capacity, &size);
  if (result == PT_OK)
    return g_bytes_new_take (g_steal_pointer (&data), size);
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "The stored batches make no call to the contract (%s); restore the store from a "
               "backup.",
               pt_result_slug (result));
  return NULL;
}

PtTransactionRow *
pt_anchor_sign (const PtTransaction *transaction, const PtEthereumSigner *signer, gint64 now,
                GError **error)
{
  g_autofree guint8 *raw = NULL;
  PtTransactionRow *row;
  gsize capacity, size;
  PtResult result;
  PtHash hash;

  g_return_val_if_fail (transaction != NULL && signer != NULL, NULL);

  capacity = transaction->data_size + ENVELOPE_MAX;
  raw = g_malloc (capacity);
  result = pt_transaction_sign (transaction, pt_keccak_permutation_nettle, signer, raw, capacity,
                                &size, &hash);
  if (result != PT_OK)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
                   "The transaction could not be signed (%s); check the account's key file.",
                   pt_result_slug (result));
      return NULL;
    }
  row = g_new0 (PtTransactionRow, 1);
  row->nonce = transaction->nonce;
  row->state = PT_BATCH_SUBMITTED;
  row->sent = now;
  row->max_fee = transaction->max_fee;
  row->max_priority_fee = transaction->max_priority_fee;
  row->hash = hash;
  row->raw = g_bytes_new_take (g_steal_pointer (&raw), size);
  row->versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  g_array_append_val (row->versions, hash);
  return row;
}

/* A cursor over RLP (yellow paper, appendix B); ->valid turns false at the first fault. */
typedef struct
{
  const guint8 *at;
  gsize left;
  gboolean valid;
} Rlp;

/* The next item, which must be a list or not. */
static Rlp
next_item (Rlp *rlp, gboolean list)
{
  Rlp item = { rlp->at, 0, FALSE };
  const guint8 base = list ? 0xc0 : 0x80;
  gsize header = 1, size = 1;
  guint8 first;

  if (!rlp->valid || rlp->left == 0)
    {
      rlp->valid = FALSE;
      return item;
    }
  first = rlp->at[0];
  if (!list && first < 0x80)
    header = 0;
  else if (first >= base && first <= base + 55)
    size = first - base;
  else if (first >= base + 56 && (list || first < 0xc0) && rlp->left >= 5u
           && first - base - 55 <= 4)
    {
      header = 1u + (first - base - 55u);
      size = 0;
      for (gsize i = 1; i < header; i++)
        size = size << 8 | rlp->at[i];
    }
  else
    rlp->valid = FALSE;
  if (!rlp->valid || header > rlp->left || size > rlp->left - header)
    {
      rlp->valid = FALSE;
      return item;
    }
  item = (Rlp){ rlp->at + header, size, TRUE };
  rlp->at += header + size;
  rlp->left -= header + size;
  return item;
}

static guint64
next_uint (Rlp *rlp)
{
  Rlp item = next_item (rlp, FALSE);
  guint64 value = 0;

  if (item.left > 8)
    rlp->valid = FALSE;
  else
    for (gsize i = 0; i < item.left; i++)
      value = value << 8 | item.at[i];
  return value;
}

gboolean
pt_anchor_read (GBytes *raw, PtTransaction *out, GError **error)
{
  Rlp outer, list, to, data;
  const guint8 *bytes;
  gsize size;

  g_return_val_if_fail (raw != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  bytes = g_bytes_get_data (raw, &size);
  outer = (Rlp){ bytes + 1, size > 0 ? size - 1 : 0, size > 0 && bytes[0] == 0x02 };
  list = next_item (&outer, TRUE);
  out->chain_id = next_uint (&list);
  out->nonce = next_uint (&list);
  out->max_priority_fee = next_uint (&list);
  out->max_fee = next_uint (&list);
  out->gas_limit = next_uint (&list);
  to = next_item (&list, FALSE);
  out->value = next_uint (&list);
  data = next_item (&list, FALSE);
  if (list.valid && outer.valid && outer.left == 0 && to.left == ADDRESS_SIZE)
    {
      memcpy (out->to, to.at, ADDRESS_SIZE);
      out->data = data.at;
      out->data_size = data.left;
      return TRUE;
    }
  memset (out, 0, sizeof *out);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                       "A transaction in the store is not what was signed; restore the store from "
                       "a backup.");
  return FALSE;
}
