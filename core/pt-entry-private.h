/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-entry.h"

/* The table of docs/PROTOCOL.md section 2, which both the parser and the writer follow. */

/* Every key of any kind, in canonical order. */
typedef enum
{
  PT_FIELD_ABOUT,
  PT_FIELD_ACTION,
  PT_FIELD_AREA,
  PT_FIELD_BATCH,
  PT_FIELD_BLOCK,
  PT_FIELD_BLOCK_HASH,
  PT_FIELD_BY,
  PT_FIELD_CATEGORY,
  PT_FIELD_COMPLAINT,
  PT_FIELD_CUSTOMERS,
  PT_FIELD_DEVICE,
  PT_FIELD_DOCUMENT,
  PT_FIELD_END,
  PT_FIELD_EVENT,
  PT_FIELD_EXPECTED,
  PT_FIELD_FEEDER,
  PT_FIELD_FIRST,
  PT_FIELD_HEARD,
  PT_FIELD_KEY,
  PT_FIELD_KIND,
  PT_FIELD_LAST,
  PT_FIELD_LAT,
  PT_FIELD_LEVEL,
  PT_FIELD_LON,
  PT_FIELD_N,
  PT_FIELD_NAME,
  PT_FIELD_NOTE,
  PT_FIELD_NOTE_HASH,
  PT_FIELD_NOTICE,
  PT_FIELD_OF,
  PT_FIELD_OFFICIAL,
  PT_FIELD_PERSON_HASH,
  PT_FIELD_PHOTO_HASH,
  PT_FIELD_POWER,
  PT_FIELD_PREV,
  PT_FIELD_REASON,
  PT_FIELD_RECEIVED,
  PT_FIELD_ROLE,
  PT_FIELD_SCOPE,
  PT_FIELD_SEQ,
  PT_FIELD_SIG,
  PT_FIELD_SILENT_ROOT,
  PT_FIELD_SITE,
  PT_FIELD_START,
  PT_FIELD_STATUS,
  PT_FIELD_TARGET,
  PT_FIELD_TO,
  PT_FIELD_TS,
  PT_FIELD_VOLTAGE,
  PT_FIELD_COUNT
} PtEntryFieldId;

#define PT_FIELD_BIT(id) (UINT64_C (1) << PT_FIELD_##id)

/* What a roster has both of or none, and an action where it has no site. */
#define PT_FIELDS_OF_BLOCK (PT_FIELD_BIT (BLOCK) | PT_FIELD_BIT (BLOCK_HASH))
#define PT_FIELDS_OF_CELL (PT_FIELD_BIT (LAT) | PT_FIELD_BIT (LON))

typedef enum
{
  PT_FIELD_TYPE_INTEGER,
  PT_FIELD_TYPE_AREA_ID,
  PT_FIELD_TYPE_ID,
  PT_FIELD_TYPE_TEXT,
  PT_FIELD_TYPE_HASH,
  PT_FIELD_TYPE_PUBLIC_KEY,
  PT_FIELD_TYPE_SIGNATURE,
  PT_FIELD_TYPE_CHOICE
} PtEntryFieldType;

typedef struct
{
  const char *name;
  uint8_t name_size;
  uint8_t type;    /* PtEntryFieldType */
  uint16_t offset; /* in PtEntry, but for choices */
  int64_t min, max;
  const char *const *choices; /* NULL-terminated */
} PtEntryField;

extern const PtEntryField pt_entry_fields[PT_FIELD_COUNT] __attribute__ ((visibility ("hidden")));

/* The keys, as bits, that an unsigned entry of such contents has: those of its kind, what its
 * action, its signer or its scope ask for, and what it has besides. 0 for no kind at all. */
uint64_t pt_entry_fields_of (const PtEntry *entry) __attribute__ ((visibility ("hidden")));

/* Which of its choices @entry has for @field; -1 if that is no choice. */
int pt_entry_choice (const PtEntry *entry, PtEntryFieldId field)
    __attribute__ ((visibility ("hidden")));

/* Sets a choice of @entry to its @index-th; no other field. */
void pt_entry_choose (PtEntry *entry, PtEntryFieldId field, unsigned index)
    __attribute__ ((visibility ("hidden")));
