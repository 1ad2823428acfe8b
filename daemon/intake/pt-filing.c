/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-filing.h"

#include <string.h>

#include "pt-answer.h"
#include "pt-client.h"
#include "pt-kind.h"
#include "pt-photo.h"
#include "pt-private.h"
#include "pt-sha256.h"

#define PAINTERS 2
#define CLERKS 2
#define PAINTINGS_MAX 16 /* filings whose photos wait */

gint32
pt_filings_area (PtFilings *filings, const char *id)
{
  PtDirectory *directory;
  const PtArea *area;
  gint32 number;

  g_return_val_if_fail (filings != NULL && id != NULL, -1);

  directory = filings->api->reads->directory;
  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, pt_span (id, strlen (id)));
  number = area != NULL ? (gint32) area->number : -1;
  pt_door_end_read (&directory->door);
  return number;
}

PtFiling *
pt_filing_new (PtFilings *filings, GBytes *bytes, const PtEntry *entry)
{
  PtFiling *filing;

  g_return_val_if_fail (filings != NULL && bytes != NULL && entry != NULL, NULL);

  filing = g_new0 (PtFiling, 1);
  filing->filings = filings;
  filing->entry = g_bytes_ref (bytes);
  filing->answer = pt_filing_answer;
  memcpy (filing->area, entry->area.data, MIN (entry->area.size, PT_AREA_MAX));
  memcpy (filing->complaint, entry->complaint.data, MIN (entry->complaint.size, PT_ID_MAX));
  return filing;
}

void
pt_filing_free (PtFiling *filing)
{
  if (filing == NULL)
    return;
  g_clear_pointer (&filing->submission, pt_submission_free);
  g_clear_pointer (&filing->attachment, pt_attachment_free);
  g_clear_pointer (&filing->photos, g_ptr_array_unref);
  g_clear_pointer (&filing->private, g_bytes_unref);
  g_bytes_unref (filing->entry);
  g_free (filing->ticket);
  g_free (filing->address);
  g_free (filing);
}

const PtLine *
pt_filing_line (const PtFiling *filing)
{
  g_return_val_if_fail (filing != NULL && filing->submission != NULL, NULL);

  return &filing->submission->lines[0];
}

/* Refusals */

typedef struct
{
  PtRule rule;
  guint status;
  const char *sentence;
} Refusal;

static const Refusal rules[] = {
  { PT_RULE_COMPLAINT_N, 409, "n: somebody was faster. Look at the complaint as it is now." },
  { PT_RULE_COMPLAINT_PREV, 409,
    "prev: it is not the hash of the complaint's newest entry. Look at the complaint as it is "
    "now." },
  { PT_RULE_COMPLAINT_PLACE, 422, "site, lat, lon: a complaint's place never changes." },
  { PT_RULE_COMPLAINT_WHO, 403, "by, key: whoever signed this may not do it here." },
  { PT_RULE_COMPLAINT_STATE, 409, "action: not in the state that the complaint is in now." },
  { PT_RULE_COMPLAINT_CATEGORY, 422, "category: the area's profile has none of this name." },
  { PT_RULE_COMPLAINT_TO, 422, "to: this is no operator or officer who is active." },
  { PT_RULE_COMPLAINT_OF, 422, "of: this is no complaint of the area that stands." },
  { PT_RULE_COMPLAINT_LATE, 409, "action: the time in which it could be reopened is over." },
};

static const struct
{
  PtErrorCode code;
  guint status;
  const char *sentence;
} codes[] = {
  { PT_ERROR_UNKNOWN_AREA, 404, "area: there is none of this name." },
  { PT_ERROR_UNKNOWN_OFFICIAL, 403, "by: the area has no official of this name." },
  { PT_ERROR_REVOKED_OFFICIAL, 403, "by: this official's key was revoked." },
  { PT_ERROR_BAD_SIGNATURE, 403, "sig: it is not this key's over the signed bytes." },
  { PT_ERROR_CLOCK_SKEW, 422, "ts: it is more than five minutes ahead of the daemon's clock." },
  { PT_ERROR_TOO_PRECISE, 422, "lat, lon: a place without a site is a cell of about 1 km." },
  { PT_ERROR_BUSY, 503, "Nothing could be stored just now. Send it again." },
  { PT_ERROR_NOT_CANONICAL, 400, "entry: it is no canonical JSON." },
  { PT_ERROR_TOO_LARGE, 413, "entry: it is longer than an entry may be." },
  { PT_ERROR_MALFORMED, 400,
    "entry: it is none, or its private part is not the one that note_hash names." },
};

const char *
pt_filing_sentence (const PtLine *line)
{
  g_return_val_if_fail (line != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (line->rule == rules[i].rule)
      return rules[i].sentence;
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (line->code == codes[i].code)
      return codes[i].sentence;
  return "It may not follow in the log.";
}

guint
pt_filing_status (const PtLine *line)
{
  g_return_val_if_fail (line != NULL, 500);

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (line->rule == rules[i].rule)
      return rules[i].status;
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (line->code == codes[i].code)
      return codes[i].status;
  return SOUP_STATUS_CONFLICT;
}

/* Answers */

/* The member `complaint`, as it is now; nothing where there is none. */
static gboolean
filing_write_complaint (const PtFiling *filing, PtJsonText *json, GError **error)
{
  const PtApiComplaints *api = filing->filings->api;
  gint32 area = pt_filings_area (filing->filings, filing->area);
  PtComplaintRow row;

  return area < 0 || pt_complaint_book_find (api->reads->book, area, filing->complaint, &row) == 0
         || pt_api_write_complaint (json, "complaint", api, &row, 1, NULL, error);
}

static gboolean
filing_answer_refused (PtFiling *filing, PtRequest *request, GError **error)
{
  const PtLine *line = pt_filing_line (filing);
  g_autoptr (PtJsonText) json = pt_json_text_new ();
  guint status = pt_filing_status (line);
  GString *text;

  pt_request_refused (request, pt_line_slug (line));
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "type", pt_line_slug (line));
  pt_json_text_string (json, "title", soup_status_get_phrase (status));
  pt_json_text_integer (json, "status", status);
  pt_json_text_string (json, "detail", pt_filing_sentence (line));
  if (status == SOUP_STATUS_CONFLICT && !filing_write_complaint (filing, json, error))
    return FALSE;
  pt_json_text_end_object (json);
  text = pt_json_text_free_to_string (g_steal_pointer (&json));
  g_string_append_c (text, '\n');
  if (status == SOUP_STATUS_SERVICE_UNAVAILABLE)
    pt_request_add_header (request, "Retry-After", "1");
  pt_request_take_text (request, "application/problem+json", text);
  request->status = status;
  return TRUE;
}

static void
write_bytes (PtJsonText *json, const char *name, GBytes *bytes, gboolean is_json)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = NULL;

  if (is_json)
    {
      pt_json_text_raw (json, name, data, size);
      return;
    }
  text = g_strndup (data, size);
  pt_json_text_string (json, name, text);
}

gboolean
pt_filing_answer (PtFiling *filing, PtRequest *request, GError **error)
{
  const PtLine *line;
  const PtOutcome *outcome;
  g_autoptr (PtJsonText) json = NULL;

  g_return_val_if_fail (filing != NULL && request != NULL, FALSE);

  line = pt_filing_line (filing);
  if (line->state != PT_LINE_ACCEPTED && line->state != PT_LINE_DUPLICATE)
    return filing_answer_refused (filing, request, error);
  outcome = line->outcome;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  if (outcome->stored != NULL)
    write_bytes (json, "entry", outcome->stored, FALSE);
  if (outcome->receipt != NULL)
    write_bytes (json, "receipt", outcome->receipt, TRUE);
  if (!filing_write_complaint (filing, json, error))
    return FALSE;
  pt_json_text_end_object (json);
  pt_request_take_json (request, g_steal_pointer (&json));
  request->status = line->state == PT_LINE_ACCEPTED ? SOUP_STATUS_CREATED : SOUP_STATUS_OK;
  return TRUE;
}

/* Somebody was faster: who worked for a ticket tries again with it. */
static void
filing_give_back (const PtFiling *filing)
{
  PtRule rule = (PtRule) pt_filing_line (filing)->rule;

  if (filing->ticket != NULL && (rule == PT_RULE_COMPLAINT_N || rule == PT_RULE_COMPLAINT_PREV))
    pt_tickets_give_back (filing->filings->office->tickets,
                          pt_span (filing->ticket, strlen (filing->ticket)), &filing->digest);
}

/* A clerk's. */
static void
filing_write_answer (gpointer data, gpointer user_data)
{
  g_autoptr (PtFiling) filing = data;
  PtRequest *request = g_steal_pointer (&filing->request);
  g_autoptr (GError) error = NULL;

  filing_give_back (filing);
  filing->answer (filing, request, &error);
  /* Its place first: who has an answer may hand in the next at once. */
  g_clear_pointer (&filing->submission, pt_submission_free);
  pt_request_answer (request, error);
}

/* A PtSubmissionDone: on the committer's thread, which has other things to do. */
static void
filing_done (PtSubmission *submission, gpointer data)
{
  PtFiling *filing = data;

  filing->submission = submission;
  pt_filings_run (filing->filings, filing_write_answer, filing);
}

/* Takes @filing. Any thread. */
static void
filing_submit (PtFiling *filing)
{
  PtPeer peer = { .address = filing->address };
  PtSubmission *submission
      = pt_submission_new (&pt_kind_action, filing->entry, FALSE, filing_done, filing, NULL);

  pt_submission_set_peer (submission, &peer);
  pt_submission_want (submission, PT_WANT_STORED | PT_WANT_RECEIPTS);
  if (filing->attachment != NULL)
    pt_submission_attach (submission, 0, g_steal_pointer (&filing->attachment));
  if (!pt_intake_take (filing->filings->http->intake, submission))
    filing_done (submission, filing);
}

/* Photos */

static gboolean
filing_paint (PtFiling *filing, const PtPrivate *part, guint at, GError **error)
{
  GBytes *sent = g_ptr_array_index (filing->photos, at);
  PtPhoto *photo = &filing->attachment->photos[at];
  gsize size;
  const void *data = g_bytes_get_data (sent, &size);

  pt_sha256 (data, size, &photo->sent);
  if (memcmp (&photo->sent, &part->photos[at], sizeof photo->sent) != 0)
    g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                 "photo %u: its hash is not the one that private names there.", at + 1);
  else
    {
      photo->bytes = pt_photo_write_anew (filing->filings->office->photos, sent, error);
      if (photo->bytes == NULL)
        g_prefix_error (error, "photo %u: ", at + 1);
    }
  g_strlcpy (photo->type, PT_PHOTO_TYPE, sizeof photo->type);
  filing->attachment->photo_count = at + 1;
  return photo->bytes != NULL;
}

/* A painter's. */
static void
filing_paint_all (gpointer data, gpointer user_data)
{
  g_autoptr (PtFiling) filing = data;
  g_autoptr (GError) error = NULL;
  PtPrivate part;
  gsize size;
  const char *bytes = g_bytes_get_data (filing->private, &size);

  if (!pt_private_parse (pt_span (bytes, size), &part, &error))
    {
      pt_request_answer (filing->request, error);
      return;
    }
  for (guint i = 0; i < filing->photos->len; i++)
    if (!filing_paint (filing, &part, i, &error))
      {
        pt_request_answer (filing->request, error);
        return;
      }
  g_clear_pointer (&filing->photos, g_ptr_array_unref);
  filing_submit (g_steal_pointer (&filing));
}

static gboolean
filing_has_photos (const PtFiling *filing)
{
  return filing->photos != NULL && filing->photos->len > 0;
}

/* What does not need the log: that photos and private part fit each other. */
static gboolean
filing_check (const PtFiling *filing, GError **error)
{
  PtPrivate part = { 0 };
  gsize size = 0;
  const char *bytes = filing->private != NULL ? g_bytes_get_data (filing->private, &size) : NULL;

  if (bytes != NULL && !pt_private_parse (pt_span (bytes, size), &part, error))
    return FALSE;
  if (part.photo_count != (filing_has_photos (filing) ? filing->photos->len : 0))
    g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                 "photo: private names %u photos, and %u were sent.", part.photo_count,
                 filing_has_photos (filing) ? filing->photos->len : 0);
  else if (part.photo_count > 0 && filing->filings->office->photos == NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                         "photo: this daemon takes none. Send it without.");
  else if (part.photo_count > 0
           && g_thread_pool_unprocessed (filing->filings->painters) >= PAINTINGS_MAX)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY,
                         "Too many photos wait to be looked at. Send it again in a moment.");
  else
    return TRUE;
  return FALSE;
}

gboolean
pt_filing_start (PtFiling *filing, PtRequest *request, GError **error)
{
  g_autoptr (PtFiling) taken = filing;
  PtConnection *connection;

  g_return_val_if_fail (filing != NULL && request != NULL, FALSE);

  if (!pt_intake_may_take (filing->filings->http->intake, error) || !filing_check (filing, error))
    return FALSE;
  if (filing->private != NULL || filing->erases > 0)
    {
      filing->attachment = pt_attachment_new ();
      filing->attachment->erases = filing->erases;
      if (filing->private != NULL)
        filing->attachment->text = g_bytes_ref (filing->private);
    }
  connection = pt_connection_of (request->message);
  filing->address = connection != NULL ? pt_client_address (connection, request->message) : NULL;
  filing->request = pt_request_answer_later (request);
  g_steal_pointer (&taken);
  if (filing_has_photos (filing))
    g_thread_pool_push (filing->filings->painters, filing, NULL);
  else
    filing_submit (filing);
  return TRUE;
}

typedef struct
{
  GFunc func;
  gpointer data;
} Errand;

static void
run_errand (gpointer data, gpointer user_data)
{
  g_autofree Errand *errand = data;

  errand->func (errand->data, user_data);
}

void
pt_filings_run (PtFilings *filings, GFunc func, gpointer data)
{
  Errand *errand;

  g_return_if_fail (filings != NULL && func != NULL);

  errand = g_new0 (Errand, 1);
  errand->func = func;
  errand->data = data;
  g_thread_pool_push (filings->clerks, errand, NULL);
}

void
pt_filings_init (PtFilings *filings)
{
  g_return_if_fail (filings != NULL);

  filings->painters = g_thread_pool_new (filing_paint_all, NULL, PAINTERS, FALSE, NULL);
  filings->clerks = g_thread_pool_new (run_errand, NULL, CLERKS, FALSE, NULL);
}

void
pt_filings_clear (PtFilings *filings)
{
  g_return_if_fail (filings != NULL);

  if (filings->painters != NULL)
    g_thread_pool_free (filings->painters, FALSE, TRUE);
  if (filings->clerks != NULL)
    g_thread_pool_free (filings->clerks, FALSE, TRUE);
  filings->painters = filings->clerks = NULL;
}
