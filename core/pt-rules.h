/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-entry.h"

/* What counts: docs/PROTOCOL.md sections 2 and 4, for all who judge entries. Whoever asks looks up
 * the facts, which are what the log says before the entry, and gets the rule that the entry breaks.
 * Form is pt_entry_parse ()'s, and the signature itself pt_entry_verify ()'s. The page has the same
 * in web/src/core/rules.ts; tests/vectors/rules.json holds both. */

/* The rule that is broken. */
typedef enum
{
  PT_RULE_HOLDS = 0,

  PT_RULE_UNKNOWN_AREA, /* who signs for it is not known */
  PT_RULE_UNKNOWN_DEVICE,
  PT_RULE_UNKNOWN_OFFICIAL,
  PT_RULE_REVOKED_DEVICE,
  PT_RULE_REVOKED_OFFICIAL,
  PT_RULE_WRONG_SITE, /* site or place are not its device's */
  PT_RULE_BAD_SIGNATURE,
  PT_RULE_BAD_KEY,   /* the key that is registered is no point on the curve */
  PT_RULE_NOT_NEWER, /* a registration or profile not newer than the one it would replace */

  PT_RULE_SEQ_USED,
  PT_RULE_SEQ_OLD,        /* more than PT_SEQ_BEHIND_MAX behind */
  PT_RULE_SEQ_BEFORE_KEY, /* of a time when its device had another key */
  PT_RULE_COMPLAINT_N,
  PT_RULE_COMPLAINT_PREV,
  PT_RULE_COMPLAINT_PLACE,    /* not that of its first entry */
  PT_RULE_COMPLAINT_WHO,      /* whoever acts may not */
  PT_RULE_COMPLAINT_STATE,    /* not in the state that the complaint is in */
  PT_RULE_COMPLAINT_CATEGORY, /* the profile in force has none such */
  PT_RULE_COMPLAINT_TO,       /* assigned to nobody who may act */
  PT_RULE_COMPLAINT_OF,       /* a duplicate of nothing that stands */
  PT_RULE_COMPLAINT_LATE,     /* reopened after it was confirmed for too long */
  PT_RULE_NOTICE_N,
  PT_RULE_NOTICE_PREV,
  PT_RULE_NOTICE_WHO,
  PT_RULE_NOTICE_CHANGED, /* about something else than its first entry */
  PT_RULE_NOTICE_EARLIER, /* a shutdown that begins earlier than was said */
  PT_RULE_NOTICE_ENDED,   /* after it was withdrawn */
  PT_RULE_BAD_PROFILE,    /* its document is none */
  PT_RULE_LOST_NOT_BELOW, /* counters that the device's highest is not above */
  PT_RULE_LOST_USED,      /* counters of which reports are in the log */
  PT_RULE_SEQ_LOST,       /* a counter that was declared lost */

  PT_RULE_OTHER_AREA,
  PT_RULE_ORDER,  /* received before the entry above was */
  PT_RULE_WINDOW, /* received outside the batch's window */
  PT_RULE_AHEAD,  /* ts is more than PT_AHEAD_MAX_MS later than received */
  PT_RULE_AFTER_ROSTER,
  PT_RULE_ROSTER_TIME,  /* its received is not the batch's end */
  PT_RULE_ROSTER_BATCH, /* it names another batch */
  PT_RULE_ROSTER_EXPECTED,
  PT_RULE_ROSTER_HEARD,
  PT_RULE_ROSTER_SILENT, /* silent_root is another */
  PT_RULE_ROSTER_BLOCK,  /* it names no block, and one before it did */
  PT_RULE_ROSTER_MISSING,

  PT_RULE_COUNT
} PtRule;

/* Stable ("seq-used"), as in tests/vectors/rules.json. */
const char *pt_rule_slug (PtRule rule);

/* Whether only who has the log from its first entry on may say so. */
bool pt_rule_needs_whole_log (PtRule rule);

/* Whether an entry breaks it by what stands before it in the log, whoever signed it. */
bool pt_rule_is_of_log (PtRule rule);

/* Who must have signed an entry. */
typedef enum
{
  PT_SIGNER_AUTHORITY, /* the area's authority key */
  PT_SIGNER_SERVICE,   /* the area's service key */
  PT_SIGNER_DEVICE,    /* entry->device */
  PT_SIGNER_OFFICIAL,  /* entry->by */
  PT_SIGNER_CITIZEN    /* entry->key */
} PtSignerKind;

PtSignerKind pt_entry_signer (const PtEntry *entry);

/* The newest registration of the device that a report names. */
typedef struct
{
  PtStatus status;
  PtSpan site;
  int64_t lat, lon; /* 1e-7 degree */
} PtDeviceFacts;

PtDeviceFacts pt_device_facts (const PtEntry *registration);

/* Whether the device may have made the report; its counter is pt_rule_counter ()'s. @device NULL:
 * it is not registered. */
PtRule pt_rule_report (const PtEntry *entry, const PtDeviceFacts *device);

/* Whether the device may have lost the counters: all below its @highest, and @missing of them not
 * in the log. @device NULL: it is not registered. */
PtRule pt_rule_lost (const PtEntry *entry, const PtDeviceFacts *device, int64_t highest,
                     uint64_t missing);

/* The newest registration of the official that an action names. */
typedef struct
{
  PtStatus status;
  PtRole role;
} PtOfficialFacts;

PtOfficialFacts pt_official_facts (const PtEntry *registration);

/* Whether a device, official or profile entry may follow one of the time @newest (ms; -1: none):
 * what the authority signed once can't be said again later, such as the registration of a device
 * that it revoked since. What breaks this registers nobody. */
PtRule pt_rule_registration (const PtEntry *entry, int64_t newest);

/* What the log says of a batch's devices: the active ones, those of them of which the batch holds a
 * report, and the RFC 6962 root over the sorted ids of the others; and whether a roster before
 * this one named a block of the chain. */
typedef struct
{
  int64_t expected, heard;
  PtHash silent_root;
  bool names_block;
} PtRosterFacts;

PtRule pt_rule_roster (const PtEntry *entry, const PtRosterFacts *roster);

/* A signer's clock may be so far ahead of the daemon's. */
#define PT_AHEAD_MAX_MS (5 * 60 * 1000)

/* Whether the entry was received no earlier than it can have been signed. */
PtRule pt_rule_time (const PtEntry *entry);

/* Where entries stand in their batch. */
typedef struct
{
  char area[PT_AREA_MAX + 1];
  uint64_t batch;
  int64_t from, to; /* ms since 1970 */
  int64_t received; /* the latest so far */
  bool has_roster;
} PtBatchWindow;

void pt_batch_window_init (PtBatchWindow *window, PtSpan area, uint64_t batch, int64_t from,
                           int64_t to);

/* Takes the batch's next entry, whatever is wrong with it; its time is asked, too. */
PtRule pt_rule_place (PtBatchWindow *window, const PtEntry *entry);

/* After the last entry. */
PtRule pt_rule_end (const PtBatchWindow *window);

/* Whether a report's counter may be its key's: new hardware counts on above the old, and can't fill
 * its gaps. @after: the highest counter that the device had in the log when its present key was
 * first registered. */
PtRule pt_rule_new_key (const PtEntry *entry, int64_t after);

/* A report may come so much later than its device's highest counter. */
#define PT_SEQ_BEHIND_MAX 4096

/* Whether a counter may come after the @highest of its device; @used: a report in the log has it.
 */
PtRule pt_rule_counter (int64_t seq, int64_t highest, bool used);
