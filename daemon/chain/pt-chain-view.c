/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-chain-view.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-ethereum-key.h"

static gboolean
refuse_chain (guint64 found, guint64 wanted, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "The endpoint's chain is %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT
               ". Write chain_id=%" G_GUINT64_FORMAT ", or give another rpc.",
               found, wanted, found);
  return FALSE;
}

static gboolean
refuse_contract (const guint8 contract[20], guint64 chain_id, GError **error)
{
  char address[43];

  pt_address_to_text (pt_keccak_permutation_nettle, contract, address);
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "There is no contract at %s on chain %" G_GUINT64_FORMAT
               ". Deploy one with powertrack chain deploy and write its address.",
               address, chain_id);
  return FALSE;
}

gboolean
pt_chain_view_check (PtRpc *rpc, guint64 chain_id, const guint8 contract[20], const char **key,
                     GError **error)
{
  g_autoptr (GBytes) code = NULL;
  const char *unused;
  guint64 found;

  g_return_val_if_fail (rpc != NULL && contract != NULL, FALSE);

  if (key == NULL)
    key = &unused;
  *key = "chain_id";
  if (!pt_rpc_chain_id (rpc, &found, error))
    return FALSE;
  if (found != chain_id)
    return refuse_chain (found, chain_id, error);
  *key = "contract";
  code = pt_rpc_code (rpc, contract, error);
  if (code == NULL)
    return FALSE;
  return g_bytes_get_size (code) > 0 || refuse_contract (contract, chain_id, error);
}

/* An endpoint that was started again, or that keeps the newest state only, does not know an earlier
 * block's accounts. Then nothing counts as settled: no transaction is given up, all else goes on.
 */
static gboolean
settled_nonce_at (PtRpc *rpc, const guint8 account[20], guint64 block, guint64 *out, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (pt_rpc_nonce_at (rpc, account, block, out, &local_error))
    return TRUE;
  *out = 0;
  if (g_error_matches (local_error, PT_ERROR, PT_ERROR_OPERATOR)
      || pt_rpc_fault (rpc) == PT_RPC_NO_BLOCK)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
pt_chain_view_read (PtRpc *rpc, const guint8 account[20], gboolean nonces, const PtFeeBounds *most,
                    PtChainFacts *out, PtFees *fees, GError **error)
{
  guint64 depth;

  g_return_val_if_fail (rpc != NULL && account != NULL && most != NULL, FALSE);
  g_return_val_if_fail (out != NULL && fees != NULL, FALSE);

  if (!pt_rpc_block_number (rpc, &out->head, error) || !pt_rpc_fees (rpc, most, fees, error))
    return FALSE;
  out->base_fee = fees->base_fee;
  if (!nonces)
    return TRUE;
  depth = MAX (out->confirmations, 1) - 1;
  out->settled_nonce = 0;
  return pt_rpc_nonce (rpc, account, FALSE, &out->nonce, error)
         && (out->head < depth
             || settled_nonce_at (rpc, account, out->head - depth, &out->settled_nonce, error));
}

static gboolean
find_receipt (PtRpc *rpc, const PtTransactionRow *row, PtRpcReceipt *receipt, PtHash *hash,
              GError **error)
{
  /* The likeliest first: the mined one, or the newest. */
  *hash = row->hash;
  if (!pt_rpc_receipt (rpc, hash, receipt, error))
    return FALSE;
  for (guint i = row->versions->len; i > 0 && !receipt->found; i--)
    {
      *hash = g_array_index (row->versions, PtHash, i - 1);
      if (memcmp (hash, &row->hash, sizeof *hash) != 0
          && !pt_rpc_receipt (rpc, hash, receipt, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_known (PtRpc *rpc, const PtHash *hash, gboolean *known, GError **error)
{
  g_autofree char *params = NULL;
  g_autoptr (JsonNode) node = NULL;
  char hex[2 * PT_HASH_SIZE + 1] = { 0 };

  pt_hex_encode (hash->bytes, PT_HASH_SIZE, hex, 2 * PT_HASH_SIZE);
  params = g_strdup_printf ("[\"0x%s\"]", hex);
  node = pt_rpc_call (rpc, "eth_getTransactionByHash", params, error);
  *known = node != NULL && !JSON_NODE_HOLDS_NULL (node);
  return node != NULL;
}

gboolean
pt_chain_view_transaction (PtRpc *rpc, const PtTransactionRow *row, PtTransactionFacts *out,
                           PtRpcReceipt *receipt, PtHash *hash, GError **error)
{
  g_return_val_if_fail (rpc != NULL && row != NULL && out != NULL, FALSE);
  g_return_val_if_fail (receipt != NULL && hash != NULL, FALSE);

  if (!find_receipt (rpc, row, receipt, hash, error))
    return FALSE;
  out->receipt = PT_RECEIPT_NONE;
  if (!receipt->found)
    {
      const PtHash *newest = &g_array_index (row->versions, PtHash, row->versions->len - 1);

      return is_known (rpc, newest, &out->known, error);
    }
  out->known = TRUE;
  out->receipt = receipt->success ? PT_RECEIPT_SUCCESS : PT_RECEIPT_FAILED;
  out->block = receipt->block;
  out->block_hash = receipt->block_hash;
  return TRUE;
}
