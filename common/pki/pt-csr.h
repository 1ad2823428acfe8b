/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-pki-names.h"

/* A certificate signing request (PKCS#10, RFC 2986) of a device that made its key itself. */

#define PT_CSR_SIZE_MAX 16384 /* bytes */

typedef struct
{
  char device[PT_ID_MAX + 1];
  char area[PT_AREA_MAX + 1]; /* empty: it does not say */
  guint8 key[PT_PUBLIC_KEY_SIZE];
} PtCsr;

/* Of PEM or DER. Its signature must be that of its key, which is on P-256. The name is that of its
 * SAN URI `urn:powertrack:{area}:{device}`, or its one CN; nothing else of it is looked at. The
 * error says what is wrong with it, and not which it is. */
gboolean pt_csr_parse (const char *text, gsize size, PtCsr *out, GError **error);
