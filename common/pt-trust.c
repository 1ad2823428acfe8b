/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-trust.h"

#include <inttypes.h>
#include <glib/gi18n.h>
#include <string.h>

#include "pt-abi.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-ethereum-key.h"
#include "pt-rpc.h"

#define LIMIT_US (10 * G_TIME_SPAN_SECOND)
#define PERMUTE pt_keccak_permutation_nettle
#define SIGNATURE "rootOf(bytes32,uint64)"

typedef struct
{
  PtTrust *trust;
  const char *area;
  guint64 from_block;
  PtHash topics[2]; /* AreaRegistered of this area */
} Asking;

static gboolean
check_chain (PtRpc *rpc, guint64 wanted, GError **error)
{
  guint64 chain_id;

  if (!pt_rpc_chain_id (rpc, &chain_id, error))
    return FALSE;
  if (chain_id == wanted)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("it is an endpoint of chain %" PRIu64 ", and the record is on chain %" PRIu64),
               chain_id, wanted);
  return FALSE;
}

static gboolean
check_code (PtRpc *rpc, const guint8 contract[20], GError **error)
{
  g_autoptr (GBytes) code = pt_rpc_code (rpc, contract, error);

  if (code == NULL)
    return FALSE;
  if (g_bytes_get_size (code) > 0)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       _ ("there is no contract at the address that the record names"));
  return FALSE;
}

/* rootOf (area, batch): a selector and two words (contract ABI specification, "Formal
 * Specification of the Encoding"). */
static GBytes *
root_call (const char *area, guint64 batch)
{
  guint8 call[4 + 32 + 32] = { 0 };
  PtHash selector;

  pt_keccak256 (PERMUTE, SIGNATURE, sizeof SIGNATURE - 1, &selector);
  memcpy (call, selector.bytes, 4);
  pt_abi_area (area, call + 4);
  for (guint i = 0; i < 8; i++)
    call[sizeof call - 1 - i] = (guint8) (batch >> (8 * i));
  return g_bytes_new (call, sizeof call);
}

static gboolean
read_root (PtRpc *rpc, const guint8 contract[20], const char *area, guint64 batch, PtTrust *trust,
           GError **error)
{
  g_autoptr (GBytes) call = root_call (area, batch);
  g_autoptr (GBytes) answer = pt_rpc_eth_call (rpc, contract, call, error);
  gsize size;
  const void *data;

  if (answer == NULL)
    return FALSE;
  data = g_bytes_get_data (answer, &size);
  if (size != PT_HASH_SIZE)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           _ ("what stands at that address is another kind of contract"));
      return FALSE;
    }
  memcpy (trust->root.bytes, data, size);
  return TRUE;
}

static gboolean
read_registered (const PtLog *log, gpointer user_data, GError **error)
{
  Asking *asking = user_data;
  PtTrust *trust = asking->trust;
  PtAreaRegistered registered;

  if (log->topic_count < 2 || memcmp (log->topics, asking->topics, sizeof asking->topics) != 0)
    return TRUE;
  if (pt_abi_area_registered_parse (log->topics + 1, log->topic_count - 1, log->data,
                                    log->data_size, &registered)
          != PT_OK
      || trust->has_keys)
    {
      g_set_error_literal (
          error, PT_ERROR, PT_ERROR_RETRY,
          _ ("it tells of the area's keys in a way that no contract of ours does"));
      return FALSE;
    }
  memcpy (trust->authority_key, registered.authority_key, PT_PUBLIC_KEY_SIZE);
  memcpy (trust->service_key, registered.service_key, PT_PUBLIC_KEY_SIZE);
  trust->has_keys = TRUE;
  return TRUE;
}

static void
read_keys (PtRpc *rpc, const guint8 contract[20], Asking *asking)
{
  PtTrust *trust = asking->trust;
  guint64 from = MIN (asking->from_block, trust->block);
  g_autoptr (GError) error = NULL;
  gboolean is_read;

  pt_abi_area_registered_topic (PERMUTE, &asking->topics[0]);
  pt_abi_area (asking->area, asking->topics[1].bytes);
  is_read = pt_rpc_logs_with (rpc, contract, asking->topics, 2, from, trust->block, read_registered,
                              asking, &error);
  /* Where to begin is only said; what is not found there may be earlier. */
  if (is_read && !trust->has_keys && from > 0)
    is_read = pt_rpc_logs_with (rpc, contract, asking->topics, 2, 0, from - 1, read_registered,
                                asking, &error);
  if (!is_read)
    {
      trust->has_keys = FALSE;
      trust->keys_failure = g_strdup_printf (_ ("%s did not tell the area's keys: %s."),
                                             trust->source, error->message);
    }
  else if (!trust->has_keys)
    trust->keys_failure = g_strdup_printf (_ ("By %s the contract knows no area “%s”."),
                                           trust->source, asking->area);
}

static gboolean
parse_contract (const char *text, guint8 out[20])
{
  g_autofree char *digits = NULL;

  if (text == NULL || !g_str_has_prefix (text, "0x"))
    return FALSE;
  digits = g_ascii_strdown (text + 2, -1);
  return pt_hex_decode (pt_span (digits, strlen (digits)), out, 20);
}

static gboolean
read_all (PtRpc *rpc, guint64 chain_id, const char *contract, guint64 batch, Asking *asking,
          GError **error)
{
  PtTrust *trust = asking->trust;
  guint8 address[20];

  if (!parse_contract (contract, address))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           _ ("the record names no contract's address"));
      return FALSE;
    }
  if (!check_chain (rpc, chain_id, error) || !check_code (rpc, address, error)
      || !pt_rpc_block_number (rpc, &trust->block, error)
      || !read_root (rpc, address, asking->area, batch, trust, error))
    return FALSE;
  trust->has_root = TRUE;
  read_keys (rpc, address, asking);
  return TRUE;
}

PtTrust *
pt_trust_read (const char *rpc_url, guint64 chain_id, const char *contract, guint64 from_block,
               const char *area, guint64 batch)
{
  PtTrust *trust = g_new0 (PtTrust, 1);
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GError) error = NULL;
  Asking asking = { .trust = trust, .from_block = from_block, .area = area };

  g_return_val_if_fail (rpc_url != NULL && area != NULL, trust);
  trust->source = g_strdup (rpc_url);
  rpc = pt_rpc_new (rpc_url);
  pt_rpc_set_candid (rpc, TRUE); /* who reads it gave the endpoint */
  pt_rpc_set_deadline (rpc, g_get_monotonic_time () + LIMIT_US);
  if (!pt_is_area_id (pt_span (area, strlen (area))))
    g_set_error (&error, PT_ERROR, PT_ERROR_MALFORMED, _ ("“%s” is no name of an area"), area);
  else
    read_all (rpc, chain_id, contract, batch, &asking, &error);
  if (error == NULL)
    return trust;
  trust->block = 0;
  trust->failure = g_strdup_printf (_ ("The blockchain could not be asked at %s: %s."), rpc_url,
                                    error->message);
  return trust;
}

void
pt_trust_free (PtTrust *trust)
{
  if (trust == NULL)
    return;
  g_free (trust->source);
  g_free (trust->failure);
  g_free (trust->keys_failure);
  g_free (trust);
}
