/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-bundle.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-json-expect.h"
#include "pt-rules.h"

#define FORMAT "powertrack-proof-1"

static PtResult
expect_count (PtJsonReader *reader, const char *key, int64_t least, uint64_t *out)
{
  int64_t value;
  PtResult result = pt_json_expect_integer (reader, key, least, &value);

  if (result == PT_OK)
    *out = (uint64_t) value;
  return result;
}

/* Hex behind 0x. */
static PtResult
expect_address (PtJsonReader *reader, const char *key, void *out, size_t size)
{
  PtSpan text;
  PtResult result = pt_json_expect_text (reader, key, &text);

  if (result != PT_OK)
    return result;
  return text.size > 2 && text.data[0] == '0' && text.data[1] == 'x'
                 && pt_hex_decode (pt_span (text.data + 2, text.size - 2), out, size)
             ? PT_OK
             : PT_MALFORMED;
}

/* Unescapes into the caller's buffer, behind what stands there already. */
static PtResult
expect_entry (PtJsonReader *reader, const char *key, char *buffer, size_t buffer_size, size_t *used,
              PtSpan *out)
{
  PtJsonValue value;
  size_t size;
  PtResult result = pt_json_expect (reader, key, PT_JSON_STRING, &value);

  if (result == PT_OK)
    result = pt_json_unescape (value.text, buffer + *used, buffer_size - *used, &size);
  if (result != PT_OK)
    return result;
  if (size > PT_ENTRY_MAX)
    return PT_TOO_LARGE;
  *out = pt_span (buffer + *used, size);
  *used += size;
  return PT_OK;
}

static PtResult
parse_chain (PtJsonReader *reader, PtBundle *out)
{
  PtJsonValue value;
  PtResult result = pt_json_expect (reader, "chain", PT_JSON_OBJECT, &value);

  if (result == PT_OK)
    result = expect_count (reader, "block", 0, &out->block);
  if (result == PT_OK)
    result = expect_count (reader, "chain_id", 1, &out->chain_id);
  if (result == PT_OK)
    result = expect_address (reader, "contract", out->contract, sizeof out->contract);
  if (result == PT_OK)
    result = expect_address (reader, "tx", out->transaction, sizeof out->transaction);
  return result == PT_OK ? pt_json_expect_end (reader) : result;
}

/* The members up to and with "cid". */
static PtResult
parse_place (PtJsonReader *reader, PtBundle *out)
{
  PtSpan cid;
  PtResult result = pt_json_expect_area (reader, "area", &out->area);

  if (result == PT_OK)
    result = expect_count (reader, "batch", 1, &out->batch);
  if (result == PT_OK)
    result = parse_chain (reader, out);
  if (result == PT_OK)
    result = pt_json_expect_text (reader, "cid", &cid);
  return result != PT_OK ? result : pt_cid_from_text (cid, &out->cid);
}

static PtResult
parse_proof (PtJsonReader *reader, char *buffer, size_t buffer_size, PtBundle *out)
{
  size_t used = 0;
  PtResult result = expect_entry (reader, "entry", buffer, buffer_size, &used, &out->entry);

  if (result == PT_OK)
    result = pt_json_expect_literal (reader, "format", FORMAT);
  if (result == PT_OK)
    result = expect_count (reader, "index", 0, &out->index);
  if (result == PT_OK)
    result = pt_json_expect_hashes (reader, "path", out->path, PT_TREE_DEPTH_MAX, &out->path_count);
  if (result == PT_OK)
    result = pt_json_expect_hex (reader, "root", out->root.bytes, PT_HASH_SIZE);
  if (result == PT_OK)
    result = expect_entry (reader, "signer", buffer, buffer_size, &used, &out->signer);
  if (result == PT_OK)
    result = expect_count (reader, "size", 1, &out->size);
  if (result == PT_OK && out->index >= out->size)
    result = PT_MALFORMED;
  return result;
}

PtResult
pt_bundle_parse (PtSpan text, char *buffer, size_t buffer_size, PtBundle *out)
{
  PtJsonReader reader;
  PtResult result;

  memset (out, 0, sizeof *out);
  if (text.size > PT_BUNDLE_MAX)
    return PT_TOO_LARGE;
  pt_json_reader_init (&reader, text);
  result = pt_json_open (&reader);
  if (result == PT_OK)
    result = parse_place (&reader, out);
  if (result == PT_OK)
    result = parse_proof (&reader, buffer, buffer_size, out);
  if (result == PT_OK)
    result = pt_json_expect_end (&reader);
  if (result == PT_OK)
    result = pt_json_finish (&reader);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}

static bool
fits (uint64_t value)
{
  return value <= (uint64_t) PT_INTEGER_MAX;
}

/* What the parser would refuse must not be written. */
static PtResult
check_writable (const PtBundle *bundle)
{
  PtCid cid;

  if (bundle->entry.size > PT_ENTRY_MAX || bundle->signer.size > PT_ENTRY_MAX
      || bundle->path_count > PT_TREE_DEPTH_MAX)
    return PT_TOO_LARGE;
  if (!pt_is_area_id (bundle->area) || !pt_is_utf8 (bundle->entry) || !pt_is_utf8 (bundle->signer))
    return PT_MALFORMED;
  if (bundle->batch == 0 || !fits (bundle->batch) || !fits (bundle->block) || bundle->chain_id == 0
      || !fits (bundle->chain_id) || !fits (bundle->size) || bundle->index >= bundle->size)
    return PT_MALFORMED;
  return pt_cid_from_bytes (bundle->cid.bytes, PT_CID_SIZE, &cid);
}

static void
write_count (PtJsonWriter *writer, const char *key, uint64_t value)
{
  pt_json_write_literal (writer, key);
  pt_json_write_integer (writer, (int64_t) value);
}

static void
write_string (PtJsonWriter *writer, const char *key, PtSpan value)
{
  pt_json_write_literal (writer, key);
  pt_json_write_string (writer, value);
}

/* @prefixed: after "0x", as the Ethereum world writes it. */
static void
write_hex (PtJsonWriter *writer, const char *key, bool prefixed, const void *data, size_t size)
{
  char text[2 + 2 * PT_HASH_SIZE] = "0x";
  size_t used = prefixed ? 2 : 0;

  used += pt_hex_encode (data, size, text + used, sizeof text - used);
  write_string (writer, key, pt_span (text, used));
}

PtResult
pt_bundle_write (const PtBundle *bundle, char *out, size_t out_size, size_t *size)
{
  char cid[PT_CID_TEXT_SIZE + 1];
  PtJsonWriter writer;
  PtSpan written = { 0 };
  PtResult result = check_writable (bundle);

  *size = 0;
  if (result != PT_OK)
    return result;
  pt_cid_to_text (&bundle->cid, cid);
  pt_json_writer_init (&writer, out, out_size);
  write_string (&writer, "{\"area\":", bundle->area);
  write_count (&writer, ",\"batch\":", bundle->batch);
  write_count (&writer, ",\"chain\":{\"block\":", bundle->block);
  write_count (&writer, ",\"chain_id\":", bundle->chain_id);
  write_hex (&writer, ",\"contract\":", true, bundle->contract, sizeof bundle->contract);
  write_hex (&writer, ",\"tx\":", true, bundle->transaction, sizeof bundle->transaction);
  write_string (&writer, "},\"cid\":", pt_span (cid, PT_CID_TEXT_SIZE));
  write_string (&writer, ",\"entry\":", bundle->entry);
  write_string (&writer, ",\"format\":", pt_span (FORMAT, sizeof FORMAT - 1));
  write_count (&writer, ",\"index\":", bundle->index);
  pt_json_write_literal (&writer, ",\"path\":[");
  for (size_t i = 0; i < bundle->path_count; i++)
    write_hex (&writer, i > 0 ? "," : "", false, bundle->path[i].bytes, PT_HASH_SIZE);
  write_hex (&writer, "],\"root\":", false, bundle->root.bytes, PT_HASH_SIZE);
  write_string (&writer, ",\"signer\":", bundle->signer);
  write_count (&writer, ",\"size\":", bundle->size);
  pt_json_write_literal (&writer, "}");
  result = pt_json_writer_finish (&writer, &written);
  *size = result == PT_OK ? written.size : 0;
  return result;
}

static PtResult
find_entry (const PtBundle *bundle, PtSpan bytes, PtEntry *entry)
{
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, entry);

  if (result == PT_OK && !pt_span_equal (entry->area, bundle->area))
    result = PT_MALFORMED;
  if (result == PT_OK && pt_rule_time (entry) != PT_RULE_HOLDS)
    result = PT_BAD_TIME;
  return result;
}

static PtResult
find_inclusion (const PtBundle *bundle)
{
  PtHash leaf;

  if (bundle->path_count > PT_TREE_DEPTH_MAX)
    return PT_BAD_PROOF;
  pt_tree_leaf_hash (bundle->entry, &leaf);
  return pt_tree_verify_inclusion (bundle->index, bundle->size, &leaf, bundle->path,
                                   bundle->path_count, &bundle->root);
}

/* Whether the registration @signer lets its key sign @entry. The log's order is that of `received`,
 * so a registration that came later cannot vouch. */
static bool
vouches (const PtEntry *signer, const PtEntry *entry)
{
  PtDeviceFacts device = pt_device_facts (signer);
  PtOfficialFacts official = pt_official_facts (signer);

  if (signer->received > entry->received)
    return false;
  if (entry->kind == PT_ENTRY_REPORT)
    return signer->kind == PT_ENTRY_DEVICE && pt_span_equal (signer->device, entry->device)
           && pt_rule_report (entry, &device) == PT_RULE_HOLDS;
  if (entry->kind == PT_ENTRY_LOST)
    return signer->kind == PT_ENTRY_DEVICE && pt_span_equal (signer->device, entry->device)
           && device.status == PT_STATUS_ACTIVE;
  return pt_entry_signer (entry) == PT_SIGNER_OFFICIAL && signer->kind == PT_ENTRY_OFFICIAL
         && pt_span_equal (signer->official, entry->by) && official.status == PT_STATUS_ACTIVE;
}

/* Copies the key that must have signed @entry. */
static PtResult
find_signer (const PtBundle *bundle, const PtEntry *entry, const PtVerifier *verifier,
             const uint8_t *service_key, uint8_t key[PT_PUBLIC_KEY_SIZE])
{
  PtEntry signer;
  PtResult result;

  if (pt_entry_signer (entry) == PT_SIGNER_SERVICE)
    {
      if (bundle->signer.size != 0 || service_key == NULL)
        return PT_BAD_KEY;
      memcpy (key, service_key, PT_PUBLIC_KEY_SIZE);
    }
  else if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    {
      if (bundle->signer.size != 0)
        return PT_BAD_KEY;
      memcpy (key, entry->key, PT_PUBLIC_KEY_SIZE);
    }
  else
    {
      result = find_entry (bundle, bundle->signer, &signer);
      if (result != PT_OK)
        return result;
      if (!vouches (&signer, entry))
        return PT_BAD_KEY;
      memcpy (key, signer.key, PT_PUBLIC_KEY_SIZE);
    }
  return verifier->check_key (verifier->context, key) ? PT_OK : PT_BAD_KEY;
}

PtResult
pt_bundle_verify (const PtBundle *bundle, const PtVerifier *verifier, const uint8_t *service_key,
                  PtBundleFindings *out)
{
  uint8_t key[PT_PUBLIC_KEY_SIZE];
  PtEntry entry;

  out->signer = PT_NOT_CHECKED;
  out->signature = PT_NOT_CHECKED;
  out->entry = find_entry (bundle, bundle->entry, &entry);
  out->inclusion = find_inclusion (bundle);
  if (out->entry == PT_OK)
    out->signer = find_signer (bundle, &entry, verifier, service_key, key);
  if (out->signer == PT_OK && out->entry == PT_OK)
    out->signature = pt_entry_verify (&entry, verifier, key);

  if (out->entry != PT_OK)
    return out->entry;
  if (out->inclusion != PT_OK)
    return out->inclusion;
  return out->signer != PT_OK ? out->signer : out->signature;
}
