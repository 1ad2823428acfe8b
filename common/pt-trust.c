/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-trust.h"

#include <inttypes.h>
#include <glib/gi18n.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"

#define LIMIT_US (10 * G_TIME_SPAN_SECOND)

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

/* Pins the newest block; what stands at the address is another thing's fault than the endpoint's.
 */
static gboolean
pin_contract (PtContract *contract, PtRpc *rpc, const guint8 address[20], GError **error)
{
  g_autoptr (GError) local = NULL;

  if (pt_contract_pin (contract, rpc, address, PT_RPC_NEWEST, &local))
    return TRUE;
  if (g_error_matches (local, PT_ERROR, PT_ERROR_CONFIGURATION))
    g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                         _ ("there is no contract at the address that the record names"));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
read_root (const PtContract *contract, const char *area, guint64 batch, PtHash *out, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (pt_contract_root_of (contract, area, batch, out, &local))
    return TRUE;
  if (g_error_matches (local, PT_ERROR, PT_ERROR_CONFIGURATION))
    g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                         _ ("what stands at that address is another kind of contract"));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
read_keys (const PtContract *contract, PtTrust *trust, const char *area, guint64 from)
{
  g_autoptr (GError) error = NULL;
  PtAreaRegistered registered;

  if (!pt_contract_registered (contract, area, from, &trust->has_keys, &registered, &error))
    trust->keys_failure = g_strdup_printf (_ ("%s did not tell the area's keys: %s."),
                                           trust->source, error->message);
  else if (!trust->has_keys)
    trust->keys_failure
        = g_strdup_printf (_ ("By %s the contract knows no area “%s”."), trust->source, area);
  if (!trust->has_keys)
    return;
  memcpy (trust->authority_key, registered.authority_key, PT_PUBLIC_KEY_SIZE);
  memcpy (trust->service_key, registered.service_key, PT_PUBLIC_KEY_SIZE);
}

static void
read_anchored (const PtContract *contract, PtTrust *trust, const char *area, guint64 batch,
               guint64 from)
{
  g_autoptr (GError) error = NULL;

  pt_contract_anchored (contract, area, batch, from, &trust->has_anchored, &trust->anchored,
                        &error);
  if (!trust->has_anchored)
    trust->anchored_failure
        = g_strdup_printf (_ ("%s did not tell how the batch was anchored."), trust->source);
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
read_all (PtRpc *rpc, PtTrust *trust, const char *contract_text, guint64 from, const char *area,
          guint64 batch, GError **error)
{
  PtContract contract;

  if (!parse_contract (contract_text, trust->contract))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           _ ("the record names no contract's address"));
      return FALSE;
    }
  if (!check_chain (rpc, trust->chain_id, error)
      || !pin_contract (&contract, rpc, trust->contract, error)
      || !read_root (&contract, area, batch, &trust->root, error)
      || (batch > 1 && !read_root (&contract, area, batch - 1, &trust->previous_root, error)))
    return FALSE;
  trust->block = contract.at.number;
  read_keys (&contract, trust, area, from);
  read_anchored (&contract, trust, area, batch, from);
  if (!pt_contract_check_pin (&contract, error))
    return FALSE;
  trust->has_root = TRUE;
  trust->has_previous = batch > 1;
  return TRUE;
}

PtTrust *
pt_trust_read (const char *rpc_url, guint64 chain_id, const char *contract, guint64 from_block,
               const char *area, guint64 batch)
{
  PtTrust *trust = g_new0 (PtTrust, 1);
  g_autoptr (PtRpc) rpc = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (rpc_url != NULL && area != NULL, trust);
  trust->source = g_strdup (rpc_url);
  trust->chain_id = chain_id;
  rpc = pt_rpc_new (rpc_url);
  pt_rpc_set_candid (rpc, TRUE); /* who reads it gave the endpoint */
  pt_rpc_set_deadline (rpc, g_get_monotonic_time () + LIMIT_US);
  if (!pt_is_area_id (pt_span (area, strlen (area))))
    g_set_error (&error, PT_ERROR, PT_ERROR_MALFORMED, _ ("“%s” is no name of an area"), area);
  else
    read_all (rpc, trust, contract, from_block, area, batch, &error);
  if (error == NULL)
    return trust;
  trust->block = 0;
  trust->has_keys = trust->has_anchored = FALSE;
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
  g_free (trust->anchored_failure);
  g_free (trust);
}
