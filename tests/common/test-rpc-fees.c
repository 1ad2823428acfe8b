/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc.h"

#include "pt-error.h"
#include "pt-scripted-server.h"

/* What is offered for gas, by endpoints that know no tips, that lie about them, or that speak of
 * other things; and receipts that lack what nothing rests on. */

#define GWEI PT_RPC_GWEI
#define REFUSAL(code, message) "\"error\":{\"code\":" #code ",\"message\":\"" message "\"}"
#define TIPS(values) "\"result\":{\"oldestBlock\":\"0x1\",\"reward\":[" values "]}"
#define NO_HISTORY REFUSAL (-32601, "Method not found")
#define TIP(value) "\"result\":\"" value "\""

typedef struct
{
  const char *base, *history, *tip; /* what the endpoint says */
  guint64 max_fee, max_tip;         /* what comes of it; 0: an error */
  int code;
} Case;

/* Base fee 10 gwei; at most 200 and 3. */
static const Case cases[] = {
  /* The median of those that paid something. */
  { "0x2540be400", TIPS ("[\"0x3b9aca00\"],[\"0x0\"],[\"0x77359400\"],[\"0x77359401\"]"), NULL,
    22 * GWEI, 2 * GWEI, 0 },
  /* Nobody paid, or nobody knows: what the endpoint suggests, else a gwei. */
  { "0x2540be400", TIPS ("[\"0x0\"]"), TIP ("0x77359400"), 22 * GWEI, 2 * GWEI, 0 },
  { "0x2540be400", "\"result\":{\"reward\":null}", TIP ("0x77359400"), 22 * GWEI, 2 * GWEI, 0 },
  { "0x2540be400", NO_HISTORY, TIP ("0x77359400"), 22 * GWEI, 2 * GWEI, 0 },
  { "0x2540be400", NO_HISTORY, REFUSAL (-32601, "no"), 21 * GWEI, GWEI, 0 },
  { "0x2540be400", NO_HISTORY, REFUSAL (-32004, "Method not supported"), 21 * GWEI, GWEI, 0 },
  { "0x2540be400", NO_HISTORY, REFUSAL (-32000, "Method eth_maxPriorityFeePerGas not supported."),
    21 * GWEI, GWEI, 0 },
  /* A lie of 10^16 wei costs no more than the bound; a base fee has one too. */
  { "0x2540be400", TIPS ("[\"0x2386f26fc10000\"]"), NULL, 23 * GWEI, 3 * GWEI, 0 },
  { "0x2540be400", NO_HISTORY, TIP ("0x2386f26fc10000"), 23 * GWEI, 3 * GWEI, 0 },
  { "0x2386f26fc10000", TIPS ("[\"0x3b9aca00\"]"), NULL, 200 * GWEI, GWEI, 0 },
  /* Beyond all money, and what is no number. */
  { "0xde0b6b3a7640001", TIPS ("[\"0x1\"]"), NULL, 0, 0, PT_ERROR_RETRY },
  { "0x2540be400", TIPS ("[\"0xde0b6b3a7640001\"]"), NULL, 0, 0, PT_ERROR_RETRY },
  { "0x2540be400", NO_HISTORY, TIP ("0xffffffffffffffff"), 0, 0, PT_ERROR_RETRY },
  { "0x2540be400", NO_HISTORY, TIP ("0x10000000000000000"), 0, 0, PT_ERROR_RETRY },
  { "0x2540be400", TIPS ("[1]"), NULL, 0, 0, PT_ERROR_RETRY },
  { "0x2540be400", TIPS ("[]"), NULL, 0, 0, PT_ERROR_RETRY },
  { "0x2540be400", "\"result\":[]", NULL, 0, 0, PT_ERROR_RETRY },
  { "0x2540be400", REFUSAL (-32000, "no"), NULL, 0, 0, PT_ERROR_OPERATOR },
};

static char *
answer_with (const char *request, const char *member)
{
  const char *id = strstr (request, "\"id\":") + 5;
  g_autofree char *body = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%.*s,%s}",
                                           (int) strspn (id, "0123456789"), id, member);

  return g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\n\r\n%s",
                          strlen (body), body);
}

static char *
answer_fees (const char *request, gpointer user_data)
{
  const Case *c = user_data;
  g_autofree char *block = g_strdup_printf ("\"result\":{\"baseFeePerGas\":\"%s\"}", c->base);

  if (strstr (request, "eth_feeHistory") != NULL)
    return answer_with (request, c->history);
  if (strstr (request, "eth_maxPriorityFeePerGas") == NULL)
    return answer_with (request, block);
  g_assert_nonnull (c->tip); /* not asked when others' tips are known */
  return answer_with (request, c->tip);
}

static void
test_fees (void)
{
  static PtScriptedServer server; /* its threads may outlive the test */
  const PtFeeBounds most = { PT_RPC_MOST_FEE, PT_RPC_MOST_TIP };

  pt_scripted_start (&server);
  server.answer_func = answer_fees;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      g_autoptr (PtRpc) rpc = pt_rpc_new (server.url);
      g_autoptr (GError) error = NULL;
      gboolean done;
      PtFees fees;

      server.answer_data = (gpointer) c;
      done = pt_rpc_fees (rpc, &most, &fees, &error);
      g_test_message ("%s %s: %s", c->base, c->history, error != NULL ? error->message : "well");
      g_assert_cmpuint (fees.max_fee, ==, c->max_fee);
      g_assert_cmpuint (fees.max_priority_fee, ==, c->max_tip);
      g_assert_cmpint (done, ==, c->max_fee != 0);
      if (!done)
        g_assert_error (error, PT_ERROR, c->code);
    }
}

/* Base fee beyond the bound: it is said, so that the caller waits. */
static void
test_dear (void)
{
  static const Case dear
      = { "0x45d964b800", TIPS ("[\"0x3b9aca00\"]"), NULL, 0, 0, 0 }; /* 300 gwei */
  static PtScriptedServer server;
  const PtFeeBounds most = { PT_RPC_MOST_FEE, PT_RPC_MOST_TIP };
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GError) error = NULL;
  PtFees fees;

  pt_scripted_start (&server);
  server.answer_func = answer_fees;
  server.answer_data = (gpointer) &dear;
  rpc = pt_rpc_new (server.url);
  g_assert_true (pt_rpc_fees (rpc, &most, &fees, &error));
  g_assert_cmpuint (fees.base_fee, ==, 300 * GWEI);
  g_assert_cmpuint (fees.max_fee, ==, 200 * GWEI);
}

#define HASH "0x1111111111111111111111111111111111111111111111111111111111111111"
#define RECEIPT                                                                                    \
  "\"result\":{\"transactionHash\":\"" HASH "\",\"status\":\"0x1\",\"blockNumber\":\"0x5\","       \
  "\"blockHash\":\"" HASH "\",\"gasUsed\":\"0x5208\""

static char *
answer_receipt (const char *request, gpointer user_data)
{
  return answer_with (request, user_data);
}

/* The price that was paid is nothing that the log rests on. */
static void
test_receipts (void)
{
  static const char *const receipts[] = {
    RECEIPT "}",
    RECEIPT ",\"effectiveGasPrice\":null,\"contractAddress\":null}",
    RECEIPT ",\"effectiveGasPrice\":\"0x1\"}",
  };
  static PtScriptedServer server;
  PtHash hash;

  memset (&hash, 0x11, sizeof hash);
  pt_scripted_start (&server);
  server.answer_func = answer_receipt;
  for (gsize i = 0; i < G_N_ELEMENTS (receipts); i++)
    {
      g_autoptr (PtRpc) rpc = pt_rpc_new (server.url);
      g_autoptr (GError) error = NULL;
      PtRpcReceipt receipt;

      server.answer_data = (gpointer) receipts[i];
      pt_rpc_receipt (rpc, &hash, &receipt, &error);
      g_assert_no_error (error);
      g_assert_true (receipt.found && receipt.success);
      g_assert_cmpuint (receipt.block, ==, 5);
      g_assert_cmpuint (receipt.gas_used, ==, 21000);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rpc-fees/fees", test_fees);
  g_test_add_func ("/rpc-fees/dear", test_dear);
  g_test_add_func ("/rpc-fees/receipts", test_receipts);
  return g_test_run ();
}
