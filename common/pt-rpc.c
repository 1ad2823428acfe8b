/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-private.h"

#include <string.h>

#include "pt-error.h"
#include "pt-json-bounds.h"
#include "pt-revert.h"

#define CONNECT_MS 5000
#define TOTAL_MS 30000
#define ANSWER_MAX (16 * 1024 * 1024) /* bytes */
#define PATIENCE_MS 3000
#define PAUSE_MS 250      /* before a busy endpoint is asked the second time */
#define PAUSE_MAX_MS 8000 /* and before any further one */
#define DEPTH_MAX 32      /* json-glib's parser recurses */
#define SELECTOR_SIZE 4
#define WORDS_MAX 300 /* characters of an endpoint's own words in a message */

PtRpc *
pt_rpc_new (const char *url)
{
  PtRpc *rpc;

  g_return_val_if_fail (url != NULL, NULL);

  rpc = g_new0 (PtRpc, 1);
  rpc->client = pt_http_client_new ();
  pt_http_client_set_limits (rpc->client, CONNECT_MS, TOTAL_MS, ANSWER_MAX);
  rpc->url = g_strdup (url);
  rpc->next_id = 1;
  rpc->patience = PATIENCE_MS;
  return rpc;
}

void
pt_rpc_set_patience (PtRpc *rpc, guint ms)
{
  g_return_if_fail (rpc != NULL);

  rpc->patience = ms;
}

void
pt_rpc_set_candid (PtRpc *rpc, gboolean candid)
{
  g_return_if_fail (rpc != NULL);

  rpc->candid = candid;
}

void
pt_rpc_set_deadline (PtRpc *rpc, gint64 deadline)
{
  g_return_if_fail (rpc != NULL);

  rpc->deadline = deadline;
}

/* What is left until the deadline becomes the limit of the next call. */
static gboolean
keep_deadline (PtRpc *rpc, GError **error)
{
  gint64 left;

  if (rpc->deadline == 0)
    return TRUE;
  left = (rpc->deadline - g_get_monotonic_time ()) / 1000;
  if (left > 0)
    {
      pt_http_client_set_limits (rpc->client, (guint) MIN (left, CONNECT_MS),
                                 (guint) MIN (left, TOTAL_MS), ANSWER_MAX);
      return TRUE;
    }
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY,
                       "the chain's endpoint did not answer in time");
  return FALSE;
}

void
pt_rpc_free (PtRpc *rpc)
{
  if (rpc == NULL)
    return;
  pt_http_client_free (rpc->client);
  g_free (rpc->words);
  g_free (rpc->logged);
  g_free (rpc->url);
  g_free (rpc);
}

/* The bytes stand in "data" itself, after a word ("Reverted 0x..."), or one object deeper with some
 * endpoints. NULL when there are not even those of an error's name. */
static GBytes *
find_revert_data (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "data");
  g_autoptr (GBytes) data = NULL;
  const char *text;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    node = json_object_get_member (json_node_get_object (node), "data");
  text = pt_rpc_node_text (node);
  if (text != NULL && g_str_has_prefix (text, "Reverted "))
    text += strlen ("Reverted ");
  data = pt_rpc_parse_data (text);
  return data != NULL && g_bytes_get_size (data) >= SELECTOR_SIZE ? g_steal_pointer (&data) : NULL;
}

/* The call itself. */

static void
clear_fault (PtRpc *rpc)
{
  rpc->fault = PT_RPC_FINE;
  g_clear_pointer (&rpc->words, g_free);
}

static char *
clean_words (const char *words)
{
  g_autofree char *valid = g_utf8_make_valid (words, -1);
  char *cut = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), WORDS_MAX));

  for (char *c = cut; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return cut;
}

/* What is said again and again is logged once, and what is answered by asking otherwise not at all.
 */
static void
log_words (PtRpc *rpc, const char *method)
{
  if (rpc->fault == PT_RPC_TOO_MUCH || rpc->fault == PT_RPC_UNSUPPORTED
      || rpc->fault == PT_RPC_KNOWN)
    return;
  if (rpc->candid || rpc->words == NULL || g_strcmp0 (rpc->words, rpc->logged) == 0)
    return;
  g_free (rpc->logged);
  rpc->logged = g_strdup (rpc->words);
  g_message ("The chain's endpoint refused %s: %s", method, rpc->words);
}

static void
set_fault (PtRpc *rpc, const char *method, guint status, char *revert, GError **error)
{
  PtErrorCode code = pt_rpc_fault_code (rpc->fault);
  gboolean tells = rpc->candid && rpc->words != NULL;
  const char *between = tells ? ": " : "", *words = tells ? rpc->words : "";

  log_words (rpc, method);
  if (revert != NULL)
    g_set_error (error, PT_ERROR, code, "the contract refused: %s", revert);
  else if (status / 100 != 2)
    g_set_error (error, PT_ERROR, code,
                 "the chain's endpoint answered %s with HTTP status %u: %s%s%s", method, status,
                 pt_rpc_fault_words (rpc->fault), between, words);
  else
    g_set_error (error, PT_ERROR, code, "the chain's endpoint refused %s: %s%s%s", method,
                 pt_rpc_fault_words (rpc->fault), between, words);
}

static gboolean
set_refusal (PtRpc *rpc, const char *method, guint status, JsonNode *node, GError **error)
{
  g_autoptr (GBytes) data = NULL;
  g_autofree char *revert = NULL;
  JsonObject *object;
  JsonNode *code;
  const char *message;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return pt_rpc_set_nonsense (rpc, error, method, "its error is no object");
  object = json_node_get_object (node);
  code = json_object_get_member (object, "code");
  message = pt_rpc_member_text (object, "message");
  if (code == NULL || !JSON_NODE_HOLDS_VALUE (code)
      || json_node_get_value_type (code) != G_TYPE_INT64 || message == NULL)
    return pt_rpc_set_nonsense (rpc, error, method, "its error has no code or message");

  data = find_revert_data (object);
  rpc->fault = pt_rpc_fault_of (method, status, json_node_get_int (code), message, data != NULL);
  rpc->words = clean_words (message);
  if (rpc->fault == PT_RPC_REVERTED)
    revert = pt_revert_describe (data);
  set_fault (rpc, method, status, revert, error);
  return FALSE;
}

static gboolean
node_is_integer (JsonNode *node, gint64 value)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == G_TYPE_INT64 && json_node_get_int (node) == value;
}

/* The "result" of @object, transfer full. */
static JsonNode *
take_result (PtRpc *rpc, const char *method, JsonObject *object, guint status, gint64 id,
             GError **error)
{
  JsonNode *result = json_object_get_member (object, "result");
  JsonNode *refusal = json_object_get_member (object, "error");
  JsonNode *id_node = json_object_get_member (object, "id");

  /* Some endpoints answer both, one of them null. */
  if (refusal != NULL && JSON_NODE_HOLDS_NULL (refusal))
    refusal = NULL;
  if (g_strcmp0 (pt_rpc_member_text (object, "jsonrpc"), "2.0") != 0)
    pt_rpc_set_nonsense (rpc, error, method, "it is not JSON-RPC 2.0");
  /* An endpoint that could not read the request does not know its id. */
  else if (!node_is_integer (id_node, id)
           && (refusal == NULL || id_node == NULL || !JSON_NODE_HOLDS_NULL (id_node)))
    pt_rpc_set_nonsense (rpc, error, method, "it has another id");
  else if (refusal != NULL)
    set_refusal (rpc, method, status, refusal, error);
  else if (result == NULL)
    pt_rpc_set_nonsense (rpc, error, method, "it has no result");
  else
    return json_node_copy (result);
  return NULL;
}

/* What stands in an answer's body; what is no JSON-RPC at all leaves its HTTP status. */
static JsonNode *
read_answer (PtRpc *rpc, const char *method, GBytes *answer, guint status, gint64 id,
             GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (JsonNode) result = NULL;
  gboolean is_json;
  gsize size;
  const char *data = g_bytes_get_data (answer, &size);
  JsonNode *root;

  is_json = size > 0 && pt_json_is_shallow (data, size, DEPTH_MAX)
            && json_parser_load_from_data (parser, data, (gssize) size, NULL);
  root = is_json ? json_parser_get_root (parser) : NULL;
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    result = take_result (rpc, method, json_node_get_object (root), status, id, error);
  else if (status / 100 == 2)
    pt_rpc_set_nonsense (rpc, error, method, is_json ? "it is no object" : "it is not JSON");
  if (status / 100 == 2 || (result == NULL && rpc->words != NULL))
    return g_steal_pointer (&result);
  g_clear_error (error);
  rpc->fault = pt_rpc_fault_of (method, status, 0, NULL, FALSE);
  set_fault (rpc, method, status, NULL, error);
  return NULL;
}

static JsonNode *
call_once (PtRpc *rpc, const char *method, const char *params, GError **error)
{
  g_autoptr (GBytes) answer = NULL, body = NULL;
  gint64 id = rpc->next_id++;
  guint status = 0;
  char *request;

  clear_fault (rpc);
  rpc->fault = PT_RPC_UNREACHABLE;
  if (!keep_deadline (rpc, error))
    return NULL;
  request = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GINT64_FORMAT
                             ",\"method\":\"%s\",\"params\":%s}",
                             id, method, params);
  body = g_bytes_new_take (request, strlen (request));
  answer = pt_http_client_post (rpc->client, rpc->url, "application/json", body, &status, error);
  if (answer == NULL)
    {
      if (error != NULL && g_error_matches (*error, PT_ERROR, PT_ERROR_TOO_LARGE))
        rpc->fault = PT_RPC_TOO_MUCH;
      g_prefix_error (error, "the chain's endpoint: ");
      return NULL;
    }
  rpc->fault = PT_RPC_FINE;
  return read_answer (rpc, method, answer, status, id, error);
}

gboolean
pt_rpc_pause (PtRpc *rpc, guint ms)
{
  gint64 us = (gint64) ms * 1000;

  g_return_val_if_fail (rpc != NULL, FALSE);

  if (rpc->deadline != 0 && g_get_monotonic_time () + us >= rpc->deadline)
    return FALSE;
  g_usleep ((gulong) us);
  return TRUE;
}

JsonNode *
pt_rpc_call (PtRpc *rpc, const char *method, const char *params, GError **error)
{
  guint left, pause = PAUSE_MS;

  g_return_val_if_fail (rpc != NULL && method != NULL && params != NULL, NULL);

  left = rpc->patience;
  for (;;)
    {
      g_autoptr (GError) local_error = NULL;
      JsonNode *result = call_once (rpc, method, params, &local_error);

      if (result != NULL)
        return result;
      if (rpc->fault != PT_RPC_BUSY || left < pause || !pt_rpc_pause (rpc, pause))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      left -= pause;
      /* Not all who were refused together come back together. */
      pause = MIN (2 * pause, PAUSE_MAX_MS) + (guint) g_random_int_range (0, PAUSE_MS / 4);
    }
}

PtRpcFault
pt_rpc_fault (PtRpc *rpc)
{
  g_return_val_if_fail (rpc != NULL, PT_RPC_REFUSED);

  return rpc->fault;
}

const char *
pt_rpc_words (PtRpc *rpc)
{
  g_return_val_if_fail (rpc != NULL, NULL);

  return rpc->words;
}
