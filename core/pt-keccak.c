/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-keccak.h"

#include <string.h>

#define RATE 136 /* bytes: 1600 - 2 * 256 bits */

/* Lanes are little-endian whatever the machine is (Keccak reference, section 1.2). */
static void
absorb (PtKeccakPermutation permute, uint64_t state[25], const uint8_t block[RATE])
{
  for (size_t lane = 0; lane < RATE / 8; lane++)
    {
      uint64_t value = 0;

      for (size_t i = 8; i > 0; i--)
        value = value << 8 | block[lane * 8 + i - 1];
      state[lane] ^= value;
    }
  permute (state);
}

void
pt_keccak256 (PtKeccakPermutation permute, const void *data, size_t size, PtHash *out)
{
  const uint8_t *bytes = data;
  uint64_t state[25] = { 0 };
  uint8_t last[RATE] = { 0 };

  for (; size >= RATE; bytes += RATE, size -= RATE)
    absorb (permute, state, bytes);

  if (size > 0)
    memcpy (last, bytes, size);
  last[size] = 0x01;
  last[RATE - 1] |= 0x80;
  absorb (permute, state, last);

  for (size_t i = 0; i < PT_HASH_SIZE; i++)
    out->bytes[i] = (uint8_t) (state[i / 8] >> (8 * (i % 8)));
}
