/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-receipt.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-json.h"
#include "pt-sha256.h"

#define FORMAT "powertrack-receipt-1"
#define PREFIX "powertrack receipt v1\n"

/* Reads the next member, which must be @key with a value of @type. */
static PtResult
expect (PtJsonReader *reader, const char *key, PtJsonType type, PtJsonValue *value)
{
  PtSpan found;
  bool more;
  PtResult result = pt_json_member (reader, &more, &found, value, NULL);

  if (result != PT_OK)
    return result;
  return more && pt_span_is (found, key) && value->type == type ? PT_OK : PT_MALFORMED;
}

static PtResult
expect_integer (PtJsonReader *reader, const char *key, int64_t least, int64_t *out)
{
  PtJsonValue value;
  PtResult result = expect (reader, key, PT_JSON_INTEGER, &value);

  if (result != PT_OK)
    return result;
  *out = value.integer;
  return value.integer >= least ? PT_OK : PT_MALFORMED;
}

static PtResult
expect_hash (PtJsonReader *reader, const char *key, PtHash *out)
{
  PtJsonValue value;
  PtResult result = expect (reader, key, PT_JSON_STRING, &value);

  if (result != PT_OK)
    return result;
  return pt_hex_decode (value.text, out->bytes, PT_HASH_SIZE) ? PT_OK : PT_MALFORMED;
}

static PtResult
expect_area (PtJsonReader *reader, PtSpan *out)
{
  PtJsonValue value;
  PtResult result = expect (reader, "area", PT_JSON_STRING, &value);

  if (result != PT_OK)
    return result;
  *out = value.text;
  return pt_is_area_id (value.text) ? PT_OK : PT_MALFORMED;
}

static PtResult
expect_format (PtJsonReader *reader)
{
  PtJsonValue value;
  PtResult result = expect (reader, "format", PT_JSON_STRING, &value);

  return result != PT_OK || pt_span_is (value.text, FORMAT) ? result : PT_MALFORMED;
}

static PtResult
expect_path (PtJsonReader *reader, PtReceipt *out)
{
  PtJsonValue value;
  PtResult result = expect (reader, "path", PT_JSON_ARRAY, &value);

  while (result == PT_OK)
    {
      bool more;

      result = pt_json_element (reader, &more, &value);
      if (result != PT_OK || !more)
        break;
      if (value.type != PT_JSON_STRING || out->path_count == PT_TREE_DEPTH_MAX
          || !pt_hex_decode (value.text, out->path[out->path_count].bytes, PT_HASH_SIZE))
        return PT_MALFORMED;
      out->path_count++;
    }
  return result;
}

static PtResult
expect_signature (PtJsonReader *reader, uint8_t out[PT_SIGNATURE_SIZE])
{
  PtJsonValue value;
  PtResult result = expect (reader, "sig", PT_JSON_STRING, &value);

  if (result != PT_OK)
    return result;
  return pt_base64url_decode (value.text, out, PT_SIGNATURE_SIZE) ? PT_OK : PT_MALFORMED;
}

static PtResult
expect_end (PtJsonReader *reader)
{
  PtJsonValue value;
  PtSpan found;
  bool more;
  PtResult result = pt_json_member (reader, &more, &found, &value, NULL);

  if (result == PT_OK && more)
    return PT_MALFORMED;
  return result == PT_OK ? pt_json_finish (reader) : result;
}

static PtResult
read_members (PtJsonReader *reader, PtReceipt *out)
{
  int64_t index = 0, size = 0;
  PtResult result = expect_area (reader, &out->area);

  if (result == PT_OK)
    result = expect_integer (reader, "by", 0, &out->by);
  if (result == PT_OK)
    result = expect_format (reader);
  if (result == PT_OK)
    result = expect_integer (reader, "index", 0, &index);
  if (result == PT_OK)
    result = expect_hash (reader, "leaf", &out->leaf);
  if (result == PT_OK)
    result = expect_path (reader, out);
  if (result == PT_OK)
    result = expect_integer (reader, "received", 0, &out->received);
  if (result == PT_OK)
    result = expect_hash (reader, "root", &out->root);
  if (result == PT_OK)
    result = expect_signature (reader, out->signature);
  if (result == PT_OK)
    result = expect_integer (reader, "size", 1, &size);
  if (result == PT_OK)
    result = expect_end (reader);
  out->index = (uint64_t) index;
  out->size = (uint64_t) size;
  return result;
}

PtResult
pt_receipt_parse (PtSpan bytes, PtReceipt *out)
{
  PtJsonReader reader;
  PtResult result;

  memset (out, 0, sizeof *out);
  if (bytes.size > PT_RECEIPT_MAX)
    return PT_TOO_LARGE;
  pt_json_reader_init (&reader, bytes);
  result = pt_json_open (&reader);
  if (result == PT_OK)
    result = read_members (&reader, out);
  if (result == PT_MALFORMED)
    result = pt_json_classify (bytes);
  if (result == PT_OK)
    result = pt_tree_verify_inclusion (out->index, out->size, &out->leaf, out->path,
                                       out->path_count, &out->root);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}

PtResult
pt_receipt_write (const PtReceipt *receipt, char *out, size_t out_size, size_t *size)
{
  PtJsonWriter writer;
  PtSpan written;
  PtResult result;

  pt_json_writer_init (&writer, out, out_size);
  pt_json_write_literal (&writer, "{\"area\":");
  pt_json_write_string (&writer, receipt->area);
  pt_json_write_literal (&writer, ",\"by\":");
  pt_json_write_integer (&writer, receipt->by);
  pt_json_write_literal (&writer, ",\"format\":\"" FORMAT "\",\"index\":");
  pt_json_write_integer (&writer, (int64_t) receipt->index);
  pt_json_write_literal (&writer, ",\"leaf\":");
  pt_json_write_hex (&writer, receipt->leaf.bytes, PT_HASH_SIZE);
  pt_json_write_literal (&writer, ",\"path\":[");
  for (size_t i = 0; i < receipt->path_count; i++)
    {
      if (i > 0)
        pt_json_write_literal (&writer, ",");
      pt_json_write_hex (&writer, receipt->path[i].bytes, PT_HASH_SIZE);
    }
  pt_json_write_literal (&writer, "],\"received\":");
  pt_json_write_integer (&writer, receipt->received);
  pt_json_write_literal (&writer, ",\"root\":");
  pt_json_write_hex (&writer, receipt->root.bytes, PT_HASH_SIZE);
  pt_json_write_literal (&writer, ",\"sig\":");
  pt_json_write_base64url (&writer, receipt->signature, PT_SIGNATURE_SIZE);
  pt_json_write_literal (&writer, ",\"size\":");
  pt_json_write_integer (&writer, (int64_t) receipt->size);
  pt_json_write_literal (&writer, "}");
  result = pt_json_writer_finish (&writer, &written);
  *size = written.size;
  return result;
}

void
pt_receipt_digest (const PtReceipt *receipt, PtHash *out)
{
  char buffer[512]; /* an area, four integers and a hash */
  PtJsonWriter writer;
  PtSha256 sha;

  pt_json_writer_init (&writer, buffer, sizeof buffer);
  pt_json_write_literal (&writer, PREFIX "{\"area\":");
  pt_json_write_string (&writer, receipt->area);
  pt_json_write_literal (&writer, ",\"by\":");
  pt_json_write_integer (&writer, receipt->by);
  pt_json_write_literal (&writer, ",\"format\":\"" FORMAT "\",\"received\":");
  pt_json_write_integer (&writer, receipt->received);
  pt_json_write_literal (&writer, ",\"root\":");
  pt_json_write_hex (&writer, receipt->root.bytes, PT_HASH_SIZE);
  pt_json_write_literal (&writer, ",\"size\":");
  pt_json_write_integer (&writer, (int64_t) receipt->size);
  pt_json_write_literal (&writer, "}");
  pt_sha256_init (&sha);
  pt_sha256_update (&sha, writer.data, writer.size);
  pt_sha256_finish (&sha, out);
}

PtResult
pt_receipt_verify (const PtReceipt *receipt, const PtVerifier *verifier,
                   const uint8_t service_key[PT_PUBLIC_KEY_SIZE])
{
  PtHash digest;

  pt_receipt_digest (receipt, &digest);
  return verifier->verify (verifier->context, service_key, &digest, receipt->signature)
             ? PT_OK
             : PT_BAD_SIGNATURE;
}

const char *
pt_promise_name (PtPromise promise)
{
  static const char *const names[] = { "pending", "kept", "late", "broken" };

  return (unsigned) promise <= PT_PROMISE_BROKEN ? names[promise] : "unknown";
}

PtPromise
pt_receipt_judge (const PtReceipt *receipt, const PtReceiptFacts *facts)
{
  if (facts->is_anchored && !facts->holds_leaf)
    return PT_PROMISE_BROKEN;
  if (facts->is_anchored)
    return facts->anchored <= receipt->by ? PT_PROMISE_KEPT : PT_PROMISE_LATE;
  return facts->final_time > receipt->by ? PT_PROMISE_LATE : PT_PROMISE_PENDING;
}
