/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-private.h"

#include "pt-error.h"

#define TIP_BLOCKS a        /* ten, in hex: the newest ones whose tips are looked at */
#define HISTORY_MAX 1024    /* rows of an answer that are looked at */
#define TIP_PERCENTILE "50" /* by gas, in each of them */
#define DEFAULT_TIP PT_RPC_GWEI
#define ABSURD (G_GUINT64_CONSTANT (1000000000) * PT_RPC_GWEI) /* an ether a gas */

static gboolean
read_base_fee (PtRpc *rpc, guint64 *out, GError **error)
{
  static const char method[] = "eth_getBlockByNumber";
  g_autoptr (JsonNode) node = pt_rpc_call (rpc, method, "[\"latest\",false]", error);

  *out = 0;
  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return pt_rpc_set_nonsense (rpc, error, method, "it is no block");
  if (!pt_rpc_parse_quantity (pt_rpc_member_text (json_node_get_object (node), "baseFeePerGas"),
                              out))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                           "the chain's newest block has no base fee; a chain with EIP-1559 is "
                           "needed");
      return FALSE;
    }
  return *out <= ABSURD
         || pt_rpc_set_nonsense (rpc, error, method, "its base fee is beyond all money");
}

static int
compare_tips (gconstpointer a, gconstpointer b)
{
  const guint64 *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

/* The median of what blocks' middle transactions paid; 0: there were none. A block without any has
 * a reward of 0. FALSE: it is no fee history. */
static gboolean
read_rewards (JsonNode *node, guint64 *tip)
{
  g_autoptr (GArray) tips = g_array_new (FALSE, FALSE, sizeof (guint64));
  JsonNode *rows = JSON_NODE_HOLDS_OBJECT (node)
                       ? json_object_get_member (json_node_get_object (node), "reward")
                       : NULL;

  *tip = 0;
  if (rows == NULL || JSON_NODE_HOLDS_NULL (rows))
    return JSON_NODE_HOLDS_OBJECT (node);
  if (!JSON_NODE_HOLDS_ARRAY (rows))
    return FALSE;
  for (guint i = 0; i < MIN (json_array_get_length (json_node_get_array (rows)), HISTORY_MAX); i++)
    {
      JsonNode *row = json_array_get_element (json_node_get_array (rows), i);
      guint64 reward;

      if (!JSON_NODE_HOLDS_ARRAY (row) || json_array_get_length (json_node_get_array (row)) != 1
          || !pt_rpc_parse_quantity (
              pt_rpc_node_text (json_array_get_element (json_node_get_array (row), 0)), &reward))
        return FALSE;
      if (reward > 0)
        g_array_append_val (tips, reward);
    }
  g_array_sort (tips, compare_tips);
  if (tips->len > 0)
    *tip = g_array_index (tips, guint64, (tips->len - 1) / 2);
  return TRUE;
}

/* What others pay; 0: not known, or the endpoint has no eth_feeHistory. */
static gboolean
read_history (PtRpc *rpc, guint64 *tip, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) node = pt_rpc_call (
      rpc, "eth_feeHistory", "[\"0x" G_STRINGIFY (TIP_BLOCKS) "\",\"latest\",[" TIP_PERCENTILE "]]",
      &local_error);

  *tip = 0;
  if (node != NULL)
    return read_rewards (node, tip)
           || pt_rpc_set_nonsense (rpc, error, "eth_feeHistory", "it is no fee history");
  if (rpc->fault == PT_RPC_UNSUPPORTED)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
read_tip (PtRpc *rpc, guint64 *tip, GError **error)
{
  static const char method[] = "eth_maxPriorityFeePerGas";
  g_autoptr (GError) local_error = NULL;

  if (!read_history (rpc, tip, error))
    return FALSE;
  if (*tip == 0 && !pt_rpc_call_quantity (rpc, method, "[]", tip, &local_error))
    {
      if (rpc->fault != PT_RPC_UNSUPPORTED)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      *tip = DEFAULT_TIP;
    }
  return *tip <= ABSURD || pt_rpc_set_nonsense (rpc, error, method, "its tip is beyond all money");
}

gboolean
pt_rpc_fees (PtRpc *rpc, const PtFeeBounds *most, PtFees *out, GError **error)
{
  PtFees fees = { 0 };

  g_return_val_if_fail (rpc != NULL && most != NULL && out != NULL, FALSE);

  *out = fees;
  if (!read_base_fee (rpc, &fees.base_fee, error) || !read_tip (rpc, &fees.max_priority_fee, error))
    return FALSE;
  if (most->tip > 0)
    fees.max_priority_fee = MIN (fees.max_priority_fee, most->tip);
  fees.max_fee = 2 * fees.base_fee + fees.max_priority_fee;
  if (most->fee > 0)
    fees.max_fee = MIN (fees.max_fee, most->fee);
  fees.max_priority_fee = MIN (fees.max_priority_fee, fees.max_fee);
  *out = fees;
  return TRUE;
}
