/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack device register`: signs `device` entries with the area's authority key and posts
 * them, one or many from CSV. */

#include <string.h>

#include "device-known.h"
#include "pt-authority.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-table.h"
#include "register-post.h"
#include "pt-i18n.h"
#include "pt-terminal.h"

#define SHOWN_MAX 20  /* lines that are printed */
#define LEFT_MAX 1000 /* lines that are kept for JSON */

typedef struct
{
  char *csv, *device, *area, *site, *key, *lat, *lon, *level, *customers, *feeder;
  char *authority_key, *authority_dir, *url;
  gint64 ts;
  gboolean revoke, change, reactivate, dry_run, json;
} Options;

static void
options_clear (Options *options)
{
  char *texts[]
      = { options->csv,       options->device, options->area,          options->site,
          options->key,       options->lat,    options->lon,           options->level,
          options->customers, options->feeder, options->authority_key, options->authority_dir,
          options->url };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct
{
  PtDeviceRow row;
  guint64 line;
} Wanted;

typedef struct
{
  const Options *options;
  PtHttpClient *client;
  const char *url;
  PtAuthority *authority;
  PtRegisterPost post;
  gint64 ts; /* of all entries: it need be newer than that of the same device only */
  Wanted wanted[PT_DEVICES_AT_ONCE];
  guint count; /* of ->wanted */
  guint64 total, done, same, would;
  guint64 left;          /* what differs, and nobody said that it may be changed */
  JsonArray *left_lines; /* {"line","id","reason"}; the first ones */
  PtRegisterProgress progress;
} Registering;

static void
tell (Registering *registering, const Wanted *wanted, const char *text)
{
  pt_register_progress_clear (&registering->progress);
  if (wanted->line > 0)
    g_printerr (_ ("%s line %" PRId64 ": "), registering->options->csv, (gint64) wanted->line);
  g_printerr ("%s: %s\n", wanted->row.device, text);
}

/* What is done with a device */

static void
leave (Registering *registering, const Wanted *wanted, const char *reason)
{
  JsonObject *object;

  if (registering->left++ < SHOWN_MAX)
    tell (registering, wanted, reason);
  if (registering->left > LEFT_MAX)
    return;
  object = json_object_new ();
  json_object_set_int_member (object, "line", (gint64) wanted->line);
  json_object_set_string_member (object, "id", wanted->row.device);
  json_object_set_string_member (object, "reason", reason);
  json_array_add_object_element (registering->left_lines, object);
}

static gboolean
send_row (Registering *registering, const PtDeviceRow *row, guint64 line,
          const PtDeviceKnown *known, GError **error)
{
  PtEntry entry;
  char text[PT_REGISTRATION_MAX];
  gsize size = 0;

  if (registering->options->dry_run)
    {
      registering->would++;
      return TRUE;
    }
  pt_device_row_entry (row, registering->options->revoke ? PT_STATUS_REVOKED : PT_STATUS_ACTIVE,
                       &entry);
  return pt_register_date (registering->client, registering->url, known->areas > 0 ? known->ts : -1,
                           registering->options->ts >= 0, &registering->ts, &entry.ts, error)
         && pt_authority_sign (registering->authority, &entry, text, sizeof text, &size, error)
         && pt_register_post_add (&registering->post, text, size, line, row->device, error);
}

/* By what the daemon has of it, so that a name is enough in an emergency. */
static gboolean
revoke_one (Registering *registering, const Wanted *wanted, const PtDeviceKnown *known,
            GError **error)
{
  if (known->areas == 0)
    leave (registering, wanted, _ ("nobody registered it"));
  else if (known->areas > 1)
    leave (registering, wanted, _ ("several areas have a device of this name; say --area"));
  else if (known->status == PT_STATUS_REVOKED)
    registering->same++;
  else
    return send_row (registering, &known->row, wanted->line, known, error);
  return TRUE;
}

/* Who names one device on the command line means it; a file may be an old one. */
static gboolean
register_one (Registering *registering, const Wanted *wanted, const PtDeviceKnown *known,
              GError **error)
{
  const Options *options = registering->options;
  PtDeviceRow row = wanted->row;
  g_autofree char *names = NULL;

  if (!row.says_feeder)
    g_strlcpy (row.feeder, known->row.feeder, sizeof row.feeder);
  if (known->areas > 0)
    names = pt_device_known_differences (&row, &known->row);
  if (known->areas > 0 && known->status == PT_STATUS_REVOKED && !options->reactivate)
    leave (registering, wanted, _ ("it is revoked; --reactivate registers it again"));
  else if (names != NULL && options->csv != NULL && !options->change)
    {
      g_autofree char *reason
          = g_strdup_printf (_ ("is registered otherwise (%s); --change registers it so"), names);

      leave (registering, wanted, reason);
    }
  else if (known->areas > 0 && names == NULL && known->status == PT_STATUS_ACTIVE)
    registering->same++;
  else
    {
      if (names != NULL && options->dry_run)
        tell (registering, wanted, names);
      return send_row (registering, &row, wanted->line, known, error);
    }
  return TRUE;
}

static gboolean
flush_wanted (Registering *registering, GError **error)
{
  PtDeviceRow rows[PT_DEVICES_AT_ONCE] = { 0 };
  PtDeviceKnown known[PT_DEVICES_AT_ONCE];
  guint count = registering->count;

  registering->count = 0;
  for (guint i = 0; i < count; i++)
    rows[i] = registering->wanted[i].row;
  if (!pt_device_known_ask (registering->client, registering->url, rows, count, known, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    {
      const Wanted *wanted = &registering->wanted[i];
      gboolean good = registering->options->revoke
                          ? revoke_one (registering, wanted, &known[i], error)
                          : register_one (registering, wanted, &known[i], error);

      if (!good)
        return FALSE;
      registering->done++;
      pt_register_progress_show (&registering->progress, registering->done, registering->total);
    }
  return TRUE;
}

static gboolean
take_row (const PtDeviceRow *row, guint64 line, gpointer user_data, GError **error)
{
  Registering *registering = user_data;

  registering->wanted[registering->count].row = *row;
  registering->wanted[registering->count++].line = line;
  return registering->count < PT_DEVICES_AT_ONCE || flush_wanted (registering, error);
}

/* What is wanted */

static gboolean
count_row (const PtDeviceRow *row, guint64 line, gpointer user_data, GError **error)
{
  Registering *registering = user_data;

  registering->total++;
  return pt_authority_signer (registering->authority, row->area, error) != NULL;
}

/* The whole file is read before anything is sent, so that a wrong line costs nothing. */
static gboolean
register_csv (Registering *registering, GError **error)
{
  const Options *options = registering->options;
  g_autoptr (PtCsv) csv = pt_csv_open (options->csv, error);
  const PtDeviceColumns wanted = options->revoke ? PT_DEVICE_COLUMNS_NAMES : PT_DEVICE_COLUMNS_ALL;

  return csv != NULL
         && pt_device_csv_read (csv, options->csv, wanted, count_row, registering, error)
         && (options->ts >= 0
             || pt_cli_daemon_now (registering->client, registering->url, &registering->ts, error))
         && pt_csv_rewind (csv, error)
         && pt_device_csv_read (csv, options->csv, wanted, take_row, registering, error)
         && flush_wanted (registering, error) && pt_register_post_flush (&registering->post, error);
}

static gboolean
parse_name (const Options *options, PtDeviceRow *row, GError **error)
{
  const char *fields[PT_DEVICE_NAME_FIELDS] = { options->area, options->device };

  if (options->area != NULL)
    return pt_device_names_parse (fields, row, error);
  fields[0] = "any";
  if (!pt_device_names_parse (fields, row, error))
    return FALSE;
  row->area[0] = '\0'; /* whichever has it */
  return TRUE;
}

static gboolean
parse_one (const Options *options, PtDeviceRow *row, GError **error)
{
  const char *fields[PT_DEVICE_FIELDS]
      = { options->area, options->device, options->site,      options->key,   options->lat,
          options->lon,  options->level,  options->customers, options->feeder };

  if (options->revoke)
    return parse_name (options, row, error);
  for (guint i = 0; i < PT_DEVICE_NEEDED_FIELDS; i++)
    if (fields[i] == NULL)
      {
        g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                     _ ("--device needs all of --area, --site, --key, --lat, --lon, --level and "
                        "--customers"));
        return FALSE;
      }
  return pt_device_row_parse (fields, row, error);
}

static gboolean
register_device (Registering *registering, GError **error)
{
  const Options *options = registering->options;
  PtDeviceRow row;

  return parse_one (options, &row, error)
         && (*row.area == '\0' || count_row (&row, 0, registering, error))
         && (options->ts >= 0
             || pt_cli_daemon_now (registering->client, registering->url, &registering->ts, error))
         && take_row (&row, 0, registering, error) && flush_wanted (registering, error)
         && pt_register_post_flush (&registering->post, error);
}

/* What came of it */

static void
print_refused (const Registering *registering)
{
  JsonArray *refused = registering->post.refused;
  guint count = json_array_get_length (refused);

  for (guint i = 0; i < MIN (count, SHOWN_MAX); i++)
    {
      JsonObject *object = json_array_get_object_element (refused, i);
      gint64 line = pt_cli_integer (object, "line", 0);

      if (line > 0)
        g_printerr (_ ("%s line %" PRId64 ": "), registering->options->csv, line);
      g_printerr ("%s: %s\n", pt_cli_string (object, "id", ""),
                  pt_cli_string (object, "error", ""));
    }
  if (registering->post.rejected > SHOWN_MAX)
    g_printerr (_ ("... and %" PRIu64 " more\n"), registering->post.rejected - SHOWN_MAX);
}

static void
print_json (const Registering *registering)
{
  g_autoptr (JsonObject) object = pt_register_post_to_json (&registering->post, TRUE);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  json_object_set_int_member (object, "same", (gint64) registering->same);
  json_object_set_int_member (object, "left_count", (gint64) registering->left);
  json_object_set_array_member (object, "left", json_array_ref (registering->left_lines));
  if (registering->options->dry_run)
    json_object_set_int_member (object, "would", (gint64) registering->would);
  pt_cli_print_json (node);
}

static void
print_text (const Registering *registering)
{
  const PtRegisterPost *post = &registering->post;
  const Options *options = registering->options;
  guint64 done = options->dry_run ? registering->would : post->accepted;
  guint64 known = post->duplicate + registering->same;
  g_autofree char *count = pt_format_count (done, "device", "devices");
  g_autofree char *left = pt_format_count (registering->left, "device", "devices");

  if (options->dry_run)
    g_print (options->revoke ? _ ("Would revoke %s; %" PRIu64 " known before\n")
                             : _ ("Would register %s; %" PRIu64 " known before\n"),
             count, known);
  else
    g_print (options->revoke ? _ ("Revoked %s; %" PRIu64 " known before, %" PRIu64 " refused\n")
                             : _ ("Registered %s; %" PRIu64 " known before, %" PRIu64 " refused\n"),
             count, known, post->rejected);
  pt_register_post_print_begin (post);
  if (registering->left > 0)
    g_print (_ ("Left as registered: %s\n"), left);
}

static int
print_result (const Registering *registering)
{
  print_refused (registering);
  if (registering->left > SHOWN_MAX)
    g_printerr (_ ("... and %" PRIu64 " more\n"), registering->left - SHOWN_MAX);
  if (registering->options->json)
    print_json (registering);
  else
    print_text (registering);
  return registering->post.rejected == 0 && registering->left == 0 ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

static int
run (const Options *options, const char *url, PtAuthority *authority)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (JsonArray) left = json_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree Registering *registering = g_new0 (Registering, 1);
  gboolean good;
  int status = PT_EXIT_FAILED;

  *registering = (Registering){ .options = options,
                                .client = client,
                                .url = url,
                                .authority = authority,
                                .ts = options->ts,
                                .left_lines = left };
  pt_register_post_init (&registering->post, client, url);
  good = options->csv != NULL ? register_csv (registering, &error)
                              : register_device (registering, &error);
  pt_register_progress_clear (&registering->progress);
  if (good)
    status = print_result (registering);
  else
    {
      print_refused (registering);
      pt_cli_fail ("device register", error);
    }
  pt_register_post_clear (&registering->post);
  return status;
}

static gboolean
parse_options (Options *options, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &options->csv,
      N_ ("Devices, one a line after a heading; the man page names the columns"), N_ ("FILE") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options->device, N_ ("One device"), N_ ("ID") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options->area, N_ ("Its area"), N_ ("AREA") },
    { "site", 0, 0, G_OPTION_ARG_STRING, &options->site, N_ ("Its site"), N_ ("SITE") },
    { "key", 0, 0, G_OPTION_ARG_STRING, &options->key, N_ ("Its public key, base64url"),
      N_ ("KEY") },
    { "lat", 0, 0, G_OPTION_ARG_STRING, &options->lat,
      N_ ("Latitude: 1e-7 degrees, or degrees with a point"), N_ ("N") },
    { "lon", 0, 0, G_OPTION_ARG_STRING, &options->lon, N_ ("Longitude, the same"), N_ ("N") },
    { "level", 0, 0, G_OPTION_ARG_STRING, &options->level, N_ ("transformer, cluster or house"),
      N_ ("LEVEL") },
    { "customers", 0, 0, G_OPTION_ARG_STRING, &options->customers, N_ ("Customers it supplies"),
      N_ ("N") },
    { "feeder", 0, 0, G_OPTION_ARG_STRING, &options->feeder,
      N_ ("The line that feeds its site; \"\": none. Not given: as it is registered"), N_ ("ID") },
    { "authority-key", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_key,
      N_ ("The areas' authority key"), N_ ("FILE") },
    { "authority-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_dir,
      N_ ("Folder with one AREA.pem for each area"), N_ ("DIR") },
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"), N_ ("URL") },
    { "revoke", 0, 0, G_OPTION_ARG_NONE, &options->revoke,
      N_ ("Revoke instead; area and device are enough, and --device alone"), NULL },
    { "change", 0, 0, G_OPTION_ARG_NONE, &options->change,
      N_ ("Register those of the CSV anew that differ from what is registered"), NULL },
    { "reactivate", 0, 0, G_OPTION_ARG_NONE, &options->reactivate,
      N_ ("Register revoked devices again"), NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
      N_ ("Say what would be done, and do nothing"), NULL },
    { "ts", 0, 0, G_OPTION_ARG_INT64, &options->ts,
      N_ ("Date the entries so (ms since 1970) instead of by the daemon's clock"), N_ ("MS") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  return pt_cli_parse ("device register", NULL,
                       N_ ("Registers devices with the daemon, signed by their area's authority."),
                       entries, argc, argv, NULL);
}

int
pt_device_register_main (int argc, char **argv)
{
  g_auto (Options) options = { .ts = -1 };
  g_autoptr (PtAuthority) authority = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  if (!parse_options (&options, argc, argv))
    return PT_EXIT_USAGE;
  if ((options.csv == NULL) == (options.device == NULL))
    return pt_cli_usage ("device register", _ ("give either --csv FILE or --device ID"));
  url = pt_cli_url (options.url, &error);
  if (url != NULL)
    authority = pt_authority_new (options.authority_key, options.authority_dir, FALSE, &error);
  if (authority == NULL)
    return pt_cli_usage ("device register", "%s", error->message);
  return run (&options, url, authority);
}
