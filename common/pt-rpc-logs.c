/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-private.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"

#define ADDRESS_SIZE 20
#define LOGS_SPAN_MAX 20000 /* blocks asked for at once */
#define BEHIND_PAUSE_MS 500
#define HALVING_PAUSE_MS 100
#define SPAN_STEPS 8 /* answers in a row after which more blocks are asked for */

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
    if (!pt_rpc_parse_fixed (pt_rpc_node_text (json_array_get_element (topics, i)),
                             log->topics[i].bytes, PT_HASH_SIZE))
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
  if (!pt_rpc_parse_fixed (pt_rpc_member_text (object, "address"), address, sizeof address)
      || memcmp (address, cursor->contract, sizeof address) != 0)
    return FALSE;
  if (!pt_rpc_parse_quantity (pt_rpc_member_text (object, "blockNumber"), &log->block)
      || !pt_rpc_parse_quantity (pt_rpc_member_text (object, "logIndex"), &log_index)
      || log_index > G_MAXUINT || log->block < cursor->from || log->block > cursor->to)
    return FALSE;
  if (cursor->any
      && (log->block < cursor->block
          || (log->block == cursor->block && log_index <= cursor->log_index)))
    return FALSE;
  if (!pt_rpc_parse_fixed (pt_rpc_member_text (object, "transactionHash"), log->transaction.bytes,
                           PT_HASH_SIZE)
      || !read_topics (object, log))
    return FALSE;
  *data = pt_rpc_parse_data (pt_rpc_member_text (object, "data"));
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
visit_logs (PtRpc *rpc, JsonArray *logs, LogCursor *cursor, PtLogFunc func, gpointer user_data,
            GError **error)
{
  for (guint i = 0; i < json_array_get_length (logs); i++)
    {
      g_autoptr (GBytes) data = NULL;
      PtLog log;

      if (!read_log (json_array_get_element (logs, i), cursor, &log, &data))
        return pt_rpc_set_nonsense (
            rpc, error, "eth_getLogs",
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

  pt_rpc_append_hex_member (params, "address", filter->contract, ADDRESS_SIZE);
  g_string_append_printf (params,
                          ",\"fromBlock\":\"0x%" G_GINT64_MODIFIER
                          "x\",\"toBlock\":\"0x%" G_GINT64_MODIFIER "x\"",
                          from, to);
  append_topics (params, filter);
  g_string_append (params, "}]");
  node = pt_rpc_call (rpc, "eth_getLogs", params->str, error);
  if (node != NULL && !JSON_NODE_HOLDS_ARRAY (node))
    {
      pt_rpc_set_nonsense (rpc, error, "eth_getLogs", "it is no array");
      return NULL;
    }
  return g_steal_pointer (&node);
}

/* How many blocks are asked for at once: halved when they are too many, and again more only after
 * some that were not, so that an endpoint with a bound is not asked beyond it at every other step.
 */
typedef struct
{
  guint64 size, most;
  guint taken; /* in a row */
} Span;

static gboolean
span_halve (PtRpc *rpc, Span *span)
{
  if (rpc->fault != PT_RPC_TOO_MUCH || span->size <= 1 || !pt_rpc_pause (rpc, HALVING_PAUSE_MS))
    return FALSE;
  span->size /= 2;
  span->taken = 0;
  return TRUE;
}

static void
span_take (Span *span)
{
  if (++span->taken < SPAN_STEPS)
    return;
  span->size = span->size > span->most / 2 ? span->most : span->size * 2;
  span->taken = 0;
}

/* Some endpoints refuse a range that ends past their newest block, others answer with less. Of many
 * that share an address one may be a little behind: it is waited for as for a busy one. */
static gboolean
find_end (PtRpc *rpc, guint64 *to, GError **error)
{
  guint64 head = 0;
  guint left = rpc->patience;

  for (guint pause = BEHIND_PAUSE_MS;; pause *= 2)
    {
      if (!pt_rpc_block_number (rpc, &head, error))
        return FALSE;
      if (*to == PT_RPC_NEWEST)
        *to = head;
      if (*to <= head)
        return TRUE;
      if (left < pause || !pt_rpc_pause (rpc, pause))
        break;
      left -= pause;
    }
  rpc->fault = PT_RPC_NO_BLOCK;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the chain's endpoint is at block %" G_GUINT64_FORMAT " and does not know block "
               "%" G_GUINT64_FORMAT " yet",
               head, *to);
  return FALSE;
}

static gboolean
read_logs (PtRpc *rpc, const LogFilter *filter, guint64 from, guint64 to, PtLogFunc func,
           gpointer user_data, GError **error)
{
  LogCursor cursor = { .contract = filter->contract };
  Span span = { .size = filter->span_max, .most = filter->span_max };

  if (!find_end (rpc, &to, error))
    return FALSE;
  for (gboolean done = from > to; !done;)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (JsonNode) logs = NULL;

      span.size = MIN (span.size - 1, to - from) + 1;
      cursor.from = from;
      cursor.to = from + span.size - 1;
      logs = call_logs (rpc, filter, cursor.from, cursor.to, &local_error);
      if (logs == NULL && span_halve (rpc, &span))
        continue;
      if (logs == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (!visit_logs (rpc, json_node_get_array (logs), &cursor, func, user_data, error))
        return FALSE;
      done = cursor.to == to;
      from = cursor.to + 1;
      span_take (&span);
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
