/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-held.h"

#include <string.h>

#include "pt-cbor.h"
#include "pt-json-expect.h"
#include "pt-sha256.h"

#define FORMAT "powertrack-held-1"
#define PREFIX "powertrack held v1\n"
#define ELEMENTS 4 /* of the CBOR array */

/* Where a counter has its bit; -1: it has none. */
static int64_t
bit_of (const PtHeld *held, int64_t counter)
{
  int64_t bit = held->highest - 1 - counter;

  return counter >= 1 && bit >= 0 && bit < PT_HELD_WINDOW ? bit : -1;
}

bool
pt_held_set_missing (PtHeld *held, int64_t counter)
{
  int64_t bit = bit_of (held, counter);

  if (bit < 0)
    return false;
  held->missing[bit / 8] |= (uint8_t) (1u << bit % 8);
  return true;
}

bool
pt_held_is_missing (const PtHeld *held, int64_t counter)
{
  int64_t bit = bit_of (held, counter);

  return bit >= 0 && (held->missing[bit / 8] >> bit % 8 & 1) != 0;
}

/* Ascending, each in its window. */
static PtResult
expect_missing (PtJsonReader *reader, PtHeld *out)
{
  int64_t before = 0;
  PtJsonValue value;
  bool more;
  PtResult result = pt_json_expect (reader, "missing", PT_JSON_ARRAY, &value);

  while (result == PT_OK)
    {
      result = pt_json_element (reader, &more, &value);
      if (result != PT_OK || !more)
        break;
      if (value.type != PT_JSON_INTEGER || value.integer <= before
          || !pt_held_set_missing (out, value.integer))
        return PT_MALFORMED;
      before = value.integer;
    }
  return result;
}

static PtResult
read_members (PtJsonReader *reader, PtHeld *out)
{
  PtResult result = pt_json_expect_area (reader, "area", &out->area);

  if (result == PT_OK)
    result = pt_json_expect_id (reader, "device", &out->device);
  if (result == PT_OK)
    result = pt_json_expect_literal (reader, "format", FORMAT);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "highest", 0, &out->highest);
  if (result == PT_OK)
    result = expect_missing (reader, out);
  if (result == PT_OK)
    result = pt_json_expect_signature (reader, out->signature);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "ts", 0, &out->ts);
  if (result == PT_OK)
    result = pt_json_expect_end (reader);
  return result == PT_OK ? pt_json_finish (reader) : result;
}

PtResult
pt_held_parse (PtSpan json, PtHeld *out)
{
  PtJsonReader reader;
  PtResult result;

  memset (out, 0, sizeof *out);
  if (json.size > PT_HELD_JSON_MAX)
    return PT_TOO_LARGE;
  pt_json_reader_init (&reader, json);
  result = pt_json_open (&reader);
  if (result == PT_OK)
    result = read_members (&reader, out);
  if (result == PT_MALFORMED)
    result = pt_json_classify (json);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}

/* No bit for a counter below 1, no zero byte at the end. */
static bool
missing_is_sound (const PtHeld *held, PtSpan missing)
{
  int64_t counters = held->highest - 1; /* below the highest */
  int64_t last;

  if (missing.size == 0)
    return true;
  if (missing.size > PT_HELD_BYTES || missing.data[missing.size - 1] == 0)
    return false;
  for (last = 7; ((uint8_t) missing.data[missing.size - 1] >> last & 1) == 0;)
    last--;
  return (int64_t) (missing.size - 1) * 8 + last < counters;
}

static PtResult
read_elements (PtCborReader *reader, PtHeld *out)
{
  PtSpan missing;
  int64_t count;
  PtResult result = pt_cbor_read_array (reader, &count);

  if (result == PT_OK && count != ELEMENTS)
    result = PT_MALFORMED;
  if (result == PT_OK)
    result = pt_cbor_read_integer (reader, &out->highest);
  if (result == PT_OK)
    result = pt_cbor_read_bytes (reader, &missing);
  if (result == PT_OK && !missing_is_sound (out, missing))
    result = PT_MALFORMED;
  if (result == PT_OK && missing.size > 0)
    memcpy (out->missing, missing.data, missing.size);
  if (result == PT_OK)
    result = pt_cbor_read_integer (reader, &out->ts);
  if (result == PT_OK)
    result = pt_cbor_read_exactly (reader, out->signature, PT_SIGNATURE_SIZE);
  return result == PT_OK ? pt_cbor_finish (reader) : result;
}

PtResult
pt_held_parse_cbor (PtSpan bytes, PtSpan area, PtSpan device, PtHeld *out)
{
  PtCborReader reader;
  PtResult result;

  memset (out, 0, sizeof *out);
  pt_cbor_reader_init (&reader, bytes);
  result = read_elements (&reader, out);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  else
    {
      out->area = area;
      out->device = device;
    }
  return result;
}

/* Where the JSON goes: into a buffer, or into a hash piece by piece, since what is signed may be
 * long. */
typedef struct
{
  PtSha256 *sha; /* or NULL */
  PtJsonWriter writer;
} Sink;

static void
sink_flush (Sink *sink)
{
  if (!sink->sha)
    return;
  pt_sha256_update (sink->sha, sink->writer.data, sink->writer.size);
  sink->writer.size = 0;
}

static void
write_head (Sink *sink, const PtHeld *held)
{
  pt_json_write_literal (&sink->writer, "{\"area\":");
  pt_json_write_string (&sink->writer, held->area);
  pt_json_write_literal (&sink->writer, ",\"device\":");
  pt_json_write_string (&sink->writer, held->device);
  pt_json_write_literal (&sink->writer, ",\"format\":\"" FORMAT "\",\"highest\":");
  pt_json_write_integer (&sink->writer, held->highest);
  pt_json_write_literal (&sink->writer, ",\"missing\":[");
  sink_flush (sink);
}

static void
write_missing (Sink *sink, const PtHeld *held)
{
  bool first = true;

  for (int64_t bit = PT_HELD_WINDOW - 1; bit >= 0; bit--)
    {
      int64_t counter = held->highest - 1 - bit;

      if (!pt_held_is_missing (held, counter))
        continue;
      if (!first)
        pt_json_write_literal (&sink->writer, ",");
      pt_json_write_integer (&sink->writer, counter);
      first = false;
      sink_flush (sink);
    }
}

static void
write_tail (Sink *sink, const PtHeld *held, bool with_signature)
{
  pt_json_write_literal (&sink->writer, "]");
  if (with_signature)
    {
      pt_json_write_literal (&sink->writer, ",\"sig\":");
      pt_json_write_base64url (&sink->writer, held->signature, PT_SIGNATURE_SIZE);
    }
  pt_json_write_literal (&sink->writer, ",\"ts\":");
  pt_json_write_integer (&sink->writer, held->ts);
  pt_json_write_literal (&sink->writer, "}");
  sink_flush (sink);
}

PtResult
pt_held_write (const PtHeld *held, char *out, size_t out_size, size_t *size)
{
  Sink sink = { 0 };
  PtSpan written;
  PtResult result;

  pt_json_writer_init (&sink.writer, out, out_size);
  write_head (&sink, held);
  write_missing (&sink, held);
  write_tail (&sink, held, true);
  result = pt_json_writer_finish (&sink.writer, &written);
  *size = written.size;
  return result;
}

PtResult
pt_held_write_cbor (const PtHeld *held, void *out, size_t out_size, size_t *size)
{
  size_t bytes = PT_HELD_BYTES;
  PtCborWriter writer;

  while (bytes > 0 && held->missing[bytes - 1] == 0)
    bytes--;
  pt_cbor_writer_init (&writer, out, out_size);
  pt_cbor_write_array (&writer, ELEMENTS);
  pt_cbor_write_integer (&writer, held->highest);
  pt_cbor_write_bytes (&writer, held->missing, bytes);
  pt_cbor_write_integer (&writer, held->ts);
  pt_cbor_write_bytes (&writer, held->signature, PT_SIGNATURE_SIZE);
  return pt_cbor_writer_finish (&writer, size);
}

void
pt_held_digest (const PtHeld *held, PtHash *out)
{
  char piece[256]; /* an area, a device's id and three integers; never a list */
  PtSha256 sha;
  Sink sink = { .sha = &sha };

  pt_sha256_init (&sha);
  pt_sha256_update (&sha, PREFIX, sizeof PREFIX - 1);
  pt_json_writer_init (&sink.writer, piece, sizeof piece);
  write_head (&sink, held);
  write_missing (&sink, held);
  write_tail (&sink, held, false);
  pt_sha256_finish (&sha, out);
}

PtResult
pt_held_verify (const PtHeld *held, const PtVerifier *verifier,
                const uint8_t service_key[PT_PUBLIC_KEY_SIZE])
{
  PtHash digest;

  pt_held_digest (held, &digest);
  return verifier->verify (verifier->context, service_key, &digest, held->signature)
             ? PT_OK
             : PT_BAD_SIGNATURE;
}
