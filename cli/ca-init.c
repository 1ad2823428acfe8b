/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack ca init`: makes a certificate authority for the devices of a fleet. */

#include "ca-open.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-passphrase.h"
#include "pt-table.h"

typedef struct
{
  char *name, *passphrase_file;
  int days, list_days;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->name);
  g_free (options->passphrase_file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *options, int argc, char **argv, char ***rest)
{
  const GOptionEntry entries[]
      = { { "name", 0, 0, G_OPTION_ARG_STRING, &options->name,
            N_ ("Its name in certificates; not given: Power Tracker devices"), N_ ("TEXT") },
          { "days", 0, 0, G_OPTION_ARG_INT, &options->days,
            N_ ("How long it is good for; not given: 3650"), N_ ("N") },
          { "crl-days", 0, 0, G_OPTION_ARG_INT, &options->list_days,
            N_ ("How long its first revocation list is; not given: 90"), N_ ("N") },
          { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &options->passphrase_file,
            N_ ("The passphrase of its key, first line; not given: it is asked for"), N_ ("FILE") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print one JSON object"), NULL },
          { NULL } };

  return pt_cli_parse ("ca init", "DIR",
                       N_ ("Makes a certificate authority for devices: certificate, key under a\n"
                           "passphrase, revocation list."),
                       entries, argc, argv, rest);
}

static int
print_made (const char *folder, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCa) ca = pt_ca_open (folder, NULL, &error);
  g_autofree char *fingerprint = ca != NULL ? pt_ca_fingerprint (ca) : NULL;
  g_autofree char *until = NULL;

  if (fingerprint == NULL)
    return error != NULL ? pt_cli_fail ("ca init", error) : PT_EXIT_FAILED;
  if (json)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

      json_object_set_string_member (object, "folder", folder);
      json_object_set_string_member (object, "name", pt_ca_name (ca));
      json_object_set_string_member (object, "fingerprint", fingerprint);
      json_object_set_int_member (object, "until", pt_ca_until (ca));
      pt_cli_print_json (node);
      return PT_EXIT_HOLDS;
    }
  until = pt_format_time (pt_ca_until (ca));
  g_print (_ ("Made the certificate authority “%s” in %s, good until %s\n"), pt_ca_name (ca),
           folder, until);
  g_print (_ ("SHA-256 of its certificate: %s\n"), fingerprint);
  g_print (_ ("Keep a copy of the folder and the passphrase where no daemon is.\n"));
  return PT_EXIT_HOLDS;
}

int
pt_ca_init_main (int argc, char **argv)
{
  g_auto (Options) options = { .days = PT_CA_DAYS, .list_days = PT_CA_LIST_DAYS };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  char *passphrase = NULL;
  gboolean good;

  if (!parse_options (&options, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage ("ca init", _ ("name one folder"));
  if (!pt_ca_check_days (options.days, &error) || !pt_ca_check_days (options.list_days, &error))
    return pt_cli_refuse ("ca init", error);
  passphrase = pt_passphrase_get (options.passphrase_file, _ ("A passphrase for its key"), TRUE,
                                  "--passphrase-file", &error);
  good = passphrase != NULL
         && pt_ca_make (rest[0], options.name != NULL ? options.name : "Power Tracker devices",
                        (guint) options.days, (guint) options.list_days, passphrase, &error);
  pt_passphrase_free (passphrase);
  return good ? print_made (rest[0], options.json) : pt_cli_refuse ("ca init", error);
}
