/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-verb.h"

#include "pt-error.h"
#include "pt-fleet-live.h"
#include "pt-fleet-load.h"
#include "pt-fleet-outages.h"
#include "pt-fleet-text.h"
#include "pt-fleet-town.h"

#include <glib/gi18n.h>
#include <string.h>

#define STATE_DEFAULT "fleet.state"
#define LINES_MOST 4000
#define CONNECTIONS_MOST 64
#define EACH_DEFAULT 1000
#define EACH_MOST 50000 /* where each device has its own */
#define RATE_MOST 1000000
#define SITES_MOST 2000000
#define REPORTS_MOST 20000000
#define HEARTBEAT_LEAST 1000

/* What the command line said; numbers are -1 where it said nothing. */
typedef struct
{
  char *url, *state, *list, *token, *heartbeat, *from, *until, *duration, *area;
  char *transport, *via, *ca, *certificates, *psk_file, *requests;
  double speed;
  gint64 seed;
  int lines, connections, sites, reports, devices, rate, off;
  gboolean json, resync;
  char **files;
} Arguments;

static void
arguments_clear (Arguments *arguments)
{
  g_free (arguments->url);
  g_free (arguments->state);
  g_free (arguments->list);
  g_free (arguments->token);
  g_free (arguments->heartbeat);
  g_free (arguments->from);
  g_free (arguments->until);
  g_free (arguments->duration);
  g_free (arguments->area);
  g_free (arguments->transport);
  g_free (arguments->via);
  g_free (arguments->ca);
  g_free (arguments->certificates);
  g_free (arguments->psk_file);
  g_free (arguments->requests);
  g_strfreev (arguments->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arguments, arguments_clear)

#define ARGUMENTS_NONE                                                                             \
  {                                                                                                \
    .seed = 1, .lines = -1, .connections = -1, .sites = -1, .reports = -1, .devices = -1,          \
    .rate = -1, .off = -1                                                                          \
  }

static gboolean
parse (int argc, char **argv, const char *summary, const char *parameters, Arguments *arguments,
       const GOptionEntry *own, GError **error)
{
  const GOptionEntry shared[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &arguments->url,
      N_ ("The daemon's address, such as http://127.0.0.1:8650"), N_ ("URL") },
    { "state", 's', 0, G_OPTION_ARG_FILENAME, &arguments->state,
      N_ ("Where keys, counters and unacknowledged reports are kept (default: fleet.state)"),
      N_ ("FILE") },
    { "list", 'l', 0, G_OPTION_ARG_FILENAME, &arguments->list,
      N_ ("Only write the CSV of the devices to register"), N_ ("FILE") },
    { "lines", 0, 0, G_OPTION_ARG_INT, &arguments->lines,
      N_ ("Reports in a request, at most (default: 1000)"), N_ ("N") },
    { "connections", 0, 0, G_OPTION_ARG_INT, &arguments->connections,
      N_ ("Connections at once (default: 4; where each device has its own: 1000)"), N_ ("N") },
    { "json", 'j', 0, G_OPTION_ARG_NONE, &arguments->json, N_ ("Print the summary as JSON"), NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);

  g_option_context_set_summary (context, summary);
  g_option_context_set_translation_domain (context, "powertrack");
  g_option_context_add_main_entries (context, own, "powertrack");
  g_option_context_add_main_entries (context, shared, "powertrack");
  return g_option_context_parse (context, &argc, &argv, error);
}

static gboolean
refuse (GError **error, const char *option, const char *value, const char *remedy)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("%s “%s”: %s."), option, value,
               remedy);
  return FALSE;
}

static gboolean
take_count (const char *option, int given, guint otherwise, guint most, guint *out, GError **error)
{
  *out = given == -1 ? otherwise : (guint) MAX (given, 0);
  if (*out >= 1 && *out <= most)
    return TRUE;
  if (given == -1)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("%s is missing; give a number from 1 to %u."), option, most);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("%s %d: give a number from 1 to %u."), option, given, most);
  return FALSE;
}

static gboolean
take_duration (const char *option, const char *given, const char *otherwise, gint64 least,
               gint64 *out, GError **error)
{
  const char *text = given != NULL ? given : otherwise;

  if (pt_fleet_parse_duration (text, out) && *out >= least)
    return TRUE;
  return refuse (error, option, text, _ ("give a time such as 30s, 15m, 1h or 7d, at least 1s"));
}

static gboolean
take_time (const char *option, const char *given, gint64 otherwise, gint64 *out, GError **error)
{
  *out = otherwise;
  if (given == NULL || pt_fleet_parse_time (given, out))
    return TRUE;
  return refuse (error, option, given,
                 _ ("give a time such as 2024-02-04T00:00:00Z, or milliseconds since 1970"));
}

static gboolean
is_url (const char *text)
{
  return g_str_has_prefix (text, "http://") || g_str_has_prefix (text, "https://");
}

static gboolean
check_url (const Arguments *arguments, GError **error)
{
  if (arguments->list != NULL)
    return TRUE;
  if (arguments->url == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("--url is missing; give the daemon's address, such as "
                              "http://127.0.0.1:8650, or --list to write the devices only."));
      return FALSE;
    }
  if (is_url (arguments->url))
    return TRUE;
  return refuse (error, "--url", arguments->url, _ ("give an address with http:// or https://"));
}

static gboolean
refuse_way (GError **error, PtFleetWay way, const char *problem)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--transport %s: %s",
               pt_fleet_way_name (way), problem);
  return FALSE;
}

/* The way in, and that a device has what it is known by there. */
static gboolean
take_way (const Arguments *arguments, PtFleetLiveOptions *out, GError **error)
{
  const char *name = arguments->transport != NULL ? arguments->transport : "https";

  if (!pt_fleet_way_from_name (name, &out->way))
    return refuse (error, "--transport", name, _ ("give https, mqtt or coap"));
  if (!pt_fleet_way_is_built (out->way))
    return refuse_way (error, out->way, _ ("this program was built without it."));
  if (out->way != PT_FLEET_HTTPS && out->via == NULL)
    return refuse_way (error, out->way,
                       _ ("give --via HOST:PORT, of the broker or of the daemon's CoAP."));
  if (out->way == PT_FLEET_HTTPS && out->via != NULL && !is_url (out->via))
    return refuse (error, "--via", out->via, _ ("give an address with http:// or https://"));
  if (out->psk_file != NULL && out->way != PT_FLEET_COAP)
    return refuse_way (error, out->way, _ ("there are no shared keys; leave --psk-file out."));
  if (out->way == PT_FLEET_COAP && (out->psk_file == NULL) == (out->certificates == NULL))
    return refuse_way (error, out->way, _ ("give either --certificates or --psk-file."));
  if (out->way == PT_FLEET_MQTT && out->certificates == NULL)
    return refuse_way (error, out->way, _ ("give --certificates, a folder."));
  if (out->way != PT_FLEET_HTTPS && out->certificates != NULL && out->ca == NULL)
    return refuse_way (error, out->way, _ ("give --ca, whom the devices trust."));
  return TRUE;
}

static gboolean
take_connections (const Arguments *arguments, PtFleetLiveOptions *out, GError **error)
{
  gboolean each = out->way != PT_FLEET_HTTPS || out->certificates != NULL;

  return take_count ("--connections", arguments->connections, each ? EACH_DEFAULT : 4,
                     each ? EACH_MOST : CONNECTIONS_MOST, &out->connections, error);
}

static gboolean
take_live (const Arguments *arguments, const char *heartbeat, PtFleetLiveOptions *out,
           GError **error)
{
  *out = (PtFleetLiveOptions){ .url = arguments->url,
                               .state = arguments->state,
                               .list = arguments->list,
                               .token = arguments->token,
                               .speed = arguments->speed,
                               .resync = arguments->resync,
                               .via = arguments->via,
                               .ca = arguments->ca,
                               .certificates = arguments->certificates,
                               .psk_file = arguments->psk_file,
                               .requests = arguments->requests,
                               .json = arguments->json };
  if (out->state == NULL)
    out->state = (char *) STATE_DEFAULT;
  if (arguments->speed < 0 || arguments->speed > 100000)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--speed %g: give a number from 1 to 100000."), arguments->speed);
      return FALSE;
    }
  return check_url (arguments, error)
         && take_duration ("--heartbeat", arguments->heartbeat, heartbeat, HEARTBEAT_LEAST,
                           &out->heartbeat, error)
         && take_count ("--lines", arguments->lines, 1000, LINES_MOST, &out->lines, error)
         && take_way (arguments, out, error) && take_connections (arguments, out, error);
}

#define LIVE_ENTRIES(arguments)                                                                    \
  { "speed",                                                                                       \
    0,                                                                                             \
    0,                                                                                             \
    G_OPTION_ARG_DOUBLE,                                                                           \
    &(arguments).speed,                                                                            \
    N_ ("How many times as fast as real the clock is stepped at most (default: as fast as "        \
        "everything is acknowledged); of a clock that goes by itself, how fast it has to be"),     \
    N_ ("N") },                                                                                    \
      { "heartbeat",                                                                               \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_STRING,                                                                       \
        &(arguments).heartbeat,                                                                    \
        N_ ("How often a device reports when nothing changes (default: 1h, town: 15m)"),           \
        N_ ("TIME") },                                                                             \
      { "transport",                                                                               \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_STRING,                                                                       \
        &(arguments).transport,                                                                    \
        N_ ("The way in: https, mqtt or coap (default: https)"),                                   \
        N_ ("WAY") },                                                                              \
      { "via",                                                                                     \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_STRING,                                                                       \
        &(arguments).via,                                                                          \
        N_ ("The MQTT broker or the daemon's CoAP; with https where devices post (default: "       \
            "--url)"),                                                                             \
        N_ ("HOST:PORT") },                                                                        \
      { "ca",                                                                                      \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_FILENAME,                                                                     \
        &(arguments).ca,                                                                           \
        N_ ("Whom devices trust, PEM (default: whom the system does)"),                            \
        N_ ("FILE") },                                                                             \
      { "certificates",                                                                            \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_FILENAME,                                                                     \
        &(arguments).certificates,                                                                 \
        N_ ("Each device's certificate: {area}/{device}.pem, or a provisioning file .json"),       \
        N_ ("FOLDER") },                                                                           \
      { "psk-file",                                                                                \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_FILENAME,                                                                     \
        &(arguments).psk_file,                                                                     \
        N_ ("Keys that devices share with the daemon's CoAP: area/device:hex"),                    \
        N_ ("FILE") },                                                                             \
      { "requests",                                                                                \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_FILENAME,                                                                     \
        &(arguments).requests,                                                                     \
        N_ ("With --list: write a certificate request of each device too, into a folder"),         \
        N_ ("FOLDER") },                                                                           \
      { "resync",                                                                                  \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_NONE,                                                                         \
        &(arguments).resync,                                                                       \
        N_ ("Going on with a run, ask the daemon which reports it holds"),                         \
        NULL },                                                                                    \
  {                                                                                                \
    "token-file", 0, 0, G_OPTION_ARG_FILENAME, &(arguments).token,                                 \
        N_ ("The daemon's admin.token, with which a stepped clock is moved on"), N_ ("FILE")       \
  }

/* What the devices of @plan live through between --from and --until. */
static gboolean
clip (PtFleetPlan *plan, const Arguments *arguments, GError **error)
{
  gint64 from, until;

  if (!take_time ("--from", arguments->from, G_MININT64, &from, error)
      || !take_time ("--until", arguments->until, G_MAXINT64, &until, error))
    return FALSE;
  pt_fleet_plan_clip (plan, from, until);
  if (plan->start < plan->end || plan->outages > 0 || arguments->list != NULL)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _ ("Nothing happens between --from and --until; choose a time in which the "
                          "file has outages."));
  return FALSE;
}

int
pt_fleet_verb_replay (int argc, char **argv, GError **error)
{
  g_auto (Arguments) arguments = ARGUMENTS_NONE;
  const GOptionEntry own[]
      = { LIVE_ENTRIES (arguments),
          { "from", 0, 0, G_OPTION_ARG_STRING, &arguments.from,
            N_ ("Begin at this time: ISO 8601 or ms since 1970 (default: the first outage)"),
            N_ ("TIME") },
          { "until", 0, 0, G_OPTION_ARG_STRING, &arguments.until,
            N_ ("End at this time (default: the end of the last outage)"), N_ ("TIME") },
          { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.files, NULL, NULL },
          { NULL } };
  g_autoptr (PtFleetPlan) plan = NULL;
  PtFleetLiveOptions options;

  if (!parse (argc, argv, _ ("Lives through the real outages of a CSV file, as its devices would."),
              "FILE.csv", &arguments, own, error)
      || !take_live (&arguments, "1h", &options, error))
    return -1;
  if (arguments.files == NULL || g_strv_length (arguments.files) != 1)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("Name one CSV file of outages: powertrack-fleet replay FILE.csv"));
      return -1;
    }
  plan = pt_fleet_outages_read (arguments.files[0], error);
  if (plan == NULL || !clip (plan, &arguments, error))
    return -1;
  return pt_fleet_live (plan, &options, error);
}

int
pt_fleet_verb_town (int argc, char **argv, GError **error)
{
  g_auto (Arguments) arguments = ARGUMENTS_NONE;
  const GOptionEntry own[]
      = { LIVE_ENTRIES (arguments),
          { "sites", 'n', 0, G_OPTION_ARG_INT, &arguments.sites, N_ ("Sites of the town"),
            N_ ("N") },
          { "seed", 0, 0, G_OPTION_ARG_INT64, &arguments.seed,
            N_ ("Which town: the same seed makes the same one (default: 1)"), N_ ("S") },
          { "duration", 0, 0, G_OPTION_ARG_STRING, &arguments.duration,
            N_ ("How long, by the daemon's clock (default: 24h)"), N_ ("TIME") },
          { NULL } };
  g_autoptr (PtFleetPlan) plan = NULL;
  PtFleetLiveOptions options;
  gint64 duration;
  guint sites;

  if (!parse (argc, argv, _ ("Lives through storms and faults in a synthetic town."), NULL,
              &arguments, own, error)
      || !take_live (&arguments, "15m", &options, error)
      || !take_count ("--sites", arguments.sites, 0, SITES_MOST, &sites, error)
      || !take_duration ("--duration", arguments.duration, "24h", 1000, &duration, error))
    return -1;
  options.relative = TRUE;
  plan = pt_fleet_town (sites, (guint64) arguments.seed, duration);
  return pt_fleet_live (plan, &options, error);
}

static gboolean
take_load (const Arguments *arguments, PtFleetLoadOptions *out, GError **error)
{
  *out = (PtFleetLoadOptions){ .url = arguments->url,
                               .area = arguments->area,
                               .state = arguments->state,
                               .list = arguments->list };
  if (out->state == NULL)
    out->state = (char *) STATE_DEFAULT;
  if (arguments->area == NULL
      || !pt_is_area_id (pt_span (arguments->area, strlen (arguments->area))))
    return refuse (error, "--area", arguments->area != NULL ? arguments->area : "",
                   _ ("give an area of at most 31 small letters, digits and “-”"));
  return check_url (arguments, error)
         && take_count ("--reports", arguments->reports, arguments->list != NULL ? 1 : 0,
                        REPORTS_MOST, &out->reports, error)
         && take_count ("--devices", arguments->devices, 0, SITES_MOST, &out->devices, error)
         && take_count ("--lines", arguments->lines, 1000, LINES_MOST, &out->lines, error)
         && take_count ("--connections", arguments->connections, 4, CONNECTIONS_MOST,
                        &out->connections, error)
         && (arguments->rate == -1
             || take_count ("--rate", arguments->rate, 0, RATE_MOST, &out->rate, error))
         && (arguments->off == -1
             || take_count ("--off", arguments->off, 0, 100, &out->off_percent, error));
}

int
pt_fleet_verb_load (int argc, char **argv, GError **error)
{
  g_auto (Arguments) arguments = ARGUMENTS_NONE;
  const GOptionEntry own[]
      = { { "reports", 'n', 0, G_OPTION_ARG_INT, &arguments.reports,
            N_ ("How many reports to sign and send"), N_ ("N") },
          { "devices", 'd', 0, G_OPTION_ARG_INT, &arguments.devices, N_ ("Of how many devices"),
            N_ ("M") },
          { "area", 'a', 0, G_OPTION_ARG_STRING, &arguments.area, N_ ("Their area"), N_ ("AREA") },
          { "rate", 0, 0, G_OPTION_ARG_INT, &arguments.rate,
            N_ ("Reports a second (default: as fast as they are acknowledged)"), N_ ("N") },
          { "off", 0, 0, G_OPTION_ARG_INT, &arguments.off,
            N_ ("How many of a hundred reports say OFF (default: none)"), N_ ("N") },
          { NULL } };
  PtFleetLoadOptions options;

  if (!parse (
          argc, argv,
          _ ("Signs reports beforehand, posts them as fast as they are acknowledged, and prints "
             "the speed as JSON."),
          NULL, &arguments, own, error)
      || !take_load (&arguments, &options, error))
    return -1;
  return pt_fleet_load (&options, error);
}
