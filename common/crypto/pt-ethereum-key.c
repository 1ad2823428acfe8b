/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ethereum-key.h"

#include <nettle/sha3.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  PtEthereumSigner signer; /* first: it is what callers hold */
  secp256k1_context *context;
  uint8_t scalar[32];
} Key;

void
pt_keccak_permutation_nettle (uint64_t state[25])
{
  struct sha3_state permuted;

  memcpy (permuted.a, state, sizeof permuted.a);
  sha3_permute (&permuted);
  memcpy (state, permuted.a, sizeof permuted.a);
}

/* The default nonce function is RFC 6979, so one transaction has one signature; the library
 * normalises s to the low half. */
static bool
sign_digest (void *context, const PtHash *digest, uint8_t r[32], uint8_t s[32], uint8_t *y_parity)
{
  const Key *key = context;
  secp256k1_ecdsa_recoverable_signature signature;
  uint8_t compact[64];
  int recovery = -1;

  memset (r, 0, 32);
  memset (s, 0, 32);
  *y_parity = 0;
  if (secp256k1_ecdsa_sign_recoverable (key->context, &signature, digest->bytes, key->scalar, NULL,
                                        NULL)
      != 1)
    return false;
  secp256k1_ecdsa_recoverable_signature_serialize_compact (key->context, compact, &recovery,
                                                           &signature);
  /* 2 and 3 mean an x coordinate above the group's order: of no use to Ethereum, and about as
   * likely as guessing the key. */
  if (recovery < 0 || recovery > 1)
    return false;
  memcpy (r, compact, 32);
  memcpy (s, compact + 32, 32);
  *y_parity = (uint8_t) recovery;
  return true;
}

/* address = last 20 bytes of keccak256 (x || y). */
static void
address_of (const secp256k1_context *context, const secp256k1_pubkey *point, uint8_t address[20])
{
  uint8_t bytes[65];
  size_t size = sizeof bytes;
  PtHash hash;

  secp256k1_ec_pubkey_serialize (context, bytes, &size, point, SECP256K1_EC_UNCOMPRESSED);
  pt_keccak256 (pt_keccak_permutation_nettle, bytes + 1, sizeof bytes - 1, &hash);
  memcpy (address, hash.bytes + 12, 20);
}

static bool
derive_address (Key *key)
{
  secp256k1_pubkey point;

  if (secp256k1_ec_pubkey_create (key->context, &point, key->scalar) != 1)
    return false;
  address_of (key->context, &point, key->signer.address);
  return true;
}

bool
pt_ethereum_recover (const PtHash *digest, const uint8_t r[32], const uint8_t s[32],
                     uint8_t y_parity, uint8_t address[20])
{
  secp256k1_context *context = secp256k1_context_create (SECP256K1_CONTEXT_VERIFY);
  secp256k1_ecdsa_recoverable_signature signature;
  secp256k1_pubkey point;
  uint8_t compact[64];
  bool found;

  memset (address, 0, 20);
  memcpy (compact, r, 32);
  memcpy (compact + 32, s, 32);
  if (context == NULL)
    return false;
  found = y_parity <= 1
          && secp256k1_ecdsa_recoverable_signature_parse_compact (context, &signature, compact,
                                                                  y_parity)
                 == 1
          && secp256k1_ecdsa_recover (context, &point, &signature, digest->bytes) == 1;
  if (found)
    address_of (context, &point, address);
  secp256k1_context_destroy (context);
  return found;
}

PtEthereumSigner *
pt_ethereum_signer_new (const uint8_t scalar[32])
{
  uint8_t seed[32];
  Key *key = calloc (1, sizeof *key);

  if (key == NULL)
    return NULL;
  key->signer.sign = sign_digest;
  key->signer.context = key;
  memcpy (key->scalar, scalar, sizeof key->scalar);
  key->context = secp256k1_context_create (SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
  if (key->context != NULL && RAND_bytes (seed, sizeof seed) == 1
      && secp256k1_context_randomize (key->context, seed) == 1
      && secp256k1_ec_seckey_verify (key->context, key->scalar) == 1 && derive_address (key))
    {
      OPENSSL_cleanse (seed, sizeof seed);
      return &key->signer;
    }
  OPENSSL_cleanse (seed, sizeof seed);
  pt_ethereum_signer_free (&key->signer);
  return NULL;
}

void
pt_ethereum_signer_free (PtEthereumSigner *signer)
{
  Key *key = (Key *) signer;

  if (key == NULL)
    return;
  if (key->context != NULL)
    secp256k1_context_destroy (key->context);
  OPENSSL_cleanse (key, sizeof *key);
  free (key);
}
