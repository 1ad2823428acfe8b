/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vectors.h"

#include "pt-p256.h"
#include "pt-p256-lanes.h"
#include "pt-sha256.h"

static GBytes *
from_hex (const char *hex)
{
  size_t size;
  uint8_t *bytes = pt_bytes_from_hex (hex, &size);

  return g_bytes_new_take (bytes, size);
}

/* One test of the set. */
typedef struct
{
  GBytes *key, *signature;
  PtHash digest;
  bool valid;
  gint64 id;
  char *comment;
} Case;

static void
case_clear (gpointer data)
{
  Case *one = data;

  g_bytes_unref (one->key);
  g_bytes_unref (one->signature);
  g_free (one->comment);
}

static void
add_case (GArray *cases, const char *key_hex, JsonObject *test)
{
  g_autoptr (GBytes) message = from_hex (json_object_get_string_member (test, "msg"));
  Case one = { .key = from_hex (key_hex),
               .signature = from_hex (json_object_get_string_member (test, "sig")),
               .valid = g_str_equal (json_object_get_string_member (test, "result"), "valid"),
               .id = json_object_get_int_member (test, "tcId"),
               .comment = g_strdup (json_object_get_string_member (test, "comment")) };

  g_assert_cmpuint (g_bytes_get_size (one.key), ==, PT_PUBLIC_KEY_SIZE);
  pt_sha256 (g_bytes_get_data (message, NULL), g_bytes_get_size (message), &one.digest);
  g_array_append_val (cases, one);
}

/* All of the set. */
static GArray *
read_cases (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("wycheproof-ecdsa-p256-sha256-p1363.json");
  JsonObject *set = json_node_get_object (root);
  JsonArray *groups = json_object_get_array_member (set, "testGroups");
  GArray *cases = g_array_new (FALSE, FALSE, sizeof (Case));

  g_array_set_clear_func (cases, case_clear);
  for (guint i = 0; i < json_array_get_length (groups); i++)
    {
      JsonObject *group = json_array_get_object_element (groups, i);
      JsonArray *tests = json_object_get_array_member (group, "tests");
      const char *key = json_object_get_string_member (
          json_object_get_object_member (group, "publicKey"), "uncompressed");

      for (guint j = 0; j < json_array_get_length (tests); j++)
        add_case (cases, key, json_array_get_object_element (tests, j));
    }
  g_assert_cmpint (cases->len, ==, json_object_get_int_member (set, "numberOfTests"));
  g_assert_cmpint (cases->len, >=, 250);
  return cases;
}

/* A signature that is not 64 bytes long never comes to a verifier: an entry's base64url would not
 * decode. */
static bool
comes_to_verifier (const Case *one)
{
  return g_bytes_get_size (one->signature) == PT_SIGNATURE_SIZE;
}

static void
test_set (const void *method)
{
  g_autoptr (GArray) cases = read_cases ();
  PtVerifier *verifier = pt_p256_verifier_new ((PtP256Method) GPOINTER_TO_INT (method));

  g_assert_nonnull (verifier);
  for (guint i = 0; i < cases->len; i++)
    {
      const Case *one = &g_array_index (cases, Case, i);
      bool holds = comes_to_verifier (one)
                   && verifier->verify (verifier->context, g_bytes_get_data (one->key, NULL),
                                        &one->digest, g_bytes_get_data (one->signature, NULL));

      if (holds != one->valid)
        g_error ("test %" G_GINT64_FORMAT ": %s", one->id, one->comment);
    }
  pt_p256_verifier_free (verifier);
}

/* All of the set at once, from each place of the eight, and fewer than eight. */
static void
test_many (void)
{
  g_autoptr (GArray) cases = read_cases ();
  PtVerifier *verifier = pt_p256_lanes_new ();
  g_autofree PtSignatureCheck *checks = g_new0 (PtSignatureCheck, cases->len);

  for (guint i = cases->len; i > 0; i--)
    if (!comes_to_verifier (&g_array_index (cases, Case, i - 1)))
      g_array_remove_index (cases, i - 1);
  g_assert_cmpuint (cases->len, >=, 200);
  g_test_message ("checked by %s", pt_p256_lanes_name ());
  for (guint i = 0; i < cases->len; i++)
    {
      const Case *one = &g_array_index (cases, Case, i);

      checks[i].public_key = g_bytes_get_data (one->key, NULL);
      checks[i].digest = &one->digest;
      checks[i].signature = g_bytes_get_data (one->signature, NULL);
    }
  for (guint from = 0; from < 16; from++)
    {
      pt_verifier_check (verifier, checks + from, from < 8 ? cases->len - from : from - 7);
      for (guint i = from; i < (from < 8 ? cases->len : 2 * from - 7); i++)
        {
          const Case *one = &g_array_index (cases, Case, i);

          if (checks[i].holds != one->valid)
            g_error ("test %" G_GINT64_FORMAT " in lane %u: %s", one->id, (i - from) % 8,
                     one->comment);
        }
    }
  pt_p256_lanes_free (verifier);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/wycheproof/fast", GINT_TO_POINTER (PT_P256_FAST), test_set);
  g_test_add_data_func ("/wycheproof/evp", GINT_TO_POINTER (PT_P256_EVP), test_set);
  g_test_add_func ("/wycheproof/many", test_many);
  return g_test_run ();
}
