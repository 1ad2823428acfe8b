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

/* What is promised of a complaint for good, by the profile at its file: all zero without one. */
typedef struct
{
  bool is_unknown;   /* that profile is in a part of the log that is not read: nor is the rest */
  bool has_evidence; /* the devices tell whether it was resolved */
  int64_t acknowledge_min, resolve_min;
  int64_t held_min, reopen_days;
} PtComplaintTerms;

/* What the devices of its site say of a resolve, at its place in the log. */
typedef enum
{
  PT_EVIDENCE_NONE, /* they are not asked */
  PT_EVIDENCE_UNSUPPORTED,
  PT_EVIDENCE_SUPPORTED,
  PT_EVIDENCE_CONTRADICTED
} PtEvidence;

/* What became of a supported one. */
typedef enum
{
  PT_AFTERMATH_NONE,
  PT_AFTERMATH_PENDING,
  PT_AFTERMATH_HELD,
  PT_AFTERMATH_FELL_AGAIN
} PtAftermath;

/* How it was closed: four ways that no statistic adds up. */
typedef enum
{
  PT_CLOSED_NONE,
  PT_CLOSED_CITIZEN,     /* she confirmed it */
  PT_CLOSED_DEVICES,     /* supported and held */
  PT_CLOSED_UNCONFIRMED, /* neither, or not yet */
  PT_CLOSED_AGAINST,     /* the devices say otherwise: it is not resolved */
  PT_CLOSED_COUNT
} PtClosed;

const char *pt_evidence_name (PtEvidence evidence);    /* "supported" */
const char *pt_aftermath_name (PtAftermath aftermath); /* "fell-again" */
const char *pt_closed_name (PtClosed closed);          /* "against" */

/* Counts up the active devices of a site. */
typedef struct
{
  bool off, unknown, fresh;
  bool any;
} PtEvidenceCount;

/* @has_report: the device's last report, the one with its highest counter, names the site. @fresh:
 * it stands in the log after the file or newest reopen and its time is later than that one's
 * received. */
void pt_evidence_add (PtEvidenceCount *count, bool has_report, PtPower power, bool fresh);
PtEvidence pt_evidence_verdict (const PtEvidenceCount *count);

/* A complaint as the log says so far; all zero before its first entry. Spans are the caller's. */
typedef struct
{
  int64_t n;
  PtHash last; /* leaf hash of its entry n */
  PtComplaintState state;
  PtSpan site; /* empty: its place is the cell */
  int64_t lat, lon;
  PtComplaintTerms terms;
  int64_t closed_n; /* its newest resolve, reject or duplicate; 0: none */
  /* received (ms) of its file; of its file or newest reopen; of the first of what acknowledges it,
   * and of the resolve that stands: -1: none */
  int64_t filed_at, asked_at, acknowledged_at, resolved_at;
  uint64_t asked_order; /* where in the log that file or reopen stands */
  int64_t confirmed_at; /* received of the confirm that ended it, ms */
  PtEvidence evidence;  /* of its newest resolve */
  PtAftermath later;
  PtSpan rejecter; /* who rejected it last, and with which key */
  uint8_t rejecter_key[PT_PUBLIC_KEY_SIZE];
} PtComplaintFacts;

/* Whether its beginning is not known, where only a part of the log is read: what state it is in and
 * whose keys are of it nobody can say then, so only its chain and its place are judged. */
bool pt_complaint_is_part (const PtComplaintFacts *complaint);
/* Such a one, which @entry (n > 1) goes on. */
void pt_complaint_begin_late (PtComplaintFacts *complaint, const PtEntry *entry);

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

/* How it is closed as the log stands. */
PtClosed pt_complaint_closed (const PtComplaintFacts *complaint);

/* What the log says at an action's place of what it brings along. */
typedef struct
{
  uint64_t order;         /* of the entry in the log */
  PtComplaintTerms terms; /* of a file: by the profile in force */
  bool two_person;        /* that profile's, on reject */
  bool no_profile_known;  /* whether there is one stands in a part of the log that is not read */
  bool filed;             /* it is by the filing key */
  const uint8_t *official_key; /* of a reject; NULL where a part of the log does not tell */
  PtEvidence evidence;         /* of a resolve */
} PtActionEffect;

/* What the citizen's key is after an action of hers that holds. */
void pt_citizen_advance (PtCitizenFacts *citizen, const PtEntry *entry);

/* The complaint after an action that holds. Spans of @entry stay in it: site at its first, by at a
 * reject. */
void pt_complaint_advance (PtComplaintFacts *complaint, const PtEntry *entry, const PtHash *leaf,
                           const PtActionEffect *effect);
