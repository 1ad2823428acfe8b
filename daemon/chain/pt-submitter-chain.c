/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-submitter-private.h"

#include <string.h>

#define GAS_NUMERATOR 5 /* limit = estimate * 5 / 4 */
#define GAS_DENOMINATOR 4

/* Says in the error that it is the store's. */
static gboolean
of_store (gboolean result, GError **error)
{
  if (!result && error != NULL && *error != NULL)
    (*error)->domain = PT_STORE_FAULT;
  return result;
}

/* Whose */

static PtWhose
whose_is (PtSubmitter *submitter, const PtTransactionRow *row)
{
  if (row->chain_id != submitter->config.chain_id)
    return PT_WHOSE_OTHER_CHAIN;
  if (memcmp (row->account, submitter->config.signer->address, sizeof row->account) != 0)
    return PT_WHOSE_OTHER_ACCOUNT;
  return PT_WHOSE_OURS;
}

/* Of a store of before these were written down. */
static gboolean
read_owners (GPtrArray *transactions, GError **error)
{
  for (guint i = 0; i < transactions->len; i++)
    {
      PtTransactionRow *row = g_ptr_array_index (transactions, i);

      if (row->chain_id == 0 && !pt_anchor_owner (row->raw, &row->chain_id, row->account, error))
        return FALSE;
    }
  return TRUE;
}

/* Sending */

static PtSending *
sending_of (PtSubmitter *submitter, const PtTransactionRow *row)
{
  gint64 id = (gint64) row->id;
  PtSending *sending = g_hash_table_lookup (submitter->sendings, &id);

  if (sending == NULL)
    {
      sending = g_new0 (PtSending, 1);
      sending->sent = MIN (row->sent, pt_submitter_now (submitter)); /* a clock was ahead */
      g_hash_table_insert (submitter->sendings, g_memdup2 (&id, sizeof id), sending);
    }
  return sending;
}

/* A refusal is remembered and told, not an error: the transaction may yet be mined, or bumped. */
static gboolean
send_row (PtSubmitter *submitter, const PtTransactionRow *row, GError **error)
{
  PtSending *sending = sending_of (submitter, row);
  g_autoptr (GError) local_error = NULL;
  gint64 now = pt_submitter_now (submitter);

  if (pt_rpc_send_raw (submitter->rpc, row->raw, &local_error))
    {
      sending->sent = now;
      sending->refused = FALSE;
      return TRUE;
    }
  if (!g_error_matches (local_error, PT_ERROR, PT_ERROR_OPERATOR))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  sending->refused = TRUE;
  g_prefix_error (&local_error,
                  "The chain's endpoint did not take transaction %" G_GUINT64_FORMAT
                  " (add funds to the account if they are short): ",
                  row->nonce);
  pt_submitter_note_attention (submitter, local_error->message);
  return TRUE;
}

/* The gas that one transaction may use, by its bound and by what it may cost at @max_fee. */
static guint64
most_gas (PtSubmitter *submitter, guint64 max_fee)
{
  double most = (double) submitter->config.max_cost * PT_RPC_GWEI / (double) MAX (max_fee, 1);

  return submitter->config.max_cost > 0 && most < PT_ANCHOR_GAS_MAX ? (guint64) most
                                                                    : PT_ANCHOR_GAS_MAX;
}

static gboolean
is_too_dear (PtSubmitter *submitter, const PtTransaction *transaction)
{
  const PtFeeBounds *most = &submitter->config.most;

  return (most->fee > 0 && transaction->max_fee > most->fee)
         || (most->tip > 0 && transaction->max_priority_fee > most->tip)
         || (submitter->config.max_cost > 0
             && transaction->gas_limit > most_gas (submitter, transaction->max_fee));
}

static gboolean
bump (PtSubmitter *submitter, const PtTransactionRow *row, GError **error)
{
  PtTransactionRow *bumped;
  PtTransaction transaction;
  gboolean done;

  if (!pt_anchor_read (row->raw, &transaction, error))
    return FALSE;
  transaction.max_fee = pt_plan_bumped_fee (row->max_fee, submitter->fees.max_fee);
  transaction.max_priority_fee
      = pt_plan_bumped_fee (row->max_priority_fee, submitter->fees.max_priority_fee);
  transaction.max_fee = MAX (transaction.max_fee, transaction.max_priority_fee);
  if (is_too_dear (submitter, &transaction))
    {
      pt_submitter_note_attention (
          submitter, "To raise the fee would pass max_fee, max_tip or max_cost; raise "
                     "these, or wait until fees fall.");
      return send_row (submitter, row, error);
    }
  bumped = pt_anchor_sign (&transaction, submitter->config.signer, pt_submitter_now (submitter),
                           error);
  if (bumped != NULL)
    bumped->id = row->id;
  done = bumped != NULL && of_store (pt_store_bump (submitter->store, bumped, error), error)
         && send_row (submitter, bumped, error);
  pt_transaction_row_free (bumped);
  return done;
}

/* Following a transaction */

static gboolean
mark (PtSubmitter *submitter, PtTransactionRow *row, const PtRpcReceipt *receipt,
      const PtHash *hash, GArray *rows, GError **error)
{
  static const PtRpcReceipt none;

  if (receipt == NULL)
    receipt = &none;
  else
    row->hash = *hash;
  row->block = receipt->block;
  row->block_hash = receipt->block_hash;
  row->gas_used = receipt->gas_used;
  if (!of_store (pt_store_mined (submitter->store, row, error), error))
    return FALSE;
  submitter->progress = TRUE;
  pt_submitter_tell (submitter, rows, row, PT_BATCH_SUBMITTED);
  return TRUE;
}

static void
forget_sending (PtSubmitter *submitter, const PtTransactionRow *row)
{
  gint64 id = (gint64) row->id;

  g_hash_table_remove (submitter->sendings, &id);
}

static gboolean
finalize (PtSubmitter *submitter, PtTransactionRow *row, GArray *rows, GError **error)
{
  if (!of_store (pt_store_finalize (submitter->store, row->id, error), error))
    return FALSE;
  forget_sending (submitter, row);
  row->state = PT_BATCH_FINAL;
  submitter->progress = TRUE;
  g_mutex_lock (&submitter->lock);
  submitter->status.gas_used += row->gas_used;
  submitter->status.transactions++;
  g_mutex_unlock (&submitter->lock);
  pt_submitter_tell (submitter, rows, row, PT_BATCH_FINAL);
  return TRUE;
}

static gboolean
withdraw (PtSubmitter *submitter, const PtTransactionRow *row, GArray *rows, GError **error)
{
  if (!of_store (pt_store_withdraw (submitter->store, row->id, error), error))
    return FALSE;
  forget_sending (submitter, row);
  submitter->progress = TRUE;
  pt_submitter_tell (submitter, rows, row, PT_BATCH_PUBLISHED);
  return TRUE;
}

/* Keeps since when it is stuck, and says so once that lasts. */
static void
note_stuck (PtSubmitter *submitter, const PtTransactionRow *row, PtTransactionFacts *facts)
{
  PtSending *sending = sending_of (submitter, row);
  g_autofree char *sentence = NULL;

  if (!pt_plan_is_stuck (row, facts, &submitter->facts))
    sending->stuck = 0;
  else if (sending->stuck == 0)
    sending->stuck = submitter->facts.now;
  facts->stuck = sending->stuck;
  if (sending->stuck == 0
      || submitter->facts.now - sending->stuck < submitter->facts.stuck_after / 3)
    return;
  if (facts->whose == PT_WHOSE_OURS)
    sentence = g_strdup_printf ("Transaction %" G_GUINT64_FORMAT
                                " can't be mined before ones that nobody sent: the account "
                                "is at %" G_GUINT64_FORMAT
                                ". It will be signed again with the right number.",
                                row->nonce, submitter->facts.nonce);
  else
    sentence = g_strdup_printf ("Transaction %" G_GUINT64_FORMAT
                                " of another account was not mined. Its batches will be "
                                "signed again with the account that is configured now.",
                                row->nonce);
  pt_submitter_note_attention (submitter, sentence);
}

static void
note_versions (PtSubmitter *submitter, const PtTransactionRow *row, const PtTransactionFacts *facts)
{
  g_autofree char *sentence = NULL;

  if (facts->versions < PT_VERSIONS_MAX || facts->receipt != PT_RECEIPT_NONE)
    return;
  sentence = g_strdup_printf (
      "Transaction %" G_GUINT64_FORMAT " was signed %u times with ever higher fees and is in no "
      "block. It is sent as it is from now on; look at the account and the endpoint.",
      row->nonce, facts->versions);
  pt_submitter_note_attention (submitter, sentence);
}

/* Those of ours that are not mined and have to be before @row. */
static guint64
count_before (PtSubmitter *submitter, GPtrArray *transactions, const PtTransactionRow *row)
{
  guint64 count = 0;

  for (guint i = 0; i < transactions->len; i++)
    {
      const PtTransactionRow *other = g_ptr_array_index (transactions, i);

      count += whose_is (submitter, other) == PT_WHOSE_OURS && other->block == 0
               && other->nonce < row->nonce && other->nonce >= submitter->facts.nonce;
    }
  return count;
}

static gboolean
look_at_transaction (PtSubmitter *submitter, GPtrArray *transactions, const PtTransactionRow *row,
                     PtTransactionFacts *facts, PtRpcReceipt *receipt, PtHash *hash, GError **error)
{
  const PtSending *sending = sending_of (submitter, row);

  *facts = (PtTransactionFacts){ .whose = whose_is (submitter, row),
                                 .refused = sending->refused,
                                 .sent = sending->sent,
                                 .versions = row->versions->len };
  if (facts->whose == PT_WHOSE_OTHER_CHAIN)
    return TRUE;
  if (!pt_chain_view_transaction (submitter->rpc, row, facts, receipt, hash, error))
    return FALSE;
  if (facts->whose == PT_WHOSE_OURS)
    facts->before = count_before (submitter, transactions, row);
  note_stuck (submitter, row, facts);
  note_versions (submitter, row, facts);
  return TRUE;
}

static gboolean
follow (PtSubmitter *submitter, GPtrArray *transactions, PtTransactionRow *row, GArray *rows,
        GError **error)
{
  PtTransactionFacts facts;
  PtRpcReceipt receipt;
  PtHash hash;
  PtPlan plan;

  if (!look_at_transaction (submitter, transactions, row, &facts, &receipt, &hash, error))
    return FALSE;
  plan = pt_plan_transaction (row, &facts, &submitter->facts);
  if (plan == PT_PLAN_ASK_CONTRACT)
    {
      if (!pt_submitter_ask_contract (submitter, row, rows, &facts, &receipt, &hash, error))
        return FALSE;
      plan = pt_plan_transaction (row, &facts, &submitter->facts);
    }
  switch (plan)
    {
    case PT_PLAN_RESEND:
      return send_row (submitter, row, error);
    case PT_PLAN_BUMP:
      return bump (submitter, row, error);
    case PT_PLAN_MARK_MINED:
      return mark (submitter, row, &receipt, &hash, rows, error);
    case PT_PLAN_UNMINE:
      return mark (submitter, row, NULL, NULL, rows, error);
    case PT_PLAN_FINALIZE:
      return finalize (submitter, row, rows, error);
    case PT_PLAN_WITHDRAW:
      return withdraw (submitter, row, rows, error);
    case PT_PLAN_NOTHING:
    case PT_PLAN_WAIT:
    case PT_PLAN_PUBLISH:
    case PT_PLAN_SUBMIT:
    case PT_PLAN_ASK_CONTRACT:
    case PT_PLAN_ASK_OPERATOR:
      break;
    }
  return TRUE;
}

/* Submitting */

static void
refuse_area (PtSubmitter *submitter, const PtBatchRow *row, const GError *error)
{
  PtRefusal *refusal = g_new0 (PtRefusal, 1);

  refusal->retry_at
      = pt_submitter_now (submitter) + (gint64) submitter->config.operator_retry_s * 1000;
  refusal->sentence = g_strdup_printf ("Batch %" G_GUINT64_FORMAT " of %s can't be anchored: %s",
                                       row->batch, row->area_id, error->message);
  pt_submitter_note_attention (submitter, refusal->sentence);
  g_mutex_lock (&submitter->lock);
  g_hash_table_insert (submitter->refusals, GUINT_TO_POINTER (row->area), refusal);
  g_mutex_unlock (&submitter->lock);
  /* The contract may know what we don't. */
  pt_submitter_look_again (submitter, row->area, 0);
}

void
pt_submitter_accept_area (PtSubmitter *submitter, guint32 area)
{
  g_return_if_fail (submitter != NULL);

  g_mutex_lock (&submitter->lock);
  g_hash_table_remove (submitter->refusals, GUINT_TO_POINTER (area));
  g_mutex_unlock (&submitter->lock);
}

/* Whether @row is in a transaction of another account that is not mined: nothing of its area may
 * pass it. With one of ours no batch is due at all. */
static gboolean
waits_for_other (PtSubmitter *submitter, GPtrArray *transactions, const PtBatchRow *row)
{
  for (guint i = 0; i < transactions->len && row->transaction_id != 0; i++)
    {
      const PtTransactionRow *transaction = g_ptr_array_index (transactions, i);

      if (transaction->id == row->transaction_id)
        return transaction->block == 0 && whose_is (submitter, transaction) != PT_WHOSE_OURS;
    }
  return FALSE;
}

/* The batches that may go now, an area's always from its first on. Refused areas want attention. */
static GArray *
collect_due (PtSubmitter *submitter, GPtrArray *transactions, GArray *rows)
{
  GArray *due = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  g_autoptr (GHashTable) blocked = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < rows->len && due->len < PT_ANCHOR_MAX; i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      gpointer area = GUINT_TO_POINTER (row->area);
      const PtRefusal *refusal = g_hash_table_lookup (submitter->refusals, area);
      PtBatchFacts facts
          = { .refused = refusal != NULL, .retry_at = refusal != NULL ? refusal->retry_at : 0 };
      PtPlan plan = pt_plan_batch (row, &facts, &submitter->facts);

      if (plan == PT_PLAN_SUBMIT && !g_hash_table_contains (blocked, area))
        g_array_append_vals (due, row, 1);
      else if (row->state != PT_BATCH_SUBMITTED || waits_for_other (submitter, transactions, row))
        g_hash_table_add (blocked, area);
      if (plan == PT_PLAN_ASK_OPERATOR && refusal != NULL)
        pt_submitter_note_attention (submitter, refusal->sentence);
    }
  return due;
}

static gboolean
estimate (PtSubmitter *submitter, const PtBatchRow *rows, guint count, GBytes **data, guint64 *gas,
          GError **error)
{
  g_autoptr (GBytes) call = pt_anchor_call_data (rows, count, error);

  if (call == NULL
      || !pt_rpc_estimate_gas (submitter->rpc, submitter->config.signer->address,
                               submitter->config.contract, call, gas, error))
    return FALSE;
  *gas = *gas / GAS_DENOMINATOR * GAS_NUMERATOR + GAS_NUMERATOR;
  if (data != NULL)
    *data = g_steal_pointer (&call);
  return TRUE;
}

/* Whether it is the contract that refused. An account without money or an endpoint with a wrong key
 * is the operator's too, but holds for every area. */
static gboolean
is_refusal (PtSubmitter *submitter, const GError *error)
{
  return g_error_matches (error, PT_ERROR, PT_ERROR_OPERATOR)
         && pt_rpc_fault (submitter->rpc) == PT_RPC_REVERTED;
}

/* Whether the contract would take the first @count of @rows. */
static gboolean
contract_takes (PtSubmitter *submitter, GArray *rows, guint count, GError **error)
{
  guint64 gas;

  return estimate (submitter, (const PtBatchRow *) (gpointer) rows->data, count, NULL, &gas, error);
}

/* How many of an area's batches the contract would take: all, the first, or none, and the refusal
 * is remembered. -1: the chain did not say. */
static int
probe_area (PtSubmitter *submitter, GArray *rows, GError **error)
{
  const PtBatchRow *first = &g_array_index (rows, PtBatchRow, 0);
  g_autoptr (GError) refusal = NULL;
  guint usable = rows->len;
  gboolean taken = contract_takes (submitter, rows, usable, &refusal);

  if (!taken && usable > 1 && is_refusal (submitter, refusal))
    {
      g_clear_error (&refusal);
      usable = 1;
      taken = contract_takes (submitter, rows, usable, &refusal);
    }
  if (taken)
    {
      pt_submitter_accept_area (submitter, first->area);
      return (int) usable;
    }
  if (is_refusal (submitter, refusal))
    {
      refuse_area (submitter, first, refusal);
      return 0;
    }
  g_propagate_error (error, g_steal_pointer (&refusal));
  return -1;
}

static GArray *
rows_of_area (GArray *rows, guint32 area)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));

  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, PtBatchRow, i).area == area)
      g_array_append_val (found, g_array_index (rows, PtBatchRow, i));
  return found;
}

/* Leaves out of @due what the contract refuses, area by area, so that one does not stop others. */
static gboolean
leave_out_refused (PtSubmitter *submitter, GArray *due, GError **error)
{
  g_autoptr (GHashTable) usable = g_hash_table_new (NULL, NULL); /* area -> batches */
  guint kept;

  for (guint i = 0; i < due->len; i++)
    {
      gpointer area = GUINT_TO_POINTER (g_array_index (due, PtBatchRow, i).area);
      g_autoptr (GArray) own = NULL;
      int count;

      if (g_hash_table_contains (usable, area))
        continue;
      own = rows_of_area (due, GPOINTER_TO_UINT (area));
      count = probe_area (submitter, own, error);
      if (count < 0)
        return FALSE;
      g_hash_table_insert (usable, area, GINT_TO_POINTER (count));
    }
  kept = 0;

  for (guint i = 0; i < due->len; i++)
    {
      PtBatchRow row = g_array_index (due, PtBatchRow, i);
      gpointer area = GUINT_TO_POINTER (row.area);
      guint left = GPOINTER_TO_UINT (g_hash_table_lookup (usable, area));

      if (left == 0)
        continue;
      g_hash_table_insert (usable, area, GUINT_TO_POINTER (left - 1));
      g_array_index (due, PtBatchRow, kept++) = row;
    }
  g_array_set_size (due, kept);
  return TRUE;
}

/* The call for as many of @due as the gas limit takes; *@data NULL: nothing may go. */
static gboolean
prepare_call (PtSubmitter *submitter, GArray *due, GBytes **data, guint64 *gas, GError **error)
{
  gboolean probed = FALSE;
  guint64 most = most_gas (submitter, submitter->fees.max_fee);

  while (due->len > 0)
    {
      g_autoptr (GError) local_error = NULL;
      const PtBatchRow *rows = (const PtBatchRow *) (gpointer) due->data;

      g_clear_pointer (data, g_bytes_unref);
      if (estimate (submitter, rows, due->len, data, gas, &local_error))
        {
          if (*gas <= most || due->len == 1)
            return TRUE;
          g_array_set_size (due, MAX (1, MIN (due->len - 1, due->len * most / *gas)));
          continue;
        }
      if (probed || !is_refusal (submitter, local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      probed = TRUE;
      if (!leave_out_refused (submitter, due, error))
        return FALSE;
    }
  return TRUE;
}

static void
accept_areas (PtSubmitter *submitter, GArray *due)
{
  for (guint i = 0; i < due->len; i++)
    pt_submitter_accept_area (submitter, g_array_index (due, PtBatchRow, i).area);
}

/* Signs, stores, and only then sends. */
static gboolean
submit (PtSubmitter *submitter, GArray *due, const PtTransaction *transaction, GError **error)
{
  PtBatchRow *batches = (PtBatchRow *) (gpointer) due->data;
  PtTransactionRow *row
      = pt_anchor_sign (transaction, submitter->config.signer, pt_submitter_now (submitter), error);
  gboolean done;

  if (row == NULL)
    return FALSE;
  done = of_store (pt_store_submit (submitter->store, row, batches, due->len, error), error);
  if (done)
    {
      submitter->facts.in_flight = TRUE;
      for (guint i = 0; i < due->len; i++)
        batches[i].transaction_id = row->id;
      pt_submitter_tell (submitter, due, row, PT_BATCH_SUBMITTED);
      done = send_row (submitter, row, error);
    }
  pt_transaction_row_free (row);
  return done;
}

static gboolean
refuse_cost (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                       "Anchoring one batch might cost more than max_cost; raise it, or wait until "
                       "fees fall.");
  return FALSE;
}

/* The account's in the newest block, after our own that are not final: what an endpoint says is
 * pending may be something that it forgot since, or that nobody ever sent. */
static gboolean
next_nonce (PtSubmitter *submitter, GPtrArray *transactions, guint64 *nonce, GError **error)
{
  if (!pt_rpc_nonce (submitter->rpc, submitter->config.signer->address, FALSE, nonce, error))
    return FALSE;
  for (guint i = 0; i < transactions->len; i++)
    {
      const PtTransactionRow *row = g_ptr_array_index (transactions, i);

      if (whose_is (submitter, row) == PT_WHOSE_OURS)
        *nonce = MAX (*nonce, row->nonce + 1);
    }
  return TRUE;
}

static gboolean
submit_due (PtSubmitter *submitter, GPtrArray *transactions, GArray *rows, GError **error)
{
  g_autoptr (GArray) due = collect_due (submitter, transactions, rows);
  g_autoptr (GBytes) data = NULL;
  PtTransaction transaction = { .chain_id = submitter->config.chain_id,
                                .max_fee = submitter->fees.max_fee,
                                .max_priority_fee = submitter->fees.max_priority_fee };

  if (due->len == 0)
    return TRUE;
  if (!pt_submitter_look_at_due (submitter, due, error))
    return FALSE;
  if (due->len == 0)
    return TRUE;
  if (!prepare_call (submitter, due, &data, &transaction.gas_limit, error))
    return FALSE;
  if (due->len == 0)
    return TRUE;
  if (is_too_dear (submitter, &transaction))
    return refuse_cost (error);
  accept_areas (submitter, due);
  if (!next_nonce (submitter, transactions, &transaction.nonce, error))
    return FALSE;
  memcpy (transaction.to, submitter->config.contract, sizeof transaction.to);
  transaction.data = g_bytes_get_data (data, &transaction.data_size);
  return submit (submitter, due, &transaction, error);
}

/* Whoever cuts windows by the machine's clock wants to know the chain's. */
static gboolean
look_at_time (PtSubmitter *submitter, GError **error)
{
  PtTimeGuard *guard = submitter->config.guard;
  PtBlockHeader header;

  if (!pt_time_guard_wants_block (guard))
    return TRUE;
  if (!pt_rpc_header (submitter->rpc, PT_RPC_NEWEST, &header, error))
    return FALSE;
  pt_time_guard_saw_block (guard, header.number, header.time);
  return TRUE;
}

static gboolean
look_at_chain (PtSubmitter *submitter, gboolean nonces, GError **error)
{
  submitter->facts.now = pt_submitter_now (submitter);
  if (!submitter->checked
      && !pt_chain_view_check (submitter->rpc, submitter->config.chain_id,
                               submitter->config.contract, NULL, error))
    return FALSE;
  submitter->checked = TRUE;
  submitter->facts.chain = PT_CHAIN_READY;
  return pt_chain_view_read (submitter->rpc, submitter->config.signer->address, nonces,
                             &submitter->config.most, &submitter->facts, &submitter->fees, error)
         && look_at_time (submitter, error);
}

gboolean
pt_submitter_chain_round (PtSubmitter *submitter, GPtrArray *transactions, GArray *rows,
                          GError **error)
{
  g_return_val_if_fail (submitter != NULL, FALSE);

  if (!of_store (read_owners (transactions, error), error)
      || !look_at_chain (submitter, transactions->len > 0, error)
      || !pt_submitter_look_round (submitter, error))
    return FALSE;
  if (submitter->progress)
    return TRUE; /* what was read of the store is old */
  submitter->facts.in_flight = FALSE;
  for (guint i = 0; i < transactions->len; i++)
    {
      PtTransactionRow *row = g_ptr_array_index (transactions, i);

      if (!follow (submitter, transactions, row, rows, error))
        return FALSE;
      if (row->block == 0 && whose_is (submitter, row) == PT_WHOSE_OURS)
        submitter->facts.in_flight = TRUE;
    }
  /* What was withdrawn or taken back by a reorg changes what is due: look anew first. */
  return submitter->progress || submit_due (submitter, transactions, rows, error);
}
