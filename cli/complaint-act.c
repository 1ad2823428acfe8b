/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack complaint join`, `acknowledge`, `resolve` and the others that act on one that was
 * filed: each signs one `action` entry, which stands on the newest one that the daemon has. Or the
 * service does, for somebody at the desk. */

#include <string.h>

#include "complaint-desk.h"
#include "complaint-post.h"
#include "complaint-ticket.h"
#include "complaint-words.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "complaint-private.h"
#include "pt-table.h"

enum
{
  CITIZEN = 1 << 0,
  OFFICIAL = 1 << 1,
  DESK = 1 << 2, /* an official for a citizen who has no key */
};

/* Who may is for the rules to say, in the daemon and in every audit; here is what each needs. */
typedef struct
{
  PtAction action;
  guint who;
  gboolean needs_words;
  const char *summary, *help;
} Verb;

static const Verb verbs[] = {
  { PT_ACTION_JOIN, CITIZEN | DESK, FALSE, N_ ("You join complaint %s of area %s."),
    N_ ("Says \"me too\" with a key of your own, which is of the complaint from then on.") },
  { PT_ACTION_COMMENT, CITIZEN | OFFICIAL | DESK, TRUE,
    N_ ("You comment on complaint %s of area %s."),
    N_ ("Says something more. What an official says is public, what a citizen says is not.") },
  { PT_ACTION_ACKNOWLEDGE, OFFICIAL, FALSE, N_ ("You acknowledge complaint %s of area %s."),
    N_ ("Says that somebody has seen it. Several at once may be named.") },
  { PT_ACTION_ASSIGN, OFFICIAL, FALSE, N_ ("You assign complaint %s of area %s."),
    N_ ("Gives it to an operator or officer. Several at once may be named.") },
  { PT_ACTION_RESOLVE, OFFICIAL, TRUE, N_ ("You say that complaint %s of area %s is resolved."),
    N_ ("Says that what was wrong is put right. What the devices say of that is told by "
        "everyone.") },
  { PT_ACTION_UNRESOLVE, OFFICIAL, TRUE, N_ ("You open complaint %s of area %s again."),
    N_ ("Takes back a resolve, reject or duplicate.") },
  { PT_ACTION_REJECT, OFFICIAL, TRUE, N_ ("You reject complaint %s of area %s."),
    N_ ("Says that there is nothing to put right. The profile may want a second officer.") },
  { PT_ACTION_APPROVE, OFFICIAL, FALSE,
    N_ ("You approve that complaint %s of area %s is rejected."),
    N_ ("Approves another officer's reject.") },
  { PT_ACTION_DUPLICATE, OFFICIAL, TRUE, N_ ("You call complaint %s of area %s a duplicate."),
    N_ ("Says that another complaint is about the same.") },
  { PT_ACTION_REOPEN, CITIZEN | DESK, FALSE, N_ ("You open complaint %s of area %s again."),
    N_ ("Says that it is not resolved.") },
  { PT_ACTION_CONFIRM, CITIZEN, FALSE, N_ ("You confirm that complaint %s of area %s is resolved."),
    N_ ("Confirms a resolve. Nobody but who filed it ends a complaint so.") },
  { PT_ACTION_WITHDRAW, CITIZEN, FALSE, N_ ("You withdraw complaint %s of area %s."),
    N_ ("Ends your own complaint.") },
};

typedef struct
{
  const Verb *verb;
  char *name; /* "complaint resolve" */
  char *url, *area, *key, *official, *note, *text, *contact, *to, *of, *photo_hash, *receipt,
      *private_file, *by;
  char **photos;
  gboolean yes, json;
  gint64 ts;
  PtHash photo;
} Options;

static void
options_clear (Options *options)
{
  char *texts[] = { options->name,         options->url,  options->area,       options->key,
                    options->official,     options->note, options->text,       options->contact,
                    options->to,           options->of,   options->photo_hash, options->receipt,
                    options->private_file, options->by };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_strfreev (options->photos);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static PtSpan
span (const char *text)
{
  return text != NULL ? pt_span (text, strlen (text)) : (PtSpan){ 0 };
}

/* Everything but what is said in confidence. */
static void
fill_fields (const Options *options, const PtComplaintKnown *known, const PtActor *actor,
             gint64 now, PtEntry *out)
{
  *out = (PtEntry){
    .kind = PT_ENTRY_ACTION,
    .area = span (known->area),
    .ts = now,
    .complaint = span (known->id),
    .n = known->n + 1,
    .prev = known->last,
    .action = options->verb->action,
    .by = span (options->official != NULL ? options->official : "citizen"),
    .site = span (known->site),
    .lat = known->lat,
    .lon = known->lon,
    .to = span (options->to),
    .of = span (options->of),
    .has_photo_hash = options->photo_hash != NULL,
    .photo_hash = options->photo,
  };
  if (options->official != NULL)
    out->note = span (options->note != NULL ? options->note : "");
  else
    memcpy (out->key, actor->signer.public_key, sizeof out->key);
}

/* What everybody will see beside a resolve is said before it is signed. */
static void
warn_evidence (const Options *options, const PtComplaintKnown *known)
{
  gint64 since = pt_cli_integer (known->object, "outage_since", -1);
  g_autofree char *time = NULL;

  if (options->verb->action != PT_ACTION_RESOLVE || since < 0)
    return;
  time = pt_format_time (since);
  g_printerr (_ ("WARNING: the devices of site %s say that there is no supply since %s. Resolved "
                 "now it is AGAINST THE EVIDENCE, for everybody to see and for ever.\n"),
              known->site != NULL ? known->site : "-", time);
}

static char *
make_summary (const Options *options, const PtComplaintKnown *known)
{
  g_autofree char *shown = pt_complaint_shown (known->id);
  g_autofree char *state = pt_complaint_state_words (known->object);
  g_autofree char *place = pt_complaint_place_words (known->object);
  g_autofree char *line = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  line = g_strdup_printf (_ (options->verb->summary), shown, known->area);
#pragma GCC diagnostic pop
  return g_strdup_printf (_ ("%s (%s, %s; now %s)"), line,
                          pt_cli_string (known->object, "category", "-"), place, state);
}

static int
print_done (const Options *options, JsonNode *answer)
{
  JsonObject *object = json_node_get_object (answer);
  JsonNode *node = json_object_get_member (object, "complaint");
  JsonObject *complaint
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : object;
  g_autofree char *shown = pt_complaint_shown (pt_cli_string (complaint, "complaint", "?"));
  g_autofree char *state = pt_complaint_state_words (complaint);

  if (options->json)
    pt_cli_print_json (answer);
  else
    g_print (_ ("Complaint %s is now: %s\n"), shown, state);
  return PT_EXIT_HOLDS;
}

static gboolean
save_private (const char *path, const char *private, GError **error)
{
  return path == NULL || private == NULL
         || g_file_set_contents_full (path, private, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                      error);
}

/* What it needs beside the complaint: words in confidence, and for who joins a ticket. */
static gboolean
fill_rest (const Options *options, const PtComplaintKnown *known, PtPost *post,
           PtComplaintTicket *ticket, char **private, GError **error)
{
  gboolean has_words = options->text != NULL || options->contact != NULL || post->photos->len > 0;

  if (options->official == NULL && has_words)
    {
      *private = pt_complaint_private_make (options->text, options->contact, post->photos,
                                            &post->fields.note_hash);
      post->private = *private;
      post->fields.has_note_hash = TRUE;
      if (!save_private (options->private_file, *private, error))
        return FALSE;
    }
  if (options->verb->action != PT_ACTION_JOIN)
    return TRUE;
  if (!pt_complaint_ticket_join (post->client, post->url, known->area, known->id, ticket, error))
    return FALSE;
  post->ticket = ticket->ticket;
  post->bits = ticket->bits;
  return TRUE;
}

/* The service signs, so there is nothing to be asked about. */
static int
act_at_desk (const Options *options, PtHttpClient *client, const char *url, const PtActor *actor,
             const char *id)
{
  const PtDeskAction action = { .action = options->verb->action,
                                .text = options->text,
                                .contact = options->contact,
                                .by = options->by,
                                .receipt_file = options->receipt };
  g_autoptr (PtComplaintKnown) known = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;

  known = pt_complaint_known_ask (client, url, options->area, id, &error);
  if (known != NULL)
    answer = pt_complaint_desk_act (client, url, known, &action, options->official, actor, &error);
  return answer != NULL ? print_done (options, answer) : pt_cli_fail (options->name, error);
}

static int
act (const Options *options, PtHttpClient *client, const char *url, const PtActor *actor,
     GPtrArray *photos, const char *id)
{
  g_autoptr (PtComplaintKnown) known = NULL;
  g_auto (PtComplaintTicket) ticket = { 0 };
  g_autofree char *summary = NULL, *private = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now = options->ts;
  int status = PT_EXIT_FAILED;
  PtPost post = { .verb = options->name,
                  .url = url,
                  .client = client,
                  .actor = actor,
                  .photos = photos,
                  .path = "/api/v1/actions",
                  .yes = options->yes,
                  .json = options->json,
                  .receipt_file = options->receipt };

  known = pt_complaint_known_ask (client, url, options->area, id, &error);
  if (known == NULL || (now < 0 && !pt_cli_daemon_now (client, url, &now, &error)))
    return pt_cli_fail (options->name, error);
  fill_fields (options, known, actor, now, &post.fields);
  if (!fill_rest (options, known, &post, &ticket, &private, &error))
    return pt_cli_fail (options->name, error);
  warn_evidence (options, known);
  post.summary = summary = make_summary (options, known);
  answer = pt_post_send (&post, &status);
  return answer != NULL ? print_done (options, answer) : status;
}

/* Likewise, for somebody without a key. */
static const char *
find_desk_fault (const Options *options)
{
  if (options->official == NULL && !pt_actor_in_keyring (options->key))
    return _ ("--official is needed: only officials do this");
  if (options->note != NULL)
    return _ ("what citizens say is not public: use --text");
  if (options->photos != NULL || options->private_file != NULL || options->ts >= 0)
    return _ ("--photo, --private and --ts don't go with --for");
  if (options->verb->needs_words && options->text == NULL)
    return _ ("--text is needed");
  return pt_complaint_desk_fault (options->by);
}

/* Why the options do not fit, or NULL. */
static const char *
find_fault (Options *options, guint count)
{
  const Verb *verb = options->verb;
  gboolean several = verb->action == PT_ACTION_ACKNOWLEDGE || verb->action == PT_ACTION_ASSIGN;
  gboolean official = options->official != NULL || pt_actor_in_keyring (options->key);

  if (count == 0)
    return _ ("name the complaint's NUMBER");
  if (count > 1 && !several)
    return _ ("name one NUMBER");
  if (options->key == NULL)
    return _ ("--key is needed: your key file, as 'powertrack keygen' makes it");
  if (options->by != NULL)
    return find_desk_fault (options);
  if (!official && !(verb->who & CITIZEN))
    return _ ("--official is needed: only officials do this");
  if (official && !(verb->who & OFFICIAL))
    return verb->who & DESK ? _ ("officials do this with --for alone, for somebody without a key")
                            : _ ("officials don't do this; leave out --official");
  if (official && (options->text != NULL || options->contact != NULL || options->photos != NULL))
    return _ ("what officials say is public: use --note");
  if (!official && options->note != NULL)
    return _ ("what citizens say is not public: use --text");
  if (verb->needs_words && (official ? options->note : options->text) == NULL)
    return official ? _ ("--note is needed") : _ ("--text is needed");
  if (verb->action == PT_ACTION_ASSIGN && options->to == NULL)
    return _ ("--to is needed");
  if (verb->action == PT_ACTION_DUPLICATE && options->of == NULL)
    return _ ("--of is needed");
  if (options->photo_hash != NULL
      && !pt_hex_decode (span (options->photo_hash), &options->photo, sizeof options->photo))
    return _ ("--photo-hash wants 64 lower-case hex digits");
  return NULL;
}

/* Who acts. A key of the keyring is one of the complaint's area. */
static PtActor *
open_actor (Options *options, PtHttpClient *client, const char *url, const char *id, GError **error)
{
  g_autoptr (PtComplaintKnown) known = NULL;

  if (options->official == NULL && !pt_actor_in_keyring (options->key))
    return pt_actor_read (options->key, error);
  if (pt_actor_in_keyring (options->key) && options->area == NULL)
    {
      known = pt_complaint_known_ask (client, url, NULL, id, error);
      if (known == NULL)
        return NULL;
    }
  return pt_actor_open (options->key, known != NULL ? known->area : options->area,
                        &options->official, error);
}

static int
run (Options *options, char **numbers)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autofree char *url = NULL, *of = NULL, *first = NULL;
  g_autoptr (PtActor) actor = NULL;
  g_autoptr (GPtrArray) photos = NULL;
  g_autoptr (GError) error = NULL;
  int worst = PT_EXIT_HOLDS;

  url = pt_cli_url (options->url, &error);
  if (url != NULL)
    first = pt_complaint_typed (numbers[0], &error);
  if (first != NULL)
    photos = pt_photos_read (options->photos, &error);
  if (photos != NULL && options->of != NULL)
    {
      of = pt_complaint_typed (options->of, &error);
      g_free (options->of);
      options->of = g_steal_pointer (&of);
    }
  if (error != NULL)
    return pt_cli_usage (options->name, "%s", error->message);
  actor = open_actor (options, client, url, first, &error);
  if (actor == NULL)
    return pt_cli_refuse (options->name, error);
  for (guint i = 0; numbers[i] != NULL && worst != PT_EXIT_USAGE; i++)
    {
      g_autofree char *id = pt_complaint_typed (numbers[i], &error);
      int status;

      if (id == NULL)
        status = pt_cli_usage (options->name, "%s", error->message);
      else if (options->by != NULL)
        status = act_at_desk (options, client, url, actor, id);
      else
        status = act (options, client, url, actor, photos, id);

      worst = status != PT_EXIT_HOLDS ? status : worst;
    }
  return worst;
}

static void
add_options (GArray *entries, const GOptionEntry *more)
{
  for (; more->long_name != NULL; more++)
    g_array_append_val (entries, *more);
}

/* What only citizens, or only officials, or only one verb can say. */
static void
add_words (Options *options, GArray *entries)
{
  const GOptionEntry self[] = { { "official", 0, 0, G_OPTION_ARG_STRING, &options->official,
                                  N_ ("The official you are"), N_ ("ID") },
                                { NULL } };
  const GOptionEntry desk[]
      = { { "for", 0, 0, G_OPTION_ARG_STRING, &options->by,
            N_ ("For somebody without a key: at the desk, by telephone or sms; the service signs"),
            N_ ("HOW") },
          { NULL } };
  const GOptionEntry official[] = { { "note", 0, 0, G_OPTION_ARG_STRING, &options->note,
                                      N_ ("What an official says; public, for ever"), N_ ("TEXT") },
                                    { NULL } };
  const GOptionEntry citizen[]
      = { { "text", 0, 0, G_OPTION_ARG_STRING, &options->text,
            N_ ("What a citizen says; its hash alone is public"), N_ ("TEXT") },
          { "contact", 0, 0, G_OPTION_ARG_STRING, &options->contact,
            N_ ("How to reach you; officials of the area see it"), N_ ("TEXT") },
          { "photo", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->photos,
            N_ ("A picture, JPEG, PNG or WebP; up to five"), N_ ("FILE") },
          { "private", 0, 0, G_OPTION_ARG_FILENAME, &options->private_file,
            N_ ("Keep what was said in confidence here, to show it later"), N_ ("FILE") },
          { NULL } };
  const GOptionEntry to[]
      = { { "to", 0, 0, G_OPTION_ARG_STRING, &options->to, N_ ("To whom"), N_ ("ID") }, { NULL } };
  const GOptionEntry of[] = { { "of", 0, 0, G_OPTION_ARG_STRING, &options->of,
                                N_ ("The other complaint"), N_ ("NUMBER") },
                              { NULL } };
  const GOptionEntry picture[] = { { "photo-hash", 0, 0, G_OPTION_ARG_STRING, &options->photo_hash,
                                     N_ ("SHA-256 of a public picture of the work"), N_ ("HEX") },
                                   { NULL } };

  if (options->verb->who & (OFFICIAL | DESK))
    add_options (entries, self);
  if (options->verb->who & DESK)
    add_options (entries, desk);
  if (options->verb->who & OFFICIAL)
    add_options (entries, official);
  if (options->verb->who & CITIZEN)
    add_options (entries, citizen);
  if (options->verb->action == PT_ACTION_ASSIGN)
    add_options (entries, to);
  if (options->verb->action == PT_ACTION_DUPLICATE)
    add_options (entries, of);
  if (options->verb->action == PT_ACTION_RESOLVE)
    add_options (entries, picture);
}

static gboolean
parse (Options *options, int argc, char **argv, char ***rest)
{
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  const GOptionEntry common[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options->area,
      N_ ("The complaint's area, where several have the number"), N_ ("AREA") },
    { "key", 'k', 0, G_OPTION_ARG_FILENAME, &options->key, N_ ("Your key file, or keyring:"),
      N_ ("FILE") },
    { "receipt", 0, 0, G_OPTION_ARG_FILENAME, &options->receipt, N_ ("Keep the receipt here"),
      N_ ("FILE") },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &options->yes, N_ ("Sign without asking"), NULL },
    { "ts", 0, 0, G_OPTION_ARG_INT64, &options->ts,
      N_ ("Date the entry so (ms since 1970) instead of by the daemon's clock"), N_ ("MS") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print the daemon's answer"), NULL },
    { NULL }
  };

  add_options (entries, common);
  add_words (options, entries);
  return pt_cli_parse (options->name, N_ ("NUMBER"), options->verb->help,
                       (const GOptionEntry *) (gpointer) entries->data, argc, argv, rest);
}

int
pt_complaint_act_main (int argc, char **argv)
{
  g_auto (Options) options = { .ts = -1 };
  g_auto (GStrv) rest = NULL;
  const char *fault = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (pt_action_name (verbs[i].action), argv[0]))
      options.verb = &verbs[i];
  g_return_val_if_fail (options.verb != NULL, PT_EXIT_USAGE);
  options.name = g_strconcat ("complaint ", argv[0], NULL);
  if (!parse (&options, argc, argv, &rest))
    return PT_EXIT_USAGE;
  fault = find_fault (&options, g_strv_length (rest));
  if (fault != NULL)
    return pt_cli_usage (options.name, "%s", fault);
  return run (&options, rest);
}
