/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* CBOR in its one deterministic form (RFC 8949 section 4.2.1), as far as the compact formats need
 * it: unsigned integers up to 2^53 - 1, byte strings, false, true, null, and an array around them.
 * Each reads the next item and refuses any other with PT_MALFORMED, one that is longer than it had
 * to be with PT_NOT_CANONICAL. */

typedef struct
{
  const uint8_t *at, *end;
} PtCborReader;

void pt_cbor_reader_init (PtCborReader *reader, PtSpan bytes);
PtResult pt_cbor_read_array (PtCborReader *reader, int64_t *count);
PtResult pt_cbor_read_integer (PtCborReader *reader, int64_t *out);
PtResult pt_cbor_read_bytes (PtCborReader *reader, PtSpan *out); /* borrowed */
/* A byte string of @size bytes, copied. */
PtResult pt_cbor_read_exactly (PtCborReader *reader, void *out, size_t size);
PtResult pt_cbor_read_bool (PtCborReader *reader, bool *out);
/* Whether the next is null, which is then read. */
bool pt_cbor_skip_null (PtCborReader *reader);
/* Nothing may follow. */
PtResult pt_cbor_finish (const PtCborReader *reader);

/* Appends to a caller's buffer; after the first overflow everything is ignored and finish says
 * PT_NO_SPACE. */
typedef struct
{
  uint8_t *data;
  size_t size, capacity;
  bool overflow;
} PtCborWriter;

void pt_cbor_writer_init (PtCborWriter *writer, void *buffer, size_t capacity);
void pt_cbor_write_array (PtCborWriter *writer, size_t count);
void pt_cbor_write_integer (PtCborWriter *writer, int64_t value); /* not negative */
void pt_cbor_write_bytes (PtCborWriter *writer, const void *data, size_t size);
void pt_cbor_write_bool (PtCborWriter *writer, bool value);
void pt_cbor_write_null (PtCborWriter *writer);
PtResult pt_cbor_writer_finish (const PtCborWriter *writer, size_t *size);
