/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack profile show`: what is promised in an area. */

#include "profile-words.h"
#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-table.h"

typedef struct
{
  char *url, *area;
  gboolean document, json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static int
print_answer (const Options *options, JsonNode *answer)
{
  JsonObject *object = json_node_get_object (answer);
  const char *document = pt_cli_string (object, "document", "");
  g_autofree char *since = pt_format_time (pt_cli_integer (object, "ts", -1));

  if (options->json)
    pt_cli_print_json (answer);
  else if (options->document)
    g_print ("%s\n", document);
  else
    {
      g_print (_ ("Profile of area %s, signed by its authority %s\n\n"), options->area, since);
      if (!pt_profile_print (document))
        {
          g_printerr (_ ("powertrack profile show: what the daemon sent is no profile\n"));
          return PT_EXIT_FAILED;
        }
    }
  return PT_EXIT_HOLDS;
}

int
pt_profile_show_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autofree char *url = NULL, *path = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("The area"), N_ ("AREA") },
    { "document", 0, 0, G_OPTION_ARG_NONE, &options.document, N_ ("Print its exact bytes"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("profile show", NULL,
                     N_ ("Shows what is promised about complaints in an area."), entries, argc,
                     argv, NULL))
    return PT_EXIT_USAGE;
  if (options.area == NULL || !pt_is_area_id (pt_span (options.area, strlen (options.area))))
    return pt_cli_usage ("profile show", _ ("--area is needed"));
  url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage ("profile show", "%s", error->message);
  path = g_strconcat ("/api/v1/profiles/", options.area, NULL);
  answer = pt_cli_get (client, url, path, &error);
  if (answer == NULL)
    return pt_cli_fail ("profile show", error);
  return print_answer (&options, answer);
}
