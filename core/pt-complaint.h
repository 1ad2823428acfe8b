/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-rules.h"

/* What may be done to a complaint, and what it becomes: docs/PROTOCOL.md section 10. Pure: whoever
 * asks looks up the facts, as with pt-rules.h. */

typedef enum
{
  PT_COMPLAINT_NONE, /* nothing of it is in the log yet */
  PT_COMPLAINT_OPEN,
  PT_COMPLAINT_ACKNOWLEDGED,
  PT_COMPLAINT_ASSIGNED,
  PT_COMPLAINT_RESOLVED,
  PT_COMPLAINT_REJECTING, /* by one officer, until another approves */
  PT_COMPLAINT_REJECTED,
  PT_COMPLAINT_DUPLICATE,
  PT_COMPLAINT_CONFIRMED,
  PT_COMPLAINT_WITHDRAWN,
  PT_COMPLAINT_STATE_COUNT
} PtComplaintState;

/* As in the interfaces: "open". */
const char *pt_complaint_state_name (PtComplaintState state);

/* A complaint as the log says so far; all zero before its first entry. Spans are the caller's. */
typedef struct
{
  int64_t n;
  PtHash last; /* leaf hash of its entry n */
  PtComplaintState state;
  PtSpan site; /* empty: its place is the cell */
  int64_t lat, lon;
  int64_t reopen_days;  /* of the profile at its file, for good; 0 without one */
  int64_t closed_n;     /* its newest resolve, reject or duplicate; 0: none */
  int64_t confirmed_at; /* received of the confirm that ended it, ms */
  PtSpan rejecter;      /* who rejected it last, and with which key */
  uint8_t rejecter_key[PT_PUBLIC_KEY_SIZE];
} PtComplaintFacts;

/* Whether its beginning is not known, where only a part of the log is read: what state it is in and
 * whose keys are of it nobody can say then, so only its chain and its place are judged. */
bool pt_complaint_is_part (const PtComplaintFacts *complaint);

/* What a citizen's key is to a complaint. */
typedef struct
{
  bool filed;          /* it is the filing key */
  int64_t joined_n;    /* its join; 0: none */
  int64_t confirmed_n; /* its newest confirm; 0: none */
} PtCitizenFacts;

/* What an action needs to be judged by. */
typedef struct
{
  const PtComplaintFacts *complaint;
  PtCitizenFacts citizen;          /* of its key, where a citizen acts */
  const PtOfficialFacts *official; /* of @by, where an official does; NULL: not registered */
  const uint8_t *official_key;     /* that official's key */
  const PtOfficialFacts *to;       /* of an assign; NULL: not registered */
  const PtComplaintFacts *of;      /* of a duplicate; NULL: never filed */
  bool has_profile, has_category;  /* of a file: of the profile in force */
} PtActionFacts;

/* Whether the action may follow: its n and prev, its place, who acts, in which state. All but the
 * signature. */
PtRule pt_rule_action (const PtEntry *entry, const PtActionFacts *facts);

/* What the log says at a place of what the action brings along. */
typedef struct
{
  int64_t reopen_days; /* of the profile in force */
  bool two_person;     /* that profile's, on reject */
  bool filed;          /* it is by the filing key */
  const uint8_t *official_key;
} PtActionEffect;

/* The complaint after an action that holds. Spans of @entry stay in it: site at its first, by at a
 * reject. */
void pt_complaint_advance (PtComplaintFacts *complaint, const PtEntry *entry, const PtHash *leaf,
                           const PtActionEffect *effect);
