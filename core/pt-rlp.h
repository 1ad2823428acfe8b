/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* RLP writer (Ethereum yellow paper, appendix B) into a caller's buffer. Lists nest up to
 * PT_RLP_DEPTH_MAX: the header of a list is put in when it is closed. */

#define PT_RLP_DEPTH_MAX 4

typedef struct
{
  uint8_t *data;
  size_t size, capacity;
  size_t open[PT_RLP_DEPTH_MAX];
  int depth;
  bool overflow;
} PtRlpWriter;

void pt_rlp_init (PtRlpWriter *writer, uint8_t *buffer, size_t capacity);
void pt_rlp_bytes (PtRlpWriter *writer, const void *data, size_t size);
void pt_rlp_uint (PtRlpWriter *writer, uint64_t value);
void pt_rlp_integer (PtRlpWriter *writer, const void *big_endian,
                     size_t size); /* leading zeros stripped */
void pt_rlp_list_begin (PtRlpWriter *writer);
void pt_rlp_list_end (PtRlpWriter *writer);
PtResult pt_rlp_finish (const PtRlpWriter *writer, size_t *size);
