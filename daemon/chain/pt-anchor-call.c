/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-anchor-call.h"

#include <string.h>

#include "pt-ethereum-key.h"

#define ENVELOPE_MAX 256 /* bytes that signing adds to the call's data */
#define ADDRESS_SIZE 20

PtCheckpoint
pt_anchor_checkpoint (const PtBatchRow *row)
{
  PtCheckpoint checkpoint = { 0 };

  g_return_val_if_fail (row != NULL, checkpoint);

  g_strlcpy (checkpoint.area, row->area_id, sizeof checkpoint.area);
  checkpoint.batch = row->batch;
  checkpoint.size = row->size;
  checkpoint.from = (guint64) row->from;
  checkpoint.to = (guint64) row->to;
  checkpoint.root = row->root;
  checkpoint.cid = row->cid;
  return checkpoint;
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
    checkpoints[i] = pt_anchor_checkpoint (&rows[i]);
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
  row->chain_id = transaction->chain_id;
  memcpy (row->account, signer->address, sizeof row->account);
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

static gboolean
refuse_stored (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                       "A transaction in the store is not what was signed; restore the store from "
                       "a backup.");
  return FALSE;
}

/* All but the signature; @list is left before it. */
static gboolean
read_fields (GBytes *raw, PtTransaction *out, Rlp *list)
{
  Rlp outer, to, data;
  const guint8 *bytes;
  gsize size;

  memset (out, 0, sizeof *out);
  bytes = g_bytes_get_data (raw, &size);
  outer = (Rlp){ bytes + 1, size > 0 ? size - 1 : 0, size > 0 && bytes[0] == 0x02 };
  *list = next_item (&outer, TRUE);
  out->chain_id = next_uint (list);
  out->nonce = next_uint (list);
  out->max_priority_fee = next_uint (list);
  out->max_fee = next_uint (list);
  out->gas_limit = next_uint (list);
  to = next_item (list, FALSE);
  out->value = next_uint (list);
  data = next_item (list, FALSE);
  if (!list->valid || !outer.valid || outer.left != 0 || to.left != ADDRESS_SIZE)
    {
      memset (out, 0, sizeof *out);
      return FALSE;
    }
  memcpy (out->to, to.at, ADDRESS_SIZE);
  out->data = data.at;
  out->data_size = data.left;
  return TRUE;
}

gboolean
pt_anchor_read (GBytes *raw, PtTransaction *out, GError **error)
{
  Rlp list;

  g_return_val_if_fail (raw != NULL && out != NULL, FALSE);

  return read_fields (raw, out, &list) || refuse_stored (error);
}

/* A number of 256 bits, written without its leading zeros. */
static void
next_wide (Rlp *rlp, guint8 out[32])
{
  Rlp item = next_item (rlp, FALSE);

  memset (out, 0, 32);
  if (item.left > 32)
    rlp->valid = FALSE;
  else if (rlp->valid)
    memcpy (out + 32 - item.left, item.at, item.left);
}

gboolean
pt_anchor_owner (GBytes *raw, guint64 *chain_id, guint8 account[20], GError **error)
{
  g_autofree guint8 *scratch = NULL;
  PtTransaction transaction;
  guint8 r[32], s[32];
  guint64 y_parity;
  PtHash digest;
  Rlp list;

  g_return_val_if_fail (raw != NULL && chain_id != NULL && account != NULL, FALSE);

  if (!read_fields (raw, &transaction, &list))
    return refuse_stored (error);
  next_item (&list, TRUE); /* no access list */
  y_parity = next_uint (&list);
  next_wide (&list, r);
  next_wide (&list, s);
  scratch = g_malloc (transaction.data_size + ENVELOPE_MAX);
  if (!list.valid || list.left != 0 || y_parity > 1
      || pt_transaction_digest (&transaction, pt_keccak_permutation_nettle, scratch,
                                transaction.data_size + ENVELOPE_MAX, &digest)
             != PT_OK
      || !pt_ethereum_recover (&digest, r, s, (guint8) y_parity, account))
    return refuse_stored (error);
  *chain_id = transaction.chain_id;
  return TRUE;
}
