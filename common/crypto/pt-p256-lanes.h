/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-signature.h"

/* Many P-256 signatures, eight at once by crypto_mb, Intel's cryptography primitives, where it was
 * there when this was built and the processor has what it needs; else one by one. A library of its
 * own, so that the offline verifier has none of it. */

/* What PT_P256_FAST is, with the same verdicts. NULL when memory is short. */
PtVerifier *pt_p256_lanes_new (void);
void pt_p256_lanes_free (PtVerifier *verifier);

/* Whether eight are checked at once here: it was built with crypto_mb, the processor has
 * AVX512-IFMA, and POWERTRACK_P256=openssl is not in the environment. The first call decides for
 * the process. */
bool pt_p256_lanes_work (void);
/* What checks signatures here, for people: "crypto_mb" or "OpenSSL". */
const char *pt_p256_lanes_name (void);
