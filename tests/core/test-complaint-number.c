/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-number.h"

#include "pt-vectors.h"

static void
test_made (void)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("complaint-numbers.json");
  JsonArray *rows = json_object_get_array_member (json_node_get_object (node), "made");

  g_assert_cmpuint (json_array_get_length (rows), >, 40);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      char number[PT_COMPLAINT_NUMBER_SIZE + 1], grouped[PT_COMPLAINT_NUMBER_GROUPED_SIZE + 1];

      g_assert_true (
          pt_complaint_number_make ((guint32) json_object_get_int_member (row, "drawn"), number));
      g_assert_cmpstr (number, ==, json_object_get_string_member (row, "number"));
      g_assert_true (pt_complaint_number_is (pt_text (number)));
      pt_complaint_number_group (number, grouped);
      g_assert_cmpstr (grouped, ==, json_object_get_string_member (row, "grouped"));
    }
}

static void
test_typed (void)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("complaint-numbers.json");
  JsonArray *rows = json_object_get_array_member (json_node_get_object (node), "typed");

  g_assert_cmpuint (json_array_get_length (rows), >, 100);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      const char *typed = json_object_get_string_member (row, "typed");
      gboolean holds = !json_object_get_null_member (row, "number");
      char number[PT_COMPLAINT_NUMBER_SIZE + 1];

      g_test_message ("\"%s\"", typed);
      g_assert_true (pt_complaint_number_parse (pt_text (typed), number) == holds);
      g_assert_cmpstr (number, ==, holds ? json_object_get_string_member (row, "number") : "");
    }
}

static void
test_bounds (void)
{
  char number[PT_COMPLAINT_NUMBER_SIZE + 1];

  g_assert_false (pt_complaint_number_make (PT_COMPLAINT_DRAWN_MIN - 1, number));
  g_assert_cmpstr (number, ==, "");
  g_assert_false (pt_complaint_number_make (PT_COMPLAINT_DRAWN_MAX + 1, number));
  g_assert_false (pt_complaint_number_is (pt_text ("1234 567 894")));
  g_assert_false (pt_complaint_number_is (pt_span (NULL, 0)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/complaint-number/made", test_made);
  g_test_add_func ("/complaint-number/typed", test_typed);
  g_test_add_func ("/complaint-number/bounds", test_bounds);
  return g_test_run ();
}
