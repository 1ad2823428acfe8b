/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack evidence`: reports that were refused because their counter had been used. */

#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"

typedef struct
{
  char *url, *area;
  gboolean all, json;
  int limit;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What the refused report says, or NULL where it is none. */
static JsonNode *
read_entry (JsonObject *row)
{
  JsonNode *node = json_from_string (pt_cli_string (row, "entry", ""), NULL);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return node;
  g_clear_pointer (&node, json_node_unref);
  return NULL;
}

static void
add_row (PtTable *table, JsonObject *row)
{
  g_autoptr (JsonNode) node = read_entry (row);
  JsonObject *entry = node != NULL ? json_node_get_object (node) : NULL;

  pt_table_take (table, g_strdup (pt_cli_string (row, "area", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "device", NULL)));
  pt_table_take (table, g_strdup_printf ("%" G_GINT64_FORMAT, pt_cli_integer (row, "seq", 0)));
  pt_table_take (table, entry != NULL ? g_strdup (pt_cli_string (entry, "power", NULL)) : NULL);
  pt_table_take (table, pt_format_time (entry != NULL ? pt_cli_integer (entry, "ts", -1) : -1));
  pt_table_take (table, pt_format_time (pt_cli_integer (row, "received", -1)));
}

static void
print_table (JsonNode *answer)
{
  static const char *const headings[]
      = { N_ ("Area"),     N_ ("Device"), N_ ("Counter"), N_ ("Says"), N_ ("Dated"),
          N_ ("Received"), NULL };
  const PtCliList list = { .member = "evidence",
                           .headings = headings,
                           .right = 1 << 2,
                           .time = "received",
                           .nothing = _ ("No report was refused for a counter that was used."),
                           .one = "report",
                           .many = "reports",
                           .add = add_row };

  pt_cli_print_list (answer, &list);
}

static int
run (const Options *options, const char *url)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GString) path = g_string_new ("/api/v1/evidence");
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_string_append_printf (path, "?limit=%d", options->all ? 1000 : MIN (options->limit, 1000));
  pt_cli_append_text (path, "area", options->area);
  answer = pt_cli_get_pages (client, url, path->str, "evidence",
                             options->all ? 0 : (guint) options->limit, &error);
  if (answer == NULL)
    return pt_cli_fail ("evidence", error);
  if (options->json)
    pt_cli_print_json (answer);
  else
    print_table (answer);
  return PT_EXIT_HOLDS;
}

int
pt_evidence_main (int argc, char **argv)
{
  g_auto (Options) options = { .limit = 100 };
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("Only of this area"), N_ ("AREA") },
    { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit, N_ ("At most N (default 100)"), N_ ("N") },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_ ("All of them"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("evidence", NULL,
                     N_ ("Shows reports that were refused because their counter had been used with "
                         "other words."),
                     entries, argc, argv, NULL))
    return PT_EXIT_USAGE;
  if (options.limit < 1)
    return pt_cli_usage ("evidence", _ ("--limit wants a number from 1 up"));
  url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage ("evidence", "%s", error->message);
  return run (&options, url);
}
