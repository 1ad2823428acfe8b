/* SPDX-License-Identifier: Apache-2.0 */
#include "area-chain.h"

#include <string.h>

#include "pt-cli.h"
#include "pt-error.h"
#include "pt-sender.h"
#include "pt-i18n.h"

#define CALL_MAX 1024 /* bytes of a registerArea call */
#define WAIT_SECONDS 300

static const guint8 no_address[20];

/* operatorOf (area): zero for one that is not registered. */
static gboolean
is_registered (PtRpc *rpc, const guint8 *contract, const char *area, gboolean *out, GError **error)
{
  static const char signature[] = "operatorOf(bytes32)";
  PtHash selector;
  guint8 call[4 + 32];
  g_autoptr (GBytes) data = NULL, answer = NULL;
  gsize size = 0;
  const guint8 *word = NULL;

  pt_keccak256 (pt_keccak_permutation_nettle, signature, strlen (signature), &selector);
  memcpy (call, selector.bytes, 4);
  pt_abi_area (area, call + 4);
  data = g_bytes_new (call, sizeof call);
  answer = pt_rpc_eth_call (rpc, contract, data, error);
  if (answer == NULL)
    return FALSE;
  word = g_bytes_get_data (answer, &size);
  if (size != 32)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("there is no PowerAnchor at --contract on this chain; check it and --rpc"));
      return FALSE;
    }
  *out = memcmp (word + 12, no_address, sizeof no_address) != 0;
  return TRUE;
}

typedef struct
{
  PtHash topic;
  const PtAreaRegistered *areas;
  guint count;
} Comparing;

static gboolean
compare_log (const PtLog *log, gpointer user_data, GError **error)
{
  Comparing *comparing = user_data;
  PtAreaRegistered found;

  if (log->topic_count == 0 || memcmp (&log->topics[0], &comparing->topic, sizeof (PtHash)) != 0
      || pt_abi_area_registered_parse (log->topics + 1, log->topic_count - 1, log->data,
                                       log->data_size, &found)
             != PT_OK)
    return TRUE;
  for (guint i = 0; i < comparing->count; i++)
    {
      const PtAreaRegistered *area = &comparing->areas[i];

      if (strcmp (area->area, found.area) != 0)
        continue;
      if (memcmp (area->authority_key, found.authority_key, PT_PUBLIC_KEY_SIZE) == 0
          && memcmp (area->service_key, found.service_key, PT_PUBLIC_KEY_SIZE) == 0)
        continue;
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   _ ("area %s is on the chain with other keys, and they stand for ever; choose "
                      "another id or bring back the old keys"),
                   area->area);
      return FALSE;
    }
  return TRUE;
}

/* The keys stand in the events alone, so these are read only when one of the areas is there. */
static gboolean
compare_registered (PtRpc *rpc, const guint8 *contract, const PtAreaRegistered *areas, guint count,
                    GError **error)
{
  Comparing comparing = { .areas = areas, .count = count };
  guint64 to = 0;

  pt_abi_area_registered_topic (pt_keccak_permutation_nettle, &comparing.topic);
  return pt_rpc_block_number (rpc, &to, error)
         && pt_rpc_logs (rpc, contract, 0, to, compare_log, &comparing, error);
}

static gboolean
send_one (PtSender *sender, const guint8 *contract, const PtAreaRegistered *area,
          PtHash *transaction, GError **error)
{
  guint8 call[CALL_MAX];
  size_t size = 0;
  g_autoptr (GBytes) data = NULL;

  if (memcmp (area->operator_address, no_address, sizeof no_address) == 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("the daemon has no operator account; configure its [chain] keystore first"));
      return FALSE;
    }
  if (pt_abi_register_area (pt_keccak_permutation_nettle, area->area, area->authority_key,
                            area->service_key, area->operator_address, call, sizeof call, &size)
      != PT_OK)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("the call can't be made"));
      return FALSE;
    }
  data = g_bytes_new (call, size);
  return pt_sender_send (sender, contract, data, transaction, error);
}

static gboolean
send_all (PtSender *sender, const PtAreaChainOptions *options, const PtAreaRegistered *areas,
          guint count, const gboolean *registered, PtAreaChainResult *out, GError **error)
{
  g_autofree PtHash *transactions = g_new0 (PtHash, count);
  PtReceipt receipt;

  for (guint i = 0; i < count; i++)
    if (!registered[i]
        && !send_one (sender, options->contract, &areas[i], &transactions[out->transactions++],
                      error))
      {
        g_prefix_error (error, _ ("area %s: "), areas[i].area);
        return FALSE;
      }
  for (guint i = 0; i < out->transactions; i++)
    {
      if (!pt_sender_wait (sender, &transactions[i], WAIT_SECONDS, &receipt, error))
        return FALSE;
      out->gas += receipt.gas_used;
    }
  return TRUE;
}

gboolean
pt_area_register_on_chain (const PtAreaChainOptions *options, const PtAreaRegistered *areas,
                           guint count, PtAreaChainResult *out, GError **error)
{
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (PtSender) sender = NULL;
  g_autofree gboolean *registered = NULL;
  gboolean any = FALSE, all = TRUE;

  g_return_val_if_fail (options != NULL && options->rpc != NULL && options->contract != NULL,
                        FALSE);
  g_return_val_if_fail (areas != NULL && out != NULL, FALSE);
  rpc = pt_cli_rpc (options->rpc);
  registered = g_new0 (gboolean, count);
  for (guint i = 0; i < count; i++)
    {
      if (!is_registered (rpc, options->contract, areas[i].area, &registered[i], error))
        return FALSE;
      any = any || registered[i];
      all = all && registered[i];
    }
  if (any && !compare_registered (rpc, options->contract, areas, count, error))
    return FALSE;
  if (all)
    return TRUE;
  sender = pt_sender_new (rpc, options->sender, error);
  return sender != NULL && send_all (sender, options, areas, count, registered, out, error);
}
