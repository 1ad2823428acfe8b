/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-signature.h"

/* A key in a PKCS#11 token (a smart card, an HSM), named by its URI (RFC 7512), through OpenSSL's
 * engine pkcs11. The key never leaves the token. */

#define PT_TOKEN_URI "pkcs11:"

typedef struct _PtToken PtToken;

gboolean pt_token_is (const char *name);

/* Logs in. Of the URI's query attributes `module-path` (the token's library; without it what
 * p11-kit knows) and `pin-source` (the PIN's file, which others must not be able to read; without
 * it the PIN is asked for) are taken; `pin-value` is refused, for everybody sees it. */
PtToken *pt_token_open (const char *uri, GError **error);
void pt_token_free (PtToken *token);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtToken, pt_token_free)

const PtSigner *pt_token_signer (const PtToken *token);
