/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-number.h"

#include <json-glib/json-glib.h>
#include <locale.h>
#include <string.h>

static void
assert_text (guint64 number, const char *expected)
{
  g_autofree char *text = pt_number_text (number);

  g_assert_cmpstr (text, ==, expected);
}

/* Groups where the locale has none. */
static void
test_text (void)
{
  assert_text (0, "0");
  assert_text (999, "999");
  assert_text (1000, "1,000");
  assert_text (10790, "10,790");
  assert_text (123456, "123,456");
  assert_text (G_MAXUINT64, "18,446,744,073,709,551,615");
}

/* Those that the page is held to as well. */
static void
test_brief (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "tests", "vectors",
                                            "brief-numbers.json", NULL);
  g_autofree char *most = pt_number_brief (G_MAXUINT64);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *cases;

  g_assert_cmpstr (most, ==, "18E");
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  cases = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                        "cases");
  g_assert_cmpuint (json_array_get_length (cases), >, 10);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonArray *one = json_array_get_array_element (cases, i);
      g_autofree char *text = pt_number_brief ((guint64) json_array_get_int_element (one, 0));

      g_assert_cmpstr (text, ==, json_array_get_string_element (one, 1));
      g_assert_cmpuint (strlen (text), <=, 4);
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number/text", test_text);
  g_test_add_func ("/number/brief", test_brief);
  return g_test_run ();
}
