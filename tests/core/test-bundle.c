/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-bundle.h"
#include "pt-p256.h"
#include "pt-rules.h"
#include "pt-vectors.h"

static char entry_buffer[2 * PT_ENTRY_MAX];
static char text_buffer[PT_BUNDLE_MAX];

/* The entries of all vector batches, and what is needed to make bundles of them. */
typedef struct
{
  JsonNode *node;
  PtSpan entries[168];
  PtHash leaves[168];
  size_t count;
  uint8_t service_key[PT_PUBLIC_KEY_SIZE];
  PtVerifier *verifier;
} Log;

static void
log_init (Log *log)
{
  g_autoptr (JsonNode) batches = pt_vectors_load ("v2/batches.json");
  JsonArray *array;

  log->node = pt_vectors_load ("v2/entries.json");
  array = json_object_get_array_member (json_node_get_object (log->node), "entries");
  log->count = json_array_get_length (array);
  g_assert_cmpuint (log->count, ==, G_N_ELEMENTS (log->entries));
  for (guint i = 0; i < log->count; i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      log->entries[i] = pt_text (json_object_get_string_member (object, "entry"));
      pt_tree_leaf_hash (log->entries[i], &log->leaves[i]);
    }
  g_assert_true (pt_base64url_decode (
      pt_text (json_object_get_string_member (json_node_get_object (batches), "service_key")),
      log->service_key, PT_PUBLIC_KEY_SIZE));
  log->verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_assert_nonnull (log->verifier);
}

static void
log_clear (Log *log)
{
  json_node_unref (log->node);
  pt_p256_verifier_free (log->verifier);
}

static void
parse_entry (PtSpan bytes, PtEntry *entry)
{
  g_assert_cmpint (pt_entry_parse (bytes, PT_ENTRY_STORED, entry), ==, PT_OK);
}

/* The registration that vouches for the entry there; empty when there is none. */
static PtSpan
find_signer (const Log *log, size_t index)
{
  PtEntry entry, other;

  parse_entry (log->entries[index], &entry);
  for (size_t i = index; i > 0; i--)
    {
      parse_entry (log->entries[i - 1], &other);
      if (pt_entry_signer (&entry) == PT_SIGNER_DEVICE && other.kind == PT_ENTRY_DEVICE
          && pt_span_equal (other.device, entry.device))
        return log->entries[i - 1];
      if (pt_entry_signer (&entry) == PT_SIGNER_OFFICIAL && other.kind == PT_ENTRY_OFFICIAL
          && pt_span_equal (other.official, entry.by))
        return log->entries[i - 1];
    }
  return pt_span ("", 0);
}

static void
make_bundle (const Log *log, size_t index, PtBundle *bundle)
{
  PtFrontier empty = { 0 };
  PtPathBuilder builder;

  memset (bundle, 0, sizeof *bundle);
  bundle->area = pt_text ("demo-east");
  bundle->batch = 2;
  bundle->block = 17;
  bundle->chain_id = 31337;
  memset (bundle->contract, 0xab, sizeof bundle->contract);
  memset (bundle->transaction, 0xcd, sizeof bundle->transaction);
  pt_cid_make (PT_CODEC_RAW, &log->leaves[0], &bundle->cid);
  bundle->index = index;
  bundle->size = log->count;
  bundle->entry = log->entries[index];
  bundle->signer = find_signer (log, index);
  g_assert_cmpint (pt_path_builder_inclusion (&builder, &empty, index), ==, PT_OK);
  for (size_t i = 0; i < log->count; i++)
    pt_path_builder_append (&builder, &log->leaves[i]);
  g_assert_cmpint (
      pt_path_builder_finish (&builder, bundle->path, &bundle->path_count, &bundle->root), ==,
      PT_OK);
}

static size_t
first_of (const Log *log, PtEntryKind kind)
{
  for (size_t i = 0; i < log->count; i++)
    {
      PtEntry entry;

      parse_entry (log->entries[i], &entry);
      if (entry.kind == kind)
        return i;
    }
  g_assert_not_reached ();
}

/* The first action by an official. */
static size_t
official_action (const Log *log)
{
  for (size_t i = 0; i < log->count; i++)
    {
      PtEntry entry;

      parse_entry (log->entries[i], &entry);
      if (entry.kind == PT_ENTRY_ACTION && find_signer (log, i).size > 0)
        return i;
    }
  g_assert_not_reached ();
}

static PtSpan
write_bundle (const PtBundle *bundle)
{
  size_t size;

  g_assert_cmpint (pt_bundle_write (bundle, text_buffer, sizeof text_buffer, &size), ==, PT_OK);
  return pt_span (text_buffer, size);
}

static PtResult
verify (const Log *log, const PtBundle *bundle, PtBundleFindings *findings)
{
  return pt_bundle_verify (bundle, log->verifier, log->service_key, findings);
}

/* Every entry of the vectors that has a signer in the log, or the service's signature. */
static void
test_vectors (void)
{
  size_t verified = 0;
  Log log;

  log_init (&log);
  for (size_t i = 0; i < log.count; i++)
    {
      PtBundle bundle, parsed;
      PtBundleFindings findings;
      PtEntry entry;
      PtSpan text;
      bool by_authority;
      g_autofree char *first = NULL;

      make_bundle (&log, i, &bundle);
      text = write_bundle (&bundle);
      first = g_strndup (text.data, text.size);
      g_assert_cmpint (
          pt_bundle_parse (pt_text (first), entry_buffer, sizeof entry_buffer, &parsed), ==, PT_OK);
      text = write_bundle (&parsed);
      g_assert_cmpmem (text.data, text.size, first, strlen (first));

      parse_entry (log.entries[i], &entry);
      by_authority = pt_entry_signer (&entry) == PT_SIGNER_AUTHORITY;
      g_assert_cmpint (verify (&log, &parsed, &findings) == PT_OK, ==, !by_authority);
      g_assert_cmpint (findings.entry, ==, PT_OK);
      g_assert_cmpint (findings.inclusion, ==, PT_OK);
      verified += !by_authority;
    }
  g_assert_cmpuint (verified, ==, 148);
  log_clear (&log);
}

static void
append_repeated (GString *out, const char *text, int times)
{
  while (times-- > 0)
    g_string_append (out, text);
}

/* As a JSON string: of all that must be escaped an entry has quotes only. */
static void
append_quoted (GString *out, PtSpan entry)
{
  for (size_t i = 0; i < entry.size; i++)
    {
      if (entry.data[i] == '"')
        g_string_append_c (out, '\\');
      g_string_append_c (out, entry.data[i]);
    }
}

/* The text is exactly that of the format, its keys in canonical order. */
static void
test_text (void)
{
  g_autoptr (GString) expected = g_string_new (NULL);
  char cid[PT_CID_TEXT_SIZE + 1], hex[2 * PT_HASH_SIZE];
  PtBundle bundle;
  PtSpan text;
  Log log;

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_REPORT), &bundle);
  pt_cid_to_text (&bundle.cid, cid);
  g_string_append (expected, "{\"area\":\"demo-east\",\"batch\":2,\"chain\":{\"block\":17,"
                             "\"chain_id\":31337,\"contract\":\"0x");
  append_repeated (expected, "ab", 20);
  g_string_append (expected, "\",\"tx\":\"0x");
  append_repeated (expected, "cd", 32);
  g_string_append_printf (expected, "\"},\"cid\":\"%s\",\"entry\":\"", cid);
  append_quoted (expected, bundle.entry);
  g_string_append_printf (expected, "\",\"format\":\"powertrack-proof-1\",\"index\":%u,\"path\":[",
                          (guint) bundle.index);
  for (size_t i = 0; i < bundle.path_count; i++)
    {
      pt_hex_encode (bundle.path[i].bytes, PT_HASH_SIZE, hex, sizeof hex);
      g_string_append_printf (expected, "%s\"%.64s\"", i > 0 ? "," : "", hex);
    }
  pt_hex_encode (bundle.root.bytes, PT_HASH_SIZE, hex, sizeof hex);
  g_string_append_printf (expected, "],\"root\":\"%.64s\",\"signer\":\"", hex);
  append_quoted (expected, bundle.signer);
  g_string_append (expected, "\",\"size\":168}");
  text = write_bundle (&bundle);
  g_assert_cmpmem (text.data, text.size, expected->str, expected->len);
  log_clear (&log);
}

/* Any byte changed, dropped or doubled: not parsed, or it parses to a bundle that no longer
 * verifies, or to one that differs only in what a root alone cannot show (chain, batch, cid). And
 * whatever parses is canonical: it is written back the same. */
static void
check_mutant (const Log *log, const PtBundle *original, PtSpan text)
{
  static char again[PT_BUNDLE_MAX];
  PtBundle parsed;
  PtBundleFindings findings;
  size_t size;

  if (pt_bundle_parse (text, entry_buffer, sizeof entry_buffer, &parsed) != PT_OK)
    {
      g_assert_cmpuint (parsed.size, ==, 0);
      return;
    }
  g_assert_cmpint (pt_bundle_write (&parsed, again, sizeof again, &size), ==, PT_OK);
  g_assert_cmpmem (again, size, text.data, text.size);
  if (verify (log, &parsed, &findings) != PT_OK)
    return;
  g_assert_true (pt_span_equal (parsed.entry, original->entry));
  g_assert_true (pt_span_equal (parsed.area, original->area));
  g_assert_cmpuint (parsed.index, ==, original->index);
  pt_assert_hash (parsed.root, original->root);
}

static void
test_every_byte (void)
{
  const char changes[] = { 1, 2, 0x20, 0x40, (char) 0x80 };
  PtBundle bundle;
  PtSpan text;
  Log log;

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_REPORT), &bundle);
  text = write_bundle (&bundle);
  for (size_t i = 0; i < text.size; i++)
    {
      g_autofree char *mutant = g_malloc (text.size + 1);

      for (size_t j = 0; j < G_N_ELEMENTS (changes); j++)
        {
          memcpy (mutant, text.data, text.size);
          mutant[i] = (char) (mutant[i] ^ changes[j]);
          check_mutant (&log, &bundle, pt_span (mutant, text.size));
        }
      memcpy (mutant + i, text.data + i + 1, text.size - i - 1);
      check_mutant (&log, &bundle, pt_span (mutant, text.size - 1));
      memcpy (mutant, text.data, i);
      mutant[i] = ' ';
      memcpy (mutant + i + 1, text.data + i, text.size - i);
      check_mutant (&log, &bundle, pt_span (mutant, text.size + 1));
      g_assert_cmpint (pt_bundle_parse (pt_span (text.data, i), entry_buffer, sizeof entry_buffer,
                                        &(PtBundle){ 0 }),
                       !=, PT_OK);
    }
  log_clear (&log);
}

typedef struct
{
  const char *from, *to;
} Edit;

static void
test_forms (void)
{
  const Edit edits[] = {
    { "{\"area\":\"demo-east\",", "{" },
    { "\"area\":\"demo-east\"", "\"area\":\"\"" },
    { "\"area\":\"demo-east\"", "\"area\":\"Demo\"" },
    { "\"area\":\"demo-east\"", "\"area\":7" },
    { "\"area\":", "\"aaa\":1,\"area\":" },
    { "\"batch\":2,", "\"batch\":0," },
    { "\"batch\":2,", "\"batch\":-2," },
    { "\"batch\":2,", "\"batch\":2.0," },
    { "\"batch\":2,", "\"batch\":\"2\"," },
    { "\"batch\":2,", "\"batch\":2,\"batch\":2," },
    { "\"batch\":2,", "" },
    { "\"block\":17,", "\"block\":-1," },
    { "\"block\":17,", "" },
    { "\"block\":17,", "\"block\":9007199254740992," },
    { "\"chain_id\":31337", "\"chain_id\":0" },
    { "\"chain_id\":31337", "\"chain_id\":31337,\"chain_ie\":1" },
    { "\"contract\":\"0x", "\"contract\":\"" },
    { "\"contract\":\"0x", "\"contract\":\"0X" },
    { "\"contract\":\"0xab", "\"contract\":\"0xAB" },
    { "\"contract\":\"0xab", "\"contract\":\"0x" },
    { "\"tx\":\"0xcd", "\"tx\":\"0xcdcd" },
    { "\"tx\":\"0xcd", "\"tx\":\"0xCD" },
    { "cd\"},\"cid\"", "cd\",\"z\":1},\"cid\"" },
    { "\"cid\":\"b", "\"cid\":\"B" },
    { "\"cid\":\"b", "\"cid\":\"z" },
    { "powertrack-proof-1", "powertrack-proof-2" },
    { "\"path\":[", "\"path\":[\"\"," },
    { "\"path\":[", "\"path\":[1," },
    { "\"path\":[", "\"path\":[[]," },
    { "\"path\":[", "\"path\":[ " },
    { ",\"size\":168}", ",\"size\":0}" },
    { ",\"size\":168}", ",\"size\":1}" },
    { ",\"size\":168}", "}" },
    { ",\"size\":168}", ",\"size\":20,\"zzz\":1}" },
    { ",\"size\":168}", ",\"size\":168}\n" },
    { ",\"size\":168}", ",\"size\":168} " },
    { ",\"size\":168}", ",\"size\":168}{}" },
    { ",\"size\":168}", ",\"size\":20" },
  };
  PtBundle bundle, parsed;
  PtSpan text;
  Log log;

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_REPORT), &bundle);
  text = write_bundle (&bundle);
  for (size_t i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (GString) mutant = g_string_new_len (text.data, (gssize) text.size);

      g_test_message ("%s -> %s", edits[i].from, edits[i].to);
      g_assert_cmpuint (g_string_replace (mutant, edits[i].from, edits[i].to, 1), ==, 1);
      g_assert_cmpint (pt_bundle_parse (pt_span (mutant->str, mutant->len), entry_buffer,
                                        sizeof entry_buffer, &parsed),
                       !=, PT_OK);
    }
  log_clear (&log);
}

static void
test_long_path (void)
{
  PtBundle bundle, parsed;
  PtSpan text;
  Log log;
  g_autoptr (GString) longer = NULL;
  g_autofree char *element = g_strnfill (64, 'a');
  g_autofree char *more = g_strdup_printf ("\"path\":[\"%s\",", element);

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_REPORT), &bundle);
  bundle.path_count = PT_TREE_DEPTH_MAX;
  text = write_bundle (&bundle);
  g_assert_cmpint (pt_bundle_parse (text, entry_buffer, sizeof entry_buffer, &parsed), ==, PT_OK);
  longer = g_string_new_len (text.data, (gssize) text.size);
  g_string_replace (longer, "\"path\":[", more, 1);
  g_assert_cmpint (pt_bundle_parse (pt_span (longer->str, longer->len), entry_buffer,
                                    sizeof entry_buffer, &parsed),
                   ==, PT_TOO_LARGE);
  bundle.path_count++;
  g_assert_cmpint (pt_bundle_write (&bundle, text_buffer, sizeof text_buffer, &text.size), ==,
                   PT_TOO_LARGE);
  log_clear (&log);
}

static void
test_writer_refuses (void)
{
  static char huge[PT_ENTRY_MAX + 1];
  PtBundle good, bundle;
  PtSpan text;
  size_t size;
  Log log;

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_REPORT), &good);
#define CHECK(change, expected)                                                                    \
  bundle = good;                                                                                   \
  change;                                                                                          \
  g_assert_cmpint (pt_bundle_write (&bundle, text_buffer, sizeof text_buffer, &size), ==,          \
                   expected);                                                                      \
  g_assert_cmpuint (size, ==, 0)
  CHECK (bundle.area = pt_text ("A"), PT_MALFORMED);
  CHECK (bundle.batch = 0, PT_MALFORMED);
  CHECK (bundle.batch = UINT64_MAX, PT_MALFORMED);
  CHECK (bundle.block = UINT64_MAX, PT_MALFORMED);
  CHECK (bundle.chain_id = 0, PT_MALFORMED);
  CHECK (bundle.chain_id = UINT64_MAX, PT_MALFORMED);
  CHECK (bundle.index = bundle.size, PT_MALFORMED);
  CHECK (bundle.size = UINT64_MAX, PT_MALFORMED);
  CHECK (bundle.entry = pt_text ("\xff"), PT_MALFORMED);
  CHECK (bundle.signer = pt_text ("\xc0\x80"), PT_MALFORMED);
  CHECK (bundle.entry = pt_span (huge, sizeof huge), PT_TOO_LARGE);
  CHECK (bundle.cid.bytes[1] = 0x71, PT_BAD_CID);
#undef CHECK
  text = write_bundle (&good);
  for (size_t room = 0; room < text.size; room += 13)
    g_assert_cmpint (pt_bundle_write (&good, text_buffer, room, &size), ==, PT_NO_SPACE);
  log_clear (&log);
}

/* Entries of the largest size, every byte escaped, still fit PT_BUNDLE_MAX and come back. */
static void
test_largest (void)
{
  g_autofree char *control = g_strnfill (PT_ENTRY_MAX, '\x01');
  g_autofree char *written = NULL;
  PtBundle bundle, parsed;
  PtSpan text;
  Log log;

  log_init (&log);
  make_bundle (&log, 0, &bundle);
  bundle.entry = pt_span (control, PT_ENTRY_MAX);
  bundle.signer = bundle.entry;
  bundle.path_count = PT_TREE_DEPTH_MAX;
  text = write_bundle (&bundle);
  g_assert_cmpuint (text.size, <=, PT_BUNDLE_MAX);
  g_assert_cmpint (pt_bundle_parse (text, entry_buffer, sizeof entry_buffer, &parsed), ==, PT_OK);
  g_assert_true (pt_span_equal (parsed.signer, bundle.signer));
  g_assert_cmpint (pt_bundle_parse (text, entry_buffer, sizeof entry_buffer - 1, &parsed), ==,
                   PT_NO_SPACE);
  written = g_strnfill (PT_BUNDLE_MAX + 1, ' ');
  g_assert_cmpint (pt_bundle_parse (pt_span (written, PT_BUNDLE_MAX + 1), entry_buffer,
                                    sizeof entry_buffer, &parsed),
                   ==, PT_TOO_LARGE);
  log_clear (&log);
}

/* Which finding fails, and that the verdict is the first of them. */
static void
test_findings (void)
{
  PtBundle good, bundle;
  PtBundleFindings findings;
  Log log;

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_REPORT), &good);
  g_assert_cmpint (verify (&log, &good, &findings), ==, PT_OK);

  bundle = good;
  bundle.entry = pt_text ("{}");
  g_assert_cmpint (verify (&log, &bundle, &findings), !=, PT_OK);
  g_assert_cmpint (findings.entry, !=, PT_OK);
  g_assert_cmpint (findings.inclusion, ==, PT_BAD_PROOF);
  g_assert_cmpint (findings.signer, ==, PT_NOT_CHECKED);
  g_assert_cmpint (findings.signature, ==, PT_NOT_CHECKED);

  bundle = good;
  bundle.area = pt_text ("demo-west");
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_MALFORMED);
  g_assert_cmpint (findings.entry, ==, PT_MALFORMED);
  g_assert_cmpint (findings.inclusion, ==, PT_OK);

  bundle = good;
  bundle.root.bytes[0] ^= 1;
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_PROOF);
  g_assert_cmpint (findings.entry, ==, PT_OK);
  g_assert_cmpint (findings.signature, ==, PT_OK);

  bundle = good;
  bundle.index++;
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_PROOF);
  bundle = good;
  bundle.path_count--;
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_PROOF);
  bundle.path_count = SIZE_MAX;
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_PROOF);

  bundle = good;
  bundle.signer = pt_span ("", 0);
  g_assert_cmpint (verify (&log, &bundle, &findings), !=, PT_OK);
  g_assert_cmpint (findings.signer, !=, PT_OK);
  g_assert_cmpint (findings.signature, ==, PT_NOT_CHECKED);
  bundle.signer = good.entry; /* a report vouches for nobody */
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_KEY);
  log_clear (&log);
}

/* The good signer with one thing changed; expects that it no longer vouches. */
static void
check_signer (const Log *log, const PtBundle *good, const char *from, const char *to,
              PtResult expected)
{
  g_autoptr (GString) text = g_string_new_len (good->signer.data, (gssize) good->signer.size);
  PtBundle bundle = *good;
  PtBundleFindings findings;

  g_test_message ("%s -> %s", from, to);
  g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  bundle.signer = pt_span (text->str, text->len);
  g_assert_cmpint (verify (log, &bundle, &findings), ==, expected);
  g_assert_cmpint (findings.signer, ==, expected);
  g_assert_cmpint (findings.signature, ==, expected == PT_OK ? PT_OK : PT_NOT_CHECKED);
  g_assert_cmpint (findings.entry, ==, PT_OK);
  g_assert_cmpint (findings.inclusion, ==, PT_OK);
}

static void
test_device_signer (void)
{
  g_autofree char *lat = NULL, *lat_changed = NULL, *lon = NULL, *lon_changed = NULL;
  g_autofree char *device = NULL, *received = NULL;
  PtBundle good;
  PtEntry signer;
  Log log;

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_REPORT), &good);
  parse_entry (good.signer, &signer);
  device = g_strdup_printf ("\"device\":\"%.*s\"", (int) signer.device.size, signer.device.data);
  lat = g_strdup_printf ("\"lat\":%" G_GINT64_FORMAT, signer.lat);
  lat_changed = g_strdup_printf ("\"lat\":%" G_GINT64_FORMAT, signer.lat + 1);
  lon = g_strdup_printf ("\"lon\":%" G_GINT64_FORMAT, signer.lon);
  lon_changed = g_strdup_printf ("\"lon\":%" G_GINT64_FORMAT, signer.lon - 1);
  received = g_strdup_printf ("\"received\":%" G_GINT64_FORMAT, signer.received);

  check_signer (&log, &good, "\"area\":\"demo-east\"", "\"area\":\"demo-west\"", PT_MALFORMED);
  check_signer (&log, &good, device, "\"device\":\"tx-9999\"", PT_BAD_KEY);
  check_signer (&log, &good, lat, lat_changed, PT_BAD_KEY);
  check_signer (&log, &good, lon, lon_changed, PT_BAD_KEY);
  check_signer (&log, &good, "\"site\":\"T-", "\"site\":\"U-", PT_BAD_KEY);
  check_signer (&log, &good, "\"status\":\"active\"", "\"status\":\"revoked\"", PT_BAD_KEY);
  check_signer (&log, &good, received, "\"received\":1799999999999", PT_BAD_KEY);
  check_signer (&log, &good, "{\"area\"", "{ \"area\"", PT_NOT_CANONICAL);
  log_clear (&log);
}

/* A key off the curve, and another device's key under this one's name. */
static void
test_wrong_key (void)
{
  PtBundle good, bundle;
  PtBundleFindings findings;
  PtEntry signer, other;
  char key[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE)];
  g_autofree char *text = NULL;
  char *at;
  Log log;

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_REPORT), &good);
  parse_entry (good.signer, &signer);
  text = g_strndup (good.signer.data, good.signer.size);
  at = strstr (text, "\"key\":\"") + 7;
  bundle = good;
  bundle.signer = pt_text (text);

  signer.key[64] ^= 1;
  pt_base64url_encode (signer.key, sizeof signer.key, key, sizeof key);
  memcpy (at, key, sizeof key);
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_KEY);
  g_assert_cmpint (findings.signer, ==, PT_BAD_KEY);

  parse_entry (log.entries[first_of (&log, PT_ENTRY_OFFICIAL)], &other);
  pt_base64url_encode (other.key, sizeof other.key, key, sizeof key);
  memcpy (at, key, sizeof key);
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_SIGNATURE);
  g_assert_cmpint (findings.signer, ==, PT_OK);
  log_clear (&log);
}

static void
test_official_signer (void)
{
  g_autofree char *official = NULL;
  PtBundle good, bundle;
  PtBundleFindings findings;
  PtEntry signer;
  Log log;

  log_init (&log);
  make_bundle (&log, official_action (&log), &good);
  parse_entry (good.signer, &signer);
  g_assert_cmpint (verify (&log, &good, &findings), ==, PT_OK);
  official
      = g_strdup_printf ("\"official\":\"%.*s\"", (int) signer.official.size, signer.official.data);
  check_signer (&log, &good, official, "\"official\":\"someone-else\"", PT_BAD_KEY);
  check_signer (&log, &good, "\"status\":\"active\"", "\"status\":\"revoked\"", PT_BAD_KEY);
  bundle = good;
  bundle.signer = log.entries[first_of (&log, PT_ENTRY_DEVICE)];
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_KEY);
  /* The service's key is no help for what an official must have signed. */
  bundle.signer = pt_span ("", 0);
  g_assert_cmpint (verify (&log, &bundle, &findings), !=, PT_OK);
  log_clear (&log);
}

static void
test_service (void)
{
  PtBundle good, bundle;
  PtBundleFindings findings;
  uint8_t other[PT_PUBLIC_KEY_SIZE];
  PtEntry entry;
  Log log;

  log_init (&log);
  make_bundle (&log, first_of (&log, PT_ENTRY_ROSTER), &good);
  g_assert_cmpuint (good.signer.size, ==, 0);
  g_assert_cmpint (verify (&log, &good, &findings), ==, PT_OK);
  g_assert_cmpint (pt_bundle_verify (&good, log.verifier, NULL, &findings), ==, PT_BAD_KEY);
  g_assert_cmpint (findings.signer, ==, PT_BAD_KEY);

  bundle = good;
  bundle.signer = log.entries[0];
  g_assert_cmpint (verify (&log, &bundle, &findings), ==, PT_BAD_KEY);

  memcpy (other, log.service_key, sizeof other);
  other[0] = 0x02;
  g_assert_cmpint (pt_bundle_verify (&good, log.verifier, other, &findings), ==, PT_BAD_KEY);
  parse_entry (log.entries[0], &entry);
  g_assert_cmpint (pt_bundle_verify (&good, log.verifier, entry.key, &findings), ==,
                   PT_BAD_SIGNATURE);
  log_clear (&log);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/vectors", test_vectors);
  g_test_add_func ("/bundle/text", test_text);
  g_test_add_func ("/bundle/every-byte", test_every_byte);
  g_test_add_func ("/bundle/forms", test_forms);
  g_test_add_func ("/bundle/long-path", test_long_path);
  g_test_add_func ("/bundle/writer-refuses", test_writer_refuses);
  g_test_add_func ("/bundle/largest", test_largest);
  g_test_add_func ("/bundle/findings", test_findings);
  g_test_add_func ("/bundle/device-signer", test_device_signer);
  g_test_add_func ("/bundle/wrong-key", test_wrong_key);
  g_test_add_func ("/bundle/official-signer", test_official_signer);
  g_test_add_func ("/bundle/service", test_service);
  return g_test_run ();
}
