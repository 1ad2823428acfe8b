/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack official show`: how officials are registered. */

#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"

#define VERB "official show"

static void
print_table (JsonArray *rows)
{
  static const char *const headings[] = { N_ ("Official"), N_ ("Area"),  N_ ("Role"), N_ ("Name"),
                                          N_ ("Status"),   N_ ("Since"), N_ ("Key"),  NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 0);
  g_autofree char *text = NULL;

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonNode *node = json_array_get_element (rows, i);
      JsonObject *row = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

      if (row == NULL)
        continue;
      pt_table_take (table, g_strdup (pt_cli_string (row, "official", NULL)));
      pt_table_take (table, g_strdup (pt_cli_string (row, "area", NULL)));
      pt_table_take (table, g_strdup (pt_cli_string (row, "role", NULL)));
      pt_table_take (table, g_strdup (pt_cli_string (row, "name", NULL)));
      pt_table_take (table, g_strdup (pt_cli_string (row, "status", NULL)));
      pt_table_take (table, pt_format_time (pt_cli_integer (row, "ts", -1)));
      pt_table_take (table, g_strdup (pt_cli_string (row, "key", NULL)));
    }
  text = pt_table_to_text (table);
  g_print ("%s", text);
}

static int
run (const char *url, const char *area, char **ids, gboolean json)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autofree char *joined = g_strjoinv (",", ids);
  g_autoptr (GString) path = g_string_new ("/api/v1/officials?");
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *rows = NULL;
  guint count = 0;

  pt_cli_append_text (path, "official", joined);
  pt_cli_append_text (path, "area", area);
  answer = pt_cli_get (client, url, path->str, &error);
  if (answer == NULL)
    return pt_cli_fail (VERB, error);
  rows = json_object_get_member (json_node_get_object (answer), "officials");
  count = rows != NULL && JSON_NODE_HOLDS_ARRAY (rows)
              ? json_array_get_length (json_node_get_array (rows))
              : 0;
  if (json)
    pt_cli_print_json (answer);
  else if (count > 0)
    print_table (json_node_get_array (rows));
  else
    g_print (_ ("Nobody of that name is registered.\n"));
  return count > 0 ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

int
pt_official_show_main (int argc, char **argv)
{
  g_autofree char *option = NULL, *area = NULL, *url = NULL;
  gboolean json = FALSE;
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[]
      = { { "url", 'u', 0, G_OPTION_ARG_STRING, &option, N_ ("The daemon's address"), N_ ("URL") },
          { "area", 0, 0, G_OPTION_ARG_STRING, &area, N_ ("Only of this area"), N_ ("AREA") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
          { NULL } };

  if (!pt_cli_parse (VERB, N_ ("ID..."), N_ ("Shows how officials are registered."), entries, argc,
                     argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) == 0)
    return pt_cli_usage (VERB, _ ("name an official's ID"));
  url = pt_cli_url (option, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (url, area, rest, json);
}
