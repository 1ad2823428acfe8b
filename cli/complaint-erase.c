/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack complaint erase`: forgets what was said in confidence at a step. Its hash stays in
 * the log, and a signed comment says who had it erased and why. */

#include <string.h>

#include "complaint-post.h"
#include "complaint-words.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "official-login.h"

#define VERB "complaint erase"

typedef struct
{
  char *url, *area, *official, *key, *reason;
  gint64 n;
  gboolean yes, json;
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

static PtSpan
span (const char *text)
{
  return text != NULL ? pt_span (text, strlen (text)) : (PtSpan){ 0 };
}

static GBytes *
make_body (const Options *options, const char *entry)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_int_member (object, "n", options->n);
  json_object_set_string_member (object, "reason", options->reason);
  json_object_set_string_member (object, "entry", entry);
  return pt_cli_body (object);
}

static int
send (const Options *options, PtHttpClient *client, const char *url, const PtComplaintKnown *known,
      const char *entry)
{
  g_autofree char *whole
      = g_strdup_printf ("%s/api/v1/complaints/%s/%s/erase", url, known->area, known->id);
  g_autoptr (GBytes) body = make_body (options, entry), answer = NULL;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) error = NULL;

  answer = pt_http_client_post_ok (client, whole, "application/json", body, &error);
  if (answer == NULL)
    return pt_cli_fail (VERB, error);
  if (options->json && pt_cli_object (parser, answer) != NULL)
    pt_cli_print_json (json_parser_get_root (parser));
  else
    g_print (_ ("What was said at step %" PRIi64 " has been erased; its hash stays in the log.\n"),
             options->n);
  return PT_EXIT_HOLDS;
}

static int
run (Options *options, const char *url, const char *id)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (PtActor) actor = NULL;
  g_autoptr (PtComplaintKnown) known = NULL;
  g_autofree char *note = NULL, *summary = NULL, *shown = NULL, *entry = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now = 0;
  int status = PT_EXIT_FAILED;
  PtPost post = { .verb = VERB, .url = url, .client = client, .yes = options->yes };

  known = pt_complaint_known_ask (client, url, options->area, id, &error);
  if (known == NULL || !pt_cli_daemon_now (client, url, &now, &error))
    return pt_cli_fail (VERB, error);
  actor = pt_actor_open (options->key, known->area, &options->official, &error);
  if (actor == NULL)
    return pt_cli_refuse (VERB, error);
  post.actor = actor;
  note = g_strdup_printf ("The private part of step %" PRIi64 " is erased: %s", options->n,
                          options->reason);
  post.fields = (PtEntry){ .kind = PT_ENTRY_ACTION,
                           .area = span (known->area),
                           .ts = now,
                           .complaint = span (known->id),
                           .n = known->n + 1,
                           .prev = known->last,
                           .action = PT_ACTION_COMMENT,
                           .by = span (options->official),
                           .site = span (known->site),
                           .lat = known->lat,
                           .lon = known->lon,
                           .note = span (note) };
  shown = pt_complaint_shown (known->id);
  post.summary = summary
      = g_strdup_printf (_ ("You erase what was said at step %" PRIi64
                            " of complaint %s, for ever. Everybody will see that you did."),
                         options->n, shown);
  if (!pt_post_show (&post, &status))
    return status;
  entry = pt_post_sign (&post, &error);
  if (entry == NULL
      || !pt_official_log_in (client, url, known->area, options->official, actor, &error))
    return pt_cli_fail (VERB, error);
  return send (options, client, url, known, entry);
}

int
pt_complaint_erase_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (GStrv) rest = NULL;
  g_autofree char *url = NULL, *id = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area,
      N_ ("The complaint's area, where several have the number"), N_ ("AREA") },
    { "step", 0, 0, G_OPTION_ARG_INT64, &options.n, N_ ("The step, as 'show' counts"), N_ ("N") },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_ ("Why; public, for ever"),
      N_ ("TEXT") },
    { "official", 0, 0, G_OPTION_ARG_STRING, &options.official, N_ ("The officer you are"),
      N_ ("ID") },
    { "key", 'k', 0, G_OPTION_ARG_FILENAME, &options.key, N_ ("Your key file, or keyring:"),
      N_ ("FILE") },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &options.yes, N_ ("Sign without asking"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print the daemon's answer"), NULL },
    { NULL }
  };

  if (!pt_cli_parse (VERB, N_ ("NUMBER"),
                     N_ ("Erases what was said in confidence at a step of a complaint. Its hash "
                         "stays, and a signed comment tells that it was erased."),
                     entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage (VERB, _ ("name one NUMBER"));
  if (options.n < 1 || options.reason == NULL || options.key == NULL
      || (options.official == NULL && !pt_actor_in_keyring (options.key)))
    return pt_cli_usage (VERB, _ ("--step, --reason, --official and --key are needed"));
  id = pt_complaint_typed (rest[0], &error);
  if (id != NULL)
    url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (&options, url, id);
}
