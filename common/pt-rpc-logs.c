/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-private.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"

#define ADDRESS_SIZE 20
#define LOGS_SPAN_MAX 20000 /* blocks asked for at once */

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
visit_logs (JsonArray *logs, LogCursor *cursor, PtLogFunc func, gpointer user_data, GError **error)
{
  for (guint i = 0; i < json_array_get_length (logs); i++)
    {
      g_autoptr (GBytes) data = NULL;
      PtLog log;

      if (!read_log (json_array_get_element (logs, i), cursor, &log, &data))
        return pt_rpc_set_nonsense (
            error, "eth_getLogs", "a log is malformed, out of order or not one that was asked for");
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
      pt_rpc_set_nonsense (error, "eth_getLogs", "it is no array");
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
