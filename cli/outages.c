/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack outages`: outages, open and past. */

#include "pt-cli.h"
#include "pt-table.h"
#include "pt-i18n.h"

typedef struct
{
  char *url, *area, *site, *from, *to;
  gboolean open, all, json;
  int limit;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
  g_free (options->site);
  g_free (options->from);
  g_free (options->to);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
append_time (GString *query, const char *name, const char *text, GError **error)
{
  gint64 ms = 0;

  if (text == NULL)
    return TRUE;
  if (!pt_cli_parse_time (name, text, &ms, error))
    return FALSE;
  g_string_append_printf (query, "&%s=%" G_GINT64_FORMAT, name, ms);
  return TRUE;
}

static char *
make_path (const Options *options, GError **error)
{
  g_autoptr (GString) query = g_string_new (NULL);
  int page = options->all || options->limit > 1000 ? 1000 : options->limit;

  g_string_append_printf (query, "/api/v1/outages?limit=%d", page);
  pt_cli_append_text (query, "area", options->area);
  pt_cli_append_text (query, "site", options->site);
  if (options->open)
    g_string_append (query, "&open=true");
  if (!append_time (query, "from", options->from, error)
      || !append_time (query, "to", options->to, error))
    return NULL;
  return g_string_free (g_steal_pointer (&query), FALSE);
}

/* Where nobody reported its end, only until when it was followed is known. */
static void
add_end (PtTable *table, JsonObject *row, gint64 start, gint64 end)
{
  gboolean is_known = g_strcmp0 (pt_cli_string (row, "ended_by", "report"), "report") == 0;
  g_autofree char *until = pt_format_time (end);
  g_autofree char *lasting = pt_format_duration (end - start);

  pt_table_take (table,
                 is_known ? g_steal_pointer (&until) : g_strdup_printf (_ ("after %s"), until));
  pt_table_take (table,
                 is_known ? g_steal_pointer (&lasting) : g_strdup_printf (_ ("over %s"), lasting));
}

static void
add_row (PtTable *table, JsonObject *row, gint64 now)
{
  gint64 start = pt_cli_integer (row, "start", -1), end = pt_cli_integer (row, "end", -1);

  pt_table_take (table, g_strdup (pt_cli_string (row, "area", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "site", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "place", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "device", NULL)));
  pt_table_take (table, pt_format_time (start));
  if (end >= 0)
    add_end (table, row, start, end);
  else
    {
      pt_table_take (table, g_strdup (_ ("still out")));
      pt_table_take (table, now < start ? NULL : pt_format_duration (now - start));
    }
  pt_table_take (table,
                 g_strdup_printf ("%" G_GINT64_FORMAT, pt_cli_integer (row, "customers", 0)));
}

static void
print_table (JsonNode *answer, gint64 now)
{
  static const char *const headings[]
      = { N_ ("Area"),  N_ ("Site"),    N_ ("Near"),      N_ ("Device"), N_ ("Since"),
          N_ ("Until"), N_ ("Lasting"), N_ ("Customers"), NULL };
  JsonObject *object = json_node_get_object (answer);
  JsonArray *rows = json_object_get_array_member (object, "outages");
  guint count = json_array_get_length (rows);
  g_autoptr (PtTable) table = pt_table_new (headings, 1 << 7 | 1 << 6);
  g_autofree char *total = NULL;

  if (count == 0)
    {
      g_print (_ ("No outages.\n"));
      return;
    }
  for (guint i = 0; i < count; i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (rows, i)))
      add_row (table, json_array_get_object_element (rows, i), now);
  total = pt_format_count (count, "outage", "outages");
  pt_table_print (table, total, now, pt_cli_string (object, "next", NULL) != NULL);
}

static int
run (const Options *options, const char *url, const char *path)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) status = NULL;
  g_autoptr (JsonNode) answer = pt_cli_get_pages (
      client, url, path, "outages", options->all ? 0 : (guint) options->limit, &error);

  if (answer == NULL)
    return pt_cli_fail ("outages", error);
  if (options->json)
    {
      pt_cli_print_json (answer);
      return PT_EXIT_HOLDS;
    }
  /* How long an open one lasts is a matter of the daemon's clock, not of ours. */
  status = pt_cli_get (client, url, "/api/v1/status", &error);
  if (status == NULL)
    return pt_cli_fail ("outages", error);
  print_table (answer, pt_cli_integer (json_node_get_object (status), "now", 0));
  return PT_EXIT_HOLDS;
}

int
pt_outages_main (int argc, char **argv)
{
  g_auto (Options) options = { .limit = 100 };
  g_autofree char *url = NULL, *path = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("Only of this area"), N_ ("AREA") },
    { "site", 0, 0, G_OPTION_ARG_STRING, &options.site, N_ ("Only of this site"), N_ ("SITE") },
    { "from", 0, 0, G_OPTION_ARG_STRING, &options.from, N_ ("Only since TIME"), N_ ("TIME") },
    { "to", 0, 0, G_OPTION_ARG_STRING, &options.to, N_ ("Only before TIME"), N_ ("TIME") },
    { "open", 0, 0, G_OPTION_ARG_NONE, &options.open, N_ ("Only those that last"), NULL },
    { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit, N_ ("At most N (default 100)"), N_ ("N") },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_ ("All of them"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("outages", NULL, N_ ("Shows outages, open and past."), entries, argc, argv,
                     NULL))
    return PT_EXIT_USAGE;
  if (options.limit < 1)
    return pt_cli_usage ("outages", _ ("--limit wants a number from 1 up"));
  url = pt_cli_url (options.url, &error);
  path = url != NULL ? make_path (&options, &error) : NULL;
  if (path == NULL)
    return pt_cli_usage ("outages", "%s", error->message);
  return run (&options, url, path);
}
