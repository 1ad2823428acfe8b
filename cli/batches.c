/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack batches`: the batches and where they stand. */

#include "pt-cli.h"
#include "pt-table.h"
#include "pt-i18n.h"

static void
add_row (PtTable *table, JsonObject *row)
{
  gint64 size = pt_cli_integer (row, "size", 0) - pt_cli_integer (row, "prev_size", 0);

  pt_table_take (table, g_strdup (pt_cli_string (row, "area", NULL)));
  pt_table_take (table, g_strdup_printf ("%" G_GINT64_FORMAT, pt_cli_integer (row, "batch", 0)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "state", NULL)));
  pt_table_take (table, pt_format_time (pt_cli_integer (row, "from", -1)));
  pt_table_take (table, pt_format_time (pt_cli_integer (row, "to", -1)));
  pt_table_take (table, g_strdup_printf ("%" G_GINT64_FORMAT, size));
  pt_table_take (table, pt_cli_integer (row, "block", 0) > 0 ? g_strdup_printf (
                            "%" G_GINT64_FORMAT, pt_cli_integer (row, "block", 0))
                                                             : NULL);
  pt_table_take (table, g_strdup (pt_cli_string (row, "waits_for", "")));
}

static void
print_table (JsonNode *answer)
{
  static const char *const headings[]
      = { N_ ("Area"),    N_ ("Batch"), N_ ("State"),     N_ ("From"), N_ ("To"),
          N_ ("Entries"), N_ ("Block"), N_ ("Waits for"), NULL };
  const PtCliList list = { .member = "batches",
                           .headings = headings,
                           .right = 1 << 1 | 1 << 5 | 1 << 6,
                           .time = "to",
                           .nothing = _ ("No batches yet."),
                           .one = "batch",
                           .many = "batches",
                           .add = add_row };

  pt_cli_print_list (answer, &list);
}

static char *
make_path (const char *area, const char *state, int limit)
{
  g_autoptr (GString) query = g_string_new (NULL);

  g_string_append_printf (query, "/api/v1/batches?limit=%d", limit);
  pt_cli_append_text (query, "area", area);
  pt_cli_append_text (query, "state", state);
  return g_string_free (g_steal_pointer (&query), FALSE);
}

int
pt_batches_main (int argc, char **argv)
{
  g_autofree char *option_url = NULL, *url = NULL, *area = NULL, *state = NULL, *path = NULL;
  gboolean all = FALSE, json = FALSE;
  int limit = 100;
  g_autoptr (PtHttpClient) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = NULL;
  const GOptionEntry entries[]
      = { { "url", 'u', 0, G_OPTION_ARG_STRING, &option_url, N_ ("The daemon's address"),
            N_ ("URL") },
          { "area", 0, 0, G_OPTION_ARG_STRING, &area, N_ ("Only of this area"), N_ ("AREA") },
          { "state", 0, 0, G_OPTION_ARG_STRING, &state,
            N_ ("Only in this state: sealed, published, submitted or final"), N_ ("STATE") },
          { "limit", 0, 0, G_OPTION_ARG_INT, &limit, N_ ("At most N (default 100)"), N_ ("N") },
          { "all", 0, 0, G_OPTION_ARG_NONE, &all, N_ ("All of them"), NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
          { NULL } };

  if (!pt_cli_parse ("batches", NULL, N_ ("Shows the batches and where they stand."), entries, argc,
                     argv, NULL))
    return PT_EXIT_USAGE;
  if (limit < 1)
    return pt_cli_usage ("batches", _ ("--limit wants a number from 1 up"));
  url = pt_cli_url (option_url, &error);
  if (url == NULL)
    return pt_cli_usage ("batches", "%s", error->message);
  path = make_path (area, state, all || limit > 1000 ? 1000 : limit);
  client = pt_http_client_new ();
  answer = pt_cli_get_pages (client, url, path, "batches", all ? 0 : (guint) limit, &error);
  if (answer == NULL)
    return pt_cli_fail ("batches", error);
  if (json)
    pt_cli_print_json (answer);
  else
    print_table (answer);
  return PT_EXIT_HOLDS;
}
