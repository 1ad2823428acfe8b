/* SPDX-License-Identifier: Apache-2.0 */
#include "area-chain.h"

#include <string.h>

#include "pt-cli.h"
#include "pt-contract.h"
#include "pt-error.h"
#include "pt-i18n.h"

#define CALL_MAX 1024 /* bytes of a registerArea call */
#define WAIT_SECONDS 300

static const PtAreaAccount nobody;

static gboolean
is_same (const PtAreaAccount *a, const PtAreaAccount *b)
{
  return memcmp (a, b, sizeof *a) == 0;
}

/* Sending */

/* Sends those of @calls that are there, then waits for all. */
static gboolean
send_all (PtSender *sender, const PtAreaChainOptions *options, GPtrArray *calls,
          PtAreaChainResult *out, GError **error)
{
  g_autofree PtHash *transactions = g_new0 (PtHash, calls->len);
  PtRpcReceipt receipt;

  for (guint i = 0; i < calls->len; i++)
    if (!pt_sender_send (sender, options->contract, g_ptr_array_index (calls, i),
                         &transactions[out->transactions++], error))
      return FALSE;
  for (guint i = 0; i < out->transactions; i++)
    {
      if (!pt_sender_wait (sender, &transactions[i], WAIT_SECONDS, &receipt, error))
        return FALSE;
      out->gas += receipt.gas_used;
    }
  return TRUE;
}

static gboolean
send_calls (PtRpc *rpc, const PtAreaChainOptions *options, GPtrArray *calls, PtAreaChainResult *out,
            GError **error)
{
  g_autoptr (PtSender) sender = NULL;

  if (calls->len == 0)
    return TRUE;
  sender = pt_sender_new (rpc, options->sender, error);
  return sender != NULL && send_all (sender, options, calls, out, error);
}

/* Registering */

static gboolean
has_same_keys (const PtAreaRegistered *a, const PtAreaRegistered *b)
{
  return memcmp (a->authority_key, b->authority_key, PT_PUBLIC_KEY_SIZE) == 0
         && memcmp (a->service_key, b->service_key, PT_PUBLIC_KEY_SIZE) == 0;
}

/* The area's operator by the contract, nobody for one that is not registered. The keys stand in
 * events alone, so these are read only when the area is there. */
static gboolean
find_area (const PtContract *contract, const PtAreaRegistered *area, PtAreaAccount *operator,
           GError ** error)
{
  PtAreaRegistered found_area;
  gboolean found = FALSE;

  if (!pt_contract_operator_of (contract, area->area, operator->bytes, error))
    return FALSE;
  if (is_same (operator, & nobody))
    return TRUE;
  if (!pt_contract_registered (contract, area->area, 0, &found, &found_area, error))
    return FALSE;
  if (found && has_same_keys (area, &found_area))
    return TRUE;
  if (found)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                 _ ("area %s is on the chain with other keys, and they stand for ever; choose "
                    "another id or bring back the old keys"),
                 area->area);
  else
    g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
                 _ ("the endpoint does not tell the keys of area %s; give another --rpc"),
                 area->area);
  return FALSE;
}

static GBytes *
registration_call (const PtAreaRegistered *area, GError **error)
{
  guint8 call[CALL_MAX];
  size_t size = 0;

  if (memcmp (area->operator_address, &nobody, sizeof nobody) == 0)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 _ ("area %s: the daemon has no operator account; configure its [chain] keystore "
                    "first"),
                 area->area);
  else if (pt_abi_register_area (pt_keccak_permutation_nettle, area->area, area->authority_key,
                                 area->service_key, area->operator_address, call, sizeof call,
                                 &size)
           != PT_OK)
    g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("area %s: the call can't be made"),
                 area->area);
  else
    return g_bytes_new (call, size);
  return NULL;
}

gboolean
pt_area_register_on_chain (const PtAreaChainOptions *options, const PtAreaRegistered *areas,
                           guint count, PtAreaAccount *operators, PtAreaChainResult *out,
                           GError **error)
{
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  PtContract contract;

  g_return_val_if_fail (options != NULL && options->rpc != NULL && options->contract != NULL,
                        FALSE);
  g_return_val_if_fail (areas != NULL && operators != NULL && out != NULL, FALSE);

  rpc = pt_cli_rpc (options->rpc);
  if (!pt_contract_pin (&contract, rpc, options->contract, PT_RPC_NEWEST, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    {
      GBytes *call;

      if (!find_area (&contract, &areas[i], &operators[i], error))
        return FALSE;
      if (!is_same (&operators[i], &nobody))
        continue;
      call = registration_call (&areas[i], error);
      if (call == NULL)
        return FALSE;
      memcpy (operators[i].bytes, areas[i].operator_address, sizeof operators[i].bytes);
      g_ptr_array_add (calls, call);
    }
  return send_calls (rpc, options, calls, out, error);
}

/* The operator */

gboolean
pt_area_set_operator_on_chain (const PtAreaChainOptions *options, char **areas,
                               const PtAreaAccount *operator, PtAreaAccount * before,
                               PtAreaChainResult *out, GError **error)
{
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  PtContract contract;

  g_return_val_if_fail (options != NULL && options->rpc != NULL && options->contract != NULL,
                        FALSE);
  g_return_val_if_fail (areas != NULL && operator!= NULL && before != NULL && out != NULL, FALSE);

  rpc = pt_cli_rpc (options->rpc);
  if (!pt_contract_pin (&contract, rpc, options->contract, PT_RPC_NEWEST, error))
    return FALSE;
  for (guint i = 0; areas[i] != NULL; i++)
    {
      if (!pt_contract_operator_of (&contract, areas[i], before[i].bytes, error))
        return FALSE;
      if (is_same (&before[i], &nobody))
        {
          g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                       _ ("area %s is not registered with this contract; register it first"),
                       areas[i]);
          return FALSE;
        }
      if (!is_same (&before[i], operator))
        g_ptr_array_add (calls, pt_contract_set_operator_call (areas[i], operator->bytes));
    }
  return send_calls (rpc, options, calls, out, error);
}
