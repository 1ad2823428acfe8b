/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-anchor-call.h"

#include <string.h>

#include "pt-error.h"
#include "pt-ethereum-key.h"

#define CHAIN_ID 31337

static const guint8 scalar[32] = { 0x11, 0x22, 0x33, 0x44 };

static void
fill_rows (PtBatchRow *rows, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      rows[i] = (PtBatchRow){ .batch = i + 1, .size = 10 * (i + 1), .from = 1000, .to = 2000 };
      g_strlcpy (rows[i].area_id, "east", sizeof rows[i].area_id);
      memset (rows[i].cid.bytes, (int) i, sizeof rows[i].cid.bytes);
    }
}

/* From one to the most; each more makes the call longer, and none is the same. */
static void
test_call (void)
{
  g_autofree PtBatchRow *rows = g_new (PtBatchRow, PT_ANCHOR_MAX);
  gsize before = 0;

  fill_rows (rows, PT_ANCHOR_MAX);
  for (guint count = 1; count <= PT_ANCHOR_MAX; count++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) call = pt_anchor_call_data (rows, count, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (call), >, before);
      g_assert_cmpuint (g_bytes_get_size (call) % 32, ==, 4); /* selector and words */
      before = g_bytes_get_size (call);
    }
}

/* Batches of which no call can be made are a damaged store. */
static void
test_damaged_rows (void)
{
  g_autoptr (GError) error = NULL;
  PtBatchRow row;

  fill_rows (&row, 1);
  row.area_id[0] = '\0';
  g_assert_null (pt_anchor_call_data (&row, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
}

static PtTransactionRow *
sign (const PtEthereumSigner *signer, const char *data)
{
  g_autoptr (GError) error = NULL;
  PtTransaction transaction = { .chain_id = CHAIN_ID,
                                .nonce = 300,
                                .max_fee = G_GUINT64_CONSTANT (5000000000),
                                .max_priority_fee = 7,
                                .gas_limit = 123456,
                                .data = (const guint8 *) data,
                                .data_size = strlen (data) };
  PtTransactionRow *row;

  memset (transaction.to, 0xab, sizeof transaction.to);
  row = pt_anchor_sign (&transaction, signer, 99, &error);
  g_assert_no_error (error);
  g_assert_cmpint (row->sent, ==, 99);
  g_assert_cmpuint (row->nonce, ==, 300);
  g_assert_cmpuint (row->versions->len, ==, 1);
  return row;
}

/* What was signed is read back from its bytes, to be bumped after a new start. */
static void
test_read (void)
{
  static const char *const datas[]
      = { "", "x", "\x7f", "0123456789012345678901234567890123456789",
          "012345678901234567890123456789012345678901234567890123456" };
  PtEthereumSigner *signer = pt_ethereum_signer_new (scalar);

  for (guint i = 0; i < G_N_ELEMENTS (datas); i++)
    {
      g_autoptr (GError) error = NULL;
      PtTransactionRow *row = sign (signer, datas[i]);
      PtTransaction read;
      guint64 chain_id;
      guint8 account[20];

      g_assert_true (pt_anchor_read (row->raw, &read, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (read.chain_id, ==, CHAIN_ID);
      g_assert_cmpuint (read.nonce, ==, 300);
      g_assert_cmpuint (read.max_fee, ==, G_GUINT64_CONSTANT (5000000000));
      g_assert_cmpuint (read.max_priority_fee, ==, 7);
      g_assert_cmpuint (read.gas_limit, ==, 123456);
      g_assert_cmpuint (read.to[19], ==, 0xab);
      g_assert_cmpmem (read.data, read.data_size, datas[i], strlen (datas[i]));
      g_assert_true (pt_anchor_owner (row->raw, &chain_id, account, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (chain_id, ==, CHAIN_ID);
      g_assert_cmpmem (account, 20, signer->address, 20);
      g_assert_cmpmem (row->account, 20, signer->address, 20);
      g_assert_cmpuint (row->chain_id, ==, CHAIN_ID);
      pt_transaction_row_free (row);
    }
  pt_ethereum_signer_free (signer);
}

/* Cut anywhere, or of another kind: the store holds what was not put there, and nothing is read. */
static void
test_damaged_bytes (void)
{
  PtEthereumSigner *signer = pt_ethereum_signer_new (scalar);
  PtTransactionRow *row = sign (signer, "0123456789");
  g_autofree guint8 *legacy = NULL;
  g_autoptr (GBytes) other = NULL;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (row->raw, &size);

  for (gsize cut = 0; cut < size; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new (bytes, cut);
      g_autoptr (GError) error = NULL;
      PtTransaction read = { .nonce = 1 };
      guint64 chain_id;
      guint8 account[20];

      g_assert_false (pt_anchor_owner (part, &chain_id, account, NULL));
      g_assert_false (pt_anchor_read (part, &read, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
      g_assert_cmpuint (read.nonce, ==, 0);
    }
  legacy = g_memdup2 (bytes, size);
  legacy[0] = 0x01;
  other = g_bytes_new (legacy, size);
  {
    g_autoptr (GError) error = NULL;
    PtTransaction read;

    g_assert_false (pt_anchor_read (other, &read, &error));
    g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
  }
  pt_transaction_row_free (row);
  pt_ethereum_signer_free (signer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/anchor-call/call", test_call);
  g_test_add_func ("/anchor-call/damaged-rows", test_damaged_rows);
  g_test_add_func ("/anchor-call/read", test_read);
  g_test_add_func ("/anchor-call/damaged-bytes", test_damaged_bytes);
  return g_test_run ();
}
