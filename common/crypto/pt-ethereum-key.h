/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-keccak.h"
#include "pt-transaction.h"

/* Ethereum account keys over libsecp256k1, Web3 Secret Storage v3 files (scrypt, AES-128-CTR) over
 * OpenSSL and json-glib, and Keccak's permutation from nettle. */

void pt_keccak_permutation_nettle (uint64_t state[25]);

/* The account whose signature of @digest this is; false, and zeros, where it is nobody's. */
bool pt_ethereum_recover (const PtHash *digest, const uint8_t r[32], const uint8_t s[32],
                          uint8_t y_parity, uint8_t address[20]);

/* NULL unless in [1, n-1]. The scalar is kept in memory that is wiped by free. */
PtEthereumSigner *pt_ethereum_signer_new (const uint8_t scalar[32]);
void pt_ethereum_signer_free (PtEthereumSigner *signer);
