/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-read.h"

#include "pt-error.h"

/* One member of each kind, and what is refused of it. */

static JsonNode *
parse (const char *text)
{
  JsonNode *node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return node;
}

static void
test_good (void)
{
  g_autoptr (JsonNode) node
      = parse ("{\"text\":\"\",\"id\":\"T-1\",\"integer\":9007199254740991,\"number\":-0.5,"
               "\"whole\":7,\"array\":[],\"object\":{},\"null\":null,\"place\":\"Napa\","
               "\"state\":\"final\"}");
  g_autoptr (GError) error = NULL;
  JsonObject *object = pt_read_as_object (node, "it", &error);

  g_assert_cmpstr (pt_read_text (object, "text", PT_READ_NEEDED, &error), ==, "");
  g_assert_cmpstr (pt_read_id (object, "id", &error), ==, "T-1");
  g_assert_cmpint (pt_read_integer (object, "integer", PT_READ_NEEDED, &error), ==,
                   9007199254740991);
  g_assert_cmpfloat (pt_read_number (object, "number", &error), ==, -0.5);
  g_assert_cmpfloat (pt_read_number (object, "whole", &error), ==, 7);
  g_assert_nonnull (pt_read_array (object, "array", PT_READ_NEEDED, &error));
  g_assert_nonnull (pt_read_object (object, "object", PT_READ_NEEDED, &error));
  g_assert_cmpstr (pt_read_place (object, &error), ==, "Napa");
  g_assert_cmpint (pt_read_batch_state (object, &error), ==, PT_BATCH_FINAL);
  g_assert_no_error (error);
}

/* Missing and null are the same, and no error where there may be nothing. */
static void
test_optional (void)
{
  static const char *const names[] = { "missing", "null" };
  g_autoptr (JsonNode) node = parse ("{\"null\":null}");
  JsonObject *object = json_node_get_object (node);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_null (pt_read_text (object, names[i], PT_READ_OPTIONAL, &error));
      g_assert_cmpint (pt_read_integer (object, names[i], PT_READ_OPTIONAL, &error), ==, 0);
      g_assert_null (pt_read_array (object, names[i], PT_READ_OPTIONAL, &error));
      g_assert_null (pt_read_object (object, names[i], PT_READ_OPTIONAL, &error));
    }
  g_assert_null (pt_read_place (object, &error));
  g_assert_no_error (error);
}

typedef enum
{
  TEXT,
  ID,
  INTEGER,
  NUMBER,
  ARRAY,
  OBJECT,
  PLACE,
  STATE
} Kind;

static void
read_kind (JsonObject *object, Kind kind, PtReadNeed need, GError **error)
{
  switch (kind)
    {
    case TEXT:
      pt_read_text (object, "it", need, error);
      break;
    case ID:
      pt_read_id (object, "it", error);
      break;
    case INTEGER:
      pt_read_integer (object, "it", need, error);
      break;
    case NUMBER:
      pt_read_number (object, "it", error);
      break;
    case ARRAY:
      pt_read_array (object, "it", need, error);
      break;
    case OBJECT:
      pt_read_object (object, "it", need, error);
      break;
    case PLACE:
      pt_read_place (object, error);
      break;
    case STATE:
      pt_read_batch_state (object, error);
      break;
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    Kind kind;
  } cases[] = {
    { "{}", TEXT },
    { "{\"it\":null}", TEXT },
    { "{\"it\":1}", TEXT },
    { "{\"it\":[]}", TEXT },
    { "{\"it\":\"a b\"}", ID },
    { "{\"it\":\"\"}", ID },
    { "{}", INTEGER },
    { "{\"it\":-1}", INTEGER },
    { "{\"it\":1.5}", INTEGER },
    { "{\"it\":9007199254740992}", INTEGER },
    { "{\"it\":\"1\"}", INTEGER },
    { "{\"it\":true}", INTEGER },
    { "{\"it\":\"1\"}", NUMBER },
    { "{}", NUMBER },
    { "{\"it\":{}}", ARRAY },
    { "{\"it\":[]}", OBJECT },
    { "{\"place\":\"\"}", PLACE },
    { "{\"place\":[]}", PLACE },
    { "{\"state\":\"FINAL\"}", STATE },
    { "{\"state\":4}", STATE },
    { "{}", STATE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = parse (cases[i].text);
      g_autoptr (GError) error = NULL;

      read_kind (json_node_get_object (node), cases[i].kind, PT_READ_NEEDED, &error);
      g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
    }
}

/* The first that is wrong is the one that is named. */
static void
test_first (void)
{
  g_autoptr (JsonNode) node = parse ("{}");
  g_autoptr (GError) error = NULL;

  pt_read_text (json_node_get_object (node), "one", PT_READ_NEEDED, &error);
  pt_read_text (json_node_get_object (node), "other", PT_READ_NEEDED, &error);
  g_assert_nonnull (strstr (error->message, "“one”"));
  g_clear_error (&error);
  g_assert_null (pt_read_as_object (NULL, "it", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/read/good", test_good);
  g_test_add_func ("/read/optional", test_optional);
  g_test_add_func ("/read/refused", test_refused);
  g_test_add_func ("/read/first", test_first);
  return g_test_run ();
}
