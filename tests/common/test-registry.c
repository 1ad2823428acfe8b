/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-registry.h"

#include <string.h>

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
  PtErrorCode code;
  const char *why;
  const guint8 *signer = pt_registry_signer (registry, entry, &code, &why);

  g_assert_nonnull (signer);
  g_assert_cmpmem (signer, PT_PUBLIC_KEY_SIZE, key, PT_PUBLIC_KEY_SIZE);
}

static void
assert_refused (PtRegistry *registry, const PtEntry *entry, PtErrorCode wanted)
{
  PtErrorCode code = PT_ERROR_COUNT;
  const char *why = NULL;

  g_assert_null (pt_registry_signer (registry, entry, &code, &why));
  g_assert_cmpint (code, ==, wanted);
  g_assert_nonnull (why);
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

  assert_refused (registry, &report, PT_ERROR_UNKNOWN_DEVICE);
  assert_signer (registry, &first, authority);
  g_assert_cmpint (pt_registry_registered (registry, &first), ==, -1);
  device = pt_registry_apply (registry, &first, NULL);
  g_assert_cmpint (pt_registry_registered (registry, &first), ==, 100);
  g_assert_cmpuint (east->active_devices, ==, 1);
  assert_signer (registry, &report, first.key);
  assert_refused (registry, &elsewhere, PT_ERROR_WRONG_SITE);
  report.lat = 11;
  assert_refused (registry, &report, PT_ERROR_WRONG_SITE);
  report.lat = 10;
  g_assert_true (pt_registry_apply (registry, &moved, NULL) == device);
  assert_refused (registry, &report, PT_ERROR_WRONG_SITE);
  assert_signer (registry, &elsewhere, moved.key);
  g_assert_null (g_hash_table_lookup (east->sites, "S-1"));
  g_assert_cmpuint (((GPtrArray *) g_hash_table_lookup (east->sites, "S-2"))->len, ==, 1);
  moved.status = PT_STATUS_REVOKED;
  pt_registry_apply (registry, &moved, NULL);
  assert_refused (registry, &elsewhere, PT_ERROR_REVOKED_DEVICE);
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
  assert_refused (registry, &report, PT_ERROR_UNKNOWN_DEVICE);
  pt_registry_apply (registry, &west, NULL);
  assert_signer (registry, &report, west.key);
  assert_refused (registry, &nowhere, PT_ERROR_UNKNOWN_AREA);
  g_assert_cmpuint (pt_registry_area_count (registry), ==, 2);
  g_assert_cmpstr (pt_registry_area_at (registry, 1)->id, ==, "west");
  report.device = pt_span ("tx-12", 4);
  assert_signer (registry, &report, west.key);
  report.device = text ("tx-12");
  assert_refused (registry, &report, PT_ERROR_UNKNOWN_DEVICE);
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
                       .key = { 4, 9 } };
  PtEntry file = { .kind = PT_ENTRY_ACTION,
                   .area = text ("east"),
                   .complaint = text ("c-1"),
                   .n = 1,
                   .action = PT_ACTION_FILE,
                   .by = text ("citizen") };
  PtEntry next = { .kind = PT_ENTRY_ACTION,
                   .area = text ("east"),
                   .complaint = text ("c-1"),
                   .n = 2,
                   .action = PT_ACTION_RESOLVE,
                   .by = text ("o-1") };

  pt_registry_add_area (registry, "east", authority, service);
  assert_signer (registry, &file, service);
  assert_refused (registry, &next, PT_ERROR_CONFLICT);
  pt_registry_apply (registry, &file, &leaf);
  assert_refused (registry, &file, PT_ERROR_CONFLICT);
  assert_refused (registry, &next, PT_ERROR_CONFLICT); /* prev is not the leaf */
  next.prev = leaf;
  assert_refused (registry, &next, PT_ERROR_UNKNOWN_DEVICE);
  pt_registry_apply (registry, &official, NULL);
  assert_signer (registry, &next, official.key);
  official.status = PT_STATUS_REVOKED;
  pt_registry_apply (registry, &official, NULL);
  assert_refused (registry, &next, PT_ERROR_REVOKED_DEVICE);
}

static void
apply_official (PtRegistry *registry, const char *area, const char *id, gint64 ts)
{
  PtEntry entry
      = { .kind = PT_ENTRY_OFFICIAL, .area = text (area), .official = text (id), .ts = ts };

  pt_registry_apply (registry, &entry, NULL);
}

/* Their numbers are dense over all areas, as those of devices are; a new registration keeps it. */
static void
test_officials (void)
{
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  PtArea *east = pt_registry_add_area (registry, "east", authority, service);
  PtArea *west = pt_registry_add_area (registry, "west", authority, service);

  g_assert_null (pt_registry_official (east, text ("o-1")));
  g_assert_cmpuint (pt_registry_official_count (registry), ==, 0);
  apply_official (registry, "west", "o-1", 1);
  apply_official (registry, "east", "o-1", 2);
  apply_official (registry, "east", "o-2", 3);
  apply_official (registry, "east", "o-1", 4);
  g_assert_cmpuint (pt_registry_official_count (registry), ==, 3);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry/devices", test_devices);
  g_test_add_func ("/registry/areas", test_areas);
  g_test_add_func ("/registry/complaints", test_complaints);
  g_test_add_func ("/registry/officials", test_officials);
  g_test_add_func ("/registry/roster", test_roster);
  return g_test_run ();
}
