/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-ethereum-key.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEthereumSigner, pt_ethereum_signer_free)

/* Web3 Secret Storage v3 files (scrypt n=2^17 unless @fast, then 2^12 for tests and demos;
 * AES-128-CTR). Files of others' readable mode are refused; writing never replaces a file, mode
 * 0600. The errors name the file and the remedy, never the secret. */
PtEthereumSigner *pt_ethereum_keystore_read (const char *path, const char *password_path,
                                             GError **error);
gboolean pt_ethereum_keystore_write (const char *path, const guint8 scalar[32],
                                     const char *password_path, gboolean fast, GError **error);
/* The address in a keystore, without its password. */
gboolean pt_ethereum_keystore_address (const char *path, guint8 address[20], GError **error);
