/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Certificates as EST hands them out (RFC 7030 section 4.1.3): a PKCS#7 SignedData that nobody
 * signed and that holds nothing else, base64 in lines. @pem: one or more. Free it. */
char *pt_pkcs7_from_certificates (const char *pem, GError **error);
