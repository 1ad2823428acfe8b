/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack rejected`: reports that were refused, why, and who sent them; for operators. */

#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"

#include <string.h>

typedef struct
{
  char *url, *token, *area, *device, *reason, *since;
  gboolean all, json;
  int limit;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->token);
  g_free (options->area);
  g_free (options->device);
  g_free (options->reason);
  g_free (options->since);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
add_row (PtTable *table, JsonObject *row)
{
  pt_table_take (table, pt_format_time (pt_cli_integer (row, "at", -1)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "transport", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "address", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "area", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "device", NULL)));
  pt_table_take (table, g_strdup (pt_cli_string (row, "reason", NULL)));
}

static void
print_table (JsonNode *answer)
{
  static const char *const headings[]
      = { N_ ("Refused"), N_ ("Way"), N_ ("Address"), N_ ("Area"), N_ ("Device"),
          N_ ("Reason"),  NULL };
  const PtCliList list = { .member = "rejected",
                           .headings = headings,
                           .time = "at",
                           .nothing = _ ("No refused report is kept."),
                           .one = "report",
                           .many = "reports",
                           .add = add_row };

  pt_cli_print_list (answer, &list);
}

static gboolean
append_since (GString *path, const char *since, GError **error)
{
  gint64 ms;

  if (since == NULL)
    return TRUE;
  if (!pt_cli_parse_time ("since", since, &ms, error))
    return FALSE;
  g_string_append_printf (path, "&since=%" G_GINT64_FORMAT, ms);
  return TRUE;
}

static int
run (const Options *options, const char *url, const char *path)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;

  if (!pt_cli_use_token (client, options->token, &error))
    return pt_cli_fail ("rejected", error);
  answer = pt_cli_get_pages (client, url, path, "rejected",
                             options->all ? 0 : (guint) options->limit, &error);
  if (answer == NULL)
    return pt_cli_fail ("rejected", error);
  if (options->json)
    pt_cli_print_json (answer);
  else
    print_table (answer);
  return PT_EXIT_HOLDS;
}

int
pt_rejected_main (int argc, char **argv)
{
  g_auto (Options) options = { .limit = 100 };
  g_autofree char *url = NULL;
  g_autoptr (GString) path = g_string_new ("/api/v1/rejected");
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &options.token, N_ ("The daemon's admin.token"),
      N_ ("FILE") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("Only of this area"), N_ ("AREA") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device, N_ ("Only of this device"),
      N_ ("DEVICE") },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_ ("Only what was refused so"),
      N_ ("REASON") },
    { "since", 0, 0, G_OPTION_ARG_STRING, &options.since, N_ ("Only since TIME"), N_ ("TIME") },
    { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit, N_ ("At most N (default 100)"), N_ ("N") },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_ ("All of them"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("rejected", NULL,
                     N_ ("Shows reports that were refused of late, why, and who sent them."),
                     entries, argc, argv, NULL))
    return PT_EXIT_USAGE;
  if (options.limit < 1)
    return pt_cli_usage ("rejected", _ ("--limit wants a number from 1 up"));
  if (options.token == NULL)
    return pt_cli_usage (
        "rejected",
        _ ("--token-file FILE is needed (admin.token in the daemon's state directory)"));
  g_string_append_printf (path, "?limit=%d", options.all ? 1000 : MIN (options.limit, 1000));
  pt_cli_append_text (path, "area", options.area);
  pt_cli_append_text (path, "device", options.device);
  pt_cli_append_text (path, "reason", options.reason);
  if (!append_since (path, options.since, &error))
    return pt_cli_usage ("rejected", "%s", error->message);
  url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage ("rejected", "%s", error->message);
  return run (&options, url, path->str);
}
