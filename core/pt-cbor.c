/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-cbor.h"

#include <string.h>

/* Major types (RFC 8949 section 3.1), and the simple values of section 3.3. */
enum
{
  MAJOR_UNSIGNED = 0,
  MAJOR_BYTES = 2,
  MAJOR_ARRAY = 4
};
#define BYTE_FALSE 0xf4
#define BYTE_TRUE 0xf5
#define BYTE_NULL 0xf6

void
pt_cbor_reader_init (PtCborReader *reader, PtSpan bytes)
{
  reader->at = (const uint8_t *) bytes.data;
  reader->end = reader->at ? reader->at + bytes.size : NULL;
}

static size_t
left (const PtCborReader *reader)
{
  return (size_t) (reader->end - reader->at);
}

/* An item's head: its argument in as few bytes as hold it. Beyond 2^53 - 1 it is nothing of ours.
 */
static PtResult
read_head (PtCborReader *reader, uint8_t major, int64_t *out)
{
  uint64_t value = 0;
  uint8_t info;
  size_t size;

  *out = 0;
  if (left (reader) == 0 || reader->at[0] >> 5 != major)
    return PT_MALFORMED;
  info = reader->at[0] & 0x1f;
  if (info > 27)
    return PT_MALFORMED;
  size = info < 24 ? 0 : (size_t) 1 << (info - 24);
  if (left (reader) < 1 + size)
    return PT_MALFORMED;
  for (size_t i = 0; i < size; i++)
    value = value << 8 | reader->at[1 + i];
  if (size == 0)
    value = info;
  else if (value < (size == 1 ? 24 : (uint64_t) 1 << 4 * size))
    return PT_NOT_CANONICAL;
  if (value > (uint64_t) PT_INTEGER_MAX)
    return PT_MALFORMED;
  reader->at += 1 + size;
  *out = (int64_t) value;
  return PT_OK;
}

PtResult
pt_cbor_read_array (PtCborReader *reader, int64_t *count)
{
  return read_head (reader, MAJOR_ARRAY, count);
}

PtResult
pt_cbor_read_integer (PtCborReader *reader, int64_t *out)
{
  return read_head (reader, MAJOR_UNSIGNED, out);
}

PtResult
pt_cbor_read_bytes (PtCborReader *reader, PtSpan *out)
{
  int64_t size;
  PtResult result = read_head (reader, MAJOR_BYTES, &size);

  *out = pt_span (NULL, 0);
  if (result != PT_OK)
    return result;
  if ((uint64_t) size > left (reader))
    return PT_MALFORMED;
  *out = pt_span (reader->at, (size_t) size);
  reader->at += size;
  return PT_OK;
}

PtResult
pt_cbor_read_exactly (PtCborReader *reader, void *out, size_t size)
{
  PtSpan bytes;
  PtResult result = pt_cbor_read_bytes (reader, &bytes);

  if (result != PT_OK)
    return result;
  if (bytes.size != size)
    return PT_MALFORMED;
  memcpy (out, bytes.data, size);
  return PT_OK;
}

PtResult
pt_cbor_read_bool (PtCborReader *reader, bool *out)
{
  *out = false;
  if (left (reader) == 0 || (reader->at[0] != BYTE_FALSE && reader->at[0] != BYTE_TRUE))
    return PT_MALFORMED;
  *out = *reader->at++ == BYTE_TRUE;
  return PT_OK;
}

bool
pt_cbor_skip_null (PtCborReader *reader)
{
  if (left (reader) == 0 || reader->at[0] != BYTE_NULL)
    return false;
  reader->at++;
  return true;
}

PtResult
pt_cbor_finish (const PtCborReader *reader)
{
  return left (reader) == 0 ? PT_OK : PT_MALFORMED;
}

void
pt_cbor_writer_init (PtCborWriter *writer, void *buffer, size_t capacity)
{
  *writer = (PtCborWriter){ .data = buffer, .capacity = capacity };
}

static void
write_raw (PtCborWriter *writer, const void *data, size_t size)
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

static void
write_byte (PtCborWriter *writer, uint8_t byte)
{
  write_raw (writer, &byte, 1);
}

static void
write_head (PtCborWriter *writer, unsigned major, uint64_t value)
{
  uint8_t head[9];
  unsigned log = 0; /* of the argument's size */
  size_t size;

  if (value < 24)
    {
      write_byte (writer, (uint8_t) (major << 5 | value));
      return;
    }
  while (log < 3 && value >> (8u << log) != 0)
    log++;
  size = (size_t) 1 << log;
  head[0] = (uint8_t) (major << 5 | (24 + log));
  for (size_t i = 0; i < size; i++)
    head[1 + i] = (uint8_t) (value >> 8 * (size - 1 - i));
  write_raw (writer, head, 1 + size);
}

void
pt_cbor_write_array (PtCborWriter *writer, size_t count)
{
  write_head (writer, MAJOR_ARRAY, count);
}

void
pt_cbor_write_integer (PtCborWriter *writer, int64_t value)
{
  write_head (writer, MAJOR_UNSIGNED, (uint64_t) value);
}

void
pt_cbor_write_bytes (PtCborWriter *writer, const void *data, size_t size)
{
  write_head (writer, MAJOR_BYTES, size);
  write_raw (writer, data, size);
}

void
pt_cbor_write_bool (PtCborWriter *writer, bool value)
{
  write_byte (writer, value ? BYTE_TRUE : BYTE_FALSE);
}

void
pt_cbor_write_null (PtCborWriter *writer)
{
  write_byte (writer, BYTE_NULL);
}

PtResult
pt_cbor_writer_finish (const PtCborWriter *writer, size_t *size)
{
  *size = writer->overflow ? 0 : writer->size;
  return writer->overflow ? PT_NO_SPACE : PT_OK;
}
