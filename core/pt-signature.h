/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* ECDSA P-256 over a SHA-256 digest, behind a small table: core has no curve code of its own. */

typedef struct
{
  /* Whether @signature (r || s) by @public_key holds over @digest. Must refuse r or s outside [1,
   * n-1] and points off the curve. */
  bool (*verify) (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE], const PtHash *digest,
                  const uint8_t signature[PT_SIGNATURE_SIZE]);
  /* Whether @public_key is an uncompressed point on the curve. */
  bool (*check_key) (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE]);
  void *context; /* one thread at a time */
} PtVerifier;

typedef struct
{
  bool (*sign) (void *context, const PtHash *digest, uint8_t signature[PT_SIGNATURE_SIZE]);
  void *context;
  uint8_t public_key[PT_PUBLIC_KEY_SIZE];
} PtSigner;
