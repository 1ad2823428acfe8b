/* SPDX-License-Identifier: Apache-2.0 */

/* Bundles of entries that are all properly signed: what is wrong is who signed what, where or when,
 * and each finding says so by itself. */

#include "pt-bundle.h"
#include "pt-entry.h"
#include "pt-members.h"
#include "pt-p256.h"
#include "pt-rules.h"
#include "pt-vectors.h"

enum
{
  KEY_AUTHORITY,
  KEY_DEVICE,
  KEY_OTHER,
  KEY_SERVICE,
  KEY_COUNT
};

static PtP256Key *keys[KEY_COUNT];
static PtVerifier *verifier;

static void
make_keys (void)
{
  for (size_t i = 0; i < KEY_COUNT; i++)
    {
      uint8_t scalar[32] = { 0 };

      scalar[0] = 1;
      scalar[31] = (uint8_t) (i + 1);
      keys[i] = pt_p256_key_from_scalar (scalar);
      g_assert_nonnull (keys[i]);
    }
  verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_assert_nonnull (verifier);
}

static void
free_keys (void)
{
  for (size_t i = 0; i < KEY_COUNT; i++)
    pt_p256_key_free (keys[i]);
  pt_p256_verifier_free (verifier);
}

/* The stored form of @fields, signed with @key; received at fields->received. */
static GBytes *
sign_entry (const PtEntry *fields, size_t key)
{
  char unsigned_text[2048], signed_text[2048], stored[2048];
  PtEntry entry;
  PtSigner signer;
  size_t size;

  g_assert_cmpint (pt_entry_write (fields, unsigned_text, sizeof unsigned_text, &size), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (unsigned_text, size), PT_ENTRY_UNSIGNED, &entry), ==,
                   PT_OK);
  g_assert_true (pt_p256_signer_init (&signer, keys[key]));
  g_assert_cmpint (pt_entry_sign (&entry, &signer, signed_text, sizeof signed_text, &size), ==,
                   PT_OK);
  pt_p256_signer_clear (&signer);
  g_assert_cmpint (pt_entry_parse (pt_span (signed_text, size), PT_ENTRY_SIGNED, &entry), ==,
                   PT_OK);
  g_assert_cmpint (pt_entry_store (&entry, fields->received, stored, sizeof stored, &size), ==,
                   PT_OK);
  return g_bytes_new (stored, size);
}

/* A device's registration and a report of its, or an official's and an action. */
typedef struct
{
  PtEntry signer, entry;
  size_t signer_key, entry_key; /* who signs them */
  size_t registered_key;        /* whose key the registration names */
  const char *area;             /* the bundle's */
  bool no_signer;               /* the bundle comes without */
  bool swapped;                 /* the entries in each other's place */
} Case;

static Case
report_case (void)
{
  Case result = { .signer_key = KEY_AUTHORITY,
                  .entry_key = KEY_DEVICE,
                  .registered_key = KEY_DEVICE,
                  .area = "demo-east" };
  PtEntry common = { .area = pt_text ("demo-east"),
                     .device = pt_text ("tx-0001"),
                     .site = pt_text ("T-0001"),
                     .lat = 255900000,
                     .lon = 851300000,
                     .ts = 1764000000000 };

  result.signer = result.entry = common;
  result.signer.kind = PT_ENTRY_DEVICE;
  result.signer.received = 1764000000100;
  result.signer.customers = 5;
  result.entry.kind = PT_ENTRY_REPORT;
  result.entry.received = 1764000000200;
  result.entry.power = PT_POWER_OFF;
  result.entry.seq = 1;
  return result;
}

static Case
action_case (void)
{
  Case result = report_case ();
  PtEntry common = { .area = pt_text ("demo-east"), .ts = 1764000000000 };

  result.signer = result.entry = common;
  result.signer.kind = PT_ENTRY_OFFICIAL;
  result.signer.received = 1764000000100;
  result.signer.official = pt_text ("officer-1");
  result.signer.role = PT_ROLE_OFFICER;
  result.signer.name = pt_text ("A. Officer");
  result.entry.kind = PT_ENTRY_ACTION;
  result.entry.received = 1764000000200;
  result.entry.complaint = pt_text ("c-1");
  result.entry.n = 1;
  result.entry.action = PT_ACTION_ACKNOWLEDGE;
  result.entry.by = pt_text ("officer-1");
  result.entry.site = pt_text ("T-0001");
  result.entry.note = pt_text ("seen");
  return result;
}

/* The roster has no registration: the service signs it. */
static Case
roster_case (void)
{
  Case result = report_case ();

  result.entry.kind = PT_ENTRY_ROSTER;
  result.entry.batch = 1;
  result.entry.expected = 3;
  result.entry.heard = 1;
  result.entry_key = KEY_SERVICE;
  result.no_signer = true;
  return result;
}

static GBytes *
tight (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return g_bytes_new_take (pt_tight_copy (data, size), size);
}

/* Puts both in a log of two leaves and asks for the findings on the second. */
static PtResult
verify_case (const Case *given, bool spoil_root, PtBundleFindings *findings)
{
  PtEntry registration = given->signer;
  PtBundle bundle = { .area = pt_text (given->area), .batch = 1, .index = 1, .size = 2 };
  uint8_t service_key[PT_PUBLIC_KEY_SIZE];
  g_autoptr (GBytes) signer = NULL, entry = NULL, tight_signer = NULL, tight_entry = NULL;
  PtHash leaf;

  pt_p256_key_public (keys[given->registered_key], registration.key);
  pt_p256_key_public (keys[KEY_SERVICE], service_key);
  signer = sign_entry (&registration, given->signer_key);
  entry = sign_entry (&given->entry, given->entry_key);
  tight_signer = tight (given->swapped ? entry : signer);
  tight_entry = tight (given->swapped ? signer : entry);
  bundle.entry.data = g_bytes_get_data (tight_entry, &bundle.entry.size);
  if (!given->no_signer)
    bundle.signer.data = g_bytes_get_data (tight_signer, &bundle.signer.size);
  bundle.path[0] = pt_numbered_leaf (0);
  bundle.path_count = 1;
  pt_tree_leaf_hash (bundle.entry, &leaf);
  pt_tree_node_hash (&bundle.path[0], &leaf, &bundle.root);
  bundle.root.bytes[31] ^= spoil_root;
  return pt_bundle_verify (&bundle, verifier, service_key, findings);
}

typedef struct
{
  const char *name;
  Case (*make) (void);
  void (*change) (Case *given); /* or NULL */
  PtBundleFindings expected;
} Row;

#define ALL_GOOD                                                                                   \
  {                                                                                                \
    PT_OK, PT_OK, PT_OK, PT_OK                                                                     \
  }
#define NO_VOUCHER                                                                                 \
  {                                                                                                \
    PT_OK, PT_OK, PT_BAD_KEY, PT_NOT_CHECKED                                                       \
  }
#define WRONG_SIGNATURE                                                                            \
  {                                                                                                \
    PT_OK, PT_OK, PT_OK, PT_BAD_SIGNATURE                                                          \
  }
#define WRONG_AREA                                                                                 \
  {                                                                                                \
    PT_MALFORMED, PT_OK, PT_NOT_CHECKED, PT_NOT_CHECKED                                            \
  }
#define SIGNER_MALFORMED                                                                           \
  {                                                                                                \
    PT_OK, PT_OK, PT_MALFORMED, PT_NOT_CHECKED                                                     \
  }
#define SIGNER_AHEAD                                                                               \
  {                                                                                                \
    PT_OK, PT_OK, PT_BAD_TIME, PT_NOT_CHECKED                                                      \
  }
#define ENTRY_AHEAD                                                                                \
  {                                                                                                \
    PT_BAD_TIME, PT_OK, PT_NOT_CHECKED, PT_NOT_CHECKED                                             \
  }

/* A citizen's words stay outside the log, and the entry names her key. */
static void
let_citizen_act (Case *given)
{
  given->entry.by = pt_text ("citizen");
  given->entry.action = PT_ACTION_FILE;
  given->entry.category = pt_text ("no-supply");
  given->entry.has_note_hash = true;
  pt_p256_key_public (keys[KEY_OTHER], given->entry.key);
  given->entry_key = KEY_OTHER;
}

/* For somebody without a browser. */
static void
let_service_act (Case *given)
{
  given->entry.by = pt_text ("service");
  given->entry.action = PT_ACTION_JOIN;
}

/* One change each, named for what a forger or a careless operator would do. */
#define CHANGE(name, statement)                                                                    \
  static void change_##name (Case *given)                                                          \
  {                                                                                                \
    statement;                                                                                     \
  }

CHANGE (entry_key, given->entry_key = KEY_OTHER)
CHANGE (entry_by_authority, given->entry_key = KEY_AUTHORITY)
CHANGE (entry_by_service, given->entry_key = KEY_SERVICE)
CHANGE (entry_by_device, given->entry_key = KEY_DEVICE)
CHANGE (registered_key, given->registered_key = KEY_OTHER)
CHANGE (both_keys, given->registered_key = given->entry_key = KEY_OTHER)
CHANGE (signer_key, given->signer_key = KEY_OTHER)
CHANGE (device, given->signer.device = pt_text ("tx-0002"))
CHANGE (device_longer, given->signer.device = pt_text ("tx-00010"))
CHANGE (device_shorter, given->signer.device = pt_text ("tx-000"))
CHANGE (device_case, given->signer.device = pt_text ("TX-0001"))
CHANGE (site, given->signer.site = pt_text ("T-0002"))
CHANGE (lat, given->signer.lat++)
CHANGE (lon, given->signer.lon--)
CHANGE (mirrored, given->signer.lon = -given->signer.lon)
CHANGE (revoked, given->signer.status = PT_STATUS_REVOKED)
CHANGE (later, given->signer.received = given->entry.received + 1)
CHANGE (same_time, given->signer.received = given->entry.received)
CHANGE (clock, given->signer.ts = given->signer.received + PT_AHEAD_MAX_MS)
CHANGE (clock_ahead, given->signer.ts = given->signer.received + PT_AHEAD_MAX_MS + 1)
CHANGE (report_clock, given->entry.ts = given->entry.received + PT_AHEAD_MAX_MS)
CHANGE (report_ahead, given->entry.ts = given->entry.received + PT_AHEAD_MAX_MS + 1)
CHANGE (bundle_area, given->area = "demo-west")
CHANGE (entry_area, given->entry.area = pt_text ("demo-west"))
CHANGE (signer_area, given->signer.area = pt_text ("demo-west"))
CHANGE (area_longer, given->area = "demo-east-2")
CHANGE (official, given->signer.official = pt_text ("officer-2"))
CHANGE (role, given->signer.role = PT_ROLE_AUDITOR)
CHANGE (by_citizen, let_citizen_act (given))
CHANGE (by_service, let_service_act (given))
CHANGE (no_signer, given->no_signer = true)
CHANGE (with_signer, given->no_signer = false)
CHANGE (swapped, given->swapped = true)
CHANGE (by_device_name, given->signer = report_case ().signer;
        given->signer.device = pt_text ("officer-1"))
CHANGE (official_as_device, given->signer = action_case ().signer;
        given->signer.official = pt_text ("tx-0001"))
CHANGE (citizen_signed, let_citizen_act (given); given->no_signer = true)
CHANGE (citizen_forged, let_citizen_act (given); given->entry_key = KEY_SERVICE;
        given->no_signer = true)
CHANGE (service_signed, let_service_act (given); given->entry_key = KEY_SERVICE;
        given->no_signer = true)
CHANGE (service_forged, let_service_act (given); given->no_signer = true)

static const Row rows[] = {
  { "report/good", report_case, NULL, ALL_GOOD },
  { "report/other-key", report_case, change_entry_key, WRONG_SIGNATURE },
  { "report/authority-signed", report_case, change_entry_by_authority, WRONG_SIGNATURE },
  { "report/service-signed", report_case, change_entry_by_service, WRONG_SIGNATURE },
  { "report/other-registered-key", report_case, change_registered_key, WRONG_SIGNATURE },
  /* Whether the authority signed the registration is for who knows its key, not for a bundle. */
  { "report/both-keys-other", report_case, change_both_keys, ALL_GOOD },
  { "report/registered-by-other", report_case, change_signer_key, ALL_GOOD },
  { "report/other-device", report_case, change_device, NO_VOUCHER },
  { "report/longer-device", report_case, change_device_longer, NO_VOUCHER },
  { "report/shorter-device", report_case, change_device_shorter, NO_VOUCHER },
  { "report/device-in-capitals", report_case, change_device_case, NO_VOUCHER },
  { "report/other-site", report_case, change_site, NO_VOUCHER },
  { "report/other-latitude", report_case, change_lat, NO_VOUCHER },
  { "report/other-longitude", report_case, change_lon, NO_VOUCHER },
  { "report/mirrored", report_case, change_mirrored, NO_VOUCHER },
  { "report/revoked", report_case, change_revoked, NO_VOUCHER },
  { "report/registered-later", report_case, change_later, NO_VOUCHER },
  { "report/registered-same-time", report_case, change_same_time, ALL_GOOD },
  { "report/registrar-clock", report_case, change_clock, ALL_GOOD }, /* `received` counts */
  { "report/registrar-clock-ahead", report_case, change_clock_ahead, SIGNER_AHEAD },
  { "report/clock", report_case, change_report_clock, ALL_GOOD },
  { "report/clock-ahead", report_case, change_report_ahead, ENTRY_AHEAD },
  { "report/bundle-area", report_case, change_bundle_area, WRONG_AREA },
  { "report/longer-area", report_case, change_area_longer, WRONG_AREA },
  { "report/entry-area", report_case, change_entry_area, WRONG_AREA },
  { "report/signer-area", report_case, change_signer_area, SIGNER_MALFORMED },
  { "report/no-signer", report_case, change_no_signer, SIGNER_MALFORMED },
  { "report/swapped", report_case, change_swapped, NO_VOUCHER },
  { "report/official-as-device", report_case, change_official_as_device, NO_VOUCHER },
  { "action/good", action_case, NULL, ALL_GOOD },
  { "action/other-key", action_case, change_entry_key, WRONG_SIGNATURE },
  { "action/authority-signed", action_case, change_entry_by_authority, WRONG_SIGNATURE },
  { "action/other-official", action_case, change_official, NO_VOUCHER },
  { "action/other-role", action_case, change_role, ALL_GOOD },
  { "action/revoked", action_case, change_revoked, NO_VOUCHER },
  { "action/registered-later", action_case, change_later, NO_VOUCHER },
  { "action/registered-same-time", action_case, change_same_time, ALL_GOOD },
  { "action/signer-area", action_case, change_signer_area, SIGNER_MALFORMED },
  { "action/bundle-area", action_case, change_bundle_area, WRONG_AREA },
  { "action/no-signer", action_case, change_no_signer, SIGNER_MALFORMED },
  { "action/swapped", action_case, change_swapped, NO_VOUCHER },
  { "action/device-of-that-name", action_case, change_by_device_name, NO_VOUCHER },
  { "action/by-citizen-with-signer", action_case, change_by_citizen, NO_VOUCHER },
  { "action/by-service-with-signer", action_case, change_by_service, NO_VOUCHER },
  { "action/citizen", action_case, change_citizen_signed, ALL_GOOD },
  { "action/citizen-forged", action_case, change_citizen_forged, WRONG_SIGNATURE },
  { "action/service", action_case, change_service_signed, ALL_GOOD },
  { "action/service-forged", action_case, change_service_forged, WRONG_SIGNATURE },
  { "roster/good", roster_case, NULL, ALL_GOOD },
  { "roster/with-signer", roster_case, change_with_signer, NO_VOUCHER },
  { "roster/device-signed", roster_case, change_entry_by_device, WRONG_SIGNATURE },
  { "roster/authority-signed", roster_case, change_entry_by_authority, WRONG_SIGNATURE },
  { "roster/bundle-area", roster_case, change_bundle_area, WRONG_AREA },
  { "roster/entry-area", roster_case, change_entry_area, WRONG_AREA },
};

/* The verdict is the first finding that is not good, in the order in which they are asked. */
static PtResult
first_of (const PtBundleFindings *findings)
{
  const PtResult order[]
      = { findings->entry, findings->inclusion, findings->signer, findings->signature };

  for (size_t i = 0; i < G_N_ELEMENTS (order); i++)
    if (order[i] != PT_OK)
      return order[i];
  return PT_OK;
}

static void
check_row (const Row *row, bool spoil_root)
{
  Case given = row->make ();
  PtBundleFindings findings, expected = row->expected;
  PtResult result;

  memset (&findings, 0xee, sizeof findings);
  if (row->change != NULL)
    row->change (&given);
  if (spoil_root)
    expected.inclusion = PT_BAD_PROOF;
  result = verify_case (&given, spoil_root, &findings);
  g_assert_cmpint (findings.entry, ==, expected.entry);
  g_assert_cmpint (findings.inclusion, ==, expected.inclusion);
  g_assert_cmpint (findings.signer, ==, expected.signer);
  g_assert_cmpint (findings.signature, ==, expected.signature);
  g_assert_cmpint (result, ==, first_of (&expected));
}

/* Under another root the same findings stand, but for that of inclusion. */
static void
test_row (const void *row)
{
  check_row (row, false);
  check_row (row, true);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_keys ();
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/bundle-verify/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  status = g_test_run ();
  free_keys ();
  return status;
}
