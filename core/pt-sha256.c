/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sha256.h"
#include "pt-sha256-private.h"

#include <string.h>

const uint32_t pt_sha256_constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t
rotate (uint32_t word, unsigned bits)
{
  return word >> bits | word << (32 - bits);
}

static inline uint32_t
load_word (const uint8_t *bytes)
{
  return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8
         | bytes[3];
}

static inline void
store_word (uint8_t *bytes, uint32_t word)
{
  bytes[0] = (uint8_t) (word >> 24);
  bytes[1] = (uint8_t) (word >> 16);
  bytes[2] = (uint8_t) (word >> 8);
  bytes[3] = (uint8_t) word;
}

/* Word t >= 16 of the schedule, in a window of the last sixteen (FIPS 180-4 section 6.2.2). */
static inline uint32_t
schedule (uint32_t w[16], unsigned t)
{
  uint32_t early = w[(t + 1) & 15], late = w[(t + 14) & 15];

  w[t & 15] += (rotate (early, 7) ^ rotate (early, 18) ^ early >> 3) + w[(t + 9) & 15]
               + (rotate (late, 17) ^ rotate (late, 19) ^ late >> 10);
  return w[t & 15];
}

static void
compress_block (uint32_t state[8], const uint8_t *block)
{
  uint32_t w[16], s[8];

  memcpy (s, state, sizeof s);
  for (unsigned t = 0; t < 64; t++)
    {
      uint32_t word = t < 16 ? (w[t] = load_word (block + 4 * t)) : schedule (w, t);
      uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
      uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
      uint32_t t1 = s[7] + (rotate (s[4], 6) ^ rotate (s[4], 11) ^ rotate (s[4], 25)) + choice
                    + pt_sha256_constants[t] + word;
      uint32_t t2 = (rotate (s[0], 2) ^ rotate (s[0], 13) ^ rotate (s[0], 22)) + majority;

      s[7] = s[6];
      s[6] = s[5];
      s[5] = s[4];
      s[4] = s[3] + t1;
      s[3] = s[2];
      s[2] = s[1];
      s[1] = s[0];
      s[0] = t1 + t2;
    }
  for (int i = 0; i < 8; i++)
    state[i] += s[i];
}

void
pt_sha256_compress_portable (uint32_t state[8], const uint8_t *blocks, size_t count)
{
  for (size_t i = 0; i < count; i++)
    compress_block (state, blocks + 64 * i);
}

#if PT_SHA256_X86

#include <cpuid.h>

typedef void (*Compress) (uint32_t state[8], const uint8_t *blocks, size_t count);

/* Runs while the program is being relocated: no library calls, nothing that instruments. */
__attribute__ ((used, no_sanitize ("address", "undefined", "thread"))) static Compress
resolve_compress (void)
{
  unsigned a, b, c, d;

  if (!__get_cpuid (1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3)
      || !__get_cpuid_count (7, 0, &a, &b, &c, &d) || !(b & bit_SHA))
    return pt_sha256_compress_portable;
  return pt_sha256_compress_x86;
}

static void compress (uint32_t state[8], const uint8_t *blocks, size_t count)
    __attribute__ ((ifunc ("resolve_compress")));

#else

static inline void
compress (uint32_t state[8], const uint8_t *blocks, size_t count)
{
  pt_sha256_compress_portable (state, blocks, count);
}

#endif

void
pt_sha256_init (PtSha256 *sha)
{
  /* FIPS 180-4 section 5.3.3. */
  static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

  memcpy (sha->state, initial, sizeof initial);
  sha->total = 0;
}

void
pt_sha256_update (PtSha256 *sha, const void *data, size_t size)
{
  const uint8_t *bytes = data;
  size_t used = (size_t) (sha->total & 63);

  if (size == 0)
    return;
  sha->total += size;
  if (used > 0)
    {
      size_t taken = size < 64 - used ? size : 64 - used;

      memcpy (sha->block + used, bytes, taken);
      if (used + taken < 64)
        return;
      compress (sha->state, sha->block, 1);
      bytes += taken;
      size -= taken;
    }
  if (size >= 64)
    compress (sha->state, bytes, size / 64);
  if (size % 64 > 0)
    memcpy (sha->block, bytes + (size & ~(size_t) 63), size % 64);
}

void
pt_sha256_finish (PtSha256 *sha, PtHash *out)
{
  size_t used = (size_t) (sha->total & 63);
  uint64_t bits = sha->total << 3;

  sha->block[used++] = 0x80;
  if (used > 56)
    {
      memset (sha->block + used, 0, 64 - used);
      compress (sha->state, sha->block, 1);
      used = 0;
    }
  memset (sha->block + used, 0, 56 - used);
  store_word (sha->block + 56, (uint32_t) (bits >> 32));
  store_word (sha->block + 60, (uint32_t) bits);
  compress (sha->state, sha->block, 1);
  for (int i = 0; i < 8; i++)
    store_word (out->bytes + 4 * i, sha->state[i]);
}

void
pt_sha256 (const void *data, size_t size, PtHash *out)
{
  PtSha256 sha;

  pt_sha256_init (&sha);
  pt_sha256_update (&sha, data, size);
  pt_sha256_finish (&sha, out);
}
