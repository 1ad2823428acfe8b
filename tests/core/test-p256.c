/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vectors.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "pt-p256.h"
#include "pt-p256-lanes.h"
#include "pt-sha256.h"

#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define ORDER_LESS_1 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define FIELD "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
/* SEC 2 section 2.4.2 */
#define GX "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define GY "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

static PtVerifier *
fast_new (void)
{
  return pt_p256_verifier_new (PT_P256_FAST);
}

static PtVerifier *
evp_new (void)
{
  return pt_p256_verifier_new (PT_P256_EVP);
}

static const struct
{
  PtVerifier *(*make) (void);
  void (*free) (PtVerifier *verifier);
} methods[] = {
  { fast_new, pt_p256_verifier_free },
  { evp_new, pt_p256_verifier_free },
  { pt_p256_lanes_new, pt_p256_lanes_free },
};

typedef struct
{
  PtP256Key *key;
  PtSigner signer;
  PtHash digest;
  uint8_t signature[PT_SIGNATURE_SIZE];
} Signed;

static void
signed_init (Signed *self)
{
  self->key = pt_p256_key_generate ();
  g_assert_nonnull (self->key);
  g_assert_true (pt_p256_signer_init (&self->signer, self->key));
  pt_sha256 ("message", 7, &self->digest);
  g_assert_true (self->signer.sign (self->signer.context, &self->digest, self->signature));
}

static void
signed_clear (Signed *self)
{
  pt_p256_signer_clear (&self->signer);
  pt_p256_key_free (self->key);
}

/* Alone, and in each place among eight of which one other has a wrong signature: the verdict is the
 * same. */
static bool
holds (const PtVerifier *verifier, const Signed *self)
{
  static const uint8_t wrong[PT_SIGNATURE_SIZE] = { [31] = 1, [63] = 1 };
  bool alone = verifier->verify (verifier->context, self->signer.public_key, &self->digest,
                                 self->signature);
  PtSignatureCheck checks[8];

  for (size_t i = 0; i < G_N_ELEMENTS (checks); i++)
    checks[i] = (PtSignatureCheck){ .public_key = self->signer.public_key,
                                    .digest = &self->digest,
                                    .signature = i == 3 ? wrong : self->signature };
  pt_verifier_check (verifier, checks, G_N_ELEMENTS (checks));
  for (size_t i = 0; i < G_N_ELEMENTS (checks); i++)
    g_assert_cmpint (checks[i].holds, ==, i == 3 ? false : alone);
  return alone;
}

static void
hex (const char *text, uint8_t *out, size_t size)
{
  g_assert_true (pt_hex_decode (pt_text (text), out, size));
}

static void
test_sign (void)
{
  Signed self;

  signed_init (&self);
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      PtVerifier *verifier = methods[i].make ();

      g_assert_true (verifier->check_key (verifier->context, self.signer.public_key));
      g_assert_true (holds (verifier, &self));
      g_assert_true (holds (verifier, &self));
      methods[i].free (verifier);
    }
  signed_clear (&self);
}

/* One bit changed anywhere in digest, signature or key. */
static void
test_bits (void)
{
  Signed self;

  signed_init (&self);
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      PtVerifier *verifier = methods[i].make ();

      struct
      {
        uint8_t *bytes;
        size_t size;
      } parts[] = { { self.digest.bytes, PT_HASH_SIZE },
                    { self.signature, PT_SIGNATURE_SIZE },
                    { self.signer.public_key, PT_PUBLIC_KEY_SIZE } };

      for (size_t part = 0; part < G_N_ELEMENTS (parts); part++)
        for (size_t bit = 0; bit < 8 * parts[part].size; bit++)
          {
            parts[part].bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
            g_assert_false (holds (verifier, &self));
            parts[part].bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
          }
      g_assert_true (holds (verifier, &self));
      methods[i].free (verifier);
    }
  signed_clear (&self);
}

/* r and s outside [1, n-1]; also a valid number with the order added. */
static void
test_range (void)
{
  static const char *const bad[] = { ZERO, ORDER, ONES, FIELD };
  Signed self;

  signed_init (&self);
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      PtVerifier *verifier = methods[i].make ();

      for (size_t j = 0; j < G_N_ELEMENTS (bad); j++)
        for (int which = 0; which < 3; which++)
          {
            uint8_t kept[PT_SIGNATURE_SIZE];

            memcpy (kept, self.signature, sizeof kept);
            if (which != 1)
              hex (bad[j], self.signature, 32);
            if (which != 0)
              hex (bad[j], self.signature + 32, 32);
            g_assert_false (holds (verifier, &self));
            memcpy (self.signature, kept, sizeof kept);
          }
      methods[i].free (verifier);
    }
  signed_clear (&self);
}

static void
test_points (void)
{
  static const struct
  {
    const char *text;
    bool good;
  } cases[] = {
    { "04" GX GY, true },      { "06" GX GY, false },     { "07" GX GY, false },
    { "02" GX GY, false },     { "03" GX GY, false },     { "00" GX GY, false },
    { "00" ZERO ZERO, false }, { "04" ZERO ZERO, false }, { "04" ONES ONES, false },
    { "04" GX ZERO, false },   { "04" ZERO GY, false },   { "04" GY GX, false },
    { "04" GX FIELD, false },  { "04" FIELD GY, false },  { "04" GX GX, false },
    { "04" ONE ONE, false },   { "05" GX GY, false },     { "84" GX GY, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      PtVerifier *verifier = methods[i].make ();

      for (size_t j = 0; j < G_N_ELEMENTS (cases); j++)
        {
          uint8_t point[PT_PUBLIC_KEY_SIZE], signature[PT_SIGNATURE_SIZE] = { 1 };
          PtHash digest = { { 0 } };

          hex (cases[j].text, point, sizeof point);
          g_assert_true (verifier->check_key (verifier->context, point) == cases[j].good);
          g_assert_true (pt_p256_key_is_sound (point) == cases[j].good);
          g_assert_false (verifier->verify (verifier->context, point, &digest, signature));
        }
      methods[i].free (verifier);
    }
  pt_p256_verifier_free (NULL);
}

static void
test_scalars (void)
{
  static const struct
  {
    const char *scalar, *point;
  } cases[] = {
    { ONE, "04" GX GY },
    { ORDER_LESS_1, "04" GX "b01cbd1c01e58065711814b583f061e9d431cca994cea1313449bf97c840ae0a" },
    { ZERO, NULL },
    { ORDER, NULL },
    { ONES, NULL },
    { FIELD, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      uint8_t scalar[32], back[32], point[PT_PUBLIC_KEY_SIZE], expected[PT_PUBLIC_KEY_SIZE];
      PtP256Key *key;

      hex (cases[i].scalar, scalar, sizeof scalar);
      key = pt_p256_key_from_scalar (scalar);
      g_assert_true ((key != NULL) == (cases[i].point != NULL));
      if (!key)
        continue;
      hex (cases[i].point, expected, sizeof expected);
      pt_p256_key_public (key, point);
      g_assert_cmpmem (point, sizeof point, expected, sizeof expected);
      pt_p256_key_to_scalar (key, back);
      g_assert_cmpmem (back, sizeof back, scalar, sizeof scalar);
      pt_p256_key_free (key);
    }
  pt_p256_key_free (NULL);
}

static void
test_vector_keys (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/entries.json");
  JsonArray *entries = json_object_get_array_member (json_node_get_object (root), "entries");

  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = json_array_get_object_element (entries, i);
      uint8_t scalar[32], point[PT_PUBLIC_KEY_SIZE], expected[PT_PUBLIC_KEY_SIZE];
      PtP256Key *key;

      hex (json_object_get_string_member (entry, "private_key_hex"), scalar, sizeof scalar);
      g_assert_true (
          pt_base64url_decode (pt_text (json_object_get_string_member (entry, "public_key")),
                               expected, sizeof expected));
      key = pt_p256_key_from_scalar (scalar);
      pt_p256_key_public (key, point);
      g_assert_cmpmem (point, sizeof point, expected, sizeof expected);
      pt_p256_key_free (key);
    }
}

static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-p256-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "key.pem", NULL);
  PtP256Key *key = pt_p256_key_generate (), *back;
  uint8_t scalar[32], again[32];
  const char *message = NULL;
  struct stat status;

  g_assert_true (pt_p256_key_write (key, path, &message));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_false (pt_p256_key_write (key, path, &message));
  g_assert_nonnull (strstr (message, "never overwritten"));
  back = pt_p256_key_read (path, &message);
  g_assert_nonnull (back);
  pt_p256_key_to_scalar (key, scalar);
  pt_p256_key_to_scalar (back, again);
  g_assert_cmpmem (scalar, sizeof scalar, again, sizeof again);
  pt_p256_key_free (back);

  g_assert_cmpint (chmod (path, 0640), ==, 0);
  g_assert_null (pt_p256_key_read (path, &message));
  g_assert_nonnull (strstr (message, "chmod 600"));
  g_assert_cmpint (chmod (path, 0604), ==, 0);
  g_assert_null (pt_p256_key_read (path, NULL));
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (pt_p256_key_read (path, &message));
  g_assert_nonnull (strstr (message, "does not exist"));
  g_assert_null (pt_p256_key_read (folder, &message));
  g_assert_nonnull (strstr (message, "regular file"));
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_false (pt_p256_key_write (key, path, &message));
  g_assert_nonnull (strstr (message, "folder"));
  pt_p256_key_free (key);
}

/* Files that hold no P-256 private key: each refused with a sentence and without a question on the
 * terminal. */
static void
test_bad_files (void)
{
  static const char p384[] = "-----BEGIN PRIVATE KEY-----\n"
                             "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBFyAmmY8aCykB1efFz\n"
                             "-----END PRIVATE KEY-----\n";
  static const char public_key[]
      = "-----BEGIN PUBLIC KEY-----\n"
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKSexBRK64+3c/kZ4KBKLrSkDJpkZ\n"
        "9whgacjE32xzKDjHeHlk6qwA5ZIfsUmKYPRgZ2az2WhQAVWNGpdOc0FRPg==\n"
        "-----END PUBLIC KEY-----\n";
  static const char ed25519[] = "-----BEGIN PRIVATE KEY-----\n"
                                "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                "-----END PRIVATE KEY-----\n";
  const char *const texts[] = { "",
                                "\n",
                                "key",
                                p384,
                                public_key,
                                ed25519,
                                "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
                                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
                                "-----END ENCRYPTED PRIVATE KEY-----\n" };
  g_autofree char *folder = g_dir_make_tmp ("pt-p256-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "key.pem", NULL);
  g_autofree char *large = g_strnfill (20000, 'x');
  const char *message;

  for (size_t i = 0; i <= G_N_ELEMENTS (texts); i++)
    {
      const char *text = i < G_N_ELEMENTS (texts) ? texts[i] : large;

      message = NULL;
      g_assert_true (
          g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      g_assert_null (pt_p256_key_read (path, &message));
      g_assert_nonnull (message);
      g_assert_true (g_str_has_prefix (message, "the key file "));
      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
test_two_signers (void)
{
  PtP256Key *key = pt_p256_key_generate ();
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_FAST);
  PtSigner signers[2];

  for (int i = 0; i < 2; i++)
    g_assert_true (pt_p256_signer_init (&signers[i], key));
  pt_p256_key_free (key);
  pt_p256_signer_clear (&signers[0]);
  for (int i = 0; i < 200; i++)
    {
      uint8_t signature[PT_SIGNATURE_SIZE];
      PtHash digest;

      pt_sha256 (&i, sizeof i, &digest);
      g_assert_true (signers[1].sign (signers[1].context, &digest, signature));
      g_assert_true (
          verifier->verify (verifier->context, signers[1].public_key, &digest, signature));
    }
  pt_p256_signer_clear (&signers[1]);
  pt_p256_verifier_free (verifier);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/p256/sign", test_sign);
  g_test_add_func ("/p256/bits", test_bits);
  g_test_add_func ("/p256/range", test_range);
  g_test_add_func ("/p256/points", test_points);
  g_test_add_func ("/p256/scalars", test_scalars);
  g_test_add_func ("/p256/vector-keys", test_vector_keys);
  g_test_add_func ("/p256/files", test_files);
  g_test_add_func ("/p256/bad-files", test_bad_files);
  g_test_add_func ("/p256/two-signers", test_two_signers);
  return g_test_run ();
}
