/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-receipt.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-json-expect.h"
#include "pt-sha256.h"

#define FORMAT "powertrack-receipt-1"
#define PREFIX "powertrack receipt v1\n"

static PtResult
read_members (PtJsonReader *reader, PtReceipt *out)
{
  int64_t index = 0, size = 0;
  PtResult result = pt_json_expect_area (reader, "area", &out->area);

  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "by", 0, &out->by);
  if (result == PT_OK)
    result = pt_json_expect_literal (reader, "format", FORMAT);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "index", 0, &index);
  if (result == PT_OK)
    result = pt_json_expect_hex (reader, "leaf", out->leaf.bytes, PT_HASH_SIZE);
  if (result == PT_OK)
    result = pt_json_expect_hashes (reader, "path", out->path, PT_TREE_DEPTH_MAX, &out->path_count);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "received", 0, &out->received);
  if (result == PT_OK)
    result = pt_json_expect_hex (reader, "root", out->root.bytes, PT_HASH_SIZE);
  if (result == PT_OK)
    result = pt_json_expect_signature (reader, out->signature);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "size", 1, &size);
  if (result == PT_OK)
    result = pt_json_expect_end (reader);
  if (result == PT_OK)
    result = pt_json_finish (reader);
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
