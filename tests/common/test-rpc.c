/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc.h"

#include "pt-abi-period.h"
#include "pt-anvil.h"
#include "pt-contract-bytecode.h"
#include "pt-contract.h"
#include "pt-error.h"
#include "pt-ethereum-keystore.h"
#include "pt-period.h"
#include "pt-scripted-server.h"

/* Against a real EVM: the contract created, an area registered and batches anchored with calls and
 * signatures of our own; then endpoints that misbehave. */

#define PERMUTE pt_keccak_permutation_nettle
#define START G_GUINT64_CONSTANT (1700000000000)

typedef struct
{
  PtAnvil anvil;
  PtRpc *rpc;
  PtEthereumSigner *signer;
  guint8 contract[20];
} Fixture;

static GBytes *
sign (Fixture *fixture, const guint8 *to, GBytes *data, guint64 gas, PtHash *hash)
{
  PtTransaction transaction
      = { .chain_id = PT_ANVIL_CHAIN_ID, .gas_limit = gas, .create = to == NULL };
  const PtFeeBounds most = { PT_RPC_MOST_FEE, PT_RPC_MOST_TIP };
  PtFees fees;
  g_autoptr (GError) error = NULL;
  gsize size;
  g_autofree guint8 *raw = NULL;
  size_t raw_size;

  transaction.data = g_bytes_get_data (data, &size);
  transaction.data_size = size;
  if (to != NULL)
    memcpy (transaction.to, to, 20);
  g_assert_true (
      pt_rpc_nonce (fixture->rpc, fixture->signer->address, TRUE, &transaction.nonce, &error));
  g_assert_true (pt_rpc_fees (fixture->rpc, &most, &fees, &error));
  g_assert_no_error (error);
  transaction.max_fee = fees.max_fee;
  transaction.max_priority_fee = fees.max_priority_fee;

  raw = g_malloc (size + 256);

  g_assert_cmpint (pt_transaction_sign (&transaction, PERMUTE, fixture->signer, raw, size + 256,
                                        &raw_size, hash),
                   ==, PT_OK);
  return g_bytes_new_take (g_steal_pointer (&raw), raw_size);
}

static gboolean
has_receipt (PtRpc *rpc, const PtHash *hash, PtRpcReceipt *receipt)
{
  g_autoptr (GError) error = NULL;

  pt_rpc_receipt (rpc, hash, receipt, &error);
  g_assert_no_error (error);
  return receipt->found;
}

/* Estimates, signs, sends and waits; the receipt of a success. */
static PtRpcReceipt
transact (Fixture *fixture, const guint8 *to, GBytes *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) raw = NULL;
  PtRpcReceipt receipt;
  PtHash hash;
  guint64 gas;

  pt_rpc_estimate_gas (fixture->rpc, fixture->signer->address, to, data, &gas, &error);
  g_assert_no_error (error);
  raw = sign (fixture, to, data, gas, &hash);
  pt_rpc_send_raw (fixture->rpc, raw, &error);
  g_assert_no_error (error);
  PT_TEST_POLL (has_receipt (fixture->rpc, &hash, &receipt));
  g_assert_true (receipt.success);
  g_assert_cmpuint (receipt.gas_used, <=, gas);
  g_test_message ("gas used: %" G_GUINT64_FORMAT, receipt.gas_used);
  return receipt;
}

static void
deploy (Fixture *fixture)
{
  g_autoptr (GBytes) creation
      = g_bytes_new_static (pt_contract_bytecode, sizeof pt_contract_bytecode);
  g_autoptr (GBytes) code = NULL;
  g_autoptr (GError) error = NULL;
  guint8 expected[20];
  guint64 nonce;
  PtRpcReceipt receipt;

  pt_rpc_nonce (fixture->rpc, fixture->signer->address, FALSE, &nonce, &error);
  g_assert_no_error (error);
  pt_address_of_contract (PERMUTE, fixture->signer->address, nonce, expected);
  receipt = transact (fixture, NULL, creation);
  g_assert_cmpmem (receipt.contract, 20, expected, 20);
  memcpy (fixture->contract, receipt.contract, 20);
  code = pt_rpc_code (fixture->rpc, fixture->contract, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (code), >, 1000);
  g_assert_cmpuint (g_bytes_get_size (code), <, sizeof pt_contract_bytecode);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  pt_anvil_start (&fixture->anvil);
  fixture->rpc = pt_rpc_new (fixture->anvil.url);
  fixture->signer = pt_ethereum_signer_new (pt_anvil_scalar);
  deploy (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_rpc_free (fixture->rpc);
  pt_ethereum_signer_free (fixture->signer);
  pt_anvil_stop (&fixture->anvil);
}

static GBytes *
registration (Fixture *fixture, const char *area)
{
  guint8 call[512];
  guint8 authority[PT_PUBLIC_KEY_SIZE] = { 4, 0xaa }, service[PT_PUBLIC_KEY_SIZE] = { 4, 0xbb };
  size_t size;

  g_assert_cmpint (pt_abi_register_area (PERMUTE, area, authority, service,
                                         fixture->signer->address, call, sizeof call, &size),
                   ==, PT_OK);
  return g_bytes_new (call, size);
}

static PtCheckpoint
checkpoint (const char *area, guint64 batch)
{
  PtCheckpoint made = { .batch = batch,
                        .size = batch * 7,
                        .from = START + batch * 1000,
                        .to = START + (batch + 1) * 1000 };

  g_strlcpy (made.area, area, sizeof made.area);
  memset (made.root.bytes, (int) batch, sizeof made.root.bytes);
  pt_cid_make (PT_CODEC_RAW, &made.root, &made.cid);
  return made;
}

static GBytes *
anchoring (const PtCheckpoint *checkpoints, gsize count)
{
  gsize room = pt_abi_anchor_size (count);
  guint8 *call = g_malloc (room);
  size_t size;

  g_assert_cmpint (pt_abi_anchor (PERMUTE, checkpoints, count, call, room, &size), ==, PT_OK);
  return g_bytes_new_take (call, size);
}

static void
anchor (Fixture *fixture, const PtCheckpoint *checkpoints, gsize count)
{
  g_autoptr (GBytes) call = anchoring (checkpoints, count);

  transact (fixture, fixture->contract, call);
}

static void
register_area (Fixture *fixture, const char *area)
{
  g_autoptr (GBytes) call = registration (fixture, area);

  transact (fixture, fixture->contract, call);
}

static PtCheckpoint
latest (Fixture *fixture, const char *area)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) call = NULL, answer = NULL;
  PtCheckpoint out;
  guint8 data[64];
  size_t size;

  g_assert_cmpint (pt_abi_latest (PERMUTE, area, data, sizeof data, &size), ==, PT_OK);
  call = g_bytes_new (data, size);
  answer = pt_rpc_eth_call (fixture->rpc, fixture->contract, call, &error);
  g_assert_no_error (error);
  g_assert_cmpint (
      pt_abi_latest_parse (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), &out), ==,
      PT_OK);
  return out;
}

static void
test_account (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const PtFeeBounds none = { 0 };
  PtFees fees;
  guint64 number;
  guint8 wei[32], nobody[20] = { 0x77 };

  g_assert_true (pt_rpc_chain_id (fixture->rpc, &number, &error));
  g_assert_cmpuint (number, ==, PT_ANVIL_CHAIN_ID);
  g_assert_true (pt_rpc_block_number (fixture->rpc, &number, &error));
  g_assert_cmpuint (number, ==, 1);
  g_assert_true (pt_rpc_nonce (fixture->rpc, fixture->signer->address, FALSE, &number, &error));
  g_assert_cmpuint (number, ==, 1);
  g_assert_true (pt_rpc_balance (fixture->rpc, fixture->signer->address, wei, &error));
  g_assert_cmpuint (wei[22], ==, 0x02); /* just below 10,000 ether = 0x021e19e0c9bab2400000 wei */
  g_assert_cmpuint (wei[23], ==, 0x1e);
  g_assert_true (pt_rpc_balance (fixture->rpc, nobody, wei, &error));
  g_assert_cmpuint (wei[31], ==, 0);
  g_assert_true (pt_rpc_fees (fixture->rpc, &none, &fees, &error));
  g_assert_cmpuint (fees.max_fee, ==, 2 * fees.base_fee + fees.max_priority_fee);
  g_assert_cmpuint (fees.max_priority_fee, >, 0);
  g_assert_no_error (error);
}

typedef struct
{
  GArray *checkpoints; /* PtCheckpoint */
  guint areas;
  PtHash registered, anchored; /* topics */
} Seen;

static gboolean
see_log (const PtLog *log, gpointer user_data, GError **error)
{
  Seen *seen = user_data;
  PtAreaRegistered area;
  PtCheckpoint made;

  g_assert_cmpuint (log->topic_count, >, 0);
  if (memcmp (&log->topics[0], &seen->registered, sizeof (PtHash)) == 0)
    {
      g_assert_cmpint (pt_abi_area_registered_parse (log->topics + 1, log->topic_count - 1,
                                                     log->data, log->data_size, &area),
                       ==, PT_OK);
      g_assert_cmpuint (area.authority_key[1], ==, 0xaa);
      g_assert_cmpuint (area.service_key[1], ==, 0xbb);
      seen->areas++;
    }
  else if (memcmp (&log->topics[0], &seen->anchored, sizeof (PtHash)) == 0)
    {
      g_assert_cmpint (pt_abi_anchored_parse (log->topics + 1, log->topic_count - 1, log->data,
                                              log->data_size, &made),
                       ==, PT_OK);
      g_array_append_val (seen->checkpoints, made);
    }
  return TRUE;
}

static void
test_anchor (Fixture *fixture, gconstpointer data)
{
  PtCheckpoint sent[] = { checkpoint ("pge-01", 1), checkpoint ("pge-02", 1),
                          checkpoint ("pge-01", 2), checkpoint ("pge-01", 3) };
  g_autoptr (GArray) checkpoints = g_array_new (FALSE, FALSE, sizeof (PtCheckpoint));
  g_autoptr (GError) error = NULL;
  Seen seen = { .checkpoints = checkpoints };
  PtCheckpoint head;

  register_area (fixture, "pge-01");
  register_area (fixture, "pge-02");
  g_assert_cmpuint (latest (fixture, "pge-01").batch, ==, 0);
  anchor (fixture, sent, 2);
  anchor (fixture, sent + 2, 1);
  anchor (fixture, sent + 3, 1);
  head = latest (fixture, "pge-01");
  g_assert_cmpuint (head.batch, ==, 3);
  g_assert_cmpuint (head.size, ==, sent[3].size);
  g_assert_cmpuint (head.to, ==, sent[3].to);
  g_assert_cmpmem (&head.root, 32, &sent[3].root, 32);

  pt_abi_area_registered_topic (PERMUTE, &seen.registered);
  pt_abi_anchored_topic (PERMUTE, &seen.anchored);
  pt_rpc_logs (fixture->rpc, fixture->contract, 0, PT_RPC_NEWEST, see_log, &seen, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (seen.areas, ==, 2);
  g_assert_cmpuint (checkpoints->len, ==, G_N_ELEMENTS (sent));
  for (guint i = 0; i < checkpoints->len; i++)
    g_assert_cmpmem (&g_array_index (checkpoints, PtCheckpoint, i), sizeof sent[i], &sent[i],
                     sizeof sent[i]);
}

static void
assert_refused (Fixture *fixture, const guint8 *from, GBytes *call, const char *words)
{
  g_autoptr (GError) error = NULL;
  guint64 gas;

  g_assert_false (pt_rpc_estimate_gas (fixture->rpc, from, fixture->contract, call, &gas, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in \"%s\"", words, error->message);
}

static bool
drop (void *context, const void *data, size_t size)
{
  return true;
}

/* The period after @before with these checkpoints; @leaves gets their hashes. */
static PtPeriodAnchored
period_of (const PtPeriods *before, const PtCheckpoint *checkpoints, gsize count, PtHash *leaves)
{
  PtPeriodWriter writer;
  PtPeriodHeader header;
  PtPeriodAnchored period;

  g_assert_cmpint (pt_period_writer_open (&writer, before, drop, NULL), ==, PT_OK);
  for (gsize i = 0; i < count; i++)
    g_assert_cmpint (pt_period_writer_append (&writer, &checkpoints[i], &leaves[i]), ==, PT_OK);
  g_assert_cmpint (pt_period_writer_close (&writer, (gint64) START + 900000, &header), ==, PT_OK);
  period
      = (PtPeriodAnchored){ .period = header.period, .root = header.root, .count = header.count };
  pt_cid_make (PT_CODEC_RAW, &header.root, &period.cid);
  return period;
}

static GBytes *
period_call (const PtPeriodAnchored *period)
{
  guint8 call[PT_ABI_ANCHOR_PERIOD_SIZE];
  size_t size;

  g_assert_cmpint (pt_abi_anchor_period (PERMUTE, period, call, sizeof call, &size), ==, PT_OK);
  return g_bytes_new (call, size);
}

static GBytes *
period_operator_call (const guint8 account[20])
{
  static const char signature[] = "setPeriodOperator(address)";
  guint8 call[36] = { 0 };
  PtHash hash;

  pt_keccak256 (PERMUTE, signature, sizeof signature - 1, &hash);
  memcpy (call, hash.bytes, 4);
  memcpy (call + 16, account, 20);
  return g_bytes_new (call, sizeof call);
}

static GBytes *
lift_call (const PtCheckpoint *checkpoint, const PtPlace *place)
{
  guint8 call[1024];
  size_t size;

  g_assert_cmpint (pt_abi_lift (PERMUTE, checkpoint, place, call, sizeof call, &size), ==, PT_OK);
  return g_bytes_new (call, size);
}

static GBytes *
conflict_call (const PtCheckpoint *a, const PtPlace *place_a, const PtCheckpoint *b,
               const PtPlace *place_b)
{
  guint8 call[2048];
  size_t size;

  g_assert_cmpint (pt_abi_conflict (PERMUTE, a, place_a, b, place_b, call, sizeof call, &size), ==,
                   PT_OK);
  return g_bytes_new (call, size);
}

static gboolean
see_period (const PtLog *log, gpointer user_data, GError **error)
{
  PtPeriodAnchored *seen = user_data;
  PtHash topic;

  pt_abi_period_anchored_topic (PERMUTE, &topic);
  if (memcmp (&log->topics[0], &topic, sizeof topic) == 0)
    g_assert_cmpint (pt_abi_period_anchored_parse (log->topics + 1, log->topic_count - 1, log->data,
                                                   log->data_size, seen),
                     ==, PT_OK);
  return TRUE;
}

/* One root for two areas; one checkpoint is lifted; and one that belies it is told. */
static void
test_periods (Fixture *fixture, gconstpointer data)
{
  PtCheckpoint sent[] = { checkpoint ("pge-01", 1), checkpoint ("pge-02", 1) };
  PtCheckpoint lie = checkpoint ("pge-01", 1), head;
  PtPeriods before = { 0 };
  PtHash leaves[2], first;
  PtPeriodAnchored period = period_of (&before, sent, 2, leaves), seen = { 0 }, second;
  PtPlace place
      = { .period = 1, .root = period.root, .count = 2, .path = &leaves[1], .path_count = 1 };
  PtPlace known = { 0 }, place_of_lie = { .period = 2, .count = 1 };
  g_autoptr (GBytes) operator_call = period_operator_call (fixture->signer->address);
  g_autoptr (GBytes) call = period_call (&period), lift = lift_call (&sent[0], &place);
  g_autoptr (GBytes) wrong = lift_call (&sent[1], &place), next = NULL, conflict = NULL;
  g_autoptr (GBytes) none = NULL;
  g_autoptr (GError) error = NULL;

  register_area (fixture, "pge-01");
  assert_refused (fixture, fixture->signer->address, call, "NotPeriodOperator");
  transact (fixture, fixture->contract, operator_call);
  transact (fixture, fixture->contract, call);
  assert_refused (fixture, fixture->signer->address, call, "WrongPeriod: ");
  assert_refused (fixture, fixture->signer->address, call, "(expected period 2)");
  pt_rpc_logs (fixture->rpc, fixture->contract, 0, PT_RPC_NEWEST, see_period, &seen, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (&seen, sizeof seen, &period, sizeof period);

  assert_refused (fixture, fixture->signer->address, wrong, "UnknownArea: ");
  transact (fixture, fixture->contract, lift);
  head = latest (fixture, "pge-01");
  g_assert_cmpuint (head.batch, ==, 1);
  g_assert_cmpmem (&head.root, sizeof head.root, &sent[0].root, sizeof sent[0].root);

  lie.root.bytes[0] ^= 1;
  before.tree.size = 1;
  pt_period_leaf (1, &period.root, 2, &first);
  before.tree.nodes[0] = first;
  second = period_of (&before, &lie, 1, leaves);
  place_of_lie.root = second.root;
  place_of_lie.period_path = &first;
  place_of_lie.period_path_count = 1;
  next = period_call (&second);
  conflict = conflict_call (&sent[0], &known, &lie, &place_of_lie);
  none = conflict_call (&sent[0], &known, &sent[0], &known);
  assert_refused (fixture, fixture->signer->address, conflict, "WrongProof: ");
  transact (fixture, fixture->contract, next);
  assert_refused (fixture, fixture->signer->address, none, "NoConflict: ");
  transact (fixture, fixture->contract, conflict);
}

static void
assert_checkpoint_refused (Fixture *fixture, PtCheckpoint made, const char *words)
{
  g_autoptr (GBytes) call = anchoring (&made, 1);

  assert_refused (fixture, fixture->signer->address, call, words);
}

static void
test_reverts (Fixture *fixture, gconstpointer data)
{
  const guint8 stranger[20] = { 0x99 };
  PtCheckpoint first = checkpoint ("pge-01", 1), made;
  g_autoptr (GBytes) again = registration (fixture, "pge-01");
  g_autoptr (GBytes) call = anchoring (&first, 1), none = anchoring (&first, 0);

  register_area (fixture, "pge-01");
  assert_refused (fixture, fixture->signer->address, again, "AreaExists");
  assert_refused (fixture, stranger, again, "NotOwner");
  assert_refused (fixture, stranger, call, "NotOperator: ");
  assert_refused (fixture, stranger, call, "(area pge-01)");
  assert_refused (fixture, fixture->signer->address, none, "NothingToAnchor");
  anchor (fixture, &first, 1);

  assert_checkpoint_refused (fixture, checkpoint ("pge-09", 1), "UnknownArea");
  assert_checkpoint_refused (fixture, checkpoint ("pge-01", 3), "WrongBatch");
  assert_checkpoint_refused (fixture, checkpoint ("pge-01", 3), "expected batch 2)");
  made = checkpoint ("pge-01", 2);
  made.size = first.size;
  assert_checkpoint_refused (fixture, made, "WrongSize");
  made = checkpoint ("pge-01", 2);
  made.from++;
  assert_checkpoint_refused (fixture, made, "WrongFrom");
  made = checkpoint ("pge-01", 2);
  made.to = made.from;
  assert_checkpoint_refused (fixture, made, "WrongWindow");
  made = checkpoint ("pge-01", 2);
  memset (&made.root, 0, sizeof made.root);
  assert_checkpoint_refused (fixture, made, "WrongRoot");
}

static void
test_same_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) call = registration (fixture, "pge-01"), raw = NULL;
  g_autoptr (JsonNode) automine = NULL, mine = NULL;
  PtRpcReceipt receipt;
  PtHash hash;

  automine = pt_rpc_call (fixture->rpc, "evm_setAutomine", "[false]", &error);
  g_assert_no_error (error);
  raw = sign (fixture, fixture->contract, call, 300000, &hash);
  for (guint i = 0; i < 2; i++) /* the second time it is known already */
    {
      g_assert_true (pt_rpc_send_raw (fixture->rpc, raw, &error));
      g_assert_no_error (error);
    }
  g_assert_true (pt_rpc_receipt (fixture->rpc, &hash, &receipt, &error));
  g_assert_false (receipt.found);
  mine = pt_rpc_call (fixture->rpc, "evm_mine", "[]", &error);
  g_assert_no_error (error);
  g_assert_true (pt_rpc_receipt (fixture->rpc, &hash, &receipt, &error));
  g_assert_true (receipt.found && receipt.success);
  g_assert_cmpuint (receipt.block, ==, 2);
}

/* Everything at one block, while batches go on being anchored. */
static void
test_contract (Fixture *fixture, gconstpointer data)
{
  PtCheckpoint sent[] = { checkpoint ("pge-01", 1), checkpoint ("pge-01", 2) }, head;
  g_autoptr (GError) error = NULL;
  PtContract then, now;
  PtAreaRegistered area;
  PtAnchored anchored;
  guint8 account[20], pending[20], nobody[20] = { 0 };
  gboolean found;
  PtHash root, none = { { 0 } };

  register_area (fixture, "pge-01");
  anchor (fixture, sent, 1);
  g_assert_true (pt_contract_pin (&then, fixture->rpc, fixture->contract, PT_RPC_NEWEST, &error));
  anchor (fixture, sent + 1, 1);
  g_assert_true (pt_contract_pin (&now, fixture->rpc, fixture->contract, PT_RPC_NEWEST, &error));
  g_assert_cmpuint (now.at.number, ==, then.at.number + 1);
  g_assert_cmpint (now.at.time, >=, then.at.time);

  g_assert_true (pt_contract_latest (&then, "pge-01", &head, &error));
  g_assert_cmpuint (head.batch, ==, 1);
  g_assert_true (pt_contract_latest (&now, "pge-01", &head, &error));
  g_assert_cmpuint (head.batch, ==, 2);
  g_assert_true (pt_contract_root_of (&then, "pge-01", 2, &root, &error));
  g_assert_cmpmem (&root, sizeof root, &none, sizeof none);
  g_assert_true (pt_contract_root_of (&now, "pge-01", 2, &root, &error));
  g_assert_cmpmem (&root, sizeof root, &sent[1].root, sizeof root);
  g_assert_true (pt_contract_operator_of (&then, "pge-01", account, &error));
  g_assert_cmpmem (account, 20, fixture->signer->address, 20);
  g_assert_true (pt_contract_operator_of (&then, "pge-09", account, &error));
  g_assert_cmpmem (account, 20, nobody, 20);
  g_assert_true (pt_contract_owner (&now, account, pending, &error));
  g_assert_cmpmem (account, 20, fixture->signer->address, 20);
  g_assert_cmpmem (pending, 20, nobody, 20);

  /* Events: before where they are said to begin, at their block, and not yet. */
  g_assert_true (pt_contract_registered (&now, "pge-01", now.at.number, &found, &area, &error));
  g_assert_true (found);
  g_assert_cmpuint (area.authority_key[1], ==, 0xaa);
  g_assert_true (pt_contract_registered (&now, "pge-02", 0, &found, &area, &error));
  g_assert_false (found);
  g_assert_true (pt_contract_anchored (&now, "pge-01", 2, 0, &found, &anchored, &error));
  g_assert_true (found);
  g_assert_cmpuint (anchored.block, ==, now.at.number);
  g_assert_cmpmem (&anchored.checkpoint, sizeof sent[1], &sent[1], sizeof sent[1]);
  g_assert_true (pt_contract_anchored (&then, "pge-01", 2, 0, &found, &anchored, &error));
  g_assert_false (found);
  g_assert_true (pt_contract_check_pin (&then, &error));
  g_assert_no_error (error);
}

static void
test_contract_not_there (Fixture *fixture, gconstpointer data)
{
  const guint8 elsewhere[20] = { 0x77 };
  g_autoptr (GError) error = NULL, ahead = NULL, replaced = NULL;
  g_autoptr (JsonNode) node = NULL;
  PtContract contract;

  g_assert_false (pt_contract_pin (&contract, fixture->rpc, elsewhere, PT_RPC_NEWEST, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_false (pt_contract_pin (&contract, fixture->rpc, fixture->contract, 1000, &ahead));
  g_assert_error (ahead, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpint (pt_rpc_fault (fixture->rpc), ==, PT_RPC_NO_BLOCK);

  /* A reorganisation between the questions is noticed. */
  g_assert_true (pt_contract_pin (&contract, fixture->rpc, fixture->contract, PT_RPC_NEWEST, NULL));
  contract.at.hash.bytes[0] ^= 1;
  g_assert_false (pt_contract_check_pin (&contract, &replaced));
  g_assert_error (replaced, PT_ERROR, PT_ERROR_RETRY);
}

static void
test_refused_transaction (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) nonsense = g_bytes_new_static ("\x02\xc0", 2);

  g_assert_false (pt_rpc_send_raw (fixture->rpc, nonsense, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
}

static gboolean
stop_at_once (const PtLog *log, gpointer user_data, GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP, "enough");
  return FALSE;
}

static void
test_visitor_stops (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      pt_rpc_logs (fixture->rpc, fixture->contract, 0, PT_RPC_NEWEST, stop_at_once, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
}

static void
test_gone (void)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", pt_test_free_port ());
  g_autoptr (PtRpc) rpc = pt_rpc_new (url);
  g_autoptr (GError) error = NULL;
  guint64 number;

  g_assert_false (pt_rpc_chain_id (rpc, &number, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

typedef struct
{
  const char *status, *body;
  int code;
} Fault;

/* What eth_chainId makes of an answer. */
static void
test_faults (void)
{
  static const Fault faults[] = {
    { "200 OK", "", PT_ERROR_RETRY },
    { "200 OK", "[]", PT_ERROR_RETRY },
    { "200 OK", "<html>", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"0x1\"}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":\"0x1\"}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":\"0x1\"}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":\"0x1\"}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x\"}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x01\"}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1g\"}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x11111111111111111\"}",
      PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":[]}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":\"x\"}}", PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32005,\"message\":\"slow\"}}",
      PT_ERROR_RETRY },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"no\"}}",
      PT_ERROR_OPERATOR },
    { "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"no\"}}",
      PT_ERROR_OPERATOR },
    { "502 Bad Gateway", "<html>", PT_ERROR_RETRY },
    { "403 Forbidden", "<html>", PT_ERROR_OPERATOR },
    { "200 OK", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", PT_ERROR_RETRY },
  };
  static PtScriptedServer server; /* its threads may outlive the test */

  pt_scripted_start (&server);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (PtRpc) rpc = pt_rpc_new (server.url);
      g_autoptr (GError) error = NULL;
      guint64 number;

      pt_rpc_set_patience (rpc, 0);
      pt_scripted_set_body (&server, faults[i].status, "application/json", faults[i].body);
      g_test_message ("%s", faults[i].body);
      g_assert_false (pt_rpc_chain_id (rpc, &number, &error));
      g_assert_error (error, PT_ERROR, faults[i].code);
    }
}

#define ADD(path, func) g_test_add ("/rpc/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("account", test_account);
  ADD ("anchor", test_anchor);
  ADD ("reverts", test_reverts);
  ADD ("periods", test_periods);
  ADD ("same-again", test_same_again);
  ADD ("contract", test_contract);
  ADD ("contract-not-there", test_contract_not_there);
  ADD ("refused-transaction", test_refused_transaction);
  ADD ("visitor-stops", test_visitor_stops);
  g_test_add_func ("/rpc/gone", test_gone);
  g_test_add_func ("/rpc/faults", test_faults);
  return g_test_run ();
}
