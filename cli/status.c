/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack status`: how the daemon does. */

#include <string.h>

#include "pt-cli.h"
#include "pt-table.h"
#include "pt-terminal.h"
#include "pt-i18n.h"

static JsonObject *
object_member (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
print_count (JsonObject *status, const char *member, const char *singular, const char *plural,
             const char *separator)
{
  g_autofree char *text
      = pt_format_count ((guint64) pt_cli_integer (status, member, 0), singular, plural);

  g_print ("%s%s", text, separator);
}

static void
print_chain (JsonObject *chain)
{
  g_autofree char *state = pt_terminal_safe (pt_cli_string (chain, "state", "none"));
  g_autofree char *contract = pt_terminal_safe (pt_cli_string (chain, "contract", ""));

  g_print (_ ("Chain      %s"), state);
  if (pt_cli_integer (chain, "chain_id", 0) > 0)
    g_print (_ (": chain %" PRId64 ", contract %s, block %" PRId64),
             pt_cli_integer (chain, "chain_id", 0), contract, pt_cli_integer (chain, "block", 0));
  g_print ("\n");
}

static void
print_batches (JsonObject *batches)
{
  g_print (_ ("Batches    %" PRId64 " final, %" PRId64 " submitted, %" PRId64 " published, %" PRId64
              " sealed\n"),
           pt_cli_integer (batches, "final", 0), pt_cli_integer (batches, "submitted", 0),
           pt_cli_integer (batches, "published", 0), pt_cli_integer (batches, "sealed", 0));
}

/* Of a way by which nothing came yet there is nothing to say. */
static void
print_way (const char *label, JsonObject *way)
{
  JsonObject *lag = way != NULL ? object_member (way, "lag") : NULL;

  if (lag == NULL
      || (pt_cli_integer (way, "accepted", 0) == 0 && pt_cli_integer (way, "duplicates", 0) == 0
          && pt_cli_integer (way, "refused", 0) == 0 && pt_cli_integer (way, "queue", 0) == 0))
    return;
  g_print ("%-11s", label);
  print_count (way, "queue", "line waits", "lines wait", "");
  if (pt_cli_integer (lag, "lines", 0) == 0)
    g_print (_ ("; none became durable in the last minute\n"));
  else
    g_print (_ ("; durable after %" PRId64 " ms, %" PRId64 " ms at most\n"),
             pt_cli_integer (lag, "mean", 0), pt_cli_integer (lag, "longest", 0));
}

static void
print_ways (JsonObject *ways)
{
  if (ways == NULL)
    return;
  print_way ("HTTP", object_member (ways, "http"));
  print_way ("MQTT", object_member (ways, "mqtt"));
  print_way ("CoAP", object_member (ways, "coap"));
}

static void
print_status (JsonObject *status)
{
  gint64 now = pt_cli_integer (status, "now", -1);
  g_autofree char *time = pt_format_time (now), *zone = pt_format_zone (now);
  g_autofree char *state = pt_terminal_safe (pt_cli_string (status, "state", "unknown"));
  g_autofree char *detail = pt_terminal_safe (pt_cli_string (status, "detail", ""));
  g_autofree char *version = pt_terminal_safe (pt_cli_string (status, "version", "?"));

  g_print (_ ("Daemon     %s%s%s (version %s)\n"), state, *detail != '\0' ? ": " : "", detail,
           version);
  g_print (_ ("Its clock  %s %s\n"), time, zone);
  g_print (_ ("Knows      "));
  print_count (status, "areas", "area", "areas", ", ");
  print_count (status, "sites", "site", "sites", ", ");
  print_count (status, "devices", "device", "devices", ", ");
  print_count (status, "reports", "report", "reports", "\n");
  g_print (_ ("Outages    "));
  if (pt_cli_integer (status, "outages_open", 0) == 0)
    g_print (_ ("none open\n"));
  else
    g_print (_ ("%" PRId64 " open\n"), pt_cli_integer (status, "outages_open", 0));
  g_print (_ ("Waiting    "));
  print_count (status, "pending", "entry for the next batch", "entries for the next batch", "\n");
  print_ways (object_member (status, "transports"));
  if (pt_cli_integer (status, "damaged", 0) > 0)
    {
      g_print (_ ("Damaged    "));
      print_count (status, "damaged", "batch whose file only a copy can mend",
                   "batches whose files only a copy can mend", "\n");
    }
  if (pt_cli_integer (status, "keys_copied", 0) > 0)
    {
      g_print (_ ("Copied     "));
      print_count (status, "keys_copied", "device whose key is in two hands: revoke or replace it",
                   "devices whose keys are in two hands: revoke or replace them", "\n");
    }
  if (object_member (status, "batches") != NULL)
    print_batches (object_member (status, "batches"));
  if (object_member (status, "chain") != NULL)
    print_chain (object_member (status, "chain"));
}

int
pt_status_main (int argc, char **argv)
{
  g_autofree char *option_url = NULL, *url = NULL;
  g_autoptr (PtHttpClient) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) status = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[]
      = { { "url", 'u', 0, G_OPTION_ARG_STRING, &option_url, N_ ("The daemon's address"),
            N_ ("URL") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print the daemon's JSON"), NULL },
          { NULL } };

  if (!pt_cli_parse ("status", NULL, N_ ("Shows how the daemon does."), entries, argc, argv, NULL))
    return PT_EXIT_USAGE;
  url = pt_cli_url (option_url, &error);
  if (url == NULL)
    return pt_cli_usage ("status", "%s", error->message);
  client = pt_http_client_new ();
  status = pt_cli_get (client, url, "/api/v1/status", &error);
  if (status == NULL)
    return pt_cli_fail ("status", error);
  if (json)
    pt_cli_print_json (status);
  else
    print_status (json_node_get_object (status));
  /* For scripts: what waits for somebody is no success. */
  return strcmp (pt_cli_string (json_node_get_object (status), "state", ""), "attention") == 0
             ? PT_EXIT_FAILED
             : PT_EXIT_HOLDS;
}
