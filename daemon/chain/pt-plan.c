/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-plan.h"

#include <string.h>

static const char *const names[]
    = { "nothing",    "wait",   "publish",  "submit",       "resend",   "bump",
        "mark-mined", "unmine", "finalize", "ask-contract", "withdraw", "ask-operator" };

const char *
pt_plan_name (PtPlan plan)
{
  g_return_val_if_fail ((guint) plan < G_N_ELEMENTS (names), "nothing");
  return names[plan];
}

static PtPlan
plan_published (const PtBatchFacts *batch, const PtChainFacts *chain)
{
  if (chain->chain == PT_CHAIN_WRONG)
    return PT_PLAN_ASK_OPERATOR;
  if (chain->chain != PT_CHAIN_READY)
    return PT_PLAN_WAIT;
  if (batch->refused && chain->now < batch->retry_at)
    return PT_PLAN_ASK_OPERATOR;
  return chain->in_flight ? PT_PLAN_WAIT : PT_PLAN_SUBMIT;
}

PtPlan
pt_plan_batch (const PtBatchRow *row, const PtBatchFacts *batch, const PtChainFacts *chain)
{
  g_return_val_if_fail (row != NULL && batch != NULL && chain != NULL, PT_PLAN_NOTHING);

  switch (row->state)
    {
    case PT_BATCH_SEALED:
      return chain->now < batch->retry_at ? PT_PLAN_WAIT : PT_PLAN_PUBLISH;
    case PT_BATCH_PUBLISHED:
      return plan_published (batch, chain);
    case PT_BATCH_OPEN:
    case PT_BATCH_SUBMITTED:
    case PT_BATCH_FINAL:
      break;
    }
  return PT_PLAN_NOTHING;
}

static gboolean
is_deep (guint64 block, const PtChainFacts *chain)
{
  return chain->head >= block && chain->head - block + 1 >= MAX (chain->confirmations, 1);
}

gboolean
pt_plan_is_stuck (const PtTransactionRow *row, const PtTransactionFacts *transaction,
                  const PtChainFacts *chain)
{
  g_return_val_if_fail (row != NULL && transaction != NULL && chain != NULL, FALSE);

  if (transaction->receipt != PT_RECEIPT_NONE)
    return FALSE;
  return transaction->whose != PT_WHOSE_OURS || row->nonce > chain->nonce + transaction->before;
}

/* The contract makes it safe to give one up that may yet be mined: it takes a batch number once. */
static PtPlan
plan_stuck (const PtTransactionFacts *transaction, const PtChainFacts *chain)
{
  if (transaction->stuck != 0 && chain->now - transaction->stuck >= chain->stuck_after)
    return transaction->asked ? PT_PLAN_WITHDRAW : PT_PLAN_ASK_CONTRACT;
  if (transaction->whose == PT_WHOSE_OURS && !transaction->known && !transaction->refused)
    return PT_PLAN_RESEND;
  return PT_PLAN_WAIT;
}

static PtPlan
plan_not_mined (const PtTransactionRow *row, const PtTransactionFacts *transaction,
                const PtChainFacts *chain)
{
  gboolean overdue = chain->now - transaction->sent >= chain->bump_after;
  /* Below the base fee no block can hold it, so waiting the full time does not help. */
  gboolean cheap = chain->base_fee > row->max_fee;

  /* Endpoints prune receipts, and some index them late: that there is none says nothing. */
  if (row->block != 0)
    return transaction->asked ? PT_PLAN_UNMINE : PT_PLAN_ASK_CONTRACT;
  if (pt_plan_is_stuck (row, transaction, chain))
    return plan_stuck (transaction, chain);
  if (MAX (chain->nonce, chain->settled_nonce) > row->nonce && !transaction->asked)
    return PT_PLAN_ASK_CONTRACT;
  /* Another transaction used the nonce. Only once that is as deep as configured is it certain. */
  if (chain->settled_nonce > row->nonce)
    return PT_PLAN_WITHDRAW;
  if (chain->nonce > row->nonce)
    return PT_PLAN_WAIT;
  if (!transaction->known && !(transaction->refused && (overdue || cheap)))
    return PT_PLAN_RESEND;
  if (transaction->versions >= PT_VERSIONS_MAX)
    return overdue ? PT_PLAN_RESEND : PT_PLAN_WAIT;
  return overdue || cheap ? PT_PLAN_BUMP : PT_PLAN_WAIT;
}

PtPlan
pt_plan_transaction (const PtTransactionRow *row, const PtTransactionFacts *transaction,
                     const PtChainFacts *chain)
{
  g_return_val_if_fail (row != NULL && transaction != NULL && chain != NULL, PT_PLAN_NOTHING);

  if (row->state == PT_BATCH_FINAL)
    return PT_PLAN_NOTHING;
  if (chain->chain == PT_CHAIN_WRONG)
    return PT_PLAN_ASK_OPERATOR;
  if (chain->chain != PT_CHAIN_READY)
    return PT_PLAN_WAIT;
  if (transaction->whose == PT_WHOSE_OTHER_CHAIN)
    return PT_PLAN_WITHDRAW;
  if (transaction->receipt == PT_RECEIPT_NONE)
    return plan_not_mined (row, transaction, chain);
  /* A revert may be undone by a reorg like anything else, so it too has to be deep. */
  if (transaction->receipt == PT_RECEIPT_FAILED)
    return is_deep (transaction->block, chain) ? PT_PLAN_WITHDRAW : PT_PLAN_WAIT;
  if (row->block != transaction->block
      || memcmp (&row->block_hash, &transaction->block_hash, sizeof (PtHash)) != 0)
    return PT_PLAN_MARK_MINED;
  return is_deep (row->block, chain) ? PT_PLAN_FINALIZE : PT_PLAN_WAIT;
}

guint64
pt_plan_bumped_fee (guint64 fee, guint64 suggested)
{
  guint64 raised = fee / 8 + 1;

  raised = fee > G_MAXUINT64 - raised ? G_MAXUINT64 : fee + raised;
  return MAX (raised, suggested);
}
