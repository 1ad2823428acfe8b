/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-ethereum-key.h"
#include "pt-transaction.h"
#include "pt-vectors.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEthereumSigner, pt_ethereum_signer_free)

#define PERMUTE pt_keccak_permutation_nettle

/* "0x..." as bytes, transfer full. */
static GBytes *
bytes_of (const char *text)
{
  size_t size = strlen (text + 2) / 2;
  uint8_t *data = g_malloc (size + 1);

  g_assert_true (g_str_has_prefix (text, "0x"));
  g_assert_true (pt_hex_decode (pt_text (text + 2), data, size));
  return g_bytes_new_take (data, size);
}

static uint64_t
number_of (JsonObject *object, const char *name)
{
  return g_ascii_strtoull (json_object_get_string_member (object, name), NULL, 10);
}

static void
check_transaction (JsonObject *vector, const PtEthereumSigner *signer)
{
  JsonObject *tx = json_object_get_object_member (vector, "tx");
  g_autoptr (GBytes) data = bytes_of (json_object_get_string_member (tx, "data"));
  g_autoptr (GBytes) raw = bytes_of (json_object_get_string_member (vector, "raw"));
  g_autoptr (GBytes) identity = bytes_of (json_object_get_string_member (vector, "hash"));
  PtTransaction transaction = {
    .chain_id = (uint64_t) json_object_get_int_member (tx, "chainId"),
    .nonce = (uint64_t) json_object_get_int_member (tx, "nonce"),
    .gas_limit = number_of (tx, "gas"),
    .max_fee = number_of (tx, "maxFeePerGas"),
    .max_priority_fee = number_of (tx, "maxPriorityFeePerGas"),
    .value = number_of (tx, "value"),
    .data = g_bytes_get_data (data, NULL),
    .data_size = g_bytes_get_size (data),
  };
  size_t room = transaction.data_size + 256, size;
  g_autofree uint8_t *out = g_malloc (room);
  PtHash hash;

  g_assert_true (pt_address_from_text (PERMUTE, pt_text (json_object_get_string_member (tx, "to")),
                                       transaction.to));
  g_assert_cmpint (pt_transaction_sign (&transaction, PERMUTE, signer, out, room, &size, &hash), ==,
                   PT_OK);
  g_assert_cmpmem (out, size, g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  g_assert_cmpmem (hash.bytes, sizeof hash.bytes, g_bytes_get_data (identity, NULL),
                   g_bytes_get_size (identity));

  /* Any less room is refused, and nothing is written past it. */
  for (size_t less = 0; less < size; less += 1 + less / 8)
    {
      g_autofree uint8_t *small = g_malloc (less + 1);
      size_t written;

      small[less] = 0xee;
      g_assert_cmpint (
          pt_transaction_sign (&transaction, PERMUTE, signer, small, less, &written, &hash), ==,
          PT_NO_SPACE);
      g_assert_cmpuint (written, ==, 0);
      g_assert_cmpuint (small[less], ==, 0xee);
    }
}

static PtEthereumSigner *
signer_of_vectors (JsonObject *vectors)
{
  g_autoptr (GBytes) scalar = bytes_of (json_object_get_string_member (vectors, "private_key"));

  g_assert_cmpuint (g_bytes_get_size (scalar), ==, 32);
  return pt_ethereum_signer_new (g_bytes_get_data (scalar, NULL));
}

static void
test_vectors (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("ethereum-tx.json");
  JsonObject *vectors = json_node_get_object (root);
  JsonArray *transactions = json_object_get_array_member (vectors, "transactions");
  g_autoptr (PtEthereumSigner) signer = signer_of_vectors (vectors);
  char address[43];

  g_assert_nonnull (signer);
  pt_address_to_text (PERMUTE, signer->address, address);
  g_assert_cmpstr (address, ==, json_object_get_string_member (vectors, "address"));
  g_assert_cmpuint (json_array_get_length (transactions), ==, 3);
  for (guint i = 0; i < json_array_get_length (transactions); i++)
    check_transaction (json_array_get_object_element (transactions, i), signer);
}

static bool
refuse_to_sign (void *context, const PtHash *digest, uint8_t r[32], uint8_t s[32],
                uint8_t *y_parity)
{
  return false;
}

static void
test_refusals (void)
{
  PtEthereumSigner signer = { .sign = refuse_to_sign };
  PtTransaction transaction = { .chain_id = 1, .max_fee = 2, .max_priority_fee = 2 };
  uint8_t out[256];
  size_t size;
  PtHash hash;

  g_assert_cmpint (
      pt_transaction_sign (&transaction, PERMUTE, &signer, out, sizeof out, &size, &hash), ==,
      PT_BAD_KEY);
  transaction.max_priority_fee = 3; /* more than in all */
  g_assert_cmpint (
      pt_transaction_sign (&transaction, PERMUTE, &signer, out, sizeof out, &size, &hash), ==,
      PT_MALFORMED);
}

static void
test_keys (void)
{
  /* n and n - 1 of secp256k1 (SEC 2 section 2.4.1). */
  static const uint8_t order[32]
      = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
          0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
          0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41 };
  uint8_t scalar[32] = { 0 };
  g_autoptr (PtEthereumSigner) first = NULL, last = NULL;
  char address[43];

  g_assert_null (pt_ethereum_signer_new (scalar));
  g_assert_null (pt_ethereum_signer_new (order));
  memset (scalar, 0xff, sizeof scalar);
  g_assert_null (pt_ethereum_signer_new (scalar));

  memset (scalar, 0, sizeof scalar);
  scalar[31] = 1;
  first = pt_ethereum_signer_new (scalar);
  g_assert_nonnull (first);
  pt_address_to_text (PERMUTE, first->address, address);
  g_assert_cmpstr (address, ==, "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
  memcpy (scalar, order, sizeof scalar);
  scalar[31]--;
  last = pt_ethereum_signer_new (scalar);
  g_assert_nonnull (last);
  pt_ethereum_signer_free (NULL);
}

static bool
is_address (const char *text)
{
  uint8_t address[20];

  return pt_address_from_text (PERMUTE, pt_text (text), address);
}

/* The examples of EIP-55. */
static void
test_addresses (void)
{
  static const char *const good[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      uint8_t address[20];
      char text[43];

      g_assert_true (pt_address_from_text (PERMUTE, pt_text (good[i]), address));
      pt_address_to_text (PERMUTE, address, text);
      g_assert_cmpstr (text, ==, good[i]);
    }
  g_assert_true (is_address ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
  g_assert_true (is_address ("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"));
  g_assert_false (is_address ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed")); /* one letter off */
  g_assert_false (is_address ("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
  g_assert_false (is_address ("0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
  g_assert_false (is_address ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae"));
  g_assert_false (is_address ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed0"));
  g_assert_false (is_address ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg"));
  g_assert_false (is_address (""));
}

/* The first two contracts that the first development account of anvil and hardhat creates. */
static void
test_contract_addresses (void)
{
  uint8_t creator[20], contract[20];
  char text[43];

  g_assert_true (pt_address_from_text (
      PERMUTE, pt_text ("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), creator));
  pt_address_of_contract (PERMUTE, creator, 0, contract);
  pt_address_to_text (PERMUTE, contract, text);
  g_assert_cmpstr (text, ==, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
  pt_address_of_contract (PERMUTE, creator, 1, contract);
  pt_address_to_text (PERMUTE, contract, text);
  g_assert_cmpstr (text, ==, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transaction/vectors", test_vectors);
  g_test_add_func ("/transaction/refusals", test_refusals);
  g_test_add_func ("/transaction/keys", test_keys);
  g_test_add_func ("/transaction/addresses", test_addresses);
  g_test_add_func ("/transaction/contract-addresses", test_contract_addresses);
  return g_test_run ();
}
