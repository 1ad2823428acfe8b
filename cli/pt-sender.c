/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sender.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"

#define POLL_MS 100
#define MOST_WEI 1e18 /* an ether a gas */

const char pt_sender_max_fee_help[] = N_ ("Pay at most so much for each gas; 200");
const char pt_sender_max_tip_help[] = N_ ("Of that at most so much as tip; 3");

void
pt_sender_options_clear (PtSenderOptions *options)
{
  g_return_if_fail (options != NULL);

  g_clear_pointer (&options->keystore, g_free);
  g_clear_pointer (&options->password_file, g_free);
}

/* Gwei as they are given; what is below a wei or beyond all money becomes that. */
static guint64
wei_of (double gwei, guint64 usual)
{
  return gwei > 0 ? (guint64) CLAMP (gwei * PT_RPC_GWEI, 1, MOST_WEI) : usual;
}

static gboolean
sender_read_fees (PtSender *sender, const PtSenderOptions *options, GError **error)
{
  const PtFeeBounds most
      = { wei_of (options->max_fee, PT_RPC_MOST_FEE), wei_of (options->max_tip, PT_RPC_MOST_TIP) };

  if (!pt_rpc_fees (sender->rpc, &most, &sender->fees, error))
    return FALSE;
  if (sender->fees.base_fee <= sender->fees.max_fee)
    return TRUE;
  g_set_error (
      error, PT_ERROR, PT_ERROR_OPERATOR,
      _ ("each gas costs %.9g gwei now; wait until that falls, or allow more by --max-fee"),
      (double) sender->fees.base_fee / PT_RPC_GWEI);
  return FALSE;
}

PtSender *
pt_sender_new (PtRpc *rpc, const PtSenderOptions *options, GError **error)
{
  g_autoptr (PtSender) sender = NULL;

  g_return_val_if_fail (rpc != NULL && options != NULL, NULL);
  g_return_val_if_fail (options->keystore != NULL && options->password_file != NULL, NULL);

  sender = g_new0 (PtSender, 1);
  sender->rpc = rpc;
  sender->signer = pt_ethereum_keystore_read (options->keystore, options->password_file, error);
  if (sender->signer == NULL || !pt_rpc_chain_id (rpc, &sender->chain_id, error)
      || !pt_rpc_nonce (rpc, sender->signer->address, TRUE, &sender->nonce, error)
      || !sender_read_fees (sender, options, error))
    return NULL;
  return g_steal_pointer (&sender);
}

void
pt_sender_free (PtSender *sender)
{
  if (sender == NULL)
    return;
  g_clear_pointer (&sender->signer, pt_ethereum_signer_free);
  g_free (sender);
}

gboolean
pt_sender_send (PtSender *sender, const guint8 *to, GBytes *data, PtHash *transaction,
                GError **error)
{
  gsize data_size = 0, size = 0, raw_size = 0;
  PtTransaction fields = { .create = to == NULL };
  g_autofree guint8 *raw = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint64 gas = 0;
  PtResult result;

  g_return_val_if_fail (sender != NULL && data != NULL && transaction != NULL, FALSE);
  if (!pt_rpc_estimate_gas (sender->rpc, sender->signer->address, to, data, &gas, error))
    return FALSE;
  fields.chain_id = sender->chain_id;
  fields.nonce = sender->nonce;
  fields.max_fee = sender->fees.max_fee;
  fields.max_priority_fee = sender->fees.max_priority_fee;
  fields.gas_limit = gas + gas / 5;
  fields.data = g_bytes_get_data (data, &data_size);
  fields.data_size = data_size;
  if (to != NULL)
    memcpy (fields.to, to, sizeof fields.to);
  raw_size = data_size + 256;
  raw = g_malloc (raw_size);
  result = pt_transaction_sign (&fields, pt_keccak_permutation_nettle, sender->signer, raw,
                                raw_size, &size, transaction);
  if (result != PT_OK)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("the transaction could not be signed: %s"),
                   pt_result_slug (result));
      return FALSE;
    }
  bytes = g_bytes_new (raw, size);
  if (!pt_rpc_send_raw (sender->rpc, bytes, error))
    return FALSE;
  sender->nonce++;
  return TRUE;
}

gboolean
pt_sender_wait (PtSender *sender, const PtHash *transaction, guint seconds, PtRpcReceipt *out,
                GError **error)
{
  gint64 until = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;
  char text[2 * PT_HASH_SIZE + 1] = { 0 };

  g_return_val_if_fail (sender != NULL && transaction != NULL && out != NULL, FALSE);
  pt_hex_encode (transaction, sizeof *transaction, text, sizeof text);
  for (;;)
    {
      if (!pt_rpc_receipt (sender->rpc, transaction, out, error))
        return FALSE;
      if (out->found && out->success)
        return TRUE;
      if (out->found)
        {
          g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
                       _ ("the contract refused transaction 0x%s in block %" PRIu64), text,
                       out->block);
          return FALSE;
        }
      if (g_get_monotonic_time () > until)
        break;
      g_usleep (POLL_MS * 1000);
    }
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               _ ("transaction 0x%s was sent but not mined within %u s; run this again later"),
               text, seconds);
  return FALSE;
}
