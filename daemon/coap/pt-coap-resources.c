/* SPDX-License-Identifier: Apache-2.0 */
/* What is at the daemon's addresses: reports to /r, and /held. */
#include <string.h>

#include "pt-coap-private.h"
#include "pt-coap-verdict.h"
#include "pt-kind.h"

#define WAITING_MAX 16384 /* requests that wait for their commit */
#define WAITING_EACH 16   /* of one session */
#define FORMAT_JSON 50
#define FORMAT_CBOR 60
#define FORMAT_NONE 0xffff
#ifndef COAP_RESOURCE_FLAGS_OSCORE_ONLY /* before libcoap 4.3.2 */
#define COAP_RESOURCE_FLAGS_OSCORE_ONLY 0
#endif

/* A report on its way: from its request until its answer. */
struct _PtCoapRequest
{
  PtCoap *coap;
  coap_session_t *session; /* referenced; NULL: it is no more */
  PtCoapPeer *peer;        /* with OSCORE, as long as there is a session */
  PtCoapPast past;
  gboolean is_confirmable;
  coap_block_t block;
  gboolean has_block;
  guint verdict;
};

/* Answers */

static void
add_number (coap_pdu_t *pdu, coap_option_num_t option, guint value)
{
  guint8 bytes[4];

  coap_add_option (pdu, option, coap_encode_var_safe (bytes, sizeof bytes, value), bytes);
}

static void
add_block (coap_pdu_t *pdu, const coap_block_t *block)
{
  add_number (pdu, COAP_OPTION_BLOCK1, block->num << 4 | (block->m ? 8u : 0) | block->szx);
}

/* Options in their order. */
static void
fill_verdict (coap_pdu_t *pdu, guint verdict, const coap_block_t *block)
{
  g_autofree char *text = pt_coap_verdict_text (verdict);
  guint8 code = pt_coap_verdict_code (verdict);

  coap_pdu_set_code (pdu, (coap_pdu_code_t) code);
  if (code == COAP_RESPONSE_CODE_SERVICE_UNAVAILABLE)
    add_number (pdu, COAP_OPTION_MAXAGE, PT_COAP_BUSY_S);
  if (block != NULL)
    add_block (pdu, block);
  if (text != NULL)
    coap_add_data (pdu, strlen (text), (const guint8 *) text);
}

/* Requests that wait */

static PtCoapRequest *
request_new (PtCoap *coap, coap_session_t *session, PtCoapPeer *peer, const PtCoapPast *past,
             const coap_pdu_t *message)
{
  PtCoapRequest *request = g_new0 (PtCoapRequest, 1);

  request->coap = pt_coap_ref (coap);
  request->session = coap_session_reference (session);
  request->peer = peer;
  request->past = *past;
  request->is_confirmable = coap_pdu_get_type (message) == COAP_MESSAGE_CON;
  request->has_block = coap_get_block (message, COAP_OPTION_BLOCK1, &request->block) == 1;
  g_hash_table_add (coap->requests, request);
  return request;
}

void
pt_coap_request_forget (PtCoapRequest *request)
{
  g_return_if_fail (request != NULL);

  g_clear_pointer (&request->session, coap_session_release);
}

void
pt_coap_request_free (PtCoapRequest *request)
{
  if (request == NULL)
    return;
  pt_coap_request_forget (request);
  pt_coap_unref (request->coap);
  g_free (request);
}

/* A message of its own (RFC 7252 section 5.2.2): the request was acknowledged when it came. */
static void
request_send (PtCoapRequest *request, PtCoapPeer *peer)
{
  gboolean confirm = request->is_confirmable && pt_coap_peer_may_confirm (peer);
  coap_pdu_t *pdu = coap_pdu_init (confirm ? COAP_MESSAGE_CON : COAP_MESSAGE_NON, 0,
                                   coap_new_message_id (request->session),
                                   coap_session_max_pdu_size (request->session));

  if (pdu == NULL)
    return;
  coap_add_token (pdu, request->past.token_size, request->past.token);
  fill_verdict (pdu, request->verdict, request->has_block ? &request->block : NULL);
  coap_send (request->session, pdu);
}

/* Who waits for its answer; NULL: nobody any more. A session of DTLS may end before its request. */
static PtCoapPeer *
request_peer (const PtCoapRequest *request)
{
  if (request->session == NULL)
    return NULL;
  return request->coap->oscore != NULL ? request->peer
                                       : coap_session_get_app_data (request->session);
}

void
pt_coap_request_answer (PtCoapRequest *request)
{
  PtCoapPeer *peer;
  PtCoapPast *past;

  g_return_if_fail (request != NULL);

  g_hash_table_remove (request->coap->requests, request);
  peer = request_peer (request);
  if (peer != NULL)
    {
      peer->waiting--;
      past = pt_coap_peer_find (peer, &request->past);
      if (past != NULL)
        {
          past->is_waiting = FALSE;
          past->verdict = request->verdict;
        }
      if (coap_session_get_state (request->session) == COAP_SESSION_STATE_ESTABLISHED)
        request_send (request, peer);
    }
  pt_coap_request_free (request);
}

/* On the committer's thread. */
static void
request_done (PtSubmission *submission, gpointer data)
{
  PtCoapRequest *request = data;
  PtCoap *coap = pt_coap_ref (request->coap);
  const PtLine *line = &submission->lines[0];

  request->verdict = line->state == PT_LINE_ACCEPTED || line->state == PT_LINE_DUPLICATE
                         ? PT_COAP_TAKEN
                         : line->code;
  /* Its place first: who has an answer may hand in the next at once. */
  pt_submission_free (submission);
  g_async_queue_push (coap->answers, request);
  pt_coap_wake (coap);
  pt_coap_unref (coap);
}

/* POST /r */

static guint
content_format (const coap_pdu_t *message)
{
  coap_opt_iterator_t iter;
  coap_opt_t *option = coap_check_option (message, COAP_OPTION_CONTENT_FORMAT, &iter);

  return option != NULL ? coap_decode_var_bytes (coap_opt_value (option), coap_opt_length (option))
                        : FORMAT_NONE;
}

/* The report as JSON; NULL and what is wrong with it. */
static GBytes *
report_read (PtCoap *coap, const PtCoapPeer *peer, guint format, const guint8 *data, gsize size,
             guint *verdict)
{
  g_autoptr (GError) error = NULL;
  GBytes *report;

  if (format == FORMAT_JSON)
    return g_bytes_new (data, size);
  if (format != FORMAT_CBOR && format != FORMAT_NONE)
    {
      *verdict = PT_ERROR_UNSUPPORTED;
      return NULL;
    }
  report = pt_intake_device_expand (coap->devices, peer->peer.area, peer->peer.device,
                                    pt_span (data, size), &error);
  if (report == NULL)
    *verdict = error->domain == PT_ERROR ? (guint) error->code : PT_ERROR_FAILED;
  return report;
}

/* TRUE: it is on its way, and its answer comes later. */
static gboolean
report_take (PtCoap *coap, coap_session_t *session, PtCoapPeer *peer, const coap_pdu_t *message,
             const PtCoapPast *past, GBytes *report, guint *verdict)
{
  PtCoapRequest *request;
  PtSubmission *submission;

  *verdict = PT_ERROR_BUSY;
  if (g_hash_table_size (coap->requests) >= WAITING_MAX || peer->waiting >= WAITING_EACH
      || !pt_intake_may_take (coap->devices->intake, NULL))
    return FALSE;
  request = request_new (coap, session, peer, past, message);
  submission = pt_submission_new (&pt_kind_report, report, FALSE, request_done, request, NULL);
  g_assert (submission != NULL); /* of one line it always is */
  pt_submission_set_peer (submission, &peer->peer);
  peer->waiting++;
  if (pt_intake_take (coap->devices->intake, submission))
    return TRUE;
  *verdict = submission->lines[0].code;
  pt_submission_free (submission);
  peer->waiting--;
  g_hash_table_remove (coap->requests, request);
  pt_coap_request_free (request);
  return FALSE;
}

/* What came, whole, is taken; else the answer is filled. */
static void
report_hand_in (PtCoap *coap, coap_session_t *session, PtCoapPeer *peer, const coap_pdu_t *message,
                PtCoapPast *past, const guint8 *data, gsize size, coap_pdu_t *response)
{
  g_autoptr (GBytes) report = NULL;
  coap_block_t block;
  gboolean has_block = coap_get_block (message, COAP_OPTION_BLOCK1, &block) == 1;

  past->verdict = PT_ERROR_MALFORMED;
  report = report_read (coap, peer, content_format (message), data, size, &past->verdict);
  if (report == NULL)
    pt_intake_device_refused (coap->devices, &peer->peer, pt_span (data, size),
                              (PtErrorCode) past->verdict);
  past->is_waiting
      = report != NULL && report_take (coap, session, peer, message, past, report, &past->verdict);
  pt_coap_peer_keep (peer, past);
  if (!past->is_waiting)
    fill_verdict (response, past->verdict, has_block ? &block : NULL);
}

static void
fill_block_state (PtCoapBodyState state, const coap_block_t *block, coap_pdu_t *response)
{
  switch (state)
    {
    case PT_COAP_BODY_MORE:
      coap_pdu_set_code (response, COAP_RESPONSE_CODE_CONTINUE);
      add_block (response, block);
      break;
    case PT_COAP_BODY_GAP:
      coap_pdu_set_code (response, COAP_RESPONSE_CODE_INCOMPLETE);
      break;
    case PT_COAP_BODY_LARGE:
      fill_verdict (response, PT_ERROR_TOO_LARGE, NULL);
      break;
    case PT_COAP_BODY_FULL:
      fill_verdict (response, PT_ERROR_BUSY, NULL);
      break;
    case PT_COAP_BODY_MALFORMED:
    case PT_COAP_BODY_WHOLE:
      fill_verdict (response, PT_ERROR_MALFORMED, NULL);
      break;
    }
}

static void
report_add_block (PtCoap *coap, coap_session_t *session, PtCoapPeer *peer,
                  const coap_pdu_t *message, PtCoapPast *past, const coap_block_t *block,
                  coap_pdu_t *response)
{
  const PtCoapBlock part = { block->num, block->szx, block->m };
  const guint8 *data = NULL;
  gsize size = 0;
  PtCoapBodyState state;

  coap_get_data (message, &size, &data);
  state = pt_coap_body_add (&peer->body, &part, data, size);
  if (state != PT_COAP_BODY_WHOLE)
    {
      fill_block_state (state, block, response);
      return;
    }
  report_hand_in (coap, session, peer, message, past, peer->body.bytes->data, peer->body.bytes->len,
                  response);
  pt_coap_body_clear (&peer->body);
}

static void
post_report (coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *message,
             const coap_string_t *query, coap_pdu_t *response)
{
  PtCoap *coap = coap_resource_get_userdata (resource);
  PtCoapPeer *peer = pt_coap_context_peer (coap, session);
  const guint8 *data = NULL;
  gsize size = 0;
  coap_block_t block;
  gboolean has_block = coap_get_block (message, COAP_OPTION_BLOCK1, &block) == 1;
  PtCoapPast past, *before;

  if (peer == NULL)
    {
      fill_verdict (response, PT_ERROR_UNAUTHORIZED, NULL);
      return;
    }
  pt_coap_past_read (&past, message);
  /* With OSCORE no message comes here twice: who wakes without its memory may say another as it did
   * one before. */
  before = coap->oscore == NULL ? pt_coap_peer_find (peer, &past) : NULL;
  if (before != NULL)
    {
      if (!before->is_waiting) /* else it is acknowledged once more */
        fill_verdict (response, before->verdict, has_block ? &block : NULL);
      return;
    }
  if (has_block && (block.num > 0 || block.m))
    {
      report_add_block (coap, session, peer, message, &past, &block, response);
      return;
    }
  coap_get_data (message, &size, &data);
  report_hand_in (coap, session, peer, message, &past, data, size, response);
}

/* GET /held */

static void
get_held (coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *message,
          const coap_string_t *query, coap_pdu_t *response)
{
  PtCoap *coap = coap_resource_get_userdata (resource);
  const PtCoapPeer *peer = pt_coap_context_peer (coap, session);
  guint8 bytes[PT_HELD_CBOR_MAX];
  g_autoptr (GError) error = NULL;
  PtHeld held;
  gsize size;

  if (peer == NULL)
    {
      fill_verdict (response, PT_ERROR_UNAUTHORIZED, NULL);
      return;
    }
  if (!pt_intake_device_held (coap->devices, peer->peer.area, peer->peer.device, &held, &error))
    {
      fill_verdict (response, error->domain == PT_ERROR ? (guint) error->code : PT_ERROR_FAILED,
                    NULL);
      return;
    }
  if (pt_held_write_cbor (&held, bytes, sizeof bytes, &size) != PT_OK)
    {
      fill_verdict (response, PT_ERROR_FAILED, NULL);
      return;
    }
  coap_pdu_set_code (response, COAP_RESPONSE_CODE_CONTENT);
  add_number (response, COAP_OPTION_CONTENT_FORMAT, FORMAT_CBOR);
  add_number (response, COAP_OPTION_MAXAGE, 0); /* it is of now */
  coap_add_data (response, size, bytes);
}

static void
resource_add (PtCoap *coap, const char *path, coap_request_t method, coap_method_handler_t handler,
              const char *type, const char *formats)
{
  int flags = coap->oscore != NULL ? COAP_RESOURCE_FLAGS_OSCORE_ONLY : 0;
  coap_resource_t *resource = coap_resource_init (coap_make_str_const (path), flags);

  g_assert (resource != NULL);
  coap_resource_set_userdata (resource, coap);
  coap_register_handler (resource, method, handler);
  coap_add_attr (resource, coap_make_str_const ("rt"), coap_make_str_const (type), 0);
  coap_add_attr (resource, coap_make_str_const ("ct"), coap_make_str_const (formats), 0);
  coap_add_resource (coap->context, resource);
}

void
pt_coap_resources_add (PtCoap *coap)
{
  g_return_if_fail (coap != NULL && coap->context != NULL);

  resource_add (coap, "r", COAP_REQUEST_POST, post_report, "\"powertrack.report\"", "\"60 50\"");
  resource_add (coap, "held", COAP_REQUEST_GET, get_held, "\"powertrack.held\"", "60");
}
