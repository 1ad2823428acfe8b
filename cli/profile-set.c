/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack profile set`: signs a `profile` entry with the area's authority key and posts it. */

#include <string.h>

#include "profile-read.h"
#include "profile-words.h"
#include "pt-authority.h"
#include "pt-cli.h"
#include "pt-confirm.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "register-post.h"

typedef struct
{
  char *url, *area, *authority_key, *authority_dir;
  gint64 ts;
  gboolean anyway, yes, json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
  g_free (options->authority_key);
  g_free (options->authority_dir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* The document, or NULL after saying what is wrong. */
static char *
read_document (const Options *options, const char *path)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *document = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &text, &size, &error))
    {
      pt_cli_fail ("profile set", error);
      return NULL;
    }
  document = pt_profile_read (text, size, &problems);
  pt_profile_problems_print (path, problems);
  if (document != NULL && problems->len > 0 && !options->anyway)
    {
      g_printerr (_ ("powertrack profile set: it contradicts itself; --anyway sets it\n"));
      return NULL;
    }
  return g_steal_pointer (&document);
}

/* What is in force: its document (NULL: none) and *@ts (-1). FALSE: it can't be asked. */
static gboolean
ask_present (PtHttpClient *client, const char *url, const char *area, char **document, gint64 *ts,
             GError **error)
{
  g_autofree char *whole = g_strconcat (url, "/api/v1/profiles/", area, NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GBytes) body = NULL;
  JsonObject *object = NULL;
  guint status = 0;

  *document = NULL;
  *ts = -1;
  body = pt_http_client_get (client, whole, NULL, &status, error);
  if (body == NULL)
    return FALSE;
  object = pt_cli_object (parser, body);
  if (status == 200 && object != NULL)
    {
      *document = g_strdup (pt_cli_string (object, "document", NULL));
      *ts = pt_cli_integer (object, "ts", -1);
    }
  if (status == 404 || (status == 200 && *ts >= 0))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("%s answered %u: %s"), whole, status,
               object != NULL ? pt_cli_string (object, "detail", _ ("no detail"))
                              : _ ("is --url the daemon's address?"));
  return FALSE;
}

static void
print_result (const Options *options, const PtRegisterPost *post, gboolean same)
{
  if (options->json)
    {
      g_autoptr (JsonObject) object = pt_register_post_to_json (post, FALSE);
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

      json_object_set_int_member (object, "same", same);
      pt_cli_print_json (node);
    }
  else if (same)
    g_print (_ ("It is the profile of %s already\n"), options->area);
  else if (post->rejected == 0)
    g_print (_ ("From here on it is the profile of %s\n"), options->area);
  else
    pt_cli_usage ("profile set", _ ("the daemon refused it: %s"),
                  pt_cli_string (json_array_get_object_element (post->refused, 0), "error", "?"));
}

static gboolean
send_entry (const Options *options, const char *url, PtRegisterPost *post, PtAuthority *authority,
            const char *document, gint64 before, GError **error)
{
  g_autofree char *entry = g_malloc (PT_ENTRY_MAX);
  gint64 now = options->ts;
  gsize size = 0;
  PtEntry fields = { .kind = PT_ENTRY_PROFILE,
                     .area = pt_span (options->area, strlen (options->area)),
                     .document = pt_span (document, strlen (document)) };

  return (options->ts >= 0 || pt_cli_daemon_now (post->client, url, &now, error))
         && pt_register_date (post->client, url, before, options->ts >= 0, &now, &fields.ts, error)
         && pt_authority_sign (authority, &fields, entry, PT_ENTRY_MAX, &size, error)
         && pt_register_post_add (post, entry, size, 0, options->area, error)
         && pt_register_post_flush (post, error);
}

static int
run (const Options *options, const char *url, PtAuthority *authority, const char *document)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autofree char *present = NULL;
  g_autoptr (GError) error = NULL;
  PtRegisterPost post;
  gboolean same = FALSE;
  gint64 before = -1;
  int status = PT_EXIT_FAILED;

  if (!ask_present (client, url, options->area, &present, &before, &error))
    return pt_cli_fail ("profile set", error);
  same = g_strcmp0 (present, document) == 0;
  if (!options->json && !same)
    pt_profile_print (document);
  if (!same && !options->yes
      && !pt_confirm ("profile set", _ ("Sign it with the authority's key and send it?"), &status))
    return status;
  pt_register_post_init (&post, client, url);
  if (!same && !send_entry (options, url, &post, authority, document, before, &error))
    pt_cli_fail ("profile set", error);
  else
    {
      print_result (options, &post, same);
      status = post.rejected == 0 ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
    }
  pt_register_post_clear (&post);
  return status;
}

int
pt_profile_set_main (int argc, char **argv)
{
  g_auto (Options) options = { .ts = -1 };
  g_autoptr (PtAuthority) authority = NULL;
  g_autofree char *url = NULL, *document = NULL;
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[]
      = { { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"),
            N_ ("URL") },
          { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("The area"), N_ ("AREA") },
          { "authority-key", 0, 0, G_OPTION_ARG_FILENAME, &options.authority_key,
            N_ ("The area's authority key"), N_ ("FILE") },
          { "authority-dir", 0, 0, G_OPTION_ARG_FILENAME, &options.authority_dir,
            N_ ("Folder with one AREA.pem for each area"), N_ ("DIR") },
          { "anyway", 0, 0, G_OPTION_ARG_NONE, &options.anyway,
            N_ ("Set it though it contradicts itself"), NULL },
          { "yes", 'y', 0, G_OPTION_ARG_NONE, &options.yes, N_ ("Sign without asking"), NULL },
          { "ts", 0, 0, G_OPTION_ARG_INT64, &options.ts,
            N_ ("Date the entry so (ms since 1970) instead of by the daemon's clock"), N_ ("MS") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
          { NULL } };

  if (!pt_cli_parse ("profile set", N_ ("FILE"),
                     N_ ("Promises what a profile says in an area from now on, signed by its "
                         "authority. What was filed before keeps what was promised then."),
                     entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage ("profile set", _ ("name one FILE"));
  if (options.area == NULL || !pt_is_area_id (pt_span (options.area, strlen (options.area))))
    return pt_cli_usage ("profile set", _ ("--area is needed"));
  url = pt_cli_url (options.url, &error);
  if (url != NULL)
    authority = pt_authority_new (options.authority_key, options.authority_dir, FALSE, &error);
  if (authority == NULL)
    return pt_cli_usage ("profile set", "%s", error->message);
  document = read_document (&options, rest[0]);
  return document != NULL ? run (&options, url, authority, document) : PT_EXIT_FAILED;
}
