/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-signature.h"

/* Eight P-256 signatures at once by crypto_mb, Intel's cryptography primitives, where it was there
 * when this was built and the processor has what it needs. Private to pt-p256.c, which looks first
 * at what the lanes do not. */

#define PT_P256_LANES 8
/* Fewer are sooner done one by one: eight at once cost as much as 2.7 alone. */
#define PT_P256_LANES_WORTH 3

bool pt_p256_lanes_are_here (void);

/* Which of @count (1 to 8) checks hold, as bits. r and s are in [1, n-1] and the key is a point on
 * the curve. What is refused here may hold all the same. */
unsigned pt_p256_lanes_verify (PtSignatureCheck *const *checks, size_t count);
