/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-private.h"

static const char *const kinds[]
    = { "device", "official", "report", "action", "roster", "lost", "notice", "profile", NULL };
static const char *const levels[] = { "transformer", "cluster", "house", NULL };
static const char *const statuses[] = { "active", "revoked", "withdrawn", NULL };
static const char *const powers[] = { "OFF", "ON", NULL };
static const char *const roles[] = { "operator", "officer", "auditor", NULL };
static const char *const actions[]
    = { "file",    "acknowledge", "assign",  "resolve",   "unresolve", "reject",   "reopen",
        "comment", "join",        "approve", "duplicate", "confirm",   "withdraw", NULL };
static const char *const events[] = { "boot", "last-gasp", "tamper", NULL };
static const char *const reasons[] = { "jump", "overwritten", "reset", NULL };
static const char *const abouts[] = { "shutdown", "estimate", NULL };
static const char *const scopes[] = { "area", "feeder", "site", NULL };

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
#define VOLTAGE_MAX 1000000

const PtEntryField pt_entry_fields[PT_FIELD_COUNT] = {
  [PT_FIELD_ABOUT] = CHOICE (about, abouts),
  [PT_FIELD_ACTION] = CHOICE (action, actions),
  [PT_FIELD_AREA] = PLAIN (area, AREA_ID),
  [PT_FIELD_BATCH] = INTEGER (batch, 1, PT_INTEGER_MAX),
  [PT_FIELD_BLOCK] = INTEGER (block, 0, PT_INTEGER_MAX),
  [PT_FIELD_BLOCK_HASH] = PLAIN (block_hash, HASH),
  [PT_FIELD_BY] = PLAIN (by, ID),
  [PT_FIELD_CATEGORY] = PLAIN (category, ID),
  [PT_FIELD_COMPLAINT] = PLAIN (complaint, ID),
  [PT_FIELD_CUSTOMERS] = INTEGER (customers, 0, PT_INTEGER_MAX),
  [PT_FIELD_DEVICE] = PLAIN (device, ID),
  [PT_FIELD_DOCUMENT] = PLAIN (document, TEXT),
  [PT_FIELD_END] = INTEGER (end, 0, PT_INTEGER_MAX),
  [PT_FIELD_EVENT] = CHOICE (event, events),
  [PT_FIELD_EXPECTED] = INTEGER (expected, 0, PT_INTEGER_MAX),
  [PT_FIELD_FEEDER] = PLAIN (feeder, ID),
  [PT_FIELD_FIRST] = INTEGER (first, 1, PT_INTEGER_MAX),
  [PT_FIELD_HEARD] = INTEGER (heard, 0, PT_INTEGER_MAX),
  [PT_FIELD_KEY] = PLAIN (key, PUBLIC_KEY),
  [PT_FIELD_KIND] = CHOICE (kind, kinds),
  [PT_FIELD_LAST] = INTEGER (last, 1, PT_INTEGER_MAX),
  [PT_FIELD_LAT] = INTEGER (lat, -LATITUDE_MAX, LATITUDE_MAX),
  [PT_FIELD_LEVEL] = CHOICE (level, levels),
  [PT_FIELD_LON] = INTEGER (lon, -LONGITUDE_MAX, LONGITUDE_MAX),
  [PT_FIELD_N] = INTEGER (n, 1, PT_INTEGER_MAX),
  [PT_FIELD_NAME] = PLAIN (name, TEXT),
  [PT_FIELD_NOTE] = PLAIN (note, TEXT),
  [PT_FIELD_NOTE_HASH] = PLAIN (note_hash, HASH),
  [PT_FIELD_NOTICE] = PLAIN (notice, ID),
  [PT_FIELD_OF] = PLAIN (of, ID),
  [PT_FIELD_OFFICIAL] = PLAIN (official, ID),
  [PT_FIELD_PERSON_HASH] = PLAIN (person_hash, HASH),
  [PT_FIELD_PHOTO_HASH] = PLAIN (photo_hash, HASH),
  [PT_FIELD_POWER] = CHOICE (power, powers),
  [PT_FIELD_PREV] = PLAIN (prev, HASH),
  [PT_FIELD_REASON] = CHOICE (reason, reasons),
  [PT_FIELD_RECEIVED] = INTEGER (received, 0, PT_INTEGER_MAX),
  [PT_FIELD_ROLE] = CHOICE (role, roles),
  [PT_FIELD_SCOPE] = CHOICE (scope, scopes),
  [PT_FIELD_SEQ] = INTEGER (seq, 1, PT_INTEGER_MAX),
  [PT_FIELD_SIG] = { FIELD ("sig", SIGNATURE, signature) },
  [PT_FIELD_SILENT_ROOT] = PLAIN (silent_root, HASH),
  [PT_FIELD_SITE] = PLAIN (site, ID),
  [PT_FIELD_START] = INTEGER (start, 0, PT_INTEGER_MAX),
  [PT_FIELD_STATUS] = CHOICE (status, statuses),
  [PT_FIELD_TARGET] = PLAIN (target, ID),
  [PT_FIELD_TO] = PLAIN (to, ID),
  [PT_FIELD_TS] = INTEGER (ts, 0, PT_INTEGER_MAX),
  [PT_FIELD_VOLTAGE] = INTEGER (voltage, 0, VOLTAGE_MAX),
};

#define BIT PT_FIELD_BIT

static const uint64_t kind_fields[] = {
  [PT_ENTRY_DEVICE] = BIT (DEVICE) | BIT (SITE) | BIT (KEY) | BIT (LAT) | BIT (LON) | BIT (LEVEL)
                      | BIT (CUSTOMERS) | BIT (STATUS),
  [PT_ENTRY_OFFICIAL] = BIT (OFFICIAL) | BIT (KEY) | BIT (ROLE) | BIT (NAME) | BIT (STATUS),
  [PT_ENTRY_REPORT] = BIT (DEVICE) | BIT (SITE) | BIT (LAT) | BIT (LON) | BIT (POWER) | BIT (SEQ),
  [PT_ENTRY_ACTION] = BIT (COMPLAINT) | BIT (N) | BIT (PREV) | BIT (ACTION) | BIT (BY),
  [PT_ENTRY_ROSTER] = BIT (BATCH) | BIT (EXPECTED) | BIT (HEARD) | BIT (SILENT_ROOT),
  [PT_ENTRY_LOST] = BIT (DEVICE) | BIT (FIRST) | BIT (LAST) | BIT (REASON),
  [PT_ENTRY_NOTICE] = BIT (NOTICE) | BIT (N) | BIT (PREV) | BIT (ABOUT) | BIT (SCOPE) | BIT (START)
                      | BIT (END) | BIT (BY) | BIT (NOTE) | BIT (STATUS),
  [PT_ENTRY_PROFILE] = BIT (DOCUMENT),
};

/* What an action has by what it does, by whom and where. */
static uint64_t
fields_of_action (const PtEntry *entry)
{
  uint64_t fields = entry->site.size > 0 ? BIT (SITE) : PT_FIELDS_OF_CELL;

  if (entry->action == PT_ACTION_FILE)
    fields |= BIT (CATEGORY);
  if (pt_is_citizen (entry->by))
    fields |= BIT (KEY);
  if (pt_is_citizen (entry->by) || pt_is_service (entry->by))
    return entry->has_note_hash || entry->action == PT_ACTION_FILE
                   || entry->action == PT_ACTION_COMMENT
               ? fields | BIT (NOTE_HASH)
               : fields;
  fields |= BIT (NOTE);
  if (entry->action == PT_ACTION_ASSIGN)
    fields |= BIT (TO);
  if (entry->action == PT_ACTION_DUPLICATE)
    fields |= BIT (OF);
  if (entry->action == PT_ACTION_RESOLVE && entry->has_photo_hash)
    fields |= BIT (PHOTO_HASH);
  return fields;
}

/* What it has besides those of its kind. */
static uint64_t
fields_besides (const PtEntry *entry)
{
  switch (entry->kind)
    {
    case PT_ENTRY_DEVICE:
      return entry->feeder.size > 0 ? BIT (FEEDER) : 0;
    case PT_ENTRY_OFFICIAL:
      return entry->has_person_hash ? BIT (PERSON_HASH) : 0;
    case PT_ENTRY_REPORT:
      return (entry->has_voltage ? BIT (VOLTAGE) : 0) | (entry->has_event ? BIT (EVENT) : 0);
    case PT_ENTRY_ACTION:
      return fields_of_action (entry);
    case PT_ENTRY_ROSTER:
      return entry->has_block ? PT_FIELDS_OF_BLOCK : 0;
    case PT_ENTRY_NOTICE:
      return entry->scope != PT_SCOPE_AREA ? BIT (TARGET) : 0;
    case PT_ENTRY_LOST:
    case PT_ENTRY_PROFILE:
      break;
    }
  return 0;
}

uint64_t
pt_entry_fields_of (const PtEntry *entry)
{
  if ((unsigned) entry->kind > PT_ENTRY_PROFILE)
    return 0;
  return BIT (AREA) | BIT (KIND) | BIT (TS) | kind_fields[entry->kind] | fields_besides (entry);
}

bool
pt_entry_registers (const PtEntry *entry)
{
  return entry->kind == PT_ENTRY_DEVICE || entry->kind == PT_ENTRY_OFFICIAL;
}

bool
pt_is_citizen (PtSpan by)
{
  return pt_span_is (by, "citizen");
}

bool
pt_is_service (PtSpan by)
{
  return pt_span_is (by, "service");
}

int
pt_entry_choice (const PtEntry *entry, PtEntryFieldId field)
{
  /* the few fields that are choices */
  if (field == PT_FIELD_ABOUT)
    return (int) entry->about;
  if (field == PT_FIELD_ACTION)
    return (int) entry->action;
  if (field == PT_FIELD_EVENT)
    return (int) entry->event;
  if (field == PT_FIELD_KIND)
    return (int) entry->kind;
  if (field == PT_FIELD_LEVEL)
    return (int) entry->level;
  if (field == PT_FIELD_POWER)
    return (int) entry->power;
  if (field == PT_FIELD_REASON)
    return (int) entry->reason;
  if (field == PT_FIELD_ROLE)
    return (int) entry->role;
  if (field == PT_FIELD_SCOPE)
    return (int) entry->scope;
  return field == PT_FIELD_STATUS ? (int) entry->status : -1;
}

void
pt_entry_choose (PtEntry *entry, PtEntryFieldId field, unsigned index)
{
  if (field == PT_FIELD_ABOUT)
    entry->about = (PtNoticeAbout) index;
  else if (field == PT_FIELD_ACTION)
    entry->action = (PtAction) index;
  else if (field == PT_FIELD_EVENT)
    entry->event = (PtReportEvent) index;
  else if (field == PT_FIELD_KIND)
    entry->kind = (PtEntryKind) index;
  else if (field == PT_FIELD_LEVEL)
    entry->level = (PtLevel) index;
  else if (field == PT_FIELD_POWER)
    entry->power = (PtPower) index;
  else if (field == PT_FIELD_REASON)
    entry->reason = (PtLostReason) index;
  else if (field == PT_FIELD_ROLE)
    entry->role = (PtRole) index;
  else if (field == PT_FIELD_SCOPE)
    entry->scope = (PtScope) index;
  else
    entry->status = (PtStatus) index;
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

const char *
pt_event_name (PtReportEvent event)
{
  return name_of (events, (unsigned) event);
}

const char *
pt_lost_reason_name (PtLostReason reason)
{
  return name_of (reasons, (unsigned) reason);
}

const char *
pt_about_name (PtNoticeAbout about)
{
  return name_of (abouts, (unsigned) about);
}

const char *
pt_scope_name (PtScope scope)
{
  return name_of (scopes, (unsigned) scope);
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
