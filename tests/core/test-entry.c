/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vectors.h"

#include "pt-entry.h"
#include "pt-json.h"
#include "pt-p256.h"

/* One valid stored entry of each kind, for mutations. */
#define AREA "\"area\":\"demo-east\","
#define SIG                                                                                        \
  "\"sig\":\"lLjA2sOe0IxsCQ1RPIJvK01mPO2XHP8Fhwa4MwG83vRXD5SbA0llHXbE4yygXYgLZYkv5InAxH-"          \
  "gTBc4CGet_w\","
#define KEY                                                                                        \
  "\"key\":\"BMQueuJuxNuGpR4pdniklOCdhALeCZ0VfJkzChHtlf90ZpFijluKK9Dom7OsZRppQww9AgBy2sRuD63z7C"   \
  "3KZQc\","
#define HASH_OF(digit)                                                                             \
  digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit  \
      digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit    \
          digit
#define ZEROS HASH_OF ("00")
#define TENS HASH_OF ("1a")

static const char report[]
    = "{" AREA "\"device\":\"tx-0001\",\"kind\":\"report\",\"lat\":255942345,\"lon\":851374321,"
      "\"power\":\"ON\",\"received\":1764000001321,\"seq\":7," SIG
      "\"site\":\"T-0001\",\"ts\":1764000001000}";
static const char device[]
    = "{" AREA "\"customers\":1,\"device\":\"tx-0003\"," KEY
      "\"kind\":\"device\",\"lat\":255900000,\"level\":\"house\",\"lon\":851400000,\"received\":"
      "5," SIG "\"site\":\"T-0003\",\"status\":\"active\",\"ts\":4}";
static const char official[]
    = "{" AREA KEY "\"kind\":\"official\",\"name\":\"शिकायत\",\"official\":\"officer-1\","
      "\"received\":5,\"role\":\"officer\"," SIG "\"status\":\"active\",\"ts\":4}";
static const char action[]
    = "{\"action\":\"resolve\"," AREA
      "\"by\":\"officer-1\",\"complaint\":\"C-1\",\"kind\":\"action\",\"n\":2,\"note\":\"fuse\","
      "\"prev\":\"" TENS "\",\"received\":5," SIG "\"site\":\"T-1\",\"ts\":4}";
static const char citizen[]
    = "{\"action\":\"file\"," AREA
      "\"by\":\"citizen\",\"category\":\"no-supply\",\"complaint\":\"C-1\"," KEY
      "\"kind\":\"action\",\"n\":1,\"note_hash\":\"" TENS "\",\"prev\":\"" ZEROS
      "\",\"received\":5," SIG "\"site\":\"T-1\",\"ts\":4}";
static const char roster[] = "{" AREA "\"batch\":1,\"expected\":3,\"heard\":2,\"kind\":\"roster\","
                             "\"received\":5," SIG "\"silent_root\":\"" TENS "\",\"ts\":5}";

static const char with_block[]
    = "{" AREA "\"batch\":3,\"block\":23456700,\"block_hash\":\"" TENS "\",\"expected\":3,"
      "\"heard\":2,\"kind\":\"roster\",\"received\":5," SIG "\"silent_root\":\"" TENS
      "\",\"ts\":5}";

static const char service[]
    = "{\"action\":\"join\"," AREA "\"by\":\"service\",\"complaint\":\"C-1\",\"kind\":\"action\","
      "\"lat\":255900000,\"lon\":851400000,\"n\":2,\"prev\":\"" TENS "\",\"received\":5," SIG
      "\"ts\":4}";
static const char lost[]
    = "{" AREA "\"device\":\"tx-0001\",\"first\":3,\"kind\":\"lost\",\"last\":5,"
      "\"reason\":\"jump\",\"received\":5," SIG "\"ts\":4}";
static const char notice[]
    = "{\"about\":\"shutdown\"," AREA "\"by\":\"officer-1\",\"end\":9,\"kind\":\"notice\",\"n\":1,"
      "\"note\":\"line\",\"notice\":\"N-1\",\"prev\":\"" ZEROS
      "\",\"received\":5,\"scope\":\"site\"," SIG
      "\"start\":8,\"status\":\"active\",\"target\":\"T-1\",\"ts\":4}";
static const char profile[]
    = "{" AREA "\"document\":\"words\",\"kind\":\"profile\",\"received\":5," SIG "\"ts\":4}";

static const char *const samples[] = { report,     device,  official, action, citizen, roster,
                                       with_block, service, lost,     notice, profile };

static PtResult
parse (PtSpan text)
{
  PtEntry entry;

  return pt_entry_parse (text, PT_ENTRY_STORED, &entry);
}

static void
expect (PtSpan text, PtResult expected)
{
  /* A copy of its own, so that a sanitizer sees a read beyond. */
  g_autofree char *copy = g_memdup2 (text.data, text.size);
  PtResult result = parse (pt_span (copy, text.size));

  if (result != expected)
    g_error ("%s, expected %s: %.*s", pt_result_slug (result), pt_result_slug (expected),
             (int) text.size, text.data);
}

/* @text with the first @find replaced by @replacement. */
static void
expect_changed (const char *text, const char *find, const char *replacement, PtResult expected)
{
  const char *at = strstr (text, find);
  g_autoptr (GString) changed = g_string_new (text);

  if (!at)
    g_error ("%s is not in %s", find, text);
  g_string_erase (changed, at - text, (gssize) strlen (find));
  g_string_insert (changed, at - text, replacement);
  expect (pt_span (changed->str, changed->len), expected);
}

static void
test_samples (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    expect (pt_text (samples[i]), PT_OK);
}

/* Vectors. */

static void
check_vector (JsonObject *vector, const PtVerifier *verifier)
{
  const char *text = json_object_get_string_member (vector, "entry");
  PtHash digest, leaf,
      expected = pt_hash_from_hex (json_object_get_string_member (vector, "digest_hex"));
  PtHash expected_leaf = pt_hash_from_hex (json_object_get_string_member (vector, "leaf_hash"));
  const char *signed_hex = json_object_get_string_member (vector, "signed_bytes_hex");
  uint8_t key[PT_PUBLIC_KEY_SIZE];
  char bytes[2000], hex[4000];
  size_t size;
  PtEntry entry;

  g_assert_cmpint (pt_entry_parse (pt_text (text), PT_ENTRY_STORED, &entry), ==, PT_OK);
  g_assert_cmpstr (pt_entry_kind_name (entry.kind), ==,
                   json_object_get_string_member (vector, "kind"));
  g_assert_cmpint (pt_entry_signed_bytes (&entry, bytes, sizeof bytes, &size), ==, PT_OK);
  g_assert_cmpuint (pt_hex_encode (bytes, size, hex, sizeof hex), ==, strlen (signed_hex));
  g_assert_cmpmem (hex, 2 * size, signed_hex, strlen (signed_hex));
  pt_entry_digest (&entry, &digest);
  pt_assert_hash (digest, expected);
  pt_tree_leaf_hash (pt_text (text), &leaf);
  pt_assert_hash (leaf, expected_leaf);
  g_assert_true (pt_base64url_decode (
      pt_text (json_object_get_string_member (vector, "public_key")), key, sizeof key));
  g_assert_cmpint (pt_entry_verify (&entry, verifier, key), ==, PT_OK);
  entry.signature[40] ^= 1;
  g_assert_cmpint (pt_entry_verify (&entry, verifier, key), ==, PT_BAD_SIGNATURE);
  entry.signature[40] ^= 1;
  entry.kind = entry.kind == PT_ENTRY_REPORT ? PT_ENTRY_DEVICE : PT_ENTRY_REPORT;
  g_assert_cmpint (pt_entry_verify (&entry, verifier, key), ==, PT_BAD_SIGNATURE);
}

static PtSpan
unescaped (PtSpan text, char *buffer, size_t buffer_size)
{
  size_t size;

  g_assert_cmpint (pt_json_unescape (text, buffer, buffer_size, &size), ==, PT_OK);
  return pt_span (buffer, size);
}

/* The way from fields to the stored entry: write, sign, store give back the vector's bytes, but for
 * the signature. */
static void
check_rebuilt (JsonObject *vector, const PtVerifier *verifier)
{
  const char *text = json_object_get_string_member (vector, "entry");
  char bare[4000], posted[4000], stored[4000];
  size_t bare_size, posted_size, stored_size;
  PtEntry entry, fields, unsigned_entry, signed_entry, again;
  char name[200], note[200], document[2000];
  uint8_t scalar[32];
  PtSigner signer;
  PtP256Key *key;

  g_assert_true (pt_hex_decode (pt_text (json_object_get_string_member (vector, "private_key_hex")),
                                scalar, sizeof scalar));
  key = pt_p256_key_from_scalar (scalar);
  g_assert_true (pt_p256_signer_init (&signer, key));
  g_assert_cmpint (pt_entry_parse (pt_text (text), PT_ENTRY_STORED, &entry), ==, PT_OK);
  fields = entry;
  fields.name = unescaped (entry.name, name, sizeof name);
  fields.note = unescaped (entry.note, note, sizeof note);
  fields.document = unescaped (entry.document, document, sizeof document);
  g_assert_cmpint (pt_entry_write (&fields, bare, sizeof bare, &bare_size), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (bare, bare_size), PT_ENTRY_UNSIGNED, &unsigned_entry),
                   ==, PT_OK);
  g_assert_cmpint (pt_entry_sign (&unsigned_entry, &signer, posted, sizeof posted, &posted_size),
                   ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (posted, posted_size), PT_ENTRY_SIGNED, &signed_entry),
                   ==, PT_OK);
  g_assert_cmpint (pt_entry_verify (&signed_entry, verifier, signer.public_key), ==, PT_OK);
  g_assert_cmpint (
      pt_entry_store (&signed_entry, entry.received, stored, sizeof stored, &stored_size), ==,
      PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (stored, stored_size), PT_ENTRY_STORED, &again), ==,
                   PT_OK);
  g_assert_cmpuint (stored_size, ==, strlen (text));
  g_assert_true (again.sig_at == entry.sig_at && again.received_at == entry.received_at);
  g_assert_cmpmem (stored, again.sig_at, text, entry.sig_at);
  g_assert_true (pt_entry_same_signed (&again, &entry));
  g_assert_true (pt_entry_same_signed (&again, &signed_entry));
  g_assert_true (pt_entry_same_signed (&unsigned_entry, &entry));
  pt_p256_signer_clear (&signer);
  pt_p256_key_free (key);
}

static void
check_vectors (const char *name, guint count)
{
  g_autoptr (JsonNode) root = pt_vectors_load (name);
  JsonArray *vectors = json_object_get_array_member (json_node_get_object (root), "entries");
  PtVerifier *fast = pt_p256_verifier_new (PT_P256_FAST);
  PtVerifier *evp = pt_p256_verifier_new (PT_P256_EVP);

  g_assert_cmpuint (json_array_get_length (vectors), ==, count);
  for (guint i = 0; i < json_array_get_length (vectors); i++)
    {
      check_vector (json_array_get_object_element (vectors, i), fast);
      check_vector (json_array_get_object_element (vectors, i), evp);
      check_rebuilt (json_array_get_object_element (vectors, i), fast);
    }
  pt_p256_verifier_free (fast);
  pt_p256_verifier_free (evp);
}

static void
test_vectors (void)
{
  check_vectors ("v2/entries.json", 168);
  check_vectors ("feeders.json", 3);
}

/* What is no identifier is no feeder. */
static void
test_refused_feeders (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("feeders.json");
  JsonArray *refused = json_object_get_array_member (json_node_get_object (root), "refused");

  g_assert_cmpuint (json_array_get_length (refused), ==, 6);
  for (guint i = 0; i < json_array_get_length (refused); i++)
    {
      JsonObject *vector = json_array_get_object_element (refused, i);

      expect (pt_text (json_object_get_string_member (vector, "entry")), PT_MALFORMED);
    }
}

/* Mutations of every member of every kind. */

#define MEMBERS_MAX 16

typedef struct
{
  char *keys[MEMBERS_MAX], *values[MEMBERS_MAX];
  size_t count;
} Members;

static void
members_init (Members *self, const char *text)
{
  PtJsonReader reader;
  PtJsonValue value;
  size_t at;
  PtSpan key;
  bool more;

  self->count = 0;
  pt_json_reader_init (&reader, pt_text (text));
  g_assert_cmpint (pt_json_open (&reader), ==, PT_OK);
  while (pt_json_member (&reader, &more, &key, &value, &at) == PT_OK && more)
    {
      size_t value_at = at + key.size + 3;

      g_assert_cmpuint (self->count, <, MEMBERS_MAX);
      self->keys[self->count] = g_strndup (key.data, key.size);
      self->values[self->count++]
          = g_strndup (text + value_at, (size_t) (reader.cursor - reader.start) - value_at);
    }
}

static void
members_clear (Members *self)
{
  for (size_t i = 0; i < self->count; i++)
    {
      g_free (self->keys[i]);
      g_free (self->values[i]);
    }
}

static void
append (GString *text, const char *key, const char *value)
{
  g_string_append_printf (text, "%c\"%s\":%s", text->len ? ',' : '{', key, value);
}

/* The object of the members in @order; -1 ends it. */
static void
expect_order (const Members *self, const int *order, PtResult expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (; *order >= 0; order++)
    append (text, self->keys[*order], self->values[*order]);
  g_string_append_c (text, '}');
  expect (pt_span (text->str, text->len), expected);
}

static void
check_order (const Members *self)
{
  int count = (int) self->count;

  for (int changed = 0; changed < count; changed++)
    {
      int missing[MEMBERS_MAX + 2], doubled[MEMBERS_MAX + 2], swapped[MEMBERS_MAX + 2];
      int m = 0, d = 0;

      for (int i = 0; i < count; i++)
        {
          swapped[i] = i == changed ? (i + 1) % count : i == (changed + 1) % count ? changed : i;
          if (i != changed)
            missing[m++] = i;
          doubled[d++] = i;
          if (i == changed)
            doubled[d++] = i;
        }
      missing[m] = doubled[d] = swapped[count] = -1;
      expect_order (self, missing, PT_MALFORMED);
      expect_order (self, doubled, PT_NOT_CANONICAL);
      expect_order (self, swapped, PT_NOT_CANONICAL);
    }
}

static void
expect_value (const Members *self, size_t changed, const char *value, PtResult expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < self->count; i++)
    append (text, self->keys[i], i == changed ? value : self->values[i]);
  g_string_append_c (text, '}');
  expect (pt_span (text->str, text->len), expected);
}

static void
check_values (const Members *self)
{
  static const char *const malformed[]
      = { "[]", "{}", "[1]", "{\"a\":1}", "nul", "", "\"", "'a'", "01", "+1", "1.", "0x1", "NaN" };
  static const char *const not_canonical[] = { "null",
                                               "true",
                                               "false",
                                               "1.0",
                                               "1.5",
                                               "1e0",
                                               "-0",
                                               "-0.0",
                                               "9007199254740992",
                                               " 1",
                                               "\"\\u0041\"",
                                               "\"\\/\"",
                                               "\"\\ud800\"",
                                               "[ ]",
                                               "[null]",
                                               "{\"b\":1,\"a\":1}",
                                               "1 " };

  for (size_t i = 0; i < self->count; i++)
    {
      bool text = self->values[i][0] == '"';
      bool free_text = g_str_equal (self->keys[i], "name") || g_str_equal (self->keys[i], "note")
                       || g_str_equal (self->keys[i], "document");

      for (size_t j = 0; j < G_N_ELEMENTS (malformed); j++)
        expect_value (self, i, malformed[j], PT_MALFORMED);
      for (size_t j = 0; j < G_N_ELEMENTS (not_canonical); j++)
        expect_value (self, i, not_canonical[j], PT_NOT_CANONICAL);
      expect_value (self, i, text ? "1" : "\"1\"", PT_MALFORMED);
      if (!text)
        expect_value (self, i, "-9007199254740991", PT_MALFORMED);
      if (!text || free_text)
        continue;
      expect_value (self, i, "\"\"", PT_MALFORMED);
      expect_value (self, i, "\" \"", PT_MALFORMED);
      expect_value (self, i, "\"\\n\"", PT_MALFORMED);
      expect_value (self, i, "\"é\"", PT_MALFORMED);
      expect_value (self, i, "\"a\xff\"", PT_MALFORMED);
    }
}

static void
check_keys (const Members *self)
{
  static const char *const unknown[] = { "",   "aa",  "Area", "areas", "kinds", "kind ", "sign",
                                         "tt", "zzz", "é",    "lat_",  "seqs",  "by0",   "recv" };

  for (size_t i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      bool done = false;

      for (size_t j = 0; j < self->count; j++)
        {
          if (!done && strcmp (unknown[i], self->keys[j]) < 0)
            append (text, unknown[i], "1");
          done = done || strcmp (unknown[i], self->keys[j]) < 0;
          append (text, self->keys[j], self->values[j]);
        }
      if (!done)
        append (text, unknown[i], "1");
      g_string_append_c (text, '}');
      expect (pt_span (text->str, text->len), PT_MALFORMED);
    }
}

static void
test_members (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      Members members;

      members_init (&members, samples[i]);
      check_order (&members);
      check_values (&members);
      check_keys (&members);
      members_clear (&members);
    }
}

/* Keys that another kind has are unknown here. */
static void
test_other_kinds (void)
{
  static const char *const kinds[]
      = { "report", "device", "official", "action", "roster", "lost", "notice", "profile" };

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (kinds); j++)
      {
        g_autofree char *kind = g_strdup_printf ("\"kind\":\"%s\"", kinds[j]);
        g_autofree char *own = NULL;

        if (strstr (samples[i], kind))
          continue;
        own = g_strndup (strstr (samples[i], "\"kind\":"),
                         strcspn (strstr (samples[i], "\"kind\":"), ","));
        expect_changed (samples[i], own, kind, PT_MALFORMED);
      }
  expect_changed (report, "\"ON\",", "\"ON\",\"prev\":\"" ZEROS "\",", PT_MALFORMED);
  expect_changed (report, SIG, SIG "\"silent_root\":\"" ZEROS "\",", PT_MALFORMED);
  expect_changed (report, "\"T-0001\",", "\"T-0001\",\"status\":\"active\",", PT_MALFORMED);
  expect_changed (device, "\"customers\"", "\"complaint\":\"C\",\"customers\"", PT_MALFORMED);
}

static void
test_places (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      size_t size = strlen (samples[i]);

      for (size_t cut = 0; cut < size; cut++)
        expect (pt_span (samples[i], cut), PT_MALFORMED);
      for (size_t at = 0; at <= size; at++)
        {
          g_autoptr (GString) text = g_string_new (samples[i]);
          bool outside = at == 0 || at == size || strchr ("{}:,", samples[i][at])
                         || strchr ("{}:,", samples[i][at - 1]);

          /* Space is refused wherever it stands; in a note it is text. */
          g_string_insert_c (text, (gssize) at, ' ');
          if (outside)
            expect (pt_span (text->str, text->len), PT_NOT_CANONICAL);
          g_string_overwrite_len (text, at, "\n", 1);
          g_assert_cmpint (parse (pt_span (text->str, text->len)), !=, PT_OK);
          g_string_overwrite_len (text, at, "\0", 1);
          expect (pt_span (text->str, text->len), PT_MALFORMED);
          g_string_overwrite_len (text, at, "\xff", 1);
          expect (pt_span (text->str, text->len), PT_MALFORMED);
        }
    }
}

typedef struct
{
  const char *sample, *find, *replacement;
  PtResult expected;
} Change;

static const Change identifiers[] = {
  { report, "demo-east", "0", PT_OK },
  { report, "demo-east", "a123456789012345678901234567890", PT_OK },
  { report, "demo-east", "a1234567890123456789012345678901", PT_MALFORMED },
  { report, "demo-east", "Demo", PT_MALFORMED },
  { report, "demo-east", "-demo", PT_MALFORMED },
  { report, "demo-east", "demo_east", PT_MALFORMED },
  { report, "demo-east", "demo.east", PT_MALFORMED },
  { report, "demo-east", "demo east", PT_MALFORMED },
  { report, "tx-0001", "A.b_c:d-9", PT_OK },
  { report, "tx-0001", "-x", PT_MALFORMED },
  { report, "tx-0001", ".x", PT_MALFORMED },
  { report, "tx-0001", "a/b", PT_MALFORMED },
  { report, "tx-0001", "a b", PT_MALFORMED },
  { report, "tx-0001", "a\\\\b", PT_MALFORMED },
  { report, "tx-0001", "a\\\"b", PT_MALFORMED },
  { report, "tx-0001", HASH_OF ("ab"), PT_OK },
  { report, "tx-0001", HASH_OF ("ab") "c", PT_MALFORMED },
  { report, "T-0001", HASH_OF ("ab") "c", PT_MALFORMED },
  { report, "T-0001", "_", PT_MALFORMED },
  { official, "officer-1", "officer 1", PT_MALFORMED },
  { official, "officer-1", "ऑ", PT_MALFORMED },
  { action, "officer-1", "officer/1", PT_MALFORMED },
  { action, "officer-1", "service", PT_MALFORMED }, /* has a note_hash, or none */
  { action, "C-1", "C 1", PT_MALFORMED },
  { action, "C-1", "", PT_MALFORMED },
};

static const Change numbers[] = {
  { report, "255942345", "0", PT_OK },
  { report, "255942345", "-255942345", PT_OK },
  { report, "255942345", "900000000", PT_OK },
  { report, "255942345", "-900000000", PT_OK },
  { report, "255942345", "900000001", PT_MALFORMED },
  { report, "255942345", "-900000001", PT_MALFORMED },
  { report, "255942345", "25.5942345", PT_NOT_CANONICAL },
  { report, "255942345", "2.55942345e8", PT_NOT_CANONICAL },
  { report, "255942345", "0255942345", PT_MALFORMED },
  { report, "851374321", "1800000000", PT_OK },
  { report, "851374321", "-1800000000", PT_OK },
  { report, "851374321", "1800000001", PT_MALFORMED },
  { report, "851374321", "-1800000001", PT_MALFORMED },
  { report, "\"seq\":7", "\"seq\":1", PT_OK },
  { report, "\"seq\":7", "\"seq\":9007199254740991", PT_OK },
  { report, "\"seq\":7", "\"seq\":0", PT_MALFORMED },
  { report, "\"seq\":7", "\"seq\":-1", PT_MALFORMED },
  { report, "\"seq\":7", "\"seq\":9007199254740992", PT_NOT_CANONICAL },
  { report, "1764000001321", "0", PT_OK },
  { report, "1764000001321", "-1", PT_MALFORMED },
  { report, "1764000001000", "0", PT_OK },
  { report, "1764000001000", "-1", PT_MALFORMED },
  { report, "1764000001000", "\"1764000001000\"", PT_MALFORMED },
  { device, "\"customers\":1", "\"customers\":0", PT_OK },
  { device, "\"customers\":1", "\"customers\":-1", PT_MALFORMED },
  { action, "\"n\":2", "\"n\":3", PT_OK },
  { action, "\"n\":2", "\"n\":0", PT_MALFORMED },
  { action, "\"n\":2", "\"n\":-2", PT_MALFORMED },
  { roster, "\"batch\":1", "\"batch\":0", PT_MALFORMED },
  { roster, "\"batch\":1", "\"batch\":9007199254740991", PT_OK },
  { roster, "\"heard\":2", "\"heard\":3", PT_OK },
  { roster, "\"heard\":2", "\"heard\":0", PT_OK },
  { roster, "\"heard\":2", "\"heard\":4", PT_MALFORMED },
  { roster, "\"heard\":2", "\"heard\":-1", PT_MALFORMED },
  { roster, "\"expected\":3", "\"expected\":1", PT_MALFORMED },
  { roster, "\"expected\":3", "\"expected\":-1", PT_MALFORMED },
};

static const Change choices[] = {
  { report, "\"ON\"", "\"OFF\"", PT_OK },
  { report, "\"ON\"", "\"on\"", PT_MALFORMED },
  { report, "\"ON\"", "\"O\"", PT_MALFORMED },
  { report, "\"ON\"", "\"ONN\"", PT_MALFORMED },
  { report, "\"ON\"", "\"OFFF\"", PT_MALFORMED },
  { report, "\"report\"", "\"reports\"", PT_MALFORMED },
  { report, "\"report\"", "\"Report\"", PT_MALFORMED },
  { device, "\"house\"", "\"cluster\"", PT_OK },
  { device, "\"house\"", "\"transformer\"", PT_OK },
  { device, "\"house\"", "\"home\"", PT_MALFORMED },
  { device, "\"active\"", "\"revoked\"", PT_OK },
  { device, "\"active\"", "\"inactive\"", PT_MALFORMED },
  { official, "\"role\":\"officer\"", "\"role\":\"operator\"", PT_OK },
  { official, "\"role\":\"officer\"", "\"role\":\"auditor\"", PT_OK },
  { official, "\"role\":\"officer\"", "\"role\":\"admin\"", PT_MALFORMED },
  { official, "\"active\"", "\"revoked\"", PT_OK },
  { action, "\"resolve\"", "\"file\"", PT_MALFORMED },
  { action, "\"resolve\"", "\"acknowledge\"", PT_OK },
  { action, "\"resolve\"", "\"assign\"", PT_MALFORMED },
  { action, "\"resolve\"", "\"unresolve\"", PT_OK },
  { action, "\"resolve\"", "\"reject\"", PT_OK },
  { action, "\"resolve\"", "\"reopen\"", PT_OK },
  { action, "\"resolve\"", "\"comment\"", PT_OK },
  { action, "\"resolve\"", "\"close\"", PT_MALFORMED },
};

static const Change rules[] = {
  { device, "255900000", "255900001", PT_TOO_PRECISE },
  { device, "255900000", "255950000", PT_TOO_PRECISE },
  { device, "851400000", "851400001", PT_TOO_PRECISE },
  { device, "851400000", "-851499999", PT_TOO_PRECISE },
  { device, "255900000", "-255900000", PT_OK },
  { device, "255900000", "0", PT_OK },
  { device, "255900000", "1", PT_TOO_PRECISE },
  { device, "\"tx-0003\",", "\"tx-0003\",\"feeder\":\"F-11kV.2\",", PT_OK },
  { device, "\"tx-0003\",", "\"tx-0003\",\"feeder\":\"-F\",", PT_MALFORMED },
  { device, "\"tx-0003\",", "\"tx-0003\",\"feeder\":\"F\",\"feeder\":\"F\",", PT_NOT_CANONICAL },
  { device, "\"device\"", "\"feeder\":\"F\",\"device\"", PT_NOT_CANONICAL },
  { device, "\"tx-0003\",", "\"tx-0003\",\"feeder\":null,", PT_NOT_CANONICAL },
  { report, "\"tx-0001\",", "\"tx-0001\",\"feeder\":\"F\",", PT_MALFORMED },
  { official, "\"key\"", "\"feeder\":\"F\",\"key\"", PT_MALFORMED },
  { roster, "\"heard\"", "\"feeder\":\"F\",\"heard\"", PT_MALFORMED },
  { citizen, "\"file\"", "\"reopen\"", PT_MALFORMED }, /* has no category */
  { citizen, "\"category\":\"no-supply\",", "", PT_MALFORMED },
  { citizen, KEY, "", PT_MALFORMED },
  { service, "\"join\"", "\"comment\"", PT_MALFORMED }, /* without words */
  { service, "\"join\"", "\"reopen\"", PT_OK },
  { service, "255900000", "255900001", PT_TOO_PRECISE },
  { service, "\"lat\":255900000,", "", PT_MALFORMED },
  { service, SIG, SIG "\"site\":\"T-1\",", PT_MALFORMED },
  { lost, "\"first\":3", "\"first\":6", PT_MALFORMED },
  { notice, "\"site\"", "\"feeder\"", PT_OK },
  { notice, "\"site\"", "\"area\"", PT_MALFORMED },
  { notice, "\"active\"", "\"withdrawn\"", PT_MALFORMED },
  { notice, "\"active\"", "\"revoked\"", PT_MALFORMED },
  { device, "\"active\"", "\"withdrawn\"", PT_MALFORMED },
  { official, "\"officer-1\"", "\"service\"", PT_MALFORMED },
  { official, "\"officer-1\"", "\"citizen\"", PT_MALFORMED },
  { citizen, "\"file\"", "\"comment\"", PT_MALFORMED },
  { citizen, "\"file\"", "\"resolve\"", PT_MALFORMED },
  { citizen, "\"file\"", "\"acknowledge\"", PT_MALFORMED },
  { citizen, "\"citizen\"", "\"officer-1\"", PT_MALFORMED },
  { citizen, "\"citizen\"", "\"service\"", PT_MALFORMED },
  { citizen, "\"n\":1", "\"n\":2", PT_MALFORMED },
  { citizen, "\"note_hash\":\"" TENS, "\"note_hash\":\"" ZEROS, PT_OK },
  { citizen, "\"prev\":\"" ZEROS, "\"prev\":\"" TENS, PT_MALFORMED },
  { citizen, "\"note_hash\":\"" TENS "\"", "\"note\":\"words\"", PT_MALFORMED },
  { citizen, "\"note_hash\"", "\"note\":\"words\",\"note_hash\"", PT_MALFORMED },
  { action, "\"officer-1\"", "\"citizen\"", PT_MALFORMED },
  { action, "\"note\":\"fuse\"", "\"note\":\"\"", PT_MALFORMED }, /* what ends it says why */
  { action, "\"note\":\"fuse\"", "\"note\":\"a\\nb \\\"c\\\" – बिजली\"", PT_OK },
  { action, "\"note\":\"fuse\"", "\"note_hash\":\"" TENS "\"", PT_MALFORMED },
  { action, "\"note\":\"fuse\"", "\"note\":\"fuse\",\"note_hash\":\"" TENS "\"", PT_MALFORMED },
  { action, "\"n\":2", "\"n\":1", PT_MALFORMED },
  { action, TENS, ZEROS, PT_MALFORMED },
  { action, TENS, HASH_OF ("1A"), PT_MALFORMED },
  { action, TENS, "1a", PT_MALFORMED },
  { action, TENS, TENS "1a", PT_MALFORMED },
  { roster, TENS, HASH_OF ("0g"), PT_MALFORMED },
  { with_block, "\"block\":23456700,", "", PT_MALFORMED },
  { with_block, "\"block_hash\":\"" TENS "\",", "", PT_MALFORMED },
  { with_block, "\"block\":23456700", "\"block\":0", PT_OK },
  { with_block, "\"block\":23456700", "\"block\":-1", PT_MALFORMED },
  { with_block, "\"block\":23456700", "\"block\":\"5\"", PT_MALFORMED },
  { with_block, "\"block_hash\":\"1a", "\"block_hash\":\"0x1a", PT_MALFORMED },
  { with_block, "\"block_hash\":\"1a", "\"block_hash\":\"1A", PT_MALFORMED },
  { roster, TENS, ZEROS, PT_OK },
  { citizen, "\"note_hash\":\"1a", "\"note_hash\":\"1A", PT_MALFORMED },
  { device, "\"BMQ", "\"AMQ", PT_MALFORMED }, /* compressed, infinity, hybrid */
  { device, "\"BMQ", "\"AsQ", PT_MALFORMED },
  { device, "\"BMQ", "\"BsQ", PT_MALFORMED },
  { device, "KZQc\"", "KZQc=\"", PT_MALFORMED },
  { device, "KZQc\"", "KZQd\"", PT_MALFORMED },
  { device, "KZQc\"", "KZQ\"", PT_MALFORMED },
  { device, "KZQc\"", "KZQcA\"", PT_MALFORMED },
  { report, "Get_w\"", "Get_x\"", PT_MALFORMED },
  { report, "Get_w\"", "Get/w\"", PT_MALFORMED },
  { report, "Get_w\"", "Get_w==\"", PT_MALFORMED },
  { report, "Get_w\"", "Get_\"", PT_MALFORMED },
  { report, "Get_w\"", "Get_wA\"", PT_MALFORMED },
  { report, "\"sig\":\"lLjA", "\"sig\":\"lL A", PT_MALFORMED },
  { official, "शिकायत", "", PT_OK },
  { official, "शिकायत", "\\u0000", PT_OK },
  { official, "शिकायत", "\\u000B", PT_NOT_CANONICAL },
  { official, "शिकायत", "\xed\xa0\x80", PT_MALFORMED },
};

static void
test_changes (void)
{
  static const struct
  {
    const Change *changes;
    size_t count;
  } tables[] = { { identifiers, G_N_ELEMENTS (identifiers) },
                 { numbers, G_N_ELEMENTS (numbers) },
                 { choices, G_N_ELEMENTS (choices) },
                 { rules, G_N_ELEMENTS (rules) } };

  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
    for (size_t j = 0; j < tables[i].count; j++)
      {
        const Change *change = &tables[i].changes[j];

        expect_changed (change->sample, change->find, change->replacement, change->expected);
      }
}

/* A refused form is refused although a table refuses too: the bytes come first. */
static void
test_precedence (void)
{
  static const Change changes[] = {
    { report, "\"area\":\"demo-east\",", "\"area\":\"DEMO\",\"b\": 1,", PT_NOT_CANONICAL },
    { report, "\"demo-east\"", "\"DEMO\" ", PT_NOT_CANONICAL },
    { report, "\"power\"", "\"pow\" ", PT_NOT_CANONICAL },
    { report, "\"power\"", "\"pow\"", PT_MALFORMED },
    { device, "\"lat\":255900000", "\"lat\":255900000.5", PT_NOT_CANONICAL },
    { device, "\"lat\":255900000,\"level\":\"house\",\"lon\":851400000",
      "\"lat\":1,\"level\":\"house\",\"lon\":1800000001", PT_MALFORMED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    expect_changed (changes[i].sample, changes[i].find, changes[i].replacement,
                    changes[i].expected);
}

static void
test_forms (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *received
          = g_strndup (strstr (samples[i], "\"received\":"),
                       strcspn (strstr (samples[i], "\"received\":"), ",") + 1);
      g_auto (GStrv) parts = g_strsplit (samples[i], received, 2);
      g_autofree char *posted = g_strconcat (parts[0], parts[1], NULL);
      g_auto (GStrv) unsigned_parts = g_strsplit (posted, SIG, 2);
      g_autofree char *bare = g_strconcat (unsigned_parts[0], unsigned_parts[1], NULL);
      const char *const texts[] = { samples[i], posted, bare };

      for (int form = 0; form < 3; form++)
        for (int text = 0; text < 3; text++)
          {
            PtResult result, expected = form == text ? PT_OK : PT_MALFORMED;
            PtEntry entry;

            result = pt_entry_parse (pt_text (texts[text]), (PtEntryForm) form, &entry);
            g_assert_cmpint (result, ==, expected);
            if (result == PT_OK)
              g_assert_true (entry.has_received == (form == PT_ENTRY_STORED)
                             && entry.has_signature == (form != PT_ENTRY_UNSIGNED));
            else
              g_assert_null (entry.bytes.data);
          }
    }
}

static char *
noted_action (size_t note_size)
{
  g_autofree char *words = g_strnfill (note_size, 'w');
  g_auto (GStrv) parts = g_strsplit (action, "fuse", 2);

  return g_strconcat (parts[0], words, parts[1], NULL);
}

static void
test_large (void)
{
  size_t fixed = strlen (action) - strlen ("fuse");
  g_autofree char *largest = noted_action (PT_ENTRY_MAX - fixed);
  g_autofree char *larger = noted_action (PT_ENTRY_MAX - fixed + 1);
  g_autofree char *spaces = g_strnfill (PT_ENTRY_MAX + 1, ' ');

  expect (pt_text (largest), PT_OK);
  expect (pt_text (larger), PT_TOO_LARGE);
  expect (pt_text (spaces), PT_TOO_LARGE);
}

static void
test_store (void)
{
  g_auto (GStrv) parts = g_strsplit (report, "\"received\":1764000001321,", 2);
  g_autofree char *posted = g_strconcat (parts[0], parts[1], NULL);
  size_t size, needed = strlen (report);
  PtEntry entry, stored;
  char out[1000];

  g_assert_cmpint (pt_entry_parse (pt_text (posted), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  for (size_t room = 0; room < needed; room++)
    {
      g_assert_cmpint (pt_entry_store (&entry, 1764000001321, out, room, &size), ==, PT_NO_SPACE);
      g_assert_cmpuint (size, ==, 0);
    }
  g_assert_cmpint (pt_entry_store (&entry, 1764000001321, out, needed, &size), ==, PT_OK);
  g_assert_cmpmem (out, size, report, needed);
  g_assert_cmpint (pt_entry_store (&entry, -1, out, sizeof out, &size), ==, PT_MALFORMED);
  g_assert_cmpint (pt_entry_store (&entry, PT_INTEGER_MAX + 1, out, sizeof out, &size), ==,
                   PT_MALFORMED);
  g_assert_cmpint (pt_entry_parse (pt_text (report), PT_ENTRY_STORED, &stored), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&stored, 1, out, sizeof out, &size), ==, PT_MALFORMED);
  g_assert_true (pt_entry_same_signed (&entry, &stored));
}

static void
test_store_too_large (void)
{
  g_autofree char *out = g_malloc (2 * PT_ENTRY_MAX);
  g_autofree char *text = noted_action (PT_ENTRY_MAX - (strlen (action) - 4));
  g_auto (GStrv) parts = g_strsplit (text, "\"received\":5,", 2);
  g_autofree char *posted = g_strconcat (parts[0], parts[1], NULL);
  PtEntry entry;
  size_t size;

  g_assert_cmpint (pt_entry_parse (pt_text (posted), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&entry, 5, out, 2 * PT_ENTRY_MAX, &size), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&entry, 10, out, 2 * PT_ENTRY_MAX, &size), ==, PT_TOO_LARGE);
  g_assert_cmpuint (size, ==, 0);
}

static void
test_same_signed (void)
{
  static const struct
  {
    const char *find, *replacement;
    bool same;
  } cases[] = {
    { "1764000001321", "1764000001322", true },
    { "1764000001321", "5", true },
    { "lLjA", "mLjA", true },
    { "\"ON\"", "\"OFF\"", false },
    { "\"seq\":7", "\"seq\":8", false },
    { "tx-0001", "tx-0002", false },
    { "1764000001000", "1764000001001", false },
    { "T-0001", "T-0002", false },
  };
  PtEntry entry, other;

  g_assert_cmpint (pt_entry_parse (pt_text (report), PT_ENTRY_STORED, &entry), ==, PT_OK);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) parts = g_strsplit (report, cases[i].find, 2);
      g_autofree char *text = g_strconcat (parts[0], cases[i].replacement, parts[1], NULL);

      g_assert_cmpint (pt_entry_parse (pt_text (text), PT_ENTRY_STORED, &other), ==, PT_OK);
      g_assert_true (pt_entry_same_signed (&entry, &other) == cases[i].same);
    }
  g_assert_cmpint (pt_entry_parse (pt_text (device), PT_ENTRY_STORED, &other), ==, PT_OK);
  g_assert_false (pt_entry_same_signed (&entry, &other));
}

static void
expect_written (const PtEntry *fields, PtResult expected)
{
  char out[1000];
  size_t size = 99;

  g_assert_cmpint (pt_entry_write (fields, out, sizeof out, &size), ==, expected);
  g_assert_true ((size > 0) == (expected == PT_OK));
}

/* The writer refuses what the parser would. */
static void
test_write (void)
{
  PtEntry good = { .kind = PT_ENTRY_REPORT,
                   .area = pt_text ("demo-east"),
                   .device = pt_text ("tx-1"),
                   .site = pt_text ("T-1"),
                   .lat = -5,
                   .lon = 6,
                   .seq = 1 };
  static const char expected[] = "{\"area\":\"demo-east\",\"device\":\"tx-1\",\"kind\":\"report\","
                                 "\"lat\":-5,\"lon\":6,\"power\":\"OFF\",\"seq\":1,"
                                 "\"site\":\"T-1\",\"ts\":0}";
  PtEntry bad;
  char out[300];
  size_t size;

  g_assert_cmpint (pt_entry_write (&good, out, sizeof out, &size), ==, PT_OK);
  g_assert_cmpmem (out, size, expected, strlen (expected));
  for (size_t room = 0; room < strlen (expected); room++)
    g_assert_cmpint (pt_entry_write (&good, out, room, &size), ==, PT_NO_SPACE);
#define REFUSED(change)                                                                            \
  bad = good;                                                                                      \
  bad.change;                                                                                      \
  expect_written (&bad, PT_MALFORMED)
  REFUSED (area = pt_text ("Demo"));
  REFUSED (area = pt_span (NULL, 0));
  REFUSED (device = pt_text ("a\"b"));
  REFUSED (site = pt_text ("\xff"));
  REFUSED (seq = 0);
  REFUSED (seq = INT64_MAX);
  REFUSED (lat = 900000001);
  REFUSED (ts = -1);
  REFUSED (power = (PtPower) 2);
  REFUSED (kind = (PtEntryKind) PT_ENTRY_KINDS);
  REFUSED (kind = (PtEntryKind) -1);
  REFUSED (kind = PT_ENTRY_ROSTER);
#undef REFUSED
}

static void
test_write_text (void)
{
  PtEntry fields = { .kind = PT_ENTRY_ACTION,
                     .action = PT_ACTION_COMMENT,
                     .area = pt_text ("demo"),
                     .by = pt_text ("officer"),
                     .complaint = pt_text ("C"),
                     .site = pt_text ("T"),
                     .n = 1,
                     .note = pt_text ("line\n\"two\" \\ \x01 बिजली") };
  char out[1000], note[100];
  PtEntry entry;
  size_t size;

  g_assert_cmpint (pt_entry_write (&fields, out, sizeof out, &size), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (out, size), PT_ENTRY_UNSIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_json_unescape (entry.note, note, sizeof note, &size), ==, PT_OK);
  g_assert_cmpmem (note, size, fields.note.data, fields.note.size);
  fields.note = pt_text ("\xc3");
  expect_written (&fields, PT_MALFORMED);
  fields.note = pt_text ("");
  expect_written (&fields, PT_OK);
  fields.action = PT_ACTION_FILE;
  expect_written (&fields, PT_MALFORMED); /* without a category */
  fields.category = pt_text ("no-supply");
  expect_written (&fields, PT_OK);
  fields.n = 2;
  expect_written (&fields, PT_MALFORMED);
}

static bool
never_sign (void *context, const PtHash *digest, uint8_t signature[PT_SIGNATURE_SIZE])
{
  return false;
}

static void
test_sign_refused (void)
{
  const PtSigner broken = { .sign = never_sign };
  PtEntry entry;
  char out[1000];
  size_t size = 99;

  g_assert_cmpint (pt_entry_parse (pt_text (report), PT_ENTRY_STORED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_sign (&entry, &broken, out, sizeof out, &size), ==, PT_MALFORMED);
  entry.has_signature = entry.has_received = false;
  g_assert_cmpint (pt_entry_sign (&entry, &broken, out, sizeof out, &size), ==, PT_BAD_KEY);
  g_assert_cmpuint (size, ==, 0);
}

static void
test_names (void)
{
  PtLevel level;

  g_assert_cmpstr (pt_entry_kind_name (PT_ENTRY_ROSTER), ==, "roster");
  g_assert_cmpstr (pt_level_name (PT_LEVEL_HOUSE), ==, "house");
  g_assert_cmpstr (pt_status_name (PT_STATUS_REVOKED), ==, "revoked");
  g_assert_cmpstr (pt_power_name (PT_POWER_ON), ==, "ON");
  g_assert_cmpstr (pt_role_name (PT_ROLE_AUDITOR), ==, "auditor");
  g_assert_cmpstr (pt_action_name (PT_ACTION_COMMENT), ==, "comment");
  g_assert_cmpstr (pt_action_name ((PtAction) 99), ==, "unknown");
  g_assert_cmpstr (pt_power_name ((PtPower) -1), ==, "unknown");
  g_assert_true (pt_level_parse (pt_text ("cluster"), &level) && level == PT_LEVEL_CLUSTER);
  g_assert_false (pt_level_parse (pt_text ("Cluster"), &level));
  g_assert_false (pt_level_parse (pt_text (""), &level));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/entry/samples", test_samples);
  g_test_add_func ("/entry/vectors", test_vectors);
  g_test_add_func ("/entry/refused-feeders", test_refused_feeders);
  g_test_add_func ("/entry/members", test_members);
  g_test_add_func ("/entry/other-kinds", test_other_kinds);
  g_test_add_func ("/entry/places", test_places);
  g_test_add_func ("/entry/changes", test_changes);
  g_test_add_func ("/entry/precedence", test_precedence);
  g_test_add_func ("/entry/forms", test_forms);
  g_test_add_func ("/entry/large", test_large);
  g_test_add_func ("/entry/store", test_store);
  g_test_add_func ("/entry/store-too-large", test_store_too_large);
  g_test_add_func ("/entry/same-signed", test_same_signed);
  g_test_add_func ("/entry/write", test_write);
  g_test_add_func ("/entry/write-text", test_write_text);
  g_test_add_func ("/entry/sign-refused", test_sign_refused);
  g_test_add_func ("/entry/names", test_names);
  return g_test_run ();
}
