/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pt-error.h"
#include "pt-ethereum-key.h"
#include "pt-i18n.h"
#include "pt-terminal.h"

#define RPC_PATIENCE_MS 30000 /* a person waits */

gboolean
pt_cli_parse (const char *verb, const char *arguments, const char *summary,
              const GOptionEntry *entries, int argc, char **argv, char ***rest)
{
  g_autofree char *name = NULL;
  g_autoptr (GOptionContext) context = NULL;
  g_auto (GStrv) copy = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (verb != NULL && summary != NULL && entries != NULL, FALSE);
  g_return_val_if_fail (argc > 0 && argv != NULL, FALSE);
  name = g_strdup_printf ("powertrack %s", verb);
  context = g_option_context_new (arguments);
  copy = g_new0 (char *, argc + 1);
  for (int i = 0; i < argc; i++)
    copy[i] = g_strdup (argv[i]);
  g_set_prgname (name);
  g_option_context_set_translation_domain (context, "powertrack");
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, "powertrack");
  if (!g_option_context_parse_strv (context, &copy, &error))
    {
      g_printerr (_ ("%s: %s; try '%s --help'\n"), name, error->message, name);
      return FALSE;
    }
  if (arguments == NULL && copy[0] != NULL && copy[1] != NULL)
    {
      g_printerr (_ ("%s: '%s' is an argument too many; try '%s --help'\n"), name, copy[1], name);
      return FALSE;
    }
  if (rest != NULL)
    *rest = g_strdupv (copy[0] != NULL ? copy + 1 : copy);
  return TRUE;
}

int
pt_cli_usage (const char *verb, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  g_return_val_if_fail (verb != NULL && format != NULL, PT_EXIT_USAGE);
  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("powertrack %s: %s\n", verb, message);
  return PT_EXIT_USAGE;
}

int
pt_cli_fail (const char *verb, const GError *error)
{
  g_return_val_if_fail (verb != NULL && error != NULL, PT_EXIT_FAILED);
  g_printerr ("powertrack %s: %s\n", verb, error->message);
  return PT_EXIT_FAILED;
}

int
pt_cli_refuse (const char *verb, const GError *error)
{
  g_return_val_if_fail (verb != NULL && error != NULL, PT_EXIT_FAILED);
  return g_error_matches (error, PT_ERROR, PT_ERROR_CONFIGURATION)
             ? pt_cli_usage (verb, "%s", error->message)
             : pt_cli_fail (verb, error);
}

char *
pt_cli_url (const char *option, GError **error)
{
  const char *url = option != NULL ? option : g_getenv ("POWERTRACK_URL");
  g_autofree char *trimmed = NULL;

  if (url == NULL || *url == '\0')
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("say where the daemon listens with --url URL or POWERTRACK_URL"));
      return NULL;
    }
  /* See PtHttpClient: what is asked for follows. */
  if (g_str_has_prefix (url, "unix:/") && strchr (url + strlen ("unix:/"), ':') == NULL)
    return g_strconcat (url, ":", NULL);
  if (!g_str_has_prefix (url, "http://") && !g_str_has_prefix (url, "https://"))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("'%s' is not an address that begins with http://, https:// or unix:/"), url);
      return NULL;
    }
  trimmed = g_strdup (url);
  while (g_str_has_suffix (trimmed, "/"))
    trimmed[strlen (trimmed) - 1] = '\0';
  return g_steal_pointer (&trimmed);
}

static JsonNode *
get (PtHttpClient *client, JsonParser *parser, const char *url, const char *path, GError **error)
{
  g_autofree char *whole = NULL;
  g_autoptr (GBytes) body = NULL;

  whole = g_strconcat (url, path, NULL);
  body = pt_http_client_get_ok (client, whole, error);
  if (body == NULL)
    return NULL;
  if (pt_cli_object (parser, body) == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("%s did not answer with a JSON object; is --url the daemon's address?"),
                   whole);
      return NULL;
    }
  return json_parser_steal_root (parser);
}

JsonNode *
pt_cli_get (PtHttpClient *client, const char *url, const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();

  g_return_val_if_fail (client != NULL && url != NULL && path != NULL, NULL);
  return get (client, parser, url, path, error);
}

JsonNode *
pt_cli_get_mutable (PtHttpClient *client, const char *url, const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  g_return_val_if_fail (client != NULL && url != NULL && path != NULL, NULL);
  return get (client, parser, url, path, error);
}

gboolean
pt_cli_daemon_now (PtHttpClient *client, const char *url, gint64 *out, GError **error)
{
  g_autoptr (JsonNode) status = NULL;

  g_return_val_if_fail (out != NULL, FALSE);
  status = pt_cli_get (client, url, "/api/v1/status", error);
  if (status == NULL)
    return FALSE;
  *out = pt_cli_integer (json_node_get_object (status), "now", -1);
  if (*out >= 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               _ ("%s/api/v1/status does not say \"now\"; give --ts"), url);
  return FALSE;
}

static JsonArray *
array_member (JsonNode *page, const char *member)
{
  JsonNode *node = json_object_get_member (json_node_get_object (page), member);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static void
take_rows (JsonArray *rows, JsonArray *page, guint limit)
{
  for (guint i = 0; i < json_array_get_length (page); i++)
    if (limit == 0 || json_array_get_length (rows) < limit)
      json_array_add_element (rows, json_node_ref (json_array_get_element (page, i)));
}

static JsonNode *
pages_result (const char *member, JsonArray *rows, const char *next)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_array_member (object, member, json_array_ref (rows));
  if (next != NULL)
    json_object_set_string_member (object, "next", next);
  else
    json_object_set_null_member (object, "next");
  json_node_set_object (node, object);
  return node;
}

JsonNode *
pt_cli_get_pages (PtHttpClient *client, const char *url, const char *path, const char *member,
                  guint limit, GError **error)
{
  g_autoptr (JsonArray) rows = json_array_new ();
  g_autofree char *next = g_strdup (path);

  g_return_val_if_fail (client != NULL && url != NULL && path != NULL && member != NULL, NULL);
  while (next != NULL)
    {
      g_autoptr (JsonNode) page = pt_cli_get (client, url, next, error);
      JsonArray *array = page != NULL ? array_member (page, member) : NULL;
      const char *link = NULL;

      if (page == NULL)
        return NULL;
      if (array == NULL)
        {
          g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                       _ ("%s%s answered without \"%s\"; is --url the daemon's address?"), url,
                       next, member);
          return NULL;
        }
      take_rows (rows, array, limit);
      link = pt_cli_string (json_node_get_object (page), "next", NULL);
      /* A page without rows must not send us on for ever. */
      if (link != NULL && (*link != '/' || json_array_get_length (array) == 0))
        link = NULL;
      g_free (g_steal_pointer (&next));
      next = g_strdup (link);
      if (limit > 0 && json_array_get_length (rows) >= limit)
        break;
    }
  return pages_result (member, rows, next);
}

void
pt_cli_print_list (JsonNode *answer, const PtCliList *list)
{
  g_autoptr (PtTable) table = NULL;
  g_autofree char *total = NULL;
  JsonObject *object;
  JsonArray *rows;
  guint count;
  gint64 last = -1;

  g_return_if_fail (answer != NULL && list != NULL);

  object = json_node_get_object (answer);
  rows = json_object_get_array_member (object, list->member);
  count = json_array_get_length (rows);
  if (count == 0)
    {
      g_print ("%s\n", list->nothing);
      return;
    }
  table = pt_table_new (list->headings, list->right);
  for (guint i = 0; i < count; i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (rows, i)))
      {
        JsonObject *row = json_array_get_object_element (rows, i);

        list->add (table, row);
        last = pt_cli_integer (row, list->time, last);
      }
  total = pt_format_count (count, list->one, list->many);
  pt_table_print (table, total, last, pt_cli_string (object, "next", NULL) != NULL);
}

void
pt_cli_append_text (GString *query, const char *name, const char *text)
{
  g_autofree char *escaped = text != NULL ? g_uri_escape_string (text, NULL, FALSE) : NULL;

  g_return_if_fail (query != NULL && name != NULL);
  if (escaped != NULL)
    g_string_append_printf (query, "&%s=%s", name, escaped);
}

GBytes *
pt_cli_body (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  char *text = json_to_string (node, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

void
pt_cli_print_json (JsonNode *node)
{
  g_autofree char *text = NULL, *safe = NULL;

  g_return_if_fail (node != NULL);
  text = json_to_string (node, FALSE);
  safe = pt_terminal_safe_json (text);
  g_print ("%s\n", safe);
}

JsonObject *
pt_cli_object (JsonParser *parser, GBytes *body)
{
  JsonNode *root = NULL;
  const char *text = NULL;
  gsize size = 0;

  g_return_val_if_fail (parser != NULL && body != NULL, NULL);
  text = g_bytes_get_data (body, &size);
  /* It must not be given nothing, and of white space it makes nothing. */
  if (size > 0 && json_parser_load_from_data (parser, text, (gssize) size, NULL))
    root = json_parser_get_root (parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
}

const char *
pt_cli_string (JsonObject *object, const char *member, const char *otherwise)
{
  JsonNode *node = NULL;

  g_return_val_if_fail (object != NULL && member != NULL, otherwise);
  node = json_object_get_member (object, member);
  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : otherwise;
}

gint64
pt_cli_integer (JsonObject *object, const char *member, gint64 otherwise)
{
  JsonNode *node = NULL;

  g_return_val_if_fail (object != NULL && member != NULL, otherwise);
  node = json_object_get_member (object, member);
  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node)
                                                                         : otherwise;
}

char *
pt_cli_read_secret (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize size = 0;
  struct stat info;

  g_return_val_if_fail (path != NULL, NULL);
  if (stat (path, &info) == 0 && (info.st_mode & 077) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("%s may be read by others; protect it with: chmod 600 %s"), path, path);
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &size, error))
    return NULL;
  text[strcspn (text, "\r\n")] = '\0';
  if (*text != '\0')
    return g_steal_pointer (&text);
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("%s: line 1 is empty; the secret belongs there"), path);
  return NULL;
}

gboolean
pt_cli_use_token (PtHttpClient *client, const char *path, GError **error)
{
  g_autofree char *token = NULL;

  g_return_val_if_fail (client != NULL && path != NULL, FALSE);

  token = pt_cli_read_secret (path, error);
  if (token == NULL)
    return FALSE;
  pt_http_client_set_bearer (client, token);
  explicit_bzero (token, strlen (token));
  return TRUE;
}

gboolean
pt_cli_parse_address (const char *text, guint8 out[20], GError **error)
{
  g_return_val_if_fail (text != NULL && out != NULL, FALSE);
  if (pt_address_from_text (pt_keccak_permutation_nettle, pt_span (text, strlen (text)), out))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("'%s' is not an address (0x and 40 hex digits; mixed case must be right)"), text);
  return FALSE;
}

PtRpc *
pt_cli_rpc (const char *url)
{
  PtRpc *rpc;

  g_return_val_if_fail (url != NULL, NULL);

  rpc = pt_rpc_new (url);
  pt_rpc_set_candid (rpc, TRUE);
  pt_rpc_set_patience (rpc, RPC_PATIENCE_MS);
  return rpc;
}

gboolean
pt_cli_parse_time (const char *name, const char *text, gint64 *out, GError **error)
{
  g_autoptr (GTimeZone) zone = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *day = NULL;

  g_return_val_if_fail (name != NULL && text != NULL && out != NULL, FALSE);

  if (g_ascii_string_to_signed (text, 10, 0, PT_INTEGER_MAX, out, NULL))
    return TRUE;
  zone = g_time_zone_new_local ();
  day = strlen (text) == 10 ? g_strconcat (text, "T00:00:00", NULL) : g_strdup (text);
  time = g_date_time_new_from_iso8601 (day, zone);
  if (time != NULL)
    {
      *out = g_date_time_to_unix (time) * 1000;
      return TRUE;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("--%s: '%s' is no time; write 2024-02-04 or 2024-02-04T06:30:00Z"), name, text);
  return FALSE;
}
