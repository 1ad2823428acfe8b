/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-private.h"

static const char *const kinds[] = { "device", "official", "report", "action", "roster", NULL };
static const char *const levels[] = { "transformer", "cluster", "house", NULL };
static const char *const statuses[] = { "active", "revoked", NULL };
static const char *const powers[] = { "OFF", "ON", NULL };
static const char *const roles[] = { "operator", "officer", "auditor", NULL };
static const char *const actions[] = { "file",   "acknowledge", "assign",  "resolve", "unresolve",
                                       "reject", "reopen",      "comment", NULL };

#define FIELD(text, what, member)                                                                  \
  .name = text, .name_size = sizeof text - 1, .type = PT_FIELD_TYPE_##what,                        \
  .offset = offsetof (PtEntry, member)
#define INTEGER(member, low, high)                                                                 \
  {                                                                                                \
    FIELD (#member, INTEGER, member), .min = low, .max = high                                      \
  }
#define PLAIN(member, what)                                                                        \
  {                                                                                                \
    FIELD (#member, what, member)                                                                  \
  }
#define CHOICE(member, names)                                                                      \
  {                                                                                                \
    FIELD (#member, CHOICE, member), .choices = names                                              \
  }

#define LATITUDE_MAX 900000000
#define LONGITUDE_MAX 1800000000

const PtEntryField pt_entry_fields[PT_FIELD_COUNT] = {
  [PT_FIELD_ACTION] = CHOICE (action, actions),
  [PT_FIELD_AREA] = PLAIN (area, AREA_ID),
  [PT_FIELD_BATCH] = INTEGER (batch, 1, PT_INTEGER_MAX),
  [PT_FIELD_BLOCK] = INTEGER (block, 0, PT_INTEGER_MAX),
  [PT_FIELD_BLOCK_HASH] = PLAIN (block_hash, HASH),
  [PT_FIELD_BY] = PLAIN (by, ID),
  [PT_FIELD_COMPLAINT] = PLAIN (complaint, ID),
  [PT_FIELD_CUSTOMERS] = INTEGER (customers, 0, PT_INTEGER_MAX),
  [PT_FIELD_DEVICE] = PLAIN (device, ID),
  [PT_FIELD_EXPECTED] = INTEGER (expected, 0, PT_INTEGER_MAX),
  [PT_FIELD_FEEDER] = PLAIN (feeder, ID),
  [PT_FIELD_HEARD] = INTEGER (heard, 0, PT_INTEGER_MAX),
  [PT_FIELD_KEY] = PLAIN (key, PUBLIC_KEY),
  [PT_FIELD_KIND] = CHOICE (kind, kinds),
  [PT_FIELD_LAT] = INTEGER (lat, -LATITUDE_MAX, LATITUDE_MAX),
  [PT_FIELD_LEVEL] = CHOICE (level, levels),
  [PT_FIELD_LON] = INTEGER (lon, -LONGITUDE_MAX, LONGITUDE_MAX),
  [PT_FIELD_N] = INTEGER (n, 1, PT_INTEGER_MAX),
  [PT_FIELD_NAME] = PLAIN (name, TEXT),
  [PT_FIELD_NOTE] = PLAIN (note, TEXT),
  [PT_FIELD_NOTE_HASH] = PLAIN (note_hash, HASH),
  [PT_FIELD_OFFICIAL] = PLAIN (official, ID),
  [PT_FIELD_POWER] = CHOICE (power, powers),
  [PT_FIELD_PREV] = PLAIN (prev, HASH),
  [PT_FIELD_RECEIVED] = INTEGER (received, 0, PT_INTEGER_MAX),
  [PT_FIELD_ROLE] = CHOICE (role, roles),
  [PT_FIELD_SEQ] = INTEGER (seq, 1, PT_INTEGER_MAX),
  [PT_FIELD_SIG] = { FIELD ("sig", SIGNATURE, signature) },
  [PT_FIELD_SILENT_ROOT] = PLAIN (silent_root, HASH),
  [PT_FIELD_SITE] = PLAIN (site, ID),
  [PT_FIELD_STATUS] = CHOICE (status, statuses),
  [PT_FIELD_TS] = INTEGER (ts, 0, PT_INTEGER_MAX),
};

#define BIT PT_FIELD_BIT

static const uint32_t kind_fields[] = {
  [PT_ENTRY_DEVICE] = BIT (DEVICE) | BIT (SITE) | BIT (KEY) | BIT (LAT) | BIT (LON) | BIT (LEVEL)
                      | BIT (CUSTOMERS) | BIT (STATUS),
  [PT_ENTRY_OFFICIAL] = BIT (OFFICIAL) | BIT (KEY) | BIT (ROLE) | BIT (NAME) | BIT (STATUS),
  [PT_ENTRY_REPORT] = BIT (DEVICE) | BIT (SITE) | BIT (LAT) | BIT (LON) | BIT (POWER) | BIT (SEQ),
  [PT_ENTRY_ACTION] = BIT (COMPLAINT) | BIT (N) | BIT (PREV) | BIT (ACTION) | BIT (BY) | BIT (SITE),
  [PT_ENTRY_ROSTER] = BIT (BATCH) | BIT (EXPECTED) | BIT (HEARD) | BIT (SILENT_ROOT),
};

uint32_t
pt_entry_kind_fields (PtEntryKind kind)
{
  if ((unsigned) kind > PT_ENTRY_ROSTER)
    return 0;
  return BIT (AREA) | BIT (KIND) | BIT (TS) | kind_fields[kind];
}

int
pt_entry_choice (const PtEntry *entry, PtEntryFieldId field)
{
  /* the few fields that are choices */
  if (field == PT_FIELD_ACTION)
    return (int) entry->action;
  if (field == PT_FIELD_KIND)
    return (int) entry->kind;
  if (field == PT_FIELD_LEVEL)
    return (int) entry->level;
  if (field == PT_FIELD_POWER)
    return (int) entry->power;
  if (field == PT_FIELD_ROLE)
    return (int) entry->role;
  return field == PT_FIELD_STATUS ? (int) entry->status : -1;
}

static const char *
name_of (const char *const *names, unsigned index)
{
  for (unsigned i = 0; names[i]; i++)
    if (i == index)
      return names[i];
  return "unknown";
}

const char *
pt_entry_kind_name (PtEntryKind kind)
{
  return name_of (kinds, (unsigned) kind);
}

const char *
pt_level_name (PtLevel level)
{
  return name_of (levels, (unsigned) level);
}

const char *
pt_status_name (PtStatus status)
{
  return name_of (statuses, (unsigned) status);
}

const char *
pt_power_name (PtPower power)
{
  return name_of (powers, (unsigned) power);
}

const char *
pt_role_name (PtRole role)
{
  return name_of (roles, (unsigned) role);
}

const char *
pt_action_name (PtAction action)
{
  return name_of (actions, (unsigned) action);
}

bool
pt_level_parse (PtSpan text, PtLevel *out)
{
  *out = PT_LEVEL_TRANSFORMER;
  for (unsigned i = 0; levels[i]; i++)
    if (pt_span_is (text, levels[i]))
      {
        *out = (PtLevel) i;
        return true;
      }
  return false;
}
