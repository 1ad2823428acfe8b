/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-detail.h"

#include <string.h>

#include "pt-complaint-walk.h"
#include "pt-encoding.h"
#include "pt-json.h"
#include "pt-p256.h"
#include "pt-read.h"
#include "pt-sha256.h"
#include "pt-tree.h"

#define STEPS_MAX 100000
#define PHOTOS_MAX 5
#define JUDGED_MAX 20000 /* steps: judging takes the square of their number */

static void
photo_free (gpointer data)
{
  PtComplaintPhoto *photo = data;

  g_free (photo->sha256);
  g_free (photo->url);
  g_free (photo);
}

static void
step_free (gpointer data)
{
  PtComplaintStep *step = data;

  g_free (step->by);
  g_free (step->name);
  g_free (step->key);
  g_free (step->note);
  g_free (step->to);
  g_free (step->of);
  g_free (step->text);
  g_free (step->contact);
  g_free (step->moderated_by);
  g_free (step->moderated_name);
  g_free (step->moderated_reason);
  g_ptr_array_unref (step->photos);
  g_free (step);
}

void
pt_complaint_detail_free (PtComplaintDetail *detail)
{
  if (detail == NULL)
    return;
  g_clear_object (&detail->complaint);
  g_ptr_array_unref (detail->steps);
  g_free (detail->lie);
  g_free (detail);
}

/* An entry, read and checked */

static char *
span_text (PtSpan span)
{
  return span.size > 0 ? g_strndup (span.data, span.size) : NULL;
}

/* What a note says; it may hold anything, so control characters that would turn the line round or
 * break it are taken out. */
static char *
note_text (PtSpan note)
{
  g_autofree char *plain = g_malloc (note.size + 1);
  size_t size = 0;
  GString *text = g_string_new (NULL);

  if (pt_json_unescape (note, plain, note.size + 1, &size) != PT_OK)
    size = 0;
  plain[size] = '\0';
  for (const char *at = plain; *at != '\0' && g_utf8_validate (at, -1, NULL);
       at = g_utf8_next_char (at))
    {
      gunichar letter = g_utf8_get_char (at);
      GUnicodeType type = g_unichar_type (letter);

      if (letter == '\n' || (type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT)
          || letter == 0x200c || letter == 0x200d)
        g_string_append_unichar (text, letter);
    }
  return g_string_free (text, FALSE);
}

/* What the steps before it say. */
typedef struct
{
  PtVerifier *verifier;
  const PtVouch *vouch;
  const PtComplaint *complaint;
  GPtrArray *entries; /* PtEntry of each step; they point into what was read */
  PtComplaintWalk walk;
  gint64 n;
  PtHash last;
} Chain;

static gboolean
follows (const Chain *chain, const PtEntry *entry)
{
  const PtComplaint *complaint = chain->complaint;
  gboolean same_place
      = complaint->site != NULL
            ? pt_span_is (entry->site, complaint->site)
            : entry->site.size == 0 && entry->lat == complaint->lat && entry->lon == complaint->lon;

  return entry->kind == PT_ENTRY_ACTION && entry->n == chain->n + 1
         && memcmp (&entry->prev, &chain->last, sizeof chain->last) == 0
         && pt_span_is (entry->complaint, complaint->complaint)
         && pt_span_is (entry->area, complaint->area) && same_place;
}

static gboolean
is_signed (const Chain *chain, const PtEntry *entry, const guint8 key[PT_PUBLIC_KEY_SIZE])
{
  return pt_entry_verify (entry, chain->verifier, key) == PT_OK;
}

/* The key is the citizen's own, the registered one of an official, or what the daemon names. */
static PtStepVerdict
check_signature (const Chain *chain, const PtEntry *entry, const char *named, PtVouchAnswer answer,
                 const PtEntry *official)
{
  guint8 key[PT_PUBLIC_KEY_SIZE];
  gboolean by_named;

  if (pt_is_citizen (entry->by))
    return is_signed (chain, entry, entry->key) ? PT_STEP_SIGNED : PT_STEP_FORGED;
  if (official != NULL && is_signed (chain, entry, official->key))
    return PT_STEP_SIGNED;
  by_named = named != NULL && pt_base64url_decode (pt_span (named, strlen (named)), key, sizeof key)
             && is_signed (chain, entry, key);
  if (!by_named)
    return PT_STEP_FORGED;
  if (pt_is_service (entry->by))
    return PT_STEP_SIGNED;
  return answer == PT_VOUCH_UNKNOWN ? PT_STEP_UNCHECKED : PT_STEP_STRANGER;
}

static PtStepVerdict
verdict_of_rule (PtRule rule)
{
  if (rule == PT_RULE_HOLDS)
    return PT_STEP_SIGNED;
  if (rule == PT_RULE_UNKNOWN_OFFICIAL || rule == PT_RULE_REVOKED_OFFICIAL)
    return PT_STEP_STRANGER;
  return rule == PT_RULE_COMPLAINT_WHO ? PT_STEP_FORBIDDEN : PT_STEP_UNTIMELY;
}

/* The rules are core's; the profile that was in force is not asked for. */
static PtRule
check_rule (Chain *chain, guint number, const PtHash *leaf, const PtEntry *official)
{
  const PtEntry *entry = chain->entries->pdata[number], *to = NULL;
  const PtEntry *const *behind = (const PtEntry *const *) chain->entries->pdata + number + 1;
  PtVouchAnswer answer = entry->to.size > 0
                             ? pt_vouch_find (chain->vouch, entry->to, entry->received, &to)
                             : PT_VOUCH_UNKNOWN;
  const PtWalkStep step = {
    .entry = entry,
    .leaf = *leaf,
    .official = official,
    .to = to,
    .is_approved_next = entry->action == PT_ACTION_REJECT
                        && pt_complaint_is_approved (behind, chain->entries->len - number - 1),
  };
  PtRule rule = pt_complaint_walk (&chain->walk, &step);

  return rule == PT_RULE_HOLDS && answer == PT_VOUCH_NOBODY ? PT_RULE_COMPLAINT_TO : rule;
}

/* What the authority signed of an official is shown, not what the daemon says of her. */
static void
take_official (PtComplaintStep *step, const PtEntry *official)
{
  g_free (step->name);
  step->name = note_text (official->name);
  step->role = official->role;
}

static void
check_step (Chain *chain, guint number, PtComplaintStep *step)
{
  const PtEntry *entry = chain->entries->pdata[number], *official = NULL;
  gboolean is_next = follows (chain, entry);
  PtVouchAnswer answer = PT_VOUCH_UNKNOWN;
  PtRule rule = PT_RULE_HOLDS;

  if (pt_entry_signer (entry) == PT_SIGNER_OFFICIAL)
    answer = pt_vouch_find (chain->vouch, entry->by, entry->received, &official);
  if (official != NULL)
    take_official (step, official);
  if (number < JUDGED_MAX)
    rule = check_rule (chain, number, &step->leaf, official);
  step->verdict = PT_STEP_BROKEN;
  if (is_next)
    step->verdict = check_signature (chain, entry, step->key, answer, official);
  if (step->verdict == PT_STEP_SIGNED && number >= JUDGED_MAX)
    step->verdict = PT_STEP_UNCHECKED;
  if (step->verdict <= PT_STEP_UNCHECKED)
    step->verdict = MAX (step->verdict, verdict_of_rule (rule));
  chain->n = entry->n;
  chain->last = step->leaf;
}

static void
check_steps (Chain *chain, PtComplaintDetail *detail)
{
  g_autofree PtWalkCitizen *citizens = g_new0 (PtWalkCitizen, detail->steps->len + 1);

  chain->walk.citizens = citizens;
  for (guint i = 0; i < detail->steps->len; i++)
    check_step (chain, i, detail->steps->pdata[i]);
}

static void
take_entry (PtComplaintStep *step, const PtEntry *entry)
{
  step->n = entry->n;
  step->ts = entry->ts;
  step->received = entry->received;
  step->action = entry->action;
  step->by = span_text (entry->by);
  step->note = note_text (entry->note);
  step->to = span_text (entry->to);
  step->of = span_text (entry->of);
  pt_tree_leaf_hash (entry->bytes, &step->leaf);
}

/* An entry is longer than other texts may be; it points into what was read. NULL: none. */
static PtEntry *
parse_entry (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "entry");
  g_autofree PtEntry *entry = g_new0 (PtEntry, 1);
  const char *text = NULL;

  if (node != NULL && json_node_get_value_type (node) == G_TYPE_STRING)
    text = json_node_get_string (node);
  return text != NULL
                 && pt_entry_parse (pt_span (text, strlen (text)), PT_ENTRY_STORED, entry) == PT_OK
                 && entry->kind == PT_ENTRY_ACTION
             ? g_steal_pointer (&entry)
             : NULL;
}

static void
read_entry (JsonObject *object, PtComplaintStep *step, Chain *chain, GError **error)
{
  PtEntry *entry = parse_entry (object);

  if (entry == NULL)
    {
      pt_read_refuse ("entry", error);
      return;
    }
  g_ptr_array_add (chain->entries, entry);
  take_entry (step, entry);
}

/* What the daemon says of it */

static gint64
read_or (JsonObject *object, const char *name, gint64 otherwise, GError **error)
{
  return json_object_has_member (object, name) && !json_object_get_null_member (object, name)
             ? pt_read_integer (object, name, PT_READ_NEEDED, error)
             : otherwise;
}

static void
read_photos (JsonArray *array, PtComplaintStep *step, GError **error)
{
  guint count = array != NULL ? MIN (json_array_get_length (array), PHOTOS_MAX) : 0;

  for (guint i = 0; i < count; i++)
    {
      JsonObject *object = pt_read_as_object (json_array_get_element (array, i), "photos", error);
      PtComplaintPhoto *photo;

      if (object == NULL)
        return;
      photo = g_new0 (PtComplaintPhoto, 1);
      photo->sha256 = g_strdup (pt_read_text (object, "sha256", PT_READ_NEEDED, error));
      photo->url = g_strdup (pt_read_text (object, "url", PT_READ_OPTIONAL, error));
      g_ptr_array_add (step->photos, photo);
    }
}

static gboolean
read_flag (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && json_node_get_boolean (node);
}

/* Words may be as long as a private part. */
static char *
read_words (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? g_utf8_make_valid (json_node_get_string (node), -1)
             : g_strdup ("");
}

static void
read_moderation (JsonObject *private, PtComplaintStep *step, GError **error)
{
  JsonObject *object = pt_read_object (private, "moderation", PT_READ_OPTIONAL, error);
  const char *by = object != NULL ? pt_read_text (object, "by", PT_READ_NEEDED, error) : NULL;

  if (by == NULL)
    return;
  step->moderated_by = g_strdup (by);
  step->moderated_name = read_words (object, "name");
  step->moderated_reason = read_words (object, "reason");
  step->moderated_at = pt_read_integer (object, "at", PT_READ_NEEDED, error);
}

static void
read_private (JsonObject *object, PtComplaintStep *step, GError **error)
{
  JsonObject *private = pt_read_object (object, "private", PT_READ_OPTIONAL, error);

  if (private == NULL)
    return;
  step->has_private = TRUE;
  step->is_erased = read_flag (private, "erased");
  step->is_hidden = read_flag (private, "hidden");
  step->text = read_words (private, "text");
  step->contact = read_words (private, "contact");
  read_moderation (private, step, error);
  read_photos (pt_read_array (private, "photos", PT_READ_OPTIONAL, error), step, error);
}

static void
read_batch (JsonObject *object, PtComplaintStep *step, GError **error)
{
  const char *state = pt_read_text (object, "batch_state", PT_READ_OPTIONAL, error);

  step->index = read_or (object, "index", -1, error);
  step->batch = read_or (object, "batch", -1, error);
  step->block = read_or (object, "block", -1, error);
  if (state != NULL && !pt_batch_state_parse (state, &step->batch_state))
    pt_read_refuse ("batch_state", error);
}

static void
read_evidence (JsonObject *object, PtComplaintStep *step, GError **error)
{
  const char *evidence = pt_read_text (object, "evidence", PT_READ_OPTIONAL, error);
  const char *later = pt_read_text (object, "later", PT_READ_OPTIONAL, error);

  for (int value = 0; value <= PT_EVIDENCE_CONTRADICTED; value++)
    if (g_strcmp0 (evidence, pt_evidence_name ((PtEvidence) value)) == 0)
      step->evidence = (PtEvidence) value;
  for (int value = 0; value <= PT_AFTERMATH_FELL_AGAIN; value++)
    if (g_strcmp0 (later, pt_aftermath_name ((PtAftermath) value)) == 0)
      step->later = (PtAftermath) value;
}

static void
read_step (JsonNode *node, PtComplaintDetail *detail, Chain *chain, GError **error)
{
  JsonObject *object = pt_read_as_object (node, "chain", error);
  const char *role;
  PtComplaintStep *step;

  if (object == NULL)
    return;
  step = g_new0 (PtComplaintStep, 1);
  step->photos = g_ptr_array_new_with_free_func (photo_free);
  g_ptr_array_add (detail->steps, step);
  step->key = g_strdup (pt_read_text (object, "key", PT_READ_OPTIONAL, error));
  step->name = g_strdup (pt_read_text (object, "name", PT_READ_OPTIONAL, error));
  role = pt_read_text (object, "role", PT_READ_OPTIONAL, error);
  step->role = g_strcmp0 (role, "officer") == 0    ? PT_ROLE_OFFICER
               : g_strcmp0 (role, "operator") == 0 ? PT_ROLE_OPERATOR
                                                   : PT_ROLE_AUDITOR;
  read_evidence (object, step, error);
  read_batch (object, step, error);
  read_private (object, step, error);
  read_entry (object, step, chain, error);
}

gpointer
pt_complaint_detail_read (JsonNode *root, gconstpointer data, GError **error)
{
  g_autoptr (PtComplaintDetail) detail = g_new0 (PtComplaintDetail, 1);
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);
  Chain chain = { .vouch = data, .entries = entries };
  JsonArray *steps = NULL;

  g_return_val_if_fail (root != NULL, NULL);
  detail->steps = g_ptr_array_new_with_free_func (step_free);
  detail->complaint = pt_complaint_read (root, &local);
  if (detail->complaint != NULL)
    steps = pt_read_array (json_node_get_object (root), "chain", PT_READ_NEEDED, &local);
  chain.complaint = detail->complaint;
  chain.verifier = pt_p256_verifier_new (PT_P256_FAST);
  for (guint i = 0;
       steps != NULL && local == NULL && i < MIN (json_array_get_length (steps), STEPS_MAX); i++)
    read_step (json_array_get_element (steps, i), detail, &chain, &local);
  if (local == NULL)
    check_steps (&chain, detail);
  pt_p256_verifier_free (chain.verifier);
  if (local == NULL)
    return g_steal_pointer (&detail);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* Asking */

static void
add_official (GPtrArray *officials, PtSpan id, guint max)
{
  for (guint i = 0; i < officials->len; i++)
    if (pt_span_is (id, officials->pdata[i]))
      return;
  if (id.size > 0 && officials->len < max)
    g_ptr_array_add (officials, g_strndup (id.data, id.size));
}

GPtrArray *
pt_complaint_detail_officials (JsonNode *root, guint max)
{
  GPtrArray *officials = g_ptr_array_new_with_free_func (g_free);
  JsonArray *steps;

  g_return_val_if_fail (root != NULL && JSON_NODE_HOLDS_OBJECT (root), officials);
  steps = pt_read_array (json_node_get_object (root), "chain", PT_READ_OPTIONAL, NULL);
  for (guint i = 0; steps != NULL && i < MIN (json_array_get_length (steps), STEPS_MAX); i++)
    {
      JsonObject *object = pt_read_as_object (json_array_get_element (steps, i), "chain", NULL);
      g_autofree PtEntry *entry = object != NULL ? parse_entry (object) : NULL;

      if (entry == NULL || pt_entry_signer (entry) != PT_SIGNER_OFFICIAL)
        continue;
      add_official (officials, entry->by, max);
      add_official (officials, entry->to, max);
    }
  return officials;
}

const PtComplaintStep *
pt_complaint_detail_last (const PtComplaintDetail *detail)
{
  g_return_val_if_fail (detail != NULL, NULL);
  return detail->steps->len > 0 ? detail->steps->pdata[detail->steps->len - 1] : NULL;
}

guint
pt_complaint_detail_faults (const PtComplaintDetail *detail)
{
  guint faults = 0;

  g_return_val_if_fail (detail != NULL, 0);
  for (guint i = 0; i < detail->steps->len; i++)
    faults += ((const PtComplaintStep *) detail->steps->pdata[i])->verdict > PT_STEP_UNCHECKED;
  return faults;
}

/* Who rejected it last. */
static void
find_rejecter (const PtComplaintDetail *detail, PtComplaintFacts *facts)
{
  for (guint i = 0; i < detail->steps->len; i++)
    {
      const PtComplaintStep *step = detail->steps->pdata[i];

      if (step->action != PT_ACTION_REJECT || step->key == NULL)
        continue;
      facts->rejecter = pt_span (step->by, strlen (step->by));
      pt_base64url_decode (pt_span (step->key, strlen (step->key)), facts->rejecter_key,
                           sizeof facts->rejecter_key);
    }
}

gboolean
pt_complaint_detail_may (const PtComplaintDetail *detail, PtAction action, PtRole role,
                         const char *by, const guint8 public_key[PT_PUBLIC_KEY_SIZE])
{
  const PtOfficialFacts official = { PT_STATUS_ACTIVE, role };
  const PtOfficialFacts other = { PT_STATUS_ACTIVE, PT_ROLE_OFFICER };
  const PtComplaintFacts of = { .n = 1, .state = PT_COMPLAINT_OPEN };
  PtComplaintFacts facts = { 0 };
  PtActionFacts asked = {
    .complaint = &facts, .official = &official, .official_key = public_key, .to = &other, .of = &of
  };
  PtEntry entry = { .kind = PT_ENTRY_ACTION, .action = action };
  const PtComplaintStep *last;

  g_return_val_if_fail (detail != NULL && by != NULL && public_key != NULL, FALSE);
  last = pt_complaint_detail_last (detail);
  if (last == NULL)
    return FALSE;
  facts.n = last->n;
  facts.last = last->leaf;
  facts.state = detail->complaint->state;
  find_rejecter (detail, &facts);
  entry.n = last->n + 1;
  entry.prev = last->leaf;
  entry.by = pt_span (by, strlen (by));
  entry.complaint = pt_span ("a", 1);
  entry.of = pt_span ("b", 1);
  return pt_rule_action (&entry, &asked) == PT_RULE_HOLDS;
}
