/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests of the submitter: anvil with the contract, a proxy before it that can lose requests and
 * answers, a store in memory and a block store. */

#include <libsoup/soup.h>

#include "common/pt-anvil.h"
#include "pt-abi.h"
#include "pt-anchor-call.h"
#include "pt-block-store.h"
#include "pt-contract-bytecode.h"
#include "pt-ethereum-key.h"
#include "pt-memory-store.h"
#include "pt-store-views.h"
#include "pt-rpc.h"
#include "pt-submitter.h"

typedef enum
{
  PT_PROXY_PASS,
  PT_PROXY_LOSE_REQUEST, /* the chain never hears of it */
  PT_PROXY_LOSE_ANSWER,  /* the chain does it, the caller does not hear */
  PT_PROXY_TOO_MANY      /* refuses as asked too often, with a key in its words */
} PtProxyFault;

typedef struct
{
  char *target, *url;
  SoupServer *server;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GMutex lock;
  const char *method; /* the fault's; NULL: any */
  PtProxyFault fault;
  guint times;
  const char *lies[2][2]; /* methods, and the member that is answered instead of the chain's; in it
                             $1 is the first hash of the request */
  guint sends;            /* eth_sendRawTransaction that reached the chain */
  guint receipts;         /* eth_getTransactionReceipt that did */
} PtProxy;

typedef struct
{
  PtAnvil anvil;
  PtRpc *rpc;
  PtEthereumSigner *signer;
  guint8 contract[20];
  PtProxy proxy;
  char *directory;
  PtBlockStore *blocks;
  PtStore *store;
  PtHealth *health;
  PtNews *news;
  PtHold *hold;
  PtLooker *looker;
  const char *twist; /* in what is sealed from now on; NULL: none */
  PtSubmitterConfig config;
} PtChainFixture;

/* The proxy */

static inline PtProxyFault
pt_proxy_take_fault (PtProxy *proxy, const char *body)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&proxy->lock);
  if (proxy->times == 0 || (proxy->method != NULL && strstr (body, proxy->method) == NULL))
    return PT_PROXY_PASS;
  proxy->times--;
  return proxy->fault;
}

static inline char *
pt_proxy_lie (const char *request, const char *member)
{
  const char *place = strstr (member, "$1"), *hash = strstr (request, "\"0x");
  if (place == NULL || hash == NULL)
    return g_strdup (member);
  return g_strdup_printf ("%.*s%.66s%s", (int) (place - member), member, hash + 1, place + 2);
}

static inline void
pt_proxy_answer (SoupServerMessage *message, const char *request, const char *member)
{
  const char *id = strstr (request, "\"id\":") + 5;
  char *body = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%.*s,%s}",
                                (int) strspn (id, "0123456789"), id, member);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_TAKE, body,
                                    strlen (body));
}

static inline void
pt_proxy_handle (SoupServer *server, SoupServerMessage *message, const char *path,
                 GHashTable *query, gpointer user_data)
{
  PtProxy *proxy = user_data;
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) forward = soup_message_new ("POST", proxy->target);
  g_autoptr (GBytes) body
      = soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  PtProxyFault fault = pt_proxy_take_fault (proxy, text);
  g_autoptr (GBytes) answer = NULL;
  if (fault == PT_PROXY_TOO_MANY)
    {
      pt_proxy_answer (message, text,
                       "\"error\":{\"code\":429,\"message\":\"Too Many Requests for key "
                       "ab12cd34\"}");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (proxy->lies); i++)
    if (proxy->lies[i][0] != NULL && strstr (text, proxy->lies[i][0]) != NULL)
      {
        g_autofree char *member = pt_proxy_lie (text, proxy->lies[i][1]);
        pt_proxy_answer (message, text, member);
        return;
      }
  if (fault != PT_PROXY_LOSE_REQUEST)
    {
      soup_message_set_request_body_from_bytes (forward, "application/json", body);
      answer = soup_session_send_and_read (session, forward, NULL, NULL);
      g_mutex_lock (&proxy->lock);
      proxy->sends += strstr (text, "eth_sendRawTransaction") != NULL;
      proxy->receipts += strstr (text, "eth_getTransactionReceipt") != NULL;
      g_mutex_unlock (&proxy->lock);
    }
  if (answer == NULL || fault != PT_PROXY_PASS)
    {
      soup_server_message_set_status (message, SOUP_STATUS_BAD_GATEWAY, NULL);
      return;
    }
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY,
                                    g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));
}

static inline gpointer
pt_proxy_main (gpointer data)
{
  PtProxy *proxy = data;
  g_autoptr (GError) error = NULL;
  g_main_context_push_thread_default (proxy->context);
  proxy->server = g_object_new (SOUP_TYPE_SERVER, NULL);
  soup_server_add_handler (proxy->server, NULL, pt_proxy_handle, proxy, NULL);
  soup_server_listen_local (proxy->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  GSList *uris = soup_server_get_uris (proxy->server);
  g_mutex_lock (&proxy->lock);
  proxy->url = g_uri_to_string (uris->data);
  g_mutex_unlock (&proxy->lock);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (proxy->loop);
  g_clear_object (&proxy->server);
  g_main_context_pop_thread_default (proxy->context);
  return NULL;
}

static inline void
pt_proxy_start (PtProxy *proxy, const char *target)
{
  proxy->target = g_strdup (target);
  g_mutex_init (&proxy->lock);
  proxy->context = g_main_context_new ();
  proxy->loop = g_main_loop_new (proxy->context, FALSE);
  proxy->thread = g_thread_new ("proxy", pt_proxy_main, proxy);
  for (gboolean up = FALSE; !up; g_usleep (1000))
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&proxy->lock);
      up = proxy->url != NULL;
    }
}

static inline gboolean
pt_proxy_quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static inline void
pt_proxy_stop (PtProxy *proxy)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_callback (source, pt_proxy_quit, proxy->loop, NULL);
  g_source_attach (source, proxy->context);
  g_thread_join (proxy->thread);
  g_main_loop_unref (proxy->loop);
  g_main_context_unref (proxy->context);
  g_mutex_clear (&proxy->lock);
  g_free (proxy->url);
  g_free (proxy->target);
}

/* The next @times requests of @method (NULL: any) fail so. */
static inline void
pt_proxy_fail (PtProxy *proxy, const char *method, PtProxyFault fault, guint times)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&proxy->lock);
  proxy->method = method;
  proxy->fault = fault;
  proxy->times = times;
}

/* The chain */

static inline void
pt_chain_call (PtChainFixture *fixture, const char *method, const char *params)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = pt_rpc_call (fixture->rpc, method, params, &error);
  g_assert_no_error (error);
}

/* Sends a transaction of the fixture's account; @to NULL: creation. @nonce NULL: the next. */
static inline PtHash
pt_chain_send (PtChainFixture *fixture, const guint8 *to, const void *data, gsize size,
               const guint64 *nonce)
{
  g_autoptr (GError) error = NULL;
  PtTransaction transaction = { .chain_id = PT_ANVIL_CHAIN_ID,
                                .gas_limit = 8000000,
                                .create = to == NULL,
                                .data = data,
                                .data_size = size };
  PtFees fees;
  if (to != NULL)
    memcpy (transaction.to, to, 20);
  pt_rpc_fees (fixture->rpc, &(PtFeeBounds){ 0 }, &fees, &error);
  g_assert_no_error (error);
  transaction.max_fee = fees.max_fee;
  transaction.max_priority_fee = fees.max_priority_fee;
  pt_rpc_nonce (fixture->rpc, fixture->signer->address, TRUE, &transaction.nonce, &error);
  g_assert_no_error (error);
  if (nonce != NULL)
    transaction.nonce = *nonce;
  PtTransactionRow *row = pt_anchor_sign (&transaction, fixture->signer, 0, &error);
  g_assert_no_error (error);
  pt_rpc_send_raw (fixture->rpc, row->raw, &error);
  g_assert_no_error (error);
  PtHash hash = row->hash;
  pt_transaction_row_free (row);
  return hash;
}

/* Anvil mines at once, but not before it has answered. */
static inline PtRpcReceipt
pt_chain_wait (PtChainFixture *fixture, const PtHash *hash)
{
  g_autoptr (GError) error = NULL;
  PtRpcReceipt receipt;
  do
    {
      pt_rpc_receipt (fixture->rpc, hash, &receipt, &error);
      g_assert_no_error (error);
    }
  while (!receipt.found);
  g_assert_true (receipt.success);
  return receipt;
}

static inline void
pt_chain_deploy (PtChainFixture *fixture)
{
  PtHash hash
      = pt_chain_send (fixture, NULL, pt_contract_bytecode, PT_CONTRACT_BYTECODE_SIZE, NULL);
  PtRpcReceipt receipt = pt_chain_wait (fixture, &hash);
  memcpy (fixture->contract, receipt.contract, 20);
}

static inline void
pt_chain_register (PtChainFixture *fixture, const char *area)
{
  guint8 key[PT_PUBLIC_KEY_SIZE] = { 4, 1 }, data[1024];
  gsize size;
  g_assert_cmpint (pt_abi_register_area (pt_keccak_permutation_nettle, area, key, key,
                                         fixture->signer->address, data, sizeof data, &size),
                   ==, PT_OK);
  PtHash hash = pt_chain_send (fixture, fixture->contract, data, size, NULL);
  pt_chain_wait (fixture, &hash);
}

static inline PtCheckpoint
pt_chain_latest (PtChainFixture *fixture, const char *area)
{
  g_autoptr (GError) error = NULL;
  guint8 data[64];
  gsize size;
  PtCheckpoint latest;
  g_assert_cmpint (pt_abi_latest (pt_keccak_permutation_nettle, area, data, sizeof data, &size), ==,
                   PT_OK);
  g_autoptr (GBytes) call = g_bytes_new (data, size);
  g_autoptr (GBytes) answer = pt_rpc_eth_call (fixture->rpc, fixture->contract, call, &error);
  g_assert_no_error (error);
  g_assert_cmpint (
      pt_abi_latest_parse (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), &latest), ==,
      PT_OK);
  return latest;
}

/* The store */

#define PT_FIXTURE_ORIGIN G_GINT64_CONSTANT (1764000000000)
#define PT_FIXTURE_PERIOD 900000

static inline void
pt_fixture_add_area (PtChainFixture *fixture, const char *id, gboolean registered)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, &error);
  PtAreaRow row = { .number = areas->len, .authority_key = { 4, 1 }, .service_key = { 4, 1 } };
  g_strlcpy (row.id, id, sizeof row.id);
  pt_store_add_area (fixture->store, &row, &error);
  g_assert_no_error (error);
  if (registered)
    pt_chain_register (fixture, id);
}

/* Seals the area's next batch: a file of its own in the block store, a head two entries on. */
static inline void
pt_fixture_seal (PtChainFixture *fixture, guint32 area)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, &error);
  const PtAreaRow *row = &g_array_index (areas, PtAreaRow, area);
  PtSeal seal = { .previous = row->head, .next = row->head };
  g_autofree char *content
      = g_strdup_printf ("batch %" G_GUINT64_FORMAT " of %s%s", row->head.batch + 1, row->id,
                         fixture->twist != NULL ? fixture->twist : "");
  g_autoptr (PtBlockWriter) writer = pt_block_store_writer_new (fixture->blocks, &error);
  pt_block_store_writer_write (writer, content, strlen (content), &error);
  pt_block_store_writer_finish (writer, PT_BLOCKS_DURABLE, &seal.row.cid, &seal.row.bytes, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      PtHash leaf;
      pt_tree_leaf_hash (pt_span (content, strlen (content) - i), &leaf);
      pt_frontier_append (&seal.next.frontier, &leaf);
    }
  seal.row.area = area;
  seal.row.batch = ++seal.next.batch;
  seal.row.from = row->head.to != 0 ? row->head.to : PT_FIXTURE_ORIGIN - PT_FIXTURE_PERIOD;
  seal.row.to = seal.next.to = seal.row.from + PT_FIXTURE_PERIOD;
  seal.row.prev_size = row->head.frontier.size;
  seal.row.size = seal.next.frontier.size;
  pt_frontier_root (&row->head.frontier, &seal.row.prev_root);
  pt_frontier_root (&seal.next.frontier, &seal.row.root);
  pt_store_seal (fixture->store, &seal, 1, &error);
  g_assert_no_error (error);
}

static inline guint64
pt_fixture_count (PtChainFixture *fixture, PtBatchState state)
{
  g_autoptr (GError) error = NULL;
  PtCounts counts;
  pt_store_counts (fixture->store, &counts, &error);
  g_assert_no_error (error);
  return counts.batches[state];
}

/* What the submitter says goes into the test's log. */
static inline void
pt_fixture_log (PtChainFixture *fixture, PtSubmitter *submitter)
{
  PtSubmitterStatus status;
  PtHealthStatus health;
  pt_submitter_get_status (submitter, &status);
  pt_health_get (fixture->health, &health);
  g_test_message ("%s: %s", status.state, health.sentence);
}

#define pt_fixture_wait_for(fixture, state, count)                                                 \
  PT_TEST_POLL (pt_fixture_count (fixture, state) == (count))

static inline void
pt_fixture_set_up (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pt_anvil_start (&fixture->anvil);
  fixture->rpc = pt_rpc_new (fixture->anvil.url);
  fixture->signer = pt_ethereum_signer_new (pt_anvil_scalar);
  pt_chain_deploy (fixture);
  pt_proxy_start (&fixture->proxy, fixture->anvil.url);
  fixture->directory = g_dir_make_tmp ("pt-submitter-XXXXXX", &error);
  fixture->blocks = pt_block_store_new (fixture->directory, &error);
  g_assert_no_error (error);
  fixture->store = pt_memory_store_new ();
  fixture->health = pt_health_new (NULL, NULL);
  fixture->news = pt_news_new ();
  fixture->hold = pt_hold_new (fixture->health, TRUE);
  fixture->looker = pt_looker_new (fixture->store, fixture->hold, fixture->contract, 0);
  fixture->config = (PtSubmitterConfig){ .rpc_url = fixture->proxy.url,
                                         .chain_id = PT_ANVIL_CHAIN_ID,
                                         .confirmations = 1,
                                         .bump_after_s = 60,
                                         .poll_ms = 10,
                                         .operator_retry_s = 1,
                                         .health = fixture->health,
                                         .news = fixture->news,
                                         .looker = fixture->looker,
                                         .signer = fixture->signer };
  memcpy (fixture->config.contract, fixture->contract, 20);
}

static inline void
pt_fixture_remove (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  for (const char *name; directory != NULL && (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      pt_fixture_remove (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static inline void
pt_fixture_tear_down (PtChainFixture *fixture, gconstpointer data)
{
  pt_proxy_stop (&fixture->proxy);
  pt_rpc_free (fixture->rpc);
  pt_ethereum_signer_free (fixture->signer);
  pt_looker_free (fixture->looker);
  pt_hold_free (fixture->hold);
  pt_news_free (fixture->news);
  pt_health_free (fixture->health);
  pt_block_store_unref (fixture->blocks);
  pt_store_free (fixture->store);
  pt_fixture_remove (fixture->directory);
  g_free (fixture->directory);
  pt_anvil_stop (&fixture->anvil);
}
