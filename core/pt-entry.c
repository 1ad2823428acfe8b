/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-private.h"
#include "pt-encoding.h"
#include "pt-json.h"

#include <string.h>

/* The first of the table's keys from @id on that is @key, or PT_FIELD_COUNT. Both are in order, so
 * one pass over the table serves an entry. */
static unsigned
find_field (unsigned id, PtSpan key)
{
  for (; id < PT_FIELD_COUNT; id++)
    if (pt_entry_fields[id].name_size == key.size
        && memcmp (pt_entry_fields[id].name, key.data, key.size) == 0)
      break;
  return id;
}

static bool
take_choice (unsigned id, PtSpan text, PtEntry *out)
{
  const char *const *choices = pt_entry_fields[id].choices;
  unsigned index = 0;

  while (choices[index] && !pt_span_is (text, choices[index]))
    index++;
  if (!choices[index])
    return false;
  pt_entry_choose (out, (PtEntryFieldId) id, index);
  return true;
}

static bool
take_integer (const PtEntryField *field, const PtJsonValue *value, int64_t *slot)
{
  *slot = value->integer;
  return value->type == PT_JSON_INTEGER && value->integer >= field->min
         && value->integer <= field->max;
}

/* Whether @value is of the field's type and range; puts it where it belongs. */
static bool
take_value (unsigned id, const PtJsonValue *value, PtEntry *out)
{
  const PtEntryField *field = &pt_entry_fields[id];
  void *slot = (char *) out + field->offset;

  if (field->type == PT_FIELD_TYPE_INTEGER)
    return take_integer (field, value, slot);
  if (value->type != PT_JSON_STRING)
    return false;
  switch ((PtEntryFieldType) field->type)
    {
    case PT_FIELD_TYPE_AREA_ID:
      *(PtSpan *) slot = value->text;
      return pt_is_area_id (value->text);
    case PT_FIELD_TYPE_ID:
      *(PtSpan *) slot = value->text;
      return pt_is_id (value->text);
    case PT_FIELD_TYPE_TEXT:
      *(PtSpan *) slot = value->text;
      return true;
    case PT_FIELD_TYPE_HASH:
      return pt_hex_decode (value->text, slot, PT_HASH_SIZE);
    case PT_FIELD_TYPE_PUBLIC_KEY: /* 4: uncompressed (SEC 1 section 2.3.3) */
      return pt_base64url_decode (value->text, slot, PT_PUBLIC_KEY_SIZE) && *(uint8_t *) slot == 4;
    case PT_FIELD_TYPE_SIGNATURE:
      return pt_base64url_decode (value->text, slot, PT_SIGNATURE_SIZE);
    case PT_FIELD_TYPE_CHOICE:
      return take_choice (id, value->text, out);
    case PT_FIELD_TYPE_INTEGER:
      break; /* taken above */
    }
  return false;
}

/* Remembers where "received" and "sig" are, or belong: before the first key after them. The comma
 * before a member counts as its own; no entry begins with either. */
static void
note_places (PtEntry *out, unsigned id, size_t key_at, size_t end)
{
  size_t comma = key_at - 1;

  if (id < PT_FIELD_RECEIVED)
    return;
  if (out->received_place == 0)
    out->received_place = out->received_at = comma;
  if (id == PT_FIELD_RECEIVED)
    out->received_size = end - comma;
  if (id >= PT_FIELD_SIG && out->sig_at == 0)
    out->sig_at = comma;
  if (id == PT_FIELD_SIG)
    out->sig_size = end - comma;
}

/* One pass over the members; *@seen gets their bits. */
static PtResult
read_fields (PtSpan bytes, PtEntry *out, uint64_t *seen)
{
  PtJsonReader reader;
  PtResult result;
  unsigned id = 0;

  *seen = 0;
  pt_json_reader_init (&reader, bytes);
  result = pt_json_open (&reader);
  while (result == PT_OK)
    {
      PtJsonValue value;
      PtSpan key;
      size_t at;
      bool more;

      result = pt_json_member (&reader, &more, &key, &value, &at);
      if (result != PT_OK)
        break;
      if (!more)
        return pt_json_finish (&reader);
      id = find_field (id, key);
      if (id == PT_FIELD_COUNT || !take_value (id, &value, out))
        return PT_MALFORMED;
      *seen |= UINT64_C (1) << id;
      note_places (out, id, at, (size_t) (reader.cursor - reader.start));
    }
  return result;
}

static bool
is_zero (const PtHash *hash)
{
  static const PtHash zero;

  return memcmp (hash, &zero, sizeof zero) == 0;
}

/* Only the first entry of a complaint or a notice has nothing before it. */
static bool
chain_holds (const PtEntry *entry)
{
  return (entry->n == 1) == is_zero (&entry->prev);
}

static bool
is_in_cell (const PtEntry *entry)
{
  return entry->lat % PT_HOUSE_CELL == 0 && entry->lon % PT_HOUSE_CELL == 0;
}

/* What ends or takes back something says why. */
static bool
needs_words (PtAction action)
{
  return action == PT_ACTION_RESOLVE || action == PT_ACTION_UNRESOLVE || action == PT_ACTION_REJECT
         || action == PT_ACTION_DUPLICATE;
}

static PtResult
check_action (const PtEntry *entry, uint64_t seen)
{
  bool official = (seen & PT_FIELD_BIT (NOTE)) != 0;

  if (!chain_holds (entry) || (official && needs_words (entry->action) && entry->note.size == 0))
    return PT_MALFORMED;
  return entry->site.size > 0 || is_in_cell (entry) ? PT_OK : PT_TOO_PRECISE;
}

static bool
notice_holds (const PtEntry *entry)
{
  return chain_holds (entry) && entry->start < entry->end && entry->status != PT_STATUS_REVOKED
         && (entry->n > 1 || entry->status == PT_STATUS_ACTIVE);
}

/* What members must be to each other, beyond their table. */
static PtResult
check_together (const PtEntry *entry, uint64_t seen)
{
  bool holds = true;

  switch (entry->kind)
    {
    case PT_ENTRY_DEVICE:
      if (entry->status == PT_STATUS_WITHDRAWN)
        return PT_MALFORMED;
      return entry->level != PT_LEVEL_HOUSE || is_in_cell (entry) ? PT_OK : PT_TOO_PRECISE;
    case PT_ENTRY_ACTION:
      return check_action (entry, seen);
    case PT_ENTRY_OFFICIAL:
      holds = entry->status != PT_STATUS_WITHDRAWN && !pt_is_citizen (entry->official)
              && !pt_is_service (entry->official);
      break;
    case PT_ENTRY_ROSTER:
      holds = entry->heard <= entry->expected;
      break;
    case PT_ENTRY_LOST:
      holds = entry->first <= entry->last;
      break;
    case PT_ENTRY_NOTICE:
      holds = notice_holds (entry);
      break;
    case PT_ENTRY_REPORT:
    case PT_ENTRY_PROFILE:
      break;
    }
  return holds ? PT_OK : PT_MALFORMED;
}

static PtResult
check_fields (PtEntry *entry, PtEntryForm form, uint64_t seen)
{
  uint64_t expected;

  if (!(seen & PT_FIELD_BIT (KIND)))
    return PT_MALFORMED;
  entry->has_signature = form != PT_ENTRY_UNSIGNED;
  entry->has_received = form == PT_ENTRY_STORED;
  entry->has_person_hash = (seen & PT_FIELD_BIT (PERSON_HASH)) != 0;
  entry->has_voltage = (seen & PT_FIELD_BIT (VOLTAGE)) != 0;
  entry->has_event = (seen & PT_FIELD_BIT (EVENT)) != 0;
  entry->has_note_hash = (seen & PT_FIELD_BIT (NOTE_HASH)) != 0;
  entry->has_photo_hash = (seen & PT_FIELD_BIT (PHOTO_HASH)) != 0;
  entry->has_block = (seen & PT_FIELDS_OF_BLOCK) != 0;
  expected = pt_entry_fields_of (entry);
  if (entry->has_signature)
    expected |= PT_FIELD_BIT (SIG);
  if (entry->has_received)
    expected |= PT_FIELD_BIT (RECEIVED);
  return seen == expected ? check_together (entry, seen) : PT_MALFORMED;
}

PtResult
pt_entry_parse (PtSpan bytes, PtEntryForm form, PtEntry *out)
{
  PtResult result;
  uint64_t seen;

  memset (out, 0, sizeof *out);
  if (bytes.size > PT_ENTRY_MAX)
    return PT_TOO_LARGE;
  out->bytes = bytes;
  result = read_fields (bytes, out, &seen);
  if (result == PT_OK)
    result = check_fields (out, form, seen);
  if (result == PT_OK)
    return PT_OK;
  memset (out, 0, sizeof *out);
  /* The table may have refused before the rest was read. */
  return result == PT_MALFORMED ? pt_json_classify (bytes) : result;
}
