/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* Strict codecs: one encoding per value. Encoders write no NUL and return the characters written;
 * decoders return whether @text is exactly the one encoding of @size bytes, and zero @out first. */

/* Lower-case hex, 2 * size characters. */
size_t pt_hex_encode (const void *data, size_t size, char *out, size_t out_size);
bool pt_hex_decode (PtSpan text, void *out, size_t size);

/* Base64url without padding (RFC 4648 section 5); non-zero trailing bits are refused. */
#define PT_BASE64URL_SIZE(n) (((n) *4 + 2) / 3)
size_t pt_base64url_encode (const void *data, size_t size, char *out, size_t out_size);
bool pt_base64url_decode (PtSpan text, void *out, size_t size);

/* Lower-case base32 without padding (RFC 4648 section 6), as multibase 'b'; non-zero trailing bits
 * are refused. */
#define PT_BASE32_SIZE(n) (((n) *8 + 4) / 5)
size_t pt_base32_encode (const void *data, size_t size, char *out, size_t out_size);
bool pt_base32_decode (PtSpan text, void *out, size_t size);

/* Decimal without sign games: "-0", "+1", "01" are refused, as is |n| >= 2^53. Writes at most 17
 * characters. */
size_t pt_integer_encode (int64_t value, char *out, size_t out_size);
bool pt_integer_decode (PtSpan text, int64_t *out);

/* Whether @text is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool pt_is_utf8 (PtSpan text);

/* Bytes of the well-formed UTF-8 character that @text begins with: 1 to 4, or 0 if there is none.
 */
size_t pt_utf8_character (PtSpan text);
