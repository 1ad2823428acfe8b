/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-ethereum-key.h"
#include "pt-keccak.h"

/* Keccak-f[1600] as the specification writes it, for comparison with the library's. */
static uint64_t
rotate (uint64_t lane, unsigned int by)
{
  return by == 0 ? lane : lane << by | lane >> (64 - by);
}

static bool
next_bit (uint8_t *lfsr)
{
  bool bit = *lfsr & 1;

  *lfsr = (uint8_t) (*lfsr & 0x80 ? *lfsr << 1 ^ 0x71 : *lfsr << 1);
  return bit;
}

static void
theta (uint64_t a[5][5])
{
  uint64_t c[5];

  for (int x = 0; x < 5; x++)
    c[x] = a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4];
  for (int x = 0; x < 5; x++)
    for (int y = 0; y < 5; y++)
      a[x][y] ^= c[(x + 4) % 5] ^ rotate (c[(x + 1) % 5], 1);
}

static void
rho_pi_chi (uint64_t a[5][5])
{
  uint64_t b[5][5] = { 0 };
  int x = 1, y = 0;

  b[0][0] = a[0][0];
  for (unsigned int t = 0; t < 24; t++)
    {
      int turned = (2 * x + 3 * y) % 5;

      b[y][turned] = rotate (a[x][y], (t + 1) * (t + 2) / 2 % 64);
      x = y;
      y = turned;
    }
  for (x = 0; x < 5; x++)
    for (y = 0; y < 5; y++)
      a[x][y] = b[x][y] ^ (~b[(x + 1) % 5][y] & b[(x + 2) % 5][y]);
}

static void
permute_plainly (uint64_t state[25])
{
  uint64_t a[5][5];
  uint8_t lfsr = 1;

  for (int i = 0; i < 25; i++)
    a[i % 5][i / 5] = state[i];
  for (int round = 0; round < 24; round++)
    {
      theta (a);
      rho_pi_chi (a);
      for (int j = 0; j < 7; j++)
        if (next_bit (&lfsr))
          a[0][0] ^= G_GUINT64_CONSTANT (1) << ((1 << j) - 1);
    }
  for (int i = 0; i < 25; i++)
    state[i] = a[i % 5][i / 5];
}

static void
assert_hash (const void *data, size_t size, const char *expected)
{
  char hex[2 * PT_HASH_SIZE + 1] = { 0 };
  PtHash hash;

  pt_keccak256 (pt_keccak_permutation_nettle, data, size, &hash);
  pt_hex_encode (hash.bytes, sizeof hash.bytes, hex, sizeof hex - 1);
  g_assert_cmpstr (hex, ==, expected);
}

static void
test_known (void)
{
  assert_hash ("", 0, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  assert_hash ("abc", 3, "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  assert_hash ("testing", 7, "5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02");
  assert_hash ("The quick brown fox jumps over the lazy dog", 43,
               "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15");
}

/* Every length around the rate of 136 bytes, with two permutations that share no code. */
static void
test_lengths (void)
{
  uint8_t data[600];

  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t) (i * 7 + 3);
  for (size_t size = 0; size <= sizeof data; size++)
    {
      PtHash nettle, plain;

      pt_keccak256 (pt_keccak_permutation_nettle, data, size, &nettle);
      pt_keccak256 (permute_plainly, data, size, &plain);
      g_assert_cmpmem (&nettle, sizeof nettle, &plain, sizeof plain);
    }
}

/* SHA-3 pads otherwise; the two must never be mixed up. */
static void
test_not_sha3 (void)
{
  const char *sha3 = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a";
  uint8_t expected[PT_HASH_SIZE];
  PtHash hash;

  g_assert_true (pt_hex_decode (pt_span (sha3, strlen (sha3)), expected, sizeof expected));
  pt_keccak256 (pt_keccak_permutation_nettle, NULL, 0, &hash);
  g_assert_cmpint (memcmp (hash.bytes, expected, sizeof expected), !=, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keccak/known", test_known);
  g_test_add_func ("/keccak/lengths", test_lengths);
  g_test_add_func ("/keccak/not-sha3", test_not_sha3);
  return g_test_run ();
}
