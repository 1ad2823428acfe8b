/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-private.h"
#include "pt-json.h"
#include "pt-sha256.h"

#define SEGMENTS 3

/* The parts of an entry that are signed: around "received" and "sig", in order. */
static void
signed_segments (const PtEntry *entry, PtSpan out[SEGMENTS])
{
  const char *data = entry->bytes.data;
  size_t after_received = entry->received_at + entry->received_size;
  size_t after_sig = entry->sig_at + entry->sig_size;

  out[0] = pt_span (data, entry->received_at);
  out[1] = pt_span (data + after_received, entry->sig_at - after_received);
  out[2] = pt_span (data + after_sig, entry->bytes.size - after_sig);
}

/* The first line of the signed bytes, which keeps a signature for one kind from serving another. */
static size_t
write_prefix (PtEntryKind kind, char out[32])
{
  PtJsonWriter writer;

  pt_json_writer_init (&writer, out, 32);
  pt_json_write_raw (&writer, pt_span ("powertrack ", 11));
  pt_json_write_literal (&writer, pt_entry_kind_name (kind));
  pt_json_write_raw (&writer, pt_span (" v1\n", 4));
  return writer.size;
}

void
pt_entry_digest (const PtEntry *entry, PtHash *out)
{
  PtSpan segments[SEGMENTS];
  char prefix[32];
  PtSha256 sha;

  pt_sha256_init (&sha);
  pt_sha256_update (&sha, prefix, write_prefix (entry->kind, prefix));
  signed_segments (entry, segments);
  for (int i = 0; i < SEGMENTS; i++)
    pt_sha256_update (&sha, segments[i].data, segments[i].size);
  pt_sha256_finish (&sha, out);
}

static PtResult
finish (const PtJsonWriter *writer, size_t *size)
{
  PtSpan written;
  PtResult result = pt_json_writer_finish (writer, &written);

  *size = written.size;
  return result;
}

PtResult
pt_entry_signed_bytes (const PtEntry *entry, char *out, size_t out_size, size_t *size)
{
  PtSpan segments[SEGMENTS];
  PtJsonWriter writer;
  char prefix[32];

  pt_json_writer_init (&writer, out, out_size);
  pt_json_write_raw (&writer, pt_span (prefix, write_prefix (entry->kind, prefix)));
  signed_segments (entry, segments);
  for (int i = 0; i < SEGMENTS; i++)
    pt_json_write_raw (&writer, segments[i]);
  return finish (&writer, size);
}

PtResult
pt_entry_verify (const PtEntry *entry, const PtVerifier *verifier,
                 const uint8_t public_key[PT_PUBLIC_KEY_SIZE])
{
  PtHash digest;

  if (!entry->has_signature)
    return PT_BAD_SIGNATURE;
  pt_entry_digest (entry, &digest);
  if (!verifier->verify (verifier->context, public_key, &digest, entry->signature))
    return PT_BAD_SIGNATURE;
  return PT_OK;
}

bool
pt_entry_same_signed (const PtEntry *a, const PtEntry *b)
{
  PtSpan left[SEGMENTS], right[SEGMENTS];

  /* The form is canonical, so equal signed bytes are cut at equal places. */
  if (a->kind != b->kind)
    return false;
  signed_segments (a, left);
  signed_segments (b, right);
  for (int i = 0; i < SEGMENTS; i++)
    if (!pt_span_equal (left[i], right[i]))
      return false;
  return true;
}

/* The bytes up to @place, a new member's key, and then what the caller writes. */
static void
begin_insert (PtJsonWriter *writer, const PtEntry *entry, size_t place, const char *key)
{
  pt_json_write_raw (writer, pt_span (entry->bytes.data, place));
  pt_json_write_literal (writer, key);
}

static PtResult
end_insert (PtJsonWriter *writer, const PtEntry *entry, size_t place, size_t *size)
{
  PtResult result;

  pt_json_write_raw (writer, pt_span (entry->bytes.data + place, entry->bytes.size - place));
  result = finish (writer, size);
  if (*size <= PT_ENTRY_MAX)
    return result;
  *size = 0;
  return PT_TOO_LARGE;
}

/* "received" between @at and @after of the entry's bytes. */
static PtResult
write_received (const PtEntry *entry, size_t at, size_t after, int64_t received, char *out,
                size_t out_size, size_t *size)
{
  PtJsonWriter writer;

  if (!entry->has_signature || received < 0 || received > PT_INTEGER_MAX)
    return PT_MALFORMED;
  pt_json_writer_init (&writer, out, out_size);
  begin_insert (&writer, entry, at, ",\"received\":");
  pt_json_write_integer (&writer, received);
  return end_insert (&writer, entry, after, size);
}

PtResult
pt_entry_store (const PtEntry *entry, int64_t received, char *out, size_t out_size, size_t *size)
{
  *size = 0;
  if (entry->has_received)
    return PT_MALFORMED;
  return write_received (entry, entry->received_place, entry->received_place, received, out,
                         out_size, size);
}

PtResult
pt_entry_restamp (const PtEntry *entry, int64_t received, char *out, size_t out_size, size_t *size)
{
  *size = 0;
  if (!entry->has_received)
    return PT_MALFORMED;
  return write_received (entry, entry->received_at, entry->received_at + entry->received_size,
                         received, out, out_size, size);
}

PtResult
pt_entry_attach (const PtEntry *unsigned_entry, const uint8_t signature[PT_SIGNATURE_SIZE],
                 char *out, size_t out_size, size_t *size)
{
  PtJsonWriter writer;

  *size = 0;
  if (unsigned_entry->has_signature || unsigned_entry->has_received)
    return PT_MALFORMED;
  pt_json_writer_init (&writer, out, out_size);
  begin_insert (&writer, unsigned_entry, unsigned_entry->sig_at, ",\"sig\":");
  pt_json_write_base64url (&writer, signature, PT_SIGNATURE_SIZE);
  return end_insert (&writer, unsigned_entry, unsigned_entry->sig_at, size);
}

PtResult
pt_entry_sign (const PtEntry *unsigned_entry, const PtSigner *signer, char *out, size_t out_size,
               size_t *size)
{
  uint8_t signature[PT_SIGNATURE_SIZE] = { 0 };
  PtHash digest;

  *size = 0;
  if (unsigned_entry->has_signature || unsigned_entry->has_received)
    return PT_MALFORMED;
  pt_entry_digest (unsigned_entry, &digest);
  if (!signer->sign (signer->context, &digest, signature))
    return PT_BAD_KEY;
  return pt_entry_attach (unsigned_entry, signature, out, out_size, size);
}

static void
write_choice (PtJsonWriter *writer, const PtEntry *fields, PtEntryFieldId id)
{
  const char *const *choices = pt_entry_fields[id].choices;
  int choice = pt_entry_choice (fields, id);

  for (int i = 0; choices[i]; i++)
    if (i == choice)
      {
        pt_json_write_literal (writer, "\"");
        pt_json_write_literal (writer, choices[i]);
        pt_json_write_literal (writer, "\"");
        return;
      }
  pt_json_write_literal (writer, "null"); /* no such choice: refused when it is read back */
}

static void
write_integer (PtJsonWriter *writer, int64_t value)
{
  if (value >= -PT_INTEGER_MAX && value <= PT_INTEGER_MAX)
    pt_json_write_integer (writer, value);
  else
    pt_json_write_literal (writer, "null"); /* likewise */
}

static void
write_value (PtJsonWriter *writer, const PtEntry *fields, PtEntryFieldId id)
{
  const PtEntryField *field = &pt_entry_fields[id];
  const void *slot = (const char *) fields + field->offset;

  switch ((PtEntryFieldType) field->type)
    {
    case PT_FIELD_TYPE_INTEGER:
      write_integer (writer, *(const int64_t *) slot);
      break;
    case PT_FIELD_TYPE_AREA_ID:
    case PT_FIELD_TYPE_ID:
    case PT_FIELD_TYPE_TEXT:
      pt_json_write_string (writer, *(const PtSpan *) slot);
      break;
    case PT_FIELD_TYPE_HASH:
      pt_json_write_hex (writer, slot, PT_HASH_SIZE);
      break;
    case PT_FIELD_TYPE_PUBLIC_KEY:
      pt_json_write_base64url (writer, slot, PT_PUBLIC_KEY_SIZE);
      break;
    case PT_FIELD_TYPE_SIGNATURE:
      pt_json_write_base64url (writer, slot, PT_SIGNATURE_SIZE);
      break;
    case PT_FIELD_TYPE_CHOICE:
      write_choice (writer, fields, id);
      break;
    }
}

PtResult
pt_entry_write (const PtEntry *fields, char *out, size_t out_size, size_t *size)
{
  uint64_t present = pt_entry_fields_of (fields);
  PtJsonWriter writer;
  PtEntry written;
  PtResult result;
  char before = '{';

  pt_json_writer_init (&writer, out, out_size);
  for (unsigned id = 0; id < PT_FIELD_COUNT; id++)
    {
      if (!(present >> id & 1))
        continue;
      pt_json_write_raw (&writer, pt_span (&before, 1));
      pt_json_write_string (&writer,
                            pt_span (pt_entry_fields[id].name, pt_entry_fields[id].name_size));
      pt_json_write_raw (&writer, pt_span (":", 1));
      write_value (&writer, fields, (PtEntryFieldId) id);
      before = ',';
    }
  pt_json_write_raw (&writer, pt_span ("}", 1));
  result = finish (&writer, size);
  /* Reading it back holds every field to the parser's rules. */
  if (result == PT_OK)
    result = pt_entry_parse (pt_span (out, *size), PT_ENTRY_UNSIGNED, &written);
  if (result == PT_NOT_CANONICAL)
    result = PT_MALFORMED;
  if (result != PT_OK)
    *size = 0;
  return result;
}
