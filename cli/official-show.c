/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack official show` and `list`: how officials are registered, those named or all. */

#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"

#define VERB "official show"
#define LIST "official list"
#define LIMIT 100

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

static int
list (const char *url, const char *area, guint limit, gboolean json)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GString) path = g_string_new ("/api/v1/officials?");
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *rows = NULL;

  g_string_append_printf (path, "limit=%u", limit == 0 ? 1000 : MIN (limit, 1000));
  pt_cli_append_text (path, "area", area);
  answer = pt_cli_get_pages (client, url, path->str, "officials", limit, &error);
  if (answer == NULL)
    return pt_cli_fail (LIST, error);
  rows = json_object_get_array_member (json_node_get_object (answer), "officials");
  if (json)
    pt_cli_print_json (answer);
  else if (json_array_get_length (rows) > 0)
    print_table (rows);
  else
    g_print (_ ("No official is registered.\n"));
  if (!json && pt_cli_string (json_node_get_object (answer), "next", NULL) != NULL)
    g_print (_ ("There are more; --all lists them.\n"));
  return PT_EXIT_HOLDS;
}

int
pt_official_list_main (int argc, char **argv)
{
  g_autofree char *option = NULL, *area = NULL, *url = NULL;
  gboolean json = FALSE, all = FALSE;
  gint64 limit = LIMIT;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[]
      = { { "url", 'u', 0, G_OPTION_ARG_STRING, &option, N_ ("The daemon's address"), N_ ("URL") },
          { "area", 0, 0, G_OPTION_ARG_STRING, &area, N_ ("Only of this area"), N_ ("AREA") },
          { "limit", 0, 0, G_OPTION_ARG_INT64, &limit, N_ ("At most N (default 100)"), N_ ("N") },
          { "all", 0, 0, G_OPTION_ARG_NONE, &all, N_ ("All of them"), NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
          { NULL } };

  if (!pt_cli_parse (LIST, NULL, N_ ("Lists the officials of an area, or of all."), entries, argc,
                     argv, NULL))
    return PT_EXIT_USAGE;
  if (limit < 1 || limit > G_MAXINT)
    return pt_cli_usage (LIST, _ ("--limit wants a number from 1 up"));
  url = pt_cli_url (option, &error);
  if (url == NULL)
    return pt_cli_usage (LIST, "%s", error->message);
  return list (url, area, all ? 0 : (guint) limit, json);
}
