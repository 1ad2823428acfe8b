/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in every place of a document, and documents cut or closed in every wrong way. */
#include "pt-json-walk.h"

static const struct
{
  const char *text, *why;
  PtResult expected;
} numbers[] = {
  { "0", "zero", PT_OK },
  { "9", "one digit", PT_OK },
  { "-9", "below zero", PT_OK },
  { "1000000000000000", "16 digits", PT_OK },
  { "9007199254740991", "2^53 - 1", PT_OK },
  { "-9007199254740991", "1 - 2^53", PT_OK },
  { "9007199254740992", "2^53", PT_NOT_CANONICAL },
  { "-9007199254740992", "-2^53", PT_NOT_CANONICAL },
  { "9007199254740993", "rounds to 2^53", PT_NOT_CANONICAL },
  { "9999999999999999", "16 nines", PT_NOT_CANONICAL },
  { "10000000000000000", "17 digits", PT_NOT_CANONICAL },
  { "99999999999999999", "17 nines", PT_NOT_CANONICAL },
  { "18446744073709551616", "2^64", PT_NOT_CANONICAL },
  { "18446744073709551617", "2^64 + 1", PT_NOT_CANONICAL },
  { "-0", "the other zero", PT_NOT_CANONICAL },
  { "0.0", "a fraction of zero", PT_NOT_CANONICAL },
  { "1.0", "a fraction", PT_NOT_CANONICAL },
  { "1E1", "an exponent", PT_NOT_CANONICAL },
  { "1e-1", "an exponent below zero", PT_NOT_CANONICAL },
  { "1.5e+10", "all of it", PT_NOT_CANONICAL },
  { "-0e-0", "zeros", PT_NOT_CANONICAL },
  { "1e999999", "beyond a double", PT_NOT_CANONICAL },
  { "", "nothing", PT_MALFORMED },
  { "-", "a sign", PT_MALFORMED },
  { "+", "a plus", PT_MALFORMED },
  { "+0", "a plus before", PT_MALFORMED },
  { "00", "zeros", PT_MALFORMED },
  { "-00", "zeros", PT_MALFORMED },
  { "01", "a zero before", PT_MALFORMED },
  { "-01", "a zero before", PT_MALFORMED },
  { "0000000000000000000", "many zeros", PT_MALFORMED },
  { "1.", "no fraction", PT_MALFORMED },
  { ".1", "no integer", PT_MALFORMED },
  { "-.1", "no integer", PT_MALFORMED },
  { "1..1", "two points", PT_MALFORMED },
  { "1.1.1", "two fractions", PT_MALFORMED },
  { "1e", "no exponent", PT_MALFORMED },
  { "1e+", "no exponent", PT_MALFORMED },
  { "1e1.0", "a fraction above", PT_MALFORMED },
  { "1e+-1", "two signs above", PT_MALFORMED },
  { "1ee1", "two exponents", PT_MALFORMED },
  { "--1", "two signs", PT_MALFORMED },
  { "1-", "a sign after", PT_MALFORMED },
  { "1+1", "a sum", PT_MALFORMED },
  { "1 1", "two numbers", PT_MALFORMED },
  { "0b1", "binary", PT_MALFORMED },
  { "0x1", "hex", PT_MALFORMED },
  { "1,000", "thousands", PT_MALFORMED },
  { "1_000", "thousands", PT_MALFORMED },
  { "1n", "a BigInt", PT_MALFORMED },
  { "1f", "a suffix", PT_MALFORMED },
  { "inf", "infinity", PT_MALFORMED },
  { "\xd9\xa1", "another script's", PT_MALFORMED },
  { "\xef\xbc\x91", "a wide one", PT_MALFORMED },
  { "/", "the byte before 0", PT_MALFORMED },
  { ":", "the byte after 9", PT_MALFORMED },
};

static void
test_numbers (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      PtSpan text = pt_text (numbers[i].text);
      PtResult expected = numbers[i].expected;
      bool separators = strchr (numbers[i].text, ',') || text.size == 0;

      pt_expect_wrapped ("{\"a\":", text, "}", expected, numbers[i].why);
      pt_expect_wrapped ("{\"a\":", text, ",\"b\":1}", expected, numbers[i].why);
      pt_expect_wrapped ("{\"a\":{\"b\":", text, "}}", expected, numbers[i].why);
      /* An array may be empty, or have a comma. */
      if (!separators)
        pt_expect_wrapped ("{\"a\":[", text, "]}", expected, numbers[i].why);
      pt_expect_wrapped ("{", text, ":1}", PT_MALFORMED, "a number for a key");
    }
}

/* What a number is outermost: canonical ones are not in any table, so malformed too. */
static void
test_classify (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      PtSpan text = pt_text (numbers[i].text);
      PtResult expected = numbers[i].expected == PT_OK ? PT_MALFORMED : numbers[i].expected;

      g_assert_cmpint (pt_json_classify (text), ==, expected);
      g_assert_cmpint (pt_walk (text), ==, expected);
      g_assert_true (pt_json_is_json (text) == (numbers[i].expected != PT_MALFORMED));
    }
}

/* The value that is handed out, its digits and its place. */
static void
test_values (void)
{
  static const struct
  {
    const char *text;
    int64_t value;
  } cases[] = {
    { "0", 0 },
    { "-1", -1 },
    { "1234567890", 1234567890 },
    { "9007199254740991", PT_INTEGER_MAX },
    { "-9007199254740991", -PT_INTEGER_MAX },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"key\":%s}", cases[i].text);
      PtJsonReader reader;
      PtJsonValue value;
      size_t at = 99;
      PtSpan key;
      bool more;

      pt_json_reader_init (&reader, pt_text (text));
      g_assert_cmpint (pt_json_open (&reader), ==, PT_OK);
      g_assert_cmpint (pt_json_member (&reader, &more, &key, &value, &at), ==, PT_OK);
      g_assert_true (more && pt_span_is (key, "key") && at == 1);
      g_assert_true (value.type == PT_JSON_INTEGER && pt_span_is (value.text, cases[i].text));
      g_assert_cmpint (value.integer, ==, cases[i].value);
    }
}

static const char *const documents[] = {
  "{\"a\":{\"b\":[{\"c\":[-10,\"d\"]},[],{}]},\"e\":\"\\u0001\\n\xf0\x9f\x98\x80\"}",
  "{\"a\":[[[[[[[]]]]]]]}",
  "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}",
  "{\"\":9007199254740991}",
};

/* Nothing that is cut is JSON, and nothing beyond the cut is read. */
static void
test_cut (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      PtSpan text = pt_text (documents[i]);

      pt_expect_walk (text, PT_OK, "whole");
      for (size_t size = 0; size < text.size; size++)
        pt_expect_walk (pt_span (text.data, size), PT_MALFORMED, "cut at its end");
      for (size_t from = 1; from < text.size; from++)
        g_assert_cmpint (pt_walk (pt_span (text.data + from, text.size - from)), !=, PT_OK);
    }
}

/* A byte more, anywhere, is refused as what the whole then is, or is part of a string or number. */
static void
check_inserted (const char *document, size_t at, char byte)
{
  g_autoptr (GString) text = g_string_new (document);
  PtResult result;
  PtSpan span;

  g_string_insert_c (text, (gssize) at, byte);
  span = pt_span (text->str, text->len);
  result = pt_walk (span);
  if (result != PT_OK)
    g_assert_cmpint (result, ==, pt_json_classify (span));
  g_assert_true (pt_json_is_json (span) == (result != PT_MALFORMED));
  if (byte == '\0' || at == 0 || at == strlen (document))
    g_assert_cmpint (result, !=, PT_OK);
}

static void
test_inserted (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (documents); i++)
    for (size_t at = 0; at <= strlen (documents[i]); at++)
      for (int byte = 0; byte < 128; byte++)
        check_inserted (documents[i], at, (char) byte);
}

/* Each bracket exchanged for each other one. */
static void
test_brackets (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (documents); i++)
    for (size_t at = 0; documents[i][at]; at++)
      for (const char *bracket = "{}[]"; *bracket; bracket++)
        {
          g_autofree char *text = g_strdup (documents[i]);

          if (!strchr ("{}[]", text[at]) || text[at] == *bracket)
            continue;
          text[at] = *bracket;
          pt_expect_walk (pt_text (text), PT_MALFORMED, "another bracket");
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-numbers/numbers", test_numbers);
  g_test_add_func ("/json-numbers/classify", test_classify);
  g_test_add_func ("/json-numbers/values", test_values);
  g_test_add_func ("/json-numbers/cut", test_cut);
  g_test_add_func ("/json-numbers/inserted", test_inserted);
  g_test_add_func ("/json-numbers/brackets", test_brackets);
  return g_test_run ();
}
