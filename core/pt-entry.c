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
  if (id == PT_FIELD_ACTION)
    out->action = (PtAction) index;
  else if (id == PT_FIELD_KIND)
    out->kind = (PtEntryKind) index;
  else if (id == PT_FIELD_LEVEL)
    out->level = (PtLevel) index;
  else if (id == PT_FIELD_POWER)
    out->power = (PtPower) index;
  else if (id == PT_FIELD_ROLE)
    out->role = (PtRole) index;
  else
    out->status = (PtStatus) index;
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
read_fields (PtSpan bytes, PtEntry *out, uint32_t *seen)
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
      *seen |= UINT32_C (1) << id;
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

/* An action by a citizen carries only a salted hash of the words, and is a filing or a reopening;
 * only a complaint's first entry has nothing before it. */
static bool
action_holds (const PtEntry *entry)
{
  bool citizen = pt_span_is (entry->by, "citizen");

  if (citizen && entry->action != PT_ACTION_FILE && entry->action != PT_ACTION_REOPEN)
    return false;
  return entry->has_note != citizen && (entry->n == 1) == is_zero (&entry->prev);
}

static PtResult
check_device (const PtEntry *entry)
{
  if (entry->level != PT_LEVEL_HOUSE)
    return PT_OK;
  return entry->lat % PT_HOUSE_CELL == 0 && entry->lon % PT_HOUSE_CELL == 0 ? PT_OK
                                                                            : PT_TOO_PRECISE;
}

static PtResult
check_fields (PtEntry *entry, PtEntryForm form, uint32_t seen)
{
  uint32_t expected;

  if (!(seen & PT_FIELD_BIT (KIND)))
    return PT_MALFORMED;
  expected = pt_entry_kind_fields (entry->kind);
  if (form != PT_ENTRY_UNSIGNED)
    expected |= PT_FIELD_BIT (SIG);
  if (form == PT_ENTRY_STORED)
    expected |= PT_FIELD_BIT (RECEIVED);
  if (entry->kind == PT_ENTRY_DEVICE)
    expected |= seen & PT_FIELD_BIT (FEEDER);
  if (entry->kind == PT_ENTRY_ROSTER && (seen & PT_FIELDS_OF_BLOCK) != 0)
    expected |= PT_FIELDS_OF_BLOCK;
  if (entry->kind == PT_ENTRY_ACTION)
    expected |= seen & PT_FIELD_BIT (NOTE) ? PT_FIELD_BIT (NOTE) : PT_FIELD_BIT (NOTE_HASH);
  if (seen != expected)
    return PT_MALFORMED;
  entry->has_signature = form != PT_ENTRY_UNSIGNED;
  entry->has_received = form == PT_ENTRY_STORED;
  entry->has_note = (seen & PT_FIELD_BIT (NOTE)) != 0;
  entry->has_block = (seen & PT_FIELD_BIT (BLOCK)) != 0;
  if (entry->kind == PT_ENTRY_DEVICE)
    return check_device (entry);
  if (entry->kind == PT_ENTRY_ACTION && !action_holds (entry))
    return PT_MALFORMED;
  if (entry->kind == PT_ENTRY_ROSTER && entry->heard > entry->expected)
    return PT_MALFORMED;
  return PT_OK;
}

PtResult
pt_entry_parse (PtSpan bytes, PtEntryForm form, PtEntry *out)
{
  PtResult result;
  uint32_t seen;

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
