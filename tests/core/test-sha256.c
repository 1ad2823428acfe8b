/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vectors.h"

#include "pt-sha256.h"

/* FIPS 180-4 examples and edges of the padding. */
static void
test_known (void)
{
  static const struct
  {
    const char *text, *hex;
  } cases[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmno"
      "pqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtHash hash, expected = pt_hash_from_hex (cases[i].hex);

      pt_sha256 (cases[i].text, strlen (cases[i].text), &hash);
      pt_assert_hash (hash, expected);
    }
}

static void
test_million (void)
{
  PtHash hash,
      expected
      = pt_hash_from_hex ("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  char block[1000];
  PtSha256 sha;

  memset (block, 'a', sizeof block);
  pt_sha256_init (&sha);
  for (int i = 0; i < 1000; i++)
    pt_sha256_update (&sha, block, sizeof block);
  pt_sha256_finish (&sha, &hash);
  pt_assert_hash (hash, expected);
}

static void
fill (GRand *rand, uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    bytes[i] = (uint8_t) g_rand_int (rand);
}

/* Every length about several blocks, against GLib's. */
static void
test_lengths (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  uint8_t bytes[400];

  fill (rand, bytes, sizeof bytes);
  for (size_t size = 0; size <= sizeof bytes; size++)
    {
      g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, size);
      PtHash hash, expected = pt_hash_from_hex (hex);

      pt_sha256 (bytes, size, &hash);
      pt_assert_hash (hash, expected);
    }
}

/* Any cutting of the input, at any alignment, gives the same. */
static void
test_pieces (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  uint8_t bytes[1000];

  fill (rand, bytes, sizeof bytes);
  for (int round = 0; round < 2000; round++)
    {
      size_t start = (size_t) g_rand_int_range (rand, 0, 64), at = start;
      PtHash hash, expected;
      PtSha256 sha;

      pt_sha256 (bytes + start, sizeof bytes - start, &expected);
      pt_sha256_init (&sha);
      while (at < sizeof bytes)
        {
          size_t wanted = (size_t) g_rand_int_range (rand, 0, 200);
          size_t size = MIN (wanted, sizeof bytes - at);

          pt_sha256_update (&sha, bytes + at, size);
          at += size;
        }
      pt_sha256_finish (&sha, &hash);
      pt_assert_hash (hash, expected);
    }
}

static void
test_split_everywhere (void)
{
  uint8_t bytes[200];

  memset (bytes, 0x5a, sizeof bytes);
  for (size_t size = 0; size <= sizeof bytes; size += 7)
    for (size_t cut = 0; cut <= size; cut++)
      {
        PtHash hash, expected;
        PtSha256 sha;

        pt_sha256 (bytes, size, &expected);
        pt_sha256_init (&sha);
        pt_sha256_update (&sha, bytes, cut);
        pt_sha256_update (&sha, bytes + cut, size - cut);
        pt_sha256_finish (&sha, &hash);
        pt_assert_hash (hash, expected);
      }
}

/* The compression that the loader chose and the portable one are the same function. */
static void
test_portable (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  uint8_t blocks[64 * 9 + 1];

  for (int round = 0; round < 500; round++)
    {
      size_t count = (size_t) g_rand_int_range (rand, 0, 10);
      uint32_t portable[8];
      PtSha256 sha;

      fill (rand, blocks, sizeof blocks);
      pt_sha256_init (&sha);
      for (int i = 0; i < 8; i++)
        sha.state[i] = g_rand_int (rand);
      memcpy (portable, sha.state, sizeof portable);
      pt_sha256_compress_portable (portable, blocks + 1, count);
      pt_sha256_update (&sha, blocks + 1, 64 * count);
      g_assert_cmpmem (portable, sizeof portable, sha.state, sizeof sha.state);
    }
}

static void
test_null_input (void)
{
  PtHash hash, expected;

  pt_sha256 ("", 0, &expected);
  pt_sha256 (NULL, 0, &hash);
  pt_assert_hash (hash, expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sha256/known", test_known);
  g_test_add_func ("/sha256/million", test_million);
  g_test_add_func ("/sha256/lengths", test_lengths);
  g_test_add_func ("/sha256/pieces", test_pieces);
  g_test_add_func ("/sha256/split-everywhere", test_split_everywhere);
  g_test_add_func ("/sha256/portable", test_portable);
  g_test_add_func ("/sha256/null-input", test_null_input);
  return g_test_run ();
}
