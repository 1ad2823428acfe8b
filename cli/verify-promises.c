/* SPDX-License-Identifier: Apache-2.0 */
#include "verify-promises.h"

#include <stdlib.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-json.h"
#include "pt-names.h"
#include "pt-profile.h"

#define KEY_TEXT_MAX PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE)

typedef struct
{
  PtComplaintFacts facts;
  char *site, *rejecter; /* what the facts' spans point to */
} Complaint;

typedef struct
{
  PtNoticeFacts facts;
  char *target;
} Notice;

struct PtVerifyPromises
{
  bool complete;
  PtNames complaints, notices;
  PtNames citizens; /* complaint and key -> PtCitizenFacts */
  bool has_profile;
  int64_t profile_time;
  PtProfile profile, read;                             /* in force; of the entry at hand */
  char document[PT_PROFILE_MAX], text[PT_PROFILE_MAX]; /* what their spans point into */
};

PtVerifyPromises *
pt_verify_promises_new (bool complete)
{
  PtVerifyPromises *promises = calloc (1, sizeof *promises);

  if (promises == NULL)
    return NULL;
  promises->complete = complete;
  promises->profile_time = -1;
  return promises;
}

static void
free_complaint (void *data)
{
  Complaint *complaint = data;

  free (complaint->site);
  free (complaint->rejecter);
  free (complaint);
}

static void
free_notice (void *data)
{
  Notice *notice = data;

  free (notice->target);
  free (notice);
}

void
pt_verify_promises_free (PtVerifyPromises *promises)
{
  if (promises == NULL)
    return;
  pt_names_clear (&promises->complaints, free_complaint);
  pt_names_clear (&promises->notices, free_notice);
  pt_names_clear (&promises->citizens, free);
  free (promises);
}

/* Judging */

/* A complaint's and a key's name in one; no id has a space. */
typedef struct
{
  char text[PT_ID_MAX + 1 + KEY_TEXT_MAX + 1];
} CitizenName;

static PtSpan
name_citizen (const PtEntry *entry, CitizenName *name)
{
  size_t size = entry->complaint.size;

  memcpy (name->text, entry->complaint.data, size);
  name->text[size++] = ' ';
  size += pt_base64url_encode (entry->key, sizeof entry->key, name->text + size,
                               sizeof name->text - size);
  return pt_span (name->text, size);
}

static const PtComplaintFacts *
find_complaint (const PtVerifyPromises *promises, PtSpan id)
{
  const Complaint *complaint = pt_names_get (&promises->complaints, id);

  return complaint != NULL ? &complaint->facts : NULL;
}

static PtRule
judge_action (const PtVerifyPromises *promises, const PtEntry *entry,
              const PtVerifySigners *signers)
{
  PtActionFacts facts = { .complaint = find_complaint (promises, entry->complaint),
                          .official = signers->by,
                          .official_key = signers->by_key,
                          .to = signers->to,
                          .has_profile = promises->has_profile };
  const PtCitizenFacts *citizen = NULL;
  PtComplaintFacts begun = { 0 };
  CitizenName name;

  if (!promises->complete && entry->n > 1)
    pt_complaint_begin_late (&begun, entry);
  if (facts.complaint == NULL)
    facts.complaint = &begun;
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    citizen = pt_names_get (&promises->citizens, name_citizen (entry, &name));
  if (citizen != NULL)
    facts.citizen = *citizen;
  if (entry->action == PT_ACTION_DUPLICATE)
    facts.of = find_complaint (promises, entry->of);
  if (entry->action == PT_ACTION_FILE && promises->has_profile)
    facts.has_category = pt_profile_category (&promises->profile, entry->category) != NULL;
  return pt_rule_action (entry, &facts);
}

static PtRule
judge_notice (const PtVerifyPromises *promises, const PtEntry *entry,
              const PtVerifySigners *signers)
{
  const Notice *notice = pt_names_get (&promises->notices, entry->notice);
  PtNoticeFacts begun = { 0 };

  if (!promises->complete && entry->n > 1)
    pt_notice_begin_late (&begun, entry);
  return pt_rule_notice (entry, notice != NULL ? &notice->facts : &begun, signers->by);
}

/* Into @read and @text. */
static PtRule
judge_profile (PtVerifyPromises *promises, const PtEntry *entry)
{
  size_t size;
  PtRule rule = pt_rule_registration (entry, promises->profile_time);

  if (rule != PT_RULE_HOLDS)
    return rule;
  return pt_json_unescape (entry->document, promises->text, sizeof promises->text, &size) == PT_OK
                 && pt_profile_parse (pt_span (promises->text, size), &promises->read) == PT_OK
             ? PT_RULE_HOLDS
             : PT_RULE_BAD_PROFILE;
}

/* Taking */

static bool
keep_span (char **slot, PtSpan *span)
{
  free (*slot);
  *slot = strndup (span->size > 0 ? span->data : "", span->size);
  span->data = *slot;
  return *slot != NULL;
}

static void *
names_need (PtNames *names, PtSpan id, size_t size)
{
  void *value = pt_names_get (names, id);

  if (value != NULL)
    return value;
  value = calloc (1, size);
  if (value != NULL && pt_names_put (names, id, value))
    return value;
  free (value);
  return NULL;
}

static bool
take_citizen (PtVerifyPromises *promises, const PtEntry *entry, bool *filed)
{
  CitizenName name;
  PtCitizenFacts *citizen
      = names_need (&promises->citizens, name_citizen (entry, &name), sizeof *citizen);

  if (citizen == NULL)
    return false;
  pt_citizen_advance (citizen, entry);
  *filed = citizen->filed;
  return true;
}

static bool
take_action (PtVerifyPromises *promises, const PtEntry *entry, const PtHash *leaf,
             const PtVerifySigners *signers)
{
  Complaint *complaint = names_need (&promises->complaints, entry->complaint, sizeof *complaint);
  PtActionEffect effect = { .no_profile_known = !promises->has_profile && !promises->complete,
                            .official_key = signers->by_key };

  if (complaint == NULL)
    return false;
  if (promises->has_profile)
    {
      if (entry->action == PT_ACTION_FILE)
        effect.terms = pt_profile_terms (&promises->profile, entry->category);
      effect.two_person = promises->profile.two_person[PT_TWO_PERSON_REJECT];
    }
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN
      && !take_citizen (promises, entry, &effect.filed))
    return false;
  pt_complaint_advance (&complaint->facts, entry, leaf, &effect);
  if (complaint->site == NULL && !keep_span (&complaint->site, &complaint->facts.site))
    return false;
  return entry->action != PT_ACTION_REJECT
         || keep_span (&complaint->rejecter, &complaint->facts.rejecter);
}

static bool
take_notice (PtVerifyPromises *promises, const PtEntry *entry, const PtHash *leaf)
{
  Notice *notice = names_need (&promises->notices, entry->notice, sizeof *notice);

  if (notice == NULL)
    return false;
  pt_notice_advance (&notice->facts, entry, leaf);
  return notice->target != NULL || keep_span (&notice->target, &notice->facts.target);
}

static bool
take_profile (PtVerifyPromises *promises, const PtEntry *entry)
{
  size_t size;

  promises->has_profile = true;
  promises->profile_time = entry->ts;
  pt_json_unescape (entry->document, promises->document, sizeof promises->document, &size);
  return pt_profile_parse (pt_span (promises->document, size), &promises->profile) == PT_OK;
}

bool
pt_verify_promises_entry (PtVerifyPromises *promises, const PtEntry *entry, const PtHash *leaf,
                          const PtVerifySigners *signers, PtRule *rule)
{
  if (entry->kind == PT_ENTRY_PROFILE)
    {
      *rule = judge_profile (promises, entry);
      return *rule != PT_RULE_HOLDS || take_profile (promises, entry);
    }
  *rule = entry->kind == PT_ENTRY_ACTION ? judge_action (promises, entry, signers)
                                         : judge_notice (promises, entry, signers);
  if (*rule != PT_RULE_HOLDS && (promises->complete || !pt_rule_needs_whole_log (*rule)))
    return true;
  return entry->kind == PT_ENTRY_ACTION ? take_action (promises, entry, leaf, signers)
                                        : take_notice (promises, entry, leaf);
}
