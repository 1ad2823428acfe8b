/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-p256.h"

/* A private key as text: PEM of PKCS#8, plain or encrypted (PBES2: PBKDF2 with SHA-256, AES-256).
 * No GLib here, as in pt-p256.h. */

#define PT_P256_PEM_MAX 16384

/* @passphrase: NULL for a plain one. NULL and a sentence in *@message (static, no secret) on
 * failure. */
PtP256Key *pt_p256_key_from_pem (const char *text, size_t size, const char *passphrase,
                                 const char **message);
/* Whether it says that it is encrypted. */
bool pt_p256_pem_is_encrypted (const char *text, size_t size);
/* Writes the text and a NUL; the size without it, 0 on failure. Wipe @out after use. */
size_t pt_p256_key_to_pem (const PtP256Key *key, const char *passphrase, char *out,
                           size_t out_size);
