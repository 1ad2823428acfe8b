/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack device enroll` and `device rotate`: a key, a registration that the authority signed,
 * a certificate and a provisioning file a device. */

#include "ca-open.h"
#include "enroll.h"
#include "pt-cli.h"
#include "pt-confirm.h"
#include "pt-error.h"
#include "pt-i18n.h"

#define DAY_MS (G_GINT64_CONSTANT (86400) * 1000)

typedef struct
{
  char *csv, *device, *area, *site, *lat, *lon, *level, *customers, *feeder, *csr;
  char *authority_key, *authority_dir, *ca, *passphrase_file, *out, *psk_file, *oscore_file;
  char *url, *https, *mqtt, *coap, *oscore;
  int days, list_days, older_than;
  gboolean force, reactivate, dry_run, yes, json, rotates;
} Options;

static void
options_clear (Options *options)
{
  char *texts[] = { options->csv,           options->device,    options->area,
                    options->site,          options->lat,       options->lon,
                    options->level,         options->customers, options->feeder,
                    options->csr,           options->ca,        options->passphrase_file,
                    options->authority_key, options->out,       options->authority_dir,
                    options->psk_file,      options->url,       options->https,
                    options->mqtt,          options->coap,      options->oscore_file,
                    options->oscore };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static const char *
verb_of (const Options *options)
{
  return options->rotates ? "device rotate" : "device enroll";
}

/* Of both verbs. */
static void
add_common (GArray *entries, Options *options)
{
  const GOptionEntry common[] = {
    { "device", 0, 0, G_OPTION_ARG_STRING, &options->device, N_ ("One device"), N_ ("ID") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options->area, N_ ("Its area"), N_ ("AREA") },
    { "csr", 0, 0, G_OPTION_ARG_FILENAME, &options->csr,
      N_ ("Requests (PKCS#10) of devices that made their key themselves: a file or a folder"),
      N_ ("PATH") },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &options->ca,
      N_ ("The certificate authority, as ca init made it"), N_ ("DIR") },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &options->passphrase_file,
      N_ ("The passphrase of its key, first line; not given: it is asked for"), N_ ("FILE") },
    { "days", 0, 0, G_OPTION_ARG_INT, &options->days,
      N_ ("How long certificates are good for; not given: 730"), N_ ("N") },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options->out,
      N_ ("Folder of the provisioning files, AREA/DEVICE.json"), N_ ("DIR") },
    { "psk-file", 0, 0, G_OPTION_ARG_FILENAME, &options->psk_file,
      N_ ("Give each a pre-shared key for CoAP too, and add it to the daemon's FILE"),
      N_ ("FILE") },
    { "oscore-file", 0, 0, G_OPTION_ARG_FILENAME, &options->oscore_file,
      N_ ("Give each an ID and a secret for OSCORE too, and add them to the daemon's FILE"),
      N_ ("FILE") },
    { "https", 0, 0, G_OPTION_ARG_STRING, &options->https,
      N_ ("Where devices post over HTTPS; not given: --url"), N_ ("URL") },
    { "mqtt", 0, 0, G_OPTION_ARG_STRING, &options->mqtt, N_ ("Where their MQTT broker is"),
      N_ ("HOST:PORT") },
    { "coap", 0, 0, G_OPTION_ARG_STRING, &options->coap, N_ ("Where they post over CoAP"),
      N_ ("URI") },
    { "oscore", 0, 0, G_OPTION_ARG_STRING, &options->oscore,
      N_ ("Where they post over CoAP with OSCORE"), N_ ("URI") },
    { "authority-key", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_key,
      N_ ("The areas' authority key"), N_ ("FILE") },
    { "authority-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_dir,
      N_ ("Folder with one AREA.pem for each area"), N_ ("DIR") },
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"), N_ ("URL") },
    { "crl-days", 0, 0, G_OPTION_ARG_INT, &options->list_days,
      N_ ("How long a revocation list that has to be made is good for; not given: 90"), N_ ("N") },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
      N_ ("Say what would be done, and do nothing"), NULL },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &options->yes, N_ ("Sign without asking"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  g_array_append_vals (entries, common, G_N_ELEMENTS (common));
}

static gboolean
parse_enroll (Options *options, int argc, char **argv)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (GOptionEntry));
  const GOptionEntry own[] = {
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &options->csv,
      N_ ("Devices, one a line after a heading; the man page names the columns"), N_ ("FILE") },
    { "site", 0, 0, G_OPTION_ARG_STRING, &options->site, N_ ("Its site"), N_ ("SITE") },
    { "lat", 0, 0, G_OPTION_ARG_STRING, &options->lat,
      N_ ("Latitude: 1e-7 degrees, or degrees with a point"), N_ ("N") },
    { "lon", 0, 0, G_OPTION_ARG_STRING, &options->lon, N_ ("Longitude, the same"), N_ ("N") },
    { "level", 0, 0, G_OPTION_ARG_STRING, &options->level, N_ ("transformer, cluster or house"),
      N_ ("LEVEL") },
    { "customers", 0, 0, G_OPTION_ARG_STRING, &options->customers, N_ ("Customers it supplies"),
      N_ ("N") },
    { "feeder", 0, 0, G_OPTION_ARG_STRING, &options->feeder,
      N_ ("The line that feeds its site; \"\": none. Not given: as it is registered"), N_ ("ID") },
    { "force", 0, 0, G_OPTION_ARG_NONE, &options->force,
      N_ ("New certificates, over provisioning files that are there"), NULL },
    { "reactivate", 0, 0, G_OPTION_ARG_NONE, &options->reactivate,
      N_ ("Enroll revoked devices again, with a new key"), NULL },
  };

  g_array_append_vals (entries, own, G_N_ELEMENTS (own));
  add_common (entries, options);
  return pt_cli_parse (
      "device enroll", NULL,
      N_ ("Gives devices a key, a registration that their area's authority signed, a\n"
          "certificate and a provisioning file each."),
      (const GOptionEntry *) (gpointer) entries->data, argc, argv, NULL);
}

static gboolean
parse_rotate (Options *options, int argc, char **argv)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (GOptionEntry));
  const GOptionEntry own[] = {
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &options->csv,
      N_ ("Devices, one a line after a heading: area,device"), N_ ("FILE") },
    { "older-than", 0, 0, G_OPTION_ARG_INT, &options->older_than,
      N_ ("Only those whose registration is older"), N_ ("DAYS") },
  };

  g_array_append_vals (entries, own, G_N_ELEMENTS (own));
  add_common (entries, options);
  return pt_cli_parse (
      "device rotate", NULL,
      N_ ("Gives devices that are registered a new key, registration, certificate\n"
          "and provisioning file. Their old key is refused from then on."),
      (const GOptionEntry *) (gpointer) entries->data, argc, argv, NULL);
}

/* What is missing, or said twice; NULL: nothing. */
static const char *
find_problem (const Options *options)
{
  if ((options->csv == NULL) == (options->device == NULL))
    return _ ("give either --csv FILE or --device ID");
  if (options->device != NULL && options->area == NULL)
    return _ ("--device needs --area");
  if (options->device != NULL && !options->rotates
      && (options->site == NULL || options->lat == NULL || options->lon == NULL
          || options->level == NULL || options->customers == NULL))
    return _ ("--device needs all of --area, --site, --lat, --lon, --level and --customers");
  if (options->ca == NULL || options->out == NULL)
    return _ ("--ca DIR and --out DIR are needed");
  return options->older_than < 0 ? _ ("--older-than is 1 or more days") : NULL;
}

static gboolean
open_inputs (PtEnroll *enroll, const Options *options, GError **error)
{
  g_autoptr (PtCa) ca = NULL;

  if (!pt_ca_check_days (options->days, error) || !pt_ca_check_days (options->list_days, error))
    return FALSE;
  ca = pt_ca_open (options->ca, NULL, error);
  if (ca == NULL)
    return FALSE;
  if (options->csr != NULL)
    enroll->csrs = pt_enroll_csrs_read (options->csr, error);
  return options->csr == NULL || enroll->csrs != NULL;
}

static gboolean
prepare (PtEnroll *enroll, const Options *options, GError **error)
{
  const char *fields[PT_DEVICE_FIELDS]
      = { options->area, options->device, options->site,      NULL,           options->lat,
          options->lon,  options->level,  options->customers, options->feeder };

  return open_inputs (enroll, options, error)
         && pt_enroll_read (enroll, options->csv == NULL ? fields : NULL, error)
         && pt_enroll_plan (enroll, options->older_than * DAY_MS, error);
}

static gboolean
open_secrets (PtEnroll *enroll, const Options *options, GError **error)
{
  if (options->psk_file != NULL)
    enroll->psk = pt_enroll_psk_open (options->psk_file, PT_ENROLL_PSK, error);
  if (options->psk_file != NULL && enroll->psk == NULL)
    return FALSE;
  if (options->oscore_file != NULL)
    enroll->oscore_secrets = pt_enroll_psk_open (options->oscore_file, PT_ENROLL_OSCORE, error);
  return options->oscore_file == NULL || enroll->oscore_secrets != NULL;
}

static gboolean
carry_out (PtEnroll *enroll, const Options *options, GError **error)
{
  if (pt_enroll_left_to_do (enroll) == 0)
    return TRUE;
  enroll->ca = pt_ca_open_to_sign (options->ca, options->passphrase_file, error);
  if (enroll->ca == NULL)
    return FALSE;
  return open_secrets (enroll, options, error) && pt_enroll_run (enroll, error)
         && (enroll->revoked == 0
             || pt_ca_write_list (enroll->ca, (guint) options->list_days, error));
}

static int
run (PtEnroll *enroll, const Options *options)
{
  g_autoptr (GError) error = NULL;
  int status = PT_EXIT_FAILED;

  if (!prepare (enroll, options, &error))
    return pt_cli_refuse (enroll->verb, error);
  pt_enroll_print_plan (enroll);
  if (options->dry_run)
    return pt_enroll_print (enroll, TRUE);
  if (pt_enroll_left_to_do (enroll) > 0 && !options->yes
      && !pt_confirm (enroll->verb, _ ("What is signed is in the log for ever. Go on?"), &status))
    return status;
  if (!carry_out (enroll, options, &error))
    {
      pt_register_progress_clear (&enroll->progress);
      pt_enroll_print (enroll, FALSE);
      return pt_cli_refuse (enroll->verb, error);
    }
  pt_register_progress_clear (&enroll->progress);
  return pt_enroll_print (enroll, FALSE);
}

static int
run_options (const Options *options)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (PtAuthority) authority = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  const char *problem = find_problem (options);
  PtEnroll enroll = { .verb = verb_of (options) };
  int status;

  if (problem != NULL)
    return pt_cli_usage (enroll.verb, "%s", problem);
  url = pt_cli_url (options->url, &error);
  if (url != NULL)
    authority = pt_authority_new (options->authority_key, options->authority_dir, FALSE, &error);
  if (authority == NULL)
    return pt_cli_usage (enroll.verb, "%s", error->message);
  enroll.csv = options->csv;
  enroll.url = url;
  enroll.out = options->out;
  enroll.https = options->https;
  enroll.mqtt = options->mqtt;
  enroll.coap = options->coap;
  enroll.oscore = options->oscore;
  enroll.rotates = options->rotates;
  enroll.force = options->force;
  enroll.reactivate = options->reactivate;
  enroll.json = options->json;
  enroll.days = (guint) options->days;
  enroll.client = client;
  enroll.authority = authority;
  pt_enroll_init (&enroll);
  status = run (&enroll, options);
  pt_enroll_clear (&enroll);
  return status;
}

int
pt_device_enroll_main (int argc, char **argv)
{
  g_auto (Options) options = { .days = PT_CA_DEVICE_DAYS, .list_days = PT_CA_LIST_DAYS };

  return parse_enroll (&options, argc, argv) ? run_options (&options) : PT_EXIT_USAGE;
}

int
pt_device_rotate_main (int argc, char **argv)
{
  g_auto (Options) options
      = { .days = PT_CA_DEVICE_DAYS, .list_days = PT_CA_LIST_DAYS, .rotates = TRUE };

  return parse_rotate (&options, argc, argv) ? run_options (&options) : PT_EXIT_USAGE;
}
