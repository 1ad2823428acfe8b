/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc.h"

#include <json-glib/json-glib.h>

#include "pt-error.h"
#include "pt-scripted-server.h"

/* What is taken for what when an endpoint does not do as asked, and what is done about it. The
 * messages are those of endpoints that anybody may ask. */

typedef struct
{
  const char *method;
  guint status;
  gint64 code;
  const char *message; /* NULL: the body is no JSON-RPC */
  gboolean data;
  PtRpcFault fault;
} Case;

#define LOGS "eth_getLogs"
#define GAS "eth_estimateGas"
#define TIP "eth_maxPriorityFeePerGas"

static const Case cases[] = {
  /* Asked too fast: no range limit, and nothing for the operator. */
  { LOGS, 429, 0, NULL, FALSE, PT_RPC_BUSY },
  { LOGS, 429, 429, "Too Many Requests", FALSE, PT_RPC_BUSY },
  { LOGS, 429, -32005, "query returned more than 10000 results", FALSE, PT_RPC_BUSY },
  { LOGS, 200, 429, "Too Many Requests", FALSE, PT_RPC_BUSY },
  { LOGS, 200, 429, "limited to a range of 10 blocks", TRUE, PT_RPC_BUSY },
  { LOGS, 200, -32005, "daily request count exceeded, request rate limited", FALSE, PT_RPC_BUSY },
  { LOGS, 200, -32005, "limit exceeded", FALSE, PT_RPC_BUSY },
  { LOGS, 200, -32000, "too many requests", FALSE, PT_RPC_BUSY },
  { LOGS, 200, -32016, "over rate limit", FALSE, PT_RPC_BUSY },
  { GAS, 200, -32000, "rate limit exceeded", FALSE, PT_RPC_BUSY },
  { GAS, 200, -32000, "request limit reached", FALSE, PT_RPC_BUSY },
  { GAS, 200, 429, "Too Many Requests for key ab12cd34", FALSE, PT_RPC_BUSY },
  { GAS, 200, 429,
    "Your app has exceeded its compute units per second capacity. If you have retries enabled, you "
    "can safely ignore this message.",
    FALSE, PT_RPC_BUSY },
  { GAS, 500, 0, NULL, FALSE, PT_RPC_BUSY },
  { GAS, 502, 0, NULL, FALSE, PT_RPC_BUSY },
  { GAS, 503, -32000, "execution reverted", TRUE, PT_RPC_BUSY },
  { GAS, 504, 0, NULL, FALSE, PT_RPC_BUSY },
  { GAS, 522, 0, NULL, FALSE, PT_RPC_BUSY },
  { GAS, 500, -32000, "something", FALSE, PT_RPC_BUSY },
  { GAS, 200, -32603, "Internal error", FALSE, PT_RPC_BUSY },
  { GAS, 200, -32002, "Resource unavailable", FALSE, PT_RPC_BUSY },
  { GAS, 200, -32000, "no backend is currently healthy to serve traffic", FALSE, PT_RPC_BUSY },
  /* Too much asked for: only eth_getLogs. */
  { LOGS, 200, -32005, "query returned more than 10000 results", FALSE, PT_RPC_TOO_MUCH },
  { LOGS, 200, -32602,
    "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and "
    "no limit on the response size",
    FALSE, PT_RPC_TOO_MUCH },
  { LOGS, 200, -32614, "eth_getLogs is limited to a 10,000 range", FALSE, PT_RPC_TOO_MUCH },
  { LOGS, 200, -32600, "block range is too wide", FALSE, PT_RPC_TOO_MUCH },
  { LOGS, 400, -32602, "exceed maximum block range: 5000", FALSE, PT_RPC_TOO_MUCH },
  { LOGS, 200, -32000, "query exceeds max results 20000, retry with the range 1-5", FALSE,
    PT_RPC_TOO_MUCH },
  { LOGS, 200, -32000, "requested too many blocks from 0 to 16777216, maximum is set to 2048",
    FALSE, PT_RPC_TOO_MUCH },
  { LOGS, 200, -32000, "query timeout exceeded", FALSE, PT_RPC_TOO_MUCH },
  { LOGS, 413, 0, NULL, FALSE, PT_RPC_TOO_MUCH },
  { GAS, 200, -32005, "query returned more than 10000 results", FALSE, PT_RPC_BUSY },
  { LOGS, 200, -32000, "block range extends beyond current head block", FALSE, PT_RPC_NO_BLOCK },
  { LOGS, 200, -32602, "invalid argument 0: hex string without 0x prefix", FALSE, PT_RPC_REFUSED },
  /* No such method, in the ways of hardhat, ganache and others. */
  { TIP, 200, -32601, "the method eth_x does not exist/is not available", FALSE,
    PT_RPC_UNSUPPORTED },
  { TIP, 200, -32004, "Method not supported", FALSE, PT_RPC_UNSUPPORTED },
  { TIP, 200, -32000, "Method eth_maxPriorityFeePerGas not supported.", FALSE, PT_RPC_UNSUPPORTED },
  { TIP, 404, -32601, "Method not found", FALSE, PT_RPC_UNSUPPORTED },
  { TIP, 200, -32600, "Unsupported method: eth_x on ETH_MAINNET", FALSE, PT_RPC_UNSUPPORTED },
  /* A contract's refusal. */
  { GAS, 200, 3, "execution reverted", TRUE, PT_RPC_REVERTED },
  { GAS, 200, 3, "execution reverted", FALSE, PT_RPC_REVERTED },
  { GAS, 500, -32603, "Error: VM Exception while processing transaction", TRUE, PT_RPC_REVERTED },
  { GAS, 200, -32015, "VM execution error", TRUE, PT_RPC_REVERTED },
  { GAS, 200, -32000, "execution reverted", FALSE, PT_RPC_REVERTED },
  /* The rest. */
  { GAS, 200, -32000, "insufficient funds for gas * price + value", FALSE, PT_RPC_NO_FUNDS },
  { GAS, 200, -32000, "gas required exceeds allowance (30000000)", FALSE, PT_RPC_REFUSED },
  { GAS, 200, -32000, "max initcode size exceeded", FALSE, PT_RPC_REFUSED },
  { "eth_sendRawTransaction", 200, -32000, "nonce too low: next nonce 5, tx nonce 4", FALSE,
    PT_RPC_OLD_NONCE },
  { "eth_sendRawTransaction", 200, -32000, "replacement transaction underpriced", FALSE,
    PT_RPC_LOW_FEE },
  { "eth_sendRawTransaction", 200, -32000, "already known", FALSE, PT_RPC_KNOWN },
  { "eth_sendRawTransaction", 200, -32010, "Known transaction", FALSE, PT_RPC_KNOWN },
  { "eth_call", 200, -32000, "missing trie node 5a1f", FALSE, PT_RPC_NO_STATE },
  { "eth_call", 200, -32000, "header not found", FALSE, PT_RPC_NO_BLOCK },
  { GAS, 401, 0, NULL, FALSE, PT_RPC_DENIED },
  { GAS, 403, -32000, "key ab12cd34 is not allowed", FALSE, PT_RPC_DENIED },
  { GAS, 404, 0, NULL, FALSE, PT_RPC_DENIED },
  { GAS, 200, 0, NULL, FALSE, PT_RPC_NONSENSE },
};

static void
test_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      PtRpcFault fault = pt_rpc_fault_of (c->method, c->status, c->code, c->message, c->data);

      if (fault != c->fault)
        g_error ("%s, %u, %" G_GINT64_FORMAT ", %s: %s, not %s", c->method, c->status, c->code,
                 c->message, pt_rpc_fault_words (fault), pt_rpc_fault_words (c->fault));
    }
}

static void
test_codes (void)
{
  g_assert_cmpint (pt_rpc_fault_code (PT_RPC_BUSY), ==, PT_ERROR_RETRY);
  g_assert_cmpint (pt_rpc_fault_code (PT_RPC_UNREACHABLE), ==, PT_ERROR_RETRY);
  g_assert_cmpint (pt_rpc_fault_code (PT_RPC_NONSENSE), ==, PT_ERROR_RETRY);
  g_assert_cmpint (pt_rpc_fault_code (PT_RPC_TOO_MUCH), ==, PT_ERROR_TOO_LARGE);
  g_assert_cmpint (pt_rpc_fault_code (PT_RPC_REVERTED), ==, PT_ERROR_OPERATOR);
  g_assert_cmpint (pt_rpc_fault_code (PT_RPC_NO_FUNDS), ==, PT_ERROR_OPERATOR);
  g_assert_cmpint (pt_rpc_fault_code (PT_RPC_DENIED), ==, PT_ERROR_OPERATOR);
}

/* An endpoint that refuses a while, and then answers. */
typedef struct
{
  const char *method;  /* that it refuses, else all */
  const char *status;  /* of the refusal */
  const char *refusal; /* member "error" */
  guint times;         /* how often it refuses; one that is bounded: always beyond @most */
  guint64 most;        /* blocks of eth_getLogs that it takes; 0: any */
  guint asked;
  GArray *times_asked; /* monotonic us */
} Endpoint;

static guint64
number_of (const char *request, const char *name)
{
  const char *at = strstr (request, name);

  g_assert_nonnull (at);
  return g_ascii_strtoull (at + strlen (name) + strlen ("\":\"0x"), NULL, 16);
}

static char *
answer (const char *request, gpointer user_data)
{
  Endpoint *endpoint = user_data;
  const char *id = strstr (request, "\"id\":") + 5;
  gboolean is_logs = strstr (request, LOGS) != NULL;
  gboolean refuses = endpoint->method == NULL || strstr (request, endpoint->method) != NULL;
  gint64 now = g_get_monotonic_time ();
  g_autofree char *body = NULL;

  if (refuses)
    {
      g_array_append_val (endpoint->times_asked, now);
      endpoint->asked++;
    }
  if (is_logs && endpoint->most > 0)
    refuses = number_of (request, "toBlock") - number_of (request, "fromBlock") >= endpoint->most;
  else if (refuses && endpoint->times > 0)
    endpoint->times--;
  else
    refuses = FALSE;
  body = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%.*s,%s}", (int) strspn (id, "0123456789"),
                          id,
                          refuses   ? endpoint->refusal
                          : is_logs ? "\"result\":[]"
                                    : "\"result\":\"0x3e7\"");
  return g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\n\r\n%s",
                          refuses ? endpoint->status : "200 OK", strlen (body), body);
}

static PtRpc *
ask (PtScriptedServer *server, Endpoint *endpoint)
{
  pt_scripted_start (server);
  endpoint->times_asked = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (endpoint->status == NULL)
    endpoint->status = "200 OK";
  server->answer_func = answer;
  server->answer_data = endpoint;
  return pt_rpc_new (server->url);
}

static const char *const busy[] = {
  "\"error\":{\"code\":429,\"message\":\"Too Many Requests\"}",
  "\"error\":{\"code\":-32005,\"message\":\"limit exceeded\"}",
  "\"error\":{\"code\":-32000,\"message\":\"too many requests\"}",
};

/* The same question again, each time later, and then its answer. */
static void
test_busy (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (busy); i++)
    {
      static PtScriptedServer servers[G_N_ELEMENTS (busy)]; /* its threads may outlive the test */
      static Endpoint endpoints[G_N_ELEMENTS (busy)];
      Endpoint *endpoint = &endpoints[i];
      g_autoptr (PtRpc) rpc = NULL;
      g_autoptr (GError) error = NULL;
      gint64 *times;
      guint64 number;

      *endpoint = (Endpoint){ .refusal = busy[i], .times = 2 };
      endpoint->status = i == 0 ? "429 Too Many Requests" : "200 OK";
      rpc = ask (&servers[i], endpoint);
      g_assert_true (pt_rpc_block_number (rpc, &number, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (number, ==, 999);
      g_assert_cmpuint (endpoint->asked, ==, 3);
      g_assert_cmpint (pt_rpc_fault (rpc), ==, PT_RPC_FINE);
      times = (gint64 *) (gpointer) endpoint->times_asked->data;
      g_assert_cmpint (times[1] - times[0], >=, 200 * G_TIME_SPAN_MILLISECOND);
      g_assert_cmpint (times[2] - times[1], >=, 400 * G_TIME_SPAN_MILLISECOND);
    }
}

/* One that stays busy is an error that goes away by itself, and not before the deadline either. */
static void
test_patience (void)
{
  static PtScriptedServer server;
  static Endpoint endpoint;
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GError) error = NULL, late = NULL;
  guint64 number;

  endpoint = (Endpoint){ .refusal = busy[0], .times = 1000 };
  rpc = ask (&server, &endpoint);
  pt_rpc_set_patience (rpc, 1000);
  g_assert_false (pt_rpc_block_number (rpc, &number, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpint (pt_rpc_fault (rpc), ==, PT_RPC_BUSY);
  g_assert_cmpuint (endpoint.asked, ==, 3);
  endpoint.asked = 0;
  pt_rpc_set_patience (rpc, 60000);
  pt_rpc_set_deadline (rpc, g_get_monotonic_time () + 600 * G_TIME_SPAN_MILLISECOND);
  g_assert_false (pt_rpc_block_number (rpc, &number, &late));
  g_assert_error (late, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpuint (endpoint.asked, <=, 2); /* the third question would have been too late */
}

static gboolean
no_log (const PtLog *log, gpointer user_data, GError **error)
{
  g_assert_not_reached ();
}

static const guint8 contract[20] = { 1 };

/* A busy endpoint is asked for the same blocks again, not for half of them. */
static void
test_busy_logs (void)
{
  static PtScriptedServer server;
  static Endpoint endpoint;
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GError) error = NULL;

  endpoint = (Endpoint){ .method = LOGS, .refusal = busy[1], .times = 2 };
  rpc = ask (&server, &endpoint);
  g_assert_true (pt_rpc_logs (rpc, contract, 0, PT_RPC_NEWEST, no_log, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (endpoint.asked, ==, 3);
}

/* 1,000 blocks by an endpoint that takes 100 at once: 1000, 500, 250, 125, then 62 at a time, more
 * after eight of them; each halving after a pause. */
static void
test_range (void)
{
  static PtScriptedServer server;
  static Endpoint endpoint;
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GError) error = NULL;
  gint64 *times;

  endpoint = (Endpoint){ .method = LOGS,
                         .refusal = "\"error\":{\"code\":-32600,\"message\":\"block range is too "
                                    "wide\"}",
                         .most = 100 };
  rpc = ask (&server, &endpoint);
  g_assert_true (pt_rpc_logs (rpc, contract, 0, PT_RPC_NEWEST, no_log, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (endpoint.asked, >=, 4 + 17);
  g_assert_cmpuint (endpoint.asked, <=, 4 + 17 + 2);
  times = (gint64 *) (gpointer) endpoint.times_asked->data;
  for (guint i = 1; i <= 4; i++)
    g_assert_cmpint (times[i] - times[i - 1], >=, 90 * G_TIME_SPAN_MILLISECOND);
}

static guint logged; /* messages with the key */

static GLogWriterOutput
count_logged (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
  for (gsize i = 0; i < count; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0
        && strstr ((const char *) fields[i].value, "key ab12cd34 is blocked") != NULL)
      logged++;
  return g_log_writer_standard_streams (level, fields, count, user_data);
}

/* What an endpoint says may have the key of whoever pays it: it goes to the log alone. */
static void
test_words (void)
{
  static PtScriptedServer server;
  static Endpoint endpoint;
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GError) error = NULL, candid = NULL;
  guint64 number;

  endpoint = (Endpoint){ .status = "403 Forbidden",
                         .refusal
                         = "\"error\":{\"code\":-32000,\"message\":\"key ab12cd34 is blocked\"}",
                         .times = 1000 };
  rpc = ask (&server, &endpoint);
  logged = 0;
  for (guint i = 0; i < 2; i++) /* logged once */
    {
      g_clear_error (&error);
      g_assert_false (pt_rpc_chain_id (rpc, &number, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
      g_assert_null (strstr (error->message, "ab12cd34"));
      g_assert_nonnull (strstr (error->message, "403"));
      g_assert_cmpstr (pt_rpc_words (rpc), ==, "key ab12cd34 is blocked");
    }
  g_assert_cmpuint (logged, ==, 1);
  pt_rpc_set_candid (rpc, TRUE);
  g_assert_false (pt_rpc_chain_id (rpc, &number, &candid));
  g_assert_nonnull (strstr (candid->message, "key ab12cd34 is blocked"));
}

/* Hints that a status is there in spite of a body that looks well. */
static void
test_status_with_result (void)
{
  static PtScriptedServer server;
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GError) error = NULL;
  guint64 number;

  pt_scripted_start (&server);
  pt_scripted_set_body (&server, "502 Bad Gateway", "application/json",
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}");
  rpc = pt_rpc_new (server.url);
  pt_rpc_set_patience (rpc, 0);
  g_assert_false (pt_rpc_chain_id (rpc, &number, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpint (pt_rpc_fault (rpc), ==, PT_RPC_BUSY);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_logged, NULL, NULL);
  g_test_add_func ("/rpc-fault/cases", test_cases);
  g_test_add_func ("/rpc-fault/codes", test_codes);
  g_test_add_func ("/rpc-fault/busy", test_busy);
  g_test_add_func ("/rpc-fault/patience", test_patience);
  g_test_add_func ("/rpc-fault/busy-logs", test_busy_logs);
  g_test_add_func ("/rpc-fault/range", test_range);
  g_test_add_func ("/rpc-fault/words", test_words);
  g_test_add_func ("/rpc-fault/status-with-result", test_status_with_result);
  return g_test_run ();
}
