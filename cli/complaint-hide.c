/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack complaint hide` and `unhide`: what was said at a step is not shown to other officials
 * of the area, who see that it is there. Nothing of the log changes. */

#include <string.h>

#include "complaint-known.h"
#include "pt-actor.h"
#include "pt-cli.h"
#include "pt-i18n.h"
#include "official-login.h"

typedef struct
{
  const char *verb;
  gboolean hidden;
  char *url, *area, *official, *key, *reason;
  gint64 n;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
  g_free (options->official);
  g_free (options->key);
  g_free (options->reason);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static GBytes *
make_body (const Options *options)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_boolean_member (object, "hidden", options->hidden);
  json_object_set_int_member (object, "n", options->n);
  json_object_set_string_member (object, "reason", options->reason);
  return pt_cli_body (object);
}

static int
send (const Options *options, PtHttpClient *client, const char *url, const PtComplaintKnown *known)
{
  g_autofree char *whole
      = g_strdup_printf ("%s/api/v1/complaints/%s/%s/hide", url, known->area, known->id);
  g_autoptr (GBytes) body = make_body (options), answer = NULL;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) error = NULL;

  answer = pt_http_client_post_ok (client, whole, "application/json", body, &error);
  if (answer == NULL)
    return pt_cli_fail (options->verb, error);
  if (options->json && pt_cli_object (parser, answer) != NULL)
    pt_cli_print_json (json_parser_get_root (parser));
  else if (options->hidden)
    g_print (_ ("What was said at step %" PRIi64 " is hidden; officials see that it is.\n"),
             options->n);
  else
    g_print (_ ("What was said at step %" PRIi64 " is shown to officials again.\n"), options->n);
  return PT_EXIT_HOLDS;
}

static int
run (Options *options, const char *url, const char *id)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (PtComplaintKnown) known = NULL;
  g_autoptr (PtActor) actor = NULL;
  g_autoptr (GError) error = NULL;

  known = pt_complaint_known_ask (client, url, options->area, id, &error);
  if (known == NULL)
    return pt_cli_fail (options->verb, error);
  actor = pt_actor_open (options->key, known->area, &options->official, &error);
  if (actor == NULL)
    return pt_cli_refuse (options->verb, error);
  if (!pt_official_log_in (client, url, known->area, options->official, actor, &error))
    return pt_cli_fail (options->verb, error);
  return send (options, client, url, known);
}

int
pt_complaint_hide_main (int argc, char **argv)
{
  g_auto (Options) options = { .hidden = g_str_equal (argv[0], "hide") };
  g_auto (GStrv) rest = NULL;
  g_autofree char *url = NULL, *id = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area,
      N_ ("The complaint's area, where several have the number"), N_ ("AREA") },
    { "step", 0, 0, G_OPTION_ARG_INT64, &options.n, N_ ("The step, as 'show' counts"), N_ ("N") },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason,
      N_ ("Why; officials of the area see it"), N_ ("TEXT") },
    { "official", 0, 0, G_OPTION_ARG_STRING, &options.official, N_ ("The official you are"),
      N_ ("ID") },
    { "key", 'k', 0, G_OPTION_ARG_FILENAME, &options.key, N_ ("Your key file, or keyring:"),
      N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print the daemon's answer"), NULL },
    { NULL }
  };

  options.verb = options.hidden ? "complaint hide" : "complaint unhide";
  if (!pt_cli_parse (options.verb, N_ ("NUMBER"),
                     options.hidden
                         ? N_ ("Hides what was said in confidence at a step from the area's "
                               "officials, who see that it is hidden.")
                         : N_ ("Shows officials again what was hidden from them at a step."),
                     entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage (options.verb, _ ("name one NUMBER"));
  if (options.n < 1 || options.reason == NULL || options.key == NULL
      || (options.official == NULL && !pt_actor_in_keyring (options.key)))
    return pt_cli_usage (options.verb, _ ("--step, --reason, --official and --key are needed"));
  id = pt_complaint_typed (rest[0], &error);
  if (id != NULL)
    url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (options.verb, "%s", error->message);
  return run (&options, url, id);
}
