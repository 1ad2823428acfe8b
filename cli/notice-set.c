/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack notice set` and `notice withdraw`: announces a shutdown or when supply is expected
 * back, changes or withdraws it, signed by an operator or officer. */

#include <string.h>

#include "complaint-post.h"
#include "notice-known.h"
#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"
#include "register-post.h"

typedef struct
{
  const char *verb;
  gboolean withdraw;
  char *url, *area, *about, *site, *feeder, *start, *end, *note, *official, *key;
  gboolean yes, json;
} Options;

static void
options_clear (Options *options)
{
  char *texts[]
      = { options->url,   options->area, options->about, options->site,     options->feeder,
          options->start, options->end,  options->note,  options->official, options->key };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static PtSpan
span (const char *text)
{
  return text != NULL ? pt_span (text, strlen (text)) : (PtSpan){ 0 };
}

/* One that nobody has used, sayable: its day and four digits. */
static char *
new_id (gint64 now)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (now / 1000);
  g_autofree char *day = g_date_time_format (time, "%Y%m%d");

  return g_strdup_printf ("%s-%04d", day, g_random_int_range (0, 10000));
}

/* What a first entry has to say, and a later one can't say otherwise. */
static const char *
take_subject (const Options *options, gboolean is_new, PtNoticeKnown *out)
{
  if (!is_new)
    return options->about == NULL && options->site == NULL && options->feeder == NULL
               ? NULL
               : _ ("what a notice is about and where can't be changed; withdraw it");
  if (options->about == NULL || !pt_notice_about_parse (options->about, &out->about))
    return _ ("--about is shutdown or estimate");
  if (options->site != NULL && options->feeder != NULL)
    return _ ("give either --site or --feeder, or neither for the whole area");
  if (options->start == NULL || options->end == NULL || options->note == NULL)
    return _ ("--start, --end and --note are needed");
  out->scope = options->site != NULL     ? PT_SCOPE_SITE
               : options->feeder != NULL ? PT_SCOPE_FEEDER
                                         : PT_SCOPE_AREA;
  out->target = g_strdup (options->site != NULL ? options->site : options->feeder);
  return NULL;
}

static gboolean
take_times (const Options *options, PtNoticeKnown *out, GError **error)
{
  return (options->start == NULL || pt_cli_parse_time ("start", options->start, &out->start, error))
         && (options->end == NULL || pt_cli_parse_time ("end", options->end, &out->end, error));
}

static char *
make_summary (const Options *options, const char *id, const PtNoticeKnown *known)
{
  g_autofree char *start = pt_format_time (known->start), *end = pt_format_time (known->end);
  const char *where = known->target != NULL ? known->target : _ ("the whole area");

  if (options->withdraw)
    return g_strdup_printf (_ ("You withdraw notice %s of area %s."), id, options->area);
  return known->about == PT_ABOUT_SHUTDOWN
             ? g_strdup_printf (_ ("You announce (%s) a shutdown of %s in area %s, %s to %s."), id,
                                where, options->area, start, end)
             : g_strdup_printf (
                 _ ("You say (%s) that supply of %s in area %s is expected back between %s and "
                    "%s."),
                 id, where, options->area, start, end);
}

static int
send (const Options *options, PtPost *post, const char *id)
{
  g_autofree char *entry = NULL;
  g_autoptr (GError) error = NULL;
  PtRegisterPost lines;
  int status = PT_EXIT_FAILED;

  if (!pt_post_show (post, &status))
    return status;
  entry = pt_post_sign (post, &error);
  pt_register_post_init_at (&lines, post->client, post->url, "/api/v1/notices");
  if (entry == NULL || !pt_register_post_add (&lines, entry, strlen (entry), 0, id, &error)
      || !pt_register_post_flush (&lines, &error))
    status = pt_cli_fail (options->verb, error);
  else if (lines.rejected > 0)
    {
      pt_cli_usage (options->verb, _ ("the daemon refused it: %s"),
                    pt_cli_string (json_array_get_object_element (lines.refused, 0), "error", "?"));
      status = PT_EXIT_FAILED;
    }
  else
    {
      if (options->json)
        g_print ("{\"n\":%" PRIi64 ",\"notice\":\"%s\"}\n", post->fields.n, id);
      else
        g_print (options->withdraw ? _ ("Notice %s is withdrawn\n") : _ ("Notice %s stands\n"), id);
      status = PT_EXIT_HOLDS;
    }
  pt_register_post_clear (&lines);
  return status;
}

static int
run (const Options *options, const char *url, const PtActor *actor, const char *wanted)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_auto (PtNoticeKnown) known = { 0 };
  g_autofree char *id = g_strdup (wanted), *summary = NULL;
  g_autoptr (GError) error = NULL;
  const char *fault = NULL;
  gint64 now = 0;
  PtPost post = {
    .verb = options->verb, .url = url, .client = client, .actor = actor, .yes = options->yes
  };

  fault = take_subject (options, wanted == NULL, &known);
  if (fault != NULL)
    return pt_cli_usage (options->verb, "%s", fault);
  if ((wanted != NULL && !pt_notice_known_ask (client, url, options->area, wanted, &known, &error))
      || !take_times (options, &known, &error) || !pt_cli_daemon_now (client, url, &now, &error))
    return pt_cli_fail (options->verb, error);
  if (id == NULL)
    id = new_id (now);
  post.fields = (PtEntry){
    .kind = PT_ENTRY_NOTICE,
    .area = span (options->area),
    .ts = now,
    .notice = span (id),
    .n = known.n + 1,
    .prev = known.last,
    .about = known.about,
    .scope = known.scope,
    .target = span (known.target),
    .start = known.start,
    .end = known.end,
    .by = span (options->official),
    .note = span (options->note != NULL ? options->note : known.note),
    .status = options->withdraw ? PT_STATUS_WITHDRAWN : PT_STATUS_ACTIVE,
  };
  post.summary = summary = make_summary (options, id, &known);
  return send (options, &post, id);
}

static gboolean
parse (Options *options, int argc, char **argv, char ***rest)
{
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options->area, N_ ("The area"), N_ ("AREA") },
    { "official", 0, 0, G_OPTION_ARG_STRING, &options->official, N_ ("The official you are"),
      N_ ("ID") },
    { "key", 'k', 0, G_OPTION_ARG_FILENAME, &options->key, N_ ("Your key file, or keyring:"),
      N_ ("FILE") },
    { "note", 0, 0, G_OPTION_ARG_STRING, &options->note,
      N_ ("What an official says; public, for ever"), N_ ("TEXT") },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &options->yes, N_ ("Sign without asking"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print one JSON object"), NULL },
    /* What follows is not withdraw's. */
    { "about", 0, 0, G_OPTION_ARG_STRING, &options->about,
      N_ ("shutdown, or estimate: when supply is expected back"), N_ ("WHAT") },
    { "site", 0, 0, G_OPTION_ARG_STRING, &options->site, N_ ("Of this site"), N_ ("SITE") },
    { "feeder", 0, 0, G_OPTION_ARG_STRING, &options->feeder, N_ ("Of this feeder"), N_ ("ID") },
    { "start", 0, 0, G_OPTION_ARG_STRING, &options->start,
      N_ ("From when; of an estimate the earliest"), N_ ("TIME") },
    { "end", 0, 0, G_OPTION_ARG_STRING, &options->end, N_ ("Until when; of an estimate the latest"),
      N_ ("TIME") },
    { NULL }
  };
  GOptionEntry few[G_N_ELEMENTS (entries)] = { 0 };

  memcpy (few, entries, 7 * sizeof few[0]);
  return pt_cli_parse (
      options->verb, options->withdraw ? N_ ("NOTICE") : N_ ("[NOTICE]"),
      options->withdraw
          ? N_ ("Takes an announcement back; nothing follows it.")
          : N_ ("Announces a shutdown, or when supply is expected back; with a NOTICE "
                "changes that one."),
      options->withdraw ? few : entries, argc, argv, rest);
}

static int
start (gboolean withdraw, int argc, char **argv)
{
  g_auto (Options) options
      = { .verb = withdraw ? "notice withdraw" : "notice set", .withdraw = withdraw };
  g_auto (GStrv) rest = NULL;
  g_autoptr (PtActor) actor = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  if (!parse (&options, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) > 1 || (withdraw && g_strv_length (rest) == 0))
    return pt_cli_usage (options.verb, _ ("name one NOTICE"));
  if (options.area == NULL || options.key == NULL
      || (options.official == NULL && !pt_actor_in_keyring (options.key)))
    return pt_cli_usage (options.verb, _ ("--area, --official and --key are needed"));
  url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (options.verb, "%s", error->message);
  actor = pt_actor_open (options.key, options.area, &options.official, &error);
  if (actor == NULL)
    return pt_cli_refuse (options.verb, error);
  return run (&options, url, actor, rest[0]);
}

int
pt_notice_set_main (int argc, char **argv)
{
  return start (FALSE, argc, argv);
}

int
pt_notice_withdraw_main (int argc, char **argv)
{
  return start (TRUE, argc, argv);
}
