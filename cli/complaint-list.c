/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack complaint list`: the complaints of an area, those that matter most first. */

#include "complaint-known.h"
#include "complaint-words.h"
#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"

#define VERB "complaint list"

typedef struct
{
  char *url, *area, *state, *category, *site, *assigned, *closed, *search, *sort;
  gboolean overdue, reverse, all, json;
  int limit;
} Options;

static void
options_clear (Options *options)
{
  char *texts[]
      = { options->url,      options->area,   options->state,  options->category, options->site,
          options->assigned, options->closed, options->search, options->sort };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
add_row (PtTable *table, JsonObject *row, gint64 now)
{
  pt_table_take (table, pt_complaint_shown (pt_cli_string (row, "complaint", "-")));
  pt_table_take (table, g_strdup (pt_cli_string (row, "area", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "category", NULL)));
  pt_table_take (table, pt_complaint_place_words (row));
  pt_table_take (table, pt_complaint_state_words (row));
  pt_table_take (table, pt_complaint_clock_words (row, now));
  pt_table_take (table, pt_format_time (pt_cli_integer (row, "filed_at", -1)));
  pt_table_take (table, g_strdup_printf ("%" G_GINT64_FORMAT, pt_cli_integer (row, "people", 1)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "assigned", NULL)));
}

static gint64
print_rows (JsonArray *rows, gint64 now, gboolean more)
{
  static const char *const headings[]
      = { N_ ("Number"), N_ ("Area"),  N_ ("Category"), N_ ("Place"),    N_ ("State"),
          N_ ("Clock"),  N_ ("Filed"), N_ ("People"),   N_ ("Assigned"), NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 1 << 7);
  g_autofree char *total = NULL;
  gint64 last = -1;

  for (guint i = 0; i < json_array_get_length (rows); i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (rows, i)))
      {
        add_row (table, json_array_get_object_element (rows, i), now);
        last = pt_cli_integer (json_array_get_object_element (rows, i), "filed_at", -1);
      }
  total = pt_format_count (json_array_get_length (rows), "complaint", "complaints");
  pt_table_print (table, total, last, more);
  return last;
}

/* Four ways closed, which nobody adds up. */
static void
print_counts (JsonObject *counts)
{
  JsonNode *node = json_object_get_member (counts, "closed");
  JsonObject *closed
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  g_print (_ ("Open %" PRIi64 ", overdue %" PRIi64 ", due within the hour %" PRIi64 "\n"),
           pt_cli_integer (counts, "open", 0), pt_cli_integer (counts, "overdue", 0),
           pt_cli_integer (counts, "due_hour", 0));
  if (closed != NULL)
    g_print (_ ("Closed: by the citizen %" PRIi64 ", by the devices %" PRIi64
                ", unconfirmed %" PRIi64 ", against the evidence %" PRIi64 "\n"),
             pt_cli_integer (closed, "citizen", 0), pt_cli_integer (closed, "devices", 0),
             pt_cli_integer (closed, "unconfirmed", 0), pt_cli_integer (closed, "against", 0));
}

static char *
make_path (const Options *options)
{
  g_autoptr (GString) path = g_string_new ("/api/v1/complaints?format=json");

  g_string_append_printf (path, "&limit=%d", options->all ? 1000 : MIN (options->limit, 1000));
  pt_cli_append_text (path, "area", options->area);
  pt_cli_append_text (path, "state", options->state);
  pt_cli_append_text (path, "category", options->category);
  pt_cli_append_text (path, "site", options->site);
  pt_cli_append_text (path, "assigned", options->assigned);
  pt_cli_append_text (path, "closed", options->closed);
  pt_cli_append_text (path, "q", options->search);
  pt_cli_append_text (path, "sort", options->sort);
  if (options->overdue)
    pt_cli_append_text (path, "overdue", "true");
  if (options->reverse)
    pt_cli_append_text (path, "order", "desc");
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static int
run (const Options *options, const char *url)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autofree char *path = make_path (options);
  g_autoptr (JsonNode) answer = NULL, first = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object = NULL;
  JsonNode *counts = NULL;
  gint64 now = 0;

  answer = pt_cli_get_pages (client, url, path, "complaints",
                             options->all ? 0 : (guint) options->limit, &error);
  if (answer == NULL)
    return pt_cli_fail (VERB, error);
  if (options->json)
    {
      pt_cli_print_json (answer);
      return PT_EXIT_HOLDS;
    }
  first = pt_cli_get (client, url, path, &error);
  if (first == NULL || !pt_cli_daemon_now (client, url, &now, &error))
    return pt_cli_fail (VERB, error);
  object = json_node_get_object (answer);
  if (json_array_get_length (json_object_get_array_member (object, "complaints")) == 0)
    g_print (_ ("There is no such complaint.\n"));
  else
    print_rows (json_object_get_array_member (object, "complaints"), now,
                pt_cli_string (object, "next", NULL) != NULL);
  counts = json_object_get_member (json_node_get_object (first), "counts");
  if (counts != NULL && JSON_NODE_HOLDS_OBJECT (counts))
    print_counts (json_node_get_object (counts));
  return PT_EXIT_HOLDS;
}

int
pt_complaint_list_main (int argc, char **argv)
{
  g_auto (Options) options = { .limit = 100 };
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("Only of this area"), N_ ("AREA") },
    { "state", 0, 0, G_OPTION_ARG_STRING, &options.state,
      N_ ("Only in these states, by comma; all-open: what is to be done"), N_ ("STATES") },
    { "category", 0, 0, G_OPTION_ARG_STRING, &options.category, N_ ("Only of this category"),
      N_ ("ID") },
    { "site", 0, 0, G_OPTION_ARG_STRING, &options.site, N_ ("Only at this site"), N_ ("SITE") },
    { "assigned", 0, 0, G_OPTION_ARG_STRING, &options.assigned, N_ ("Only those of this official"),
      N_ ("ID") },
    { "overdue", 0, 0, G_OPTION_ARG_NONE, &options.overdue, N_ ("Only those past a limit"), NULL },
    { "closed", 0, 0, G_OPTION_ARG_STRING, &options.closed,
      N_ ("Only those closed so: citizen, devices, unconfirmed or against"), N_ ("HOW") },
    { "search", 0, 0, G_OPTION_ARG_STRING, &options.search, N_ ("Only those with these words"),
      N_ ("TEXT") },
    { "sort", 0, 0, G_OPTION_ARG_STRING, &options.sort,
      N_ ("By clock (default), filed, changed or people"), N_ ("HOW") },
    { "reverse", 0, 0, G_OPTION_ARG_NONE, &options.reverse, N_ ("The other way round"), NULL },
    { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit, N_ ("At most N (default 100)"), N_ ("N") },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_ ("All of them"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
    { NULL }
  };

  if (!pt_cli_parse (VERB, NULL, N_ ("Lists complaints, with their clocks and how they stand."),
                     entries, argc, argv, NULL))
    return PT_EXIT_USAGE;
  if (options.limit < 1)
    return pt_cli_usage (VERB, _ ("--limit wants a number from 1 up"));
  url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (&options, url);
}
