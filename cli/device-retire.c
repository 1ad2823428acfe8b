/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack device revoke` and `device decommission`: registrations with the status revoked, by
 * which every transport refuses the device at once, and its certificates in the revocation list. */

#include <string.h>

#include "ca-open.h"
#include "device-known.h"
#include "enroll-file.h"
#include "pt-authority.h"
#include "pt-cli.h"
#include "pt-confirm.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-table.h"
#include "register-post.h"

#define DEVICES_MAX 200000
#define SHOWN_MAX 20

typedef struct
{
  char *csv, *device, *area, *authority_key, *authority_dir, *ca, *passphrase_file, *out, *url;
  int list_days;
  gboolean decommissions, dry_run, yes, json;
} Options;

static void
options_clear (Options *options)
{
  char *texts[] = { options->csv,           options->device,          options->area,
                    options->authority_key, options->authority_dir,   options->ca,
                    options->out,           options->passphrase_file, options->url };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct
{
  PtDeviceRow row; /* as it is registered */
  guint64 line;
  gint64 ts; /* of that */
} Retired;

typedef struct
{
  const Options *options;
  const char *verb, *url;
  PtHttpClient *client;
  PtAuthority *authority;
  GArray *wanted;  /* Retired: names */
  GArray *active;  /* Retired: what is to be revoked */
  GArray *before;  /* Retired: revoked already */
  guint64 unknown; /* nobody registered them, or several areas have them */
  guint64 same;    /* were revoked before */
  guint64 would;
  gboolean is_posted;
  guint certificates;
  PtRegisterPost post;
} Retiring;

static void
retiring_clear (Retiring *retiring)
{
  g_clear_pointer (&retiring->wanted, g_array_unref);
  g_clear_pointer (&retiring->active, g_array_unref);
  g_clear_pointer (&retiring->before, g_array_unref);
  pt_register_post_clear (&retiring->post);
}

/* What is wanted */

static gboolean
take_row (const PtDeviceRow *row, guint64 line, gpointer user_data, GError **error)
{
  Retiring *retiring = user_data;
  Retired retired = { .row = *row, .line = line };

  if (retiring->wanted->len >= DEVICES_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                   _ ("more than 200,000 devices; split the file"));
      return FALSE;
    }
  g_array_append_val (retiring->wanted, retired);
  return TRUE;
}

/* A name alone is enough in an emergency. */
static gboolean
read_one (Retiring *retiring, GError **error)
{
  const Options *options = retiring->options;
  const char *fields[PT_DEVICE_NAME_FIELDS]
      = { options->area != NULL ? options->area : "any", options->device };
  PtDeviceRow row;

  if (!pt_device_names_parse (fields, &row, error))
    return FALSE;
  if (options->area == NULL)
    row.area[0] = '\0';
  return take_row (&row, 0, retiring, error);
}

static gboolean
read_wanted (Retiring *retiring, GError **error)
{
  const char *path = retiring->options->csv;
  g_autoptr (PtCsv) csv = NULL;

  if (path == NULL)
    return read_one (retiring, error);
  csv = pt_csv_open (path, error);
  return csv != NULL
         && pt_device_csv_read (csv, path, PT_DEVICE_COLUMNS_NAMES, take_row, retiring, error);
}

/* What the daemon has of them */

static void
leave (Retiring *retiring, const Retired *retired, const char *reason)
{
  if (retiring->is_posted || retiring->unknown++ >= SHOWN_MAX)
    return;
  if (retired->line > 0)
    g_printerr (_ ("%s line %" PRId64 ": "), retiring->options->csv, (gint64) retired->line);
  g_printerr ("%s: %s\n", retired->row.device, reason);
}

static gboolean
take_known (Retiring *retiring, const Retired *wanted, const PtDeviceKnown *known, GError **error)
{
  Retired retired = { .row = known->row, .line = wanted->line, .ts = known->ts };

  if (known->areas == 0)
    leave (retiring, wanted, _ ("nobody registered it"));
  else if (known->areas > 1)
    leave (retiring, wanted, _ ("several areas have a device of this name; say --area"));
  else if (pt_authority_signer (retiring->authority, known->row.area, error) == NULL)
    return FALSE;
  else if (known->status == PT_STATUS_REVOKED)
    g_array_append_val (retiring->before, retired);
  else
    g_array_append_val (retiring->active, retired);
  return TRUE;
}

static gboolean
ask_daemon (Retiring *retiring, GError **error)
{
  g_array_set_size (retiring->active, 0);
  g_array_set_size (retiring->before, 0);
  for (guint at = 0; at < retiring->wanted->len; at += PT_DEVICES_AT_ONCE)
    {
      guint count = MIN (retiring->wanted->len - at, PT_DEVICES_AT_ONCE);
      PtDeviceRow rows[PT_DEVICES_AT_ONCE] = { 0 };
      PtDeviceKnown known[PT_DEVICES_AT_ONCE];

      for (guint i = 0; i < count; i++)
        rows[i] = g_array_index (retiring->wanted, Retired, at + i).row;
      if (!pt_device_known_ask (retiring->client, retiring->url, rows, count, known, error))
        return FALSE;
      for (guint i = 0; i < count; i++)
        if (!take_known (retiring, &g_array_index (retiring->wanted, Retired, at + i), &known[i],
                         error))
          return FALSE;
    }
  return TRUE;
}

static void
print_plan (const Retiring *retiring)
{
  const char *const headings[] = { _ ("AREA"), _ ("DEVICE"), _ ("SITE"), _ ("LEVEL"), NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 0);
  g_autofree char *text = NULL,
                  *count = pt_format_count (retiring->active->len, "device", "devices");

  if (retiring->active->len == 0)
    return;
  g_printerr (retiring->options->decommissions ? _ ("To be decommissioned: %s\n")
                                               : _ ("To be revoked: %s\n"),
              count);
  for (guint i = 0; i < MIN (retiring->active->len, SHOWN_MAX); i++)
    {
      const PtDeviceRow *row = &g_array_index (retiring->active, Retired, i).row;

      pt_table_take (table, g_strdup (row->area));
      pt_table_take (table, g_strdup (row->device));
      pt_table_take (table, g_strdup (row->site));
      pt_table_take (table, g_strdup (pt_level_name (row->level)));
    }
  text = pt_table_to_text (table);
  g_printerr ("%s", text);
  if (retiring->active->len > SHOWN_MAX)
    g_printerr (_ ("... and %" PRIu64 " more\n"), (guint64) retiring->active->len - SHOWN_MAX);
}

/* Doing it: the log first, for that is what counts at once. */

static gboolean
sign_one (Retiring *retiring, const Retired *retired, gint64 *now, GError **error)
{
  const PtDeviceRow *row = &retired->row;
  PtEntry entry;
  char text[PT_REGISTRATION_MAX];
  gsize size = 0;

  pt_device_row_entry (row, PT_STATUS_REVOKED, &entry);
  return pt_register_date (retiring->client, retiring->url, retired->ts, FALSE, now, &entry.ts,
                           error)
         && pt_authority_sign (retiring->authority, &entry, text, sizeof text, &size, error)
         && pt_register_post_add (&retiring->post, text, size, retired->line, row->device, error);
}

static gboolean
revoke_in_log (Retiring *retiring, GError **error)
{
  gint64 now = 0;

  if (!pt_cli_daemon_now (retiring->client, retiring->url, &now, error))
    return FALSE;
  for (guint i = 0; i < retiring->active->len; i++)
    if (!sign_one (retiring, &g_array_index (retiring->active, Retired, i), &now, error))
      return FALSE;
  return pt_register_post_flush (&retiring->post, error);
}

/* Of all that the log has revoked by now, so of those too at which an earlier run broke off. */
static void
revoke_certificates (Retiring *retiring, PtCa *ca)
{
  PtCaReason reason = retiring->options->decommissions ? PT_CA_CESSATION : PT_CA_KEY_COMPROMISE;

  for (guint i = 0; i < retiring->before->len; i++)
    {
      const PtDeviceRow *row = &g_array_index (retiring->before, Retired, i).row;

      retiring->certificates += pt_ca_revoke (ca, row->area, row->device, NULL, reason);
    }
}

/* A device that is taken away needs its key no more; of one that is revoked it may be evidence. */
static void
remove_files (const Retiring *retiring)
{
  for (guint i = 0; retiring->options->out != NULL && i < retiring->before->len; i++)
    {
      const PtDeviceRow *row = &g_array_index (retiring->before, Retired, i).row;

      pt_provisioning_remove (retiring->options->out, row->area, row->device);
    }
}

static gboolean
carry_out (Retiring *retiring, PtCa *ca, GError **error)
{
  if (!revoke_in_log (retiring, error))
    return FALSE;
  retiring->is_posted = TRUE;
  if (!ask_daemon (retiring, error))
    return FALSE;
  if (ca != NULL)
    {
      revoke_certificates (retiring, ca);
      if (!pt_ca_write_list (ca, (guint) retiring->options->list_days, error))
        return FALSE;
    }
  remove_files (retiring);
  return TRUE;
}

/* What came of it */

static void
print_json (Retiring *retiring, gboolean dry_run)
{
  g_autoptr (JsonObject) object = pt_register_post_to_json (&retiring->post, TRUE);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  if (dry_run)
    json_object_set_int_member (object, "would", (gint64) retiring->would);
  json_object_set_int_member (object, "same", (gint64) retiring->same);
  json_object_set_int_member (object, "left_count", (gint64) retiring->unknown);
  json_object_set_int_member (object, "certificates_revoked", retiring->certificates);
  pt_cli_print_json (node);
}

static void
print_text (Retiring *retiring, gboolean dry_run)
{
  guint64 done = dry_run ? retiring->would : retiring->post.accepted;
  g_autofree char *devices = pt_format_count (done, "device", "devices");
  g_autofree char *certificates
      = pt_format_count (retiring->certificates, "certificate", "certificates");

  if (dry_run)
    g_print (_ ("Would revoke %s; %" PRIu64 " known before\n"), devices, retiring->same);
  else
    g_print (_ ("Revoked %s; %" PRIu64 " known before, %" PRIu64 " refused\n"), devices,
             retiring->same, retiring->post.rejected);
  if (!dry_run && retiring->options->ca != NULL)
    g_print (_ ("%s revoked; give the new revocation list to whatever checks certificates\n"),
             certificates);
}

static int
print_result (Retiring *retiring, gboolean dry_run)
{
  JsonArray *refused = retiring->post.refused;

  for (guint i = 0; i < MIN (json_array_get_length (refused), SHOWN_MAX); i++)
    {
      JsonObject *object = json_array_get_object_element (refused, i);

      g_printerr ("%s: %s\n", pt_cli_string (object, "id", ""),
                  pt_cli_string (object, "error", ""));
    }
  if (retiring->options->json)
    print_json (retiring, dry_run);
  else
    print_text (retiring, dry_run);
  return retiring->post.rejected == 0 && retiring->unknown == 0 ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

static const char *
question_of (const Options *options)
{
  return options->decommissions
             ? _ ("They are taken out of service, and what they still hold is refused. Go on?")
             : _ ("From then on all that they send is refused, on every transport. Go on?");
}

static int
run (Retiring *retiring)
{
  const Options *options = retiring->options;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCa) ca = NULL;
  int status = PT_EXIT_FAILED;

  if (!pt_ca_check_days (options->list_days, &error) || !read_wanted (retiring, &error)
      || !ask_daemon (retiring, &error))
    return pt_cli_refuse (retiring->verb, error);
  retiring->would = retiring->active->len;
  retiring->same = retiring->before->len;
  print_plan (retiring);
  if (options->dry_run)
    return print_result (retiring, TRUE);
  if (retiring->active->len > 0 && !options->yes
      && !pt_confirm (retiring->verb, question_of (options), &status))
    return status;
  if (options->ca != NULL)
    ca = pt_ca_open_to_sign (options->ca, options->passphrase_file, &error);
  if ((options->ca != NULL && ca == NULL) || !carry_out (retiring, ca, &error))
    return pt_cli_refuse (retiring->verb, error);
  return print_result (retiring, FALSE);
}

static gboolean
parse_options (Options *options, const char *verb, int argc, char **argv)
{
  const GOptionEntry entries[]
      = { { "csv", 0, 0, G_OPTION_ARG_FILENAME, &options->csv,
            N_ ("Devices, one a line after a heading: area,device"), N_ ("FILE") },
          { "device", 0, 0, G_OPTION_ARG_STRING, &options->device, N_ ("One device"), N_ ("ID") },
          { "area", 0, 0, G_OPTION_ARG_STRING, &options->area,
            N_ ("Its area, where several have one of the name"), N_ ("AREA") },
          { "ca", 0, 0, G_OPTION_ARG_FILENAME, &options->ca,
            N_ ("The certificate authority: revokes their certificates too"), N_ ("DIR") },
          { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &options->passphrase_file,
            N_ ("The passphrase of its key, first line; not given: it is asked for"), N_ ("FILE") },
          { "crl-days", 0, 0, G_OPTION_ARG_INT, &options->list_days,
            N_ ("How long the revocation list is good for; not given: 90"), N_ ("N") },
          { "authority-key", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_key,
            N_ ("The areas' authority key"), N_ ("FILE") },
          { "authority-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_dir,
            N_ ("Folder with one AREA.pem for each area"), N_ ("DIR") },
          { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"),
            N_ ("URL") },
          { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
            N_ ("Say what would be done, and do nothing"), NULL },
          { "yes", 'y', 0, G_OPTION_ARG_NONE, &options->yes, N_ ("Sign without asking"), NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print one JSON object"), NULL },
          /* The last one is of decommission alone. */
          { options->decommissions ? "out" : NULL, 'o', 0, G_OPTION_ARG_FILENAME, &options->out,
            N_ ("Removes their provisioning files from the folder"), N_ ("DIR") },
          { NULL } };

  return pt_cli_parse (
      verb, NULL,
      options->decommissions
          ? N_ ("Takes devices out of service for good: revoked in the log and in the\n"
                "revocation list, their provisioning files removed.")
          : N_ ("Revokes devices: in the log, by which every transport refuses them at once,\n"
                "and in the revocation list."),
      entries, argc, argv, NULL);
}

static int
run_options (const Options *options, const char *verb)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (PtAuthority) authority = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  Retiring retiring = { .options = options, .verb = verb };
  int status;

  if ((options->csv == NULL) == (options->device == NULL))
    return pt_cli_usage (verb, _ ("give either --csv FILE or --device ID"));
  url = pt_cli_url (options->url, &error);
  if (url != NULL)
    authority = pt_authority_new (options->authority_key, options->authority_dir, FALSE, &error);
  if (authority == NULL)
    return pt_cli_usage (verb, "%s", error->message);
  retiring.url = url;
  retiring.client = client;
  retiring.authority = authority;
  retiring.wanted = g_array_new (FALSE, FALSE, sizeof (Retired));
  retiring.active = g_array_new (FALSE, FALSE, sizeof (Retired));
  retiring.before = g_array_new (FALSE, FALSE, sizeof (Retired));
  pt_register_post_init (&retiring.post, client, url);
  status = run (&retiring);
  retiring_clear (&retiring);
  return status;
}

int
pt_device_revoke_main (int argc, char **argv)
{
  g_auto (Options) options = { .list_days = PT_CA_LIST_DAYS };

  return parse_options (&options, "device revoke", argc, argv)
             ? run_options (&options, "device revoke")
             : PT_EXIT_USAGE;
}

int
pt_device_decommission_main (int argc, char **argv)
{
  g_auto (Options) options = { .list_days = PT_CA_LIST_DAYS, .decommissions = TRUE };

  return parse_options (&options, "device decommission", argc, argv)
             ? run_options (&options, "device decommission")
             : PT_EXIT_USAGE;
}
