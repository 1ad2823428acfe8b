/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack complaint proof`: fetches the proof bundle of one step and checks it before keeping
 * it. */

#include <string.h>

#include "complaint-known.h"
#include "dossier-fetch.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"

#define VERB "complaint proof"

typedef struct
{
  char *url, *area, *out;
  gint64 n;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
  g_free (options->out);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static int
run (const Options *options, const char *url, const char *id)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (PtComplaintKnown) known = NULL;
  g_autofree char *proof = NULL, *shown = NULL;
  g_autoptr (GError) error = NULL;

  known = pt_complaint_known_ask (client, url, options->area, id, &error);
  if (known == NULL)
    return pt_cli_fail (VERB, error);
  proof = pt_dossier_fetch_proof (client, url, known, options->n, &error);
  if (proof == NULL || !g_file_set_contents (options->out, proof, -1, &error))
    return pt_cli_fail (VERB, error);
  shown = pt_complaint_shown (known->id);
  if (options->json)
    g_print ("{\"file\":\"%s\",\"holds\":true}\n", options->out);
  else
    g_print (_ ("Saved the proof of step %" PRIi64 " of complaint %s to %s; check it any time: "
                "powertrack verify %s\n"),
             options->n, shown, options->out, options->out);
  return PT_EXIT_HOLDS;
}

int
pt_complaint_proof_main (int argc, char **argv)
{
  g_auto (Options) options = { .n = 1 };
  g_auto (GStrv) rest = NULL;
  g_autofree char *url = NULL, *id = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area,
      N_ ("The complaint's area, where several have the number"), N_ ("AREA") },
    { "step", 0, 0, G_OPTION_ARG_INT64, &options.n, N_ ("The step, as 'show' counts (default 1)"),
      N_ ("N") },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out, N_ ("Where to save"), N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Say in JSON what was saved"), NULL },
    { NULL }
  };

  if (!pt_cli_parse (VERB, N_ ("NUMBER"),
                     N_ ("Fetches the proof of one step of a complaint and checks it before "
                         "keeping it."),
                     entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage (VERB, _ ("name one NUMBER"));
  if (options.n < 1 || options.out == NULL)
    return pt_cli_usage (VERB, _ ("--step (from 1 up) and --out are needed"));
  id = pt_complaint_typed (rest[0], &error);
  if (id != NULL)
    url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (&options, url, id);
}
