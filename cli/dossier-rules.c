/* SPDX-License-Identifier: Apache-2.0 */
#include "dossier-rules.h"

#include <stdlib.h>
#include <string.h>

#include "pt-i18n.h"
#include "pt-rule-words.h"

/* A citizen's key that is of the complaint. */
typedef struct
{
  const uint8_t *key;
  PtCitizenFacts facts;
} Citizen;

typedef struct
{
  PtDossierCheck *check;
  Citizen *citizens;
  size_t citizen_count;
  size_t *open;
  const char **why_open;
} Judge;

const PtEntry *
pt_dossier_official (const PtDossierCheck *check, PtSpan id, int64_t received)
{
  const PtEntry *newest = NULL;

  for (size_t i = 0; i < check->registration_count; i++)
    {
      const PtEntry *entry = &check->registrations[i];

      if (pt_span_equal (entry->official, id) && entry->received <= received
          && (newest == NULL || entry->ts > newest->ts))
        newest = entry;
    }
  return newest;
}

const PtProfile *
pt_dossier_profile (const PtDossierCheck *check, int64_t received)
{
  const PtProfile *found = NULL;
  int64_t newest = -1;

  for (size_t i = 0; i < check->profile_count; i++)
    if (check->profiles[i].received <= received && check->profiles[i].ts > newest)
      {
        found = &check->profile_documents[i];
        newest = check->profiles[i].ts;
      }
  return found;
}

static void
tell_open (Judge *judge, size_t step, const char *why)
{
  if (*judge->open > 0)
    return;
  *judge->open = step + 1;
  *judge->why_open = why;
}

static Citizen *
find_citizen (Judge *judge, const uint8_t key[PT_PUBLIC_KEY_SIZE])
{
  for (size_t i = 0; i < judge->citizen_count; i++)
    if (memcmp (judge->citizens[i].key, key, PT_PUBLIC_KEY_SIZE) == 0)
      return &judge->citizens[i];
  return NULL;
}

/* There is room for one a step. */
static void
take_citizen (Judge *judge, const PtEntry *entry)
{
  Citizen *citizen = find_citizen (judge, entry->key);

  if (citizen == NULL && (entry->action == PT_ACTION_FILE || entry->action == PT_ACTION_JOIN))
    {
      citizen = &judge->citizens[judge->citizen_count++];
      citizen->key = entry->key;
      citizen->facts.filed = entry->action == PT_ACTION_FILE;
      citizen->facts.joined_n = entry->action == PT_ACTION_JOIN ? entry->n : 0;
    }
  else if (citizen != NULL && entry->action == PT_ACTION_CONFIRM)
    citizen->facts.confirmed_n = entry->n;
}

/* Where the profile is not known, the next step that changes the state tells what a reject made. */
static bool
is_approved_next (const PtDossierCheck *check, size_t step)
{
  for (size_t i = step + 1; i < check->row_count; i++)
    switch (check->rows[i].entry.action)
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

/* What the dossier doesn't show is taken to be as it has to be, and told. */
static PtRule
judge_row (Judge *judge, size_t i, const PtProfile *profile)
{
  static const PtOfficialFacts somebody = { PT_STATUS_ACTIVE, PT_ROLE_OFFICER };
  static const PtComplaintFacts other = { .n = 1, .state = PT_COMPLAINT_OPEN };
  PtDossierCheck *check = judge->check;
  PtDossierRow *row = &check->rows[i];
  const PtEntry *entry = &row->entry;
  const Citizen *citizen = pt_is_citizen (entry->by) ? find_citizen (judge, entry->key) : NULL;
  const PtEntry *to
      = entry->to.size > 0 ? pt_dossier_official (check, entry->to, entry->received) : NULL;
  PtOfficialFacts by_facts = somebody, to_facts = somebody;
  PtActionFacts facts = {
    .complaint = &check->complaint,
    .official = &by_facts,
    .official_key = row->official.key,
    .to = &to_facts,
    .of = &other,
    .has_profile = profile != NULL,
    .has_category = profile != NULL && pt_profile_category (profile, entry->category) != NULL,
  };

  if (citizen != NULL)
    facts.citizen = citizen->facts;
  if (row->is_vouched)
    by_facts = pt_official_facts (&row->official);
  else if (pt_entry_signer (entry) == PT_SIGNER_OFFICIAL)
    {
      memcpy (row->official.key, &i, sizeof i); /* nobody else's, whoever it is */
      tell_open (judge, i, _ ("whether its signer might is not known without a registration"));
    }
  if (to != NULL)
    to_facts = pt_official_facts (to);
  else if (entry->action == PT_ACTION_ASSIGN)
    tell_open (judge, i, _ ("the dossier has no registration of whom it is assigned to"));
  if (entry->action == PT_ACTION_DUPLICATE)
    tell_open (judge, i,
               _ ("the complaint that it is a duplicate of is not in the dossier; 'powertrack "
                  "audit' reads the whole log"));
  return pt_rule_action (entry, &facts);
}

static void
advance (Judge *judge, size_t i, const PtProfile *profile)
{
  PtDossierCheck *check = judge->check;
  PtDossierRow *row = &check->rows[i];
  const Citizen *citizen
      = pt_is_citizen (row->entry.by) ? find_citizen (judge, row->entry.key) : NULL;
  PtActionEffect effect = {
    .order = i,
    .terms = find_terms (profile, row->entry.category),
    .two_person
    = profile != NULL ? profile->two_person[PT_TWO_PERSON_REJECT] : is_approved_next (check, i),
    .filed = citizen != NULL && citizen->facts.filed,
    .official_key = row->official.key,
  };

  if (pt_is_citizen (row->entry.by))
    take_citizen (judge, &row->entry);
  pt_complaint_advance (&check->complaint, &row->entry, &row->leaf, &effect);
  row->state = check->complaint.state;
}

bool
pt_dossier_judge (PtDossierCheck *check, size_t *broken, const char **why, size_t *open,
                  const char **why_open)
{
  Judge judge = { .check = check, .open = open, .why_open = why_open };

  judge.citizens = calloc (check->row_count + 1, sizeof *judge.citizens);
  if (judge.citizens == NULL)
    return false;
  for (size_t i = 0; i < check->row_count; i++)
    {
      const PtProfile *profile = pt_dossier_profile (check, check->rows[i].entry.received);
      PtRule rule = judge_row (&judge, i, profile);

      if (rule != PT_RULE_HOLDS && *broken == 0)
        {
          *broken = i + 1;
          *why = pt_rule_words (rule);
        }
      advance (&judge, i, profile);
    }
  free (judge.citizens);
  return true;
}
