/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-registry.h"

#include <string.h>

#include "core/pt-rule-cases.h"
#include "pt-p256.h"
#include "pt-tree.h"

static const guint8 authority[PT_PUBLIC_KEY_SIZE] = { 4, 1 };
static const guint8 service[PT_PUBLIC_KEY_SIZE] = { 4, 2 };

static PtSpan
text (const char *value)
{
  return pt_span (value, strlen (value));
}

static PtEntry
device_entry (const char *area, const char *id, const char *site, gint64 ts, guint8 key)
{
  PtEntry entry = { .kind = PT_ENTRY_DEVICE,
                    .area = text (area),
                    .ts = ts,
                    .device = text (id),
                    .site = text (site),
                    .lat = 10,
                    .lon = 20,
                    .customers = 3 };

  entry.key[0] = 4;
  entry.key[1] = key;
  return entry;
}

static PtEntry
report_entry (const char *area, const char *id, const char *site)
{
  return (PtEntry){ .kind = PT_ENTRY_REPORT,
                    .area = text (area),
                    .device = text (id),
                    .site = text (site),
                    .lat = 10,
                    .lon = 20,
                    .seq = 1 };
}

static void
assert_signer (PtRegistry *registry, const PtEntry *entry, const guint8 *key)
{
  const guint8 *signer = NULL;

  g_assert_cmpint (pt_registry_judge (registry, entry, &signer), ==, PT_RULE_HOLDS);
  g_assert_cmpmem (signer, PT_PUBLIC_KEY_SIZE, key, PT_PUBLIC_KEY_SIZE);
}

static void
assert_refused (PtRegistry *registry, const PtEntry *entry, PtRule wanted)
{
  const guint8 *signer = NULL;

  g_assert_cmpint (pt_registry_judge (registry, entry, &signer), ==, wanted);
}

static void
test_devices (void)
{
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  PtArea *east = pt_registry_add_area (registry, "east", authority, service);
  PtEntry first = device_entry ("east", "tx-1", "S-1", 100, 7);
  PtEntry report = report_entry ("east", "tx-1", "S-1");
  PtEntry elsewhere = report_entry ("east", "tx-1", "S-2");
  PtEntry moved = device_entry ("east", "tx-1", "S-2", 200, 8);
  PtDevice *device;

  assert_refused (registry, &report, PT_RULE_UNKNOWN_DEVICE);
  assert_signer (registry, &first, authority);
  g_assert_cmpint (pt_registry_registered (registry, &first), ==, -1);
  device = pt_registry_apply (registry, &first, NULL);
  g_assert_cmpint (pt_registry_registered (registry, &first), ==, 100);
  g_assert_cmpuint (east->active_devices, ==, 1);
  assert_refused (registry, &first, PT_RULE_NOT_NEWER);
  assert_signer (registry, &report, first.key);
  assert_refused (registry, &elsewhere, PT_RULE_WRONG_SITE);
  report.lat = 11;
  assert_refused (registry, &report, PT_RULE_WRONG_SITE);
  report.lat = 10;
  g_assert_true (pt_registry_apply (registry, &moved, NULL) == device);
  assert_refused (registry, &report, PT_RULE_WRONG_SITE);
  assert_signer (registry, &elsewhere, moved.key);
  g_assert_null (g_hash_table_lookup (east->sites, "S-1"));
  g_assert_cmpuint (((GPtrArray *) g_hash_table_lookup (east->sites, "S-2"))->len, ==, 1);
  moved.status = PT_STATUS_REVOKED;
  pt_registry_apply (registry, &moved, NULL);
  assert_refused (registry, &elsewhere, PT_RULE_REVOKED_DEVICE);
  g_assert_cmpint (pt_registry_take (registry, &first, NULL, 1), ==, PT_RULE_NOT_NEWER);
  assert_refused (registry, &report, PT_RULE_REVOKED_DEVICE);
  g_assert_cmpuint (east->active_devices, ==, 0);
  g_assert_cmpuint (pt_registry_device_count (registry), ==, 1);
  g_assert_true (pt_registry_device_at (registry, 0) == device);
}

/* Ids are an area's own, and no longer id is taken for the one it begins with. */
static void
test_areas (void)
{
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  PtEntry east = device_entry ("east", "tx-1", "S-1", 100, 7);
  PtEntry west = device_entry ("west", "tx-1", "S-1", 100, 8);
  PtEntry report = report_entry ("west", "tx-1", "S-1");
  PtEntry nowhere = report_entry ("nort", "tx-1", "S-1");

  pt_registry_add_area (registry, "east", authority, service);
  pt_registry_add_area (registry, "west", authority, service);
  pt_registry_apply (registry, &east, NULL);
  assert_refused (registry, &report, PT_RULE_UNKNOWN_DEVICE);
  pt_registry_apply (registry, &west, NULL);
  assert_signer (registry, &report, west.key);
  assert_refused (registry, &nowhere, PT_RULE_UNKNOWN_AREA);
  g_assert_cmpuint (pt_registry_area_count (registry), ==, 2);
  g_assert_cmpstr (pt_registry_area_at (registry, 1)->id, ==, "west");
  report.device = pt_span ("tx-12", 4);
  assert_signer (registry, &report, west.key);
  report.device = text ("tx-12");
  assert_refused (registry, &report, PT_RULE_UNKNOWN_DEVICE);
}

static void
test_complaints (void)
{
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  PtHash leaf = { { 9 } };
  PtEntry official = { .kind = PT_ENTRY_OFFICIAL,
                       .area = text ("east"),
                       .ts = 5,
                       .official = text ("o-1"),
                       .role = PT_ROLE_OFFICER,
                       .key = { 4, 9 } };
  PtEntry file = { .kind = PT_ENTRY_ACTION,
                   .area = text ("east"),
                   .complaint = text ("c-1"),
                   .n = 1,
                   .action = PT_ACTION_FILE,
                   .by = text ("citizen"),
                   .key = { 4, 7 } };
  PtEntry next = { .kind = PT_ENTRY_ACTION,
                   .area = text ("east"),
                   .complaint = text ("c-1"),
                   .n = 2,
                   .action = PT_ACTION_RESOLVE,
                   .by = text ("o-1") };

  pt_registry_add_area (registry, "east", authority, service);
  assert_signer (registry, &file, file.key);
  assert_refused (registry, &next, PT_RULE_COMPLAINT_N);
  pt_registry_apply (registry, &file, &leaf);
  assert_refused (registry, &file, PT_RULE_COMPLAINT_N);
  assert_refused (registry, &next, PT_RULE_COMPLAINT_PREV); /* prev is not the leaf */
  next.prev = leaf;
  assert_refused (registry, &next, PT_RULE_UNKNOWN_OFFICIAL);
  pt_registry_apply (registry, &official, NULL);
  assert_signer (registry, &next, official.key);
  official.status = PT_STATUS_REVOKED;
  pt_registry_apply (registry, &official, NULL);
  assert_refused (registry, &next, PT_RULE_REVOKED_OFFICIAL);
}

static void
apply_official (PtRegistry *registry, const char *area, const char *id, gint64 ts)
{
  PtEntry entry
      = { .kind = PT_ENTRY_OFFICIAL, .area = text (area), .official = text (id), .ts = ts };

  pt_registry_apply (registry, &entry, NULL);
}

/* Numbers of a store, with holes: what is new and has none goes above them, and the order in which
 * devices came is another one. */
static void
test_numbers (void)
{
  static const guint32 numbers[] = { 70, 5, 3000 };
  static const char *const ids[] = { "a", "b", "c" };
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  PtArea *east = pt_registry_add_area (registry, "east", authority, service);
  PtEntry next = device_entry ("east", "d", "S-1", 100, 7);
  PtEntry official
      = { .kind = PT_ENTRY_OFFICIAL, .area = text ("east"), .official = text ("o-1"), .ts = 1 };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      PtEntry entry = device_entry ("east", ids[i], "S-1", 100, 7);
      PtDevice *device = pt_registry_register (registry, &entry, numbers[i]);

      g_assert_cmpuint (device->number, ==, numbers[i]);
      g_assert_true (pt_registry_device_at (registry, i) == device);
      g_assert_true (pt_registry_device_numbered (registry, numbers[i]) == device);
      entry.ts++;
      g_assert_true (pt_registry_register (registry, &entry, numbers[i]) == device);
    }
  g_assert_cmpuint (pt_registry_device_count (registry), ==, 3);
  g_assert_null (pt_registry_device_numbered (registry, 0));
  g_assert_null (pt_registry_device_numbered (registry, 71));
  g_assert_null (pt_registry_device_numbered (registry, PT_SUBJECTS_MAX));
  g_assert_cmpuint (pt_registry_apply (registry, &next, NULL)->number, ==, 3001);
  pt_registry_register (registry, &official, 9);
  apply_official (registry, "east", "o-2", 1);
  g_assert_cmpuint (pt_registry_official (east, text ("o-1"))->number, ==, 9);
  g_assert_cmpuint (pt_registry_official (east, text ("o-2"))->number, ==, 10);
}

/* Without a store they are dense over all areas, as those of devices are; a new registration keeps
 * it. */
static void
test_officials (void)
{
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  PtArea *east = pt_registry_add_area (registry, "east", authority, service);
  PtArea *west = pt_registry_add_area (registry, "west", authority, service);

  g_assert_null (pt_registry_official (east, text ("o-1")));
  apply_official (registry, "west", "o-1", 1);
  apply_official (registry, "east", "o-1", 2);
  apply_official (registry, "east", "o-2", 3);
  apply_official (registry, "east", "o-1", 4);
  g_assert_cmpuint (pt_registry_official (west, text ("o-1"))->number, ==, 0);
  g_assert_cmpuint (pt_registry_official (east, text ("o-1"))->number, ==, 1);
  g_assert_cmpint (pt_registry_official (east, text ("o-1"))->registered, ==, 4);
  g_assert_cmpuint (pt_registry_official (east, text ("o-2"))->number, ==, 2);
}

/* The silent ones' root is over their sorted ids, whatever the order of registration. */
static void
test_roster (void)
{
  static const char *const ids[] = { "tx-3", "tx-10", "A", "tx-1", "b" };
  static const char *const silent[] = { "A", "b", "tx-10" };
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  PtArea *area = pt_registry_add_area (registry, "east", authority, service);
  PtFrontier frontier;
  PtHash expected_root, root;
  gint64 expected, heard;

  pt_registry_roster (area, 1, &expected, &heard, &root);
  pt_frontier_init (&frontier);
  pt_frontier_root (&frontier, &expected_root);
  g_assert_cmpint (expected, ==, 0);
  g_assert_cmpmem (&root, sizeof root, &expected_root, sizeof root);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      PtEntry entry = device_entry ("east", ids[i], ids[i], 1, (guint8) i);
      PtDevice *device = pt_registry_apply (registry, &entry, NULL);

      device->heard_batch = i == 3 ? 4 : 3; /* only tx-1 in batch 4 */
      pt_registry_roster (area, 1, &expected, &heard, &root);
      g_assert_cmpint (expected, ==, i + 1);
    }
  {
    PtEntry revoked = device_entry ("east", "tx-3", "tx-3", 2, 0);

    revoked.status = PT_STATUS_REVOKED;
    pt_registry_apply (registry, &revoked, NULL);
  }
  for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
    {
      PtHash leaf;

      pt_tree_leaf_hash (text (silent[i]), &leaf);
      pt_frontier_append (&frontier, &leaf);
    }
  pt_frontier_root (&frontier, &expected_root);
  pt_registry_roster (area, 4, &expected, &heard, &root);
  g_assert_cmpint (expected, ==, 4);
  g_assert_cmpint (heard, ==, 1);
  g_assert_cmpmem (&root, sizeof root, &expected_root, sizeof root);
}

/* A log read with the registry: the first rule that is broken. */
typedef struct
{
  PtRegistry *registry;
  PtArea *area;
  PtVerifier *verifier;
  PtBatchWindow window;
  guint64 batch, line;
  PtRuleFound found;
  guint64 found_batch;
} Reading;

static void
reading_init (Reading *reading, const PtRuleCase *c, guint batch)
{
  *reading = (Reading){ .registry = pt_registry_new (),
                        .verifier = pt_p256_verifier_new (PT_P256_FAST) };
  reading->area
      = pt_registry_add_area (reading->registry, c->area, c->authority_key, c->service_key);
  if (batch > 1)
    pt_area_begin_late (reading->area);
}

static void
reading_clear (Reading *reading)
{
  pt_registry_free (reading->registry);
  pt_p256_verifier_free (reading->verifier);
}

static PtRule
judge (Reading *reading, const PtEntry *entry, const PtHash *leaf)
{
  PtRule rule = pt_rule_place (&reading->window, entry);
  PtRosterFacts facts;
  const guint8 *key;

  if (rule == PT_RULE_OTHER_AREA)
    return rule;
  if (rule == PT_RULE_HOLDS)
    rule = pt_registry_judge (reading->registry, entry, &key);
  if (rule == PT_RULE_HOLDS && pt_entry_verify (entry, reading->verifier, key) != PT_OK)
    rule = PT_RULE_BAD_SIGNATURE;
  if (rule == PT_RULE_HOLDS && pt_entry_registers (entry)
      && !reading->verifier->check_key (reading->verifier->context, entry->key))
    rule = PT_RULE_BAD_KEY;
  if (rule == PT_RULE_HOLDS && entry->kind == PT_ENTRY_ROSTER)
    rule = pt_registry_judge_roster (reading->area, reading->batch, entry, &facts);
  if (rule == PT_RULE_HOLDS || (pt_rule_needs_whole_log (rule) && reading->area->counters != NULL))
    rule = pt_registry_take (reading->registry, entry, leaf, reading->batch);
  return rule;
}

static void
note (Reading *reading, PtRule rule, guint64 line)
{
  if (rule == PT_RULE_HOLDS || reading->found.rule != PT_RULE_HOLDS)
    return;
  reading->found = (PtRuleFound){ rule, line };
  reading->found_batch = reading->batch;
}

static PtResult
visit_entry (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  Reading *reading = context;
  PtEntry entry;

  g_assert_cmpint (pt_entry_parse (bytes, PT_ENTRY_STORED, &entry), ==, PT_OK);
  note (reading, judge (reading, &entry, leaf), ++reading->line);
  return PT_OK;
}

static void
reading_take_file (Reading *reading, const PtRuleCase *c, guint batch)
{
  PtBatchHeader header = pt_rule_case_header (c, batch);

  reading->batch = batch;
  reading->line = 1;
  pt_batch_window_init (&reading->window, text (header.area), batch, header.from, header.to);
  pt_rule_case_read (c, batch, visit_entry, reading);
  note (reading, pt_rule_end (&reading->window), 0);
}

static void
read_case (const PtRuleCase *c)
{
  guint count = json_array_get_length (c->files);
  Reading whole;

  reading_init (&whole, c, 1);
  for (guint batch = 1; batch <= count; batch++)
    {
      PtRuleFound expected = pt_rule_case_alone (c, batch);
      Reading alone;

      reading_take_file (&whole, c, batch);
      reading_init (&alone, c, batch);
      reading_take_file (&alone, c, batch);
      g_assert_cmpstr (pt_rule_slug (alone.found.rule), ==, pt_rule_slug (expected.rule));
      g_assert_cmpuint (alone.found.line, ==, expected.line);
      reading_clear (&alone);
    }
  g_assert_cmpstr (pt_rule_slug (whole.found.rule), ==, pt_rule_slug (c->rule));
  g_assert_cmpuint (whole.found.line, ==, c->line);
  g_assert_cmpuint (whole.found_batch, ==, c->batch);
  reading_clear (&whole);
}

static void
test_rules (void)
{
  pt_rule_cases_each (read_case);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry/devices", test_devices);
  g_test_add_func ("/registry/areas", test_areas);
  g_test_add_func ("/registry/complaints", test_complaints);
  g_test_add_func ("/registry/officials", test_officials);
  g_test_add_func ("/registry/numbers", test_numbers);
  g_test_add_func ("/registry/roster", test_roster);
  g_test_add_func ("/registry/rules", test_rules);
  return g_test_run ();
}
