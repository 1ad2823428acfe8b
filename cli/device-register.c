/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack device register`: signs `device` entries with the area's authority key and posts
 * them, one or many from CSV. */

#include <string.h>
#include <unistd.h>

#include "device-csv.h"
#include "pt-authority.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-table.h"
#include "register-post.h"
#include "pt-i18n.h"
#include "pt-terminal.h"

#define SHOWN_MAX 20 /* refused lines that are printed */

typedef struct
{
  char *csv, *device, *area, *site, *key, *lat, *lon, *level, *customers;
  char *authority_key, *authority_dir, *url;
  gint64 ts;
  gboolean revoke, json;
} Options;

static void
options_clear (Options *options)
{
  char *texts[]
      = { options->csv,       options->device,        options->area,          options->site,
          options->key,       options->lat,           options->lon,           options->level,
          options->customers, options->authority_key, options->authority_dir, options->url };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct
{
  const Options *options;
  PtAuthority *authority;
  PtRegisterPost post;
  gint64 ts; /* of the next entry: each has its own */
  guint64 total, done;
  gint64 shown; /* g_get_monotonic_time () */
} Registering;

static gboolean
sign_row (Registering *registering, const PtDeviceRow *row, char *out, gsize out_size, gsize *size,
          GError **error)
{
  PtEntry entry = { .kind = PT_ENTRY_DEVICE,
                    .area = pt_span (row->area, strlen (row->area)),
                    .ts = registering->ts++,
                    .device = pt_span (row->device, strlen (row->device)),
                    .site = pt_span (row->site, strlen (row->site)),
                    .lat = row->lat,
                    .lon = row->lon,
                    .level = row->level,
                    .customers = row->customers,
                    .status = registering->options->revoke ? PT_STATUS_REVOKED : PT_STATUS_ACTIVE };

  memcpy (entry.key, row->key, sizeof entry.key);
  return pt_authority_sign (registering->authority, &entry, out, out_size, size, error);
}

static void
show_progress (Registering *registering)
{
  gint64 now = g_get_monotonic_time ();

  if (!isatty (STDERR_FILENO) || now - registering->shown < G_USEC_PER_SEC / 10)
    return;
  registering->shown = now;
  g_printerr (PT_TERMINAL_CLEAR_LINE);
  g_printerr (_ ("%" PRIu64 " of %" PRIu64 " devices"), registering->done, registering->total);
}

static gboolean
count_row (const PtDeviceRow *row, guint64 line, gpointer user_data, GError **error)
{
  Registering *registering = user_data;

  registering->total++;
  return pt_authority_signer (registering->authority, row->area, error) != NULL;
}

static gboolean
send_row (const PtDeviceRow *row, guint64 line, gpointer user_data, GError **error)
{
  Registering *registering = user_data;
  char entry[PT_REGISTRATION_MAX];
  gsize size = 0;

  registering->done++;
  show_progress (registering);
  return sign_row (registering, row, entry, sizeof entry, &size, error)
         && pt_register_post_add (&registering->post, entry, size, line, row->device, error);
}

static gboolean
parse_one (const Options *options, PtDeviceRow *row, GError **error)
{
  const char *fields[PT_DEVICE_FIELDS]
      = { options->area, options->device, options->site,  options->key,
          options->lat,  options->lon,    options->level, options->customers };

  for (guint i = 0; i < PT_DEVICE_FIELDS; i++)
    if (fields[i] == NULL)
      {
        g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                     _ ("--device needs all of --area, --site, --key, --lat, --lon, --level and "
                        "--customers"));
        return FALSE;
      }
  return pt_device_row_parse (fields, row, error);
}

/* The whole file is read before anything is sent, so that a wrong line costs nothing. */
static gboolean
register_all (Registering *registering, GError **error)
{
  const Options *options = registering->options;
  PtDeviceRow row;

  if (options->csv == NULL)
    return parse_one (options, &row, error) && count_row (&row, 0, registering, error)
           && send_row (&row, 0, registering, error)
           && pt_register_post_flush (&registering->post, error);
  return pt_device_csv_read (options->csv, count_row, registering, error)
         && pt_device_csv_read (options->csv, send_row, registering, error)
         && pt_register_post_flush (&registering->post, error);
}

static void
print_refused (const Registering *registering)
{
  JsonArray *refused = registering->post.refused;
  guint count = json_array_get_length (refused);

  for (guint i = 0; i < MIN (count, SHOWN_MAX); i++)
    {
      JsonObject *object = json_array_get_object_element (refused, i);
      gint64 line = pt_cli_integer (object, "line", 0);
      g_autofree char *slug = pt_terminal_safe (pt_cli_string (object, "error", ""));

      if (line > 0)
        g_printerr (_ ("%s line %" PRId64 ": "), registering->options->csv, line);
      g_printerr ("%s: %s\n", pt_cli_string (object, "id", ""), slug);
    }
  if (registering->post.rejected > SHOWN_MAX)
    g_printerr (_ ("... and %" PRIu64 " more\n"), registering->post.rejected - SHOWN_MAX);
}

static int
print_result (const Registering *registering)
{
  const PtRegisterPost *post = &registering->post;
  g_autofree char *count = pt_format_count (post->accepted, "device", "devices");

  if (registering->shown > 0)
    g_printerr (PT_TERMINAL_CLEAR_LINE);
  print_refused (registering);
  if (registering->options->json)
    pt_register_post_print_json (post, TRUE);
  else
    g_print (registering->options->revoke
                 ? _ ("Revoked %s; %" PRIu64 " known before, %" PRIu64 " refused\n")
                 : _ ("Registered %s; %" PRIu64 " known before, %" PRIu64 " refused\n"),
             count, post->duplicate, post->rejected);
  return post->rejected == 0 ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

static int
run (const Options *options, const char *url, PtAuthority *authority)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;
  Registering registering = { .options = options, .authority = authority, .ts = options->ts };
  int status = PT_EXIT_FAILED;

  if (options->ts < 0 && !pt_cli_daemon_now (client, url, &registering.ts, &error))
    return pt_cli_fail ("device register", error);
  pt_register_post_init (&registering.post, client, url);
  if (register_all (&registering, &error))
    status = print_result (&registering);
  else
    {
      if (registering.shown > 0)
        g_printerr (PT_TERMINAL_CLEAR_LINE);
      print_refused (&registering);
      pt_cli_fail ("device register", error);
    }
  pt_register_post_clear (&registering.post);
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
    { "authority-key", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_key,
      N_ ("The areas' authority key"), N_ ("FILE") },
    { "authority-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_dir,
      N_ ("Folder with one AREA.pem for each area"), N_ ("DIR") },
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"), N_ ("URL") },
    { "revoke", 0, 0, G_OPTION_ARG_NONE, &options->revoke, N_ ("Revoke instead"), NULL },
    { "ts", 0, 0, G_OPTION_ARG_INT64, &options->ts,
      N_ ("Date the first entry so (ms since 1970) instead of by the daemon's clock"), N_ ("MS") },
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
