/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-intake-sms.h"

#include <glib/gi18n.h>
#include <string.h>

#include "pt-answer.h"
#include "pt-client.h"
#include "pt-complaint-number.h"
#include "pt-desk-entry.h"
#include "pt-ticket-desk.h"

#define SMS_ASCII_MAX 160        /* characters of an answer, one message */
#define SMS_UNICODE_MAX 70       /* likewise, in any other script */
#define SMS_TEXT_MAX 1600        /* characters of what is sent, ten messages */
#define SMS_BODY_MAX (24 * 1024) /* bytes of what a gateway sends: each may be %XX%XX%XX%XX */

static gboolean
refuse (GError **error, PtErrorCode code, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, (int) code, sentence);
  return FALSE;
}

static const PtCatalog *
language_of (PtRequest *request, PtFilings *filings)
{
  return pt_catalogs_choose (filings->office->catalogs,
                             pt_request_header (request, "Accept-Language"));
}

/* One message: what is beyond ASCII goes as UTF-16. */
static void
sms_answer (PtRequest *request, const char *text)
{
  const glong most = g_str_is_ascii (text) ? SMS_ASCII_MAX : SMS_UNICODE_MAX;
  GString *out = g_string_new (text);

  if (g_utf8_strlen (out->str, -1) > most)
    g_string_truncate (out, (gsize) (g_utf8_offset_to_pointer (out->str, most) - out->str));
  pt_request_take_text (request, "text/plain; charset=utf-8", out);
}

/* A PtFilingAnswer. */
static gboolean
sms_filed (PtFiling *filing, PtRequest *request, GError **error)
{
  const PtCatalog *language = language_of (request, filing->filings);
  const PtLine *line = pt_filing_line (filing);
  char number[PT_COMPLAINT_NUMBER_GROUPED_SIZE + 1] = "";
  g_autofree char *text = NULL;

  if (line->state == PT_LINE_ACCEPTED || line->state == PT_LINE_DUPLICATE)
    {
      pt_complaint_number_group (filing->complaint, number);
      text = g_strdup_printf (
          pt_catalog_say (language,
                          N_ ("Your complaint has the number %s. Send this number to hear "
                              "how it stands.")),
          number);
    }
  else
    pt_request_refused (request, pt_line_slug (line));
  sms_answer (request,
              text != NULL ? text
              : line->code == PT_ERROR_BUSY
                  ? pt_catalog_say (language, N_ ("Not filed: nothing could be stored just now. "
                                                  "Send it again."))
                  : pt_catalog_say (language, N_ ("Not filed: it can't be taken by a message. Call "
                                                  "your electricity office.")));
  return TRUE;
}

typedef struct
{
  const char *site;
  char *area; /* owned; of the only area that has it */
  char *category;
  guint count;
} Site;

/* With the door held. */
static void
find_site (PtRegistry *registry, const char *only, Site *site)
{
  for (guint i = 0; i < pt_registry_area_count (registry); i++)
    {
      const PtArea *area = pt_registry_area_at (registry, i);
      const PtProfile *profile = pt_promises_profile (area->promises);

      if ((only != NULL && strcmp (only, area->id) != 0)
          || g_hash_table_lookup (area->sites, site->site) == NULL || site->count++ > 0)
        continue;
      site->area = g_strdup (area->id);
      for (guint j = 0; profile != NULL && j < profile->category_count && site->category == NULL;
           j++)
        if (profile->categories[j].has_evidence)
          site->category
              = g_strndup (profile->categories[j].id.data, profile->categories[j].id.size);
    }
}

/* "OFF site", or with the area where several have one of the name: "OFF area site". */
static gboolean
sms_file (PtRequest *request, PtFilings *filings, char **words, const char *from, GError **error)
{
  PtDirectory *directory = filings->api->reads->directory;
  const PtCatalog *language = language_of (request, filings);
  gboolean has_area = words[1] != NULL && words[2] != NULL;
  Site site = { .site = has_area ? words[2] : words[1] };
  char number[PT_COMPLAINT_NUMBER_SIZE + 1];
  PtFiling *filing = NULL;

  if (site.site != NULL)
    {
      pt_door_begin_read (&directory->door);
      find_site (directory->registry, has_area ? words[1] : NULL, &site);
      pt_door_end_read (&directory->door);
    }
  if (site.count != 1)
    sms_answer (request,
                pt_catalog_say (language,
                                site.count == 0
                                    ? N_ ("There is no such place. Send OFF and the number on the "
                                          "transformer, as OFF T-0001.")
                                    : N_ ("Several areas have this place. Send OFF, the area and "
                                          "the place.")));
  else if (pt_ticket_desk_draw (filings, number, error))
    {
      const PtDeskWords desk = { .action = PT_ACTION_FILE,
                                 .area = site.area,
                                 .complaint = number,
                                 .category = site.category != NULL ? site.category : "no-supply",
                                 .place = { .site = site.site },
                                 .text = "OFF",
                                 .contact = from };

      filing = pt_desk_entry_new (filings, &desk, error);
    }
  g_free (site.area);
  g_free (site.category);
  if (filing == NULL)
    return site.count != 1;
  filing->answer = sms_filed;
  return pt_filing_start (filing, request, error);
}

static const char *
state_words (PtComplaintState state)
{
  switch (state)
    {
    case PT_COMPLAINT_OPEN:
      return N_ ("open");
    case PT_COMPLAINT_ACKNOWLEDGED:
      return N_ ("acknowledged");
    case PT_COMPLAINT_ASSIGNED:
      return N_ ("assigned");
    case PT_COMPLAINT_RESOLVED:
      return N_ ("resolved");
    case PT_COMPLAINT_REJECTING:
      return N_ ("rejected, not yet approved");
    case PT_COMPLAINT_REJECTED:
      return N_ ("rejected");
    case PT_COMPLAINT_DUPLICATE:
      return N_ ("duplicate");
    case PT_COMPLAINT_CONFIRMED:
      return N_ ("confirmed");
    case PT_COMPLAINT_WITHDRAWN:
      return N_ ("withdrawn");
    case PT_COMPLAINT_NONE:
    case PT_COMPLAINT_STATE_COUNT:
      break;
    }
  g_return_val_if_reached ("");
}

static void
sms_state (PtRequest *request, PtFilings *filings, const char *number)
{
  const PtCatalog *language = language_of (request, filings);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;
  char grouped[PT_COMPLAINT_NUMBER_GROUPED_SIZE + 1];
  g_autofree char *text = NULL, *said = NULL;
  PtComplaintRow row;

  pt_complaint_number_group (number, grouped);
  if (pt_complaint_book_find (filings->api->reads->book, -1, number, &row) == 0)
    text = g_strdup_printf (pt_catalog_say (language, N_ ("There is no complaint %s.")), grouped);
  else
    {
      g_strv_builder_add (words, pt_catalog_say (language, state_words (row.state)));
      if (row.overdue)
        g_strv_builder_add (words, pt_catalog_say (language, N_ ("overdue")));
      if (row.outage_since > 0)
        g_strv_builder_add (words, pt_catalog_say (language, N_ ("no supply there now")));
      else if (row.supply_back_at > 0)
        g_strv_builder_add (words, pt_catalog_say (language, N_ ("supply is back")));
      if (row.closed == PT_CLOSED_AGAINST)
        g_strv_builder_add (words, pt_catalog_say (language, N_ ("the meters say otherwise")));
      parts = g_strv_builder_end (words);
      said = g_strjoinv (", ", parts);
      text = g_strdup_printf (pt_catalog_say (language, N_ ("Complaint %s: %s.")), grouped, said);
    }
  sms_answer (request, text);
}

/* The member of what a gateway sends; NULL where it is missing or longer than it may be. */
static const char *
sms_member (GHashTable *form, const char *name, glong most)
{
  const char *text = g_hash_table_lookup (form, name);

  return text != NULL && g_utf8_validate (text, -1, NULL) && g_utf8_strlen (text, -1) <= most
             ? text
             : NULL;
}

static gboolean
take_sms (PtRequest *request, gpointer context, GError **error)
{
  PtFilings *filings = context;
  const char *bearer = pt_client_bearer (request), *body, *from;
  char number[PT_COMPLAINT_NUMBER_SIZE + 1];
  g_autoptr (GHashTable) form = NULL;
  g_autofree char *encoded = NULL;
  g_autofree char *clean = NULL;
  g_auto (GStrv) words = NULL;
  gsize size;
  const char *data = g_bytes_get_data (request->content, &size);

  if (bearer == NULL || !pt_office_is_gateway (filings->office, bearer))
    return refuse (error, PT_ERROR_UNAUTHORIZED,
                   "This needs the gateway's token as Authorization: Bearer.");
  encoded = g_strndup (data != NULL ? data : "", size);
  form = soup_form_decode (encoded);
  body = sms_member (form, "Body", SMS_TEXT_MAX);
  from = sms_member (form, "From", PT_ID_MAX);
  if (body == NULL || from == NULL)
    return refuse (error, PT_ERROR_MALFORMED,
                   "Body, From: both have to be there, UTF-8, of 1600 and 64 characters at most.");
  clean = g_strstrip (g_strdup (body));
  if (pt_complaint_number_parse (pt_span (clean, strlen (clean)), number))
    {
      sms_state (request, filings, number);
      return TRUE;
    }
  words = g_strsplit_set (clean, " \t\r\n", 4);
  if (words[0] != NULL && g_ascii_strcasecmp (words[0], "OFF") == 0)
    return sms_file (request, filings, words, from, error);
  sms_answer (request, pt_catalog_say (
                           language_of (request, filings),
                           N_ ("Send OFF and the number on the transformer to say that the power "
                               "is off, or the number of a complaint to hear how it stands.")));
  return TRUE;
}

const PtRoute pt_intake_sms_routes[] = {
  { "POST", "/api/v1/sms", take_sms, PT_RUNS_ON_LOOP, .body_max = SMS_BODY_MAX, .counted = TRUE },
  { NULL },
};
