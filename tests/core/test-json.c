/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vectors.h"

#include "pt-json.h"

/* Walks all of @text with the public reader. */
static PtResult
walk (PtSpan text)
{
  PtJsonReader reader;
  PtJsonValue value;
  PtResult result;
  PtSpan key;
  bool more;

  pt_json_reader_init (&reader, text);
  result = pt_json_open (&reader);
  while (result == PT_OK && reader.depth > 0)
    if (reader.kind[reader.depth - 1] == PT_JSON_OBJECT)
      result = pt_json_member (&reader, &more, &key, &value, NULL);
    else
      result = pt_json_element (&reader, &more, &value);
  return result == PT_OK ? pt_json_finish (&reader) : result;
}

static void
check (PtSpan text, PtResult expected)
{
  PtResult result = walk (text);

  if (result != expected)
    g_error ("%.*s: %s, expected %s", (int) text.size, text.data, pt_result_slug (result),
             pt_result_slug (expected));
  g_assert_true (pt_json_is_json (text) == (expected != PT_MALFORMED));
}

static void
check_all (const char *const *texts, PtResult expected)
{
  for (; *texts; texts++)
    check (pt_text (*texts), expected);
}

static const char *const canonical[] = {
  "{}",
  "{\"\":0}",
  "{\"a\":\"\"}",
  "{\"a\":[]}",
  "{\"a\":{}}",
  "{\"a\":0,\"b\":1}",
  "{\"a\":-1}",
  "{\"a\":9007199254740991}",
  "{\"a\":-9007199254740991}",
  "{\"a\":10}",
  "{\"a\":[1,2,[3,{\"b\":\"c\"}]]}",
  "{\"A\":1,\"a\":1}",
  "{\"a\":1,\"aa\":1,\"b\":1}",
  "{\"a\":\"é बिजली \xf0\x9f\x98\x80\"}",
  "{\"a\":\"\x7f\"}",
  "{\"a\":\"/\"}",
  "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\"}",
  "{\"a\":\"\\u0000\\u0001\\u000b\\u001f\"}",
  "{\"a\":\"\\u000e\"}",
  "{\"a\":\"12345678\\n12345678\"}",
  "{\"a\":\"1234567\\n\"}",
  "{\"a\":[[[[[[[]]]]]]]}",
  "{\"a\":\"\xc2\xa0\xe2\x80\xa8\"}",
  NULL,
};

static void
test_canonical (void)
{
  check_all (canonical, PT_OK);
}

static const char *const not_canonical[] = {
  /* not an integer of ours */
  "{\"a\":null}",
  "{\"a\":true}",
  "{\"a\":false}",
  "{\"a\":1.0}",
  "{\"a\":1.5}",
  "{\"a\":1e0}",
  "{\"a\":1E0}",
  "{\"a\":1e+0}",
  "{\"a\":0e0}",
  "{\"a\":-0}",
  "{\"a\":-0.0}",
  "{\"a\":0.1}",
  "{\"a\":9007199254740992}",
  "{\"a\":-9007199254740992}",
  "{\"a\":9999999999999999}",
  "{\"a\":10000000000000000}",
  "{\"a\":123456789012345678901234567890}",
  "{\"a\":1e400}",
  "{\"a\":[null]}",
  "{\"a\":[1.5]}",
  "{\"a\":{\"b\":true}}",
  /* space */
  " {}",
  "{} ",
  "{ }",
  "{}\n",
  "\n{}",
  "\t{}",
  "\r{}",
  "{\"a\" :1}",
  "{\"a\": 1}",
  "{\"a\":1 }",
  "{ \"a\":1}",
  "{\"a\":1, \"b\":2}",
  "{\"a\":1 ,\"b\":2}",
  "{\"a\":[ ]}",
  "{\"a\":[1, 2]}",
  "{\"a\":[1 ,2]}",
  "{\"a\":[ 1]}",
  "{\"a\":[1 ]}",
  "{\"a\":{ }}",
  "{\"a\":\"b\"\n}",
  /* keys */
  "{\"b\":1,\"a\":2}",
  "{\"a\":1,\"a\":1}",
  "{\"a\":1,\"A\":1}",
  "{\"aa\":1,\"a\":1}",
  "{\"a\":{\"c\":1,\"b\":1}}",
  "{\"a\":[{\"c\":1,\"b\":1}]}",
  "{\"\":1,\"\":2}",
  "{\"a\":1,\"b\":2,\"a\":3}",
  "{\"\\u0061\":1}",
  /* escapes */
  "{\"a\":\"\\/\"}",
  "{\"a\":\"\\u0061\"}",
  "{\"a\":\"\\u00e9\"}",
  "{\"a\":\"\\u0008\"}",
  "{\"a\":\"\\u0009\"}",
  "{\"a\":\"\\u000a\"}",
  "{\"a\":\"\\u000c\"}",
  "{\"a\":\"\\u000d\"}",
  "{\"a\":\"\\u000A\"}",
  "{\"a\":\"\\u000B\"}",
  "{\"a\":\"\\u001F\"}",
  "{\"a\":\"\\u0022\"}",
  "{\"a\":\"\\u005c\"}",
  "{\"a\":\"\\u0020\"}",
  "{\"a\":\"\\u007f\"}",
  "{\"a\":\"\\u2028\"}",
  "{\"a\":\"\\ud83d\\ude00\"}",
  "{\"a\":\"\\ud800\"}",
  "{\"a\":\"\\udc00\"}",
  "{\"a\":\"\\udc00\\ud800\"}",
  "{\"a\":\"\\ud800\\ud800\"}",
  "{\"a\":\"\\uD83D\\uDE00\"}",
  "{\"a\":\"\\u0100\"}",
  "{\"a\":\"\\u1000\"}",
  /* deeper than ours */
  "{\"a\":[[[[[[[[]]]]]]]]}",
  "{\"a\":[[[[[[[{}]]]]]]]}",
  NULL,
};

static void
test_not_canonical (void)
{
  check_all (not_canonical, PT_NOT_CANONICAL);
}

static const char *const malformed[] = {
  "",
  " ",
  "{",
  "}",
  "[",
  "]",
  "{}}",
  "{{}}",
  "{}{}",
  "{},",
  "{]",
  "[}",
  "{\"a\"}",
  "{\"a\":}",
  "{\"a\":1",
  "{\"a\":1,",
  "{\"a\":1,}",
  "{,\"a\":1}",
  "{,}",
  "{\"a\":1,,\"b\":1}",
  "{\"a\" 1}",
  "{\"a\":1 \"b\":2}",
  "{\"a\"::1}",
  "{\"a\":1:2}",
  "{a:1}",
  "{'a':1}",
  "{\"a\":'b'}",
  "{1:1}",
  "{\"a\":01}",
  "{\"a\":00}",
  "{\"a\":-}",
  "{\"a\":-01}",
  "{\"a\":+1}",
  "{\"a\":.5}",
  "{\"a\":1.}",
  "{\"a\":1.e1}",
  "{\"a\":1e}",
  "{\"a\":1e+}",
  "{\"a\":0x1}",
  "{\"a\":1_0}",
  "{\"a\":NaN}",
  "{\"a\":Infinity}",
  "{\"a\":-Infinity}",
  "{\"a\":nul}",
  "{\"a\":nulll}",
  "{\"a\":True}",
  "{\"a\":tru}",
  "{\"a\":fals}",
  "{\"a\":undefined}",
  "{\"a\":--1}",
  "{\"a\":[}",
  "{\"a\":[1}",
  "{\"a\":[1,]}",
  "{\"a\":[,1]}",
  "{\"a\":[1,,2]}",
  "{\"a\":[1 2]}",
  "{\"a\":[1:2]}",
  "{\"a\":]}",
  "{\"a\":[]]}",
  "{\"a\":(1)}",
  "{\"a\":1}x",
  "x{\"a\":1}",
  "{\"a\":1};",
  "{\"a\":1}\v",
  "{\"a\":1}\f",
  "\xef\xbb\xbf{}",
  "{\"a\":1}/**/",
  "//\n{}",
  "{\"a\":\"",
  "{\"a\":\"b}",
  "{\"a\":\"b\"",
  "{\"a\":b\"}",
  "{\"a",
  "{\"",
  "{\"a\":\"\\",
  "{\"a\":\"\\\"}",
  "{\"a\":\"\\x\"}",
  "{\"a\":\"\\a\"}",
  "{\"a\":\"\\'\"}",
  "{\"a\":\"\\0\"}",
  "{\"a\":\"\\v\"}",
  "{\"a\":\"\\N\"}",
  "{\"a\":\"\\U0061\"}",
  "{\"a\":\"\\u\"}",
  "{\"a\":\"\\u0\"}",
  "{\"a\":\"\\u00\"}",
  "{\"a\":\"\\u006\"}",
  "{\"a\":\"\\u006g\"}",
  "{\"a\":\"\\u00g6\"}",
  "{\"a\":\"\\u 061\"}",
  "{\"a\":\"\\u-061\"}",
  "{\"a\":\"\\u000",
  "{\"a\":\"\n\"}",
  "{\"a\":\"\t\"}",
  "{\"a\":\"\x01\"}",
  "{\"a\":\"\x1f\"}",
  "{\"a\":\"\r\"}",
  "{\"a\":\"\x80\"}",
  "{\"a\":\"\xff\"}",
  "{\"a\":\"\xc0\x80\"}",
  "{\"a\":\"\xed\xa0\x80\"}",
  "{\"a\":\"\xf4\x90\x80\x80\"}",
  "{\"a\":\"\xe0\x80\x80\"}",
  "{\"a\":\"\xc3\"}",
  "{\"a\":\"\xf0\x9f\x98\"}",
  "{\"\xff\":1}",
  "{\"a\n\":1}",
  "{\"a\xc3",
  "null x",
  "nul",
  "1 2",
  "\"a",
  "tru",
  "-",
  "\"\\",
  "[1",
  "[1]]",
  "[[]",
  NULL,
};

static void
test_malformed (void)
{
  check_all (malformed, PT_MALFORMED);
  check (pt_span ("{\"a\":1}\0", 8), PT_MALFORMED);
  check (pt_span ("{\"a\":\"\0\"}", 9), PT_MALFORMED);
  check (pt_span ("{\"\0\":1}", 7), PT_MALFORMED);
  check (pt_span (NULL, 0), PT_MALFORMED);
}

/* JSON, but the outermost value is no object: canonical ones are not what a table says. */
static void
test_other_values (void)
{
  static const struct
  {
    const char *text;
    PtResult expected;
  } cases[] = {
    { "[]", PT_MALFORMED },       { "1", PT_MALFORMED },          { "\"a\"", PT_MALFORMED },
    { "[1,{}]", PT_MALFORMED },   { "-5", PT_MALFORMED },         { "null", PT_NOT_CANONICAL },
    { "true", PT_NOT_CANONICAL }, { "1.5", PT_NOT_CANONICAL },    { "[ ]", PT_NOT_CANONICAL },
    { " 1", PT_NOT_CANONICAL },   { "[null]", PT_NOT_CANONICAL }, { "\"\\/\"", PT_NOT_CANONICAL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtSpan text = pt_text (cases[i].text);

      g_assert_cmpint (walk (text), ==, cases[i].expected);
      g_assert_cmpint (pt_json_classify (text), ==, cases[i].expected);
      g_assert_true (pt_json_is_json (text));
    }
}

static void
test_depth (void)
{
  for (int depth = 1; depth <= 70; depth++)
    {
      g_autoptr (GString) text = g_string_new ("{\"a\":");

      for (int i = 1; i < depth; i++)
        g_string_append_c (text, '[');
      if (depth == 1)
        g_string_append_c (text, '0');
      for (int i = 1; i < depth; i++)
        g_string_append_c (text, ']');
      g_string_append_c (text, '}');
      check (pt_span (text->str, text->len), depth <= PT_JSON_DEPTH_MAX ? PT_OK
                                             : depth <= 64              ? PT_NOT_CANONICAL
                                                                        : PT_MALFORMED);
    }
}

static const char sample[] = "{\"a\":\"b\\n\\u0001é\",\"c\":[1,-20,\"x\",{\"d\":{}}],\"e\":0}";

static void
test_truncated (void)
{
  check (pt_text (sample), PT_OK);
  for (size_t size = 0; size < sizeof sample - 1; size++)
    {
      /* A copy of its own, so that a sanitizer sees a read beyond. */
      g_autofree char *copy = g_memdup2 (sample, size);

      check (pt_span (copy, size), PT_MALFORMED);
    }
}

/* Whatever the reader accepts, json-glib accepts; and one byte changed is never read beyond. */
static void
test_changed_bytes (void)
{
  g_autofree char *copy = g_memdup2 (sample, sizeof sample - 1);

  for (size_t at = 0; at < sizeof sample - 1; at++)
    for (int byte = 1; byte < 256; byte++)
      {
        PtSpan text = pt_span (copy, sizeof sample - 1);
        char kept = copy[at];
        PtResult result;

        copy[at] = (char) byte;
        result = walk (text);
        if (result == PT_OK)
          {
            g_autoptr (JsonParser) parser = json_parser_new ();

            g_assert_true (json_parser_load_from_data (parser, copy, (gssize) text.size, NULL));
          }
        else
          g_assert_cmpint (result, ==, pt_json_classify (text));
        g_assert_true (pt_json_is_json (text) == (result != PT_MALFORMED));
        copy[at] = kept;
      }
}

static void
test_values (void)
{
  PtJsonReader reader;
  PtJsonValue value;
  size_t offset;
  PtSpan key;
  bool more;

  pt_json_reader_init (&reader, pt_text ("{\"a\":\"x\\ny\",\"bc\":-12,\"d\":[7]}"));
  g_assert_cmpint (pt_json_open (&reader), ==, PT_OK);
  g_assert_cmpint (pt_json_member (&reader, &more, &key, &value, &offset), ==, PT_OK);
  g_assert_true (more && pt_span_is (key, "a") && offset == 1);
  g_assert_true (value.type == PT_JSON_STRING && value.escaped && pt_span_is (value.text, "x\\ny"));
  g_assert_cmpint (pt_json_member (&reader, &more, &key, &value, &offset), ==, PT_OK);
  g_assert_true (more && pt_span_is (key, "bc") && offset == 12);
  g_assert_true (value.type == PT_JSON_INTEGER && value.integer == -12 && !value.escaped);
  g_assert_true (pt_span_is (value.text, "-12"));
  g_assert_cmpint (pt_json_member (&reader, &more, &key, &value, &offset), ==, PT_OK);
  g_assert_true (more && value.type == PT_JSON_ARRAY);
  /* Not a member here, and not the end. */
  g_assert_cmpint (pt_json_finish (&reader), !=, PT_OK);
  g_assert_cmpint (pt_json_element (&reader, &more, &value), ==, PT_OK);
  g_assert_true (more && value.integer == 7);
  g_assert_cmpint (pt_json_element (&reader, &more, &value), ==, PT_OK);
  g_assert_false (more);
  g_assert_cmpint (pt_json_member (&reader, &more, &key, &value, &offset), ==, PT_OK);
  g_assert_false (more);
  g_assert_cmpint (pt_json_finish (&reader), ==, PT_OK);
}

static void
test_misuse (void)
{
  PtJsonReader reader;
  PtJsonValue value;
  PtSpan key;
  bool more;

  pt_json_reader_init (&reader, pt_text ("{\"a\":[1]}"));
  g_assert_cmpint (pt_json_member (&reader, &more, &key, &value, NULL), !=, PT_OK);
  g_assert_cmpint (pt_json_element (&reader, &more, &value), !=, PT_OK);
  g_assert_cmpint (pt_json_open (&reader), ==, PT_OK);
  g_assert_cmpint (pt_json_open (&reader), !=, PT_OK);
  g_assert_cmpint (pt_json_element (&reader, &more, &value), !=, PT_OK);
}

static void
test_unescape (void)
{
  static const struct
  {
    const char *text, *expected; /* NULL: malformed */
  } cases[] = {
    { "", "" },
    { "abc", "abc" },
    { "\\n", "\n" },
    { "a\\\"b", "a\"b" },
    { "\\\\", "\\" },
    { "\\b\\f\\r\\t\\/", "\b\f\r\t/" },
    { "\\u0001", "\x01" },
    { "\\u00e9", "é" },
    { "\\u20ac", "€" },
    { "\\ud83d\\ude00", "\xf0\x9f\x98\x80" },
    { "\\u007f\\u0080", "\x7f\xc2\x80" },
    { "\\u07ff\\u0800", "\xdf\xbf\xe0\xa0\x80" },
    { "\\uffff", "\xef\xbf\xbf" },
    { "\\udbff\\udfff", "\xf4\x8f\xbf\xbf" },
    { "é", "é" },
    { "\\", NULL },
    { "\\x", NULL },
    { "\\u12", NULL },
    { "\\ud800", NULL },
    { "\\udc00", NULL },
    { "\\ud800x", NULL },
    { "\\ud800\\u0041", NULL },
    { "\\ud800\\n1234", NULL },
    { "\\ud800\\ud800", NULL },
    { "a\\u00g0", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *expected = cases[i].expected;
      size_t size = 99;
      char out[32];

      if (!expected)
        {
          g_assert_cmpint (pt_json_unescape (pt_text (cases[i].text), out, sizeof out, &size), ==,
                           PT_MALFORMED);
          g_assert_cmpuint (size, ==, 0);
          continue;
        }
      g_assert_cmpint (pt_json_unescape (pt_text (cases[i].text), out, sizeof out, &size), ==,
                       PT_OK);
      g_assert_cmpmem (out, size, expected, strlen (expected));
      for (size_t room = 0; room < strlen (expected); room++)
        g_assert_cmpint (pt_json_unescape (pt_text (cases[i].text), out, room, &size), ==,
                         PT_NO_SPACE);
    }
}

static void
write_sample (PtJsonWriter *writer)
{
  static const uint8_t bytes[] = { 0xfb, 0xff, 0x01 };

  pt_json_write_literal (writer, "{\"a\":");
  pt_json_write_string (writer, pt_text ("q\"\\/\b\f\n\r\t\x01\x0b\x1f\x7f"
                                         "é"));
  pt_json_write_raw (writer, pt_text (",\"b\":"));
  pt_json_write_integer (writer, -42);
  pt_json_write_literal (writer, ",\"c\":");
  pt_json_write_hex (writer, bytes, sizeof bytes);
  pt_json_write_literal (writer, ",\"d\":");
  pt_json_write_base64url (writer, bytes, sizeof bytes);
  pt_json_write_literal (writer, "}");
}

static void
test_writer (void)
{
  static const char expected[] = "{\"a\":\"q\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u000b\\u001f\x7f"
                                 "é\",\"b\":-42,\"c\":\"fbff01\","
                                 "\"d\":\"-_8B\"}";
  PtJsonWriter writer;
  PtSpan written;
  char out[200];

  for (size_t room = 0; room < sizeof out; room++)
    {
      memset (out, '#', sizeof out);
      pt_json_writer_init (&writer, out, room);
      write_sample (&writer);
      for (size_t i = room; i < sizeof out; i++)
        g_assert_cmpint (out[i], ==, '#');
      if (room < sizeof expected - 1)
        {
          g_assert_cmpint (pt_json_writer_finish (&writer, &written), ==, PT_NO_SPACE);
          g_assert_cmpuint (written.size, ==, 0);
          continue;
        }
      g_assert_cmpint (pt_json_writer_finish (&writer, &written), ==, PT_OK);
      g_assert_cmpmem (written.data, written.size, expected, sizeof expected - 1);
      check (written, PT_OK);
    }
  pt_json_writer_init (&writer, out, sizeof out);
  pt_json_write_integer (&writer, PT_INTEGER_MAX + 1);
  g_assert_cmpint (pt_json_writer_finish (&writer, &written), ==, PT_NO_SPACE);
}

/* What is written of any text is canonical and reads back as the text. */
static void
test_round_trip (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);

  for (int round = 0; round < 5000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      char out[2000], back[400];
      PtJsonWriter writer;
      PtSpan written;
      size_t size;

      for (int i = g_rand_int_range (rand, 0, 40); i > 0; i--)
        g_string_append_unichar (text,
                                 (gunichar) g_rand_int_range (rand, 1, round % 2 ? 130 : 0xd800));
      pt_json_writer_init (&writer, out, sizeof out);
      pt_json_write_literal (&writer, "{\"a\":");
      pt_json_write_string (&writer, pt_span (text->str, text->len));
      pt_json_write_literal (&writer, "}");
      g_assert_cmpint (pt_json_writer_finish (&writer, &written), ==, PT_OK);
      check (written, PT_OK);
      g_assert_cmpint (
          pt_json_unescape (pt_span (out + 6, written.size - 8), back, sizeof back, &size), ==,
          PT_OK);
      g_assert_cmpmem (back, size, text->str, text->len);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/canonical", test_canonical);
  g_test_add_func ("/json/not-canonical", test_not_canonical);
  g_test_add_func ("/json/malformed", test_malformed);
  g_test_add_func ("/json/other-values", test_other_values);
  g_test_add_func ("/json/depth", test_depth);
  g_test_add_func ("/json/truncated", test_truncated);
  g_test_add_func ("/json/changed-bytes", test_changed_bytes);
  g_test_add_func ("/json/values", test_values);
  g_test_add_func ("/json/misuse", test_misuse);
  g_test_add_func ("/json/unescape", test_unescape);
  g_test_add_func ("/json/writer", test_writer);
  g_test_add_func ("/json/round-trip", test_round_trip);
  return g_test_run ();
}
