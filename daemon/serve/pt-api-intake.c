/* SPDX-License-Identifier: Apache-2.0 */
#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-api.h"
#include "pt-encoding.h"
#include "pt-json-bounds.h"
#include "pt-kind.h"
#include "pt-p256.h"
#include "pt-problem.h"
#include "pt-text.h"

#define AREA_DEPTH_MAX 4

typedef struct
{
  PtServices *services;
  SoupServerMessage *message;
  PtSubmission *submission;
  gboolean gone;
  gulong finished;
} Answer;

static void
answer_gone (SoupServerMessage *message, gpointer data)
{
  ((Answer *) data)->gone = TRUE;
}

static gboolean
answer_send (gpointer data)
{
  g_autofree Answer *answer = data;
  g_autoptr (PtSubmission) submission = answer->submission;
  g_autoptr (SoupServerMessage) message = answer->message;

  g_signal_handler_disconnect (message, answer->finished);
  if (answer->gone)
    return G_SOURCE_REMOVE;
  if (pt_submission_is_busy (submission))
    {
      g_autoptr (GError) error = g_error_new_literal (
          PT_ERROR, PT_ERROR_BUSY, "Nothing could be stored just now. Send it again.");

      pt_problem_set (message, error);
    }
  else
    {
      char *text = pt_submission_to_json (submission);

      soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_TAKE, text,
                                        strlen (text));
    }
  soup_server_message_unpause (message);
  return G_SOURCE_REMOVE;
}

/* On the committer's thread. */
static void
answer_done (PtSubmission *submission, gpointer data)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, answer_send, data, NULL);
}

static gboolean
intake_content (SoupServerMessage *message, gboolean *many, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  *many = g_strcmp0 (type, "application/x-ndjson") == 0;
  if (*many || g_strcmp0 (type, "application/json") == 0)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                       "Send one entry as application/json, or one a line as "
                       "application/x-ndjson.");
  return FALSE;
}

static Answer *
answer_new (PtServices *services, SoupServerMessage *message, const PtKind *kind, GError **error)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree Answer *answer = g_new0 (Answer, 1);
  gboolean many;

  if (g_object_get_data (G_OBJECT (message), "too-large") != NULL
      || body->length > PT_SUBMISSION_BYTES_MAX)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                           "The body is larger than 8 MiB. Send it in parts.");
      return NULL;
    }
  if (!intake_content (message, &many, error))
    return NULL;
  bytes = soup_message_body_flatten (body);
  if (g_bytes_get_size (bytes) == 0)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "The body is empty.");
      return NULL;
    }
  answer->submission = pt_submission_new (kind, bytes, many, answer_done, answer, error);
  if (answer->submission == NULL)
    return NULL;
  answer->services = services;
  answer->message = g_object_ref (message);
  return g_steal_pointer (&answer);
}

void
pt_api_take (PtServices *services, SoupServerMessage *message, const PtKind *kind)
{
  g_autoptr (GError) error = NULL;
  Answer *answer = answer_new (services, message, kind, &error);

  if (answer == NULL)
    {
      pt_problem_set (message, error);
      return;
    }
  answer->finished = g_signal_connect (message, "finished", G_CALLBACK (answer_gone), answer);
  soup_server_message_pause (message);
  if (!pt_intake_take (services->intake, answer->submission))
    answer_send (answer);
}

/* POST /areas */

gboolean
pt_api_is_admin (PtRequest *request, const char *what, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  const char *given = soup_message_headers_get_one (headers, "Authorization");
  g_autofree char *wanted = g_strconcat ("Bearer ", request->services->admin_token, NULL);
  gsize size = strlen (wanted);
  gboolean as_long = given != NULL && strlen (given) == size;
  guint difference = 0;

  /* Not memcmp: its time would tell how much was right. */
  for (gsize i = 0; as_long && i < size; i++)
    difference |= (guint) (given[i] ^ wanted[i]);
  if (as_long && difference == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_UNAUTHORIZED,
               "%s with the token in admin.token of the daemon's state directory, as "
               "Authorization: Bearer.",
               what);
  return FALSE;
}

static gboolean
area_key_is_sound (const char *text, guint8 *key)
{
  PtVerifier *verifier;
  gboolean sound;

  if (text == NULL || !pt_base64url_decode (pt_span (text, strlen (text)), key, PT_PUBLIC_KEY_SIZE))
    return FALSE;
  verifier = pt_p256_verifier_new (PT_P256_FAST);
  sound = verifier->check_key (verifier->context, key);
  pt_p256_verifier_free (verifier);
  return sound;
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
area_answer (PtRequest *request, const char *id, const guint8 *key, gboolean created)
{
  PtServices *services = request->services;
  GString *text = g_string_new ("{\"area\":");

  pt_text_append_string (text, id);
  g_string_append (text, ",\"authority_key\":");
  pt_text_append_base64url (text, key, PT_PUBLIC_KEY_SIZE);
  g_string_append (text, ",\"service_key\":");
  pt_text_append_base64url (text, services->service_key, PT_PUBLIC_KEY_SIZE);
  if (services->has_chain)
    {
      char address[43];

      pt_address_to_text (pt_keccak_permutation_nettle, services->operator_address, address);
      g_string_append_printf (text, ",\"operator\":\"%s\"", address);
    }
  g_string_append (text, "}\n");
  pt_request_take_text (request, text);
  request->status = created ? 201 : 200;
}

gboolean
pt_api_add_area (PtRequest *request, GError **error)
{
  SoupMessageBody *body = soup_server_message_get_request_body (request->message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  guint8 key[PT_PUBLIC_KEY_SIZE];
  gboolean created;
  const char *id;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (!pt_api_is_admin (request, "Areas are registered", error))
    return FALSE;
  if (size == 0 || size > 65536 || !pt_json_is_shallow (data, size, AREA_DEPTH_MAX)
      || !json_parser_load_from_data (parser, data, (gssize) size, NULL))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "Send {\"area\":\"...\",\"authority_key\":\"...\"}.");
      return FALSE;
    }
  id = object_text (json_parser_get_root (parser), "area");
  if (id == NULL || !pt_is_area_id (pt_span (id, strlen (id)))
      || !area_key_is_sound (object_text (json_parser_get_root (parser), "authority_key"), key))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "area is at most 31 of a-z, 0-9 and -, and authority_key a P-256 point "
                           "in base64url.");
      return FALSE;
    }
  if (!pt_intake_add_area (request->services->intake, id, key, request->services->service_key,
                           &created, error))
    return FALSE;
  area_answer (request, id, key, created);
  return TRUE;
}
