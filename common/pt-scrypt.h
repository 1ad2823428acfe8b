/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* scrypt (RFC 7914) for parameters that its section 2 rules out, n >= 2^(16 r): OpenSSL refuses
 * them, but the published example of Web3 Secret Storage has them, and so have wallets' files.
 * For all others OpenSSL's is to be used.
 *
 * @n: a power of two. Takes 128 * n * r bytes of memory. FALSE when it is short. */
gboolean pt_scrypt (const void *password, gsize password_size, const guint8 *salt, gsize salt_size,
                    guint64 n, guint32 r, guint32 p, guint8 *out, gsize out_size);
