/* SPDX-License-Identifier: Apache-2.0 */
/* What the submitter does about a contract that knows more, less or something else than the store:
 * every batch ends FINAL and is anchored once, or nothing is sent at all. */
#include "pt-chain-fixture.h"

static PtSubmitter *
start (PtChainFixture *fixture)
{
  return pt_submitter_new (fixture->store, fixture->blocks, &fixture->config);
}

static guint64
account_nonce (PtChainFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  guint64 nonce;

  pt_rpc_nonce (fixture->rpc, fixture->signer->address, FALSE, &nonce, &error);
  g_assert_no_error (error);
  return nonce;
}

static gboolean
status_is (PtSubmitter *submitter, const char *state)
{
  PtSubmitterStatus status;

  pt_submitter_get_status (submitter, &status);
  return g_str_equal (status.state, state);
}

static guint
sends (PtChainFixture *fixture)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fixture->proxy.lock);

  return fixture->proxy.sends;
}

static void
lie (PtChainFixture *fixture, guint place, const char *method, const char *member)
{
  fixture->proxy.lies[place][1] = member;
  fixture->proxy.lies[place][0] = method;
}

static void
mine (PtChainFixture *fixture, const char *blocks)
{
  g_autofree char *params = g_strdup_printf ("[\"%s\"]", blocks);

  pt_chain_call (fixture, "anvil_mine", params);
}

static gboolean
held (PtChainFixture *fixture, const char *words)
{
  PtHealthStatus health;

  pt_health_get (fixture->health, &health);
  return health.sort == PT_HEALTH_ASKS && strstr (health.sentence, words) != NULL;
}

static void
assert_well (PtChainFixture *fixture, PtSubmitter *submitter)
{
  PtHealthStatus health;

  PT_TEST_POLL (status_is (submitter, "ready"));
  pt_health_get (fixture->health, &health);
  g_assert_cmpstr (health.sentence, ==, "");
}

/* The daemon was down while its transaction was mined and settled, and the endpoint has no receipts
 * that old, nor the transaction. */
static void
test_receipts_pruned (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;
  guint64 nonce;

  pt_fixture_add_area (fixture, "north", TRUE);
  pt_fixture_add_area (fixture, "east", TRUE);
  for (guint i = 0; i < 4; i++)
    pt_fixture_seal (fixture, i % 2);
  nonce = account_nonce (fixture);
  fixture->config.confirmations = 3;
  submitter = start (fixture);
  PT_TEST_POLL (sends (fixture) == 1);
  pt_submitter_stop (submitter);
  mine (fixture, "0x20");
  lie (fixture, 0, "eth_getTransactionReceipt", "\"result\":null");
  lie (fixture, 1, "eth_getTransactionByHash", "\"result\":null");
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 4);
  assert_well (fixture, submitter);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 1);
}

/* Mined, and its receipt is not to be had until long after it settled. */
static void
test_receipts_late (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;
  guint64 nonce;

  pt_fixture_add_area (fixture, "north", TRUE);
  pt_fixture_seal (fixture, 0);
  nonce = account_nonce (fixture);
  fixture->config.confirmations = 2;
  lie (fixture, 0, "eth_getTransactionReceipt", "\"result\":null");
  submitter = start (fixture);
  PT_TEST_POLL (sends (fixture) == 1);
  mine (fixture, "0x8");
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  lie (fixture, 0, NULL, NULL);
  pt_fixture_seal (fixture, 0);
  pt_submitter_wake (submitter);
  PT_TEST_POLL (account_nonce (fixture) == nonce + 2);
  mine (fixture, "0x8");
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  assert_well (fixture, submitter);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 2);
}

/* The receipt of what is mined is gone again before it is deep. */
static void
test_receipt_vanishes (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;
  guint64 nonce;

  pt_fixture_add_area (fixture, "north", TRUE);
  pt_fixture_seal (fixture, 0);
  nonce = account_nonce (fixture);
  fixture->config.confirmations = 6;
  submitter = start (fixture);
  PT_TEST_POLL (account_nonce (fixture) == nonce + 1);
  lie (fixture, 0, "eth_getTransactionReceipt", "\"result\":null");
  lie (fixture, 1, "eth_getTransactionByHash", "\"result\":null");
  mine (fixture, "0x10");
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 1);
}

/* Another store with the same batches, as a copy that was taken before they were anchored. */
static PtStore *
begin_copy (PtChainFixture *fixture)
{
  PtStore *first = fixture->store;

  pt_looker_free (fixture->looker);
  pt_hold_free (fixture->hold);
  fixture->store = pt_memory_store_new ();
  fixture->hold = pt_hold_new (fixture->health, TRUE);
  fixture->looker = pt_looker_new (fixture->store, fixture->hold, fixture->contract, 0);
  fixture->config.looker = fixture->looker;
  pt_fixture_add_area (fixture, "north", FALSE);
  return first;
}

static void
anchor_two (PtChainFixture *fixture)
{
  PtSubmitter *submitter;

  pt_fixture_add_area (fixture, "north", TRUE);
  pt_fixture_seal (fixture, 0);
  pt_fixture_seal (fixture, 0);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  pt_submitter_stop (submitter);
}

/* What the copy has not heard of it takes from the contract's events, and goes on from there. */
static void
test_copy (PtChainFixture *fixture, gconstpointer data)
{
  PtBatchQuery query = { .area = 0, .state = -1, .batch = 2 };
  g_autoptr (PtStore) first = NULL;
  g_autoptr (GArray) known = NULL;
  g_autoptr (GArray) adopted = NULL;
  PtSubmitter *submitter;
  const PtBatchRow *a, *b;
  guint sent;

  anchor_two (fixture);
  known = pt_store_batches (fixture->store, &query, NULL);
  first = begin_copy (fixture);
  pt_fixture_seal (fixture, 0);
  pt_fixture_seal (fixture, 0);
  sent = sends (fixture);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  g_assert_cmpuint (sends (fixture), ==, sent);
  adopted = pt_store_batches (fixture->store, &query, NULL);
  a = &g_array_index (known, PtBatchRow, 0);
  b = &g_array_index (adopted, PtBatchRow, 0);
  g_assert_cmpuint (a->block, ==, b->block);
  g_assert_cmpmem (&a->transaction, PT_HASH_SIZE, &b->transaction, PT_HASH_SIZE);
  pt_fixture_seal (fixture, 0);
  pt_submitter_wake (submitter);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 3);
  assert_well (fixture, submitter);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (sends (fixture), ==, sent + 1);
}

/* Only what is deep is taken over, and nothing is sent meanwhile. */
static void
test_copy_waits (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtStore) first = NULL;
  PtSubmitter *submitter;
  guint sent;

  anchor_two (fixture);
  first = begin_copy (fixture);
  for (guint i = 0; i < 3; i++)
    pt_fixture_seal (fixture, 0);
  sent = sends (fixture);
  fixture->config.confirmations = 5;
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_PUBLISHED, 3);
  PT_TEST_POLL (pt_hold_was_looked_at (fixture->hold, 0));
  mine (fixture, "0x2");
  g_assert_cmpuint (pt_fixture_count (fixture, PT_BATCH_FINAL), ==, 0);
  mine (fixture, "0x8");
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  PT_TEST_POLL (sends (fixture) == sent + 1);
  PT_TEST_POLL (pt_chain_latest (fixture, "north").batch == 3);
  mine (fixture, "0x8");
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 3);
  pt_submitter_stop (submitter);
}

/* An older copy: nothing is sent, nothing taken in; what is missing comes back, and it goes on. */
static void
test_behind (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtStore) first = NULL;
  PtSubmitter *submitter;
  guint sent;

  anchor_two (fixture);
  first = begin_copy (fixture);
  pt_fixture_seal (fixture, 0);
  sent = sends (fixture);
  submitter = start (fixture);
  PT_TEST_POLL (held (fixture, "older copy"));
  g_assert_false (pt_hold_may_take (fixture->hold, NULL));
  g_assert_false (pt_hold_may_seal (fixture->hold, 0));
  pt_fixture_seal (fixture, 0);
  pt_submitter_wake (submitter);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  g_assert_true (pt_hold_may_take (fixture->hold, NULL));
  assert_well (fixture, submitter);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (sends (fixture), ==, sent);
}

/* The copy sealed a batch of its own before anybody looked. */
static void
test_forked (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtStore) first = NULL;
  PtSubmitter *submitter;
  guint sent;

  anchor_two (fixture);
  first = begin_copy (fixture);
  pt_fixture_seal (fixture, 0);
  fixture->twist = ", another";
  for (guint i = 0; i < 3; i++)
    pt_fixture_seal (fixture, 0);
  sent = sends (fixture);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_PUBLISHED, 4);
  PT_TEST_POLL (held (fixture, "went another way"));
  g_assert_false (pt_hold_may_take (fixture->hold, NULL));
  pt_submitter_stop (submitter);
  g_assert_cmpuint (sends (fixture), ==, sent);
  g_assert_cmpuint (pt_fixture_count (fixture, PT_BATCH_FINAL), ==, 0);
}

static char *
snapshot (PtChainFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = pt_rpc_call (fixture->rpc, "evm_snapshot", "[]", &error);

  g_assert_no_error (error);
  return g_strdup_printf ("[\"%s\"]", json_node_get_string (node));
}

/* A reorg deeper than what made it final: sent again as it was, before what comes after. As long as
 * the endpoint has not come to the blocks that we saw, it says nothing. */
static void
test_deep_reorg (PtChainFixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL;
  PtSubmitter *submitter;
  guint64 nonce;
  guint sent;

  pt_fixture_add_area (fixture, "north", TRUE);
  pt_fixture_add_area (fixture, "east", TRUE);
  pt_fixture_seal (fixture, 0);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  before = snapshot (fixture);
  nonce = account_nonce (fixture);
  for (guint i = 0; i < 4; i++)
    {
      pt_fixture_seal (fixture, i % 2);
      pt_submitter_wake (submitter);
      pt_fixture_wait_for (fixture, PT_BATCH_FINAL, i + 2);
    }
  pt_chain_call (fixture, "evm_revert", before);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 1);
  sent = sends (fixture);
  pt_fixture_seal (fixture, 0);
  pt_submitter_wake (submitter);
  PT_TEST_POLL (status_is (submitter, "unreachable"));
  g_assert_cmpuint (sends (fixture), ==, sent);
  g_assert_cmpuint (pt_fixture_count (fixture, PT_BATCH_FINAL), ==, 5);
  mine (fixture, "0x10");
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 6);
  assert_well (fixture, submitter);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 4);
  g_assert_cmpuint (pt_chain_latest (fixture, "east").batch, ==, 2);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 5);
}

/* Nothing new is to be anchored, and it is seen all the same. */
static void
test_deep_reorg_idle (PtChainFixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL;
  PtSubmitter *submitter;

  pt_fixture_add_area (fixture, "north", TRUE);
  before = snapshot (fixture);
  pt_fixture_seal (fixture, 0);
  /* As after a start of the daemon. */
  g_assert_true (pt_looker_start (fixture->looker, fixture->rpc, 60, NULL));
  g_assert_true (pt_hold_may_seal (fixture->hold, 0));
  fixture->config.look_s = 1;
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_chain_call (fixture, "evm_revert", before);
  mine (fixture, "0x10");
  PT_TEST_POLL (pt_chain_latest (fixture, "north").batch == 1);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_submitter_stop (submitter);
}

/* An endpoint takes a transaction, says that it was mined, and never sent it. */
static void
test_never_sent (PtChainFixture *fixture, gconstpointer data)
{
  static const char receipt[]
      = "\"result\":{\"transactionHash\":\"$1\",\"status\":\"0x1\",\"blockNumber\":\"0x1\","
        "\"gasUsed\":\"0x5208\","
        "\"blockHash\":\"0x1111111111111111111111111111111111111111111111111111111111111111\"}";
  PtSubmitter *submitter;
  guint64 nonce;

  pt_fixture_add_area (fixture, "north", TRUE);
  pt_fixture_seal (fixture, 0);
  nonce = account_nonce (fixture);
  lie (fixture, 0, "eth_sendRawTransaction", "\"result\":\"0x11\"");
  lie (fixture, 1, "eth_getTransactionReceipt", receipt);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 0);
  lie (fixture, 0, NULL, NULL);
  lie (fixture, 1, NULL, NULL);
  pt_fixture_seal (fixture, 0);
  pt_submitter_wake (submitter);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  assert_well (fixture, submitter);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 2);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 2);
}

/* One area has other keys on the chain: nothing of it is sent, and the others go on. */
static void
test_other_keys (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtAreaRow row = { .id = "north", .authority_key = { 4, 1 }, .service_key = { 4, 2 } };
  PtSubmitter *submitter;

  pt_store_add_area (fixture->store, &row, &error);
  g_assert_no_error (error);
  pt_chain_register (fixture, "north");
  pt_fixture_add_area (fixture, "east", TRUE);
  pt_fixture_seal (fixture, 0);
  pt_fixture_seal (fixture, 1);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  PT_TEST_POLL (held (fixture, "service key of area north"));
  g_assert_true (pt_hold_may_take (fixture->hold, NULL));
  g_assert_false (pt_hold_may_seal (fixture->hold, 0));
  g_assert_true (pt_hold_may_seal (fixture->hold, 1));
  pt_submitter_stop (submitter);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 0);
  g_assert_cmpuint (pt_chain_latest (fixture, "east").batch, ==, 1);
}

/* Nothing is signed before a look succeeded, and not having looked accuses nobody. */
static void
test_could_not_look (PtChainFixture *fixture, gconstpointer data)
{
  PtHealthStatus health;
  PtSubmitter *submitter;

  pt_fixture_add_area (fixture, "north", TRUE);
  pt_fixture_seal (fixture, 0);
  lie (fixture, 0, "eth_getLogs", "\"error\":{\"code\":-32000,\"message\":\"no logs here\"}");
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_PUBLISHED, 1);
  pt_health_get (fixture->health, &health);
  PT_TEST_POLL (!status_is (submitter, "connecting"));
  g_assert_cmpuint (sends (fixture), ==, 0);
  g_assert_true (pt_hold_may_take (fixture->hold, NULL));
  g_assert_false (pt_hold_may_seal (fixture->hold, 0));
  lie (fixture, 0, NULL, NULL);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  assert_well (fixture, submitter);
  pt_submitter_stop (submitter);
}

/* An area that is new is looked at when somebody asks for it. */
static void
test_new_area (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter = start (fixture);

  PT_TEST_POLL (status_is (submitter, "ready"));
  pt_fixture_add_area (fixture, "north", FALSE);
  g_assert_false (pt_hold_may_seal (fixture->hold, 0));
  pt_submitter_look (submitter);
  PT_TEST_POLL (pt_hold_may_seal (fixture->hold, 0));
  pt_submitter_stop (submitter);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/submitter-look/" name, PtChainFixture, NULL, pt_fixture_set_up, func,              \
              pt_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("receipts-pruned", test_receipts_pruned);
  ADD ("receipts-late", test_receipts_late);
  ADD ("receipt-vanishes", test_receipt_vanishes);
  ADD ("copy", test_copy);
  ADD ("copy-waits", test_copy_waits);
  ADD ("behind", test_behind);
  ADD ("forked", test_forked);
  ADD ("deep-reorg", test_deep_reorg);
  ADD ("deep-reorg-idle", test_deep_reorg_idle);
  ADD ("never-sent", test_never_sent);
  ADD ("other-keys", test_other_keys);
  ADD ("could-not-look", test_could_not_look);
  ADD ("new-area", test_new_area);
  return g_test_run ();
}
