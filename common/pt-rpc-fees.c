/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-private.h"

#include "pt-error.h"

#define DEFAULT_TIP G_GUINT64_CONSTANT (1000000000)

static gboolean
base_fee (PtRpc *rpc, guint64 *out, GError **error)
{
  g_autoptr (JsonNode) node
      = pt_rpc_call (rpc, "eth_getBlockByNumber", "[\"latest\",false]", error);

  *out = 0;
  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return pt_rpc_set_nonsense (rpc, error, "eth_getBlockByNumber", "it is no block");
  if (!pt_rpc_parse_quantity (pt_rpc_member_text (json_node_get_object (node), "baseFeePerGas"),
                              out))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                           "the chain's newest block has no base fee; a chain with EIP-1559 is "
                           "needed");
      return FALSE;
    }
  return TRUE;
}

gboolean
pt_rpc_fees (PtRpc *rpc, guint64 *max_fee, guint64 *max_priority_fee, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  guint64 base;

  *max_fee = *max_priority_fee = 0;
  if (!base_fee (rpc, &base, error))
    return FALSE;
  if (!pt_rpc_call_quantity (rpc, "eth_maxPriorityFeePerGas", "[]", max_priority_fee, &local_error))
    {
      if (rpc->fault != PT_RPC_UNSUPPORTED)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      *max_priority_fee = DEFAULT_TIP;
    }
  if (base > G_MAXUINT64 / 4 || *max_priority_fee > G_MAXUINT64 / 4)
    return pt_rpc_set_nonsense (rpc, error, "eth_getBlockByNumber",
                                "its fees are beyond all money");
  *max_fee = 2 * base + *max_priority_fee;
  return TRUE;
}
