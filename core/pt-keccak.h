/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* Keccak-256 as Ethereum uses it (padding 0x01, not SHA-3's 0x06), over a permutation that the
 * caller brings. */
typedef void (*PtKeccakPermutation) (uint64_t state[25]);

void pt_keccak256 (PtKeccakPermutation permute, const void *data, size_t size, PtHash *out);
