/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vectors.h"

static void
test_slugs (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 0; i < PT_RESULT_COUNT; i++)
    {
      const char *slug = pt_result_slug ((PtResult) i);

      g_assert_nonnull (slug);
      g_assert_true (g_hash_table_add (seen, (gpointer) slug));
      for (const char *c = slug; *c; c++)
        g_assert_true (g_ascii_islower (*c) || *c == '-');
    }
  g_assert_cmpstr (pt_result_slug (PT_NOT_CANONICAL), ==, "not-canonical");
  g_assert_cmpstr (pt_result_slug (PT_TOO_PRECISE), ==, "too-precise");
  g_assert_cmpstr (pt_result_slug (PT_RESULT_COUNT), ==, "unknown");
  g_assert_cmpstr (pt_result_slug ((PtResult) -1), ==, "unknown");
}

static void
test_spans (void)
{
  static const struct
  {
    const char *a, *b;
    int order;
  } cases[] = {
    { "", "", 0 },
    { "a", "a", 0 },
    { "a", "b", -1 },
    { "b", "a", 1 },
    { "", "a", -1 },
    { "a", "", 1 },
    { "a", "ab", -1 },
    { "ab", "b", -1 },
    { "B", "a", -1 },
    { "z", "\x80", -1 },
    { "n", "note", -1 },
    { "note", "note_hash", -1 },
    { "silent_root", "sig", 1 },
    { "\xff", "\x7f", 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtSpan a = pt_text (cases[i].a), b = pt_text (cases[i].b);
      int order = pt_span_compare (a, b);

      g_assert_cmpint ((order > 0) - (order < 0), ==, cases[i].order);
      g_assert_true (pt_span_equal (a, b) == (cases[i].order == 0));
      g_assert_true (pt_span_is (a, cases[i].b) == (cases[i].order == 0));
      g_assert_true (pt_span_is (b, cases[i].a) == (cases[i].order == 0));
    }
  g_assert_true (pt_span_equal (pt_span (NULL, 0), pt_span ("x", 0)));
  g_assert_cmpint (pt_span_compare (pt_span (NULL, 0), pt_span ("x", 0)), ==, 0);
  g_assert_true (pt_span_is (pt_span (NULL, 0), ""));
  g_assert_false (pt_span_is (pt_span ("a\0b", 3), "a"));
  g_assert_false (pt_span_is (pt_span ("a\0", 2), "a"));
}

static void
check_identifier (PtSpan text, bool area, bool id)
{
  g_assert_true (pt_is_area_id (text) == area);
  g_assert_true (pt_is_id (text) == id);
}

static void
test_identifiers (void)
{
  static const struct
  {
    const char *text;
    bool area, id;
  } cases[] = {
    { "", 0, 0 },       { "a", 1, 1 },     { "0", 1, 1 },      { "demo-east", 1, 1 },
    { "a--", 1, 1 },    { "-a", 0, 0 },    { "A", 0, 1 },      { "tx-0001", 1, 1 },
    { "T-0001", 0, 1 }, { "a.b", 0, 1 },   { "a_b", 0, 1 },    { "a:b", 0, 1 },
    { ".a", 0, 0 },     { "_a", 0, 0 },    { ":a", 0, 0 },     { "a b", 0, 0 },
    { " a", 0, 0 },     { "a ", 0, 0 },    { "a\n", 0, 0 },    { "a/b", 0, 0 },
    { "a\\b", 0, 0 },   { "a\"b", 0, 0 },  { "é", 0, 0 },      { "aé", 0, 0 },
    { "a\x7f", 0, 0 },  { "a\xff", 0, 0 }, { "a@b", 0, 0 },    { "a[b", 0, 0 },
    { "a`b", 0, 0 },    { "a{b", 0, 0 },   { "AZaz09", 0, 1 }, { "azA", 0, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    check_identifier (pt_text (cases[i].text), cases[i].area, cases[i].id);
  check_identifier (pt_span (NULL, 0), false, false);
  check_identifier (pt_span ("a\0b", 3), false, false);
}

static void
test_identifier_lengths (void)
{
  char text[PT_ID_MAX + 2];

  memset (text, 'a', sizeof text);
  for (size_t size = 0; size <= sizeof text; size++)
    check_identifier (pt_span (text, size), size >= 1 && size <= 31, size >= 1 && size <= 64);
}

/* Every byte, first and later, against the formats' own character lists. */
static void
test_identifier_bytes (void)
{
  static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  for (int byte = 1; byte < 256; byte++)
    {
      char first[2] = { (char) byte, 'a' }, later[2] = { 'a', (char) byte };
      bool is_lower = strchr (lower, byte), is_upper = strchr (upper, byte);

      check_identifier (pt_span (first, 2), is_lower, is_lower || is_upper);
      check_identifier (pt_span (later, 2), is_lower || byte == '-',
                        is_lower || is_upper || strchr ("._:-", byte));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/slugs", test_slugs);
  g_test_add_func ("/base/spans", test_spans);
  g_test_add_func ("/base/identifiers", test_identifiers);
  g_test_add_func ("/base/identifier-lengths", test_identifier_lengths);
  g_test_add_func ("/base/identifier-bytes", test_identifier_bytes);
  return g_test_run ();
}
