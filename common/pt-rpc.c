/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-ethereum-key.h"
#include "pt-http-client.h"
#include "pt-json-bounds.h"

#define CONNECT_MS 5000
#define TOTAL_MS 30000
#define ANSWER_MAX (16 * 1024 * 1024) /* bytes */
#define DEPTH_MAX 32                  /* json-glib's parser recurses */
#define WORDS_MAX 300                 /* characters of an endpoint's own words in a message */
#define DATA_MAX (256 * 1024)         /* bytes of one log, code or call's answer */
#define LOGS_SPAN_MAX 20000           /* blocks asked for at once */
#define DEFAULT_TIP G_GUINT64_CONSTANT (1000000000)
#define ADDRESS_SIZE 20
#define SELECTOR_SIZE 4
#define WORD 32

/* JSON-RPC 2.0 section 5.1, and EIP-1474. */
#define CODE_METHOD_NOT_FOUND (-32601)
#define CODE_INTERNAL (-32603)
#define CODE_LIMIT_EXCEEDED (-32005)

struct _PtRpc
{
  PtHttpClient *client;
  char *url;
  gint64 next_id;
  gint64 deadline;    /* monotonic us; 0: none */
  gint64 error_code;  /* of the last answer that was an error, else 0 */
  GBytes *error_data; /* what a revert carried, or NULL */
};

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

static gboolean
set_nonsense (GError **error, const char *method, const char *what)
{
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the chain's endpoint answered %s with nonsense: %s", method, what);
  return FALSE;
}

/* Values of JSON: quantities and data of EIP-1474. */

static const char *
node_text (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static const char *
member_text (JsonObject *object, const char *name)
{
  return node_text (json_object_get_member (object, name));
}

/* "0x", no leading zeros, at most @max_digits. */
static gboolean
is_quantity (const char *text, gsize max_digits)
{
  gsize length;

  if (text == NULL || !g_str_has_prefix (text, "0x"))
    return FALSE;
  length = strlen (text + 2);
  if (length == 0 || length > max_digits || (text[2] == '0' && length > 1))
    return FALSE;
  return strspn (text + 2, "0123456789abcdefABCDEF") == length;
}

static gboolean
parse_quantity (const char *text, guint64 *out)
{
  *out = 0;
  if (!is_quantity (text, 16))
    return FALSE;
  *out = g_ascii_strtoull (text + 2, NULL, 16);
  return TRUE;
}

static gboolean
parse_hex (const char *digits, gsize size, guint8 *out)
{
  for (gsize i = 0; i < size; i++)
    {
      int high = g_ascii_xdigit_value (digits[2 * i]);
      int low = high < 0 ? -1 : g_ascii_xdigit_value (digits[2 * i + 1]);

      if (low < 0)
        return FALSE;
      out[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

/* Exactly @size bytes. */
static gboolean
parse_fixed (const char *text, guint8 *out, gsize size)
{
  memset (out, 0, size);
  return text != NULL && g_str_has_prefix (text, "0x") && strlen (text) == 2 + 2 * size
         && parse_hex (text + 2, size, out);
}

/* NULL unless it is data of at most DATA_MAX bytes. */
static GBytes *
parse_data (const char *text)
{
  g_autofree guint8 *bytes = NULL;
  gsize size;

  if (text == NULL || !g_str_has_prefix (text, "0x"))
    return NULL;
  size = strlen (text + 2);
  if (size % 2 != 0 || size / 2 > DATA_MAX)
    return NULL;
  size /= 2;
  bytes = g_malloc (size + 1);
  if (!parse_hex (text + 2, size, bytes))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), size);
}

static void
append_hex (GString *string, const guint8 *data, gsize size)
{
  static const char digits[] = "0123456789abcdef";

  g_string_append (string, "0x");
  for (gsize i = 0; i < size; i++)
    {
      g_string_append_c (string, digits[data[i] >> 4]);
      g_string_append_c (string, digits[data[i] & 15]);
    }
}

static void
append_hex_member (GString *string, const char *name, const guint8 *data, gsize size)
{
  g_string_append_printf (string, "\"%s\":\"", name);
  append_hex (string, data, size);
  g_string_append_c (string, '"');
}

/* Reverts: the contract's errors by the first four bytes of their signatures' hash. */

typedef struct
{
  const char *signature;
  const char *meaning;
  const char *number; /* what the second word is */
} NamedError;

static const NamedError named_errors[] = {
  { "NotOwner()", "the account is not the contract's owner", NULL },
  { "NotPendingOwner()", "the ownership was not offered to the account", NULL },
  { "NotOperator(bytes32)", "the account is not the area's operator", NULL },
  { "NotWitness()", "the account is not a registered witness", NULL },
  { "BadArea()", "the area's id is not valid", NULL },
  { "BadKey()", "a key is not an uncompressed point", NULL },
  { "BadAddress()", "the zero address is not allowed", NULL },
  { "AreaExists(bytes32)", "the area is registered already", NULL },
  { "UnknownArea(bytes32)", "the area is not registered", NULL },
  { "NothingToAnchor()", "there is no checkpoint in the call", NULL },
  { "WrongBatch(bytes32,uint64)", "the batch does not follow the newest", "expected batch" },
  { "WrongSize(bytes32,uint64)", "the tree does not grow", "the newest size is" },
  { "WrongFrom(bytes32,uint64)", "the window does not follow the newest", "expected from" },
  { "WrongWindow(bytes32,uint64)", "the window is empty or ends in the future",
    "the latest end allowed is" },
  { "WrongRoot(bytes32)", "the root is zero or not the anchored one", NULL },
  { "WrongCid(bytes32)", "the CID is empty or too long", NULL },
};

static gboolean
selector_is (const guint8 *data, const char *signature)
{
  PtHash hash;

  pt_keccak256 (pt_keccak_permutation_nettle, signature, strlen (signature), &hash);
  return memcmp (hash.bytes, data, SELECTOR_SIZE) == 0;
}

static guint64
read_word (const guint8 *word)
{
  guint64 value = 0;

  for (gsize i = WORD - 8; i < WORD; i++)
    value = value << 8 | word[i];
  return value;
}

static char *
describe_named (const NamedError *named, const guint8 *arguments, gsize size)
{
  GString *text = g_string_new (NULL);
  char area[PT_AREA_MAX + 1];

  g_string_append_len (text, named->signature, strcspn (named->signature, "("));
  g_string_append_printf (text, ": %s", named->meaning);
  if (size >= WORD && pt_abi_area_parse (arguments, area))
    g_string_append_printf (text, " (area %s", area);
  else
    return g_string_free (text, FALSE);
  if (named->number != NULL && size >= 2 * WORD)
    g_string_append_printf (text, ", %s %" G_GUINT64_FORMAT, named->number,
                            read_word (arguments + WORD));
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

/* NULL when the bytes are none of PowerAnchor's errors. */
static char *
describe_revert (GBytes *data)
{
  gsize size;
  const guint8 *bytes = data != NULL ? g_bytes_get_data (data, &size) : NULL;

  if (bytes == NULL || size < SELECTOR_SIZE)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (named_errors); i++)
    if (selector_is (bytes, named_errors[i].signature))
      return describe_named (&named_errors[i], bytes + SELECTOR_SIZE, size - SELECTOR_SIZE);
  return NULL;
}

/* The bytes stand in "data" itself, or one object deeper with some endpoints. */
static GBytes *
find_revert_data (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "data");

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return parse_data (member_text (json_node_get_object (node), "data"));
  return parse_data (node_text (node));
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
    return set_nonsense (error, method, "its error is no object");
  object = json_node_get_object (node);
  code = json_object_get_member (object, "code");
  message = member_text (object, "message");
  if (code == NULL || !JSON_NODE_HOLDS_VALUE (code)
      || json_node_get_value_type (code) != G_TYPE_INT64 || message == NULL)
    return set_nonsense (error, method, "its error has no code or message");

  rpc->error_code = json_node_get_int (code);
  rpc->error_data = find_revert_data (object);
  revert = describe_revert (rpc->error_data);
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
      set_nonsense (error, method, "it is no object");
      return NULL;
    }
  object = json_node_get_object (root);
  result = json_object_get_member (object, "result");
  refusal = json_object_get_member (object, "error");
  id_node = json_object_get_member (object, "id");
  /* Some endpoints answer both, one of them null. */
  if (refusal != NULL && JSON_NODE_HOLDS_NULL (refusal))
    refusal = NULL;
  if (g_strcmp0 (member_text (object, "jsonrpc"), "2.0") != 0)
    set_nonsense (error, method, "it is not JSON-RPC 2.0");
  /* An endpoint that could not read the request does not know its id. */
  else if (!node_is_integer (id_node, id)
           && (refusal == NULL || id_node == NULL || !JSON_NODE_HOLDS_NULL (id_node)))
    set_nonsense (error, method, "it has another id");
  else if (refusal != NULL)
    set_refusal (rpc, method, refusal, error);
  else if (result == NULL)
    set_nonsense (error, method, "it has no result");
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
        set_nonsense (error, method, "it is not JSON");
      return NULL;
    }
  if (status / 100 != 2 && !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      set_status_error (error, method, status);
      return NULL;
    }
  return take_result (rpc, method, json_parser_get_root (parser), id, error);
}

/* Single values. */

static gboolean
call_quantity (PtRpc *rpc, const char *method, const char *params, guint64 *out, GError **error)
{
  g_autoptr (JsonNode) node = pt_rpc_call (rpc, method, params, error);

  *out = 0;
  if (node == NULL)
    return FALSE;
  return parse_quantity (node_text (node), out)
         || set_nonsense (error, method, "it is no 64-bit quantity");
}

static GBytes *
call_data (PtRpc *rpc, const char *method, const char *params, GError **error)
{
  g_autoptr (JsonNode) node = pt_rpc_call (rpc, method, params, error);
  GBytes *data;

  if (node == NULL)
    return NULL;
  data = parse_data (node_text (node));
  if (data == NULL)
    set_nonsense (error, method, "it is no data, or too much");
  return data;
}

static char *
address_params (const guint8 address[20], const char *block)
{
  g_autoptr (GString) params = g_string_new ("[\"");

  append_hex (params, address, ADDRESS_SIZE);
  g_string_append_printf (params, "\",\"%s\"]", block);
  return g_strdup (params->str);
}

gboolean
pt_rpc_chain_id (PtRpc *rpc, guint64 *out, GError **error)
{
  return call_quantity (rpc, "eth_chainId", "[]", out, error);
}

gboolean
pt_rpc_block_number (PtRpc *rpc, guint64 *out, GError **error)
{
  return call_quantity (rpc, "eth_blockNumber", "[]", out, error);
}

gboolean
pt_rpc_nonce (PtRpc *rpc, const guint8 address[20], gboolean pending, guint64 *out, GError **error)
{
  g_autofree char *params = address_params (address, pending ? "pending" : "latest");

  return call_quantity (rpc, "eth_getTransactionCount", params, out, error);
}

gboolean
pt_rpc_balance (PtRpc *rpc, const guint8 address[20], guint8 wei[32], GError **error)
{
  g_autofree char *params = address_params (address, "latest");
  g_autoptr (JsonNode) node = pt_rpc_call (rpc, "eth_getBalance", params, error);
  char padded[2 * WORD + 1];
  const char *text;

  memset (wei, 0, WORD);
  if (node == NULL)
    return FALSE;
  text = node_text (node);
  if (!is_quantity (text, 2 * WORD))
    return set_nonsense (error, "eth_getBalance", "it is no quantity");
  memset (padded, '0', sizeof padded - 1);
  padded[sizeof padded - 1] = '\0';
  memcpy (padded + 2 * WORD - strlen (text + 2), text + 2, strlen (text + 2));
  return parse_hex (padded, WORD, wei);
}

static gboolean
base_fee (PtRpc *rpc, guint64 *out, GError **error)
{
  g_autoptr (JsonNode) node
      = pt_rpc_call (rpc, "eth_getBlockByNumber", "[\"latest\",false]", error);

  *out = 0;
  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return set_nonsense (error, "eth_getBlockByNumber", "it is no block");
  if (!parse_quantity (member_text (json_node_get_object (node), "baseFeePerGas"), out))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                           "the chain's newest block has no base fee; a chain with EIP-1559 is "
                           "needed");
      return FALSE;
    }
  return TRUE;
}

gboolean
pt_rpc_fees (PtRpc *rpc, guint64 *max_fee, guint64 *max_priority_fee, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  guint64 base;

  *max_fee = *max_priority_fee = 0;
  if (!base_fee (rpc, &base, error))
    return FALSE;
  if (!call_quantity (rpc, "eth_maxPriorityFeePerGas", "[]", max_priority_fee, &local_error))
    {
      if (rpc->error_code != CODE_METHOD_NOT_FOUND)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      *max_priority_fee = DEFAULT_TIP;
    }
  if (base > G_MAXUINT64 / 4 || *max_priority_fee > G_MAXUINT64 / 4)
    return set_nonsense (error, "eth_getBlockByNumber", "its fees are beyond all money");
  *max_fee = 2 * base + *max_priority_fee;
  return TRUE;
}

static char *
call_params (const guint8 *from, const guint8 *to, GBytes *data, const char *block)
{
  g_autoptr (GString) params = g_string_new ("[{");
  gsize size;
  const guint8 *bytes = g_bytes_get_data (data, &size);

  if (from != NULL)
    {
      append_hex_member (params, "from", from, ADDRESS_SIZE);
      g_string_append_c (params, ',');
    }
  if (to != NULL)
    {
      append_hex_member (params, "to", to, ADDRESS_SIZE);
      g_string_append_c (params, ',');
    }
  append_hex_member (params, "data", bytes, size);
  g_string_append_printf (params, "},\"%s\"]", block);
  return g_strdup (params->str);
}

gboolean
pt_rpc_estimate_gas (PtRpc *rpc, const guint8 from[20], const guint8 *to, GBytes *data,
                     guint64 *gas, GError **error)
{
  g_autofree char *params = call_params (from, to, data, "latest");

  return call_quantity (rpc, "eth_estimateGas", params, gas, error);
}

GBytes *
pt_rpc_eth_call (PtRpc *rpc, const guint8 to[20], GBytes *data, GError **error)
{
  g_autofree char *params = call_params (NULL, to, data, "latest");

  return call_data (rpc, "eth_call", params, error);
}

GBytes *
pt_rpc_code (PtRpc *rpc, const guint8 address[20], GError **error)
{
  g_autofree char *params = address_params (address, "latest");

  return call_data (rpc, "eth_getCode", params, error);
}

/* The ways in which clients say that they have it: geth and reth, anvil, Nethermind, OpenEthereum
 * and Besu. */
static gboolean
is_already_known (const char *message)
{
  static const char *const words[]
      = { "already known", "already imported", "alreadyknown", "known transaction" };
  g_autofree char *lower = g_ascii_strdown (message, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (lower, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
pt_rpc_send_raw (PtRpc *rpc, GBytes *raw, GError **error)
{
  g_autoptr (GString) params = g_string_new ("[\"");
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) node = NULL;
  PtHash expected, answered;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (raw, &size);

  append_hex (params, bytes, size);
  g_string_append (params, "\"]");
  node = pt_rpc_call (rpc, "eth_sendRawTransaction", params->str, &local_error);
  if (node == NULL)
    {
      if (rpc->error_code != 0 && is_already_known (local_error->message))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  pt_keccak256 (pt_keccak_permutation_nettle, bytes, size, &expected);
  if (!parse_fixed (node_text (node), answered.bytes, PT_HASH_SIZE)
      || memcmp (&expected, &answered, sizeof expected) != 0)
    return set_nonsense (error, "eth_sendRawTransaction", "it is another transaction's hash");
  return TRUE;
}

/* Receipts. */

static gboolean
read_receipt (JsonObject *object, const PtHash *transaction, PtReceipt *out)
{
  PtHash hash;
  guint64 status;
  const char *contract = member_text (object, "contractAddress");

  if (!parse_fixed (member_text (object, "transactionHash"), hash.bytes, PT_HASH_SIZE)
      || memcmp (&hash, transaction, sizeof hash) != 0)
    return FALSE;
  if (!parse_quantity (member_text (object, "status"), &status) || status > 1)
    return FALSE;
  if (!parse_quantity (member_text (object, "blockNumber"), &out->block)
      || !parse_fixed (member_text (object, "blockHash"), out->block_hash.bytes, PT_HASH_SIZE))
    return FALSE;
  if (!parse_quantity (member_text (object, "gasUsed"), &out->gas_used)
      || !parse_quantity (member_text (object, "effectiveGasPrice"), &out->effective_gas_price))
    return FALSE;
  if (contract != NULL && !parse_fixed (contract, out->contract, ADDRESS_SIZE))
    return FALSE;
  out->success = status == 1;
  out->found = TRUE;
  return TRUE;
}

gboolean
pt_rpc_receipt (PtRpc *rpc, const PtHash *transaction, PtReceipt *out, GError **error)
{
  g_autoptr (GString) params = g_string_new ("[\"");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  memset (out, 0, sizeof *out);
  append_hex (params, transaction->bytes, PT_HASH_SIZE);
  g_string_append (params, "\"]");
  node = pt_rpc_call (rpc, "eth_getTransactionReceipt", params->str, error);
  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return set_nonsense (error, "eth_getTransactionReceipt", "it is no receipt");
  object = json_node_get_object (node);
  if (json_object_has_member (object, "blockNumber")
      && json_object_get_null_member (object, "blockNumber"))
    return TRUE;
  if (read_receipt (object, transaction, out))
    return TRUE;
  memset (out, 0, sizeof *out);
  return set_nonsense (error, "eth_getTransactionReceipt", "a member is missing or malformed");
}

/* Logs. */

typedef struct
{
  const guint8 *contract;
  guint64 from, to;         /* of the request */
  guint64 block, log_index; /* of the log before */
  gboolean any;
} LogCursor;

static gboolean
read_topics (JsonObject *object, PtLog *log)
{
  JsonNode *node = json_object_get_member (object, "topics");
  JsonArray *topics;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  topics = json_node_get_array (node);
  if (json_array_get_length (topics) > G_N_ELEMENTS (log->topics))
    return FALSE;
  log->topic_count = json_array_get_length (topics);
  for (guint i = 0; i < log->topic_count; i++)
    if (!parse_fixed (node_text (json_array_get_element (topics, i)), log->topics[i].bytes,
                      PT_HASH_SIZE))
      return FALSE;
  return TRUE;
}

/* The log, with its bytes in *@data; FALSE for one that is malformed, was not asked for or is out
 * of order. */
static gboolean
read_log (JsonNode *node, LogCursor *cursor, PtLog *log, GBytes **data)
{
  guint8 address[ADDRESS_SIZE];
  JsonObject *object;
  guint64 log_index;

  memset (log, 0, sizeof *log);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  object = json_node_get_object (node);
  if (!parse_fixed (member_text (object, "address"), address, sizeof address)
      || memcmp (address, cursor->contract, sizeof address) != 0)
    return FALSE;
  if (!parse_quantity (member_text (object, "blockNumber"), &log->block)
      || !parse_quantity (member_text (object, "logIndex"), &log_index) || log_index > G_MAXUINT
      || log->block < cursor->from || log->block > cursor->to)
    return FALSE;
  if (cursor->any
      && (log->block < cursor->block
          || (log->block == cursor->block && log_index <= cursor->log_index)))
    return FALSE;
  if (!parse_fixed (member_text (object, "transactionHash"), log->transaction.bytes, PT_HASH_SIZE)
      || !read_topics (object, log))
    return FALSE;
  *data = parse_data (member_text (object, "data"));
  if (*data == NULL)
    return FALSE;
  log->log_index = (guint) log_index;
  log->data = g_bytes_get_data (*data, &log->data_size);
  cursor->any = TRUE;
  cursor->block = log->block;
  cursor->log_index = log_index;
  return TRUE;
}

static gboolean
visit_logs (JsonArray *logs, LogCursor *cursor, PtLogFunc func, gpointer user_data, GError **error)
{
  for (guint i = 0; i < json_array_get_length (logs); i++)
    {
      g_autoptr (GBytes) data = NULL;
      PtLog log;

      if (!read_log (json_array_get_element (logs, i), cursor, &log, &data))
        return set_nonsense (error, "eth_getLogs",
                             "a log is malformed, out of order or not one that was asked for");
      if (!func (&log, user_data, error))
        return FALSE;
    }
  return TRUE;
}

/* Which logs are wanted, and how many blocks are asked for at once. */
typedef struct
{
  const guint8 *contract;
  const PtHash *topics; /* the first ones of each log */
  guint topic_count;
  guint64 span_max;
} LogFilter;

static void
append_topics (GString *params, const LogFilter *filter)
{
  char text[2 * PT_HASH_SIZE + 1] = { 0 };

  for (guint i = 0; i < filter->topic_count; i++)
    {
      pt_hex_encode (filter->topics[i].bytes, PT_HASH_SIZE, text, sizeof text);
      g_string_append_printf (params, "%s\"0x%s\"", i == 0 ? ",\"topics\":[" : ",", text);
    }
  if (filter->topic_count > 0)
    g_string_append_c (params, ']');
}

static JsonNode *
call_logs (PtRpc *rpc, const LogFilter *filter, guint64 from, guint64 to, GError **error)
{
  g_autoptr (GString) params = g_string_new ("[{");
  g_autoptr (JsonNode) node = NULL;

  append_hex_member (params, "address", filter->contract, ADDRESS_SIZE);
  g_string_append_printf (params,
                          ",\"fromBlock\":\"0x%" G_GINT64_MODIFIER
                          "x\",\"toBlock\":\"0x%" G_GINT64_MODIFIER "x\"",
                          from, to);
  append_topics (params, filter);
  g_string_append (params, "}]");
  node = pt_rpc_call (rpc, "eth_getLogs", params->str, error);
  if (node != NULL && !JSON_NODE_HOLDS_ARRAY (node))
    {
      set_nonsense (error, "eth_getLogs", "it is no array");
      return NULL;
    }
  return g_steal_pointer (&node);
}

/* Endpoints have no common code for "too many": whatever they refuse is asked again in halves,
 * down to one block. */
static gboolean
may_halve (PtRpc *rpc, const GError *error)
{
  return rpc->error_code != 0 || g_error_matches (error, PT_ERROR, PT_ERROR_TOO_LARGE);
}

static gboolean
read_logs (PtRpc *rpc, const LogFilter *filter, guint64 from, guint64 to, PtLogFunc func,
           gpointer user_data, GError **error)
{
  LogCursor cursor = { .contract = filter->contract };
  guint64 span = filter->span_max, head;

  if (!pt_rpc_block_number (rpc, &head, error))
    return FALSE;
  to = MIN (to, head); /* some endpoints refuse a range that ends past their newest block */
  for (gboolean done = from > to; !done;)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (JsonNode) logs = NULL;

      span = MIN (span - 1, to - from) + 1;
      cursor.from = from;
      cursor.to = from + span - 1;
      logs = call_logs (rpc, filter, cursor.from, cursor.to, &local_error);
      if (logs == NULL && span > 1 && may_halve (rpc, local_error))
        {
          span /= 2;
          continue;
        }
      if (logs == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (!visit_logs (json_node_get_array (logs), &cursor, func, user_data, error))
        return FALSE;
      done = cursor.to == to;
      from = cursor.to + 1;
      span = span > filter->span_max / 2 ? filter->span_max : span * 2;
    }
  return TRUE;
}

gboolean
pt_rpc_logs (PtRpc *rpc, const guint8 contract[20], guint64 from, guint64 to, PtLogFunc func,
             gpointer user_data, GError **error)
{
  LogFilter filter = { .contract = contract, .span_max = LOGS_SPAN_MAX };

  g_return_val_if_fail (rpc != NULL && contract != NULL && func != NULL, FALSE);

  return read_logs (rpc, &filter, from, to, func, user_data, error);
}

gboolean
pt_rpc_logs_with (PtRpc *rpc, const guint8 contract[20], const PtHash *topics, guint topic_count,
                  guint64 from, guint64 to, PtLogFunc func, gpointer user_data, GError **error)
{
  LogFilter filter = { contract, topics, topic_count, G_MAXUINT64 };

  g_return_val_if_fail (rpc != NULL && contract != NULL && func != NULL, FALSE);
  g_return_val_if_fail (topics != NULL && topic_count >= 1 && topic_count <= 4, FALSE);

  return read_logs (rpc, &filter, from, to, func, user_data, error);
}
