/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer writes is what the reader takes, for any character, in any room. */
#include "pt-json-walk.h"

/* The one form of each control (RFC 8785 section 3.2.2.2), and of what stands beside them. */
static const struct
{
  const char *text, *expected;
} forms[] = {
  { "\x01", "\\u0001" },
  { "\x02", "\\u0002" },
  { "\x03", "\\u0003" },
  { "\x04", "\\u0004" },
  { "\x05", "\\u0005" },
  { "\x06", "\\u0006" },
  { "\x07", "\\u0007" },
  { "\x08", "\\b" },
  { "\x09", "\\t" },
  { "\x0a", "\\n" },
  { "\x0b", "\\u000b" },
  { "\x0c", "\\f" },
  { "\x0d", "\\r" },
  { "\x0e", "\\u000e" },
  { "\x0f", "\\u000f" },
  { "\x10", "\\u0010" },
  { "\x11", "\\u0011" },
  { "\x12", "\\u0012" },
  { "\x13", "\\u0013" },
  { "\x14", "\\u0014" },
  { "\x15", "\\u0015" },
  { "\x16", "\\u0016" },
  { "\x17", "\\u0017" },
  { "\x18", "\\u0018" },
  { "\x19", "\\u0019" },
  { "\x1a", "\\u001a" },
  { "\x1b", "\\u001b" },
  { "\x1c", "\\u001c" },
  { "\x1d", "\\u001d" },
  { "\x1e", "\\u001e" },
  { "\x1f", "\\u001f" },
  { " ", " " },
  { "\"", "\\\"" },
  { "\\", "\\\\" },
  { "/", "/" },
  { "\x7f", "\x7f" },
  { "\\n", "\\\\n" },
  { "", "" },
  { "\"\"", "\\\"\\\"" },
  { "a\nb\tc", "a\\nb\\tc" },
  { "\xc2\x85", "\xc2\x85" },
  { "\xe2\x80\xa8", "\xe2\x80\xa8" },
  { "<&'>", "<&'>" },
  { "\xf0\x9f\x98\x80\n", "\xf0\x9f\x98\x80\\n" },
};

/* Written into exactly @room bytes; "" where they do not fit. */
static char *
written (PtSpan text, size_t room)
{
  g_autofree char *out = g_malloc (room);
  PtJsonWriter writer;
  PtResult result;
  PtSpan span;

  pt_json_writer_init (&writer, out, room);
  pt_json_write_string (&writer, text);
  result = pt_json_writer_finish (&writer, &span);
  g_assert_true (result == PT_OK || (result == PT_NO_SPACE && span.size == 0));
  return g_strndup (span.data ? span.data : "", span.size);
}

static void
test_forms (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *expected = g_strdup_printf ("\"%s\"", forms[i].expected);
      size_t needed = strlen (expected);

      for (size_t room = 0; room < needed + 2; room++)
        {
          g_autofree char *text = written (pt_text (forms[i].text), room);

          g_assert_cmpstr (text, ==, room < needed ? "" : expected);
        }
      pt_expect_wrapped ("{\"a\":", pt_text (expected), "}", PT_OK, "what was written");
    }
}

/* NUL has a form too, anywhere. */
static void
test_nul (void)
{
  g_autofree char *text = written (pt_span ("a\0b\0", 4), 32);

  g_assert_cmpstr (text, ==, "\"a\\u0000b\\u0000\"");
}

/* A code point of every block of every plane, between others, reads back as it was. */
static void
test_planes (void)
{
  for (gunichar point = 1; point <= 0x10ffff; point += 127)
    {
      g_autofree char *text = NULL;
      char utf8[16] = "a\n", out[16];
      size_t size, length;

      if (point >= 0xd800 && point <= 0xdfff)
        continue;
      length = 2 + (size_t) g_unichar_to_utf8 (point, utf8 + 2);
      text = written (pt_span (utf8, length), 64);
      pt_expect_wrapped ("{\"a\":", pt_text (text), "}", PT_OK, "a code point");
      g_assert_cmpint (
          pt_json_unescape (pt_span (text + 1, strlen (text) - 2), out, sizeof out, &size), ==,
          PT_OK);
      g_assert_cmpmem (out, size, utf8, length);
    }
}

/* After one overflow nothing is written, however small. */
static void
test_overflow_stays (void)
{
  char out[8] = "########";
  PtJsonWriter writer;
  PtSpan span;

  pt_json_writer_init (&writer, out, 4);
  pt_json_write_raw (&writer, pt_text ("abc"));
  pt_json_write_raw (&writer, pt_text ("de"));
  pt_json_write_literal (&writer, "f");
  pt_json_write_integer (&writer, 1);
  pt_json_write_hex (&writer, "", 0);
  pt_json_write_base64url (&writer, "", 0);
  pt_json_write_string (&writer, pt_span (NULL, 0));
  g_assert_cmpmem (out, sizeof out, "abc#####", 8);
  g_assert_cmpint (pt_json_writer_finish (&writer, &span), ==, PT_NO_SPACE);
  g_assert_cmpuint (span.size, ==, 0);
}

/* Integers that JSON's readers would round are not written. */
static void
test_integers (void)
{
  static const struct
  {
    int64_t value;
    const char *expected; /* NULL: refused */
  } cases[] = {
    { 0, "0" },
    { -1, "-1" },
    { PT_INTEGER_MAX, "9007199254740991" },
    { -PT_INTEGER_MAX, "-9007199254740991" },
    { PT_INTEGER_MAX + 1, NULL },
    { -PT_INTEGER_MAX - 1, NULL },
    { INT64_MAX, NULL },
    { INT64_MIN, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (size_t room = 0; room < 20; room++)
      {
        const char *expected = cases[i].expected;
        bool fits = expected && strlen (expected) <= room;
        g_autofree char *out = g_malloc (room);
        PtJsonWriter writer;
        PtSpan span;

        pt_json_writer_init (&writer, out, room);
        pt_json_write_integer (&writer, cases[i].value);
        g_assert_cmpint (pt_json_writer_finish (&writer, &span), ==, fits ? PT_OK : PT_NO_SPACE);
        g_assert_cmpmem (span.data, span.size, expected, fits ? strlen (expected) : 0);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-write/forms", test_forms);
  g_test_add_func ("/json-write/nul", test_nul);
  g_test_add_func ("/json-write/planes", test_planes);
  g_test_add_func ("/json-write/overflow-stays", test_overflow_stays);
  g_test_add_func ("/json-write/integers", test_integers);
  return g_test_run ();
}
