/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* ECDSA P-256 over a SHA-256 digest, behind a small table: core has no curve code of its own. */

/* One signature to be checked, and what came of it. */
typedef struct
{
  const uint8_t *public_key; /* PT_PUBLIC_KEY_SIZE */
  const PtHash *digest;
  const uint8_t *signature; /* PT_SIGNATURE_SIZE, r || s */
  bool holds;
} PtSignatureCheck;

typedef struct
{
  /* Whether @signature (r || s) by @public_key holds over @digest. Must refuse r or s outside [1,
   * n-1] and points off the curve. */
  bool (*verify) (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE], const PtHash *digest,
                  const uint8_t signature[PT_SIGNATURE_SIZE]);
  /* Whether @public_key is an uncompressed point on the curve. */
  bool (*check_key) (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE]);
  /* The same verdicts over many at once, which some processors give several times as fast; NULL:
   * one by one. */
  void (*verify_many) (void *context, PtSignatureCheck *checks, size_t count);
  void *context; /* one thread at a time */
} PtVerifier;

/* Sets what of each of @checks holds. */
static inline void
pt_verifier_check (const PtVerifier *verifier, PtSignatureCheck *checks, size_t count)
{
  if (verifier->verify_many)
    verifier->verify_many (verifier->context, checks, count);
  else
    for (size_t i = 0; i < count; i++)
      checks[i].holds = verifier->verify (verifier->context, checks[i].public_key, checks[i].digest,
                                          checks[i].signature);
}

typedef struct
{
  bool (*sign) (void *context, const PtHash *digest, uint8_t signature[PT_SIGNATURE_SIZE]);
  void *context;
  uint8_t public_key[PT_PUBLIC_KEY_SIZE];
} PtSigner;
