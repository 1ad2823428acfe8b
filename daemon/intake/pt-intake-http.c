/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-intake-http.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-answer.h"
#include "pt-client.h"
#include "pt-encoding.h"
#include "pt-entry-shape.h"
#include "pt-ethereum-key.h"
#include "pt-intake-stream.h"
#include "pt-json-bounds.h"
#include "pt-kind.h"
#include "pt-p256.h"

#define AREA_DEPTH_MAX 4
#define AREA_BYTES_MAX 65536

/* On the committer's thread. */
static void
count_refused (PtRequest *request, const PtSubmission *submission)
{
  for (guint i = 0; i < submission->count; i++)
    if (submission->lines[i].state == PT_LINE_REFUSED)
      pt_request_refused (request, pt_line_slug (&submission->lines[i]));
}

GError *
pt_intake_http_error (const PtSubmission *submission, guint *wait)
{
  g_return_val_if_fail (submission != NULL && wait != NULL, NULL);

  *wait = 1;
  if (pt_submission_is_busy (submission))
    return g_error_new_literal (PT_ERROR, PT_ERROR_BUSY,
                                "Nothing could be stored just now. Send it again.");
  *wait = pt_submission_wait (submission);
  return *wait > 0
             ? g_error_new (PT_ERROR, PT_ERROR_TOO_MANY,
                            "More reports came than may. Send these again in %u seconds.", *wait)
             : NULL;
}

static void
answer_done (PtSubmission *submission, gpointer data)
{
  PtRequest *request = data;
  g_autofree char *text = pt_submission_to_json (submission);
  guint wait;
  g_autoptr (GError) error = pt_intake_http_error (submission, &wait);

  if (!g_error_matches (error, PT_ERROR, PT_ERROR_BUSY))
    count_refused (request, submission);
  /* Its place first: who has an answer may hand in the next at once. */
  pt_submission_free (submission);
  if (error == NULL)
    pt_request_take_text (request, "application/json", g_string_new (text));
  else
    pt_request_retry_after (request, wait);
  pt_request_answer (request, error);
}

static gboolean
intake_content (PtRequest *request, gboolean *many, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  *many = type != NULL && g_ascii_strcasecmp (type, "application/x-ndjson") == 0;
  if (*many || (type != NULL && g_ascii_strcasecmp (type, "application/json") == 0))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                       "Send one entry as application/json, or one a line as "
                       "application/x-ndjson.");
  return FALSE;
}

void
pt_intake_http_set_peer (PtSubmission *submission, PtConnection *connection,
                         SoupServerMessage *message)
{
  const PtShown *shown;
  g_autofree char *address = NULL;
  PtPeer peer = { .transport = PT_TRANSPORT_HTTP };

  g_return_if_fail (submission != NULL);

  if (connection != NULL) /* else it is closed */
    peer.address = address = pt_client_address (connection, message);
  shown = connection != NULL ? pt_connection_shown (connection) : NULL;
  peer.has_key = shown != NULL;
  if (shown != NULL)
    {
      peer.certificate = (char *) shown->sha256;
      memcpy (peer.key, shown->key, sizeof peer.key);
    }
  pt_submission_set_peer (submission, &peer);
}

/* Each line would be told to be malformed, and nobody sees why. */
static gboolean
content_has_mark (GBytes *content)
{
  gsize size;
  const char *data = g_bytes_get_data (content, &size);

  return size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0;
}

/* RFC 7240: what is not known is passed over. */
gboolean
pt_intake_http_wants_receipts (SoupServerMessage *message)
{
  const char *prefer;

  g_return_val_if_fail (SOUP_IS_SERVER_MESSAGE (message), FALSE);

  prefer
      = soup_message_headers_get_list (soup_server_message_get_request_headers (message), "Prefer");
  return prefer != NULL && soup_header_contains (prefer, "receipt");
}

static PtSubmission *
read_submission (PtRequest *request, const PtKind *kind, GError **error)
{
  gboolean many;

  if (!intake_content (request, &many, error))
    return NULL;
  if (g_bytes_get_size (request->content) == 0)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "The body is empty.");
      return NULL;
    }
  if (content_has_mark (request->content))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "The body begins with a byte order mark. Send UTF-8 without one.");
      return NULL;
    }
  if (!many && !pt_entry_shape_check (request->content, error))
    return NULL;
  return pt_submission_new (kind, request->content, many, answer_done, request, error);
}

gboolean
pt_intake_http_take (PtRequest *request, const PtIntakeHttp *http, const PtKind *kind,
                     GError **error)
{
  PtSubmission *submission;
  PtRequest *later;

  g_return_val_if_fail (request != NULL && http != NULL && kind != NULL, FALSE);

  if (!pt_intake_may_take (http->intake, error))
    return FALSE;
  submission = read_submission (request, kind, error);
  if (submission == NULL)
    return FALSE;
  pt_intake_http_set_peer (submission, pt_connection_of (request->message), request->message);
  if (pt_intake_http_wants_receipts (request->message))
    pt_submission_want (submission, PT_WANT_RECEIPTS);
  later = pt_request_answer_later (request);
  if (!pt_intake_take (http->intake, submission))
    answer_done (submission, later);
  return TRUE;
}

static gboolean
take_reports (PtRequest *request, gpointer context, GError **error)
{
  return pt_intake_http_take (request, context, &pt_kind_report, error);
}

static gboolean
take_registrations (PtRequest *request, gpointer context, GError **error)
{
  return pt_intake_http_take (request, context, &pt_kind_registration, error);
}

static gboolean
take_notices (PtRequest *request, gpointer context, GError **error)
{
  return pt_intake_http_take (request, context, &pt_kind_notice, error);
}

/* POST /areas */

static gboolean
area_key_is_sound (const char *text, guint8 *key)
{
  return text != NULL
         && pt_base64url_decode (pt_span (text, strlen (text)), key, PT_PUBLIC_KEY_SIZE)
         && pt_p256_key_is_sound (key);
}

static const char *
object_text (JsonNode *root, const char *name)
{
  JsonNode *member;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  member = json_object_get_member (json_node_get_object (root), name);
  return member != NULL && JSON_NODE_HOLDS_VALUE (member)
                 && json_node_get_value_type (member) == G_TYPE_STRING
             ? json_node_get_string (member)
             : NULL;
}

static void
area_answer (PtRequest *request, const PtIntakeHttp *http, const char *id, const guint8 *key,
             gboolean created)
{
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", id);
  pt_json_text_base64url (json, "authority_key", key, PT_PUBLIC_KEY_SIZE);
  pt_json_text_base64url (json, "service_key", http->service_key, PT_PUBLIC_KEY_SIZE);
  if (http->account != NULL)
    {
      char address[43];

      pt_address_to_text (pt_keccak_permutation_nettle, http->account, address);
      pt_json_text_string (json, "operator", address);
    }
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  request->status = created ? 201 : 200;
}

static gboolean
add_area (PtRequest *request, gpointer context, GError **error)
{
  const PtIntakeHttp *http = context;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  guint8 key[PT_PUBLIC_KEY_SIZE];
  gboolean created;
  const char *id;
  gsize size;
  const char *data = g_bytes_get_data (request->content, &size);

  if (size == 0 || !pt_json_is_shallow (data, size, AREA_DEPTH_MAX)
      || !json_parser_load_from_data (parser, data, (gssize) size, NULL))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "Send {\"area\":\"...\",\"authority_key\":\"...\"}.");
      return FALSE;
    }
  id = object_text (json_parser_get_root (parser), "area");
  if (id == NULL || json_object_get_size (json_node_get_object (json_parser_get_root (parser))) != 2
      || !pt_is_area_id (pt_span (id, strlen (id)))
      || !area_key_is_sound (object_text (json_parser_get_root (parser), "authority_key"), key))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "area is at most 31 of a-z, 0-9 and -, and authority_key a P-256 point "
                           "in base64url; there is no other member.");
      return FALSE;
    }
  if (!pt_intake_add_area (http->intake, id, key, http->service_key, &created, error))
    return FALSE;
  area_answer (request, http, id, key, created);
  return TRUE;
}

/* GET /devices/{area}/{device}/held */

static gboolean
answer_held (PtRequest *request, gpointer context, GError **error)
{
  const PtIntakeHttp *http = context;
  const char *area = request->parts[0], *device = request->parts[1];
  g_autofree PtHeld *held = g_new (PtHeld, 1);
  g_autofree char *text = g_malloc (PT_HELD_JSON_MAX);
  gsize size;

  if (!pt_is_area_id (pt_span (area, strlen (area)))
      || !pt_is_id (pt_span (device, strlen (device))))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_UNKNOWN_DEVICE,
                           "This can't be the name of a device.");
      return FALSE;
    }
  if (!pt_intake_device_held (http->devices, area, device, held, error))
    return FALSE;
  if (pt_held_write (held, text, PT_HELD_JSON_MAX, &size) != PT_OK)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED, "This has no canonical form.");
      return FALSE;
    }
  pt_request_take_text (request, "application/json", g_string_new_len (text, (gssize) size));
  request->cache_control = "no-store";
  return TRUE;
}

const PtRoute pt_intake_http_routes[] = {
  { "POST", "/api/v1/reports", take_reports, PT_RUNS_ON_LOOP, .serves = PT_SERVES_DEVICES,
    .body_max = PT_SUBMISSION_BYTES_MAX, .stream = pt_intake_stream_begin },
  { "POST", "/api/v1/registrations", take_registrations, PT_RUNS_ON_LOOP,
    .serves = PT_SERVES_ADMINISTRATION, .body_max = PT_SUBMISSION_BYTES_MAX },
  { "POST", "/api/v1/notices", take_notices, PT_RUNS_ON_LOOP, .body_max = PT_SUBMISSION_BYTES_MAX },
  { "POST", "/api/v1/areas", add_area, PT_RUNS_ON_READER, .needs = PT_NEEDS_ADMIN,
    .body_max = AREA_BYTES_MAX },
  { "GET", "/api/v1/devices/*/*/held", answer_held, PT_RUNS_ON_READER, .open = TRUE,
    .serves = PT_SERVES_PUBLIC | PT_SERVES_DEVICES },
  { NULL },
};
