/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-registry.h"

#include "pt-p256.h"
#include "../core/pt-vectors.h"

/* The registry over the log of the vectors, and over what must not come next in it. */

typedef struct
{
  JsonNode *log, *cases, *batches;
  PtVerifier *verifier;
  guint8 authority[PT_PUBLIC_KEY_SIZE], service[PT_PUBLIC_KEY_SIZE];
} Vectors;

static void
take_key (JsonNode *node, const char *name, guint8 *out)
{
  const char *text = json_object_get_string_member (json_node_get_object (node), name);

  g_assert_true (pt_base64url_decode (pt_text (text), out, PT_PUBLIC_KEY_SIZE));
}

static void
vectors_load (Vectors *vectors)
{
  vectors->log = pt_vectors_load ("v2/entries.json");
  vectors->cases = pt_vectors_load ("v2/negatives.json");
  vectors->batches = pt_vectors_load ("v2/batches.json");
  vectors->verifier = pt_p256_verifier_new (PT_P256_FAST);
  take_key (vectors->batches, "authority_key", vectors->authority);
  take_key (vectors->batches, "service_key", vectors->service);
}

static void
vectors_clear (Vectors *vectors)
{
  json_node_unref (vectors->log);
  json_node_unref (vectors->cases);
  json_node_unref (vectors->batches);
  pt_p256_verifier_free (vectors->verifier);
}

static JsonArray *
list_of (JsonNode *node, const char *name)
{
  return json_object_get_array_member (json_node_get_object (node), name);
}

/* Form, rules, signature and time, as every reader of the log asks. */
static PtRule
take_next (PtRegistry *registry, const Vectors *vectors, const PtEntry *entry)
{
  const guint8 *key;
  PtHash leaf;
  PtRule rule = pt_registry_judge (registry, entry, &key);

  if (rule == PT_RULE_HOLDS && pt_entry_verify (entry, vectors->verifier, key) != PT_OK)
    rule = PT_RULE_BAD_SIGNATURE;
  if (rule == PT_RULE_HOLDS)
    rule = pt_rule_time (entry);
  pt_tree_leaf_hash (entry->bytes, &leaf);
  return rule == PT_RULE_HOLDS ? pt_registry_take (registry, entry, &leaf, 1) : rule;
}

static PtRegistry *
read_log (const Vectors *vectors, gint64 count)
{
  JsonArray *entries = list_of (vectors->log, "entries");
  PtRegistry *registry = pt_registry_new ();

  pt_registry_add_area (registry, "demo-east", vectors->authority, vectors->service);
  for (gint64 i = 0; i < count; i++)
    {
      const char *text = json_object_get_string_member (
          json_array_get_object_element (entries, (guint) i), "entry");
      PtEntry entry;

      g_assert_cmpint (pt_entry_parse (pt_text (text), PT_ENTRY_STORED, &entry), ==, PT_OK);
      g_assert_cmpstr (pt_rule_slug (take_next (registry, vectors, &entry)), ==, "holds");
    }
  return registry;
}

static void
judge_all (const char *list, gboolean expected, guint at_least)
{
  Vectors vectors;
  JsonArray *cases;
  guint judged = 0;

  vectors_load (&vectors);
  cases = list_of (vectors.cases, list);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      const char *text = json_object_get_string_member (c, "entry");
      const char *level = json_object_get_string_member_with_default (c, "level", "");
      g_autoptr (PtRegistry) registry = NULL;
      PtEntry entry;
      PtRule rule;

      if (pt_entry_parse (pt_text (text), PT_ENTRY_STORED, &entry) != PT_OK)
        {
          g_assert_cmpstr (level, !=, "log");
          g_assert_false (expected);
          continue;
        }
      g_assert_cmpstr (level, !=, "form");
      registry = read_log (&vectors, json_object_get_int_member (c, "after"));
      rule = take_next (registry, &vectors, &entry);
      g_test_message ("%s: %s", json_object_get_string_member (c, "why"), pt_rule_slug (rule));
      g_assert_cmpint (rule == PT_RULE_HOLDS, ==, expected);
      judged++;
    }
  g_assert_cmpuint (judged, >=, at_least);
  vectors_clear (&vectors);
}

static void
test_refused (void)
{
  judge_all ("negatives", FALSE, 180);
}

static void
test_accepted (void)
{
  judge_all ("accepted", TRUE, 12);
}

/* Which counters are missing after the whole log, and which of them the device said it lost. */
static void
compare_gaps (PtRegistry *registry, JsonObject *expected)
{
  PtArea *area = pt_registry_area_at (registry, 0);
  PtDevice *device
      = pt_registry_device (area, pt_text (json_object_get_string_member (expected, "device")));
  JsonArray *explained = json_object_get_array_member (expected, "explained");
  JsonArray *unexplained = json_object_get_array_member (expected, "unexplained");

  g_assert_cmpint (device->history.latest.seq, ==,
                   json_object_get_int_member (expected, "highest"));
  g_assert_cmpuint (pt_history_missing (&device->history), ==,
                    json_array_get_length (explained) + json_array_get_length (unexplained));
  for (guint i = 0; i < json_array_get_length (explained); i++)
    g_assert_true (pt_ranges_has (&device->lost, json_array_get_int_element (explained, i)));
  for (guint i = 0; i < json_array_get_length (unexplained); i++)
    g_assert_false (pt_ranges_has (&device->lost, json_array_get_int_element (unexplained, i)));
}

static void
compare_clocks (const PtComplaintFacts *facts, JsonObject *expected)
{
  const struct
  {
    const char *name;
    gint64 at;
  } ends[] = { { "acknowledge_ms", facts->acknowledged_at }, { "resolve_ms", facts->resolved_at } };

  g_assert_cmpint (facts->filed_at, ==, json_object_get_int_member (expected, "start"));
  g_assert_cmpint (facts->terms.acknowledge_min, ==,
                   json_object_get_int_member (expected, "acknowledge_min"));
  g_assert_cmpint (facts->terms.resolve_min, ==,
                   json_object_get_int_member (expected, "resolve_min"));
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (json_object_get_null_member (expected, ends[i].name))
      g_assert_cmpint (ends[i].at, ==, -1);
    else
      g_assert_cmpint (ends[i].at - facts->filed_at, ==,
                       json_object_get_int_member (expected, ends[i].name));
}

/* What the devices say of its newest resolve. */
static void
compare_evidence (const PtComplaintFacts *facts, JsonArray *entries)
{
  JsonObject *newest = NULL;

  for (guint i = 0; i < json_array_get_length (entries); i++)
    if (json_object_has_member (json_array_get_object_element (entries, i), "evidence"))
      newest = json_array_get_object_element (entries, i);
  g_assert_cmpstr (pt_evidence_name (facts->evidence), ==,
                   newest == NULL ? "none" : json_object_get_string_member (newest, "evidence"));
  g_assert_cmpstr (pt_aftermath_name (facts->later), ==,
                   newest == NULL
                       ? "none"
                       : json_object_get_string_member_with_default (newest, "later", "none"));
}

/* The states of the whole log's complaints and notices. */
static void
compare_promises (PtRegistry *registry)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("v2/complaints.json");
  PtPromises *promises = pt_registry_area_at (registry, 0)->promises;
  JsonArray *complaints = list_of (node, "complaints"), *notices = list_of (node, "notices");

  for (guint i = 0; i < json_array_get_length (complaints); i++)
    {
      JsonObject *expected = json_array_get_object_element (complaints, i);
      const PtComplaintFacts *facts = pt_promises_complaint (
          promises, pt_text (json_object_get_string_member (expected, "complaint")));

      g_test_message ("%s", json_object_get_string_member (expected, "complaint"));
      g_assert_cmpstr (pt_complaint_state_name (facts->state), ==,
                       json_object_get_string_member (expected, "state"));
      g_assert_cmpstr (pt_closed_name (pt_complaint_closed (facts)), ==,
                       json_object_get_string_member_with_default (expected, "closed", NULL)
                           ?: "none");
      compare_clocks (facts, json_object_get_object_member (expected, "clocks"));
      compare_evidence (facts, json_object_get_array_member (expected, "entries"));
    }
  for (guint i = 0; i < json_array_get_length (notices); i++)
    {
      JsonObject *expected = json_array_get_object_element (notices, i);
      const PtNoticeFacts *facts = pt_promises_notice (
          promises, pt_text (json_object_get_string_member (expected, "notice")));

      g_assert_cmpstr (pt_status_name (facts->status), ==,
                       json_object_get_string_member (expected, "status"));
    }
}

static void
test_whole (void)
{
  g_autoptr (PtRegistry) registry = NULL;
  JsonArray *gaps;
  Vectors vectors;

  vectors_load (&vectors);
  registry = read_log (&vectors, json_array_get_length (list_of (vectors.log, "entries")));
  gaps = list_of (vectors.batches, "gaps");
  for (guint i = 0; i < json_array_get_length (gaps); i++)
    compare_gaps (registry, json_array_get_object_element (gaps, i));
  compare_promises (registry);
  vectors_clear (&vectors);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry-vectors/refused", test_refused);
  g_test_add_func ("/registry-vectors/accepted", test_accepted);
  g_test_add_func ("/registry-vectors/whole", test_whole);
  return g_test_run ();
}
