/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: UTF-8 that is not, escapes that may not be, and every place of both. */
#include "pt-json-walk.h"

/* After Markus Kuhn's stress test and RFC 3629: what is good stands beside what is one off. */
static const struct
{
  const char *text, *why;
  bool good;
} sequences[] = {
  { "\x7f", "U+007F", true },
  { "\xc2\x80", "U+0080", true },
  { "\xdf\xbf", "U+07FF", true },
  { "\xe0\xa0\x80", "U+0800", true },
  { "\xed\x9f\xbf", "U+D7FF", true },
  { "\xee\x80\x80", "U+E000", true },
  { "\xef\xbf\xbd", "U+FFFD", true },
  { "\xef\xbf\xbe", "U+FFFE, a noncharacter", true },
  { "\xef\xbf\xbf", "U+FFFF, a noncharacter", true },
  { "\xef\xbb\xbf", "U+FEFF inside a string", true },
  { "\xf0\x90\x80\x80", "U+10000", true },
  { "\xf1\x80\x80\x80", "U+40000", true },
  { "\xf4\x8f\xbf\xbf", "U+10FFFF", true },
  { "\xe2\x80\xa8\xe2\x80\xa9", "line separators are not escaped", true },
  { "\x80", "a continuation alone", false },
  { "\xbf", "the last continuation alone", false },
  { "\x80\xbf\x80\xbf", "continuations alone", false },
  { "\xc2", "a lead of two alone", false },
  { "\xe0\xa0", "a lead of three, one short", false },
  { "\xf0\x90\x80", "a lead of four, one short", false },
  { "\xc2 ", "a lead, then a space", false },
  { "\xe0 \x80", "a space within", false },
  { "\xe2\x82 ", "a space for the last", false },
  { "\xf0\x9f\x98 ", "a space for the last of four", false },
  { "\xc3\xc3\xa9", "a lead twice", false },
  { "\xc0\x80", "NUL in two bytes", false },
  { "\xc0\xaf", "a slash in two bytes", false },
  { "\xc1\xbf", "U+007F in two bytes", false },
  { "\xe0\x80\xaf", "a slash in three bytes", false },
  { "\xe0\x9f\xbf", "U+07FF in three bytes", false },
  { "\xf0\x80\x80\xaf", "a slash in four bytes", false },
  { "\xf0\x8f\xbf\xbf", "U+FFFF in four bytes", false },
  { "\xed\xa0\x80", "U+D800", false },
  { "\xed\xad\xbf", "U+DB7F", false },
  { "\xed\xb0\x80", "U+DC00", false },
  { "\xed\xbf\xbf", "U+DFFF", false },
  { "\xed\xa0\xbd\xed\xb8\x80", "a pair of surrogates (CESU-8)", false },
  { "\xf4\x90\x80\x80", "U+110000", false },
  { "\xf5\x80\x80\x80", "a lead beyond", false },
  { "\xf7\xbf\xbf\xbf", "U+1FFFFF", false },
  { "\xf8\x88\x80\x80\x80", "five bytes", false },
  { "\xfc\x84\x80\x80\x80\x80", "six bytes", false },
  { "\xfe", "never a byte of UTF-8", false },
  { "\xff", "never a byte of UTF-8", false },
  { "\xfe\xff", "a mark of UTF-16", false },
};

static void
test_utf8 (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (sequences); i++)
    {
      PtSpan text = pt_text (sequences[i].text);
      g_autofree char *copy = g_memdup2 (text.data, text.size);
      PtResult expected = sequences[i].good ? PT_OK : PT_MALFORMED;

      if (pt_is_utf8 (pt_span (copy, text.size)) != sequences[i].good)
        g_error ("UTF-8: %s", sequences[i].why);
      pt_expect_wrapped ("{\"a\":\"", text, "\"}", expected, sequences[i].why);
      pt_expect_wrapped ("{\"", text, "\":1}", expected, sequences[i].why);
      pt_expect_wrapped ("{\"a\":[\"1234567", text, "\"]}", expected, sequences[i].why);
    }
}

/* The eight bytes that are looked at together must miss nothing at any offset. */
static void
test_every_offset (void)
{
  static const struct
  {
    const char *text, *why;
    PtResult expected;
  } cases[] = {
    { "\x1f", "a control", PT_MALFORMED },
    { "\x01", "a control", PT_MALFORMED },
    { "\x80", "a continuation", PT_MALFORMED },
    { "\xff", "a byte of ones", PT_MALFORMED },
    { "\\q", "no escape", PT_MALFORMED },
    { "\\/", "a needless escape", PT_NOT_CANONICAL },
    { "\\u0041", "a needless escape", PT_NOT_CANONICAL },
    { "\\u001f", "a control, escaped", PT_OK },
    { "\\\"", "a quote, escaped", PT_OK },
    { "\xf0\x9f\x98\x80", "four bytes", PT_OK },
    { "\x7f", "DEL", PT_OK },
    { " !#[]~", "the neighbours of the quote and the backslash", PT_OK },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int before = 0; before < 20; before++)
      for (int after = 0; after < 10; after++)
        {
          g_autofree char *open = g_strdup_printf ("{\"a\":\"%.*s", before, "abcdefghijklmnopqrst");
          g_autofree char *close = g_strdup_printf ("%.*s\"}", after, "zyxwvutsrq");

          pt_expect_wrapped (open, pt_text (cases[i].text), close, cases[i].expected, cases[i].why);
        }
}

/* Which of the 256 bytes stand as they are in a string. */
static void
test_every_byte (void)
{
  for (int byte = 0; byte < 256; byte++)
    {
      char text = (char) byte;
      bool good = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';

      pt_expect_wrapped ("{\"a\":\"", pt_span (&text, 1), "\"}", good ? PT_OK : PT_MALFORMED,
                         "a byte as it is");
    }
}

/* Which letters may follow a backslash, and which of those JSON knows but RFC 8785 never writes. */
static void
test_every_short_escape (void)
{
  for (int byte = 0; byte < 256; byte++)
    {
      char text[] = { '\\', (char) byte };
      PtResult expected = PT_MALFORMED;

      if (byte != 0 && strchr ("\"\\bfnrt", byte))
        expected = PT_OK;
      else if (byte == '/')
        expected = PT_NOT_CANONICAL;
      pt_expect_wrapped ("{\"a\":\"", pt_span (text, 2), "\"}", expected, "a short escape");
    }
}

/* Every code unit escaped, in both cases: 27 controls have no other form; no other is canonical. */
static void
test_every_unit_escape (void)
{
  for (unsigned unit = 0; unit < 65536; unit++)
    {
      bool control = unit < 0x20 && (unit < 8 || unit > 13 || unit == 11);
      g_autofree char *lower = g_strdup_printf ("\\u%04x", unit);
      g_autofree char *upper = g_strdup_printf ("\\u%04X", unit);
      bool same = g_str_equal (lower, upper);

      pt_expect_wrapped ("{\"a\":\"", pt_text (lower), "\"}", control ? PT_OK : PT_NOT_CANONICAL,
                         "an escape");
      if (!same)
        pt_expect_wrapped ("{\"a\":\"", pt_text (upper), "\"}", PT_NOT_CANONICAL, "in capitals");
    }
}

/* Keys are ordered by their bytes as they are written; what JavaScript would order by UTF-16 units
 * is not in any table of ours. */
static void
test_key_order (void)
{
  static const char *const ascending[] = { "",
                                           "\\n",
                                           "\\u0000",
                                           "a",
                                           "a\\n",
                                           "a\xc3\xa9",
                                           "aa",
                                           "ab",
                                           "b",
                                           "z",
                                           "\x7f",
                                           "\xc2\x80",
                                           "\xc3\xa9",
                                           "\xe0\xa0\x80",
                                           "\xee\x80\x80",
                                           "\xef\xbf\xbf",
                                           "\xf0\x90\x80\x80" };

  for (size_t i = 0; i < G_N_ELEMENTS (ascending); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (ascending); j++)
      {
        g_autofree char *text = g_strdup_printf ("{\"%s\":1,\"%s\":2}", ascending[i], ascending[j]);
        int order = strcmp (ascending[i], ascending[j]);

        pt_expect_walk (pt_text (text), order < 0 ? PT_OK : PT_NOT_CANONICAL, "two keys");
      }
}

/* Unescaping gives back each code point, pairs as one, and refuses each half. */
static void
check_point (gunichar point)
{
  char expected[8], out[8];
  size_t size, length = (size_t) g_unichar_to_utf8 (point, expected);
  g_autofree char *text = NULL;

  if (point < 0x10000)
    text = g_strdup_printf ("\\u%04x", point);
  else
    text = g_strdup_printf ("\\u%04x\\u%04x", 0xd800 + ((point - 0x10000) >> 10),
                            0xdc00 + (point & 0x3ff));
  g_assert_cmpint (pt_json_unescape (pt_text (text), out, length, &size), ==, PT_OK);
  g_assert_cmpmem (out, size, expected, length);
  g_assert_cmpint (pt_json_unescape (pt_text (text), out, length - 1, &size), ==, PT_NO_SPACE);
  g_assert_cmpuint (size, ==, 0);
  for (size_t cut = 1; cut < strlen (text); cut++)
    if (cut % 6 != 0 || point >= 0x10000)
      {
        g_autofree char *part = g_memdup2 (text, cut);

        g_assert_cmpint (pt_json_unescape (pt_span (part, cut), out, sizeof out, &size), ==,
                         PT_MALFORMED);
        g_assert_cmpuint (size, ==, 0);
      }
}

static void
test_unescape_planes (void)
{
  for (gunichar point = 0; point <= 0x10ffff; point += 61)
    if (point < 0xd800 || point > 0xdfff)
      check_point (point);
  for (gunichar plane = 0; plane <= 16; plane++)
    {
      check_point (plane << 16);
      check_point (plane << 16 | 0xffff);
    }
}

static void
test_unescape_halves (void)
{
  for (unsigned unit = 0xd800; unit <= 0xdfff; unit += 0x55)
    {
      static const char *const after[]
          = { "", "x", "\\n", "\\u0041", "\\ud800", "\\", "\\u", "\\udbff", "\\ue000", "\\uD7FF" };

      for (size_t i = 0; i < G_N_ELEMENTS (after); i++)
        {
          g_autofree char *text = g_strdup_printf ("\\u%04x%s", unit, after[i]);
          char out[16];
          size_t size = 9;

          g_assert_cmpint (pt_json_unescape (pt_text (text), out, sizeof out, &size), ==,
                           PT_MALFORMED);
          g_assert_cmpuint (size, ==, 0);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-strings/utf8", test_utf8);
  g_test_add_func ("/json-strings/every-offset", test_every_offset);
  g_test_add_func ("/json-strings/every-byte", test_every_byte);
  g_test_add_func ("/json-strings/every-short-escape", test_every_short_escape);
  g_test_add_func ("/json-strings/every-unit-escape", test_every_unit_escape);
  g_test_add_func ("/json-strings/key-order", test_key_order);
  g_test_add_func ("/json-strings/unescape-planes", test_unescape_planes);
  g_test_add_func ("/json-strings/unescape-halves", test_unescape_halves);
  return g_test_run ();
}
