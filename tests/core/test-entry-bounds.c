/* SPDX-License-Identifier: Apache-2.0 */
/* Every member of every kind at its edge and one beyond, and every name of every enum. */
#include "pt-vectors.h"

#include "pt-entry.h"

#define KEY                                                                                        \
  "BMQueuJuxNuGpR4pdniklOCdhALeCZ0VfJkzChHtlf90ZpFijluKK9Dom7OsZRppQww9AgBy2sRuD63z7C3KZQc"
#define HASH "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ID_64 "a234567890123456789012345678901234567890123456789012345678901234"
#define AREA_31 "a-34567890123456789012345678901"

/* Unsigned entries. */
static const char *const samples[] = {
  [PT_ENTRY_DEVICE] = "{\"area\":\"demo\",\"customers\":1,\"device\":\"tx\",\"key\":\"" KEY
                      "\",\"kind\":\"device\",\"lat\":200000,\"level\":\"cluster\","
                      "\"lon\":300000,\"site\":\"T\",\"status\":\"active\",\"ts\":4}",
  [PT_ENTRY_OFFICIAL] = "{\"area\":\"demo\",\"key\":\"" KEY "\",\"kind\":\"official\","
                        "\"name\":\"N\",\"official\":\"o-1\",\"role\":\"officer\","
                        "\"status\":\"active\",\"ts\":4}",
  [PT_ENTRY_REPORT] = "{\"area\":\"demo\",\"device\":\"tx\",\"kind\":\"report\",\"lat\":200000,"
                      "\"lon\":300000,\"power\":\"ON\",\"seq\":7,\"site\":\"T\",\"ts\":4}",
  [PT_ENTRY_ACTION] = "{\"action\":\"resolve\",\"area\":\"demo\",\"by\":\"o-1\","
                      "\"complaint\":\"C\",\"kind\":\"action\",\"n\":2,\"note\":\"w\","
                      "\"prev\":\"" HASH "\",\"site\":\"T\",\"ts\":4}",
  [PT_ENTRY_ROSTER] = "{\"area\":\"demo\",\"batch\":1,\"expected\":3,\"heard\":2,"
                      "\"kind\":\"roster\",\"silent_root\":\"" HASH "\",\"ts\":4}",
  [PT_ENTRY_LOST] = "{\"area\":\"demo\",\"device\":\"tx\",\"first\":3,\"kind\":\"lost\","
                    "\"last\":5,\"reason\":\"jump\",\"ts\":4}",
  [PT_ENTRY_NOTICE] = "{\"about\":\"shutdown\",\"area\":\"demo\",\"by\":\"o-1\",\"end\":9,"
                      "\"kind\":\"notice\",\"n\":2,\"note\":\"w\",\"notice\":\"N\",\"prev\":\"" HASH
                      "\",\"scope\":\"site\",\"start\":8,\"status\":\"active\","
                      "\"target\":\"T\",\"ts\":4}",
  [PT_ENTRY_PROFILE] = "{\"area\":\"demo\",\"document\":\"w\",\"kind\":\"profile\",\"ts\":4}",
};

/* @sample with the value of @key exchanged; NULL if it has no such key. */
static char *
with_value (const char *sample, const char *key, const char *value)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\":", key);
  const char *at = strstr (sample, quoted);
  size_t skip;

  if (!at)
    return NULL;
  at += strlen (quoted);
  skip = strcspn (at, ",}");
  return g_strdup_printf ("%.*s%s%s", (int) (at - sample), sample, value, at + skip);
}

static PtResult
parse (const char *text)
{
  g_autofree char *copy = g_memdup2 (text, strlen (text));
  PtEntry entry, zero = { 0 };
  PtResult result = pt_entry_parse (pt_span (copy, strlen (text)), PT_ENTRY_UNSIGNED, &entry);

  if (result != PT_OK)
    g_assert_cmpmem (&entry, sizeof entry, &zero, sizeof zero);
  return result;
}

typedef struct
{
  const char *key, *value;
  PtResult expected;
} Case;

/* In every kind that has the key. */
static void
check_cases (const Case *cases, size_t count)
{
  for (size_t i = 0; i < count; i++)
    {
      bool used = false;

      for (size_t kind = 0; kind < G_N_ELEMENTS (samples); kind++)
        {
          g_autofree char *text = with_value (samples[kind], cases[i].key, cases[i].value);

          if (text && parse (text) != cases[i].expected)
            g_error ("expected %s: %s", pt_result_slug (cases[i].expected), text);
          used = used || text;
        }
      g_assert_true (used);
    }
}

static void
test_integers (void)
{
  static const Case cases[] = {
    { "customers", "0", PT_OK },
    { "customers", "-1", PT_MALFORMED },
    { "customers", "9007199254740991", PT_OK },
    { "customers", "9007199254740992", PT_NOT_CANONICAL },
    { "lat", "900000000", PT_OK },
    { "lat", "-900000000", PT_OK },
    { "lat", "900000001", PT_MALFORMED },
    { "lat", "-900000001", PT_MALFORMED },
    { "lat", "1", PT_OK },
    { "lon", "1800000000", PT_OK },
    { "lon", "-1800000000", PT_OK },
    { "lon", "1800000001", PT_MALFORMED },
    { "lon", "-1800000001", PT_MALFORMED },
    { "lon", "4294967296", PT_MALFORMED },
    { "seq", "1", PT_OK },
    { "seq", "0", PT_MALFORMED },
    { "seq", "-1", PT_MALFORMED },
    { "seq", "9007199254740991", PT_OK },
    { "seq", "9007199254740992", PT_NOT_CANONICAL },
    { "n", "9007199254740991", PT_OK },
    { "n", "0", PT_MALFORMED },
    { "n", "1", PT_MALFORMED }, /* with something before it */
    { "batch", "0", PT_MALFORMED },
    { "batch", "9007199254740991", PT_OK },
    { "expected", "2", PT_OK },
    { "expected", "1", PT_MALFORMED }, /* fewer than were heard */
    { "expected", "9007199254740991", PT_OK },
    { "heard", "0", PT_OK },
    { "heard", "3", PT_OK },
    { "heard", "4", PT_MALFORMED },
    { "heard", "-1", PT_MALFORMED },
    { "first", "1", PT_OK },
    { "first", "0", PT_MALFORMED },
    { "first", "6", PT_MALFORMED }, /* beyond the last */
    { "last", "3", PT_OK },
    { "last", "2", PT_MALFORMED },
    { "last", "9007199254740991", PT_OK },
    { "start", "0", PT_OK },
    { "start", "9", PT_MALFORMED }, /* when it ends */
    { "start", "-1", PT_MALFORMED },
    { "end", "9007199254740991", PT_OK },
    { "end", "8", PT_MALFORMED },
    { "ts", "0", PT_OK },
    { "ts", "-1", PT_MALFORMED },
    { "ts", "9007199254740991", PT_OK },
    { "ts", "9007199254740992", PT_NOT_CANONICAL },
    { "ts", "4.0", PT_NOT_CANONICAL },
    { "ts", "\"4\"", PT_MALFORMED },
    { "ts", "04", PT_MALFORMED },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_identifiers (void)
{
  static const Case cases[] = {
    { "area", "\"" AREA_31 "\"", PT_OK },
    { "area", "\"" AREA_31 "2\"", PT_MALFORMED },
    { "area", "\"-a\"", PT_MALFORMED },
    { "area", "\"a_b\"", PT_MALFORMED },
    { "area", "\"Demo\"", PT_MALFORMED },
    { "device", "\"" ID_64 "\"", PT_OK },
    { "device", "\"" ID_64 "5\"", PT_MALFORMED },
    { "device", "\".a\"", PT_MALFORMED },
    { "device", "\"A._:-9\"", PT_OK },
    { "device", "\"a/b\"", PT_MALFORMED },
    { "site", "\"" ID_64 "\"", PT_OK },
    { "site", "\"" ID_64 "5\"", PT_MALFORMED },
    { "site", "\"a b\"", PT_MALFORMED },
    { "official", "\"" ID_64 "5\"", PT_MALFORMED },
    { "official", "\":a\"", PT_MALFORMED },
    { "complaint", "\"" ID_64 "5\"", PT_MALFORMED },
    { "complaint", "\"\\u0001\"", PT_MALFORMED },
    { "by", "\"" ID_64 "\"", PT_OK },
    { "by", "\"\"", PT_MALFORMED },
    { "notice", "\"" ID_64 "\"", PT_OK },
    { "notice", "\"" ID_64 "5\"", PT_MALFORMED },
    { "target", "\"a b\"", PT_MALFORMED },
  };
  static const char *const others[] = { "\"citizen\"", "\"service\"" };

  check_cases (cases, G_N_ELEMENTS (cases));
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++) /* they write no note into the log */
    {
      g_autofree char *text = with_value (samples[PT_ENTRY_ACTION], "by", others[i]);

      g_assert_cmpint (parse (text), ==, PT_MALFORMED);
    }
}

static void
test_binaries (void)
{
  static const Case cases[] = {
    { "prev", "\"" ZEROS "\"", PT_MALFORMED }, /* only for n = 1 */
    { "prev", "\"" HASH "1a\"", PT_MALFORMED },
    { "prev", "\"1a\"", PT_MALFORMED },
    { "silent_root", "\"" ZEROS "\"", PT_OK },
    { "silent_root", "\"" HASH "0\"", PT_MALFORMED },
    { "silent_root", "\"\"", PT_MALFORMED },
    { "key", "\"" KEY "=\"", PT_MALFORMED },
    { "key", "\"" KEY "A\"", PT_MALFORMED },
    { "key", "\"\"", PT_MALFORMED },
    { "key", "0", PT_MALFORMED },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

/* Capitals are another encoding; a point's first byte other than 4 is another form. */
static void
test_other_encodings (void)
{
  for (const char *first = "AIMQYDE"; *first; first++)
    {
      g_autofree char *value = g_strdup_printf ("\"%c%s\"", *first, KEY + 1);
      g_autofree char *text = with_value (samples[PT_ENTRY_DEVICE], "key", value);

      g_assert_cmpint (parse (text), ==, PT_MALFORMED);
    }
  for (int at = 1; at < 64; at += 2)
    {
      g_autofree char *hash = g_strdup (HASH), *value = NULL, *text = NULL;

      hash[at] = 'A';
      value = g_strdup_printf ("\"%s\"", hash);
      text = with_value (samples[PT_ENTRY_ROSTER], "silent_root", value);
      g_assert_cmpint (parse (text), ==, PT_MALFORMED);
    }
}

/* Only a house is held to cells, in either coordinate. */
static void
test_cells (void)
{
  static const struct
  {
    const char *level, *key, *value;
    PtResult expected;
  } cases[] = {
    { "\"house\"", "lat", "100000", PT_OK },
    { "\"house\"", "lat", "-100000", PT_OK },
    { "\"house\"", "lat", "0", PT_OK },
    { "\"house\"", "lat", "900000000", PT_OK },
    { "\"house\"", "lat", "99999", PT_TOO_PRECISE },
    { "\"house\"", "lat", "100001", PT_TOO_PRECISE },
    { "\"house\"", "lat", "-1", PT_TOO_PRECISE },
    { "\"house\"", "lon", "1800000000", PT_OK },
    { "\"house\"", "lon", "1799999999", PT_TOO_PRECISE },
    { "\"house\"", "lon", "-1", PT_TOO_PRECISE },
    { "\"house\"", "lon", "1800000001", PT_MALFORMED },
    { "\"transformer\"", "lat", "99999", PT_OK },
    { "\"cluster\"", "lon", "-1", PT_OK },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *level = with_value (samples[PT_ENTRY_DEVICE], "level", cases[i].level);
      g_autofree char *text = with_value (level, cases[i].key, cases[i].value);

      g_assert_cmpint (parse (text), ==, cases[i].expected);
    }
}

typedef struct
{
  PtEntryKind kind;
  const char *key, *names[PT_ACTION_COUNT + 1];
} Enum;

static const Enum enums[] = {
  { PT_ENTRY_DEVICE, "level", { "transformer", "cluster", "house" } },
  { PT_ENTRY_DEVICE, "status", { "active", "revoked" } },
  { PT_ENTRY_OFFICIAL, "status", { "active", "revoked" } },
  { PT_ENTRY_OFFICIAL, "role", { "operator", "officer", "auditor" } },
  { PT_ENTRY_REPORT, "power", { "OFF", "ON" } },
  { PT_ENTRY_ACTION,
    "action",
    { "file", "acknowledge", "assign", "resolve", "unresolve", "reject", "reopen", "comment",
      "join", "approve", "duplicate", "confirm", "withdraw" } },
  { PT_ENTRY_LOST, "reason", { "jump", "overwritten", "reset" } },
  { PT_ENTRY_NOTICE, "about", { "shutdown", "estimate" } },
  { PT_ENTRY_NOTICE, "status", { "active", "withdrawn" } },
};

/* What a name asks for besides, so that it is not enough by itself. */
static bool
needs_more (const char *name)
{
  return g_str_equal (name, "file") || g_str_equal (name, "assign")
         || g_str_equal (name, "duplicate");
}

/* The name as it is, and bent: longer, shorter, in the other case, with a space, with a NUL. */
static void
check_name (const Enum *self, const char *name)
{
  static const char *const formats[]
      = { "\"%s\"", "\"%ss\"", "\" %s\"", "\"%s \"", "\"%s\\u0000\"", "\"x%s\"", "[\"%s\"]" };
  g_autofree char *up = g_ascii_strup (name, -1), *down = g_ascii_strdown (name, -1);
  const char *bent[] = { name + 1, g_str_equal (name, up) ? down : up, "", "unknown", "0" };

  for (size_t i = 0; i < G_N_ELEMENTS (formats) + G_N_ELEMENTS (bent); i++)
    {
      bool first = i < G_N_ELEMENTS (formats);
      const char *word = first ? name : bent[i - G_N_ELEMENTS (formats)];
      g_auto (GStrv) parts = g_strsplit (formats[first ? i : 0], "%s", 2);
      g_autofree char *value = g_strconcat (parts[0], word, parts[1], NULL);
      g_autofree char *text = with_value (samples[self->kind], self->key, value);

      if (parse (text) != (i == 0 && !needs_more (name) ? PT_OK : PT_MALFORMED))
        g_error ("%s", text);
    }
}

static void
test_names (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (enums); i++)
    for (size_t j = 0; enums[i].names[j]; j++)
      check_name (&enums[i], enums[i].names[j]);
}

/* The numbers of the header in the order of the table, and one on either side of it. */
static void
test_name_numbers (void)
{
  static const char *const statuses[] = { "active", "revoked", "withdrawn" };

  for (int i = -1; i <= PT_ACTION_COUNT; i++)
    {
      bool is_action = i >= 0 && i < PT_ACTION_COUNT, is_pair = i >= 0 && i < 2,
           is_triple = i >= 0 && i < 3;

      g_assert_cmpstr (pt_level_name ((PtLevel) i), ==, is_triple ? enums[0].names[i] : "unknown");
      g_assert_cmpstr (pt_status_name ((PtStatus) i), ==, is_triple ? statuses[i] : "unknown");
      g_assert_cmpstr (pt_role_name ((PtRole) i), ==, is_triple ? enums[3].names[i] : "unknown");
      g_assert_cmpstr (pt_power_name ((PtPower) i), ==, is_pair ? enums[4].names[i] : "unknown");
      g_assert_cmpstr (pt_action_name ((PtAction) i), ==,
                       is_action ? enums[5].names[i] : "unknown");
      g_assert_cmpstr (pt_lost_reason_name ((PtLostReason) i), ==,
                       is_triple ? enums[6].names[i] : "unknown");
      g_assert_cmpstr (pt_about_name ((PtNoticeAbout) i), ==,
                       is_pair ? enums[7].names[i] : "unknown");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/entry-bounds/integers", test_integers);
  g_test_add_func ("/entry-bounds/identifiers", test_identifiers);
  g_test_add_func ("/entry-bounds/binaries", test_binaries);
  g_test_add_func ("/entry-bounds/other-encodings", test_other_encodings);
  g_test_add_func ("/entry-bounds/cells", test_cells);
  g_test_add_func ("/entry-bounds/names", test_names);
  g_test_add_func ("/entry-bounds/name-numbers", test_name_numbers);
  return g_test_run ();
}
