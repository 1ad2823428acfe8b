/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-p256-pem.h"

#include <glib.h>
#include <string.h>

static void
assert_same (const PtP256Key *one, const PtP256Key *other)
{
  guint8 a[32], b[32];

  g_assert_nonnull (other);
  pt_p256_key_to_scalar (one, a);
  pt_p256_key_to_scalar (other, b);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

/* Out and in again, plain and sealed; a wrong passphrase, or none, opens nothing. */
static void
test_round (void)
{
  PtP256Key *key = pt_p256_key_generate (), *back;
  char plain[PT_P256_PEM_MAX], sealed[PT_P256_PEM_MAX];
  size_t plain_size = pt_p256_key_to_pem (key, NULL, plain, sizeof plain);
  size_t sealed_size = pt_p256_key_to_pem (key, "correct horse", sealed, sizeof sealed);
  const char *message = NULL;

  g_assert_cmpuint (plain_size, ==, strlen (plain));
  g_assert_true (g_str_has_prefix (plain, "-----BEGIN PRIVATE KEY-----\n"));
  g_assert_true (g_str_has_prefix (sealed, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  g_assert_false (pt_p256_pem_is_encrypted (plain, plain_size));
  g_assert_true (pt_p256_pem_is_encrypted (sealed, sealed_size));
  back = pt_p256_key_from_pem (plain, plain_size, NULL, &message);
  assert_same (key, back);
  pt_p256_key_free (back);
  back = pt_p256_key_from_pem (sealed, sealed_size, "correct horse", &message);
  assert_same (key, back);
  pt_p256_key_free (back);
  g_assert_null (pt_p256_key_from_pem (sealed, sealed_size, "wrong horse", &message));
  g_assert_cmpstr (message, ==, "there is no private key that opens with this passphrase");
  g_assert_null (pt_p256_key_from_pem (sealed, sealed_size, NULL, &message));
  pt_p256_key_free (key);
}

/* What is no key, of another curve, or has no room. */
static void
test_refused (void)
{
  static const char ed25519[] = "-----BEGIN PRIVATE KEY-----\n"
                                "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                "-----END PRIVATE KEY-----\n";
  PtP256Key *key = pt_p256_key_generate ();
  const char *message = NULL;
  char small[64];

  g_assert_null (pt_p256_key_from_pem ("", 0, NULL, &message));
  g_assert_null (pt_p256_key_from_pem ("nonsense", 8, "x", &message));
  g_assert_null (pt_p256_key_from_pem (ed25519, strlen (ed25519), NULL, &message));
  g_assert_cmpstr (message, ==, "the key file holds a key that is not on the curve P-256");
  g_assert_cmpuint (pt_p256_key_to_pem (key, NULL, small, sizeof small), ==, 0);
  g_assert_cmpuint (small[0], ==, 0);
  pt_p256_key_free (key);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/p256-pem/round", test_round);
  g_test_add_func ("/p256-pem/refused", test_refused);
  return g_test_run ();
}
