/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-contract.h"

#include <string.h>

#include "pt-error.h"
#include "pt-ethereum-key.h"

#define PERMUTE pt_keccak_permutation_nettle
#define SELECTOR_SIZE 4
#define WORD 32
#define ADDRESS_SIZE 20
#define LATEST_CALL_SIZE (SELECTOR_SIZE + WORD)

/* Calls: a selector and words (contract ABI specification, "Formal Specification of the
 * Encoding"). */

static GByteArray *
begin_call (const char *signature)
{
  GByteArray *call = g_byte_array_new ();
  PtHash selector;

  pt_keccak256 (PERMUTE, signature, strlen (signature), &selector);
  return g_byte_array_append (call, selector.bytes, SELECTOR_SIZE);
}

static void
append_area (GByteArray *call, const char *area)
{
  guint8 word[WORD];

  pt_abi_area (area, word);
  g_byte_array_append (call, word, WORD);
}

static void
write_number (guint8 word[WORD], guint64 number)
{
  memset (word, 0, WORD);
  for (guint i = 0; i < 8; i++)
    word[WORD - 1 - i] = (guint8) (number >> (8 * i));
}

static void
append_address (GByteArray *call, const guint8 account[ADDRESS_SIZE])
{
  static const guint8 padding[WORD - ADDRESS_SIZE];

  g_byte_array_append (call, padding, sizeof padding);
  g_byte_array_append (call, account, ADDRESS_SIZE);
}

GBytes *
pt_contract_set_operator_call (const char *area, const guint8 account[20])
{
  GByteArray *call;

  g_return_val_if_fail (area != NULL && account != NULL, NULL);

  call = begin_call ("setOperator(bytes32,address)");
  append_area (call, area);
  append_address (call, account);
  return g_byte_array_free_to_bytes (call);
}

GBytes *
pt_contract_transfer_ownership_call (const guint8 account[20])
{
  GByteArray *call;

  g_return_val_if_fail (account != NULL, NULL);

  call = begin_call ("transferOwnership(address)");
  append_address (call, account);
  return g_byte_array_free_to_bytes (call);
}

GBytes *
pt_contract_accept_ownership_call (void)
{
  return g_byte_array_free_to_bytes (begin_call ("acceptOwnership()"));
}

/* The block */

static gboolean
refuse_address (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "there is no PowerAnchor at that address on this chain; check the contract "
                       "and the endpoint");
  return FALSE;
}

gboolean
pt_contract_pin (PtContract *contract, PtRpc *rpc, const guint8 address[20], guint64 block,
                 GError **error)
{
  g_autoptr (GBytes) code = NULL;

  g_return_val_if_fail (contract != NULL && rpc != NULL && address != NULL, FALSE);

  memset (contract, 0, sizeof *contract);
  contract->rpc = rpc;
  memcpy (contract->address, address, ADDRESS_SIZE);
  if (!pt_rpc_header (rpc, block, &contract->at, error))
    return FALSE;
  code = pt_rpc_code_at (rpc, address, contract->at.number, error);
  if (code == NULL)
    return FALSE;
  pt_sha256 (g_bytes_get_data (code, NULL), g_bytes_get_size (code), &contract->code);
  return g_bytes_get_size (code) > 0 || refuse_address (error);
}

gboolean
pt_contract_check_pin (const PtContract *contract, GError **error)
{
  PtBlockHeader now;

  g_return_val_if_fail (contract != NULL, FALSE);

  if (!pt_rpc_header (contract->rpc, contract->at.number, &now, error))
    return FALSE;
  if (memcmp (&now.hash, &contract->at.hash, sizeof now.hash) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the chain replaced block %" G_GUINT64_FORMAT " while it was asked",
               contract->at.number);
  return FALSE;
}

/* Questions */

/* The answer of @words words; takes @call. */
static GBytes *
ask (const PtContract *contract, GByteArray *call, gsize words, GError **error)
{
  g_autoptr (GBytes) data = g_byte_array_free_to_bytes (call);
  g_autoptr (GBytes) answer
      = pt_rpc_eth_call_at (contract->rpc, contract->address, data, contract->at.number, error);

  if (answer != NULL && g_bytes_get_size (answer) != words * WORD)
    {
      refuse_address (error);
      return NULL;
    }
  return g_steal_pointer (&answer);
}

static gboolean
ask_address (const PtContract *contract, GByteArray *call, guint8 out[ADDRESS_SIZE], GError **error)
{
  g_autoptr (GBytes) answer = ask (contract, call, 1, error);

  memset (out, 0, ADDRESS_SIZE);
  if (answer == NULL)
    return FALSE;
  memcpy (out, (const guint8 *) g_bytes_get_data (answer, NULL) + WORD - ADDRESS_SIZE,
          ADDRESS_SIZE);
  return TRUE;
}

gboolean
pt_contract_latest (const PtContract *contract, const char *area, PtCheckpoint *out, GError **error)
{
  guint8 call[LATEST_CALL_SIZE];
  g_autoptr (GBytes) answer = NULL;
  size_t size;

  g_return_val_if_fail (contract != NULL && area != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  if (pt_abi_latest (PERMUTE, area, call, sizeof call, &size) != PT_OK)
    return refuse_address (error);
  answer = ask (contract, g_byte_array_append (g_byte_array_new (), call, (guint) size), 4, error);
  if (answer == NULL)
    return FALSE;
  if (pt_abi_latest_parse (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), out)
      != PT_OK)
    return refuse_address (error);
  g_strlcpy (out->area, area, sizeof out->area);
  return TRUE;
}

gboolean
pt_contract_root_of (const PtContract *contract, const char *area, guint64 batch, PtHash *out,
                     GError **error)
{
  g_autoptr (GBytes) answer = NULL;
  guint8 number[WORD];
  GByteArray *call;

  g_return_val_if_fail (contract != NULL && area != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  call = begin_call ("rootOf(bytes32,uint64)");
  append_area (call, area);
  write_number (number, batch);
  g_byte_array_append (call, number, WORD);
  answer = ask (contract, call, 1, error);
  if (answer == NULL)
    return FALSE;
  memcpy (out->bytes, g_bytes_get_data (answer, NULL), PT_HASH_SIZE);
  return TRUE;
}

gboolean
pt_contract_operator_of (const PtContract *contract, const char *area, guint8 out[20],
                         GError **error)
{
  GByteArray *call;

  g_return_val_if_fail (contract != NULL && area != NULL && out != NULL, FALSE);

  call = begin_call ("operatorOf(bytes32)");
  append_area (call, area);
  return ask_address (contract, call, out, error);
}

gboolean
pt_contract_owner (const PtContract *contract, guint8 owner[20], guint8 pending[20], GError **error)
{
  g_return_val_if_fail (contract != NULL && owner != NULL && pending != NULL, FALSE);

  return ask_address (contract, begin_call ("owner()"), owner, error)
         && ask_address (contract, begin_call ("pendingOwner()"), pending, error);
}

/* Events */

typedef struct
{
  const PtHash *topics; /* of the wanted event, the first @count */
  guint count;
  gboolean found;
  PtAreaRegistered *registered; /* which of the two is wanted; the other is NULL */
  PtAnchored *anchored;
} Finding;

static gboolean
refuse_event (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY,
                       "the chain's endpoint tells of events that no contract of ours makes");
  return FALSE;
}

static gboolean
find_event (const PtLog *log, gpointer user_data, GError **error)
{
  Finding *finding = user_data;
  PtResult result;

  /* An endpoint may not filter. */
  if (log->topic_count < finding->count
      || memcmp (log->topics, finding->topics, finding->count * sizeof (PtHash)) != 0)
    return TRUE;
  if (finding->registered != NULL)
    result = pt_abi_area_registered_parse (log->topics + 1, log->topic_count - 1, log->data,
                                           log->data_size, finding->registered);
  else
    {
      result = pt_abi_anchored_parse (log->topics + 1, log->topic_count - 1, log->data,
                                      log->data_size, &finding->anchored->checkpoint);
      finding->anchored->block = log->block;
      finding->anchored->transaction = log->transaction;
    }
  if (result == PT_OK && !finding->found)
    {
      finding->found = TRUE;
      return TRUE;
    }
  return refuse_event (error);
}

static gboolean
find_one (const PtContract *contract, guint64 from, Finding *finding, GError **error)
{
  guint64 to = contract->at.number;

  from = MIN (from, to);
  if (!pt_rpc_logs_with (contract->rpc, contract->address, finding->topics, finding->count, from,
                         to, find_event, finding, error))
    return FALSE;
  return finding->found || from == 0
         || pt_rpc_logs_with (contract->rpc, contract->address, finding->topics, finding->count, 0,
                              from - 1, find_event, finding, error);
}

gboolean
pt_contract_registered (const PtContract *contract, const char *area, guint64 from, gboolean *found,
                        PtAreaRegistered *out, GError **error)
{
  PtHash topics[2];
  Finding finding = { topics, G_N_ELEMENTS (topics), .registered = out };
  gboolean done;

  g_return_val_if_fail (contract != NULL && area != NULL && found != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  pt_abi_area_registered_topic (PERMUTE, &topics[0]);
  pt_abi_area (area, topics[1].bytes);
  done = find_one (contract, from, &finding, error);
  *found = done && finding.found;
  return done;
}

typedef struct
{
  PtHash topic;
  PtAreaRegisteredFunc func;
  gpointer user_data;
} Registrations;

static gboolean
visit_registered (const PtLog *log, gpointer user_data, GError **error)
{
  const Registrations *registrations = user_data;
  PtAreaRegistered event;

  /* An endpoint may not filter. */
  if (log->topic_count == 0
      || memcmp (&log->topics[0], &registrations->topic, sizeof (PtHash)) != 0)
    return TRUE;
  if (pt_abi_area_registered_parse (log->topics + 1, log->topic_count - 1, log->data,
                                    log->data_size, &event)
      != PT_OK)
    return refuse_event (error);
  return registrations->func (&event, registrations->user_data, error);
}

gboolean
pt_contract_each_registered (const PtContract *contract, guint64 from, PtAreaRegisteredFunc func,
                             gpointer user_data, GError **error)
{
  Registrations registrations = { .func = func, .user_data = user_data };

  g_return_val_if_fail (contract != NULL && func != NULL, FALSE);

  pt_abi_area_registered_topic (PERMUTE, &registrations.topic);
  return pt_rpc_logs_with (contract->rpc, contract->address, &registrations.topic, 1,
                           MIN (from, contract->at.number), contract->at.number, visit_registered,
                           &registrations, error);
}

gboolean
pt_contract_anchored (const PtContract *contract, const char *area, guint64 batch, guint64 from,
                      gboolean *found, PtAnchored *out, GError **error)
{
  PtHash topics[3];
  Finding finding = { topics, G_N_ELEMENTS (topics), .anchored = out };
  gboolean done;

  g_return_val_if_fail (contract != NULL && area != NULL && found != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  pt_abi_anchored_topic (PERMUTE, &topics[0]);
  pt_abi_area (area, topics[1].bytes);
  write_number (topics[2].bytes, batch);
  done = find_one (contract, from, &finding, error);
  *found = done && finding.found;
  return done;
}
