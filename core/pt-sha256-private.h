/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* Compression with the SHA extensions is built where the loader can choose it at start. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define PT_SHA256_X86 1
#else
#define PT_SHA256_X86 0
#endif

/* Hidden, so that the resolver reaches them without relocations, which may not be done yet. */
#define PT_SHA256_HIDDEN __attribute__ ((visibility ("hidden")))

/* FIPS 180-4 section 4.2.2. */
extern const uint32_t pt_sha256_constants[64] PT_SHA256_HIDDEN;

#if PT_SHA256_X86
void pt_sha256_compress_x86 (uint32_t state[8], const uint8_t *blocks,
                             size_t count) PT_SHA256_HIDDEN;
#endif
