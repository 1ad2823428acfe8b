/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ethereum-keystore.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"

/* A file of go-ethereum's own tests (accounts/keystore/testdata), password "foobar". */
#define GETH_ADDRESS "7ef5a6135f1fd6a02593eedc869c6d41d934aef8"
#define VECTOR_SCRYPT                                                                              \
  "{\"address\":\"" GETH_ADDRESS "\",\"crypto\":{\"cipher\":\"aes-128-ctr\",\"ciphertext\":"       \
  "\"1d0839166e7a15b9c1333fc865d69858b22df26815ccf601b28219b6192974e1\",\"cipherparams\":{"        \
  "\"iv\":\"8df6caa7ff1b00c4e871f002cb7921ed\"},\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,"   \
  "\"n\":8,\"p\":16,\"r\":8,\"salt\":"                                                             \
  "\"e5e6ef3f4ea695f496b643ebd3f75c0aa58ef4070e90c80c5d3fb0241bf1595c\"},\"mac\":"                 \
  "\"6d16dfde774845e4585357f24bce530528bc69f4f84e1e22880d34fa45c273e5\"},\"id\":"                  \
  "\"950077c7-71e3-4c44-a4a1-143919141ed4\",\"version\":3}"

/* The Web3 Secret Storage Definition's, password "testpassword". */
#define VECTOR_PBKDF2                                                                              \
  "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":"                              \
  "\"6087dab2f9fdbbfaddc31a909735c1e6\"},\"ciphertext\":"                                          \
  "\"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46\",\"kdf\":\"pbkdf2\","       \
  "\"kdfparams\":{\"c\":262144,\"dklen\":32,\"prf\":\"hmac-sha256\",\"salt\":"                     \
  "\"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd\"},\"mac\":"                 \
  "\"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2\"},\"id\":"                  \
  "\"3198bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}"

/* Its vector for scrypt, which has n = 2^18 with r = 1; RFC 7914 does not allow that. */
#define VECTOR_DEFINITION                                                                          \
  "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":"                              \
  "\"83dbcc02d8ccb40e466191a123791e0e\"},\"ciphertext\":"                                          \
  "\"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c\",\"kdf\":\"scrypt\","       \
  "\"kdfparams\":{\"dklen\":32,\"n\":262144,\"r\":1,\"p\":8,\"salt\":"                             \
  "\"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19\"},\"mac\":"                 \
  "\"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097\"},\"id\":"                  \
  "\"3198bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}"

/* Keys of 31 and 30 bytes, of the same collection, password "foo". */
#define VECTOR_SHORT(iv, ciphertext, salt, mac)                                                    \
  "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":\"" iv                         \
  "\"},\"ciphertext\":\"" ciphertext                                                               \
  "\",\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":2,\"r\":8,\"p\":1,\"salt\":\"" salt     \
  "\"},\"mac\":\"" mac "\"},\"id\":\"fecfc4ce-e956-48fd-953b-30f8b52ed66c\",\"version\":3}"
#define VECTOR_31                                                                                  \
  VECTOR_SHORT ("e0c41130a323adc1446fc82f724bca2f",                                                \
                "9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984",                  \
                "711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63",                \
                "d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5")
#define VECTOR_30                                                                                  \
  VECTOR_SHORT ("3ca92af36ad7c2cd92454c59cea5ef00",                                                \
                "108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa",                    \
                "d0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd3b",                \
                "75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420")

static const guint8 vector_scalar[32]
    = { 0x7a, 0x28, 0xb5, 0xba, 0x57, 0xc5, 0x36, 0x03, 0xb0, 0xb0, 0x7b,
        0x56, 0xbb, 0xa7, 0x52, 0xf7, 0x78, 0x4b, 0xf5, 0x06, 0xfa, 0x95,
        0xed, 0xc3, 0x95, 0xf5, 0xcf, 0x6c, 0x75, 0x14, 0xfe, 0x9d };

typedef struct
{
  char *folder, *key, *password;
} Fixture;

static void
put_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("keystore-XXXXXX", NULL);
  fixture->key = g_build_filename (fixture->folder, "key.json", NULL);
  fixture->password = g_build_filename (fixture->folder, "password", NULL);
  put_file (fixture->password, "testpassword\n");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->key);
  g_unlink (fixture->password);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->key);
  g_free (fixture->password);
}

static void
test_definition (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtEthereumSigner) expected = pt_ethereum_signer_new (vector_scalar), signer = NULL;
  g_autoptr (GError) error = NULL;
  guint8 address[20];

  put_file (fixture->key, VECTOR_PBKDF2);
  signer = pt_ethereum_keystore_read (fixture->key, fixture->password, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (signer->address, 20, expected->address, 20);
  g_assert_false (pt_ethereum_keystore_address (fixture->key, address, &error)); /* names none */
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
}

static void
assert_opens (Fixture *fixture, const char *text, const char *password, const char *scalar)
{
  g_autoptr (PtEthereumSigner) expected = NULL, signer = NULL;
  g_autoptr (GError) error = NULL;
  guint8 bytes[32] = { 0 };
  gsize size = strlen (scalar) / 2;

  g_assert_true (pt_hex_decode (pt_span (scalar, 2 * size), bytes + sizeof bytes - size, size));
  expected = pt_ethereum_signer_new (bytes);
  put_file (fixture->key, text);
  put_file (fixture->password, password);
  signer = pt_ethereum_keystore_read (fixture->key, fixture->password, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (signer->address, 20, expected->address, 20);
}

/* Files that go-ethereum opens (accounts/keystore/testdata/v3_test_vector.json). */
static void
test_others (Fixture *fixture, gconstpointer data)
{
  assert_opens (fixture, VECTOR_DEFINITION, "testpassword",
                "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");
  assert_opens (fixture, VECTOR_31, "foo",
                "fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35");
  assert_opens (fixture, VECTOR_30, "foo",
                "81c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018");
}

static void
test_geth (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtEthereumSigner) signer = NULL;
  g_autoptr (GError) error = NULL;
  guint8 expected[20], address[20];

  g_assert_true (pt_hex_decode (pt_span (GETH_ADDRESS, 40), expected, sizeof expected));
  put_file (fixture->key, VECTOR_SCRYPT);
  put_file (fixture->password, "foobar\r\n");
  signer = pt_ethereum_keystore_read (fixture->key, fixture->password, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (signer->address, 20, expected, 20); /* from the key, not from the file */
  g_assert_true (pt_ethereum_keystore_address (fixture->key, address, &error));
  g_assert_cmpmem (address, 20, expected, 20);
}

static void
check_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtEthereumSigner) expected = pt_ethereum_signer_new (vector_scalar), signer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint8 address[20];
  GStatBuf status;

  g_assert_true (pt_ethereum_keystore_write (fixture->key, vector_scalar, fixture->password,
                                             GPOINTER_TO_INT (data), &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (fixture->key, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_true (pt_ethereum_keystore_address (fixture->key, address, &error));
  g_assert_cmpmem (address, 20, expected->address, 20);
  signer = pt_ethereum_keystore_read (fixture->key, fixture->password, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (signer->address, 20, expected->address, 20);
  g_assert_true (g_file_get_contents (fixture->key, &text, NULL, NULL));
  g_assert_null (strstr (text, "7a28b5ba")); /* not in the clear */

  g_assert_false (pt_ethereum_keystore_write (fixture->key, vector_scalar, fixture->password, TRUE,
                                              &error)); /* never over an existing file */
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
}

static void
assert_unreadable (Fixture *fixture, const char *file, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_ethereum_keystore_read (fixture->key, fixture->password, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  if (strstr (error->message, file) == NULL || strstr (error->message, words) == NULL)
    g_error ("\"%s\" or \"%s\" is not in \"%s\"", file, words, error->message);
  g_assert_null (strstr (error->message, "testpassword"));
}

static void
test_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (70000, ' ');

  assert_unreadable (fixture, fixture->key, "cannot be opened");
  put_file (fixture->key, VECTOR_PBKDF2);
  g_chmod (fixture->key, 0640);
  assert_unreadable (fixture, fixture->key, "chmod 600");
  g_chmod (fixture->key, 0604);
  assert_unreadable (fixture, fixture->key, "chmod 600");
  g_chmod (fixture->key, 0600);
  g_chmod (fixture->password, 0644);
  assert_unreadable (fixture, fixture->password, "chmod 600");
  put_file (fixture->password, "\n");
  assert_unreadable (fixture, fixture->password, "is empty");
  put_file (fixture->password, "wrong");
  assert_unreadable (fixture, fixture->password, "does not open it");
  put_file (fixture->key, large);
  assert_unreadable (fixture, fixture->key, "too large");
}

/* The good file with one part replaced. */
static void
assert_change_refused (Fixture *fixture, const char *part, const char *other, const char *words)
{
  g_autoptr (GString) text = g_string_new (VECTOR_PBKDF2);

  if (strstr (text->str, part) == NULL)
    g_string_assign (text, VECTOR_SCRYPT);
  g_assert_cmpuint (g_string_replace (text, part, other, 1), ==, 1);
  put_file (fixture->key, text->str);
  assert_unreadable (fixture, fixture->key, words);
}

static void
test_damage (Fixture *fixture, gconstpointer data)
{
  g_autofree char *deep = g_strnfill (60000, '[');

  put_file (fixture->key, "");
  assert_unreadable (fixture, fixture->key, "JSON");
  put_file (fixture->key, "[]");
  assert_unreadable (fixture, fixture->key, "not a JSON object");
  put_file (fixture->key, "{}");
  assert_unreadable (fixture, fixture->key, "version 3");
  put_file (fixture->key, deep);
  assert_unreadable (fixture, fixture->key, "JSON");
  assert_change_refused (fixture, "aes-128-ctr", "aes-128-cbc", "cipher");
  assert_change_refused (fixture, "\"version\":3", "\"version\":4", "version 3");
  assert_change_refused (fixture, "6087", "60", "damaged");
  assert_change_refused (fixture, "517ead92", "zzzead92", "damaged");
  assert_change_refused (fixture, "5318b4d5bc", "005318b4d5bc", "damaged");
  assert_change_refused (fixture, "\"n\":8,", "\"n\":16777216,", "new keystore");
  assert_change_refused (fixture, "\"dklen\":32", "\"dklen\":16", "derivation");
  assert_change_refused (fixture, "\"c\":262144", "\"c\":2621440000", "derivation");
  assert_change_refused (fixture, "\"c\":262144", "\"c\":\"1\"", "derivation");
  assert_change_refused (fixture, "hmac-sha256", "hmac-md5", "derivation");
  assert_change_refused (fixture, "\"n\":8,", "\"n\":9,", "derivation");
  assert_change_refused (fixture, "\"n\":8,", "\"n\":1073741824,", "derivation");
  assert_change_refused (fixture, "\"r\":8", "\"r\":0", "derivation");
  assert_change_refused (fixture, "\"id\"", "\"address\":\"12\",\"id\"", "address");
  assert_change_refused (fixture, "5318b4d5", "5318b4d4", "damaged"); /* the MAC says so */
  assert_change_refused (fixture, "\"id\"",
                         "\"address\":\"0000000000000000000000000000000000000001\",\"id\"",
                         "is not the one of its key");
}

static void
test_bad_scalar (Fixture *fixture, gconstpointer data)
{
  const guint8 zero[32] = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (pt_ethereum_keystore_write (fixture->key, zero, fixture->password, TRUE, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_false (g_file_test (fixture->key, G_FILE_TEST_EXISTS));
}

#define ADD(path, data, func)                                                                      \
  g_test_add ("/ethereum-keystore/" path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("definition", NULL, test_definition);
  ADD ("others", NULL, test_others);
  ADD ("geth", NULL, test_geth);
  ADD ("round-trip-fast", GINT_TO_POINTER (TRUE), check_round_trip);
  ADD ("round-trip-strong", GINT_TO_POINTER (FALSE), check_round_trip);
  ADD ("files", NULL, test_files);
  ADD ("damage", NULL, test_damage);
  ADD ("bad-scalar", NULL, test_bad_scalar);
  return g_test_run ();
}
