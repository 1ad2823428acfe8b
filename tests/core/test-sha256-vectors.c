/* SPDX-License-Identifier: Apache-2.0 */
/* Known answers of NIST's, and the portable compression beside the chosen one. */
#include "pt-vectors.h"

#include "pt-sha256.h"

/* SHA256ShortMsg.rsp of the CAVP, byte oriented, and NIST's additional examples. */
static const struct
{
  const char *message, *digest; /* hex */
} known[] = {
  { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { "d3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1" },
  { "11af", "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98" },
  { "b4190e", "dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2" },
  { "74ba2521", "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e" },
  { "c299209682", "f0887fe961c9cd3beab957e8222494abb969b1ce4c6557976df8b0f6d20e9166" },
  { "e1dc724d5621", "eca0a060b489636225b4fa64d267dabbe44273067ac679f20820bddc6b6a90ac" },
  { "06e076f5a442d5", "3fd877e27450e6bbd5d74bb82f9870c64c66e109418baa8e6bbcff355e287926" },
  { "5738c929c4f4ccb6", "963bb88f27f512777aab6c8b1a02c70ec0ad651d428f870036e1917120fb48bf" },
  { "bd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b" },
  { "c98c8e55", "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504" },
};

static size_t
from_hex (const char *hex, uint8_t *out)
{
  size_t size = strlen (hex) / 2;

  g_assert_true (pt_hex_decode (pt_text (hex), out, size));
  return size;
}

static void
test_known (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    {
      PtHash hash, expected = pt_hash_from_hex (known[i].digest);
      uint8_t message[64];

      pt_sha256 (message, from_hex (known[i].message, message), &hash);
      pt_assert_hash (hash, expected);
    }
}

/* NIST's additional examples: zeros about the edges of a block. */
static void
test_zeros (void)
{
  static const struct
  {
    size_t size;
    const char *digest;
  } cases[] = {
    { 55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7" },
    { 56, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb" },
    { 57, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785" },
    { 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b" },
    { 1000, "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53" },
    { 1000000, "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025" },
  };
  g_autofree uint8_t *zeros = g_malloc0 (1000000);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtHash hash, expected = pt_hash_from_hex (cases[i].digest);

      pt_sha256 (zeros, cases[i].size, &hash);
      pt_assert_hash (hash, expected);
    }
}

/* A chain as in the CAVP's Monte Carlo test: a thousand rounds, each over the three digests before,
 * held against GLib's. */
static void
glib_sha256 (const uint8_t *data, size_t size, uint8_t out[32])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = 32;

  g_checksum_update (checksum, data, (gssize) size);
  g_checksum_get_digest (checksum, out, &length);
}

static void
test_chain (void)
{
  uint8_t ours[96], theirs[96];

  memset (ours, 0x6d, sizeof ours);
  memcpy (theirs, ours, sizeof ours);
  for (int round = 0; round < 1000; round++)
    {
      uint8_t next[32];
      PtHash hash;

      pt_sha256 (ours, sizeof ours, &hash);
      memmove (ours, ours + 32, 64);
      memcpy (ours + 64, hash.bytes, 32);
      glib_sha256 (theirs, sizeof theirs, next);
      memmove (theirs, theirs + 32, 64);
      memcpy (theirs + 64, next, 32);
    }
  g_assert_cmpmem (ours, sizeof ours, theirs, sizeof theirs);
}

/* The padding, written here by the book (section 5.1.1), through the portable compression alone. */
static void
portable (const uint8_t *data, size_t size, PtHash *out)
{
  size_t padded = (size + 9 + 63) / 64 * 64;
  g_autofree uint8_t *blocks = g_malloc0 (padded);
  PtSha256 sha;

  if (size > 0)
    memcpy (blocks, data, size);
  blocks[size] = 0x80;
  for (size_t i = 0; i < 8; i++)
    blocks[padded - 1 - i] = (uint8_t) ((uint64_t) size * 8 >> (8 * i));
  pt_sha256_init (&sha);
  pt_sha256_compress_portable (sha.state, blocks, padded / 64);
  for (size_t i = 0; i < 32; i++)
    out->bytes[i] = (uint8_t) (sha.state[i / 4] >> (24 - 8 * (i % 4)));
}

static void
test_portable_is_chosen (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (180);

  for (size_t size = 0; size < 700; size++)
    {
      /* Its own block, at any alignment, that ends with the text. */
      size_t shift = size % 17;
      g_autofree uint8_t *bytes = g_malloc (size + shift);
      PtHash hash, expected;

      for (size_t i = 0; i < size + shift; i++)
        bytes[i] = (uint8_t) g_rand_int (rand);
      pt_sha256 (bytes + shift, size, &hash);
      portable (bytes + shift, size, &expected);
      pt_assert_hash (hash, expected);
    }
}

/* Three pieces cut about the edges of blocks, nothing among them, give what one piece gives. */
static void
test_three_pieces (void)
{
  static const size_t cuts[] = { 0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 192 };
  uint8_t bytes[200];
  PtHash expected;

  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t) (i * i);
  pt_sha256 (bytes, sizeof bytes, &expected);
  for (size_t i = 0; i < G_N_ELEMENTS (cuts); i++)
    for (size_t j = i; j < G_N_ELEMENTS (cuts); j++)
      {
        PtHash hash;
        PtSha256 sha;

        pt_sha256_init (&sha);
        pt_sha256_update (&sha, bytes, cuts[i]);
        pt_sha256_update (&sha, NULL, 0);
        pt_sha256_update (&sha, bytes + cuts[i], cuts[j] - cuts[i]);
        pt_sha256_update (&sha, bytes + cuts[j], sizeof bytes - cuts[j]);
        pt_sha256_finish (&sha, &hash);
        pt_assert_hash (hash, expected);
      }
}

/* Any one bit of the message changes the digest. */
static void
test_bits (void)
{
  uint8_t bytes[70] = { 0 };
  PtHash hash, before;

  pt_sha256 (bytes, sizeof bytes, &before);
  for (size_t bit = 0; bit < 8 * sizeof bytes; bit++)
    {
      bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
      pt_sha256 (bytes, sizeof bytes, &hash);
      g_assert_cmpint (memcmp (&hash, &before, sizeof hash), !=, 0);
      bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sha256-vectors/known", test_known);
  g_test_add_func ("/sha256-vectors/zeros", test_zeros);
  g_test_add_func ("/sha256-vectors/chain", test_chain);
  g_test_add_func ("/sha256-vectors/portable-is-chosen", test_portable_is_chosen);
  g_test_add_func ("/sha256-vectors/three-pieces", test_three_pieces);
  g_test_add_func ("/sha256-vectors/bits", test_bits);
  return g_test_run ();
}
