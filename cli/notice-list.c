/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack notice list`: what was announced and stands. */

#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"

#define VERB "notice list"

static char *
scope_words (JsonObject *row)
{
  const char *target = pt_cli_string (row, "target", NULL);

  if (target == NULL)
    return g_strdup (_ ("the whole area"));
  return g_strdup_printf ("%s %s", pt_cli_string (row, "scope", "?"), target);
}

static void
add_row (PtTable *table, JsonObject *row)
{
  gboolean is_shutdown = g_str_equal (pt_cli_string (row, "about", ""), "shutdown");
  gboolean is_announced = json_object_get_boolean_member_with_default (row, "announced", FALSE);

  pt_table_take (table, g_strdup (pt_cli_string (row, "notice", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "area", NULL)));
  pt_table_take (table, g_strdup (!is_shutdown   ? _ ("supply is expected back")
                                  : is_announced ? _ ("shutdown, announced")
                                                 : _ ("shutdown, at short notice")));
  pt_table_take (table, scope_words (row));
  pt_table_take (table, pt_format_time (pt_cli_integer (row, "start", -1)));
  pt_table_take (table, pt_format_time (pt_cli_integer (row, "end", -1)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "by", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "note", NULL)));
}

static void
print_table (JsonArray *rows)
{
  static const char *const headings[]
      = { N_ ("Notice"), N_ ("Area"), N_ ("About"), N_ ("Where"), N_ ("From"),
          N_ ("To"),     N_ ("By"),   N_ ("Note"),  NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 0);
  g_autofree char *total = NULL;
  gint64 last = -1;

  for (guint i = 0; i < json_array_get_length (rows); i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (rows, i)))
      {
        add_row (table, json_array_get_object_element (rows, i));
        last = pt_cli_integer (json_array_get_object_element (rows, i), "start", -1);
      }
  total = pt_format_count (json_array_get_length (rows), "notice", "notices");
  pt_table_print (table, total, last, FALSE);
}

static int
run (const char *url, const char *area, const char *site, gboolean json)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GString) path = g_string_new ("/api/v1/notices?");
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *rows = NULL;

  pt_cli_append_text (path, "area", area);
  pt_cli_append_text (path, "site", site);
  answer = pt_cli_get (client, url, path->str, &error);
  if (answer == NULL)
    return pt_cli_fail (VERB, error);
  rows = json_object_get_member (json_node_get_object (answer), "notices");
  if (json)
    pt_cli_print_json (answer);
  else if (rows != NULL && JSON_NODE_HOLDS_ARRAY (rows)
           && json_array_get_length (json_node_get_array (rows)) > 0)
    print_table (json_node_get_array (rows));
  else
    g_print (_ ("Nothing is announced.\n"));
  return PT_EXIT_HOLDS;
}

int
pt_notice_list_main (int argc, char **argv)
{
  g_autofree char *option = NULL, *area = NULL, *site = NULL, *url = NULL;
  gboolean json = FALSE;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[]
      = { { "url", 'u', 0, G_OPTION_ARG_STRING, &option, N_ ("The daemon's address"), N_ ("URL") },
          { "area", 0, 0, G_OPTION_ARG_STRING, &area, N_ ("Only of this area"), N_ ("AREA") },
          { "site", 0, 0, G_OPTION_ARG_STRING, &site, N_ ("Only what covers this site"),
            N_ ("SITE") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
          { NULL } };

  if (!pt_cli_parse (VERB, NULL,
                     N_ ("Shows announced shutdowns, and when supply is expected back."), entries,
                     argc, argv, NULL))
    return PT_EXIT_USAGE;
  url = pt_cli_url (option, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (url, area, site, json);
}
