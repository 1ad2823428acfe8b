/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-checkpoint.h"
#include "pt-keccak.h"

/* Calls to and events of PowerAnchor (docs/PROTOCOL.md section 6) in the contract ABI. Selectors
 * and topics are computed from the signatures. */

void pt_abi_area (const char *area, uint8_t out[32]); /* ASCII, right-padded with zeros */
bool pt_abi_area_parse (const uint8_t word[32], char out[PT_AREA_MAX + 1]);

/* Bytes that anchor() of @count checkpoints takes, and the call itself. */
size_t pt_abi_anchor_size (size_t count);
PtResult pt_abi_anchor (PtKeccakPermutation permute, const PtCheckpoint *checkpoints, size_t count,
                        uint8_t *out, size_t out_size, size_t *size);

PtResult pt_abi_register_area (PtKeccakPermutation permute, const char *area,
                               const uint8_t authority_key[PT_PUBLIC_KEY_SIZE],
                               const uint8_t service_key[PT_PUBLIC_KEY_SIZE],
                               const uint8_t operator_address[20], uint8_t *out, size_t out_size,
                               size_t *size);

/* latest (area) and its answer of four words. */
PtResult pt_abi_latest (PtKeccakPermutation permute, const char *area, uint8_t *out,
                        size_t out_size, size_t *size);
PtResult pt_abi_latest_parse (const uint8_t *data, size_t size, PtCheckpoint *out);

/* First topics of the events. */
void pt_abi_area_registered_topic (PtKeccakPermutation permute, PtHash *out);
void pt_abi_anchored_topic (PtKeccakPermutation permute, PtHash *out);

typedef struct
{
  char area[PT_AREA_MAX + 1];
  uint8_t authority_key[PT_PUBLIC_KEY_SIZE], service_key[PT_PUBLIC_KEY_SIZE], operator_address[20];
} PtAreaRegistered;

/* Strict decoders of the logs; @topics after the first. PT_MALFORMED for any other length, offset
 * or padding. */
PtResult pt_abi_area_registered_parse (const PtHash *topics, size_t topic_count,
                                       const uint8_t *data, size_t size, PtAreaRegistered *out);
PtResult pt_abi_anchored_parse (const PtHash *topics, size_t topic_count, const uint8_t *data,
                                size_t size, PtCheckpoint *out);
