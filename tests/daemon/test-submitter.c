/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-chain-fixture.h"
#include "pt-contract.h"
#include "pt-plan.h"

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

/* The one transaction that is not final. */
static PtTransactionRow *
pending_transaction (PtChainFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = pt_store_transactions (fixture->store, &error);

  g_assert_no_error (error);
  return rows->len == 1 ? g_ptr_array_steal_index (rows, 0) : NULL;
}

static gboolean
status_is (PtSubmitter *submitter, const char *state)
{
  PtSubmitterStatus status;

  pt_submitter_get_status (submitter, &status);
  return g_str_equal (status.state, state);
}

static void
seal_many (PtChainFixture *fixture, guint areas, guint batches)
{
  static const char *const names[] = { "north", "east", "south", "west" };

  for (guint area = 0; area < areas; area++)
    pt_fixture_add_area (fixture, names[area], TRUE);
  for (guint i = 0; i < batches; i++)
    for (guint area = 0; area < areas; area++)
      pt_fixture_seal (fixture, area);
}

static void
set_automine (PtChainFixture *fixture, gboolean on)
{
  pt_chain_call (fixture, "evm_setAutomine", on ? "[true]" : "[false]");
}

static void
mine (PtChainFixture *fixture)
{
  pt_chain_call (fixture, "evm_mine", "[]");
}

static void
test_one_transaction (PtChainFixture *fixture, gconstpointer data)
{
  guint64 nonce;
  PtSubmitter *submitter;
  PtSubmitterStatus status;

  seal_many (fixture, 2, 3);
  nonce = account_nonce (fixture);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 6);
  PT_TEST_POLL (status_is (submitter, "ready"));
  pt_submitter_get_status (submitter, &status);
  g_assert_cmpuint (status.transactions, ==, 1);
  g_assert_cmpuint (status.gas_used, >, 100000);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 1);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 3);
  g_assert_cmpuint (pt_chain_latest (fixture, "east").size, ==, 6);

  /* Woken, it takes what came later. */
  pt_fixture_seal (fixture, 1);
  pt_submitter_wake (submitter);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 7);
  g_assert_cmpuint (pt_chain_latest (fixture, "east").batch, ==, 4);
  pt_submitter_stop (submitter);
}

/* More than fit in one transaction, by count and by gas: several, in order. */
static void
test_backlog (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;

  seal_many (fixture, 3, 85);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 255);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (pt_chain_latest (fixture, "south").batch, ==, 85);
}

static void
test_without_chain (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;

  seal_many (fixture, 2, 2);
  fixture->config.rpc_url = NULL;
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_PUBLISHED, 4);
  PT_TEST_POLL (status_is (submitter, "none"));
  pt_submitter_stop (submitter);
  fixture->config.rpc_url = fixture->proxy.url;
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 4);
  pt_submitter_stop (submitter);
}

static gboolean
is_mined (PtChainFixture *fixture, gboolean mined)
{
  PtTransactionRow *row = pending_transaction (fixture);
  gboolean result = row != NULL && (row->block != 0) == mined;

  pt_transaction_row_free (row);
  return result;
}

static void
test_confirmations (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;

  seal_many (fixture, 1, 1);
  fixture->config.confirmations = 3;
  submitter = start (fixture);
  PT_TEST_POLL (is_mined (fixture, TRUE));
  mine (fixture);
  g_usleep (100000);
  g_assert_cmpuint (pt_fixture_count (fixture, PT_BATCH_FINAL), ==, 0);
  mine (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_submitter_stop (submitter);
}

/* The block goes away with the transaction; the same bytes are sent again. */
static void
test_reorg (PtChainFixture *fixture, gconstpointer data)
{
  guint64 nonce;
  PtSubmitter *submitter;
  PtTransactionRow *before;
  g_autoptr (GError) error = NULL;
  PtRpcReceipt receipt;

  seal_many (fixture, 2, 2);
  fixture->config.confirmations = 4;
  nonce = account_nonce (fixture);
  submitter = start (fixture);
  PT_TEST_POLL (is_mined (fixture, TRUE));
  before = pending_transaction (fixture);
  set_automine (fixture, FALSE);
  pt_chain_call (fixture, "anvil_reorg", "[1,[]]");
  PT_TEST_POLL (is_mined (fixture, FALSE));
  /* A second batch must wait for the first. */
  pt_fixture_seal (fixture, 0);
  pt_submitter_wake (submitter);
  pt_fixture_wait_for (fixture, PT_BATCH_PUBLISHED, 1);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 0);
  set_automine (fixture, TRUE);
  pt_chain_call (fixture, "anvil_mine", "[\"0x1\"]");
  pt_fixture_wait_for (fixture, PT_BATCH_SUBMITTED, 5);
  /* In the store comes first; deep it is only if it was mined before the others. */
  PT_TEST_POLL (account_nonce (fixture) == nonce + 2);
  pt_chain_call (fixture, "anvil_mine", "[\"0x8\"]");
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 5);
  pt_submitter_stop (submitter);
  pt_rpc_receipt (fixture->rpc, &before->hash, &receipt, &error);
  g_assert_no_error (error);
  g_assert_true (receipt.found && receipt.success);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 2);
  pt_transaction_row_free (before);
}

static void
drop_from_pool (PtChainFixture *fixture, const PtHash *hash)
{
  GString *params = g_string_new ("[\"0x");

  for (guint i = 0; i < PT_HASH_SIZE; i++)
    g_string_append_printf (params, "%02x", hash->bytes[i]);
  g_string_append (params, "\"]");
  pt_chain_call (fixture, "anvil_dropTransaction", params->str);
  g_string_free (params, TRUE);
}

static guint
sends (PtChainFixture *fixture)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fixture->proxy.lock);

  return fixture->proxy.sends;
}

static void
test_dropped (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;
  PtTransactionRow *row;

  seal_many (fixture, 1, 2);
  set_automine (fixture, FALSE);
  submitter = start (fixture);
  PT_TEST_POLL (sends (fixture) == 1);
  row = pending_transaction (fixture);
  drop_from_pool (fixture, &row->hash);
  PT_TEST_POLL (sends (fixture) >= 2);
  mine (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  pt_submitter_stop (submitter);
  pt_transaction_row_free (row);
}

static guint
version_count (PtChainFixture *fixture)
{
  PtTransactionRow *row = pending_transaction (fixture);
  guint count = row != NULL ? row->versions->len : 0;

  pt_transaction_row_free (row);
  return count;
}

/* A clock that the test moves, in ms. */
static gint64
move_clock (PtChainFixture *fixture, gint64 by)
{
  gint64 now = pt_clock_now (fixture->config.clock) + by;

  pt_clock_manual_set (fixture->config.clock, now);
  return now;
}

static void
test_fee_bump (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtClock) clock = pt_clock_new_manual (PT_FIXTURE_ORIGIN);
  PtSubmitter *submitter;
  PtTransactionRow *first;
  PtTransactionRow *second;
  PtBatchQuery query;
  g_autoptr (GArray) rows = NULL;

  seal_many (fixture, 1, 1);
  set_automine (fixture, FALSE);
  fixture->config.clock = clock;
  submitter = start (fixture);
  PT_TEST_POLL (sends (fixture) == 1);
  first = pending_transaction (fixture);
  move_clock (fixture, 60 * 1000);
  PT_TEST_POLL (version_count (fixture) == 2);
  second = pending_transaction (fixture);
  g_assert_cmpuint (second->nonce, ==, first->nonce);
  g_assert_cmpuint (second->max_fee, >=, first->max_fee + first->max_fee / 8);
  g_assert_cmpuint (second->max_priority_fee, >=,
                    first->max_priority_fee + first->max_priority_fee / 8);
  PT_TEST_POLL (sends (fixture) == 2);
  mine (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_submitter_stop (submitter);
  query = (PtBatchQuery){ .area = -1, .state = -1 };
  rows = pt_store_batches (fixture->store, &query, NULL);
  g_assert_cmpmem (&g_array_index (rows, PtBatchRow, 0).transaction, PT_HASH_SIZE, &second->hash,
                   PT_HASH_SIZE);
  pt_transaction_row_free (first);
  pt_transaction_row_free (second);
}

/* Another transaction of the account takes the nonce. */
static void
test_foreign_nonce (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;
  PtTransactionRow *row;

  seal_many (fixture, 1, 2);
  set_automine (fixture, FALSE);
  pt_proxy_fail (&fixture->proxy, "eth_sendRawTransaction", PT_PROXY_LOSE_REQUEST, 1);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_SUBMITTED, 2);
  pt_submitter_stop (submitter);
  row = pending_transaction (fixture);
  drop_from_pool (fixture, &row->hash);
  pt_chain_send (fixture, fixture->signer->address, NULL, 0, &row->nonce);
  mine (fixture);
  set_automine (fixture, TRUE);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (account_nonce (fixture), ==, row->nonce + 2);
  pt_transaction_row_free (row);
}

static guint
receipts (PtChainFixture *fixture)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fixture->proxy.lock);

  return fixture->proxy.receipts;
}

/* Until the submitter has looked at its one transaction again, as things are now. */
static void
wait_for_look (PtChainFixture *fixture)
{
  guint asked = receipts (fixture);

  PT_TEST_POLL (receipts (fixture) >= asked + 3);
}

/* An endpoint that answers with a nonce three too high, as after its pool lost older transactions:
 * it is said, and then goes right by itself. No version is made for it. */
static void
test_nonce_too_high (PtChainFixture *fixture, gconstpointer data)
{
  guint64 nonce = (seal_many (fixture, 1, 1), account_nonce (fixture));
  g_autoptr (PtClock) clock = pt_clock_new_manual (PT_FIXTURE_ORIGIN);
  g_autofree char *lie = g_strdup_printf ("\"result\":\"0x%" G_GINT64_MODIFIER "x\"", nonce + 3);
  PtTransactionRow *row;
  PtSubmitter *submitter;

  fixture->config.clock = clock;
  fixture->config.stuck_after_s = 180;
  fixture->proxy.lies[0][1] = lie;
  fixture->proxy.lies[0][0] = "eth_getTransactionCount";
  submitter = start (fixture);
  PT_TEST_POLL (sends (fixture) >= 1);
  fixture->proxy.lies[0][0] = NULL;
  row = pending_transaction (fixture);
  g_assert_cmpuint (row->nonce, ==, nonce + 3);
  PT_TEST_POLL (status_is (submitter, "submitting"));
  wait_for_look (fixture);
  move_clock (fixture, 170 * 1000); /* long enough to bump, had that any use */
  PT_TEST_POLL (status_is (submitter, "operator"));
  g_assert_cmpuint (version_count (fixture), ==, 1);
  move_clock (fixture, 180 * 1000);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  PT_TEST_POLL (status_is (submitter, "ready"));
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 1);
  /* The old one takes effect some day, reverts, and the batch that wanted its nonce goes again. */
  for (guint i = 0; i < 4; i++)
    {
      pt_fixture_seal (fixture, 0);
      pt_submitter_wake (submitter);
      pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2 + i);
    }
  pt_submitter_stop (submitter);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 5);
  pt_transaction_row_free (row);
}

/* Fees are raised so often and no more; what was signed last is sent again, and said. */
static void
test_bumps_bounded (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtClock) clock = pt_clock_new_manual (PT_FIXTURE_ORIGIN);
  PtSubmitter *submitter;
  guint sent;

  seal_many (fixture, 1, 1);
  set_automine (fixture, FALSE);
  fixture->config.clock = clock;
  submitter = start (fixture);
  PT_TEST_POLL (sends (fixture) == 1);
  for (guint versions = 2; versions <= PT_VERSIONS_MAX; versions++)
    {
      move_clock (fixture, 60 * 1000);
      PT_TEST_POLL (version_count (fixture) == versions && sends (fixture) >= versions);
    }
  PT_TEST_POLL (status_is (submitter, "operator"));
  sent = sends (fixture);
  move_clock (fixture, 60 * 1000);
  PT_TEST_POLL (sends (fixture) > sent);
  g_assert_cmpuint (version_count (fixture), ==, PT_VERSIONS_MAX);
  mine (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  PT_TEST_POLL (status_is (submitter, "ready"));
  pt_submitter_stop (submitter);
}

static void
set_operator (PtChainFixture *fixture, const char *area, const guint8 account[20])
{
  g_autoptr (GBytes) call = pt_contract_set_operator_call (area, account);
  PtHash hash = pt_chain_send (fixture, fixture->contract, g_bytes_get_data (call, NULL),
                               g_bytes_get_size (call), NULL);

  pt_chain_wait (fixture, &hash);
}

/* Another account with money, whose next nonce is @nonce. */
static PtEthereumSigner *
other_account (PtChainFixture *fixture, guint64 nonce)
{
  static const guint8 scalar[32] = { [31] = 77 };
  PtEthereumSigner *signer = pt_ethereum_signer_new (scalar);
  g_autofree char *balance = NULL;
  g_autofree char *next = NULL;
  char address[43];

  pt_address_to_text (pt_keccak_permutation_nettle, signer->address, address);
  balance = g_strdup_printf ("[\"%s\",\"0x56bc75e2d63100000\"]", address);
  next = g_strdup_printf ("[\"%s\",\"0x%" G_GINT64_MODIFIER "x\"]", address, nonce);
  pt_chain_call (fixture, "anvil_setBalance", balance);
  pt_chain_call (fixture, "anvil_setNonce", next);
  return signer;
}

/* The new operator's account comes to a nonce that the old one's has used. */
static void
test_new_account (PtChainFixture *fixture, gconstpointer data)
{
  PtEthereumSigner *signer;
  PtSubmitter *submitter;
  guint64 used;

  seal_many (fixture, 1, 1);
  used = account_nonce (fixture);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_submitter_stop (submitter);
  signer = other_account (fixture, used);
  set_operator (fixture, "north", signer->address);
  fixture->config.signer = signer;
  submitter = start (fixture);
  for (guint i = 0; i < 2; i++)
    {
      pt_fixture_seal (fixture, 0);
      pt_submitter_wake (submitter);
      pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2 + i);
    }
  pt_submitter_stop (submitter);
  fixture->config.signer = fixture->signer;
  pt_ethereum_signer_free (signer);
}

/* One of the old account's is under way and never arrives: it is neither sent nor raised with the
 * new key, holds up its own area only, and is given up in the end. */
static void
test_other_accounts_pending (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtClock) clock = pt_clock_new_manual (PT_FIXTURE_ORIGIN);
  PtEthereumSigner *signer;
  PtSubmitter *submitter;
  PtTransactionRow *row;
  guint sent;

  fixture->config.clock = clock;
  seal_many (fixture, 1, 1);
  pt_fixture_add_area (fixture, "east", TRUE);
  set_automine (fixture, FALSE);
  submitter = start (fixture);
  PT_TEST_POLL (sends (fixture) == 1);
  pt_submitter_stop (submitter);
  row = pending_transaction (fixture);
  drop_from_pool (fixture, &row->hash);
  set_automine (fixture, TRUE);
  signer = other_account (fixture, row->nonce);
  set_operator (fixture, "north", signer->address);
  set_operator (fixture, "east", signer->address);
  fixture->config.signer = signer;
  pt_fixture_seal (fixture, 0);
  pt_fixture_seal (fixture, 1);
  sent = sends (fixture);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1); /* east's */
  wait_for_look (fixture);
  move_clock (fixture, 170 * 1000);
  PT_TEST_POLL (status_is (submitter, "operator"));
  g_assert_cmpuint (sends (fixture), ==, sent + 1);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 0);
  g_assert_cmpuint (version_count (fixture), ==, 1);
  move_clock (fixture, 180 * 1000);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 3);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, 2);
  fixture->config.signer = fixture->signer;
  pt_ethereum_signer_free (signer);
  pt_transaction_row_free (row);
}

/* The contract refuses what it would have taken when it was estimated. */
static void
test_reverted (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  char address[43];
  PtSubmitter *submitter;
  g_autoptr (GBytes) code = NULL;
  g_autofree char *refuse = NULL;
  GString *restore;
  guint64 nonce;

  seal_many (fixture, 1, 2);
  set_automine (fixture, FALSE);
  submitter = start (fixture);
  PT_TEST_POLL (sends (fixture) == 1);
  code = pt_rpc_code (fixture->rpc, fixture->contract, &error);
  g_assert_no_error (error);
  pt_address_to_text (pt_keccak_permutation_nettle, fixture->contract, address);
  refuse = g_strdup_printf ("[\"%s\",\"0x60006000fd\"]", address);
  restore = g_string_new ("[\"");
  g_string_append_printf (restore, "%s\",\"0x", address);
  for (gsize i = 0; i < g_bytes_get_size (code); i++)
    g_string_append_printf (restore, "%02x", ((const guint8 *) g_bytes_get_data (code, NULL))[i]);
  g_string_append (restore, "\"]");
  nonce = account_nonce (fixture);
  pt_chain_call (fixture, "anvil_setCode", refuse);
  mine (fixture);
  pt_chain_call (fixture, "anvil_setCode", restore->str);
  g_string_free (restore, TRUE);
  set_automine (fixture, TRUE);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce + 2);
}

static void
test_refused_area (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;
  g_autofree char *why = NULL;

  seal_many (fixture, 2, 2);
  pt_fixture_add_area (fixture, "nobody-knows", FALSE);
  pt_fixture_seal (fixture, 2);
  pt_fixture_seal (fixture, 2);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 4);
  PT_TEST_POLL (status_is (submitter, "operator"));
  why = pt_submitter_area_refusal (submitter, 2);
  g_assert_nonnull (why);
  g_assert_nonnull (strstr (why, "UnknownArea"));
  g_assert_nonnull (strstr (why, "nobody-knows"));
  g_assert_cmpuint (pt_fixture_count (fixture, PT_BATCH_PUBLISHED), ==, 2);
  pt_chain_register (fixture, "nobody-knows");
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 6);
  PT_TEST_POLL (status_is (submitter, "ready"));
  g_assert_null (pt_submitter_area_refusal (submitter, 2));
  pt_submitter_stop (submitter);
}

/* What the account has, in gwei. */
static guint64
account_gwei (PtChainFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  guint8 wei[32];
  double sum = 0;

  pt_rpc_balance (fixture->rpc, fixture->signer->address, wei, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < sizeof wei; i++)
    sum = sum * 256 + wei[i];
  return (guint64) (sum / PT_RPC_GWEI);
}

/* One batch cost 827 ether when an endpoint said so of its tip. */
static void
test_lie_of_tip (PtChainFixture *fixture, gconstpointer data)
{
  guint64 before;
  PtSubmitter *submitter;

  seal_many (fixture, 1, 1);
  before = account_gwei (fixture);
  fixture->config.most = (PtFeeBounds){ PT_RPC_MOST_FEE, PT_RPC_MOST_TIP };
  fixture->proxy.lies[0][0] = "eth_feeHistory";
  fixture->proxy.lies[0][1] = "\"result\":{\"reward\":[[\"0x2386f26fc10000\"]]}";
  fixture->proxy.lies[1][0] = "eth_maxPriorityFeePerGas";
  fixture->proxy.lies[1][1] = "\"result\":\"0x2386f26fc10000\"";
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (before - account_gwei (fixture), >, 0);
  g_assert_cmpuint (before - account_gwei (fixture), <, 1000000); /* a thousandth of an ether */
}

/* Endpoints without the methods that tips are read by, in their own words. */
static void
test_no_tips (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;

  seal_many (fixture, 1, 1);
  fixture->proxy.lies[0][0] = "eth_feeHistory";
  fixture->proxy.lies[0][1] = "\"error\":{\"code\":-32004,\"message\":\"Method not supported\"}";
  fixture->proxy.lies[1][0] = "eth_maxPriorityFeePerGas";
  fixture->proxy.lies[1][1] = "\"error\":{\"code\":-32000,\"message\":\"Method "
                              "eth_maxPriorityFeePerGas not supported.\"}";
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_submitter_stop (submitter);
}

/* What a transaction may cost bounds how many batches go into it, and whether one may go at all. */
static void
test_cost (PtChainFixture *fixture, gconstpointer data)
{
  PtHealthStatus health;
  PtSubmitter *submitter;
  PtFees fees;

  seal_many (fixture, 1, 4);
  fixture->config.most = (PtFeeBounds){ 50 * PT_RPC_GWEI, 3 * PT_RPC_GWEI };
  fixture->config.max_cost = 1; /* gwei */
  submitter = start (fixture);
  PT_TEST_POLL (status_is (submitter, "operator"));
  pt_health_get (fixture->health, &health);
  g_assert_nonnull (strstr (health.sentence, "max_cost"));
  pt_submitter_stop (submitter);
  g_assert_cmpuint (fixture->proxy.sends, ==, 0);
  /* Room for one or two batches of about 80,000 gas, at a fee of 1 to 5 gwei. */
  g_assert_true (pt_rpc_fees (fixture->rpc, &fixture->config.most, &fees, NULL));
  fixture->config.max_cost = fees.max_fee * 150000 / PT_RPC_GWEI;
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 4);
  pt_submitter_stop (submitter);
  g_assert_cmpuint (fixture->proxy.sends, >=, 2);
}

/* An endpoint that is asked too often is nothing for the operator and no contract's refusal, and
 * the key that it speaks of is not told to everybody. */
static void
test_too_many (PtChainFixture *fixture, gconstpointer data)
{
  PtHealthStatus health;
  PtSubmitter *submitter;

  seal_many (fixture, 1, 1);
  pt_proxy_fail (&fixture->proxy, "eth_estimateGas", PT_PROXY_TOO_MANY, 6);
  submitter = start (fixture);
  while (pt_fixture_count (fixture, PT_BATCH_FINAL) == 0)
    {
      pt_health_get (fixture->health, &health);
      g_assert_cmpint (health.sort, <=, PT_HEALTH_WAITS);
      g_assert_null (strstr (health.sentence, "ab12cd34"));
      g_assert_null (pt_submitter_area_refusal (submitter, 0));
      g_usleep (5000);
    }
  pt_submitter_stop (submitter);
}

static void
test_wrong_chain (PtChainFixture *fixture, gconstpointer data)
{
  PtHealthStatus health;
  PtSubmitter *submitter;

  seal_many (fixture, 1, 1);
  fixture->config.chain_id = 1;
  submitter = start (fixture);
  PT_TEST_POLL (status_is (submitter, "wrong-chain"));
  pt_health_get (fixture->health, &health);
  g_assert_cmpint (health.sort, ==, PT_HEALTH_ASKS);
  g_assert_nonnull (strstr (health.sentence, "31337"));
  pt_submitter_stop (submitter);
  fixture->config.chain_id = PT_ANVIL_CHAIN_ID;
  fixture->config.contract[0] ^= 1;
  submitter = start (fixture);
  PT_TEST_POLL (status_is (submitter, "wrong-chain"));
  pt_submitter_stop (submitter);
  g_assert_cmpuint (pt_fixture_count (fixture, PT_BATCH_PUBLISHED), ==, 1);
}

static void
test_unreachable (PtChainFixture *fixture, gconstpointer data)
{
  PtSubmitter *submitter;

  seal_many (fixture, 1, 1);
  pt_proxy_fail (&fixture->proxy, NULL, PT_PROXY_LOSE_REQUEST, G_MAXUINT);
  submitter = start (fixture);
  PT_TEST_POLL (status_is (submitter, "unreachable"));
  pt_fixture_wait_for (fixture, PT_BATCH_PUBLISHED, 1);
  pt_proxy_fail (&fixture->proxy, NULL, PT_PROXY_PASS, 0);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  pt_submitter_stop (submitter);
}

static void
test_missing_block (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) rows = NULL;
  const PtCid *cid;
  char text[PT_CID_TEXT_SIZE + 1];
  g_autofree char *path = NULL;
  g_autofree char *aside = NULL;
  PtSubmitter *submitter;

  seal_many (fixture, 2, 1);
  rows = pt_store_unfinished (fixture->store, 0, NULL);
  cid = &g_array_index (rows, PtBatchRow, 0).cid;
  pt_cid_to_text (cid, text);
  path = g_strdup_printf ("%s/blocks/%02x/%s", fixture->directory, cid->bytes[PT_CID_SIZE - 1],
                          text);
  aside = g_strconcat (path, "-aside", NULL);
  g_assert_cmpint (g_rename (path, aside), ==, 0);
  submitter = start (fixture);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  g_assert_cmpuint (pt_fixture_count (fixture, PT_BATCH_SEALED), ==, 1);
  PT_TEST_POLL (status_is (submitter, "operator"));
  g_assert_cmpint (g_rename (aside, path), ==, 0);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  pt_submitter_stop (submitter);
}

/* Fault table: each write to the store and to the chain fails in both ways; every batch ends FINAL,
 * anchored once, by one transaction. */

static void
assert_anchored_once (PtChainFixture *fixture, guint batches, guint64 nonce)
{
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, batches);
  g_assert_cmpuint (pt_chain_latest (fixture, "north").batch, ==, batches);
  g_assert_cmpuint (account_nonce (fixture), ==, nonce);
}

static void
test_store_faults (PtChainFixture *fixture, gconstpointer data)
{
  static const PtStoreWrite writes[]
      = { PT_STORE_PUBLISHED, PT_STORE_SUBMIT, PT_STORE_MINED, PT_STORE_FINALIZE };
  guint64 nonce;
  guint batches;

  seal_many (fixture, 1, 0);
  nonce = account_nonce (fixture);
  batches = 0;
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    for (guint failure = 0; failure < 2; failure++)
      {
        PtSubmitter *submitter;

        pt_memory_store_fail (fixture->store, writes[i], (PtStoreFailure) failure, 0, 1);
        pt_fixture_seal (fixture, 0);
        submitter = start (fixture);
        assert_anchored_once (fixture, ++batches, ++nonce);
        pt_submitter_stop (submitter);
      }
}

static void
test_chain_faults (PtChainFixture *fixture, gconstpointer data)
{
  static const char *const methods[] = { "eth_chainId",
                                         "eth_getCode",
                                         "eth_blockNumber",
                                         "eth_estimateGas",
                                         "eth_getTransactionCount",
                                         "eth_sendRawTransaction",
                                         "eth_getTransactionReceipt" };
  guint64 nonce;
  guint batches;

  seal_many (fixture, 1, 0);
  nonce = account_nonce (fixture);
  batches = 0;
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    for (guint fault = PT_PROXY_LOSE_REQUEST; fault <= PT_PROXY_LOSE_ANSWER; fault++)
      {
        PtSubmitter *submitter;

        pt_proxy_fail (&fixture->proxy, methods[i], (PtProxyFault) fault, 2);
        pt_fixture_seal (fixture, 0);
        submitter = start (fixture);
        assert_anchored_once (fixture, ++batches, ++nonce);
        pt_submitter_stop (submitter);
      }
}

/* Bumping: the write fails both ways. */
/* An error says whether it is the chain's or our own store's, and both go away by themselves. */
static void
test_whose_fault (PtChainFixture *fixture, gconstpointer data)
{
  PtHealthStatus health;
  PtSubmitter *submitter;

  seal_many (fixture, 1, 1);
  pt_memory_store_fail (fixture->store, PT_STORE_SUBMIT, PT_FAIL_NOT_PERSISTED, 0, G_MAXUINT);
  submitter = start (fixture);
  PT_TEST_POLL (status_is (submitter, "store-failed"));
  pt_health_get (fixture->health, &health);
  g_assert_cmpint (health.sort, ==, PT_HEALTH_WAITS);
  pt_memory_store_fail (fixture->store, PT_STORE_SUBMIT, PT_FAIL_NOT_PERSISTED, 0, 0);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 1);
  PT_TEST_POLL (status_is (submitter, "ready"));
  pt_proxy_fail (&fixture->proxy, NULL, PT_PROXY_LOSE_REQUEST, G_MAXUINT);
  pt_fixture_seal (fixture, 0);
  pt_submitter_wake (submitter);
  PT_TEST_POLL (status_is (submitter, "unreachable"));
  pt_health_get (fixture->health, &health);
  g_assert_cmpint (health.sort, ==, PT_HEALTH_WAITS);
  pt_proxy_fail (&fixture->proxy, NULL, PT_PROXY_PASS, 0);
  pt_fixture_wait_for (fixture, PT_BATCH_FINAL, 2);
  PT_TEST_POLL (status_is (submitter, "ready"));
  pt_health_get (fixture->health, &health);
  g_assert_cmpint (health.sort, ==, PT_HEALTH_WELL);
  g_assert_null (pt_health_error (fixture->health));
  pt_submitter_stop (submitter);
}

static void
test_bump_faults (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtClock) clock = pt_clock_new_manual (PT_FIXTURE_ORIGIN);
  guint64 nonce;

  seal_many (fixture, 1, 0);
  nonce = account_nonce (fixture);
  fixture->config.clock = clock;
  for (guint failure = 0; failure < 2; failure++)
    {
      guint sent = sends (fixture);
      PtSubmitter *submitter;

      set_automine (fixture, FALSE);
      pt_memory_store_fail (fixture->store, PT_STORE_BUMP, (PtStoreFailure) failure, 0, 1);
      pt_fixture_seal (fixture, 0);
      submitter = start (fixture);
      PT_TEST_POLL (sends (fixture) > sent);
      move_clock (fixture, 60 * 1000);
      PT_TEST_POLL (version_count (fixture) == 2);
      mine (fixture);
      assert_anchored_once (fixture, failure + 1, ++nonce);
      pt_submitter_stop (submitter);
    }
}

static void
count_batches (const PtNewsItems *items, gpointer user_data)
{
  *(guint *) user_data += items->batch_count;
}

/* Whether so many changes of batches were told. */
static gboolean
reached (const guint *told, guint wanted)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return *told >= wanted;
}

/* Stopped after every single step, and started again each time. */
static void
test_restarts (PtChainFixture *fixture, gconstpointer data)
{
  guint64 nonce;

  seal_many (fixture, 1, 0);
  nonce = account_nonce (fixture);
  for (guint step = 1; step <= 6; step++)
    {
      guint told = 0;
      PtSubmitter *submitter;

      pt_news_subscribe (fixture->news, count_batches, &told);
      pt_fixture_seal (fixture, 0);
      submitter = start (fixture);
      PT_TEST_POLL (reached (&told, step) || pt_fixture_count (fixture, PT_BATCH_FINAL) == step);
      pt_submitter_stop (submitter);
      reached (&told, step);
      pt_news_unsubscribe (fixture->news, count_batches, &told);
      submitter = start (fixture);
      assert_anchored_once (fixture, step, ++nonce);
      pt_submitter_stop (submitter);
    }
}

#define ADD(name, func)                                                                            \
  g_test_add ("/submitter/" name, PtChainFixture, NULL, pt_fixture_set_up, func,                   \
              pt_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-transaction", test_one_transaction);
  ADD ("backlog", test_backlog);
  ADD ("without-chain", test_without_chain);
  ADD ("confirmations", test_confirmations);
  ADD ("reorg", test_reorg);
  ADD ("dropped", test_dropped);
  ADD ("fee-bump", test_fee_bump);
  ADD ("foreign-nonce", test_foreign_nonce);
  ADD ("nonce-too-high", test_nonce_too_high);
  ADD ("bumps-bounded", test_bumps_bounded);
  ADD ("new-account", test_new_account);
  ADD ("other-accounts-pending", test_other_accounts_pending);
  ADD ("reverted", test_reverted);
  ADD ("refused-area", test_refused_area);
  ADD ("lie-of-tip", test_lie_of_tip);
  ADD ("no-tips", test_no_tips);
  ADD ("cost", test_cost);
  ADD ("too-many", test_too_many);
  ADD ("wrong-chain", test_wrong_chain);
  ADD ("unreachable", test_unreachable);
  ADD ("missing-block", test_missing_block);
  ADD ("store-faults", test_store_faults);
  ADD ("whose-fault", test_whose_fault);
  ADD ("bump-faults", test_bump_faults);
  ADD ("chain-faults", test_chain_faults);
  ADD ("restarts", test_restarts);
  return g_test_run ();
}
