/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-receipt.h"

#include "pt-p256.h"
#include "pt-vectors.h"

typedef struct
{
  JsonNode *node;
  JsonObject *root;
  PtVerifier *verifier;
  guint8 service[PT_PUBLIC_KEY_SIZE];
} Vectors;

static void
vectors_load (Vectors *vectors)
{
  vectors->node = pt_vectors_load ("v2/receipts.json");
  vectors->root = json_node_get_object (vectors->node);
  vectors->verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_assert_true (
      pt_base64url_decode (pt_text (json_object_get_string_member (vectors->root, "service_key")),
                           vectors->service, sizeof vectors->service));
}

static void
vectors_clear (Vectors *vectors)
{
  pt_p256_verifier_free (vectors->verifier);
  json_node_unref (vectors->node);
}

static PtResult
judge (const Vectors *vectors, const char *text, PtReceipt *receipt)
{
  PtResult result = pt_receipt_parse (pt_text (text), receipt);

  return result == PT_OK ? pt_receipt_verify (receipt, vectors->verifier, vectors->service)
                         : result;
}

/* All receipts of each commit: they hold, and are written as they were read. */
static void
test_hold (void)
{
  JsonArray *commits;
  Vectors vectors;

  vectors_load (&vectors);
  commits = json_object_get_array_member (vectors.root, "commits");
  for (guint i = 0; i < json_array_get_length (commits); i++)
    {
      JsonArray *receipts
          = json_object_get_array_member (json_array_get_object_element (commits, i), "receipts");

      for (guint j = 0; j < json_array_get_length (receipts); j++)
        {
          const char *text = json_object_get_string_member (
              json_array_get_object_element (receipts, j), "receipt");
          char written[PT_RECEIPT_MAX];
          PtReceipt receipt;
          size_t size;

          g_assert_cmpstr (pt_result_slug (judge (&vectors, text, &receipt)), ==, "ok");
          g_assert_cmpint (pt_receipt_write (&receipt, written, sizeof written, &size), ==, PT_OK);
          g_assert_cmpmem (written, size, text, strlen (text));
          g_assert_cmpint (pt_receipt_write (&receipt, written, size - 1, &size), ==, PT_NO_SPACE);
        }
    }
  vectors_clear (&vectors);
}

static void
test_refused (void)
{
  JsonArray *cases;
  Vectors vectors;

  vectors_load (&vectors);
  cases = json_object_get_array_member (vectors.root, "invalid");
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      PtReceipt receipt;
      PtResult result = judge (&vectors, json_object_get_string_member (c, "receipt"), &receipt);

      g_test_message ("%s: %s", json_object_get_string_member (c, "why"), pt_result_slug (result));
      g_assert_cmpint (result, !=, PT_OK);
    }
  vectors_clear (&vectors);
}

/* The anchored batch whose window holds the receipt's entry, as a reader of the chain finds it. */
static PtReceiptFacts
facts_of (JsonObject *facts, const PtReceipt *receipt)
{
  JsonArray *batches = json_object_get_array_member (facts, "batches");
  PtReceiptFacts out
      = { .final_time = json_object_get_int_member (facts, "final_block_time") * 1000 };

  for (guint i = 0; i < json_array_get_length (batches); i++)
    {
      JsonObject *batch = json_array_get_object_element (batches, i);

      if (receipt->received < json_object_get_int_member (batch, "from")
          || receipt->received >= json_object_get_int_member (batch, "to"))
        continue;
      out.is_anchored = true;
      out.anchored = json_object_get_int_member (batch, "block_time") * 1000;
      out.holds_leaf = json_object_get_boolean_member (batch, "holds_leaf");
    }
  return out;
}

static void
test_promises (void)
{
  JsonArray *cases;
  Vectors vectors;

  vectors_load (&vectors);
  cases = json_object_get_array_member (vectors.root, "promises");
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      PtReceipt receipt;
      PtReceiptFacts facts;

      g_test_message ("%s", json_object_get_string_member (c, "why"));
      g_assert_cmpint (judge (&vectors, json_object_get_string_member (c, "receipt"), &receipt), ==,
                       PT_OK);
      facts = facts_of (json_object_get_object_member (c, "facts"), &receipt);
      g_assert_cmpstr (pt_promise_name (pt_receipt_judge (&receipt, &facts)), ==,
                       json_object_get_string_member (c, "verdict"));
    }
  vectors_clear (&vectors);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/receipt/hold", test_hold);
  g_test_add_func ("/receipt/refused", test_refused);
  g_test_add_func ("/receipt/promises", test_promises);
  return g_test_run ();
}
