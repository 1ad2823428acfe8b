/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-keccak.h"

/* EIP-1559 transactions (EIP-2718 type 2). */

typedef struct
{
  uint64_t chain_id, nonce, gas_limit;
  uint64_t max_fee, max_priority_fee; /* wei per gas; 18 ETH per gas is enough for anyone */
  bool create;                        /* contract creation: no recipient */
  uint8_t to[20];
  uint64_t value; /* wei */
  const uint8_t *data;
  size_t data_size;
} PtTransaction;

/* Recoverable secp256k1 signature with low s. */
typedef struct
{
  bool (*sign) (void *context, const PtHash *digest, uint8_t r[32], uint8_t s[32],
                uint8_t *y_parity);
  void *context;
  uint8_t address[20];
} PtEthereumSigner;

/* The hash that a signature of @transaction is over. PT_NO_SPACE: at most data_size + 256 bytes. */
PtResult pt_transaction_digest (const PtTransaction *transaction, PtKeccakPermutation permute,
                                uint8_t *scratch, size_t scratch_size, PtHash *digest);

/* Signs and writes the raw transaction; *@hash is its identity on the chain. PT_NO_SPACE,
 * PT_BAD_KEY. At most data_size + 256 bytes.
 * @out also serves as scratch. */
PtResult pt_transaction_sign (const PtTransaction *transaction, PtKeccakPermutation permute,
                              const PtEthereumSigner *signer, uint8_t *out, size_t out_size,
                              size_t *size, PtHash *hash);

/* EIP-55 mixed-case text of an address, "0x" included, NUL-terminated. */
void pt_address_to_text (PtKeccakPermutation permute, const uint8_t address[20], char out[43]);
/* Accepts all-lower, all-upper or correct EIP-55 mixed case after "0x". */
bool pt_address_from_text (PtKeccakPermutation permute, PtSpan text, uint8_t out[20]);
/* The address a contract gets from its creator's @nonce. */
void pt_address_of_contract (PtKeccakPermutation permute, const uint8_t creator[20], uint64_t nonce,
                             uint8_t out[20]);
