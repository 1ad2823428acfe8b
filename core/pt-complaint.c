/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint.h"

#include <string.h>

#define DAY_MS INT64_C (86400000)

static const char *const names[PT_COMPLAINT_STATE_COUNT] = {
  [PT_COMPLAINT_NONE] = "none",           [PT_COMPLAINT_OPEN] = "open",
  [PT_COMPLAINT_ASSIGNED] = "assigned",   [PT_COMPLAINT_ACKNOWLEDGED] = "acknowledged",
  [PT_COMPLAINT_RESOLVED] = "resolved",   [PT_COMPLAINT_REJECTING] = "rejecting",
  [PT_COMPLAINT_REJECTED] = "rejected",   [PT_COMPLAINT_DUPLICATE] = "duplicate",
  [PT_COMPLAINT_CONFIRMED] = "confirmed", [PT_COMPLAINT_WITHDRAWN] = "withdrawn",
};

const char *
pt_complaint_state_name (PtComplaintState state)
{
  return (unsigned) state < PT_COMPLAINT_STATE_COUNT ? names[state] : "unknown";
}

const char *
pt_evidence_name (PtEvidence evidence)
{
  static const char *const evidences[] = { "none", "unsupported", "supported", "contradicted" };

  return (unsigned) evidence <= PT_EVIDENCE_CONTRADICTED ? evidences[evidence] : "unknown";
}

const char *
pt_aftermath_name (PtAftermath aftermath)
{
  static const char *const aftermaths[] = { "none", "pending", "held", "fell-again" };

  return (unsigned) aftermath <= PT_AFTERMATH_FELL_AGAIN ? aftermaths[aftermath] : "unknown";
}

const char *
pt_closed_name (PtClosed closed)
{
  static const char *const ways[] = { "none", "citizen", "devices", "unconfirmed", "against" };

  return (unsigned) closed <= PT_CLOSED_AGAINST ? ways[closed] : "unknown";
}

void
pt_evidence_add (PtEvidenceCount *count, bool has_report, PtPower power, bool fresh)
{
  count->any = true;
  count->unknown |= !has_report;
  count->off |= has_report && power == PT_POWER_OFF;
  count->fresh |= has_report && fresh;
}

PtEvidence
pt_evidence_verdict (const PtEvidenceCount *count)
{
  if (count->off)
    return PT_EVIDENCE_CONTRADICTED;
  return count->any && !count->unknown && count->fresh ? PT_EVIDENCE_SUPPORTED
                                                       : PT_EVIDENCE_UNSUPPORTED;
}

PtClosed
pt_complaint_closed (const PtComplaintFacts *complaint)
{
  if (complaint->state != PT_COMPLAINT_RESOLVED && complaint->state != PT_COMPLAINT_CONFIRMED)
    return PT_CLOSED_NONE;
  if (complaint->evidence == PT_EVIDENCE_CONTRADICTED
      || complaint->later == PT_AFTERMATH_FELL_AGAIN)
    return PT_CLOSED_AGAINST;
  if (complaint->state == PT_COMPLAINT_CONFIRMED)
    return PT_CLOSED_CITIZEN;
  return complaint->later == PT_AFTERMATH_HELD ? PT_CLOSED_DEVICES : PT_CLOSED_UNCONFIRMED;
}

bool
pt_complaint_is_part (const PtComplaintFacts *complaint)
{
  return complaint->n > 0 && complaint->state == PT_COMPLAINT_NONE;
}

void
pt_complaint_begin_late (PtComplaintFacts *complaint, const PtEntry *entry)
{
  *complaint = (PtComplaintFacts){ .n = entry->n - 1,
                                   .last = entry->prev,
                                   .site = entry->site,
                                   .lat = entry->lat,
                                   .lon = entry->lon };
}

/* Who acts, as what to this complaint. */
enum
{
  STRANGER = 1 << 0, /* a citizen with a key that is not of it yet */
  FILER = 1 << 1,
  JOINER = 1 << 2,
  SERVICE = 1 << 3,
  OPERATOR = 1 << 4,
  OFFICER = 1 << 5,
  AUDITOR = 1 << 6,

  DISPATCH = OPERATOR | OFFICER,
  EVERY_OFFICIAL = DISPATCH | AUDITOR,
};

#define IN(state) (1u << PT_COMPLAINT_##state)
#define AT_WORK (IN (OPEN) | IN (ACKNOWLEDGED) | IN (ASSIGNED))
#define CLOSED (IN (RESOLVED) | IN (REJECTING) | IN (REJECTED) | IN (DUPLICATE))
#define ANY (AT_WORK | CLOSED | IN (CONFIRMED) | IN (WITHDRAWN))
#define NOT_ENDED (AT_WORK | CLOSED)

/* One row an action, as in the table of section 10. Where the state alone does not say who, the
 * functions below do: what a joined key may and when, and reopening what was confirmed. */
typedef struct
{
  unsigned who, in;
  PtComplaintState makes; /* NONE: it stays as it is */
} Step;

static const Step steps[PT_ACTION_COUNT] = {
  [PT_ACTION_FILE] = { STRANGER | SERVICE, IN (NONE), PT_COMPLAINT_OPEN },
  [PT_ACTION_JOIN] = { STRANGER | SERVICE, NOT_ENDED, PT_COMPLAINT_NONE },
  [PT_ACTION_COMMENT] = { FILER | JOINER | SERVICE | EVERY_OFFICIAL, ANY, PT_COMPLAINT_NONE },
  [PT_ACTION_ACKNOWLEDGE] = { DISPATCH, IN (OPEN), PT_COMPLAINT_ACKNOWLEDGED },
  [PT_ACTION_ASSIGN] = { DISPATCH, AT_WORK, PT_COMPLAINT_ASSIGNED },
  [PT_ACTION_RESOLVE] = { OFFICER, AT_WORK, PT_COMPLAINT_RESOLVED },
  [PT_ACTION_UNRESOLVE] = { OFFICER, CLOSED, PT_COMPLAINT_OPEN },
  [PT_ACTION_REJECT] = { OFFICER, AT_WORK, PT_COMPLAINT_REJECTED },
  [PT_ACTION_APPROVE] = { OFFICER, IN (REJECTING), PT_COMPLAINT_REJECTED },
  [PT_ACTION_DUPLICATE] = { DISPATCH, AT_WORK, PT_COMPLAINT_DUPLICATE },
  [PT_ACTION_REOPEN] = { FILER | JOINER | SERVICE, CLOSED | IN (CONFIRMED), PT_COMPLAINT_OPEN },
  [PT_ACTION_CONFIRM] = { FILER | JOINER, IN (RESOLVED), PT_COMPLAINT_CONFIRMED },
  [PT_ACTION_WITHDRAW] = { FILER, NOT_ENDED, PT_COMPLAINT_WITHDRAWN },
};

static unsigned
who_acts (const PtEntry *entry, const PtActionFacts *facts)
{
  if (pt_is_service (entry->by))
    return SERVICE;
  if (pt_is_citizen (entry->by))
    {
      if (facts->citizen.filed)
        return FILER;
      return facts->citizen.joined_n > 0 ? JOINER : STRANGER;
    }
  switch (facts->official->role)
    {
    case PT_ROLE_OPERATOR:
      return OPERATOR;
    case PT_ROLE_OFFICER:
      return OFFICER;
    case PT_ROLE_AUDITOR:
      break;
    }
  return AUDITOR;
}

static bool
same_place (const PtEntry *entry, const PtComplaintFacts *complaint)
{
  if (entry->site.size > 0 || complaint->site.size > 0)
    return pt_span_equal (entry->site, complaint->site);
  return entry->lat == complaint->lat && entry->lon == complaint->lon;
}

/* Where it stands in its complaint, and where that is. */
static PtRule
judge_chain (const PtEntry *entry, const PtComplaintFacts *complaint)
{
  if (entry->n != complaint->n + 1)
    return PT_RULE_COMPLAINT_N;
  if (memcmp (&entry->prev, &complaint->last, sizeof entry->prev) != 0)
    return PT_RULE_COMPLAINT_PREV;
  if (complaint->n > 0 && !same_place (entry, complaint))
    return PT_RULE_COMPLAINT_PLACE;
  return PT_RULE_HOLDS;
}

/* What was confirmed only the filing key reopens, and not for ever; what was closed a joined one
 * that was there when it was. */
static PtRule
judge_reopen (const PtEntry *entry, const PtActionFacts *facts, unsigned who)
{
  const PtComplaintFacts *complaint = facts->complaint;

  if (complaint->state == PT_COMPLAINT_CONFIRMED)
    {
      if (who != FILER)
        return PT_RULE_COMPLAINT_WHO;
      return complaint->terms.is_unknown
                     || (entry->received - complaint->confirmed_at) / DAY_MS
                            < complaint->terms.reopen_days
                 ? PT_RULE_HOLDS
                 : PT_RULE_COMPLAINT_LATE;
    }
  return who != JOINER || facts->citizen.joined_n < complaint->closed_n ? PT_RULE_HOLDS
                                                                        : PT_RULE_COMPLAINT_WHO;
}

/* Two persons: another id and another key. */
static PtRule
judge_approve (const PtEntry *entry, const PtActionFacts *facts)
{
  const PtComplaintFacts *complaint = facts->complaint;

  return pt_span_equal (entry->by, complaint->rejecter)
                 || memcmp (facts->official_key, complaint->rejecter_key, PT_PUBLIC_KEY_SIZE) == 0
             ? PT_RULE_COMPLAINT_WHO
             : PT_RULE_HOLDS;
}

static PtRule
judge_assign (const PtActionFacts *facts)
{
  const PtOfficialFacts *to = facts->to;

  return to != NULL && to->status == PT_STATUS_ACTIVE && to->role != PT_ROLE_AUDITOR
             ? PT_RULE_HOLDS
             : PT_RULE_COMPLAINT_TO;
}

static PtRule
judge_duplicate (const PtEntry *entry, const PtActionFacts *facts)
{
  const PtComplaintFacts *of = facts->of;

  return of != NULL && of->n > 0 && of->state != PT_COMPLAINT_DUPLICATE
                 && of->state != PT_COMPLAINT_WITHDRAWN
                 && !pt_span_equal (entry->of, entry->complaint)
             ? PT_RULE_HOLDS
             : PT_RULE_COMPLAINT_OF;
}

/* What the table leaves open. */
static PtRule
judge_besides (const PtEntry *entry, const PtActionFacts *facts, unsigned who)
{
  switch (entry->action)
    {
    case PT_ACTION_FILE:
      return !facts->has_profile || facts->has_category ? PT_RULE_HOLDS
                                                        : PT_RULE_COMPLAINT_CATEGORY;
    case PT_ACTION_ASSIGN:
      return judge_assign (facts);
    case PT_ACTION_DUPLICATE:
      return judge_duplicate (entry, facts);
    case PT_ACTION_APPROVE:
      return judge_approve (entry, facts);
    case PT_ACTION_REOPEN:
      return judge_reopen (entry, facts, who);
    case PT_ACTION_CONFIRM:
      return who == JOINER && facts->citizen.confirmed_n > facts->complaint->closed_n
                 ? PT_RULE_COMPLAINT_WHO
                 : PT_RULE_HOLDS;
    case PT_ACTION_ACKNOWLEDGE:
    case PT_ACTION_RESOLVE:
    case PT_ACTION_UNRESOLVE:
    case PT_ACTION_REJECT:
    case PT_ACTION_COMMENT:
    case PT_ACTION_JOIN:
    case PT_ACTION_WITHDRAW:
    case PT_ACTION_COUNT:
      break;
    }
  return PT_RULE_HOLDS;
}

PtRule
pt_rule_action (const PtEntry *entry, const PtActionFacts *facts)
{
  PtRule rule = judge_chain (entry, facts->complaint);
  const Step *step = &steps[entry->action];
  unsigned who;

  if (rule != PT_RULE_HOLDS)
    return rule;
  if (pt_entry_signer (entry) == PT_SIGNER_OFFICIAL)
    {
      if (facts->official == NULL)
        return PT_RULE_UNKNOWN_OFFICIAL;
      if (facts->official->status != PT_STATUS_ACTIVE)
        return PT_RULE_REVOKED_OFFICIAL;
    }
  if (pt_complaint_is_part (facts->complaint))
    return PT_RULE_HOLDS;
  who = who_acts (entry, facts);
  if (!(step->who & who))
    return PT_RULE_COMPLAINT_WHO;
  if (!(step->in & 1u << facts->complaint->state))
    return PT_RULE_COMPLAINT_STATE;
  return judge_besides (entry, facts, who);
}

void
pt_citizen_advance (PtCitizenFacts *citizen, const PtEntry *entry)
{
  if (entry->action == PT_ACTION_FILE)
    citizen->filed = true;
  else if (entry->action == PT_ACTION_JOIN)
    citizen->joined_n = entry->n;
  else if (entry->action == PT_ACTION_CONFIRM)
    citizen->confirmed_n = entry->n;
}

static PtComplaintState
state_after (const PtComplaintFacts *complaint, const PtEntry *entry, const PtActionEffect *effect)
{
  if (entry->n > 1 && complaint->state == PT_COMPLAINT_NONE)
    return PT_COMPLAINT_NONE;
  if (entry->action == PT_ACTION_REJECT && effect->no_profile_known)
    return PT_COMPLAINT_NONE; /* whether a second officer has to approve is not known */
  if (entry->action == PT_ACTION_REJECT && effect->two_person)
    return PT_COMPLAINT_REJECTING;
  if (entry->action == PT_ACTION_CONFIRM && !effect->filed)
    return complaint->state;
  return steps[entry->action].makes != PT_COMPLAINT_NONE ? steps[entry->action].makes
                                                         : complaint->state;
}

/* What begins and ends the clocks, and what the devices said. */
static void
advance_clocks (PtComplaintFacts *complaint, const PtEntry *entry, const PtActionEffect *effect)
{
  bool closes = entry->action == PT_ACTION_RESOLVE || entry->action == PT_ACTION_REJECT
                || entry->action == PT_ACTION_DUPLICATE;

  if (entry->action == PT_ACTION_FILE)
    {
      complaint->terms = effect->terms;
      complaint->terms.is_unknown = effect->no_profile_known;
      complaint->filed_at = entry->received;
      complaint->acknowledged_at = complaint->resolved_at = -1;
    }
  if (entry->action == PT_ACTION_FILE || entry->action == PT_ACTION_REOPEN)
    {
      complaint->asked_at = entry->received;
      complaint->asked_order = effect->order;
    }
  if (complaint->acknowledged_at < 0
      && (closes || entry->action == PT_ACTION_ACKNOWLEDGE || entry->action == PT_ACTION_ASSIGN))
    complaint->acknowledged_at = entry->received;
  if (closes)
    complaint->closed_n = entry->n;
  if (entry->action == PT_ACTION_RESOLVE)
    {
      complaint->resolved_at = entry->received;
      complaint->evidence = effect->evidence;
      complaint->later
          = effect->evidence == PT_EVIDENCE_SUPPORTED ? PT_AFTERMATH_PENDING : PT_AFTERMATH_NONE;
    }
  if (complaint->state != PT_COMPLAINT_RESOLVED && complaint->state != PT_COMPLAINT_CONFIRMED)
    complaint->resolved_at = -1;
}

void
pt_complaint_advance (PtComplaintFacts *complaint, const PtEntry *entry, const PtHash *leaf,
                      const PtActionEffect *effect)
{
  bool first = complaint->n == 0;

  complaint->state = state_after (complaint, entry, effect);
  complaint->n = entry->n;
  complaint->last = *leaf;
  if (first)
    {
      complaint->site = entry->site;
      complaint->lat = entry->lat;
      complaint->lon = entry->lon;
    }
  advance_clocks (complaint, entry, effect);
  if (entry->action == PT_ACTION_CONFIRM && effect->filed)
    complaint->confirmed_at = entry->received;
  if (entry->action == PT_ACTION_REJECT)
    {
      complaint->rejecter = entry->by;
      if (effect->official_key != NULL)
        memcpy (complaint->rejecter_key, effect->official_key, PT_PUBLIC_KEY_SIZE);
      else
        memset (complaint->rejecter_key, 0, PT_PUBLIC_KEY_SIZE);
    }
}
