/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-json-text.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "pt-json.h"

static void
check (PtJsonText *json, const char *wanted)
{
  GString *text = pt_json_text_free_to_string (json);

  g_assert_cmpstr (text->str, ==, wanted);
  g_assert_cmpuint (text->len, ==, strlen (wanted));
  g_string_free (text, TRUE);
}

static void
test_shape (void)
{
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "none");
  pt_json_text_end_array (json);
  pt_json_text_begin_object (json, "empty");
  pt_json_text_end_object (json);
  pt_json_text_begin_array (json, "some");
  pt_json_text_integer (json, NULL, 1);
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "a", "b");
  pt_json_text_null (json, "c");
  pt_json_text_raw (json, "d", "{\"en\":\"x\"}", 10);
  pt_json_text_end_object (json);
  pt_json_text_begin_array (json, NULL);
  pt_json_text_begin_array (json, NULL);
  pt_json_text_end_array (json);
  pt_json_text_end_array (json);
  pt_json_text_string (json, NULL, NULL);
  pt_json_text_end_array (json);
  pt_json_text_boolean (json, "yes", TRUE);
  pt_json_text_boolean (json, "no", FALSE);
  pt_json_text_integer (json, "last", 2);
  pt_json_text_end_object (json);
  check (json, "{\"none\":[],\"empty\":{},\"some\":[1,{\"a\":\"b\",\"c\":null,\"d\":{\"en\":\"x\"}}"
               ",[[]],null],"
               "\"yes\":true,\"no\":false,\"last\":2}");
}

static void
test_lines (void)
{
  PtJsonText *json = pt_json_text_new ();

  for (guint i = 0; i < 2; i++)
    {
      pt_json_text_begin_object (json, NULL);
      pt_json_text_integer (json, "a", i);
      pt_json_text_integer (json, "b", i);
      pt_json_text_end_object (json);
      pt_json_text_end_line (json);
    }
  check (json, "{\"a\":0,\"b\":0}\n{\"a\":1,\"b\":1}\n");
  check (pt_json_text_new (), "");
  pt_json_text_free (pt_json_text_new ());
}

static void
test_strings (void)
{
  static const struct
  {
    const char *value, *text;
  } rows[] = {
    { "", "\"\"" },
    { "plain", "\"plain\"" },
    { "\"\\/", "\"\\\"\\\\/\"" },
    { "\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"" },
    { "\x01\x0b\x1f\x7f", "\"\\u0001\\u000b\\u001f\x7f\"" },
    { "\340\244\252\340\244\237\340\244\250\340\244\276",
      "\"\340\244\252\340\244\237\340\244\250\340\244\276\"" },
    { "\360\237\224\214", "\"\360\237\224\214\"" },
  };
  static const struct
  {
    const char *value, *text;
  } foreign[] = { { "a", "\"a\"" },
                  { "\xff", "\"\357\277\275\"" },
                  { "\xc3", "\"\357\277\275\"" },
                  { "\xed\xa0\x80", "\"\357\277\275\357\277\275\357\277\275\"" },
                  { "\"\xfe\n", "\"\\\"\357\277\275\\n\"" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PtJsonText *json = pt_json_text_new ();

      pt_json_text_string (json, NULL, rows[i].value);
      check (json, rows[i].text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      PtJsonText *json = pt_json_text_new ();

      pt_json_text_foreign (json, NULL, foreign[i].value);
      check (json, foreign[i].text);
    }
}

static void
test_numbers (void)
{
  static const struct
  {
    gint64 value;
    const char *text;
  } integers[] = { { 0, "0" },
                   { -1, "-1" },
                   { 9007199254740991, "9007199254740991" },
                   { -9007199254740991, "-9007199254740991" },
                   { 9007199254740992, "9007199254740992" },
                   { G_MAXINT64, "9223372036854775807" },
                   { G_MININT64, "-9223372036854775808" } };
  static const struct
  {
    gint32 value;
    const char *text;
  } degrees[] = { { 0, "0.0000000" },
                  { 1, "0.0000001" },
                  { -1, "-0.0000001" },
                  { 851374321, "85.1374321" },
                  { -1800000000, "-180.0000000" },
                  { G_MININT32, "-214.7483648" } };
  static const struct
  {
    double value;
    const char *text;
  } numbers[] = { { 0, "0" },     { 1, "1" },        { 85.0511, "85.0511" }, { -180, "-180" },
                  { 0.1, "0.1" }, { 1e5, "100000" }, { 1e-9, "1e-09" } };

  for (guint i = 0; i < G_N_ELEMENTS (integers); i++)
    {
      PtJsonText *json = pt_json_text_new ();

      pt_json_text_integer (json, NULL, integers[i].value);
      check (json, integers[i].text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (degrees); i++)
    {
      PtJsonText *json = pt_json_text_new ();

      pt_json_text_degrees (json, NULL, degrees[i].value);
      check (json, degrees[i].text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      PtJsonText *json = pt_json_text_new ();

      pt_json_text_number (json, NULL, numbers[i].value);
      check (json, numbers[i].text);
    }
}

static void
test_bytes_and_times (void)
{
  static const guint8 data[] = { 0x00, 0xfb, 0xff, 0xfe };
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_hex (json, "a", data, sizeof data);
  pt_json_text_hex (json, "b", data, 0);
  pt_json_text_base64url (json, "c", data, sizeof data);
  pt_json_text_base64url (json, "d", data, 0);
  pt_json_text_time (json, "e", 0);
  pt_json_text_time (json, "f", 1790000000000);
  pt_json_text_end_object (json);
  check (
      json,
      "{\"a\":\"00fbfffe\",\"b\":\"\",\"c\":\"APv__g\",\"d\":\"\",\"e\":null,\"f\":1790000000000}");
}

/* Text that is long, and full of what is escaped, moves while it is written. */
static void
test_growth (void)
{
  PtJsonText *json = pt_json_text_new ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *value = g_strnfill (5000, '\x01');
  GString *text;
  JsonArray *array;

  pt_json_text_begin_array (json, NULL);
  for (guint i = 0; i < 100; i++)
    pt_json_text_string (json, NULL, value);
  pt_json_text_end_array (json);
  text = pt_json_text_free_to_string (json);
  g_assert_cmpuint (text->len, ==, 100 * (2 + 5000 * 6) + 99 + 2);
  g_assert_true (json_parser_load_from_data (parser, text->str, (gssize) text->len, NULL));
  array = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpstr (json_array_get_string_element (array, 99), ==, value);
  g_string_free (text, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-text/shape", test_shape);
  g_test_add_func ("/json-text/lines", test_lines);
  g_test_add_func ("/json-text/strings", test_strings);
  g_test_add_func ("/json-text/numbers", test_numbers);
  g_test_add_func ("/json-text/bytes-and-times", test_bytes_and_times);
  g_test_add_func ("/json-text/growth", test_growth);
  return g_test_run ();
}
