/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack complaint file`: files a complaint with a key of the citizen's own, or at the desk
 * for somebody who has none. */

#include <string.h>

#include "complaint-desk.h"
#include "complaint-post.h"
#include "complaint-ticket.h"
#include "complaint-words.h"
#include "pt-cli.h"
#include "pt-i18n.h"
#include "complaint-private.h"

#define VERB "complaint file"

typedef struct
{
  char *url, *area, *category, *site, *key, *text, *contact, *receipt, *private_file, *by,
      *official;
  char **photos;
  double lat, lon; /* degrees */
  gboolean yes, json;
  gint64 ts;
  gint64 cell_lat, cell_lon; /* 1e-7 degree */
} Options;

static void
options_clear (Options *options)
{
  char *texts[] = { options->url,          options->area, options->category, options->site,
                    options->key,          options->text, options->contact,  options->receipt,
                    options->private_file, options->by,   options->official };

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

static gint64
to_cell (double degrees)
{
  double cells = degrees * 1e7 / PT_HOUSE_CELL;

  return (gint64) (cells < 0 ? cells - 0.5 : cells + 0.5) * PT_HOUSE_CELL;
}

static void
fill_fields (const Options *options, const PtActor *actor, const PtComplaintTicket *ticket,
             gint64 now, PtEntry *out)
{
  *out = (PtEntry){ .kind = PT_ENTRY_ACTION,
                    .area = span (options->area),
                    .ts = now,
                    .complaint = span (ticket->complaint),
                    .n = 1,
                    .action = PT_ACTION_FILE,
                    .by = span ("citizen"),
                    .site = span (options->site),
                    .lat = options->cell_lat,
                    .lon = options->cell_lon,
                    .category = span (options->category),
                    .has_note_hash = TRUE };
  memcpy (out->key, actor->signer.public_key, sizeof out->key);
}

static void
print_done (const Options *options, const char *complaint, JsonNode *answer)
{
  g_autofree char *shown = pt_complaint_shown (complaint);

  if (options->json)
    {
      pt_cli_print_json (answer);
      return;
    }
  g_print (_ ("Your complaint has the number %s\n"), shown);
  g_print (_ ("Keep your key: with it alone you confirm or reopen it.\n"));
  if (options->receipt != NULL)
    g_print (_ ("The receipt is in %s; whether the promise was kept: powertrack receipt check\n"),
             options->receipt);
}

static int
run (const Options *options, const char *url, const PtActor *actor, GPtrArray *photos)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_auto (PtComplaintTicket) ticket = { 0 };
  g_autofree char *private = NULL, *summary = NULL, *shown = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now = options->ts;
  int status = PT_EXIT_FAILED;
  PtPost post = { .verb = VERB,
                  .url = url,
                  .client = client,
                  .actor = actor,
                  .photos = photos,
                  .path = "/api/v1/complaints",
                  .yes = options->yes,
                  .json = options->json,
                  .receipt_file = options->receipt };

  if (!pt_complaint_ticket_file (client, url, options->area, options->category, options->site,
                                 options->cell_lat, options->cell_lon, &ticket, &error)
      || (now < 0 && !pt_cli_daemon_now (client, url, &now, &error)))
    return pt_cli_fail (VERB, error);
  pt_complaint_ticket_print_known (&ticket);
  fill_fields (options, actor, &ticket, now, &post.fields);
  private
      = pt_complaint_private_make (options->text, options->contact, photos, &post.fields.note_hash);
  if (options->private_file != NULL
      && !g_file_set_contents_full (options->private_file, private, -1,
                                    G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    return pt_cli_fail (VERB, error);
  post.private = private;
  post.ticket = ticket.ticket;
  post.bits = ticket.bits;
  shown = pt_complaint_shown (ticket.complaint);
  post.summary = summary = g_strdup_printf (
      _ ("You file complaint %s in area %s. Its words, pictures and contact stay with the daemon "
         "and are seen by officials of the area alone; the log gets their hash."),
      shown, options->area);
  answer = pt_post_send (&post, &status);
  if (answer != NULL)
    print_done (options, ticket.complaint, answer);
  return status;
}

static int
run_desk (Options *options, const char *url)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (PtActor) actor = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = NULL;
  JsonObject *complaint = NULL;
  const PtDeskFiling filing = { .area = options->area,
                                .category = options->category,
                                .site = options->site,
                                .lat = options->cell_lat,
                                .lon = options->cell_lon,
                                .text = options->text,
                                .contact = options->contact,
                                .by = options->by,
                                .receipt_file = options->receipt };

  actor = pt_actor_open (options->key, options->area, &options->official, &error);
  if (actor == NULL)
    return pt_cli_refuse (VERB, error);
  answer = pt_complaint_desk_file (client, url, &filing, options->official, actor, &error);
  if (answer == NULL)
    return pt_cli_fail (VERB, error);
  complaint = json_object_get_object_member (json_node_get_object (answer), "complaint");
  shown
      = pt_complaint_shown (complaint != NULL ? pt_cli_string (complaint, "complaint", "?") : "?");
  if (options->json)
    pt_cli_print_json (answer);
  else
    g_print (_ ("The complaint has the number %s; its state can be asked by it.\n"), shown);
  return PT_EXIT_HOLDS;
}

/* What only one of the two ways of filing knows. */
static const char *
find_desk_fault (const Options *options)
{
  if (options->by == NULL)
    return options->official != NULL ? _ ("--official goes with --for") : NULL;
  if (pt_complaint_desk_fault (options->by) != NULL)
    return pt_complaint_desk_fault (options->by);
  if (options->official == NULL && !pt_actor_in_keyring (options->key))
    return _ ("--official is needed: only officials do this");
  if (options->photos != NULL || options->private_file != NULL || options->ts >= 0)
    return _ ("--photo, --private and --ts don't go with --for");
  return NULL;
}

static const char *
find_fault (Options *options)
{
  gboolean has_place = ABS (options->lat) <= 90 && ABS (options->lon) <= 180;

  if (options->area == NULL || options->category == NULL || options->key == NULL
      || options->text == NULL)
    return _ ("--area, --category, --text and --key are needed");
  if ((options->site != NULL) == has_place)
    return _ ("give either --site or --lat and --lon");
  if (!pt_is_area_id (span (options->area)) || !pt_is_id (span (options->category))
      || (options->site != NULL && !pt_is_id (span (options->site))))
    return _ ("--area, --category or --site is no id");
  options->cell_lat = has_place ? to_cell (options->lat) : 0;
  options->cell_lon = has_place ? to_cell (options->lon) : 0;
  return find_desk_fault (options);
}

static gboolean
parse (Options *options, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options->area, N_ ("The area"), N_ ("AREA") },
    { "category", 0, 0, G_OPTION_ARG_STRING, &options->category,
      N_ ("What is wrong, as 'powertrack profile show' lists"), N_ ("ID") },
    { "site", 0, 0, G_OPTION_ARG_STRING, &options->site, N_ ("The site"), N_ ("SITE") },
    { "lat", 0, 0, G_OPTION_ARG_DOUBLE, &options->lat,
      N_ ("Or where, in degrees; only the cell of about 1 km becomes known"), N_ ("DEGREES") },
    { "lon", 0, 0, G_OPTION_ARG_DOUBLE, &options->lon, N_ ("Likewise"), N_ ("DEGREES") },
    { "text", 0, 0, G_OPTION_ARG_STRING, &options->text,
      N_ ("What you have to say; its hash alone is public"), N_ ("TEXT") },
    { "contact", 0, 0, G_OPTION_ARG_STRING, &options->contact,
      N_ ("How to reach you; officials of the area see it"), N_ ("TEXT") },
    { "photo", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->photos,
      N_ ("A picture, JPEG, PNG or WebP; up to five"), N_ ("FILE") },
    { "key", 'k', 0, G_OPTION_ARG_FILENAME, &options->key, N_ ("Your key file"), N_ ("FILE") },
    { "for", 0, 0, G_OPTION_ARG_STRING, &options->by,
      N_ ("For somebody without a key: at the desk, by telephone or sms; the service signs"),
      N_ ("HOW") },
    { "official", 0, 0, G_OPTION_ARG_STRING, &options->official,
      N_ ("With --for: the official you are, whose --key it is then"), N_ ("ID") },
    { "receipt", 0, 0, G_OPTION_ARG_FILENAME, &options->receipt, N_ ("Keep the receipt here"),
      N_ ("FILE") },
    { "private", 0, 0, G_OPTION_ARG_FILENAME, &options->private_file,
      N_ ("Keep what was said in confidence here, to show it later"), N_ ("FILE") },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &options->yes, N_ ("Sign without asking"), NULL },
    { "ts", 0, 0, G_OPTION_ARG_INT64, &options->ts,
      N_ ("Date the entry so (ms since 1970) instead of by the daemon's clock"), N_ ("MS") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print the daemon's answer"), NULL },
    { NULL }
  };

  return pt_cli_parse (VERB, NULL,
                       N_ ("Files a complaint, signed with a key of your own. Nobody but that key "
                           "can end it."),
                       entries, argc, argv, NULL);
}

int
pt_complaint_file_main (int argc, char **argv)
{
  g_auto (Options) options = { .ts = -1, .lat = 1000, .lon = 1000 };
  g_autoptr (PtActor) actor = NULL;
  g_autoptr (GPtrArray) photos = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  const char *fault = NULL;

  if (!parse (&options, argc, argv))
    return PT_EXIT_USAGE;
  fault = find_fault (&options);
  if (fault != NULL)
    return pt_cli_usage (VERB, "%s", fault);
  url = pt_cli_url (options.url, &error);
  if (url != NULL && options.by != NULL)
    return run_desk (&options, url);
  if (url != NULL)
    actor = pt_actor_read (options.key, &error);
  if (actor != NULL)
    photos = pt_photos_read (options.photos, &error);
  if (photos == NULL)
    return pt_cli_usage (VERB, "%s", error->message);
  return run (&options, url, actor, photos);
}
