/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rlp.h"

#include <string.h>

#define STRING_BASE 0x80
#define LIST_BASE 0xc0
#define SHORT_MAX 55     /* longest payload whose length fits the first byte */
#define HEADER_MAX 9     /* first byte and a 64-bit length */
#define SHORT_TO_LONG 55 /* 0x80 + 55 + n, 0xc0 + 55 + n: a length of n bytes follows */

void
pt_rlp_init (PtRlpWriter *writer, uint8_t *buffer, size_t capacity)
{
  memset (writer, 0, sizeof *writer);
  writer->data = buffer;
  writer->capacity = capacity;
}

static void
append (PtRlpWriter *writer, const void *data, size_t size)
{
  if (writer->overflow || size > writer->capacity - writer->size)
    {
      writer->overflow = true;
      return;
    }
  if (size > 0)
    memcpy (writer->data + writer->size, data, size);
  writer->size += size;
}

static size_t
write_header (uint8_t base, size_t size, uint8_t out[HEADER_MAX])
{
  size_t length = 0;

  if (size <= SHORT_MAX)
    {
      out[0] = (uint8_t) (base + size);
      return 1;
    }
  for (uint64_t rest = size; rest > 0; rest >>= 8)
    length++;
  out[0] = (uint8_t) (base + SHORT_TO_LONG + length);
  for (size_t i = 0; i < length; i++)
    out[1 + i] = (uint8_t) ((uint64_t) size >> (8 * (length - 1 - i)));
  return 1 + length;
}

void
pt_rlp_bytes (PtRlpWriter *writer, const void *data, size_t size)
{
  uint8_t header[HEADER_MAX];

  if (size != 1 || *(const uint8_t *) data >= STRING_BASE)
    append (writer, header, write_header (STRING_BASE, size, header));
  append (writer, data, size);
}

void
pt_rlp_integer (PtRlpWriter *writer, const void *big_endian, size_t size)
{
  const uint8_t *bytes = big_endian;

  while (size > 0 && *bytes == 0)
    {
      bytes++;
      size--;
    }
  pt_rlp_bytes (writer, bytes, size);
}

void
pt_rlp_uint (PtRlpWriter *writer, uint64_t value)
{
  uint8_t bytes[8];

  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t) (value >> (56 - 8 * i));
  pt_rlp_integer (writer, bytes, sizeof bytes);
}

void
pt_rlp_list_begin (PtRlpWriter *writer)
{
  if (writer->depth < 0 || writer->depth >= PT_RLP_DEPTH_MAX)
    {
      writer->overflow = true;
      return;
    }
  writer->open[writer->depth++] = writer->size;
}

void
pt_rlp_list_end (PtRlpWriter *writer)
{
  uint8_t header[HEADER_MAX];
  size_t start, payload, length;

  if (writer->overflow || writer->depth <= 0)
    {
      writer->overflow = true;
      return;
    }
  start = writer->open[--writer->depth];
  payload = writer->size - start;
  length = write_header (LIST_BASE, payload, header);
  if (length > writer->capacity - writer->size)
    {
      writer->overflow = true;
      return;
    }
  memmove (writer->data + start + length, writer->data + start, payload);
  memcpy (writer->data + start, header, length);
  writer->size += length;
}

PtResult
pt_rlp_finish (const PtRlpWriter *writer, size_t *size)
{
  *size = 0;
  if (writer->overflow)
    return PT_NO_SPACE;
  if (writer->depth != 0)
    return PT_MALFORMED;
  *size = writer->size;
  return PT_OK;
}
