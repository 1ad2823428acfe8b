/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-peer.h"

#include <openssl/ssl.h>
#include <string.h>

#include "pt-address.h"
#include "pt-coap-certificate.h"
#include "pt-coap-name.h"

#define CONFIRMED_MAX 32 /* answers in so long as libcoap repeats one (RFC 7252 section 4.8.2) */
#define CONFIRMED_US (100 * G_USEC_PER_SEC)

static char *
peer_address (coap_session_t *session)
{
  const coap_address_t *remote = coap_session_get_addr_remote (session);
  g_autoptr (GSocketAddress) address
      = g_socket_address_new_from_native ((gpointer) &remote->addr, remote->size);

  return address != NULL ? pt_address_text (address) : NULL;
}

static gboolean
peer_by_key (PtCoapPeer *peer, const char *identity, const PtCoapKeys *keys, PtCoapName *name)
{
  const PtCoapKey *key = pt_coap_keys_find (keys, identity);

  if (key == NULL || !pt_coap_name_from_identity (pt_span (identity, strlen (identity)), name))
    return FALSE;
  peer->identity = g_strdup (identity);
  peer->key = *key;
  return TRUE;
}

static gboolean
peer_by_certificate (PtCoapPeer *peer, SSL *ssl, PtCoapName *name)
{
  X509 *certificate = SSL_get0_peer_certificate (ssl);

  if (certificate == NULL || SSL_get_verify_result (ssl) != X509_V_OK
      || !pt_coap_certificate_device (certificate, name, peer->peer.key))
    return FALSE;
  peer->peer.has_key = TRUE;
  peer->peer.certificate = pt_coap_certificate_digest (certificate);
  return TRUE;
}

PtCoapPeer *
pt_coap_peer_new (coap_session_t *session, const PtCoapKeys *keys, gsize *taken)
{
  SSL *ssl = coap_session_get_tls (session, NULL);
  PtCoapPeer *peer = g_new0 (PtCoapPeer, 1);
  const char *identity = ssl != NULL ? SSL_get_psk_identity (ssl) : NULL;
  PtCoapName name;
  gboolean is_device;

  peer->body.taken = taken;
  peer->place.data = session;
  is_device = identity != NULL ? peer_by_key (peer, identity, keys, &name)
                               : ssl != NULL && peer_by_certificate (peer, ssl, &name);
  peer->peer.transport = PT_TRANSPORT_COAP;
  peer->peer.address = peer_address (session);
  if (!is_device)
    return peer;
  peer->peer.area = g_strdup (name.area);
  peer->peer.device = g_strdup (name.device);
  return peer;
}

PtCoapPeer *
pt_coap_peer_new_named (const char *identity, gsize *taken)
{
  PtCoapPeer *peer;
  PtCoapName name;

  g_return_val_if_fail (identity != NULL && taken != NULL, NULL);

  peer = g_new0 (PtCoapPeer, 1);
  peer->body.taken = taken;
  peer->peer.transport = PT_TRANSPORT_COAP;
  if (!pt_coap_name_from_identity (pt_span (identity, strlen (identity)), &name))
    return peer;
  peer->peer.area = g_strdup (name.area);
  peer->peer.device = g_strdup (name.device);
  return peer;
}

void
pt_coap_peer_see (PtCoapPeer *peer, coap_session_t *session)
{
  g_return_if_fail (peer != NULL && session != NULL);

  g_free (peer->peer.address);
  peer->peer.address = peer_address (session);
}

void
pt_coap_peer_free (PtCoapPeer *peer)
{
  if (peer == NULL)
    return;
  pt_coap_body_clear (&peer->body);
  g_free (peer->peer.address);
  g_free (peer->peer.certificate);
  g_free (peer->peer.area);
  g_free (peer->peer.device);
  g_free (peer->identity);
  explicit_bzero (&peer->key, sizeof peer->key);
  g_free (peer);
}

gboolean
pt_coap_peer_is_same (const PtCoapPeer *peer, const PtCoapPeer *other)
{
  g_return_val_if_fail (peer != NULL && other != NULL, FALSE);

  return g_strcmp0 (peer->peer.area, other->peer.area) == 0
         && g_strcmp0 (peer->peer.device, other->peer.device) == 0;
}

void
pt_coap_past_read (PtCoapPast *past, const coap_pdu_t *request)
{
  coap_bin_const_t token = coap_pdu_get_token (request);
  const guint8 *data = NULL;
  gsize size = 0;
  guint check = 5381;

  g_return_if_fail (past != NULL && request != NULL);

  coap_get_data (request, &size, &data);
  for (gsize i = 0; i < size; i++)
    check = check * 33 + data[i];
  memset (past, 0, sizeof *past);
  past->id = (guint) coap_pdu_get_mid (request);
  past->check = check;
  past->token_size = (guint) MIN (token.length, PT_COAP_TOKEN_MAX);
  if (past->token_size > 0)
    memcpy (past->token, token.s, past->token_size);
}

PtCoapPast *
pt_coap_peer_find (PtCoapPeer *peer, const PtCoapPast *past)
{
  g_return_val_if_fail (peer != NULL && past != NULL, NULL);

  for (guint i = 0; i < peer->past_count; i++)
    {
      PtCoapPast *at = &peer->past[i];

      if (at->id == past->id && at->check == past->check && at->token_size == past->token_size
          && memcmp (at->token, past->token, past->token_size) == 0)
        return at;
    }
  return NULL;
}

void
pt_coap_peer_keep (PtCoapPeer *peer, const PtCoapPast *past)
{
  g_return_if_fail (peer != NULL && past != NULL);

  peer->past[peer->past_next] = *past;
  peer->past_next = (peer->past_next + 1) % PT_COAP_PAST_MAX;
  peer->past_count = MIN (peer->past_count + 1, PT_COAP_PAST_MAX);
}

gboolean
pt_coap_peer_may_confirm (PtCoapPeer *peer)
{
  gint64 now = g_get_monotonic_time ();

  g_return_val_if_fail (peer != NULL, FALSE);

  if (now - peer->count_began > CONFIRMED_US)
    {
      peer->count_began = now;
      peer->count = 0;
    }
  return peer->count++ < CONFIRMED_MAX;
}
