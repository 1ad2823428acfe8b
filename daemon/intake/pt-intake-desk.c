/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-intake-desk.h"

#include <string.h>

#include <openssl/rand.h>

#include "pt-answer.h"
#include "pt-api-office.h"
#include "pt-client.h"
#include "pt-desk-entry.h"
#include "pt-private.h"

#define DESK_BODY_MAX 65536

static gboolean
refuse (GError **error, PtErrorCode code, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, (int) code, sentence);
  return FALSE;
}

static gboolean
admit (PtRequest *request, PtFilings *filings, const char *const names[PT_LIMIT_COUNT],
       GError **error)
{
  guint wait;

  if (pt_office_admit (filings->office, names, &wait, error))
    return TRUE;
  pt_request_retry_after (request, wait);
  return FALSE;
}

static gboolean
admit_client (PtRequest *request, PtFilings *filings, GError **error)
{
  g_autofree char *client = pt_client_of (request);
  const char *names[PT_LIMIT_COUNT] = { [PT_LIMIT_ADDRESS] = client };

  return admit (request, filings, names, error);
}

/* Somebody of the area who may act, or a gateway. FALSE without an error: a stranger. */
static gboolean
is_trusted (PtRequest *request, PtFilings *filings, const char *area, GError **error)
{
  const char *bearer = pt_client_bearer (request);
  PtSession session;

  if (bearer == NULL)
    return FALSE;
  if (pt_office_is_gateway (filings->office, bearer))
    return TRUE;
  if (!pt_sessions_find (filings->office->sessions, bearer, &session, error))
    return FALSE;
  if (strcmp (session.area, area) == 0 && session.role != PT_ROLE_AUDITOR)
    return TRUE;
  return refuse (error, PT_ERROR_FORBIDDEN,
                 "This needs the session of an operator or officer of the area.");
}

/* How it came: told with the contact, which only officials of the area see. */
static gboolean
read_contact (PtForm *form, char **out, GError **error)
{
  static const char *const ways[] = { "desk", "telephone", "sms", "page", NULL };
  const char *way = pt_form_text (form, "by"), *contact;

  if (pt_form_has (form, "by") && (way == NULL || !g_strv_contains (ways, way)))
    return refuse (error, PT_ERROR_MALFORMED, "by: it is desk, telephone, sms or page.");
  if (!pt_form_may_text (form, "contact", PT_PRIVATE_CONTACT_MAX, &contact, error))
    return FALSE;
  *out = way != NULL && contact != NULL ? g_strdup_printf ("%s: %s", way, contact)
                                        : g_strdup (way != NULL ? way : contact);
  return TRUE;
}

/* What a ticket looks like, also where it is not needed. */
static gboolean
check_proof (PtForm *form, GError **error)
{
  const char *ticket, *nonce;

  if (!pt_form_may_text (form, "ticket", PT_TICKET_TEXT_MAX, &ticket, error)
      || !pt_form_may_text (form, "nonce", PT_WORK_NONCE_MAX, &nonce, error))
    return FALSE;
  return nonce == NULL || (nonce[0] != '\0' && nonce[strspn (nonce, "0123456789")] == '\0')
         || refuse (error, PT_ERROR_MALFORMED, "nonce: it is up to 20 decimal digits.");
}

/* With the ticket of who has no key to sign with; @number gets whose it is. */
static gboolean
read_ticket (PtFilings *filings, PtForm *form, PtTicketWords *ticket, GError **error)
{
  return pt_office_read_ticket (filings->office, pt_form_text (form, "ticket"),
                                pt_form_text (form, "nonce"), ticket, error);
}

static gboolean
ticket_fits (const PtTicketWords *ticket, const PtDeskWords *words)
{
  return !ticket->joins && strcmp (ticket->area, words->area) == 0
         && strcmp (ticket->category, words->category) == 0
         && g_strcmp0 (ticket->site, words->place.site != NULL ? words->place.site : "") == 0
         && ticket->lat == words->place.lat && ticket->lon == words->place.lon;
}

static gboolean
start (PtRequest *request, PtFilings *filings, const PtDeskWords *words, GError **error)
{
  PtFiling *filing = pt_desk_entry_new (filings, words, error);

  return filing != NULL && pt_filing_start (filing, request, error);
}

/* POST /complaints/desk */

static gboolean
read_desk (PtForm *form, PtDeskWords *words, GError **error)
{
  words->action = PT_ACTION_FILE;
  return pt_form_area (form, &words->area, error)
         && pt_form_id (form, "category", &words->category, error)
         && pt_ticket_desk_read_place (form, &words->place, error)
         && pt_form_need_text (form, "text", PT_PRIVATE_TEXT_MAX, &words->text, error);
}

/* Of who is no official: as for a citizen who signs. */
static gboolean
admit_stranger (PtRequest *request, PtFilings *filings, const PtDeskWords *words, GError **error)
{
  g_autofree char *site = words->place.site != NULL
                              ? g_strdup_printf ("%s/%s", words->area, words->place.site)
                              : g_strdup_printf ("%s/%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT,
                                                 words->area, words->place.lat, words->place.lon);
  const char *names[PT_LIMIT_COUNT] = { [PT_LIMIT_SITE] = site, [PT_LIMIT_AREA] = words->area };

  return admit (request, filings, names, error);
}

static gboolean
desk_number (PtRequest *request, PtFilings *filings, PtForm *form, PtDeskWords *words,
             PtTicketWords *ticket, GError **error)
{
  g_autoptr (GError) local = NULL;

  words->complaint = ticket->complaint;
  if (is_trusted (request, filings, words->area, &local))
    return pt_ticket_desk_draw (filings, ticket->complaint, error);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!read_ticket (filings, form, ticket, error))
    return FALSE;
  if (!ticket_fits (ticket, words))
    return refuse (error, PT_ERROR_TICKET_EXPIRED,
                   "ticket: it is for another area, place or category. Ask for a new one.");
  return admit_stranger (request, filings, words, error);
}

static gboolean
take_desk (PtRequest *request, gpointer context, GError **error)
{
  static const char *const names[] = { "area",    "category", "site",   "lat",   "lon", "text",
                                       "contact", "by",       "ticket", "nonce", NULL };
  PtFilings *filings = context;
  g_autoptr (PtForm) form = NULL;
  g_autofree char *contact = NULL;
  PtTicketWords ticket = { 0 };
  PtDeskWords words = { 0 };
  gint32 area;

  if (!admit_client (request, filings, error))
    return FALSE;
  form = pt_form_read (request->content, names, error);
  if (form == NULL || !read_desk (form, &words, error) || !read_contact (form, &contact, error)
      || !check_proof (form, error) || !desk_number (request, filings, form, &words, &ticket, error)
      || !pt_ticket_desk_check (filings, words.area, words.category, &words.place, &area, error))
    return FALSE;
  words.contact = contact;
  return start (request, filings, &words, error);
}

/* POST /complaints/{area}/{id}/desk */

static gboolean
read_action (PtForm *form, PtAction *out, GError **error)
{
  static const PtAction may[] = { PT_ACTION_JOIN, PT_ACTION_COMMENT, PT_ACTION_REOPEN };
  const char *text = pt_form_text (form, "action");

  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (may); i++)
    if (strcmp (text, pt_action_name (may[i])) == 0)
      {
        *out = may[i];
        return TRUE;
      }
  return refuse (error, PT_ERROR_MALFORMED, "action: it is join, comment or reopen.");
}

/* Who has no key can't be told from others, so all that a ticket is good for here is to join. */
static gboolean
admit_to_join (PtRequest *request, PtFilings *filings, PtForm *form, const PtDeskWords *words,
               GError **error)
{
  const char *names[PT_LIMIT_COUNT] = { [PT_LIMIT_AREA] = words->area };
  const char *text = pt_form_text (form, "ticket");
  PtTicketWords ticket;
  PtHash nothing = { { 0 } };

  if (words->action != PT_ACTION_JOIN)
    return refuse (error, PT_ERROR_UNAUTHORIZED,
                   "This needs a session of the area, or the gateway's token.");
  if (!read_ticket (filings, form, &ticket, error))
    return FALSE;
  if (!ticket.joins || strcmp (ticket.area, words->area) != 0
      || strcmp (ticket.complaint, words->complaint) != 0)
    return refuse (error, PT_ERROR_TICKET_EXPIRED,
                   "ticket: it is for another complaint. Ask for a new one.");
  if (RAND_bytes (nothing.bytes, sizeof nothing.bytes) != 1)
    return refuse (error, PT_ERROR_RETRY, "The system gives no random bytes.");
  return pt_tickets_spend (filings->office->tickets, pt_span (text, strlen (text)), ticket.expires,
                           &nothing, error)
         && admit (request, filings, names, error);
}

static gboolean
take_desk_action (PtRequest *request, gpointer context, GError **error)
{
  static const char *const names[] = { "action", "text", "contact", "by", "ticket", "nonce", NULL };
  PtFilings *filings = context;
  g_autoptr (PtForm) form = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *contact = NULL;
  PtDeskWords words = { .area = request->parts[0], .complaint = request->parts[1] };

  if (!admit_client (request, filings, error))
    return FALSE;
  form = pt_form_read (request->content, names, error);
  if (form == NULL || !read_action (form, &words.action, error)
      || !read_contact (form, &contact, error) || !check_proof (form, error)
      || !pt_form_may_text (form, "text", PT_PRIVATE_TEXT_MAX, &words.text, error))
    return FALSE;
  words.contact = contact;
  if (words.action == PT_ACTION_COMMENT
      && !pt_form_need_text (form, "text", PT_PRIVATE_TEXT_MAX, &words.text, error))
    return FALSE;
  if (words.text == NULL && contact != NULL)
    words.text = "";
  if (!is_trusted (request, filings, words.area, &local)
      && (local != NULL || !admit_to_join (request, filings, form, &words, error)))
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return start (request, filings, &words, error);
}

/* POST /complaints/{area}/{id}/erase: the comment that tells of it is the officer's own. */

static gboolean
check_comment (PtRequest *request, const PtSession *session, const PtEntry *entry, GError **error)
{
  if (entry->kind != PT_ENTRY_ACTION || entry->action != PT_ACTION_COMMENT || entry->note.size == 0)
    return refuse (error, PT_ERROR_MALFORMED, "entry: it is no comment with a note that says why.");
  if (!pt_span_is (entry->area, request->parts[0])
      || !pt_span_is (entry->complaint, request->parts[1]))
    return refuse (error, PT_ERROR_MALFORMED, "entry: it is of another complaint.");
  return pt_span_is (entry->by, session->official)
         || refuse (error, PT_ERROR_FORBIDDEN, "entry: it is not signed by who is logged in.");
}

static gboolean
take_erase (PtRequest *request, gpointer context, GError **error)
{
  static const char *const names[] = { "n", "entry", "reason", NULL };
  PtFilings *filings = context;
  g_autoptr (PtForm) form = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const char *text, *reason;
  PtFiling *filing;
  PtSession session;
  PtEntry entry;
  gint64 n;

  if (!pt_api_session (request, filings->office, request->parts[0], PT_ROLE_BIT (PT_ROLE_OFFICER),
                       &session, error))
    return FALSE;
  form = pt_form_read (request->content, names, error);
  if (form == NULL || !pt_form_integer (form, "n", 1, PT_INTEGER_MAX, &n, error)
      || !pt_form_need_text (form, "entry", PT_ENTRY_MAX, &text, error)
      || !pt_form_may_text (form, "reason", PT_PRIVATE_TEXT_MAX, &reason, error))
    return FALSE;
  bytes = g_bytes_new (text, strlen (text));
  text = g_bytes_get_data (bytes, NULL);
  if (pt_entry_parse (pt_span (text, g_bytes_get_size (bytes)), PT_ENTRY_SIGNED, &entry) != PT_OK)
    return refuse (error, PT_ERROR_MALFORMED, "entry: it is no signed entry.");
  if (!check_comment (request, &session, &entry, error))
    return FALSE;
  filing = pt_filing_new (filings, bytes, &entry);
  filing->erases = n;
  return pt_filing_start (filing, request, error);
}

const PtRoute pt_intake_desk_routes[] = {
  { "POST", "/api/v1/complaints/desk", take_desk, PT_RUNS_ON_LOOP, .body_max = DESK_BODY_MAX,
    .counted = TRUE },
  { "POST", "/api/v1/complaints/*/*/desk", take_desk_action, PT_RUNS_ON_LOOP,
    .body_max = DESK_BODY_MAX, .counted = TRUE },
  { "POST", "/api/v1/complaints/*/*/erase", take_erase, PT_RUNS_ON_LOOP,
    .body_max = 2 * PT_ENTRY_MAX, .counted = TRUE },
  { NULL },
};
