/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack device invite`: a one-time password, with which a device that made its key itself
 * asks the daemon for its first certificate (EST). */

#include <string.h>

#include "pt-cli.h"
#include "pt-entry.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-table.h"

#define VERB "device invite"
#define HOURS 24
#define HOURS_MAX 720

typedef struct
{
  char *device, *area, *url, *token;
  int hours;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->device);
  g_free (options->area);
  g_free (options->url);
  g_free (options->token);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static const char *
find_problem (const Options *options)
{
  if (options->device == NULL || options->area == NULL)
    return _ ("--device ID and --area AREA are needed");
  if (!pt_is_area_id (pt_span (options->area, strlen (options->area)))
      || !pt_is_id (pt_span (options->device, strlen (options->device))))
    return _ ("--device and --area: no device can have this name");
  if (options->token == NULL)
    return _ ("--token-file FILE is needed (admin.token in the daemon's state directory)");
  return options->hours < 1 || options->hours > HOURS_MAX ? _ ("--hours is 1 to 720") : NULL;
}

static GBytes *
make_body (const Options *options)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "area", options->area);
  json_object_set_string_member (object, "device", options->device);
  json_object_set_int_member (object, "hours", options->hours);
  return pt_cli_body (object);
}

static gboolean
print_answer (const Options *options, GBytes *answer, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonObject *object = pt_cli_object (parser, answer);
  const char *password = object != NULL ? pt_cli_string (object, "password", "") : "";
  g_autofree char *until = NULL;

  if (*password == '\0')
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("the daemon's answer has no password; is --url the daemon's address?"));
      return FALSE;
    }
  if (options->json)
    {
      pt_cli_print_json (json_parser_get_root (parser));
      return TRUE;
    }
  until = pt_format_time (pt_cli_integer (object, "expires", -1));
  g_print (_ ("User name: %s/%s\n"), options->area, options->device);
  g_print (_ ("Password:  %s\n"), password);
  g_print (_ ("For one key, until %s\n"), until);
  return TRUE;
}

static gboolean
run (const Options *options, const char *url, GError **error)
{
  g_autofree char *whole = g_strconcat (url, "/api/v1/est/invitations", NULL);
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GBytes) body = make_body (options), answer = NULL;

  if (!pt_cli_use_token (client, options->token, error))
    return FALSE;
  answer = pt_http_client_post_ok (client, whole, "application/json", body, error);
  return answer != NULL && print_answer (options, answer, error);
}

int
pt_device_invite_main (int argc, char **argv)
{
  g_auto (Options) options = { .hours = HOURS };
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  const char *problem;
  const GOptionEntry entries[]
      = { { "device", 0, 0, G_OPTION_ARG_STRING, &options.device, N_ ("One device"), N_ ("ID") },
          { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("Its area"), N_ ("AREA") },
          { "hours", 0, 0, G_OPTION_ARG_INT, &options.hours,
            N_ ("How long it is good for; not given: 24"), N_ ("N") },
          { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"),
            N_ ("URL") },
          { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &options.token,
            N_ ("The daemon's admin.token"), N_ ("FILE") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
          { NULL } };

  if (!pt_cli_parse (VERB, NULL,
                     N_ ("Makes a one-time password, with which a device that made its key itself\n"
                         "asks for its first certificate."),
                     entries, argc, argv, NULL))
    return PT_EXIT_USAGE;
  problem = find_problem (&options);
  if (problem != NULL)
    return pt_cli_usage (VERB, "%s", problem);
  url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (&options, url, &error) ? PT_EXIT_HOLDS : pt_cli_refuse (VERB, error);
}
