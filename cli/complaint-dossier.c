/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack complaint dossier`: everything of one complaint with its proofs in one file, for an
 * ombudsman; `powertrack verify` checks it with the network off. */

#include <string.h>

#include "complaint-known.h"
#include "dossier-check.h"
#include "dossier-fetch.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"

#define VERB "complaint dossier"

typedef struct
{
  char *url, *area, *out;
  char **privates;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
  g_free (options->out);
  g_strfreev (options->privates);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static GPtrArray *
read_privates (char **paths, GError **error)
{
  g_autoptr (GPtrArray) privates = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      char *text = NULL;

      if (!g_file_get_contents (paths[i], &text, NULL, error))
        return NULL;
      g_strchomp (text);
      g_ptr_array_add (privates, text);
    }
  return g_steal_pointer (&privates);
}

/* What is wrong with it by itself is told before it is given to anybody. */
static gboolean
check (const char *text, GError **error)
{
  PtVerifyOptions nothing = { 0 };
  PtDossierCheck *found = pt_dossier_check_new (strdup (text), strlen (text), &nothing);
  gboolean good = found != NULL;

  for (gsize i = 0; good && i < found->findings.count; i++)
    if (found->findings.items[i].state == PT_FINDING_FAILED)
      {
        g_set_error (error, PT_ERROR, PT_ERROR_BAD_SIGNATURE,
                     _ ("what the daemon says does not hold, %s: %s"),
                     found->findings.items[i].name, found->findings.items[i].why);
        good = FALSE;
      }
  if (found == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("memory is short"));
  pt_dossier_check_free (found);
  return good;
}

static void
print_done (const Options *options, const PtComplaintKnown *known, const PtDossierLacks *lacks)
{
  g_autofree char *shown = pt_complaint_shown (known->id);

  if (options->json)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

      json_object_set_string_member (object, "complaint", known->id);
      json_object_set_string_member (object, "file", options->out);
      json_object_set_int_member (object, "left_out", lacks->reports);
      json_object_set_int_member (object, "steps",
                                  json_array_get_length (pt_complaint_known_chain (known)));
      json_object_set_int_member (object, "waiting", lacks->steps);
      pt_cli_print_json (node);
      return;
    }
  g_print (_ ("Saved the dossier of complaint %s to %s; check it any time: powertrack verify %s\n"),
           shown, options->out, options->out);
  if (lacks->steps > 0)
    g_print (ngettext ("%u step is not on the chain yet; make it again later.\n",
                       "%u steps are not on the chain yet; make it again later.\n", lacks->steps),
             lacks->steps);
  if (lacks->reports > 0)
    g_print (ngettext ("What was said around a resolve is not all in it, of %u device.\n",
                       "What was said around resolves is not all in it, of %u devices.\n",
                       (guint) lacks->reports),
             (guint) lacks->reports);
}

static int
run (const Options *options, const char *url, const char *id)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (PtComplaintKnown) known = NULL;
  g_autoptr (GPtrArray) privates = NULL;
  g_autofree char *text = NULL, *line = NULL;
  g_autoptr (GError) error = NULL;
  PtDossierLacks lacks;

  privates = read_privates (options->privates, &error);
  if (privates != NULL)
    known = pt_complaint_known_ask (client, url, options->area, id, &error);
  if (known != NULL)
    text = pt_dossier_fetch (client, url, known, privates, &lacks, &error);
  if (text == NULL || !check (text, &error))
    return pt_cli_fail (VERB, error);
  line = g_strconcat (text, "\n", NULL);
  if (!g_file_set_contents (options->out, line, -1, &error))
    return pt_cli_fail (VERB, error);
  print_done (options, known, &lacks);
  return PT_EXIT_HOLDS;
}

int
pt_complaint_dossier_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (GStrv) rest = NULL;
  g_autofree char *url = NULL, *id = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area,
      N_ ("The complaint's area, where several have the number"), N_ ("AREA") },
    { "private", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.privates,
      N_ ("Show what was said: a private part that you kept; may be given again"), N_ ("FILE") },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out, N_ ("Where to save"), N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Say in JSON what was saved"), NULL },
    { NULL }
  };

  if (!pt_cli_parse (VERB, N_ ("NUMBER"),
                     N_ ("Puts everything of a complaint with its proofs into one file, which "
                         "'powertrack verify' checks with the network off."),
                     entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage (VERB, _ ("name one NUMBER"));
  if (options.out == NULL)
    return pt_cli_usage (VERB, _ ("--out is needed"));
  id = pt_complaint_typed (rest[0], &error);
  if (id != NULL)
    url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (&options, url, id);
}
