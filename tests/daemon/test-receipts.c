/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts: every path of trees of every shape, one signature over the root. */
#include "pt-receipts.h"

#include <string.h>

#include "pt-p256.h"
#include "pt-receipt.h"

static PtP256Key *key;
static PtSigner signer;

static void
check_receipt (const PtReceipts *receipts, guint index, guint size)
{
  g_autoptr (GBytes) bytes = pt_receipts_write (receipts, index);
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_FAST);
  PtReceipt receipt;
  gsize text_size;
  const char *text;

  g_assert_nonnull (bytes);
  text = g_bytes_get_data (bytes, &text_size);
  /* Which holds the path against the root. */
  g_assert_cmpint (pt_receipt_parse (pt_span (text, text_size), &receipt), ==, PT_OK);
  g_assert_cmpint (pt_receipt_verify (&receipt, verifier, signer.public_key), ==, PT_OK);
  g_assert_cmpuint (receipt.index, ==, index);
  g_assert_cmpuint (receipt.size, ==, size);
  g_assert_cmpmem (&receipt.leaf, PT_HASH_SIZE, pt_receipts_leaf (receipts, index), PT_HASH_SIZE);
  g_assert_true (pt_span_is (receipt.area, "demo-east"));
  pt_p256_verifier_free (verifier);
}

static PtReceipts *
make_receipts (guint count, gint64 received)
{
  const PtReceiptTerms terms = { &signer, 60000, 5000 };
  PtReceipts *receipts = pt_receipts_new ();

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *entry = g_strdup_printf ("{\"n\":%u}", i);

      pt_receipts_add (receipts, pt_span (entry, strlen (entry)));
    }
  g_assert_null (pt_receipts_write (receipts, 0));
  g_assert_true (pt_receipts_sign (receipts, "demo-east", received, &terms));
  return receipts;
}

static void
test_paths (void)
{
  for (guint count = 1; count <= 70; count++)
    {
      g_autoptr (PtReceipts) receipts = make_receipts (count, 1000);
      PtFrontier frontier;
      PtReceipt receipt;
      PtHash root;
      g_autoptr (GBytes) bytes = NULL;
      gsize size;
      const char *text;

      pt_frontier_init (&frontier);
      for (guint i = 0; i < count; i++)
        {
          check_receipt (receipts, i, count);
          pt_frontier_append (&frontier, pt_receipts_leaf (receipts, i));
        }
      pt_frontier_root (&frontier, &root);
      bytes = pt_receipts_write (receipts, 0);
      text = g_bytes_get_data (bytes, &size);
      g_assert_cmpint (pt_receipt_parse (pt_span (text, size), &receipt), ==, PT_OK);
      g_assert_cmpmem (&root, PT_HASH_SIZE, &receipt.root, PT_HASH_SIZE);
    }
}

static void
test_large (void)
{
  g_autoptr (PtReceipts) receipts = make_receipts (10000, 1000);

  for (guint i = 0; i < 10000; i += 997)
    check_receipt (receipts, i, 10000);
  check_receipt (receipts, 9999, 10000);
}

/* The end of the window that holds it, which begins at its own boundary, and what it takes after.
 */
static void
test_by (void)
{
  static const struct
  {
    gint64 received, by;
  } cases[] = { { 0, 65000 }, { 59999, 65000 }, { 60000, 125000 }, { 119999, 125000 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PtReceipts) receipts = make_receipts (1, cases[i].received);
      g_autoptr (GBytes) bytes = pt_receipts_write (receipts, 0);
      PtReceipt receipt;
      gsize size;
      const char *text = g_bytes_get_data (bytes, &size);

      g_assert_cmpint (pt_receipt_parse (pt_span (text, size), &receipt), ==, PT_OK);
      g_assert_cmpint (receipt.received, ==, cases[i].received);
      g_assert_cmpint (receipt.by, ==, cases[i].by);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  key = pt_p256_key_generate ();
  g_assert_true (pt_p256_signer_init (&signer, key));
  g_test_add_func ("/receipts/paths", test_paths);
  g_test_add_func ("/receipts/large", test_large);
  g_test_add_func ("/receipts/by", test_by);
  result = g_test_run ();
  pt_p256_signer_clear (&signer);
  pt_p256_key_free (key);
  return result;
}
