/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-json.h"

/* Reading an object whose members are known beforehand: in canonical JSON they come in one order.
 * Each reads the next member, which must be @key; PT_MALFORMED where it is another, or of another
 * type or range, else what the reader says. */

PtResult pt_json_expect (PtJsonReader *reader, const char *key, PtJsonType type,
                         PtJsonValue *value);
/* At least @least. */
PtResult pt_json_expect_integer (PtJsonReader *reader, const char *key, int64_t least,
                                 int64_t *out);
/* Still escaped. */
PtResult pt_json_expect_text (PtJsonReader *reader, const char *key, PtSpan *out);
/* Exactly @text. */
PtResult pt_json_expect_literal (PtJsonReader *reader, const char *key, const char *text);
/* @size bytes as hex. */
PtResult pt_json_expect_hex (PtJsonReader *reader, const char *key, void *out, size_t size);
PtResult pt_json_expect_area (PtJsonReader *reader, const char *key, PtSpan *out);
PtResult pt_json_expect_id (PtJsonReader *reader, const char *key, PtSpan *out);
/* "sig", base64url. */
PtResult pt_json_expect_signature (PtJsonReader *reader, uint8_t out[PT_SIGNATURE_SIZE]);
/* At most @max hashes as hex; more are PT_TOO_LARGE. */
PtResult pt_json_expect_hashes (PtJsonReader *reader, const char *key, PtHash *out, size_t max,
                                size_t *count);
/* The closing brace. */
PtResult pt_json_expect_end (PtJsonReader *reader);
