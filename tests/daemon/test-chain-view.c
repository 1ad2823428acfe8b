/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of a real chain, and what an endpoint that does not answer makes of it. */
#include "pt-chain-view.h"

#include "pt-chain-fixture.h"

static const PtFeeBounds bounds = { PT_RPC_MOST_FEE, PT_RPC_MOST_TIP };

static void
test_check (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint8 nobody[20] = { 7 };
  const char *key = NULL;

  g_assert_true (
      pt_chain_view_check (fixture->rpc, PT_ANVIL_CHAIN_ID, fixture->contract, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (pt_chain_view_check (fixture->rpc, 1, fixture->contract, &key, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_cmpstr (key, ==, "chain_id");
  g_assert_nonnull (strstr (error->message, "31337"));
  g_clear_error (&error);
  g_assert_false (pt_chain_view_check (fixture->rpc, PT_ANVIL_CHAIN_ID, nobody, &key, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_cmpstr (key, ==, "contract");
  g_assert_nonnull (strstr (error->message, "0x0700"));
}

/* Who does not answer is not wrong: it is asked again. */
static void
test_no_answer (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtRpc) rpc = pt_rpc_new (fixture->proxy.url);
  g_autoptr (GError) error = NULL;
  PtChainFacts facts = { .confirmations = 1 };
  PtFees fees;

  pt_proxy_fail (&fixture->proxy, NULL, PT_PROXY_LOSE_REQUEST, G_MAXUINT);
  g_assert_false (pt_chain_view_check (rpc, PT_ANVIL_CHAIN_ID, fixture->contract, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  g_assert_false (
      pt_chain_view_read (rpc, fixture->signer->address, TRUE, &bounds, &facts, &fees, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  pt_proxy_fail (&fixture->proxy, NULL, PT_PROXY_PASS, 0);
}

/* A nonce is settled when the block that used it is as deep as configured. */
static void
test_nonces (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtChainFacts facts = { .confirmations = 3 };
  guint64 nonce;
  PtHash hash;
  PtFees fees;

  pt_rpc_nonce (fixture->rpc, fixture->signer->address, FALSE, &nonce, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 4; i++)
    {
      hash = pt_chain_send (fixture, fixture->signer->address, NULL, 0, NULL);
      pt_chain_wait (fixture, &hash);
    }
  g_assert_true (pt_chain_view_read (fixture->rpc, fixture->signer->address, TRUE, &bounds, &facts,
                                     &fees, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (facts.nonce, ==, nonce + 4);
  g_assert_cmpuint (facts.settled_nonce, ==, nonce + 2);
  g_assert_cmpuint (facts.head, >=, 4);
  g_assert_cmpuint (fees.max_fee, >=, fees.max_priority_fee);
}

static PtTransactionRow *
make_row (PtChainFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  PtTransaction transaction = { .chain_id = PT_ANVIL_CHAIN_ID, .gas_limit = 30000 };
  PtTransactionRow *row;
  PtFees fees;

  memcpy (transaction.to, fixture->signer->address, 20);
  pt_rpc_fees (fixture->rpc, &bounds, &fees, &error);
  g_assert_no_error (error);
  transaction.max_fee = fees.max_fee;
  transaction.max_priority_fee = fees.max_priority_fee;
  pt_rpc_nonce (fixture->rpc, fixture->signer->address, TRUE, &transaction.nonce, &error);
  g_assert_no_error (error);
  row = pt_anchor_sign (&transaction, fixture->signer, 1, &error);
  g_assert_no_error (error);
  return row;
}

/* Never sent: not known. Sent: known and, mined at once, with its block. Of several versions the
 * one that was mined is found. */
static void
test_transaction (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *row = make_row (fixture);
  PtTransactionFacts facts = { 0 };
  const PtHash never = { { 1, 2, 3 } };
  PtHash mined = row->hash, found;
  PtRpcReceipt receipt;

  g_assert_true (pt_chain_view_transaction (fixture->rpc, row, &facts, &receipt, &found, &error));
  g_assert_no_error (error);
  g_assert_cmpint (facts.receipt, ==, PT_RECEIPT_NONE);
  g_assert_false (facts.known);
  pt_rpc_send_raw (fixture->rpc, row->raw, &error);
  g_assert_no_error (error);
  pt_chain_wait (fixture, &mined);
  g_array_append_val (row->versions, never);
  row->hash = never;
  g_assert_true (pt_chain_view_transaction (fixture->rpc, row, &facts, &receipt, &found, &error));
  g_assert_no_error (error);
  g_assert_cmpint (facts.receipt, ==, PT_RECEIPT_SUCCESS);
  g_assert_true (facts.known);
  g_assert_cmpmem (&found, sizeof found, &mined, sizeof mined);
  g_assert_cmpuint (facts.block, ==, receipt.block);
  pt_transaction_row_free (row);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/chain-view/" name, PtChainFixture, NULL, pt_fixture_set_up, func,                  \
              pt_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("check", test_check);
  ADD ("no-answer", test_no_answer);
  ADD ("nonces", test_nonces);
  ADD ("transaction", test_transaction);
  return g_test_run ();
}
