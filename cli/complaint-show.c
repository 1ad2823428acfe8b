/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack complaint show`: one complaint, step by step. With an official's key also what was
 * said in confidence. */

#include <string.h>

#include "complaint-known.h"
#include "complaint-words.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-i18n.h"
#include "complaint-private.h"
#include "official-login.h"
#include "pt-table.h"

#define VERB "complaint show"

typedef struct
{
  char *url, *area, *official, *key, *photos;
  gboolean hidden, json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->url);
  g_free (options->area);
  g_free (options->official);
  g_free (options->key);
  g_free (options->photos);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
print_outage (JsonObject *object)
{
  gint64 since = pt_cli_integer (object, "outage_since", -1);
  gint64 back = pt_cli_integer (object, "supply_back_at", -1);
  g_autofree char *time = pt_format_time (since >= 0 ? since : back);

  if (since >= 0)
    g_print (_ ("The devices there say that there is no supply since %s\n"), time);
  else if (back >= 0)
    g_print (_ ("Supply came back there at %s\n"), time);
}

static void
print_known (const PtComplaintKnown *known, gint64 now)
{
  JsonObject *object = known->object;
  g_autofree char *shown = pt_complaint_shown (known->id);
  g_autofree char *state = pt_complaint_state_words (object);
  g_autofree char *clock = pt_complaint_clock_words (object, now);
  g_autofree char *place = pt_complaint_place_words (object);
  g_autofree char *filed = pt_format_time (pt_cli_integer (object, "filed_at", -1));
  const char *assigned = pt_cli_string (object, "assigned", NULL);
  JsonArray *chain = pt_complaint_known_chain (known);

  g_print (_ ("Complaint %s of area %s: %s\n"), shown, known->area, state);
  g_print (_ ("%s at %s, filed %s, people affected: %" PRIi64 "\n"),
           pt_cli_string (object, "category", "-"), place, filed,
           pt_cli_integer (object, "people", 1));
  if (clock != NULL)
    g_print (_ ("Clock: %s\n"), clock);
  if (assigned != NULL)
    g_print (_ ("Assigned to %s\n"), assigned);
  print_outage (object);
  g_print ("\n");
  for (guint i = 0; i < json_array_get_length (chain); i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (chain, i)))
      pt_complaint_print_step (json_array_get_object_element (chain, i), FALSE);
}

/* One picture, by the session, into the folder; its name is its hash. */
static gboolean
save_photo (const Options *options, PtHttpClient *client, const char *url, JsonObject *photo,
            GError **error)
{
  const char *hash = pt_cli_string (photo, "sha256", ""), *link = pt_cli_string (photo, "url", "");
  g_autofree char *whole = g_strconcat (url, link, NULL);
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint8 bytes_of_hash[PT_HASH_SIZE];
  gsize size = 0;

  if (*link != '/'
      || !pt_hex_decode (pt_span (hash, strlen (hash)), bytes_of_hash, sizeof bytes_of_hash))
    return TRUE;
  path = g_build_filename (options->photos, hash, NULL);
  bytes = pt_http_client_get_ok (client, whole, error);
  return bytes != NULL
         && g_file_set_contents_full (path, g_bytes_get_data (bytes, &size),
                                      (gssize) g_bytes_get_size (bytes),
                                      G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

static gboolean
save_photos (const Options *options, PtHttpClient *client, const char *url,
             const PtComplaintKnown *known, GError **error)
{
  JsonArray *chain = pt_complaint_known_chain (known);

  g_mkdir_with_parents (options->photos, 0700);
  pt_http_client_set_limits (client, 5000, 60000, PT_PHOTO_SIZE_MAX);
  for (guint i = 0; i < json_array_get_length (chain); i++)
    {
      JsonNode *step = json_array_get_element (chain, i);
      JsonNode *node = JSON_NODE_HOLDS_OBJECT (step)
                           ? json_object_get_member (json_node_get_object (step), "private")
                           : NULL;
      JsonNode *photos = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
                             ? json_object_get_member (json_node_get_object (node), "photos")
                             : NULL;

      for (guint j = 0; photos != NULL && JSON_NODE_HOLDS_ARRAY (photos)
                        && j < json_array_get_length (json_node_get_array (photos));
           j++)
        {
          JsonNode *photo = json_array_get_element (json_node_get_array (photos), j);

          if (JSON_NODE_HOLDS_OBJECT (photo)
              && !save_photo (options, client, url, json_node_get_object (photo), error))
            return FALSE;
        }
    }
  return TRUE;
}

static int
run (Options *options, const char *url, const char *id)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (PtComplaintKnown) known = NULL;
  g_autoptr (PtActor) actor = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now = 0;

  known = pt_complaint_known_ask (client, url, options->area, id, &error);
  if (known == NULL)
    return pt_cli_fail (VERB, error);
  if (options->key != NULL)
    {
      actor = pt_actor_open (options->key, known->area, &options->official, &error);
      if (actor == NULL)
        return pt_cli_refuse (VERB, error);
      if (!pt_official_log_in (client, url, known->area, options->official, actor, &error))
        return pt_cli_fail (VERB, error);
      pt_complaint_known_free (known);
      known = options->hidden
                  ? pt_complaint_known_ask_hidden (client, url, options->area, id, &error)
                  : pt_complaint_known_ask (client, url, options->area, id, &error);
    }
  if (known == NULL || !pt_cli_daemon_now (client, url, &now, &error)
      || (options->photos != NULL && !save_photos (options, client, url, known, &error)))
    return pt_cli_fail (VERB, error);
  if (options->json)
    pt_cli_print_json (known->node);
  else
    print_known (known, now);
  return PT_EXIT_HOLDS;
}

int
pt_complaint_show_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (GStrv) rest = NULL;
  g_autofree char *url = NULL, *id = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[]
      = { { "url", 'u', 0, G_OPTION_ARG_STRING, &options.url, N_ ("The daemon's address"),
            N_ ("URL") },
          { "area", 0, 0, G_OPTION_ARG_STRING, &options.area,
            N_ ("The complaint's area, where several have the number"), N_ ("AREA") },
          { "official", 0, 0, G_OPTION_ARG_STRING, &options.official,
            N_ ("Show what was said in confidence to this official"), N_ ("ID") },
          { "key", 'k', 0, G_OPTION_ARG_FILENAME, &options.key,
            N_ ("That official's key file, or keyring:"), N_ ("FILE") },
          { "hidden", 0, 0, G_OPTION_ARG_NONE, &options.hidden,
            N_ ("Show hidden words too: to an officer, or whoever hid them"), NULL },
          { "photos", 0, 0, G_OPTION_ARG_FILENAME, &options.photos,
            N_ ("Save the pictures into this folder"), N_ ("DIR") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
          { NULL } };

  if (!pt_cli_parse (VERB, N_ ("NUMBER"), N_ ("Shows a complaint, step by step."), entries, argc,
                     argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage (VERB, _ ("name one NUMBER"));
  if ((options.official != NULL && options.key == NULL)
      || (options.official == NULL && options.key != NULL && !pt_actor_in_keyring (options.key))
      || ((options.photos != NULL || options.hidden) && options.key == NULL))
    return pt_cli_usage (VERB, _ ("--official and --key belong together"));
  id = pt_complaint_typed (rest[0], &error);
  if (id != NULL)
    url = pt_cli_url (options.url, &error);
  if (url == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (&options, url, id);
}
