/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-signature.h"

/* P-256 over OpenSSL. No GLib here: the offline verifier links core, this and libcrypto only. */

typedef enum
{
  PT_P256_FAST, /* ECDSA_do_verify with one EC_KEY a thread: 65 bytes a device, the fastest on
                   OpenSSL 3.x */
  PT_P256_EVP   /* EVP_PKEY_verify, keys made each time: no deprecated call */
} PtP256Method;

/* A verifier for one thread at a time. NULL when memory is short. Free with pt_p256_verifier_free
 * (). */
PtVerifier *pt_p256_verifier_new (PtP256Method method);
void pt_p256_verifier_free (PtVerifier *verifier);

/* Whether the key is a point on the curve; for one now and then. false also when memory is short.
 */
bool pt_p256_key_is_sound (const uint8_t public_key[PT_PUBLIC_KEY_SIZE]);

/* A private key; may be used from several threads, each with its own signer. */
typedef struct PtP256Key PtP256Key;

PtP256Key *pt_p256_key_generate (void);
PtP256Key *pt_p256_key_from_scalar (const uint8_t scalar[32]); /* NULL unless in [1, n-1] */
void pt_p256_key_to_scalar (const PtP256Key *key, uint8_t scalar[32]);
void pt_p256_key_public (const PtP256Key *key, uint8_t public_key[PT_PUBLIC_KEY_SIZE]);
void pt_p256_key_free (PtP256Key *key);

/* PEM (PKCS#8). Reading: NULL and a sentence in *@message (static text, no secret, marked for
 * translation) on failure;
 * refuses a file that others may read (mode & 077). Writing: mode 0600, never over an existing
 * file. @path is not in the message. */
PtP256Key *pt_p256_key_read (const char *path, const char **message);
bool pt_p256_key_write (const PtP256Key *key, const char *path, const char **message);

/* Fills @signer; @key must outlive it. One thread at a time for a signer. */
bool pt_p256_signer_init (PtSigner *signer, const PtP256Key *key);
void pt_p256_signer_clear (PtSigner *signer);
