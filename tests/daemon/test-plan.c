/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-anchor-call.h"
#include "pt-ethereum-key.h"
#include "pt-plan.h"

#include <string.h>

/* Every combination of the facts, against the rules said in other words than the code's. */

static const PtChainState chains[]
    = { PT_CHAIN_NONE, PT_CHAIN_UNREACHABLE, PT_CHAIN_WRONG, PT_CHAIN_READY };

static PtPlan
expected_batch (PtBatchState state, PtChainState chain, gboolean in_flight, gboolean refused,
                gboolean retry_later)
{
  if (state == PT_BATCH_SEALED)
    return retry_later ? PT_PLAN_WAIT : PT_PLAN_PUBLISH;
  if (state != PT_BATCH_PUBLISHED)
    return PT_PLAN_NOTHING;
  if (chain == PT_CHAIN_WRONG || (chain == PT_CHAIN_READY && refused && retry_later))
    return PT_PLAN_ASK_OPERATOR;
  return chain == PT_CHAIN_READY && !in_flight ? PT_PLAN_SUBMIT : PT_PLAN_WAIT;
}

static void
test_batches (void)
{
  guint rows = 0;

  for (guint bits = 0; bits < 8; bits++)
    for (guint state = PT_BATCH_OPEN; state <= PT_BATCH_FINAL; state++)
      for (guint i = 0; i < G_N_ELEMENTS (chains); i++, rows++)
        {
          gboolean in_flight = bits & 1, refused = (bits & 2) != 0, later = (bits & 4) != 0;
          PtBatchRow row = { .state = (PtBatchState) state };
          PtChainFacts chain
              = { .chain = chains[i], .now = 1000, .in_flight = in_flight, .confirmations = 1 };
          PtBatchFacts facts = { .refused = refused, .retry_at = later ? 1001 : 1000 };
          PtPlan expected = expected_batch (row.state, chains[i], in_flight, refused, later);

          g_assert_cmpstr (pt_plan_name (pt_plan_batch (&row, &facts, &chain)), ==,
                           pt_plan_name (expected));
        }
  g_assert_cmpuint (rows, ==, 160);
}

/* One row of the table; what is not said is 0. The head is block 100, three confirmations, the
 * row's nonce 7, time 10,000, bumped after 1,000. */
typedef struct
{
  const char *what;
  PtPlan expected;
  guint64 row_block, receipt_block; /* receipt_block 0: no receipt */
  gboolean other_hash, failed, known, refused;
  guint64 nonce, settled_nonce; /* 0: 7 */
  gint64 sent;                  /* 0: just now */
  guint64 base_fee;             /* the row's max_fee is 50 */
  PtWhose whose;
  guint64 before; /* of ours, below it */
  gint64 stuck;   /* since when; it is given up after 3,000 */
  guint versions;
  gboolean unasked; /* the contract was not asked what it has */
} Case;

static const Case cases[] = {
  { "not in the pool: sent", PT_PLAN_RESEND },
  { "in the pool", PT_PLAN_WAIT, .known = TRUE },
  { "in the pool for too long", PT_PLAN_BUMP, .known = TRUE, .sent = 9000 },
  { "in the pool, one ms early", PT_PLAN_WAIT, .known = TRUE, .sent = 9001 },
  { "below the base fee", PT_PLAN_BUMP, .known = TRUE, .base_fee = 51 },
  { "at the base fee", PT_PLAN_WAIT, .known = TRUE, .base_fee = 50 },
  { "never sent, stored long ago", PT_PLAN_RESEND, .sent = 1 },
  { "never sent, below the base fee: sent first", PT_PLAN_RESEND, .base_fee = 51 },
  { "refused: tried again", PT_PLAN_RESEND, .refused = TRUE },
  { "refused for too long", PT_PLAN_BUMP, .refused = TRUE, .sent = 9000 },
  { "refused for its fee", PT_PLAN_BUMP, .refused = TRUE, .base_fee = 51 },
  { "nonce used by another, not settled", PT_PLAN_WAIT, .nonce = 8 },
  { "nonce used by another, settled", PT_PLAN_WITHDRAW, .nonce = 8, .settled_nonce = 8 },
  { "nonce used, whose?", PT_PLAN_ASK_CONTRACT, .nonce = 8, .unasked = TRUE },
  { "nonce used and settled, by whom?", PT_PLAN_ASK_CONTRACT, .nonce = 8, .settled_nonce = 8,
    .unasked = TRUE },
  { "its receipt is gone", PT_PLAN_ASK_CONTRACT, .row_block = 98, .nonce = 8, .settled_nonce = 8,
    .unasked = TRUE },
  { "too high for long, is it there?", PT_PLAN_ASK_CONTRACT, .known = TRUE, .nonce = 4,
    .stuck = 7000, .unasked = TRUE },
  { "in the pool: nobody has to be asked", PT_PLAN_WAIT, .known = TRUE, .unasked = TRUE },
  { "nonce behind by what is ours", PT_PLAN_RESEND, .nonce = 5, .settled_nonce = 5, .before = 2 },
  { "overdue behind what is ours", PT_PLAN_BUMP, .known = TRUE, .nonce = 5, .before = 2,
    .sent = 9000 },
  { "too high, first seen: sent", PT_PLAN_RESEND, .nonce = 4, .stuck = 10000 },
  { "too high, in the pool: never bumped", PT_PLAN_WAIT, .known = TRUE, .nonce = 4, .sent = 1,
    .stuck = 7001, .base_fee = 51 },
  { "too high, refused", PT_PLAN_WAIT, .refused = TRUE, .nonce = 4, .stuck = 7001, .sent = 1 },
  { "too high for long", PT_PLAN_WITHDRAW, .known = TRUE, .nonce = 4, .stuck = 7000 },
  { "one of three below is ours, for long", PT_PLAN_WITHDRAW, .nonce = 4, .before = 1,
    .stuck = 7000 },
  { "too high, but mined", PT_PLAN_MARK_MINED, .nonce = 4, .stuck = 7000, .receipt_block = 98 },
  { "as often as may be: no more", PT_PLAN_RESEND, .known = TRUE, .sent = 9000,
    .versions = PT_VERSIONS_MAX },
  { "as often as may be, just sent", PT_PLAN_WAIT, .known = TRUE, .base_fee = 51,
    .versions = PT_VERSIONS_MAX },
  { "once less", PT_PLAN_BUMP, .known = TRUE, .sent = 9000, .versions = PT_VERSIONS_MAX - 1 },
  { "another's: not sent", PT_PLAN_WAIT, .whose = PT_WHOSE_OTHER_ACCOUNT, .stuck = 10000 },
  { "another's: not bumped", PT_PLAN_WAIT, .whose = PT_WHOSE_OTHER_ACCOUNT, .known = TRUE,
    .sent = 1, .base_fee = 51, .stuck = 7001 },
  { "another's: our nonces say nothing", PT_PLAN_WAIT, .whose = PT_WHOSE_OTHER_ACCOUNT, .nonce = 8,
    .settled_nonce = 8, .stuck = 7001 },
  { "another's for long", PT_PLAN_WITHDRAW, .whose = PT_WHOSE_OTHER_ACCOUNT, .stuck = 7000 },
  { "another's, mined", PT_PLAN_MARK_MINED, .whose = PT_WHOSE_OTHER_ACCOUNT, .receipt_block = 98 },
  { "another's, deep", PT_PLAN_FINALIZE, .whose = PT_WHOSE_OTHER_ACCOUNT, .row_block = 98,
    .receipt_block = 98 },
  { "another chain's", PT_PLAN_WITHDRAW, .whose = PT_WHOSE_OTHER_CHAIN },
  { "another chain's, mined there", PT_PLAN_WITHDRAW, .whose = PT_WHOSE_OTHER_CHAIN,
    .row_block = 98 },
  { "just mined", PT_PLAN_MARK_MINED, .receipt_block = 100, .known = TRUE },
  { "mined long ago, first seen", PT_PLAN_MARK_MINED, .receipt_block = 3, .nonce = 8 },
  { "mined in another block", PT_PLAN_MARK_MINED, .row_block = 97, .receipt_block = 98 },
  { "mined in a sibling", PT_PLAN_MARK_MINED, .row_block = 97, .receipt_block = 97,
    .other_hash = TRUE },
  { "depth 1", PT_PLAN_WAIT, .row_block = 100, .receipt_block = 100 },
  { "depth 2", PT_PLAN_WAIT, .row_block = 99, .receipt_block = 99 },
  { "depth 3", PT_PLAN_FINALIZE, .row_block = 98, .receipt_block = 98 },
  { "above the head that was read", PT_PLAN_WAIT, .row_block = 101, .receipt_block = 101 },
  { "reorg, not in the pool", PT_PLAN_UNMINE, .row_block = 98 },
  { "reorg, in the pool", PT_PLAN_UNMINE, .row_block = 98, .known = TRUE },
  { "reorg, nonce used by another", PT_PLAN_UNMINE, .row_block = 98, .nonce = 8,
    .settled_nonce = 8 },
  { "reverted, depth 1", PT_PLAN_WAIT, .receipt_block = 100, .failed = TRUE, .nonce = 8 },
  { "reverted, depth 3", PT_PLAN_WITHDRAW, .receipt_block = 98, .failed = TRUE, .nonce = 8 },
  { "reverted after a reorg", PT_PLAN_WITHDRAW, .row_block = 90, .receipt_block = 91,
    .failed = TRUE },
};

static void
fill (const Case *c, PtTransactionRow *row, PtTransactionFacts *facts, PtChainFacts *chain)
{
  *row = (PtTransactionRow){
    .nonce = 7, .state = PT_BATCH_SUBMITTED, .max_fee = 50, .block = c->row_block
  };
  *facts = (PtTransactionFacts){ .block = c->receipt_block,
                                 .known = c->known,
                                 .refused = c->refused,
                                 .sent = c->sent != 0 ? c->sent : 10000,
                                 .whose = c->whose,
                                 .before = c->before,
                                 .stuck = c->stuck,
                                 .asked = !c->unasked,
                                 .versions = c->versions };
  facts->block_hash.bytes[0] = c->other_hash;
  if (c->receipt_block != 0)
    facts->receipt = c->failed ? PT_RECEIPT_FAILED : PT_RECEIPT_SUCCESS;
  *chain = (PtChainFacts){ .chain = PT_CHAIN_READY,
                           .head = 100,
                           .base_fee = c->base_fee,
                           .confirmations = 3,
                           .bump_after = 1000,
                           .stuck_after = 3000,
                           .now = 10000,
                           .nonce = c->nonce != 0 ? c->nonce : 7,
                           .settled_nonce = c->settled_nonce != 0 ? c->settled_nonce : 7 };
}

static void
test_transactions (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtTransactionRow row;
      PtTransactionFacts facts;
      PtChainFacts chain;

      g_test_message ("%s", cases[i].what);
      fill (&cases[i], &row, &facts, &chain);
      g_assert_cmpstr (pt_plan_name (pt_plan_transaction (&row, &facts, &chain)), ==,
                       pt_plan_name (cases[i].expected));
      /* Whatever the facts: without a chain it waits, on the wrong one a person is asked, and what
       * is final stays so. */
      chain.chain = PT_CHAIN_NONE;
      g_assert_cmpint (pt_plan_transaction (&row, &facts, &chain), ==, PT_PLAN_WAIT);
      chain.chain = PT_CHAIN_UNREACHABLE;
      g_assert_cmpint (pt_plan_transaction (&row, &facts, &chain), ==, PT_PLAN_WAIT);
      chain.chain = PT_CHAIN_WRONG;
      g_assert_cmpint (pt_plan_transaction (&row, &facts, &chain), ==, PT_PLAN_ASK_OPERATOR);
      row.state = PT_BATCH_FINAL;
      chain.chain = PT_CHAIN_READY;
      g_assert_cmpint (pt_plan_transaction (&row, &facts, &chain), ==, PT_PLAN_NOTHING);
    }
}

/* What must never happen, over all combinations. */
static void
test_never (void)
{
  for (guint bits = 0; bits < 2048; bits++)
    {
      const Case c = { .row_block = bits & 1 ? 98 : 0,
                       .receipt_block = bits & 2 ? 98 : 0,
                       .other_hash = (bits & 4) != 0,
                       .failed = (bits & 8) != 0,
                       .known = (bits & 16) != 0,
                       .refused = (bits & 32) != 0,
                       .nonce = bits & 64 ? 8 : 7,
                       .settled_nonce = bits & 128 ? 8 : 7,
                       .sent = bits & 256 ? 1 : 10000,
                       .base_fee = bits & 512 ? 51 : 1,
                       .unasked = (bits & 1024) != 0 };
      PtTransactionRow row;
      PtTransactionFacts facts;
      PtChainFacts chain;
      PtPlan plan;

      fill (&c, &row, &facts, &chain);
      plan = pt_plan_transaction (&row, &facts, &chain);
      if (facts.receipt == PT_RECEIPT_SUCCESS)
        g_assert_true (plan == PT_PLAN_MARK_MINED || plan == PT_PLAN_FINALIZE);
      if (plan == PT_PLAN_FINALIZE)
        g_assert_true (facts.receipt == PT_RECEIPT_SUCCESS && row.block == facts.block);
      if (plan == PT_PLAN_WITHDRAW)
        g_assert_true (facts.receipt == PT_RECEIPT_FAILED
                       || (chain.settled_nonce > row.nonce && facts.asked));
      if (plan == PT_PLAN_UNMINE)
        g_assert_true (facts.receipt == PT_RECEIPT_NONE && facts.asked);
      if (plan == PT_PLAN_RESEND || plan == PT_PLAN_BUMP)
        g_assert_true (row.block == 0 && facts.receipt == PT_RECEIPT_NONE
                       && chain.nonce <= row.nonce);
    }
}

static void
test_fees (void)
{
  g_assert_cmpuint (pt_plan_bumped_fee (0, 0), ==, 1);
  g_assert_cmpuint (pt_plan_bumped_fee (8, 0), ==, 10);
  g_assert_cmpuint (pt_plan_bumped_fee (1000, 0), ==, 1126);
  g_assert_cmpuint (pt_plan_bumped_fee (1000, 5000), ==, 5000);
  g_assert_cmpuint (pt_plan_bumped_fee (G_MAXUINT64, 0), ==, G_MAXUINT64);
}

/* What is signed is read back, and nothing that was cut short or changed in length is. */
static void
test_signed_bytes (void)
{
  static const guint8 scalar[32] = { [31] = 7 };
  g_autoptr (GError) error = NULL;
  PtEthereumSigner *signer = pt_ethereum_signer_new (scalar);
  PtBatchRow rows[3] = { { .area_id = "a", .batch = 1, .size = 2 },
                         { .area_id = "a", .batch = 2, .size = 4 },
                         { .area_id = "b", .batch = 1, .size = 2 } };
  g_autoptr (GBytes) data = pt_anchor_call_data (rows, 3, &error);
  PtTransaction transaction;
  PtTransactionRow *row;
  PtTransaction read;

  g_assert_no_error (error);
  transaction = (PtTransaction){ .chain_id = 31337,
                                 .nonce = 300,
                                 .gas_limit = 500000,
                                 .max_fee = 5000000000,
                                 .max_priority_fee = 1,
                                 .to = { 1, 2, 3 } };
  transaction.data = g_bytes_get_data (data, &transaction.data_size);
  row = pt_anchor_sign (&transaction, signer, 5, &error);
  g_assert_no_error (error);
  pt_anchor_read (row->raw, &read, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read.chain_id, ==, 31337);
  g_assert_cmpuint (read.nonce, ==, 300);
  g_assert_cmpuint (read.gas_limit, ==, 500000);
  g_assert_cmpuint (read.max_fee, ==, 5000000000);
  g_assert_cmpuint (read.max_priority_fee, ==, 1);
  g_assert_cmpmem (read.to, 20, transaction.to, 20);
  g_assert_cmpmem (read.data, read.data_size, transaction.data, transaction.data_size);
  for (gsize size = 0; size < g_bytes_get_size (row->raw); size++)
    {
      /* In a block of its own size, so that reading beyond it is seen. */
      g_autoptr (GBytes) cut = g_bytes_new (g_bytes_get_data (row->raw, NULL), size);

      g_assert_false (pt_anchor_read (cut, &read, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
      g_clear_error (&error);
    }
  pt_transaction_row_free (row);
  pt_ethereum_signer_free (signer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/batches", test_batches);
  g_test_add_func ("/plan/transactions", test_transactions);
  g_test_add_func ("/plan/never", test_never);
  g_test_add_func ("/plan/fees", test_fees);
  g_test_add_func ("/plan/signed-bytes", test_signed_bytes);
  return g_test_run ();
}
