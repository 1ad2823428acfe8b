/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-promises.h"

#include <string.h>

#include "pt-json.h"

typedef struct
{
  PtComplaintFacts facts;
  const char *id;        /* its key in the table */
  char *site, *rejecter; /* what the facts' spans point to */
  GHashTable *citizens;  /* key (GBytes) -> PtCitizenFacts; NULL: none yet */
} Complaint;

typedef struct
{
  PtNoticeFacts facts;
  char *target;
} Notice;

/* A supported resolve that the log does not reach far enough beyond. */
typedef struct
{
  Complaint *complaint;
  gint64 n; /* of the resolve */
  gint64 from, until;
} Pending;

struct _PtPromises
{
  GArray *pending;       /* Pending */
  PtSettledFunc settled; /* or NULL */
  gpointer settled_data;
  GHashTable *complaints; /* id -> Complaint */
  GHashTable *notices;    /* id -> Notice */
  char *document;
  gsize document_size;
  PtProfile *profile; /* its spans point into @document; NULL: none */
  gint64 profile_time;
};

/* An id that is looked up without copying it to the heap. */
typedef struct
{
  char text[PT_ID_MAX + 1];
} Id;

static const char *
id_of (PtSpan span, Id *id)
{
  gsize size = MIN (span.size, PT_ID_MAX);

  memcpy (id->text, span.data, size);
  id->text[size] = '\0';
  return id->text;
}

static void
complaint_free (gpointer data)
{
  Complaint *complaint = data;

  g_clear_pointer (&complaint->citizens, g_hash_table_unref);
  g_free (complaint->site);
  g_free (complaint->rejecter);
  g_free (complaint);
}

static void
notice_free (gpointer data)
{
  g_free (((Notice *) data)->target);
  g_free (data);
}

PtPromises *
pt_promises_new (void)
{
  PtPromises *promises = g_new0 (PtPromises, 1);

  promises->complaints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, complaint_free);
  promises->notices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, notice_free);
  promises->pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  promises->profile_time = -1;
  return promises;
}

void
pt_promises_free (PtPromises *promises)
{
  if (promises == NULL)
    return;
  g_hash_table_unref (promises->complaints);
  g_hash_table_unref (promises->notices);
  g_array_unref (promises->pending);
  g_free (promises->profile);
  g_free (promises->document);
  g_free (promises);
}

gboolean
pt_promises_concern (const PtEntry *entry)
{
  g_return_val_if_fail (entry != NULL, FALSE);

  return entry->kind == PT_ENTRY_ACTION || entry->kind == PT_ENTRY_NOTICE
         || entry->kind == PT_ENTRY_PROFILE;
}

const PtComplaintFacts *
pt_promises_complaint (PtPromises *promises, PtSpan id)
{
  Complaint *complaint;
  Id text;

  g_return_val_if_fail (promises != NULL, NULL);

  complaint = g_hash_table_lookup (promises->complaints, id_of (id, &text));
  return complaint != NULL ? &complaint->facts : NULL;
}

const PtNoticeFacts *
pt_promises_notice (PtPromises *promises, PtSpan id)
{
  Notice *notice;
  Id text;

  g_return_val_if_fail (promises != NULL, NULL);

  notice = g_hash_table_lookup (promises->notices, id_of (id, &text));
  return notice != NULL ? &notice->facts : NULL;
}

const PtProfile *
pt_promises_profile (const PtPromises *promises)
{
  g_return_val_if_fail (promises != NULL, NULL);

  return promises->profile;
}

void
pt_promises_count (const PtPromises *promises, PtPromiseCounts *counts)
{
  GHashTableIter iter;
  gpointer value;

  g_return_if_fail (promises != NULL && counts != NULL);

  g_hash_table_iter_init (&iter, promises->complaints);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const PtComplaintFacts *facts = &((const Complaint *) value)->facts;

      counts->filed++;
      counts->waiting += facts->state >= PT_COMPLAINT_OPEN && facts->state <= PT_COMPLAINT_ASSIGNED;
      counts->waiting += facts->state == PT_COMPLAINT_REJECTING;
      counts->closed[pt_complaint_closed (facts)]++;
    }
}

gint64
pt_promises_profile_time (const PtPromises *promises)
{
  g_return_val_if_fail (promises != NULL, -1);

  return promises->profile_time;
}

gboolean
pt_promises_is_profile (const PtPromises *promises, const PtEntry *entry)
{
  g_autofree char *text = NULL;
  gsize size;

  g_return_val_if_fail (promises != NULL && entry != NULL, FALSE);

  if (promises->document == NULL)
    return FALSE;
  text = g_malloc (PT_PROFILE_MAX);
  return pt_json_unescape (entry->document, text, PT_PROFILE_MAX, &size) == PT_OK
         && size == promises->document_size && memcmp (text, promises->document, size) == 0;
}

/* Judging */

static PtCitizenFacts
citizen_of (const Complaint *complaint, const PtEntry *entry)
{
  g_autoptr (GBytes) key = NULL;
  const PtCitizenFacts *citizen;

  if (complaint == NULL || complaint->citizens == NULL)
    return (PtCitizenFacts){ 0 };
  key = g_bytes_new_static (entry->key, sizeof entry->key);
  citizen = g_hash_table_lookup (complaint->citizens, key);
  return citizen != NULL ? *citizen : (PtCitizenFacts){ 0 };
}

static PtRule
judge_action (PtPromises *promises, const PtEntry *entry, const PtPromiseSigners *signers,
              gboolean is_part)
{
  PtComplaintFacts nothing = { 0 };
  PtActionFacts facts = { .official = signers->by,
                          .official_key = signers->by_key,
                          .to = signers->to,
                          .has_profile = promises->profile != NULL };
  Complaint *complaint;
  Id text;

  complaint = g_hash_table_lookup (promises->complaints, id_of (entry->complaint, &text));
  if (is_part && entry->n > 1)
    pt_complaint_begin_late (&nothing, entry);
  facts.complaint = complaint != NULL ? &complaint->facts : &nothing;
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    facts.citizen = citizen_of (complaint, entry);
  if (entry->action == PT_ACTION_DUPLICATE)
    facts.of = pt_promises_complaint (promises, entry->of);
  if (entry->action == PT_ACTION_FILE && facts.has_profile)
    facts.has_category = pt_profile_category (promises->profile, entry->category) != NULL;
  return pt_rule_action (entry, &facts);
}

/* Reads the document into @text, which the profile's spans point into. */
static gboolean
read_profile (const PtEntry *entry, char text[PT_PROFILE_MAX], gsize *size, PtProfile *out)
{
  return pt_json_unescape (entry->document, text, PT_PROFILE_MAX, size) == PT_OK
         && pt_profile_parse (pt_span (text, *size), out) == PT_OK;
}

static PtRule
judge_profile (PtPromises *promises, const PtEntry *entry)
{
  g_autofree char *text = g_malloc (PT_PROFILE_MAX);
  g_autofree PtProfile *profile = g_new (PtProfile, 1);
  PtRule rule = pt_rule_registration (entry, promises->profile_time);
  gsize size;

  if (rule != PT_RULE_HOLDS)
    return rule;
  return read_profile (entry, text, &size, profile) ? PT_RULE_HOLDS : PT_RULE_BAD_PROFILE;
}

static PtRule
judge_notice (PtPromises *promises, const PtEntry *entry, const PtPromiseSigners *signers,
              gboolean is_part)
{
  const PtNoticeFacts *notice = pt_promises_notice (promises, entry->notice);
  PtNoticeFacts nothing = { 0 };

  if (is_part && entry->n > 1)
    pt_notice_begin_late (&nothing, entry);
  return pt_rule_notice (entry, notice != NULL ? notice : &nothing, signers->by);
}

PtRule
pt_promises_judge (PtPromises *promises, const PtEntry *entry, const PtPromiseSigners *signers,
                   gboolean is_part)
{
  g_return_val_if_fail (promises != NULL && signers != NULL, PT_RULE_UNKNOWN_AREA);
  g_return_val_if_fail (pt_promises_concern (entry), PT_RULE_UNKNOWN_AREA);

  if (entry->kind == PT_ENTRY_PROFILE)
    return judge_profile (promises, entry);
  return entry->kind == PT_ENTRY_ACTION ? judge_action (promises, entry, signers, is_part)
                                        : judge_notice (promises, entry, signers, is_part);
}

/* Taking */

static PtSpan
keep_span (char **slot, PtSpan span)
{
  g_free (*slot);
  *slot = g_strndup (span.data, span.size);
  return pt_span (*slot, span.size);
}

/* Returns whether it is the filing key. */
static gboolean
take_citizen (Complaint *complaint, const PtEntry *entry)
{
  g_autoptr (GBytes) key = g_bytes_new (entry->key, sizeof entry->key);
  PtCitizenFacts *citizen;

  if (complaint->citizens == NULL)
    complaint->citizens = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                                 (GDestroyNotify) g_bytes_unref, g_free);
  citizen = g_hash_table_lookup (complaint->citizens, key);
  if (citizen == NULL)
    {
      citizen = g_new0 (PtCitizenFacts, 1);
      g_hash_table_insert (complaint->citizens, g_steal_pointer (&key), citizen);
    }
  pt_citizen_advance (citizen, entry);
  return citizen->filed;
}

/* Minutes beyond any time there is are for ever. */
static gint64
end_of (gint64 from, gint64 minutes)
{
  return minutes < (PT_INTEGER_MAX - from) / 60000 ? from + minutes * 60000 : PT_INTEGER_MAX;
}

static PtEvidence
evidence_of (const Complaint *complaint, const PtEntry *entry, const PtEvidenceCount *count)
{
  return entry->action == PT_ACTION_RESOLVE && count != NULL && complaint->facts.terms.has_evidence
                 && complaint->facts.site.size > 0
             ? pt_evidence_verdict (count)
             : PT_EVIDENCE_NONE;
}

PtEvidence
pt_promises_evidence (PtPromises *promises, const PtEntry *entry, const PtEvidenceCount *count)
{
  const Complaint *complaint;
  Id text;

  g_return_val_if_fail (promises != NULL && entry != NULL, PT_EVIDENCE_NONE);

  complaint = g_hash_table_lookup (promises->complaints, id_of (entry->complaint, &text));
  return complaint != NULL ? evidence_of (complaint, entry, count) : PT_EVIDENCE_NONE;
}

static PtActionEffect
effect_of (const PtPromises *promises, const Complaint *complaint, const PtEntry *entry,
           const PtPromiseSigners *signers, const PtPromiseFacts *facts)
{
  const PtProfile *profile = promises->profile;
  PtActionEffect effect = { .order = facts->order, .official_key = signers->by_key };

  if (entry->action == PT_ACTION_FILE && profile != NULL)
    effect.terms = pt_profile_terms (profile, entry->category);
  effect.two_person = profile != NULL && profile->two_person[PT_TWO_PERSON_REJECT];
  effect.no_profile_known = profile == NULL && facts->is_part;
  effect.evidence = evidence_of (complaint, entry, facts->devices);
  return effect;
}

static void
take_action (PtPromises *promises, const PtEntry *entry, const PtHash *leaf,
             const PtPromiseSigners *signers, const PtPromiseFacts *facts)
{
  PtActionEffect effect;
  Complaint *complaint;
  Id text;

  complaint = g_hash_table_lookup (promises->complaints, id_of (entry->complaint, &text));
  if (complaint == NULL)
    {
      char *id = g_strdup (text.text);

      complaint = g_new0 (Complaint, 1);
      complaint->id = id;
      g_hash_table_insert (promises->complaints, id, complaint);
    }
  effect = effect_of (promises, complaint, entry, signers, facts);
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    effect.filed = take_citizen (complaint, entry);
  pt_complaint_advance (&complaint->facts, entry, leaf, &effect);
  if (complaint->site == NULL)
    complaint->facts.site = keep_span (&complaint->site, entry->site);
  if (entry->action == PT_ACTION_REJECT)
    complaint->facts.rejecter = keep_span (&complaint->rejecter, entry->by);
  if (effect.evidence == PT_EVIDENCE_SUPPORTED)
    {
      Pending pending = { complaint, entry->n, entry->received,
                          end_of (entry->received, complaint->facts.terms.held_min) };

      g_array_append_val (promises->pending, pending);
    }
}

/* Only of the resolve that is still the newest the complaint says what became of it. */
static void
settle (PtPromises *promises, guint at, PtAftermath later)
{
  const Pending pending = g_array_index (promises->pending, Pending, at);
  PtComplaintFacts *facts = &pending.complaint->facts;

  if (facts->closed_n == pending.n)
    facts->later = later;
  g_array_remove_index_fast (promises->pending, at);
  if (promises->settled != NULL)
    promises->settled (pending.complaint->id, pending.n, later, promises->settled_data);
}

void
pt_promises_pass (PtPromises *promises, gint64 received)
{
  g_return_if_fail (promises != NULL);

  for (guint i = promises->pending->len; i > 0; i--)
    {
      const Pending *pending = &g_array_index (promises->pending, Pending, i - 1);

      if (received >= pending->until)
        settle (promises, i - 1, PT_AFTERMATH_HELD);
    }
}

static gboolean
falls (const Pending *pending, PtSpan site, gint64 time)
{
  return time > pending->from && time < pending->until
         && pt_span_equal (pending->complaint->facts.site, site);
}

void
pt_promises_fell (PtPromises *promises, PtSpan site, gint64 time)
{
  g_return_if_fail (promises != NULL);

  for (guint i = promises->pending->len; i > 0; i--)
    {
      const Pending *pending = &g_array_index (promises->pending, Pending, i - 1);

      if (falls (pending, site, time))
        settle (promises, i - 1, PT_AFTERMATH_FELL_AGAIN);
    }
}

void
pt_promises_watch (PtPromises *promises, PtSettledFunc func, gpointer user_data)
{
  g_return_if_fail (promises != NULL);

  promises->settled = func;
  promises->settled_data = user_data;
}

void
pt_promises_each_fall (const PtPromises *promises, PtSpan site, gint64 time, gint64 received,
                       PtSettledFunc func, gpointer user_data)
{
  g_return_if_fail (promises != NULL && func != NULL);

  for (guint i = 0; i < promises->pending->len; i++)
    {
      const Pending *pending = &g_array_index (promises->pending, Pending, i);

      if (received < pending->until && falls (pending, site, time))
        func (pending->complaint->id, pending->n, PT_AFTERMATH_FELL_AGAIN, user_data);
    }
}

void
pt_promises_settle (PtPromises *promises, const char *complaint, gint64 n, PtAftermath later)
{
  g_return_if_fail (promises != NULL && complaint != NULL);

  for (guint i = promises->pending->len; i > 0; i--)
    {
      const Pending *pending = &g_array_index (promises->pending, Pending, i - 1);

      if (pending->n == n && strcmp (pending->complaint->id, complaint) == 0)
        settle (promises, i - 1, later);
    }
}

gboolean
pt_promises_is_waiting (const PtPromises *promises)
{
  g_return_val_if_fail (promises != NULL, FALSE);

  return promises->pending->len > 0;
}

static void
take_notice (PtPromises *promises, const PtEntry *entry, const PtHash *leaf)
{
  Notice *notice;
  Id text;

  notice = g_hash_table_lookup (promises->notices, id_of (entry->notice, &text));
  if (notice == NULL)
    {
      notice = g_new0 (Notice, 1);
      g_hash_table_insert (promises->notices, g_strdup (text.text), notice);
    }
  pt_notice_advance (&notice->facts, entry, leaf);
  if (notice->target == NULL)
    notice->facts.target = keep_span (&notice->target, entry->target);
}

static void
take_profile (PtPromises *promises, const PtEntry *entry)
{
  char *document = g_malloc (PT_PROFILE_MAX);
  PtProfile *profile = g_new (PtProfile, 1);
  gsize size;

  if (!read_profile (entry, document, &size, profile))
    {
      g_free (document);
      g_free (profile);
      g_return_if_reached (); /* it was judged */
    }
  g_free (promises->document);
  g_free (promises->profile);
  promises->document = document;
  promises->document_size = size;
  promises->profile = profile;
  promises->profile_time = entry->ts;
}

void
pt_promises_take (PtPromises *promises, const PtEntry *entry, const PtHash *leaf,
                  const PtPromiseSigners *signers, const PtPromiseFacts *facts)
{
  g_return_if_fail (promises != NULL && signers != NULL && facts != NULL);

  if (entry->kind == PT_ENTRY_PROFILE)
    {
      take_profile (promises, entry);
      return;
    }
  g_return_if_fail (leaf != NULL);
  if (entry->kind == PT_ENTRY_ACTION)
    take_action (promises, entry, leaf, signers, facts);
  else if (entry->kind == PT_ENTRY_NOTICE)
    take_notice (promises, entry, leaf);
}
