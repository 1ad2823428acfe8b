/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-signature.h"

/* What a device is told of its counters: docs/PROTOCOL.md section 13. One object in two forms, of
 * which the JSON is signed. */

#define PT_HELD_WINDOW 4096 /* counters below the highest that are told of */
#define PT_HELD_BYTES (PT_HELD_WINDOW / 8)
#define PT_HELD_JSON_MAX (80 * 1024) /* bytes */
#define PT_HELD_CBOR_MAX 608         /* bytes */

typedef struct
{
  PtSpan area, device;
  int64_t highest; /* counter that is durable; 0: none */
  int64_t ts;      /* ms since 1970 */
  /* Bit i, the least significant first: counter highest - 1 - i is missing. */
  uint8_t missing[PT_HELD_BYTES];
  uint8_t signature[PT_SIGNATURE_SIZE];
} PtHeld;

/* FALSE, and nothing is noted, unless @counter is below the highest and within the window. */
bool pt_held_set_missing (PtHeld *held, int64_t counter);
bool pt_held_is_missing (const PtHeld *held, int64_t counter);

/* Form only, no signature. PT_MALFORMED, PT_NOT_CANONICAL, PT_TOO_LARGE. */
PtResult pt_held_parse (PtSpan json, PtHeld *out);
/* @area and @device are the session's. */
PtResult pt_held_parse_cbor (PtSpan bytes, PtSpan area, PtSpan device, PtHeld *out);
/* PT_NO_SPACE. */
PtResult pt_held_write (const PtHeld *held, char *out, size_t out_size, size_t *size);
PtResult pt_held_write_cbor (const PtHeld *held, void *out, size_t out_size, size_t *size);

/* SHA-256 of what is signed: "powertrack held v1\\n" and the JSON without sig. */
void pt_held_digest (const PtHeld *held, PtHash *out);
/* Whether the area's service key signed it: PT_OK or PT_BAD_SIGNATURE. */
PtResult pt_held_verify (const PtHeld *held, const PtVerifier *verifier,
                         const uint8_t service_key[PT_PUBLIC_KEY_SIZE]);
