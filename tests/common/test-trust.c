/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-trust.h"

#include "pt-abi.h"
#include "pt-anvil.h"
#include "pt-contract-bytecode.h"
#include "pt-ethereum-key.h"
#include "pt-rpc.h"
#include "pt-scripted-server.h"

/* Endpoints that are dead, slow, of another chain or without the contract; then a real one. */

#define PERMUTE pt_keccak_permutation_nettle
#define CONTRACT "0x00112233445566778899aabbccddeeff00112233"
#define ROOT "aa11111111111111111111111111111111111111111111111111111111111111"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* An endpoint whose answers (JSON of "result") are chosen by method; NULL: it refuses. */
typedef struct
{
  GSocketService *service;
  char *url;
  const char *chain, *code, *root;
  char *logs;
  GMutex lock;
} Endpoint;

static const char *
endpoint_answer (Endpoint *endpoint, const char *request)
{
  if (strstr (request, "eth_chainId") != NULL)
    return endpoint->chain;
  if (strstr (request, "eth_getCode") != NULL)
    return endpoint->code;
  if (strstr (request, "eth_call") != NULL)
    return endpoint->root;
  if (strstr (request, "eth_blockNumber") != NULL)
    return "\"0x1f4\"";
  if (strstr (request, "eth_getBlockByNumber") != NULL)
    return "{\"number\":\"0x1f4\",\"timestamp\":\"0x1\",\"hash\":\"0x" ROOT "\"}";
  return strstr (request, "eth_getLogs") != NULL ? endpoint->logs : NULL;
}

static gboolean
endpoint_run (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
              gpointer data)
{
  Endpoint *endpoint = data;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autoptr (GString) request = g_string_new (NULL);

  while (pt_scripted_read (input, request))
    {
      const char *id = strstr (request->str, "\"id\":");
      const char *result = endpoint_answer (endpoint, request->str);
      g_autofree char *body = NULL, *answer = NULL;

      g_assert_nonnull (id);
      body = result != NULL
                 ? g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":%s}", atoi (id + 5),
                                    result)
                 : g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%d,\"error\":{\"code\":-32601,"
                                    "\"message\":\"not here\"}}",
                                    atoi (id + 5));
      answer = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                "Content-Length: %zu\r\n\r\n%s",
                                strlen (body), body);
      if (!g_output_stream_write_all (output, answer, strlen (answer), NULL, NULL, NULL))
        break;
    }
  return TRUE;
}

/* Events' topics: the event, the area; then the data of two keys and an address. */
static char *
registered_log (const char *area)
{
  guint8 word[32];
  PtHash topic;
  GString *data = g_string_new ("[{\"address\":\"" CONTRACT "\",\"topics\":[\"0x");

  pt_abi_area_registered_topic (PERMUTE, &topic);
  pt_abi_area (area, word);
  for (guint i = 0; i < 32; i++)
    g_string_append_printf (data, "%02x", topic.bytes[i]);
  g_string_append (data, "\",\"0x");
  for (guint i = 0; i < 32; i++)
    g_string_append_printf (data, "%02x", word[i]);
  g_string_append_printf (data, "\"],\"data\":\"0x%064x%064x%064x", 0x60, 0xe0, 7);
  for (guint key = 0; key < 2; key++)
    {
      g_string_append_printf (data, "%064x04", 65);
      for (guint i = 0; i < 64; i++)
        g_string_append_printf (data, "%02x", key == 0 ? 0xaa : 0xbb);
      for (guint i = 0; i < 31; i++)
        g_string_append (data, "00");
    }
  g_string_append (data,
                   "\",\"blockNumber\":\"0x5\",\"logIndex\":\"0x0\",\"transactionHash\":\"0x" ROOT
                   "\",\"removed\":false}]");
  return g_string_free (data, FALSE);
}

static void
endpoint_start (Endpoint *endpoint)
{
  g_autoptr (GError) error = NULL;
  guint16 port;
  PtScriptedServer loop;

  pt_scripted_start (&loop); /* its thread accepts for us too */
  g_free (loop.url);
  memset (endpoint, 0, sizeof *endpoint);
  endpoint->service = g_threaded_socket_service_new (4);
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (endpoint->service), NULL, &error);
  g_assert_no_error (error);
  endpoint->url = g_strdup_printf ("http://127.0.0.1:%u", port);
  g_signal_connect (endpoint->service, "run", G_CALLBACK (endpoint_run), endpoint);
  endpoint->chain = "\"0x7a69\"";
  endpoint->code = "\"0x6001\"";
  endpoint->root = "\"0x" ROOT "\"";
  endpoint->logs = registered_log ("demo-east");
}

static void
endpoint_stop (Endpoint *endpoint)
{
  g_socket_service_stop (G_SOCKET_SERVICE (endpoint->service));
  g_socket_listener_close (G_SOCKET_LISTENER (endpoint->service));
  g_object_unref (endpoint->service);
  g_free (endpoint->url);
}

static PtTrust *
ask (Endpoint *endpoint)
{
  return pt_trust_read (endpoint->url, 31337, CONTRACT, 0, "demo-east", 2);
}

static void
assert_failed (PtTrust *trust, const char *words)
{
  g_autoptr (PtTrust) owned = trust;

  g_assert_nonnull (owned->failure);
  g_test_message ("%s", owned->failure);
  if (strstr (owned->failure, words) == NULL)
    g_error ("“%s” does not say “%s”", owned->failure, words);
  g_assert_false (owned->has_root);
  g_assert_false (owned->has_keys);
}

static void
test_answers (void)
{
  Endpoint endpoint;
  g_autoptr (PtTrust) trust = NULL, zero = NULL, no_logs = NULL, no_area = NULL;
  g_autofree char *logs = NULL;

  endpoint_start (&endpoint);
  logs = endpoint.logs;
  trust = ask (&endpoint);
  g_assert_cmpstr (trust->failure, ==, NULL);
  g_assert_cmpstr (trust->keys_failure, ==, NULL);
  g_assert_true (trust->has_root);
  g_assert_cmpuint (trust->root.bytes[0], ==, 0xaa);
  g_assert_cmpuint (trust->block, ==, 500);
  g_assert_true (trust->has_keys);
  g_assert_cmpuint (trust->authority_key[64], ==, 0xaa);
  g_assert_cmpuint (trust->service_key[1], ==, 0xbb);

  endpoint.root = "\"0x" ZEROS "\"";
  zero = ask (&endpoint);
  g_assert_true (zero->has_root);
  g_assert_cmpuint (zero->root.bytes[0], ==, 0);

  endpoint.logs = NULL;
  no_logs = ask (&endpoint);
  g_assert_cmpstr (no_logs->failure, ==, NULL);
  g_assert_true (no_logs->has_root);
  g_assert_false (no_logs->has_keys);
  g_assert_nonnull (no_logs->keys_failure);

  endpoint.logs = (char *) "[]";
  no_area = ask (&endpoint);
  g_assert_nonnull (strstr (no_area->keys_failure, "demo-east"));
  g_assert_false (no_area->has_keys);
  endpoint_stop (&endpoint);
}

static void
test_refused (void)
{
  Endpoint endpoint;

  endpoint_start (&endpoint);
  endpoint.chain = "\"0x1\"";
  assert_failed (ask (&endpoint), "chain 1");
  endpoint.chain = NULL;
  assert_failed (ask (&endpoint), "not here");
  endpoint.chain = "\"0x7a69\"";
  endpoint.code = "\"0x\"";
  assert_failed (ask (&endpoint), "no contract");
  endpoint.code = "\"0x6001\"";
  endpoint.root = "\"0x1234\"";
  assert_failed (ask (&endpoint), "another kind");
  endpoint.root = "{}";
  assert_failed (ask (&endpoint), "nonsense");
  assert_failed (pt_trust_read (endpoint.url, 31337, "0x12", 0, "demo-east", 2), "no contract's");
  assert_failed (pt_trust_read (endpoint.url, 31337, NULL, 0, "demo-east", 2), "no contract's");
  assert_failed (pt_trust_read (endpoint.url, 31337, CONTRACT, 0, "Demo/East", 2), "no name");
  assert_failed (pt_trust_read ("file:///etc/passwd", 31337, CONTRACT, 0, "demo-east", 2), "file");
  g_free (endpoint.logs);
  endpoint_stop (&endpoint);
}

static void
test_dead (void)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", pt_test_free_port ());

  assert_failed (pt_trust_read (url, 31337, CONTRACT, 0, "demo-east", 2), url);
}

static void
test_slow (void)
{
  gint64 start = g_get_monotonic_time ();
  PtScriptedServer server;

  pt_scripted_start (&server);
  pt_scripted_set (&server, "");
  server.stall = TRUE;
  assert_failed (pt_trust_read (server.url, 31337, CONTRACT, 0, "demo-east", 2), server.url);
  /* Without a deadline it would be the client's 30 s. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 30 * G_TIME_SPAN_SECOND);
  g_free (server.url);
}

/* A real chain */

static guint8 deployed[20];

static gboolean
has_receipt (PtRpc *rpc, const PtHash *hash, PtRpcReceipt *receipt)
{
  g_autoptr (GError) error = NULL;

  pt_rpc_receipt (rpc, hash, receipt, &error);
  g_assert_no_error (error);
  return receipt->found;
}

static void
transact (PtRpc *rpc, const PtEthereumSigner *signer, const guint8 *to, gconstpointer data,
          gsize size)
{
  PtTransaction transaction = { .chain_id = PT_ANVIL_CHAIN_ID,
                                .gas_limit = 8000000,
                                .create = to == NULL,
                                .data = data,
                                .data_size = size };
  g_autofree guint8 *raw = g_malloc (size + 256);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  PtRpcReceipt receipt = { 0 };
  PtFees fees;
  size_t raw_size;
  PtHash hash;

  if (to != NULL)
    memcpy (transaction.to, to, 20);
  pt_rpc_nonce (rpc, signer->address, TRUE, &transaction.nonce, &error);
  g_assert_no_error (error);
  pt_rpc_fees (rpc, &(PtFeeBounds){ 0 }, &fees, &error);
  g_assert_no_error (error);
  transaction.max_fee = fees.max_fee;
  transaction.max_priority_fee = fees.max_priority_fee;
  g_assert_cmpint (
      pt_transaction_sign (&transaction, PERMUTE, signer, raw, size + 256, &raw_size, &hash), ==,
      PT_OK);
  bytes = g_bytes_new (raw, raw_size);
  pt_rpc_send_raw (rpc, bytes, &error);
  g_assert_no_error (error);
  PT_TEST_POLL (has_receipt (rpc, &hash, &receipt));
  g_assert_true (receipt.success);
  if (to == NULL)
    memcpy (deployed, receipt.contract, sizeof deployed);
}

static void
register_and_anchor (PtRpc *rpc, const PtEthereumSigner *signer, PtCheckpoint *checkpoint)
{
  guint8 authority[PT_PUBLIC_KEY_SIZE] = { 4, 0xaa }, service[PT_PUBLIC_KEY_SIZE] = { 4, 0xbb };
  guint8 call[2048];
  size_t size;

  transact (rpc, signer, NULL, pt_contract_bytecode, sizeof pt_contract_bytecode);
  g_assert_cmpint (pt_abi_register_area (PERMUTE, "demo-east", authority, service, signer->address,
                                         call, sizeof call, &size),
                   ==, PT_OK);
  transact (rpc, signer, deployed, call, size);
  *checkpoint = (PtCheckpoint){ .area = "demo-east",
                                .batch = 1,
                                .size = 7,
                                .from = G_GUINT64_CONSTANT (1700000000000),
                                .to = G_GUINT64_CONSTANT (1700000001000) };
  memset (checkpoint->root.bytes, 0x5a, PT_HASH_SIZE);
  pt_cid_make (PT_CODEC_RAW, &checkpoint->root, &checkpoint->cid);
  g_assert_cmpint (pt_abi_anchor (PERMUTE, checkpoint, 1, call, sizeof call, &size), ==, PT_OK);
  transact (rpc, signer, deployed, call, size);
}

static void
test_anvil (void)
{
  g_autoptr (PtTrust) trust = NULL, later = NULL, nowhere = NULL;
  g_autoptr (PtRpc) rpc = NULL;
  PtEthereumSigner *signer = pt_ethereum_signer_new (pt_anvil_scalar);
  PtCheckpoint checkpoint;
  char contract[43];
  PtAnvil anvil;

  pt_anvil_start (&anvil);
  rpc = pt_rpc_new (anvil.url);
  register_and_anchor (rpc, signer, &checkpoint);
  pt_address_to_text (PERMUTE, deployed, contract);
  trust = pt_trust_read (anvil.url, PT_ANVIL_CHAIN_ID, contract, 0, "demo-east", 1);
  g_assert_cmpstr (trust->failure, ==, NULL);
  g_assert_true (trust->has_root);
  g_assert_cmpmem (trust->root.bytes, PT_HASH_SIZE, checkpoint.root.bytes, PT_HASH_SIZE);
  g_assert_true (trust->has_anchored);
  g_assert_cmpuint (trust->anchored.checkpoint.size, ==, checkpoint.size);
  g_assert_true (pt_cid_equal (&trust->anchored.checkpoint.cid, &checkpoint.cid));
  g_assert_cmpuint (trust->anchored.block, ==, 3);
  g_assert_false (trust->has_previous);
  g_assert_cmpstr (trust->keys_failure, ==, NULL);
  g_assert_true (trust->has_keys);
  g_assert_cmpuint (trust->authority_key[1], ==, 0xaa);
  g_assert_cmpuint (trust->block, ==, 3);
  pt_trust_free (trust);
  /* Where the events begin is only said: one that is too late costs a question, not the answer. */
  trust = pt_trust_read (anvil.url, PT_ANVIL_CHAIN_ID, contract, 3, "demo-east", 1);
  g_assert_true (trust->has_keys);
  pt_trust_free (trust);
  trust = pt_trust_read (anvil.url, PT_ANVIL_CHAIN_ID, contract, G_MAXINT64, "demo-east", 1);
  g_assert_true (trust->has_keys);
  later = pt_trust_read (anvil.url, PT_ANVIL_CHAIN_ID, contract, 0, "demo-east", 2);
  g_assert_true (later->has_root);
  g_assert_cmpuint (later->root.bytes[7], ==, 0);
  g_assert_true (later->has_previous);
  g_assert_cmpmem (later->previous_root.bytes, PT_HASH_SIZE, checkpoint.root.bytes, PT_HASH_SIZE);
  g_assert_false (later->has_anchored);
  nowhere = pt_trust_read (anvil.url, PT_ANVIL_CHAIN_ID, CONTRACT, 0, "demo-east", 1);
  g_assert_nonnull (strstr (nowhere->failure, "no contract"));
  pt_ethereum_signer_free (signer);
  pt_anvil_stop (&anvil);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trust/answers", test_answers);
  g_test_add_func ("/trust/refused", test_refused);
  g_test_add_func ("/trust/dead", test_dead);
  g_test_add_func ("/trust/slow", test_slow);
  g_test_add_func ("/trust/anvil", test_anvil);
  return g_test_run ();
}
