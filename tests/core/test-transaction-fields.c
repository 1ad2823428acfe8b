/* SPDX-License-Identifier: Apache-2.0 */

/* Transactions read back field by field, with signatures that no key would make: leading zeros,
 * zeros, the largest values. */

#include "pt-ethereum-key.h"
#include "pt-members.h"
#include "pt-rlp-reader.h"
#include "pt-transaction.h"
#include "pt-vectors.h"

#define PERMUTE pt_keccak_permutation_nettle

enum
{
  CHAIN_ID,
  NONCE,
  MAX_PRIORITY_FEE,
  MAX_FEE,
  GAS_LIMIT,
  TO,
  VALUE,
  DATA,
  ACCESS_LIST,
  Y_PARITY,
  R,
  S,
  FIELD_COUNT
};

/* A signer that answers what it was told to. */
typedef struct
{
  uint8_t r[32], s[32], y_parity;
  bool refuse;
  PtHash digest; /* what it was last given */
  int calls;
} Scripted;

static bool
scripted_sign (void *context, const PtHash *digest, uint8_t r[32], uint8_t s[32], uint8_t *y_parity)
{
  Scripted *scripted = context;

  scripted->digest = *digest;
  scripted->calls++;
  memcpy (r, scripted->r, 32);
  memcpy (s, scripted->s, 32);
  *y_parity = scripted->y_parity;
  return !scripted->refuse;
}

static PtResult
sign (const PtTransaction *transaction, Scripted *scripted, uint8_t *out, size_t room, size_t *size,
      PtHash *hash)
{
  PtEthereumSigner signer = { .sign = scripted_sign, .context = scripted };

  memset (hash, 0xee, sizeof *hash);
  *size = 99;
  return pt_transaction_sign (transaction, PERMUTE, &signer, out, room, size, hash);
}

/* The fields of a raw transaction, which must be all of it. */
static void
read_fields (const uint8_t *raw, size_t size, PtRlpItem items[FIELD_COUNT])
{
  PtRlpItem list;

  g_assert_cmpuint (raw[0], ==, 2);
  raw++;
  size--;
  g_assert_true (pt_rlp_read (&raw, &size, &list));
  g_assert_true (list.list);
  g_assert_cmpuint (size, ==, 0);
  for (size_t i = 0; i < FIELD_COUNT; i++)
    {
      g_assert_true (pt_rlp_read (&list.data, &list.size, &items[i]));
      g_assert_cmpint (items[i].list, ==, i == ACCESS_LIST);
    }
  g_assert_cmpuint (list.size, ==, 0);
}

/* An integer's bytes, without leading zeros, are the big-endian @expected. */
static void
assert_integer (const PtRlpItem *item, const uint8_t *expected, size_t size)
{
  while (size > 0 && *expected == 0)
    {
      expected++;
      size--;
    }
  g_assert_cmpmem (item->data, item->size, expected, size);
}

static void
assert_number (const PtRlpItem *item, uint64_t expected)
{
  uint8_t bytes[8];

  for (size_t i = 0; i < 8; i++)
    bytes[i] = (uint8_t) (expected >> (56 - 8 * i));
  assert_integer (item, bytes, sizeof bytes);
}

static void
check_fields (const PtTransaction *transaction, Scripted *scripted)
{
  const uint64_t numbers[]
      = { transaction->chain_id, transaction->nonce, transaction->max_priority_fee,
          transaction->max_fee, transaction->gas_limit };
  g_autofree uint8_t *out = g_malloc (transaction->data_size + 256);
  PtRlpItem items[FIELD_COUNT];
  PtHash hash, expected;
  size_t size;

  g_assert_cmpint (sign (transaction, scripted, out, transaction->data_size + 256, &size, &hash),
                   ==, PT_OK);
  read_fields (out, size, items);
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    assert_number (&items[i], numbers[i]);
  g_assert_cmpmem (items[TO].data, items[TO].size, transaction->to, transaction->create ? 0 : 20);
  assert_number (&items[VALUE], transaction->value);
  g_assert_cmpmem (items[DATA].data, items[DATA].size, transaction->data, transaction->data_size);
  g_assert_cmpuint (items[ACCESS_LIST].size, ==, 0);
  assert_number (&items[Y_PARITY], scripted->y_parity);
  assert_integer (&items[R], scripted->r, 32);
  assert_integer (&items[S], scripted->s, 32);
  pt_keccak256 (PERMUTE, out, size, &expected);
  pt_assert_hash (hash, expected);
}

static PtTransaction
usual (void)
{
  PtTransaction transaction = { .chain_id = 31337,
                                .nonce = 7,
                                .gas_limit = 21000,
                                .max_fee = 2000000000,
                                .max_priority_fee = 1000000000 };

  memset (transaction.to, 0xab, sizeof transaction.to);
  return transaction;
}

static Scripted
usual_signature (void)
{
  Scripted scripted = { .y_parity = 1 };

  memset (scripted.r, 0x91, 32);
  memset (scripted.s, 0x12, 32);
  return scripted;
}

/* Each number at each of its edges, the others as usual. */
static void
test_numbers (void)
{
  const uint64_t edges[]
      = { 0, 1, 127, 128, 255, 256, 65535, 65536, UINT32_MAX, INT64_MAX, UINT64_MAX - 1 };

  for (size_t i = 0; i < G_N_ELEMENTS (edges); i++)
    {
      PtTransaction changed[6];
      Scripted scripted = usual_signature ();

      for (size_t j = 0; j < G_N_ELEMENTS (changed); j++)
        changed[j] = usual ();
      changed[0].chain_id = edges[i];
      changed[1].nonce = edges[i];
      changed[2].gas_limit = edges[i];
      changed[3].max_fee = MAX (edges[i], changed[3].max_priority_fee);
      changed[4].max_fee = changed[4].max_priority_fee = edges[i];
      changed[5].value = edges[i];
      for (size_t j = 0; j < G_N_ELEMENTS (changed); j++)
        check_fields (&changed[j], &scripted);
    }
}

/* EIP-1559's r and s are integers: each leading zero byte is left out, up to all of them. */
static void
test_signature_zeros (void)
{
  PtTransaction transaction = usual ();

  for (size_t zeros = 0; zeros <= 32; zeros++)
    for (int byte = 1; byte < 256; byte += 42)
      {
        Scripted r = usual_signature (), s = usual_signature ();

        memset (r.r, 0, zeros);
        memset (s.s, 0, zeros);
        if (zeros < 32)
          r.r[zeros] = s.s[zeros] = (uint8_t) byte;
        r.y_parity = 0;
        check_fields (&transaction, &r);
        check_fields (&transaction, &s);
      }
}

static void
test_recipient_and_data (void)
{
  const size_t sizes[] = { 0, 1, 2, 55, 56, 57, 200, 255, 256, 257, 65535, 65536, 100000 };
  g_autofree uint8_t *data = g_malloc0 (100000);

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int create = 0; create < 2; create++)
      {
        g_autofree uint8_t *tight = g_memdup2 (data, MAX (sizes[i], 1));
        PtTransaction transaction = usual ();
        Scripted scripted = usual_signature ();

        transaction.create = create != 0;
        transaction.data = tight;
        transaction.data_size = sizes[i];
        check_fields (&transaction, &scripted);
        memset (transaction.to, 0, sizeof transaction.to); /* an address keeps its zeros */
        check_fields (&transaction, &scripted);
      }
}

/* Every field has its part in what is signed. */
static void
test_digest_covers (void)
{
  static const uint8_t data[] = { 1, 2, 3 };
  GHashTable *digests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PtTransaction changed[10];

  for (size_t i = 0; i < G_N_ELEMENTS (changed); i++)
    changed[i] = usual ();
  changed[1].chain_id++;
  changed[2].nonce++;
  changed[3].gas_limit++;
  changed[4].max_fee++;
  changed[5].max_priority_fee++;
  changed[6].create = true;
  changed[7].to[19] ^= 1;
  changed[8].value++;
  changed[9].data = data;
  changed[9].data_size = sizeof data;
  for (size_t i = 0; i < G_N_ELEMENTS (changed); i++)
    {
      Scripted scripted = usual_signature ();
      char hex[65] = "";

      check_fields (&changed[i], &scripted);
      g_assert_cmpint (scripted.calls, ==, 1);
      pt_hex_encode (scripted.digest.bytes, PT_HASH_SIZE, hex, 64);
      g_assert_true (g_hash_table_add (digests, g_strdup (hex)));
    }
  g_hash_table_unref (digests);
}

typedef struct
{
  uint64_t max_fee, max_priority_fee, nonce;
  uint8_t y_parity;
  bool refuse;
  PtResult expected;
  int calls; /* of the signer: what no node takes is not signed */
} Refusal;

static void
test_refusals (void)
{
  static const Refusal cases[] = {
    { 5, 5, 0, 0, false, PT_OK, 1 },
    { 5, 5, 0, 1, false, PT_OK, 1 },
    { 5, 6, 0, 0, false, PT_MALFORMED, 0 },
    { 0, 1, 0, 0, false, PT_MALFORMED, 0 },
    { 5, UINT64_MAX, 0, 0, false, PT_MALFORMED, 0 },
    { 5, 5, UINT64_MAX, 0, false, PT_MALFORMED, 0 }, /* EIP-2681 */
    { 5, 5, UINT64_MAX - 1, 0, false, PT_OK, 1 },
    { 5, 5, 0, 2, false, PT_BAD_KEY, 1 },
    { 5, 5, 0, 27, false, PT_BAD_KEY, 1 }, /* as before EIP-155 */
    { 5, 5, 0, 255, false, PT_BAD_KEY, 1 },
    { 5, 5, 0, 0, true, PT_BAD_KEY, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtTransaction transaction = usual ();
      Scripted scripted = usual_signature ();
      static const PtHash zero;
      uint8_t out[256];
      PtHash hash;
      size_t size;

      transaction.max_fee = cases[i].max_fee;
      transaction.max_priority_fee = cases[i].max_priority_fee;
      transaction.nonce = cases[i].nonce;
      scripted.y_parity = cases[i].y_parity;
      scripted.refuse = cases[i].refuse;
      g_test_message ("case %zu", i);
      g_assert_cmpint (sign (&transaction, &scripted, out, sizeof out, &size, &hash), ==,
                       cases[i].expected);
      g_assert_cmpint (scripted.calls, ==, cases[i].calls);
      g_assert_cmpint (size == 0, ==, cases[i].expected != PT_OK);
      g_assert_cmpint (memcmp (&hash, &zero, sizeof hash) == 0, ==, cases[i].expected != PT_OK);
    }
}

/* Every room that is too small; without room for what is signed, the signer is not asked. */
static void
test_no_space (void)
{
  static const PtHash zero;
  PtTransaction transaction = usual ();
  uint8_t whole[256];
  Scripted scripted = usual_signature ();
  size_t needed, size;
  PtHash hash;

  g_assert_cmpint (sign (&transaction, &scripted, whole, sizeof whole, &needed, &hash), ==, PT_OK);
  for (size_t room = 0; room < needed; room++)
    {
      g_autofree uint8_t *tight = g_malloc (MAX (room, 1));

      scripted.calls = 0;
      g_assert_cmpint (sign (&transaction, &scripted, tight, room, &size, &hash), ==, PT_NO_SPACE);
      g_assert_cmpuint (size, ==, 0);
      pt_assert_hash (hash, zero);
      g_assert_cmpint (scripted.calls, ==, room + 1 + 33 + 33 + 1 < needed ? 0 : 1);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transaction-fields/numbers", test_numbers);
  g_test_add_func ("/transaction-fields/signature-zeros", test_signature_zeros);
  g_test_add_func ("/transaction-fields/recipient-and-data", test_recipient_and_data);
  g_test_add_func ("/transaction-fields/digest-covers", test_digest_covers);
  g_test_add_func ("/transaction-fields/refusals", test_refusals);
  g_test_add_func ("/transaction-fields/no-space", test_no_space);
  return g_test_run ();
}
