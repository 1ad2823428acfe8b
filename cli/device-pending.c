/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack device pending`: the requests of devices that made their key themselves and wait for
 * their registration; with --out as files that `device enroll --csr` takes. */

#include <string.h>

#include "pt-cli.h"
#include "pt-csr.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-table.h"

#define VERB "device pending"
#define LINE 64

typedef struct
{
  char *url, *token, *out;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->token);
  g_free (options->out);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* NULL: it is no request of the device that the daemon names. */
static char *
to_pem (JsonObject *row)
{
  const char *area = pt_cli_string (row, "area", ""), *device = pt_cli_string (row, "device", "");
  const char *text = pt_cli_string (row, "request", "");
  g_autoptr (GString) pem = g_string_new ("-----BEGIN CERTIFICATE REQUEST-----\n");
  PtCsr csr;

  for (gsize at = 0, size = strlen (text); at < size; at += LINE)
    g_string_append_printf (pem, "%.*s\n", LINE, text + at);
  g_string_append (pem, "-----END CERTIFICATE REQUEST-----\n");
  if (pt_csr_parse (pem->str, pem->len, &csr, NULL) && strcmp (csr.device, device) == 0
      && (*csr.area == '\0' || strcmp (csr.area, area) == 0)
      && pt_is_area_id (pt_span (area, strlen (area))))
    return g_string_free (g_steal_pointer (&pem), FALSE);
  return NULL;
}

static gboolean
write_one (const char *out, JsonObject *row, GError **error)
{
  g_autofree char *pem = to_pem (row);
  g_autofree char *name = NULL, *path = NULL;

  if (pem == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("the daemon's answer has a request that is not of the device it names"));
      return FALSE;
    }
  name = g_strdup_printf ("%s.%s.csr", pt_cli_string (row, "area", ""),
                          pt_cli_string (row, "device", ""));
  path = g_build_filename (out, name, NULL);
  return g_file_set_contents (path, pem, -1, error);
}

static gboolean
write_all (const char *out, JsonArray *pending, GError **error)
{
  if (g_mkdir_with_parents (out, 0700) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("Cannot make the folder %s"), out);
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (pending); i++)
    if (!write_one (out, json_array_get_object_element (pending, i), error))
      return FALSE;
  return TRUE;
}

static void
print_text (JsonArray *pending)
{
  const char *const headings[]
      = { _ ("AREA"), _ ("DEVICE"), _ ("KEY"), _ ("IS REGISTERED"), _ ("FROM"), _ ("ASKED"), NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 0);
  guint count = json_array_get_length (pending);
  g_autofree char *total = pt_format_count (count, "device", "devices");
  gint64 last = -1;

  for (guint i = 0; i < count; i++)
    {
      JsonObject *row = json_array_get_object_element (pending, i);

      last = MAX (last, pt_cli_integer (row, "last", -1));
      pt_table_take (table, g_strdup (pt_cli_string (row, "area", "")));
      pt_table_take (table, g_strdup (pt_cli_string (row, "device", "")));
      pt_table_take (table, g_strdup (pt_cli_string (row, "key", "")));
      pt_table_take (
          table, g_strdup (json_object_get_boolean_member_with_default (row, "registered", FALSE)
                               ? _ ("with another key")
                               : _ ("no")));
      pt_table_take (table, g_strdup (pt_cli_string (row, "address", NULL)));
      pt_table_take (table, pt_format_time (pt_cli_integer (row, "last", -1)));
    }
  pt_table_print (table, total, last, FALSE);
}

static JsonArray *
rows_of (JsonNode *page, GError **error)
{
  JsonNode *list = json_object_get_member (json_node_get_object (page), "pending");
  JsonArray *rows
      = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    if (!JSON_NODE_HOLDS_OBJECT (json_array_get_element (rows, i)))
      rows = NULL;
  if (rows == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                 _ ("the daemon's answer has no list; is --url the daemon's address?"));
  return rows;
}

static gboolean
run (const Options *options, const char *url, GError **error)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (JsonNode) page = NULL;
  JsonArray *pending = NULL;

  if (!pt_cli_use_token (client, options->token, error))
    return FALSE;
  pt_http_client_set_limits (client, 5000, 30000, 16 * 1024 * 1024);
  page = pt_cli_get (client, url, "/api/v1/est/pending", error);
  pending = page != NULL ? rows_of (page, error) : NULL;
  if (pending == NULL || (options->out != NULL && !write_all (options->out, pending, error)))
    return FALSE;
  if (options->json)
    pt_cli_print_json (page);
  else
    print_text (pending);
  return TRUE;
}

int
pt_device_pending_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[]
      = { { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out,
            N_ ("Write the requests into this folder, for device enroll"), N_ ("DIR") },
          { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"),
            N_ ("URL") },
          { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &options.token,
            N_ ("The daemon's admin.token"), N_ ("FILE") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
          { NULL } };

  if (!pt_cli_parse (VERB, NULL,
                     N_ ("Lists devices that made their key themselves and wait for its\n"
                         "registration."),
                     entries, argc, argv, NULL))
    return PT_EXIT_USAGE;
  if (options.token == NULL)
    return pt_cli_usage (
        VERB, "%s",
        _ ("--token-file FILE is needed (admin.token in the daemon's state directory)"));
  url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (&options, url, &error) ? PT_EXIT_HOLDS : pt_cli_refuse (VERB, error);
}
