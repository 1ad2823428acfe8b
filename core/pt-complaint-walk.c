/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-walk.h"

#include <string.h>

static PtWalkCitizen *
find_citizen (PtComplaintWalk *walk, const PtEntry *entry)
{
  if (!pt_is_citizen (entry->by))
    return NULL;
  for (size_t i = 0; i < walk->citizen_count; i++)
    if (memcmp (walk->citizens[i].key, entry->key, PT_PUBLIC_KEY_SIZE) == 0)
      return &walk->citizens[i];
  return NULL;
}

static void
take_citizen (PtComplaintWalk *walk, const PtEntry *entry)
{
  PtWalkCitizen *citizen = find_citizen (walk, entry);

  if (citizen == NULL && pt_is_citizen (entry->by)
      && (entry->action == PT_ACTION_FILE || entry->action == PT_ACTION_JOIN))
    {
      citizen = &walk->citizens[walk->citizen_count++];
      *citizen = (PtWalkCitizen){ .key = entry->key };
      pt_citizen_advance (&citizen->facts, entry);
    }
  else if (citizen != NULL && entry->action == PT_ACTION_CONFIRM)
    pt_citizen_advance (&citizen->facts, entry);
}

bool
pt_complaint_holds_then (const PtEntry *entry, const PtEntry *found, int64_t received)
{
  return entry->received <= received && (!found || entry->ts > found->ts);
}

bool
pt_complaint_is_approved (const PtEntry *const *entries, size_t count)
{
  for (size_t i = 0; i < count; i++)
    switch (entries[i]->action)
      {
      case PT_ACTION_APPROVE:
        return true;
      case PT_ACTION_COMMENT:
      case PT_ACTION_JOIN:
        break;
      case PT_ACTION_FILE:
      case PT_ACTION_ACKNOWLEDGE:
      case PT_ACTION_ASSIGN:
      case PT_ACTION_RESOLVE:
      case PT_ACTION_UNRESOLVE:
      case PT_ACTION_REJECT:
      case PT_ACTION_REOPEN:
      case PT_ACTION_DUPLICATE:
      case PT_ACTION_CONFIRM:
      case PT_ACTION_WITHDRAW:
      case PT_ACTION_COUNT:
        return false;
      }
  return false;
}

static PtComplaintTerms
find_terms (const PtProfile *profile, PtSpan category)
{
  const PtProfileCategory *row = profile != NULL ? pt_profile_category (profile, category) : NULL;

  if (profile == NULL) /* a time that nothing is too late for */
    return (PtComplaintTerms){ .reopen_days = 36500 };
  return (PtComplaintTerms){
    .has_evidence = row != NULL && row->has_evidence,
    .acknowledge_min = row != NULL ? row->acknowledge_min : 0,
    .resolve_min = row != NULL ? row->resolve_min : 0,
    .held_min = profile->held_min,
    .reopen_days = profile->reopen_days,
  };
}

/* Of one that is not known: nobody else's, whoever it is. */
static void
signer_key (const PtWalkStep *step, uint8_t key[PT_PUBLIC_KEY_SIZE])
{
  memset (key, 0, PT_PUBLIC_KEY_SIZE);
  if (step->official != NULL)
    memcpy (key, step->official->key, PT_PUBLIC_KEY_SIZE);
  else
    memcpy (key, &step->entry->n, sizeof step->entry->n);
}

static PtRule
judge (PtComplaintWalk *walk, const PtWalkStep *step, const uint8_t key[PT_PUBLIC_KEY_SIZE])
{
  static const PtOfficialFacts somebody = { PT_STATUS_ACTIVE, PT_ROLE_OFFICER };
  static const PtComplaintFacts other = { .n = 1, .state = PT_COMPLAINT_OPEN };
  const PtEntry *entry = step->entry;
  const PtWalkCitizen *citizen = find_citizen (walk, entry);
  PtOfficialFacts by = step->official != NULL ? pt_official_facts (step->official) : somebody;
  PtOfficialFacts to = step->to != NULL ? pt_official_facts (step->to) : somebody;
  PtActionFacts facts = {
    .complaint = &walk->complaint,
    .official = &by,
    .official_key = key,
    .to = &to,
    .of = &other,
    .has_profile = step->profile != NULL,
    .has_category
    = step->profile != NULL && pt_profile_category (step->profile, entry->category) != NULL,
  };

  if (citizen != NULL)
    facts.citizen = citizen->facts;
  return pt_rule_action (entry, &facts);
}

PtRule
pt_complaint_walk (PtComplaintWalk *walk, const PtWalkStep *step)
{
  const PtEntry *entry = step->entry;
  const PtProfile *profile = step->profile;
  const PtWalkCitizen *citizen = find_citizen (walk, entry);
  uint8_t key[PT_PUBLIC_KEY_SIZE];
  PtActionEffect effect = {
    .order = (uint64_t) entry->n,
    .terms = find_terms (profile, entry->category),
    .two_person
    = profile != NULL ? profile->two_person[PT_TWO_PERSON_REJECT] : step->is_approved_next,
    .filed = citizen != NULL && citizen->facts.filed,
    .official_key = key,
    .evidence = step->evidence,
  };
  PtRule rule;

  signer_key (step, key);
  rule = judge (walk, step, key);
  take_citizen (walk, entry);
  pt_complaint_advance (&walk->complaint, entry, &step->leaf, &effect);
  return rule;
}
