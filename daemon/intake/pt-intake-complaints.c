/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-intake-complaints.h"

#include <string.h>

#include "pt-client.h"
#include "pt-encoding.h"
#include "pt-envelope.h"
#include "pt-kind.h"
#include "pt-private.h"
#include "pt-ticket-desk.h"

#define LINES_MAX 1000 /* of officials at once */
#define KEY_TEXT_SIZE (PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1)

static const char *
content_type (PtRequest *request)
{
  return pt_request_header (request, "Content-Type");
}

static gboolean
refuse (GError **error, PtErrorCode code, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, (int) code, sentence);
  return FALSE;
}

/* Before anything else is done for it. */
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

/* POST /complaints/tickets */

static gboolean
take_ticket (PtRequest *request, gpointer context, GError **error)
{
  PtFilings *filings = context;

  return admit_client (request, filings, error) && pt_ticket_desk_take (filings, request, error);
}

/* POST /complaints, POST /actions */

static gboolean
parse_action (const PtEnvelope *envelope, PtEntry *out, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (envelope->entry, &size);
  PtResult result = pt_entry_parse (pt_span (data, size), PT_ENTRY_SIGNED, out);

  if (result == PT_OK && out->kind == PT_ENTRY_ACTION)
    return TRUE;
  g_set_error (error, PT_ERROR,
               result != PT_OK ? pt_error_from_result (result) : PT_ERROR_MALFORMED,
               "entry: it is %s.",
               result == PT_OK              ? "no action"
               : result == PT_NOT_CANONICAL ? "no canonical JSON"
               : result == PT_TOO_PRECISE   ? "of a place that is finer than a cell"
                                            : "no signed action");
  return FALSE;
}

static gboolean
ticket_fits (const PtTicketWords *ticket, const PtEntry *entry, GError **error)
{
  gboolean fits = pt_span_is (entry->area, ticket->area)
                  && pt_span_is (entry->complaint, ticket->complaint)
                  && ticket->joins == (entry->action == PT_ACTION_JOIN);

  if (fits && !ticket->joins)
    fits = pt_span_is (entry->category, ticket->category) && pt_span_is (entry->site, ticket->site)
           && (entry->site.size > 0 || (entry->lat == ticket->lat && entry->lon == ticket->lon));
  return fits
         || refuse (error, PT_ERROR_TICKET_EXPIRED,
                    "ticket: it is for another complaint, area, place or category. Ask for a new "
                    "one.");
}

/* What was filed under a number that is there already repeats what is there, or comes too late:
 * the log says which, and it costs nobody a ticket. */
static gboolean
is_filed (PtFilings *filings, const PtEntry *entry)
{
  PtDirectory *directory = filings->api->reads->directory;
  const PtArea *area;
  gboolean found;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, entry->area);
  found = area != NULL && pt_promises_complaint (area->promises, entry->complaint) != NULL;
  pt_door_end_read (&directory->door);
  return found;
}

static gboolean
check_ticket (PtFilings *filings, const PtEnvelope *envelope, const PtEntry *entry, GError **error)
{
  PtTicketWords ticket;
  PtHash digest;

  if (entry->action != PT_ACTION_JOIN
      && (entry->action != PT_ACTION_FILE || is_filed (filings, entry)))
    return TRUE;
  if (!pt_office_read_ticket (filings->office, envelope->ticket, envelope->nonce, &ticket, error)
      || !ticket_fits (&ticket, entry, error))
    return FALSE;
  pt_entry_digest (entry, &digest);
  return !ticket.joins
         || pt_tickets_spend (filings->office->tickets,
                              pt_span (envelope->ticket, strlen (envelope->ticket)), ticket.expires,
                              &digest, error);
}

static gboolean
check_private (const PtEnvelope *envelope, const PtEntry *entry, GError **error)
{
  gsize size;
  const char *data;
  PtHash hash;

  if (envelope->private == NULL)
    return !entry->has_note_hash
           || refuse (error, PT_ERROR_MALFORMED,
                      "private: it is missing, and the entry has its note_hash.");
  if (!entry->has_note_hash)
    return refuse (error, PT_ERROR_MALFORMED,
                   "private: the entry has no note_hash that would name it.");
  data = g_bytes_get_data (envelope->private, &size);
  pt_private_hash (pt_span (data, size), &hash);
  return memcmp (&hash, &entry->note_hash, sizeof hash) == 0
         || refuse (error, PT_ERROR_MALFORMED,
                    "private: its SHA-256 is not the entry's note_hash.");
}

/* By key, and of what is new by place and area too. */
static gboolean
admit_entry (PtRequest *request, PtFilings *filings, const PtEntry *entry, GError **error)
{
  gboolean files = entry->action == PT_ACTION_FILE;
  g_autofree char *area = g_strndup (entry->area.data, entry->area.size);
  g_autofree char *site = NULL;
  char key[KEY_TEXT_SIZE] = "";
  const char *names[PT_LIMIT_COUNT] = { [PT_LIMIT_KEY] = key };

  pt_base64url_encode (entry->key, sizeof entry->key, key, sizeof key);
  if (files && entry->site.size > 0)
    site = g_strdup_printf ("%s/%.*s", area, (int) entry->site.size, entry->site.data);
  else if (files)
    site = g_strdup_printf ("%s/%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT, area, entry->lat,
                            entry->lon);
  names[PT_LIMIT_SITE] = site;
  if (files || entry->action == PT_ACTION_JOIN)
    names[PT_LIMIT_AREA] = area;
  return admit (request, filings, names, error);
}

static gboolean
check_citizen (PtRequest *request, PtFilings *filings, const PtEnvelope *envelope,
               const PtEntry *entry, GError **error)
{
  return check_ticket (filings, envelope, entry, error) && check_private (envelope, entry, error)
         && admit_entry (request, filings, entry, error);
}

static gboolean
take_entry (PtRequest *request, PtFilings *filings, const PtEnvelope *envelope,
            const PtEntry *entry, GError **error)
{
  PtFiling *filing;

  if (pt_is_service (entry->by))
    return refuse (error, PT_ERROR_FORBIDDEN,
                   "by: the service's actions are made here, at /complaints/desk.");
  if (pt_is_citizen (entry->by))
    {
      if (!check_citizen (request, filings, envelope, entry, error))
        return FALSE;
    }
  else if (envelope->private != NULL || envelope->photos->len > 0)
    return refuse (error, PT_ERROR_MALFORMED,
                   "private: an official's action has none; its note is public.");
  filing = pt_filing_new (filings, envelope->entry, entry);
  if (envelope->private != NULL)
    filing->private = g_bytes_ref (envelope->private);
  filing->photos = g_ptr_array_ref (envelope->photos);
  if (entry->action == PT_ACTION_JOIN && pt_is_citizen (entry->by))
    {
      filing->ticket = g_strdup (envelope->ticket);
      pt_entry_digest (entry, &filing->digest);
    }
  return pt_filing_start (filing, request, error);
}

static gboolean
take_envelope (PtRequest *request, PtFilings *filings, gboolean files, GError **error)
{
  g_autoptr (PtEnvelope) envelope = NULL;
  PtEntry entry;

  if (!admit_client (request, filings, error))
    return FALSE;
  envelope = pt_envelope_read (content_type (request), request->content, error);
  if (envelope == NULL || !parse_action (envelope, &entry, error))
    return FALSE;
  if (files != (entry.action == PT_ACTION_FILE))
    return refuse (error, PT_ERROR_MALFORMED,
                   files ? "action: only file is taken here. Send it to /actions."
                         : "action: file is taken at /complaints.");
  return take_entry (request, filings, envelope, &entry, error);
}

static gboolean
take_complaint (PtRequest *request, gpointer context, GError **error)
{
  return take_envelope (request, context, TRUE, error);
}

/* Officials' alone: a citizen's come one by one, with what belongs to them. */
static gboolean
check_line (PtSpan line, guint number, GError **error)
{
  PtEntry entry;

  /* What is none at all is told as a line. */
  if (pt_entry_parse (line, PT_ENTRY_SIGNED, &entry) != PT_OK || entry.kind != PT_ENTRY_ACTION
      || (!pt_is_citizen (entry.by) && !pt_is_service (entry.by)))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_FORBIDDEN,
               "line %u: only officials hand in many at once. Send it alone, as application/json.",
               number);
  return FALSE;
}

static gboolean
check_lines (GBytes *body, GError **error)
{
  gsize size;
  const char *cursor = g_bytes_get_data (body, &size), *end = cursor + size;

  for (guint number = 1; cursor < end; number++)
    {
      const char *newline = memchr (cursor, '\n', (gsize) (end - cursor));
      const char *stop = newline != NULL ? newline : end;
      gsize length = (gsize) (stop - cursor);

      if (number > LINES_MAX)
        return refuse (error, PT_ERROR_TOO_LARGE,
                       "The body has more than 1000 lines. Send it in parts.");
      length -= length > 0 && cursor[length - 1] == '\r';
      if (!check_line (pt_span (cursor, length), number, error))
        return FALSE;
      cursor = stop + 1;
    }
  return TRUE;
}

static gboolean
take_action (PtRequest *request, gpointer context, GError **error)
{
  PtFilings *filings = context;
  const char *type = content_type (request);

  if (type == NULL || g_ascii_strncasecmp (type, "application/x-ndjson", 20) != 0)
    return take_envelope (request, filings, FALSE, error);
  return admit_client (request, filings, error) && check_lines (request->content, error)
         && pt_intake_http_take (request, filings->http, &pt_kind_action, error);
}

const PtRoute pt_intake_complaints_routes[] = {
  { "POST", "/api/v1/complaints/tickets", take_ticket, PT_RUNS_ON_LOOP, .body_max = 4096,
    .counted = TRUE },
  { "POST", "/api/v1/complaints", take_complaint, PT_RUNS_ON_LOOP, .body_max = PT_ENVELOPE_MAX,
    .counted = TRUE },
  { "POST", "/api/v1/actions", take_action, PT_RUNS_ON_LOOP, .body_max = PT_ENVELOPE_MAX,
    .counted = TRUE },
  { NULL },
};
