/* SPDX-License-Identifier: Apache-2.0 */
#include "dossier-rules.h"

#include <stdlib.h>

#include "dossier-evidence.h"
#include "pt-complaint-walk.h"
#include "pt-i18n.h"
#include "pt-rule-words.h"

const PtEntry *
pt_dossier_official (const PtDossierCheck *check, PtSpan id, int64_t received)
{
  const PtEntry *newest = NULL;

  for (size_t i = 0; i < check->registration_count; i++)
    {
      const PtEntry *entry = &check->registrations[i];

      if (pt_span_equal (entry->official, id) && pt_complaint_holds_then (entry, newest, received))
        newest = entry;
    }
  return newest;
}

const PtProfile *
pt_dossier_profile (const PtDossierCheck *check, int64_t received)
{
  const PtEntry *newest = NULL;

  for (size_t i = 0; i < check->profile_count; i++)
    if (pt_complaint_holds_then (&check->profiles[i], newest, received))
      newest = &check->profiles[i];
  return newest != NULL ? &check->profile_documents[newest - check->profiles] : NULL;
}

typedef struct
{
  PtDossierCheck *check;
  PtComplaintWalk walk;
  const PtEntry **entries;
  size_t *open;
  const char **why_open;
} Judge;

static void
tell_open (Judge *judge, size_t step, const char *why)
{
  if (*judge->open > 0)
    return;
  *judge->open = step + 1;
  *judge->why_open = why;
}

/* What the dossier doesn't show is taken to be as it has to be, and told. */
static void
tell_unknown (Judge *judge, size_t i, const PtWalkStep *step)
{
  if (step->official == NULL && pt_entry_signer (step->entry) == PT_SIGNER_OFFICIAL)
    tell_open (judge, i, _ ("whether its signer might is not known without a registration"));
  if (step->to == NULL && step->entry->action == PT_ACTION_ASSIGN)
    tell_open (judge, i, _ ("the dossier has no registration of whom it is assigned to"));
  if (step->entry->action == PT_ACTION_DUPLICATE)
    tell_open (judge, i,
               _ ("the complaint that it is a duplicate of is not in the dossier; 'powertrack "
                  "audit' reads the whole log"));
}

static PtRule
judge_row (Judge *judge, size_t i)
{
  PtDossierCheck *check = judge->check;
  PtDossierRow *row = &check->rows[i];
  const PtEntry *entry = &row->entry;
  PtWalkStep step = {
    .entry = entry,
    .leaf = row->leaf,
    .official = row->is_vouched ? &row->official : NULL,
    .to = entry->to.size > 0 ? pt_dossier_official (check, entry->to, entry->received) : NULL,
    .profile = pt_dossier_profile (check, entry->received),
    .is_approved_next = pt_complaint_is_approved (judge->entries + i + 1, check->row_count - i - 1),
  };
  PtRule rule;

  check->complaint = judge->walk.complaint;
  if (entry->action == PT_ACTION_RESOLVE)
    row->evidence = step.evidence = pt_dossier_evidence (check, i);
  rule = pt_complaint_walk (&judge->walk, &step);
  tell_unknown (judge, i, &step);
  row->state = judge->walk.complaint.state;
  return rule;
}

bool
pt_dossier_judge (PtDossierCheck *check, size_t *broken, const char **why, size_t *open,
                  const char **why_open)
{
  Judge judge = { .check = check, .open = open, .why_open = why_open };
  bool good;

  judge.walk.citizens = calloc (check->row_count + 1, sizeof *judge.walk.citizens);
  judge.entries = calloc (check->row_count + 1, sizeof *judge.entries);
  good = judge.walk.citizens != NULL && judge.entries != NULL;
  for (size_t i = 0; good && i < check->row_count; i++)
    judge.entries[i] = &check->rows[i].entry;
  for (size_t i = 0; good && i < check->row_count; i++)
    {
      PtRule rule = judge_row (&judge, i);

      if (rule == PT_RULE_HOLDS || *broken > 0)
        continue;
      *broken = i + 1;
      *why = pt_rule_words (rule);
    }
  check->complaint = judge.walk.complaint;
  free (judge.walk.citizens);
  free (judge.entries);
  return good;
}
