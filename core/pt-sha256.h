/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* SHA-256 (FIPS 180-4). Uses the processor's SHA instructions where the build and the machine have
 * them (chosen once by the loader through an ifunc, so there is no state here), else portable C. */
typedef struct
{
  uint32_t state[8];
  uint64_t total; /* bytes fed */
  uint8_t block[64];
} PtSha256;

void pt_sha256_init (PtSha256 *sha);
void pt_sha256_update (PtSha256 *sha, const void *data, size_t size);
void pt_sha256_finish (PtSha256 *sha, PtHash *out);
void pt_sha256 (const void *data, size_t size, PtHash *out);

/* The portable compression, always built, for tests to compare with the chosen one. @blocks: count
 * * 64 bytes. */
void pt_sha256_compress_portable (uint32_t state[8], const uint8_t *blocks, size_t count);
