/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint.h"

#include "pt-json.h"
#include "pt-p256.h"
#include "pt-profile.h"
#include "pt-vectors.h"

/* A reader of the log that follows complaints in the plainest way. */
typedef struct
{
  PtComplaintFacts facts;
  GHashTable *citizens; /* key (GBytes) -> PtCitizenFacts */
} Complaint;

typedef struct
{
  PtEntry entry; /* the newest registration */
} Official;

typedef struct
{
  GHashTable *complaints, *officials;
  GPtrArray *kept; /* entries' bytes */
  char document[PT_PROFILE_MAX];
  PtProfile profile;
  gboolean has_profile;
} Log;

static void
complaint_free (gpointer data)
{
  g_hash_table_unref (((Complaint *) data)->citizens);
  g_free (data);
}

static Log *
log_new (void)
{
  Log *log = g_new0 (Log, 1);

  log->complaints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, complaint_free);
  log->officials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->kept = g_ptr_array_new_with_free_func (g_free);
  return log;
}

static void
log_free (Log *log)
{
  g_hash_table_unref (log->complaints);
  g_hash_table_unref (log->officials);
  g_ptr_array_unref (log->kept);
  g_free (log);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Log, log_free)

static gpointer
look_up (GHashTable *table, PtSpan id)
{
  g_autofree char *name = g_strndup (id.data, id.size);

  return g_hash_table_lookup (table, name);
}

static Complaint *
log_complaint (Log *log, PtSpan id)
{
  Complaint *complaint = look_up (log->complaints, id);

  if (complaint == NULL)
    {
      complaint = g_new0 (Complaint, 1);
      complaint->citizens = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                                   (GDestroyNotify) g_bytes_unref, g_free);
      g_hash_table_insert (log->complaints, g_strndup (id.data, id.size), complaint);
    }
  return complaint;
}

static PtRule
log_judge (Log *log, const PtEntry *entry)
{
  static const PtComplaintFacts nothing;
  PtOfficialFacts official, to;
  PtActionFacts facts = { .has_profile = log->has_profile };
  Complaint *complaint = look_up (log->complaints, entry->complaint), *of;
  Official *by = look_up (log->officials, entry->by);

  facts.complaint = complaint != NULL ? &complaint->facts : &nothing;
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN && complaint != NULL)
    {
      g_autoptr (GBytes) key = g_bytes_new (entry->key, sizeof entry->key);
      PtCitizenFacts *citizen = g_hash_table_lookup (complaint->citizens, key);

      facts.citizen = citizen != NULL ? *citizen : (PtCitizenFacts){ 0 };
    }
  if (by != NULL)
    {
      official = pt_official_facts (&by->entry);
      facts.official = &official;
      facts.official_key = by->entry.key;
    }
  if (entry->to.size > 0 && look_up (log->officials, entry->to) != NULL)
    {
      to = pt_official_facts (&((Official *) look_up (log->officials, entry->to))->entry);
      facts.to = &to;
    }
  of = entry->of.size > 0 ? look_up (log->complaints, entry->of) : NULL;
  facts.of = of != NULL ? &of->facts : NULL;
  facts.has_category = log->has_profile && pt_profile_category (&log->profile, entry->category);
  return pt_rule_action (entry, &facts);
}

static void
log_take_action (Log *log, const PtEntry *entry, const PtHash *leaf)
{
  Complaint *complaint = log_complaint (log, entry->complaint);
  Official *by = look_up (log->officials, entry->by);
  PtActionEffect effect = { .terms.reopen_days = log->profile.reopen_days,
                            .two_person = log->profile.two_person[PT_TWO_PERSON_REJECT],
                            .official_key = by != NULL ? by->entry.key : NULL };

  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    {
      GBytes *key = g_bytes_new (entry->key, sizeof entry->key);
      PtCitizenFacts *citizen = g_hash_table_lookup (complaint->citizens, key);

      if (citizen == NULL)
        {
          citizen = g_new0 (PtCitizenFacts, 1);
          g_hash_table_insert (complaint->citizens, g_bytes_ref (key), citizen);
        }
      citizen->filed |= entry->action == PT_ACTION_FILE;
      if (entry->action == PT_ACTION_JOIN)
        citizen->joined_n = entry->n;
      if (entry->action == PT_ACTION_CONFIRM)
        citizen->confirmed_n = entry->n;
      effect.filed = citizen->filed;
      g_bytes_unref (key);
    }
  pt_complaint_advance (&complaint->facts, entry, leaf, &effect);
}

static void
log_take_profile (Log *log, const PtEntry *entry)
{
  size_t size;

  g_assert_cmpint (pt_json_unescape (entry->document, log->document, sizeof log->document, &size),
                   ==, PT_OK);
  g_assert_cmpint (pt_profile_parse (pt_span (log->document, size), &log->profile), ==, PT_OK);
  log->has_profile = TRUE;
}

static void
log_take (Log *log, const char *text)
{
  char *kept = g_strdup (text);
  PtEntry entry;
  PtHash leaf;

  g_ptr_array_add (log->kept, kept);
  g_assert_cmpint (pt_entry_parse (pt_text (kept), PT_ENTRY_STORED, &entry), ==, PT_OK);
  pt_tree_leaf_hash (entry.bytes, &leaf);
  if (entry.kind == PT_ENTRY_OFFICIAL)
    {
      Official *official = g_new0 (Official, 1);

      official->entry = entry;
      g_hash_table_insert (log->officials, g_strndup (entry.official.data, entry.official.size),
                           official);
    }
  else if (entry.kind == PT_ENTRY_PROFILE)
    log_take_profile (log, &entry);
  else if (entry.kind == PT_ENTRY_ACTION)
    {
      g_assert_cmpstr (pt_rule_slug (log_judge (log, &entry)), ==, "holds");
      log_take_action (log, &entry, &leaf);
    }
}

static Log *
log_read (JsonArray *entries, gint64 count)
{
  Log *log = log_new ();

  for (gint64 i = 0; i < count; i++)
    log_take (log,
              json_object_get_string_member (json_array_get_object_element (entries, i), "entry"));
  return log;
}

static JsonArray *
array_of (JsonNode *node, const char *name)
{
  return json_object_get_array_member (json_node_get_object (node), name);
}

/* Each complaint's state after each of its entries. */
static void
test_states (void)
{
  g_autoptr (JsonNode) log_node = pt_vectors_load ("v2/entries.json");
  g_autoptr (JsonNode) node = pt_vectors_load ("v2/complaints.json");
  JsonArray *entries = array_of (log_node, "entries"), *complaints = array_of (node, "complaints");
  guint compared = 0;

  for (guint i = 0; i < json_array_get_length (complaints); i++)
    {
      JsonObject *expected = json_array_get_object_element (complaints, i);
      JsonArray *steps = json_object_get_array_member (expected, "entries");

      for (guint j = 0; j < json_array_get_length (steps); j++, compared++)
        {
          JsonObject *step = json_array_get_object_element (steps, j);
          g_autoptr (Log) log = log_read (entries, json_object_get_int_member (step, "index") + 1);
          Complaint *complaint = g_hash_table_lookup (
              log->complaints, json_object_get_string_member (expected, "complaint"));
          PtHash leaf = pt_hash_from_hex (json_object_get_string_member (step, "leaf_hash"));

          g_assert_cmpstr (pt_complaint_state_name (complaint->facts.state), ==,
                           json_object_get_string_member (step, "state"));
          g_assert_cmpint (complaint->facts.n, ==, json_object_get_int_member (step, "n"));
          pt_assert_hash (complaint->facts.last, leaf);
        }
    }
  g_assert_cmpuint (compared, >, 60);
}

/* Whether the entry would be the log's next one: its rule, or its signature. */
static gboolean
holds (Log *log, const PtEntry *entry, const PtVerifier *verifier)
{
  const guint8 *key = entry->key;
  Official *by;

  if (log_judge (log, entry) != PT_RULE_HOLDS)
    return FALSE;
  by = look_up (log->officials, entry->by);
  if (by != NULL)
    key = by->entry.key;
  if (pt_entry_signer (entry) == PT_SIGNER_SERVICE)
    return TRUE; /* the key is not in the log: test-registry */
  return pt_entry_verify (entry, verifier, key) == PT_OK;
}

static void
judge_actions (const char *list, gboolean expected, guint at_least)
{
  g_autoptr (JsonNode) log_node = pt_vectors_load ("v2/entries.json");
  g_autoptr (JsonNode) node = pt_vectors_load ("v2/negatives.json");
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_FAST);
  JsonArray *cases = array_of (node, list);
  guint judged = 0;

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      const char *why = json_object_get_string_member (c, "why");
      const char *text = json_object_get_string_member (c, "entry");
      g_autoptr (Log) log = NULL;
      PtEntry entry;

      if (g_strcmp0 (json_object_get_string_member (c, "kind"), "action") != 0
          || pt_entry_parse (pt_text (text), PT_ENTRY_STORED, &entry) != PT_OK
          || strstr (why, "signed by the authority") || strstr (why, "the service key"))
        continue;
      log = log_read (array_of (log_node, "entries"), json_object_get_int_member (c, "after"));
      g_test_message ("%s: %s", why, pt_rule_slug (log_judge (log, &entry)));
      g_assert_cmpint (holds (log, &entry, verifier), ==, expected);
      judged++;
    }
  pt_p256_verifier_free (verifier);
  g_assert_cmpuint (judged, >=, at_least);
}

static void
test_refused (void)
{
  judge_actions ("negatives", FALSE, 100);
}

static void
test_accepted (void)
{
  judge_actions ("accepted", TRUE, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/complaint/states", test_states);
  g_test_add_func ("/complaint/refused", test_refused);
  g_test_add_func ("/complaint/accepted", test_accepted);
  return g_test_run ();
}
