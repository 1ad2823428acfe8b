/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack ca show`: an authority, and what it issued. */

#include <string.h>

#include "ca-open.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-table.h"

#define LIMIT 50

typedef struct
{
  char *device;
  int limit;
  gboolean json;
} Options;

/* What became of one by now. */
static const char *
state_of (const PtCaIssued *issued, gint64 now)
{
  if (issued->revoked != 0)
    return N_ ("revoked");
  return issued->until <= now ? N_ ("over") : N_ ("good");
}

static gboolean
is_wanted (const PtCaIssued *issued, const char *device)
{
  const char *slash = strchr (issued->name, '/');

  return device == NULL || strcmp (issued->name, device) == 0 || strcmp (slash + 1, device) == 0;
}

/* Newest first: their numbers. *@all: how many there are. */
static GArray *
choose (const PtCaIndex *index, const Options *options, guint *all)
{
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (guint));

  *all = 0;
  for (guint i = pt_ca_index_count (index); i-- > 0;)
    if (is_wanted (pt_ca_index_get (index, i), options->device))
      {
        if (options->limit == 0 || chosen->len < (guint) options->limit)
          g_array_append_val (chosen, i);
        ++*all;
      }
  return chosen;
}

static JsonObject *
row_of (const PtCaIssued *issued, gint64 now)
{
  JsonObject *row = json_object_new ();
  char serial[2 * PT_CA_SERIAL_SIZE + 1] = "", key[96] = "";
  const char *slash = strchr (issued->name, '/');
  g_autofree char *area = g_strndup (issued->name, (gsize) (slash - issued->name));

  pt_hex_encode (issued->serial, sizeof issued->serial, serial, sizeof serial);
  pt_base64url_encode (issued->key, sizeof issued->key, key, sizeof key);
  json_object_set_string_member (row, "area", area);
  json_object_set_string_member (row, "device", slash + 1);
  json_object_set_string_member (row, "serial", serial);
  json_object_set_string_member (row, "key", key);
  json_object_set_int_member (row, "from", issued->from);
  json_object_set_int_member (row, "until", issued->until);
  json_object_set_string_member (row, "state", state_of (issued, now));
  if (issued->revoked != 0)
    {
      json_object_set_int_member (row, "revoked", issued->revoked);
      json_object_set_string_member (row, "reason", pt_ca_reason_name (issued->reason));
    }
  return row;
}

static void
print_json (PtCa *ca, const GArray *chosen, guint all, gint64 now)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *fingerprint = pt_ca_fingerprint (ca);
  JsonArray *rows = json_array_new ();

  for (guint i = 0; i < chosen->len; i++)
    json_array_add_object_element (
        rows, row_of (pt_ca_index_get (pt_ca_index (ca), g_array_index (chosen, guint, i)), now));
  json_object_set_string_member (object, "name", pt_ca_name (ca));
  json_object_set_string_member (object, "fingerprint", fingerprint);
  json_object_set_int_member (object, "until", pt_ca_until (ca));
  json_object_set_int_member (object, "crl_number", pt_ca_index_list_number (pt_ca_index (ca)));
  json_object_set_int_member (object, "crl_until", pt_ca_list_until (ca));
  json_object_set_int_member (object, "count", all);
  json_object_set_array_member (object, "certificates", rows);
  pt_cli_print_json (node);
}

static void
print_rows (PtCa *ca, const GArray *chosen, guint all, gint64 now)
{
  const char *const headings[]
      = { _ ("DEVICE"), _ ("SERIAL NUMBER"), _ ("GOOD UNTIL"), _ ("STATE"), NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 0);
  g_autofree char *total = pt_format_count (all, "certificate", "certificates");

  for (guint i = 0; i < chosen->len; i++)
    {
      const PtCaIssued *issued
          = pt_ca_index_get (pt_ca_index (ca), g_array_index (chosen, guint, i));
      char *serial = g_malloc0 (2 * PT_CA_SERIAL_SIZE + 1);

      pt_hex_encode (issued->serial, sizeof issued->serial, serial, 2 * PT_CA_SERIAL_SIZE + 1);
      pt_table_take (table, g_strdup (issued->name));
      pt_table_take (table, serial);
      pt_table_take (table, pt_format_time (issued->until));
      pt_table_take (table, g_strdup (_ (state_of (issued, now))));
    }
  pt_table_print (table, total, now, all > chosen->len);
}

static void
print_text (PtCa *ca, const GArray *chosen, guint all, gint64 now)
{
  g_autofree char *fingerprint = pt_ca_fingerprint (ca);
  g_autofree char *until = pt_format_time (pt_ca_until (ca));
  gint64 list_until = pt_ca_list_until (ca);
  g_autofree char *list = pt_format_time (list_until);

  g_print (_ ("“%s”, good until %s\n"), pt_ca_name (ca), until);
  g_print (_ ("SHA-256 of its certificate: %s\n"), fingerprint);
  if (list_until == 0)
    g_print (_ ("There is no revocation list; make one with: powertrack ca crl\n"));
  else if (list_until <= now)
    g_print (_ ("Its revocation list ended %s; make it anew with: powertrack ca crl\n"), list);
  else
    g_print (_ ("Its revocation list is good until %s\n"), list);
  if (all > 0)
    {
      g_print ("\n");
      print_rows (ca, chosen, all, now);
    }
}

static int
show (const char *folder, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCa) ca = pt_ca_open (folder, NULL, &error);
  g_autoptr (GArray) chosen = NULL;
  gint64 now = g_get_real_time () / 1000;
  guint all = 0;

  if (ca == NULL)
    return pt_cli_refuse ("ca show", error);
  chosen = choose (pt_ca_index (ca), options, &all);
  if (options->json)
    print_json (ca, chosen, all, now);
  else
    print_text (ca, chosen, all, now);
  return options->device == NULL || all > 0 ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

int
pt_ca_show_main (int argc, char **argv)
{
  Options options = { .limit = LIMIT };
  g_auto (GStrv) rest = NULL;
  int status;
  const GOptionEntry entries[]
      = { { "device", 0, 0, G_OPTION_ARG_STRING, &options.device,
            N_ ("Those of one device only, AREA/ID or ID"), N_ ("DEVICE") },
          { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit,
            N_ ("At most so many, the newest; 0: all. Not given: 50"), N_ ("N") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
          { NULL } };

  if (!pt_cli_parse ("ca show", "DIR", N_ ("Shows a certificate authority and what it issued."),
                     entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1 || options.limit < 0)
    status = pt_cli_usage ("ca show",
                           options.limit < 0 ? _ ("--limit is 0 or more") : _ ("name one folder"));
  else
    status = show (rest[0], &options);
  g_free (options.device);
  return status;
}
