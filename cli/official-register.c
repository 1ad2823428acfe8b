/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack official register`: signs an `official` entry with the area's authority key and
 * posts it, unless the daemon has it so already. */

#include <string.h>

#include "official-known.h"
#include "pt-authority.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "register-post.h"
#include "pt-i18n.h"

typedef struct
{
  const char *verb;
  char *official, *area, *name, *role, *key, *authority_key, *authority_dir, *url;
  gint64 ts;
  gboolean revoke, change, reactivate, json;
} Options;

static void
options_clear (Options *options)
{
  char *texts[]
      = { options->official, options->area,          options->name, options->role,
          options->key,      options->authority_key, options->url,  options->authority_dir };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What is registered of an official beside its id. */
static const char *
make_rest (const Options *options, PtEntry *out)
{
  if (options->name == NULL || options->role == NULL || options->key == NULL)
    return _ ("--official, --area, --name, --role and --key are needed");
  out->name = pt_span (options->name, strlen (options->name));
  if (out->name.size == 0 || out->name.size > PT_OFFICIAL_NAME_MAX || !pt_is_utf8 (out->name))
    return _ ("--name wants 1 to 256 bytes of UTF-8");
  if (!pt_official_role_parse (options->role, &out->role))
    return _ ("--role is operator, officer or auditor");
  if (!pt_base64url_decode (pt_span (options->key, strlen (options->key)), out->key,
                            sizeof out->key))
    return _ ("--key is not 65 bytes in base64url, as keygen prints");
  return NULL;
}

/* Spans of @out point into @options. */
static const char *
make_fields (const Options *options, PtEntry *out)
{
  *out = (PtEntry){ .kind = PT_ENTRY_OFFICIAL,
                    .status = options->revoke ? PT_STATUS_REVOKED : PT_STATUS_ACTIVE };
  if (options->official == NULL || options->area == NULL)
    return _ ("--official and --area are needed");
  out->official = pt_span (options->official, strlen (options->official));
  out->area = pt_span (options->area, strlen (options->area));
  if (!pt_is_area_id (out->area))
    return _ ("--area is not an id of a-z, 0-9 and -, at most 31 long");
  if (!pt_is_id (out->official))
    return _ ("--official is not an id of letters, digits and . _ : -, at most 64 long");
  return options->revoke ? NULL : make_rest (options, out);
}
/* What is to be done with it. */
typedef enum
{
  WILL_SEND,
  WILL_SAY, /* it is so already */
  WILL_LEAVE
} Will;

/* *@reason: why it is left. */
static Will
decide (const Options *options, const PtEntry *wanted, const PtOfficialKnown *known, char **reason)
{
  g_autofree char *names = NULL;

  if (options->revoke)
    {
      if (known->is_known)
        return known->status == PT_STATUS_REVOKED ? WILL_SAY : WILL_SEND;
      *reason = g_strdup (_ ("nobody registered it"));
      return WILL_LEAVE;
    }
  if (!known->is_known)
    return WILL_SEND;
  if (known->status == PT_STATUS_REVOKED && !options->reactivate)
    {
      *reason = g_strdup (_ ("it is revoked; --reactivate registers it again"));
      return WILL_LEAVE;
    }
  names = pt_official_known_differences (wanted, known);
  if (names != NULL && !options->change)
    {
      *reason
          = g_strdup_printf (_ ("is registered otherwise (%s); --change registers it so"), names);
      return WILL_LEAVE;
    }
  return names != NULL || known->status == PT_STATUS_REVOKED ? WILL_SEND : WILL_SAY;
}

static void
print_json (const Options *options, const PtRegisterPost *post, Will will, const char *reason)
{
  g_autoptr (JsonObject) object = pt_register_post_to_json (post, FALSE);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  JsonArray *left = json_array_new ();

  if (will == WILL_LEAVE)
    {
      JsonObject *row = json_object_new ();

      json_object_set_string_member (row, "id", options->official);
      json_object_set_string_member (row, "reason", reason);
      json_array_add_object_element (left, row);
    }
  json_object_set_int_member (object, "same", will == WILL_SAY);
  json_object_set_array_member (object, "left", left);
  pt_cli_print_json (node);
}

static int
print_result (const Options *options, const PtRegisterPost *post, Will will, const char *reason)
{
  if (options->json)
    print_json (options, post, will, reason);
  else if (will == WILL_LEAVE)
    g_printerr ("%s: %s\n", options->official, reason);
  else if (will == WILL_SAY)
    g_print (options->revoke ? _ ("%s is revoked in %s already\n")
                             : _ ("%s is registered so in %s already\n"),
             options->official, options->area);
  else if (post->rejected == 0)
    g_print (options->revoke ? _ ("Revoked %s in %s\n") : _ ("Registered %s in %s\n"),
             options->official, options->area);
  else
    pt_cli_usage (options->verb, _ ("the daemon refused it: %s"),
                  pt_cli_string (json_array_get_object_element (post->refused, 0), "error", "?"));
  return post->rejected == 0 && will != WILL_LEAVE ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

/* Of one that is revoked: what the daemon has of it. */
static gboolean
send_entry (const Options *options, const char *url, PtRegisterPost *post, PtAuthority *authority,
            PtEntry *fields, const PtOfficialKnown *known, GError **error)
{
  char entry[PT_REGISTRATION_MAX];
  gint64 now = options->ts;
  gsize size = 0;

  if (options->revoke)
    {
      fields->name = pt_span (known->name, strlen (known->name));
      fields->role = known->role;
      memcpy (fields->key, known->key, sizeof fields->key);
    }
  return (options->ts >= 0 || pt_cli_daemon_now (post->client, url, &now, error))
         && pt_register_date (post->client, url, known->is_known ? known->ts : -1, options->ts >= 0,
                              &now, &fields->ts, error)
         && pt_authority_sign (authority, fields, entry, sizeof entry, &size, error)
         && pt_register_post_add (post, entry, size, 0, options->official, error)
         && pt_register_post_flush (post, error);
}

static int
run (const Options *options, const char *url, PtAuthority *authority, PtEntry *fields)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;
  PtRegisterPost post;
  PtOfficialKnown known;
  Will will;
  int status = PT_EXIT_FAILED;

  if (!pt_official_known_ask (client, url, options->area, options->official, &known, &error))
    return pt_cli_fail (options->verb, error);
  will = decide (options, fields, &known, &reason);
  pt_register_post_init (&post, client, url);
  if (will != WILL_SEND || send_entry (options, url, &post, authority, fields, &known, &error))
    status = print_result (options, &post, will, reason);
  else
    pt_cli_fail (options->verb, error);
  pt_register_post_clear (&post);
  return status;
}

static gboolean
parse_options (Options *options, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "official", 0, 0, G_OPTION_ARG_STRING, &options->official, N_ ("The official"), N_ ("ID") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options->area, N_ ("The area"), N_ ("AREA") },
    { "name", 0, 0, G_OPTION_ARG_STRING, &options->name, N_ ("The name everybody will see"),
      N_ ("TEXT") },
    { "role", 0, 0, G_OPTION_ARG_STRING, &options->role, N_ ("operator, officer or auditor"),
      N_ ("ROLE") },
    { "key", 0, 0, G_OPTION_ARG_STRING, &options->key, N_ ("The public key, base64url"),
      N_ ("KEY") },
    { "authority-key", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_key,
      N_ ("The area's authority key"), N_ ("FILE") },
    { "authority-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_dir,
      N_ ("Folder with one AREA.pem for each area"), N_ ("DIR") },
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"), N_ ("URL") },
    { "revoke", 0, 0, G_OPTION_ARG_NONE, &options->revoke,
      N_ ("Revoke instead; --official and --area are enough"), NULL },
    { "change", 0, 0, G_OPTION_ARG_NONE, &options->change,
      N_ ("Register anew one that is registered otherwise"), NULL },
    { "reactivate", 0, 0, G_OPTION_ARG_NONE, &options->reactivate,
      N_ ("Register a revoked one again"), NULL },
    { "ts", 0, 0, G_OPTION_ARG_INT64, &options->ts,
      N_ ("Date the entry so (ms since 1970) instead of by the daemon's clock"), N_ ("MS") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  return pt_cli_parse (
      options->verb, NULL,
      options->revoke
          ? N_ ("Revokes an official: nothing that its key signs counts from then on.")
          : N_ ("Registers an official with the daemon, signed by the area's authority."),
      entries, argc, argv, NULL);
}

static int
start (gboolean revoke, int argc, char **argv)
{
  g_auto (Options) options
      = { .verb = revoke ? "official revoke" : "official register", .ts = -1, .revoke = revoke };
  g_autoptr (PtAuthority) authority = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  const char *why = NULL;
  PtEntry fields;

  if (!parse_options (&options, argc, argv))
    return PT_EXIT_USAGE;
  why = make_fields (&options, &fields);
  if (why != NULL)
    return pt_cli_usage (options.verb, "%s", why);
  url = pt_cli_url (options.url, &error);
  if (url != NULL)
    authority = pt_authority_new (options.authority_key, options.authority_dir, FALSE, &error);
  if (authority == NULL)
    return pt_cli_usage (options.verb, "%s", error->message);
  return run (&options, url, authority, &fields);
}

int
pt_official_register_main (int argc, char **argv)
{
  return start (FALSE, argc, argv);
}

/* The same as register --revoke. */
int
pt_official_revoke_main (int argc, char **argv)
{
  return start (TRUE, argc, argv);
}
