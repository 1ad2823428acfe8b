/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack official keys`: officials' keys in the desktop's keyring. */

#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-key-ring.h"
#include "pt-table.h"

#define VERB "official keys"

static void
print_table (JsonArray *rows)
{
  static const char *const headings[]
      = { N_ ("Official"), N_ ("Area"), N_ ("Keyring"), N_ ("Key"), NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 0);
  g_autofree char *text = NULL;

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);

      pt_table_take (table, g_strdup (pt_cli_string (row, "official", NULL)));
      pt_table_take (table, g_strdup (pt_cli_string (row, "area", NULL)));
      pt_table_take (table, g_strdup (json_object_get_boolean_member (row, "locked") ? _ ("locked")
                                                                                     : _ ("open")));
      pt_table_take (table, g_strdup (pt_cli_string (row, "key", NULL)));
    }
  text = pt_table_to_text (table);
  g_print ("%s", text);
}

int
pt_official_keys_main (int argc, char **argv)
{
  gboolean json = FALSE;
  g_autoptr (JsonNode) listed = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *rows = NULL;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL }, { NULL } };

  if (!pt_cli_parse (VERB, NULL,
                     N_ ("Lists officials' keys in the desktop's keyring; --key keyring: signs "
                         "with one of them."),
                     entries, argc, argv, NULL))
    return PT_EXIT_USAGE;
  listed = pt_key_ring_list (&error);
  if (listed == NULL)
    return pt_cli_fail (VERB, error);
  rows = json_object_get_array_member (json_node_get_object (listed), "keys");
  if (json)
    pt_cli_print_json (listed);
  else if (json_array_get_length (rows) > 0)
    print_table (rows);
  else
    g_print (_ ("The keyring holds no official's key.\n"));
  return json_array_get_length (rows) > 0 ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}
