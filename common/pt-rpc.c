/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-private.h"

#include <string.h>

#include "pt-error.h"
#include "pt-json-bounds.h"
#include "pt-revert.h"

#define CONNECT_MS 5000
#define TOTAL_MS 30000
#define ANSWER_MAX (16 * 1024 * 1024) /* bytes */
#define DEPTH_MAX 32                  /* json-glib's parser recurses */
#define WORDS_MAX 300                 /* characters of an endpoint's own words in a message */

/* JSON-RPC 2.0 section 5.1, and EIP-1474. */
#define CODE_INTERNAL (-32603)
#define CODE_LIMIT_EXCEEDED (-32005)

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
  return rpc;
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
  g_clear_pointer (&rpc->error_data, g_bytes_unref);
  g_free (rpc->url);
  g_free (rpc);
}

/* The bytes stand in "data" itself, or one object deeper with some endpoints. */
static GBytes *
find_revert_data (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "data");

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return pt_rpc_parse_data (pt_rpc_member_text (json_node_get_object (node), "data"));
  return pt_rpc_parse_data (pt_rpc_node_text (node));
}

/* The call itself. */

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

static gboolean
set_refusal (PtRpc *rpc, const char *method, JsonNode *node, GError **error)
{
  g_autofree char *words = NULL, *revert = NULL;
  JsonObject *object;
  JsonNode *code;
  const char *message;
  gboolean transient;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return pt_rpc_set_nonsense (error, method, "its error is no object");
  object = json_node_get_object (node);
  code = json_object_get_member (object, "code");
  message = pt_rpc_member_text (object, "message");
  if (code == NULL || !JSON_NODE_HOLDS_VALUE (code)
      || json_node_get_value_type (code) != G_TYPE_INT64 || message == NULL)
    return pt_rpc_set_nonsense (error, method, "its error has no code or message");

  rpc->error_code = json_node_get_int (code);
  rpc->error_data = find_revert_data (object);
  revert = pt_revert_describe (rpc->error_data);
  words = clean_words (message);
  if (revert != NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR, "the contract refused: %s", revert);
      return FALSE;
    }
  transient = rpc->error_code == CODE_LIMIT_EXCEEDED || rpc->error_code == CODE_INTERNAL;
  g_set_error (error, PT_ERROR, transient ? PT_ERROR_RETRY : PT_ERROR_OPERATOR,
               "the chain's endpoint refused %s: %s", method, words);
  return FALSE;
}

static gboolean
node_is_integer (JsonNode *node, gint64 value)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == G_TYPE_INT64 && json_node_get_int (node) == value;
}

/* The "result" of @root, transfer full. */
static JsonNode *
take_result (PtRpc *rpc, const char *method, JsonNode *root, gint64 id, GError **error)
{
  JsonNode *result, *refusal, *id_node;
  JsonObject *object;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      pt_rpc_set_nonsense (error, method, "it is no object");
      return NULL;
    }
  object = json_node_get_object (root);
  result = json_object_get_member (object, "result");
  refusal = json_object_get_member (object, "error");
  id_node = json_object_get_member (object, "id");
  /* Some endpoints answer both, one of them null. */
  if (refusal != NULL && JSON_NODE_HOLDS_NULL (refusal))
    refusal = NULL;
  if (g_strcmp0 (pt_rpc_member_text (object, "jsonrpc"), "2.0") != 0)
    pt_rpc_set_nonsense (error, method, "it is not JSON-RPC 2.0");
  /* An endpoint that could not read the request does not know its id. */
  else if (!node_is_integer (id_node, id)
           && (refusal == NULL || id_node == NULL || !JSON_NODE_HOLDS_NULL (id_node)))
    pt_rpc_set_nonsense (error, method, "it has another id");
  else if (refusal != NULL)
    set_refusal (rpc, method, refusal, error);
  else if (result == NULL)
    pt_rpc_set_nonsense (error, method, "it has no result");
  else
    return json_node_copy (result);
  return NULL;
}

static void
set_status_error (GError **error, const char *method, guint status)
{
  gboolean refused = status == 401 || status == 403 || status == 404;

  g_set_error (error, PT_ERROR, refused ? PT_ERROR_OPERATOR : PT_ERROR_RETRY,
               "the chain's endpoint answered %s with HTTP status %u%s", method, status,
               refused ? "; check its address and key" : "");
}

JsonNode *
pt_rpc_call (PtRpc *rpc, const char *method, const char *params, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GBytes) answer = NULL, body = NULL;
  gint64 id;
  guint status = 0;
  char *request;
  const char *data;
  gsize size;

  g_return_val_if_fail (rpc != NULL && method != NULL && params != NULL, NULL);

  id = rpc->next_id++;
  rpc->error_code = 0;
  g_clear_pointer (&rpc->error_data, g_bytes_unref);
  if (!keep_deadline (rpc, error))
    return NULL;
  request = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GINT64_FORMAT
                             ",\"method\":\"%s\",\"params\":%s}",
                             id, method, params);
  body = g_bytes_new_take (request, strlen (request));
  answer = pt_http_client_post (rpc->client, rpc->url, "application/json", body, &status, error);
  if (answer == NULL)
    {
      g_prefix_error (error, "the chain's endpoint: ");
      return NULL;
    }
  data = g_bytes_get_data (answer, &size);
  if (size == 0 || !pt_json_is_shallow (data, size, DEPTH_MAX)
      || !json_parser_load_from_data (parser, data, (gssize) size, NULL))
    {
      if (status / 100 != 2)
        set_status_error (error, method, status);
      else
        pt_rpc_set_nonsense (error, method, "it is not JSON");
      return NULL;
    }
  if (status / 100 != 2 && !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      set_status_error (error, method, status);
      return NULL;
    }
  return take_result (rpc, method, json_parser_get_root (parser), id, error);
}
