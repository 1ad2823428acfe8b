/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-private.h"

#include <string.h>

#include "pt-error.h"
#include "pt-ethereum-key.h"

#define ADDRESS_SIZE 20
#define WORD 32

gboolean
pt_rpc_call_quantity (PtRpc *rpc, const char *method, const char *params, guint64 *out,
                      GError **error)
{
  g_autoptr (JsonNode) node = NULL;

  g_return_val_if_fail (rpc != NULL, FALSE);

  node = pt_rpc_call (rpc, method, params, error);
  *out = 0;
  if (node == NULL)
    return FALSE;
  return pt_rpc_parse_quantity (pt_rpc_node_text (node), out)
         || pt_rpc_set_nonsense (rpc, error, method, "it is no 64-bit quantity");
}

GBytes *
pt_rpc_call_data (PtRpc *rpc, const char *method, const char *params, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  GBytes *data;

  g_return_val_if_fail (rpc != NULL, NULL);

  node = pt_rpc_call (rpc, method, params, error);
  if (node == NULL)
    return NULL;
  data = pt_rpc_parse_data (pt_rpc_node_text (node));
  if (data == NULL)
    pt_rpc_set_nonsense (rpc, error, method, "it is no data, or too much");
  return data;
}

static void
append_block (GString *params, guint64 block)
{
  if (block == PT_RPC_NEWEST)
    g_string_append (params, "\"latest\"");
  else if (block == PT_RPC_FINALIZED)
    g_string_append (params, "\"finalized\"");
  else
    g_string_append_printf (params, "\"0x%" G_GINT64_MODIFIER "x\"", block);
}

static char *
address_params (const guint8 address[20], guint64 block)
{
  g_autoptr (GString) params = g_string_new ("[\"");

  pt_rpc_append_hex (params, address, ADDRESS_SIZE);
  g_string_append (params, "\",");
  append_block (params, block);
  g_string_append_c (params, ']');
  return g_strdup (params->str);
}

gboolean
pt_rpc_chain_id (PtRpc *rpc, guint64 *out, GError **error)
{
  g_return_val_if_fail (rpc != NULL, FALSE);

  return pt_rpc_call_quantity (rpc, "eth_chainId", "[]", out, error);
}

gboolean
pt_rpc_block_number (PtRpc *rpc, guint64 *out, GError **error)
{
  g_return_val_if_fail (rpc != NULL, FALSE);

  return pt_rpc_call_quantity (rpc, "eth_blockNumber", "[]", out, error);
}

gboolean
pt_rpc_nonce (PtRpc *rpc, const guint8 address[20], gboolean pending, guint64 *out, GError **error)
{
  g_autoptr (GString) params = NULL;

  g_return_val_if_fail (rpc != NULL, FALSE);

  if (!pending)
    return pt_rpc_nonce_at (rpc, address, PT_RPC_NEWEST, out, error);
  params = g_string_new ("[\"");
  pt_rpc_append_hex (params, address, ADDRESS_SIZE);
  g_string_append (params, "\",\"pending\"]");
  return pt_rpc_call_quantity (rpc, "eth_getTransactionCount", params->str, out, error);
}

gboolean
pt_rpc_nonce_at (PtRpc *rpc, const guint8 address[20], guint64 block, guint64 *out, GError **error)
{
  g_autofree char *params = address_params (address, block);

  g_return_val_if_fail (rpc != NULL, FALSE);

  return pt_rpc_call_quantity (rpc, "eth_getTransactionCount", params, out, error);
}

static gboolean
read_header (JsonObject *object, PtBlockHeader *out)
{
  guint64 seconds;

  if (!pt_rpc_parse_quantity (pt_rpc_member_text (object, "number"), &out->number)
      || !pt_rpc_parse_fixed (pt_rpc_member_text (object, "hash"), out->hash.bytes, PT_HASH_SIZE)
      || !pt_rpc_parse_quantity (pt_rpc_member_text (object, "timestamp"), &seconds)
      || seconds > PT_INTEGER_MAX / 1000)
    return FALSE;
  out->time = (gint64) seconds * 1000;
  return TRUE;
}

gboolean
pt_rpc_header (PtRpc *rpc, guint64 block, PtBlockHeader *out, GError **error)
{
  static const char method[] = "eth_getBlockByNumber";
  g_autoptr (GString) params = g_string_new ("[");
  g_autoptr (JsonNode) node = NULL;

  g_return_val_if_fail (rpc != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  append_block (params, block);
  g_string_append (params, ",false]");
  node = pt_rpc_call (rpc, method, params->str, error);
  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_NULL (node))
    {
      rpc->fault = PT_RPC_NO_BLOCK;
      g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
                   "the chain's endpoint does not know block %" G_GUINT64_FORMAT, block);
      return FALSE;
    }
  if (JSON_NODE_HOLDS_OBJECT (node) && read_header (json_node_get_object (node), out)
      && (block >= PT_RPC_FINALIZED || out->number == block))
    return TRUE;
  memset (out, 0, sizeof *out);
  return pt_rpc_set_nonsense (rpc, error, method, "it is not that block");
}

gboolean
pt_rpc_balance (PtRpc *rpc, const guint8 address[20], guint8 wei[32], GError **error)
{
  g_autofree char *params = address_params (address, PT_RPC_NEWEST);
  g_autoptr (JsonNode) node = NULL;
  char padded[2 * WORD + 1];
  const char *text;

  g_return_val_if_fail (rpc != NULL, FALSE);

  node = pt_rpc_call (rpc, "eth_getBalance", params, error);
  memset (wei, 0, WORD);
  if (node == NULL)
    return FALSE;
  text = pt_rpc_node_text (node);
  if (!pt_rpc_is_quantity (text, 2 * WORD))
    return pt_rpc_set_nonsense (rpc, error, "eth_getBalance", "it is no quantity");
  memset (padded, '0', sizeof padded - 1);
  padded[sizeof padded - 1] = '\0';
  memcpy (padded + 2 * WORD - strlen (text + 2), text + 2, strlen (text + 2));
  return pt_rpc_parse_hex (padded, WORD, wei);
}

static char *
call_params (const guint8 *from, const guint8 *to, GBytes *data, guint64 block)
{
  g_autoptr (GString) params = g_string_new ("[{");
  gsize size;
  const guint8 *bytes = g_bytes_get_data (data, &size);

  if (from != NULL)
    {
      pt_rpc_append_hex_member (params, "from", from, ADDRESS_SIZE);
      g_string_append_c (params, ',');
    }
  if (to != NULL)
    {
      pt_rpc_append_hex_member (params, "to", to, ADDRESS_SIZE);
      g_string_append_c (params, ',');
    }
  pt_rpc_append_hex_member (params, "data", bytes, size);
  g_string_append (params, "},");
  append_block (params, block);
  g_string_append_c (params, ']');
  return g_strdup (params->str);
}

gboolean
pt_rpc_estimate_gas (PtRpc *rpc, const guint8 from[20], const guint8 *to, GBytes *data,
                     guint64 *gas, GError **error)
{
  g_autofree char *params = call_params (from, to, data, PT_RPC_NEWEST);

  g_return_val_if_fail (rpc != NULL, FALSE);

  return pt_rpc_call_quantity (rpc, "eth_estimateGas", params, gas, error);
}

GBytes *
pt_rpc_eth_call_at (PtRpc *rpc, const guint8 to[20], GBytes *data, guint64 block, GError **error)
{
  g_autofree char *params = call_params (NULL, to, data, block);

  g_return_val_if_fail (rpc != NULL, NULL);

  return pt_rpc_call_data (rpc, "eth_call", params, error);
}

GBytes *
pt_rpc_eth_call (PtRpc *rpc, const guint8 to[20], GBytes *data, GError **error)
{
  g_return_val_if_fail (rpc != NULL, NULL);

  return pt_rpc_eth_call_at (rpc, to, data, PT_RPC_NEWEST, error);
}

GBytes *
pt_rpc_code_at (PtRpc *rpc, const guint8 address[20], guint64 block, GError **error)
{
  g_autofree char *params = address_params (address, block);

  g_return_val_if_fail (rpc != NULL, NULL);

  return pt_rpc_call_data (rpc, "eth_getCode", params, error);
}

GBytes *
pt_rpc_code (PtRpc *rpc, const guint8 address[20], GError **error)
{
  g_return_val_if_fail (rpc != NULL, NULL);

  return pt_rpc_code_at (rpc, address, PT_RPC_NEWEST, error);
}

gboolean
pt_rpc_send_raw (PtRpc *rpc, GBytes *raw, GError **error)
{
  g_autoptr (GString) params = g_string_new ("[\"");
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) node = NULL;
  PtHash expected, answered;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (raw, &size);

  g_return_val_if_fail (rpc != NULL, FALSE);

  pt_rpc_append_hex (params, bytes, size);
  g_string_append (params, "\"]");
  node = pt_rpc_call (rpc, "eth_sendRawTransaction", params->str, &local_error);
  if (node == NULL)
    {
      if (rpc->fault == PT_RPC_KNOWN)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  pt_keccak256 (pt_keccak_permutation_nettle, bytes, size, &expected);
  if (!pt_rpc_parse_fixed (pt_rpc_node_text (node), answered.bytes, PT_HASH_SIZE)
      || memcmp (&expected, &answered, sizeof expected) != 0)
    return pt_rpc_set_nonsense (rpc, error, "eth_sendRawTransaction",
                                "it is another transaction's hash");
  return TRUE;
}

/* Receipts. */

static gboolean
read_receipt (JsonObject *object, const PtHash *transaction, PtRpcReceipt *out)
{
  PtHash hash;
  guint64 status;
  const char *contract = pt_rpc_member_text (object, "contractAddress");

  if (!pt_rpc_parse_fixed (pt_rpc_member_text (object, "transactionHash"), hash.bytes, PT_HASH_SIZE)
      || memcmp (&hash, transaction, sizeof hash) != 0)
    return FALSE;
  if (!pt_rpc_parse_quantity (pt_rpc_member_text (object, "status"), &status) || status > 1)
    return FALSE;
  if (!pt_rpc_parse_quantity (pt_rpc_member_text (object, "blockNumber"), &out->block)
      || !pt_rpc_parse_fixed (pt_rpc_member_text (object, "blockHash"), out->block_hash.bytes,
                              PT_HASH_SIZE))
    return FALSE;
  if (!pt_rpc_parse_quantity (pt_rpc_member_text (object, "gasUsed"), &out->gas_used))
    return FALSE;
  if (contract != NULL && !pt_rpc_parse_fixed (contract, out->contract, ADDRESS_SIZE))
    return FALSE;
  out->success = status == 1;
  out->found = TRUE;
  return TRUE;
}

gboolean
pt_rpc_receipt (PtRpc *rpc, const PtHash *transaction, PtRpcReceipt *out, GError **error)
{
  g_autoptr (GString) params = g_string_new ("[\"");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  g_return_val_if_fail (rpc != NULL, FALSE);

  memset (out, 0, sizeof *out);
  pt_rpc_append_hex (params, transaction->bytes, PT_HASH_SIZE);
  g_string_append (params, "\"]");
  node = pt_rpc_call (rpc, "eth_getTransactionReceipt", params->str, error);
  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return pt_rpc_set_nonsense (rpc, error, "eth_getTransactionReceipt", "it is no receipt");
  object = json_node_get_object (node);
  if (json_object_has_member (object, "blockNumber")
      && json_object_get_null_member (object, "blockNumber"))
    return TRUE;
  if (read_receipt (object, transaction, out))
    return TRUE;
  memset (out, 0, sizeof *out);
  return pt_rpc_set_nonsense (rpc, error, "eth_getTransactionReceipt",
                              "a member is missing or malformed");
}
