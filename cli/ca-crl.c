/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack ca crl`: makes an authority's revocation list anew. */

#include "ca-open.h"
#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"

static int
make_list (const char *folder, int days, const char *passphrase_file, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCa) ca = NULL;
  g_autofree char *until = NULL, *path = g_build_filename (folder, PT_CA_LIST, NULL);

  if (pt_ca_check_days (days, &error))
    ca = pt_ca_open_to_sign (folder, passphrase_file, &error);
  if (ca == NULL || !pt_ca_write_list (ca, (guint) days, &error))
    return pt_cli_refuse ("ca crl", error);
  if (json)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

      json_object_set_string_member (object, "file", path);
      json_object_set_int_member (object, "number", pt_ca_index_list_number (pt_ca_index (ca)));
      json_object_set_int_member (object, "until", pt_ca_list_until (ca));
      pt_cli_print_json (node);
      return PT_EXIT_HOLDS;
    }
  until = pt_format_time (pt_ca_list_until (ca));
  g_print (_ ("Made %s, good until %s; give it to whatever checks certificates\n"), path, until);
  return PT_EXIT_HOLDS;
}

int
pt_ca_crl_main (int argc, char **argv)
{
  g_autofree char *passphrase_file = NULL;
  g_auto (GStrv) rest = NULL;
  int days = PT_CA_LIST_DAYS;
  gboolean json = FALSE;
  const GOptionEntry entries[]
      = { { "days", 0, 0, G_OPTION_ARG_INT, &days, N_ ("How long it is good for; not given: 90"),
            N_ ("N") },
          { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &passphrase_file,
            N_ ("The passphrase of its key, first line; not given: it is asked for"), N_ ("FILE") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object"), NULL },
          { NULL } };

  if (!pt_cli_parse ("ca crl", "DIR",
                     N_ ("Makes the revocation list of a certificate authority anew."), entries,
                     argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage ("ca crl", _ ("name one folder"));
  return make_list (rest[0], days, passphrase_file, json);
}
