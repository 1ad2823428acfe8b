/* SPDX-License-Identifier: Apache-2.0 */
/* What libcoap has: one endpoint, keys, and the sessions' beginnings and ends. */
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <string.h>

#include "pt-coap-private.h"
#include "pt-error.h"

#define HANDSHAKES_MIN 100 /* that have begun and not ended */
#define HANDSHAKES_MAX 1000
#define CHAIN_DEPTH 3   /* certificates between a device's and the authority's */
#define SESSIONS_EACH 4 /* of one device: it may have lost one without knowing */
#define ABREAST 16      /* answers of a session that wait for their acknowledgement */
#define CIPHERS                                                                                    \
  "ECDHE+AESGCM:ECDHE+AESCCM:ECDHE+CHACHA20:PSK+AESGCM:PSK+AESCCM:PSK+CHACHA20:!kRSAPSK:"          \
  "!kDHEPSK"

/* libcoap's own log is what strangers make it say. */
static void
context_log (coap_log_t level, const char *message)
{
  g_debug ("libcoap: %s", message);
}

/* Sessions */

static void
context_forget (PtCoap *coap, coap_session_t *session)
{
  PtCoapPeer *peer = g_hash_table_lookup (coap->peers, session);

  if (peer == NULL)
    return;
  g_queue_unlink (&coap->order, &peer->place);
  g_hash_table_remove (coap->peers, session);
  if (coap->traffic != NULL)
    pt_traffic_sessions_ended (coap->traffic, 1);
}

/* libcoap frees it soon after. */
static void
context_end (PtCoap *coap, coap_session_t *session)
{
  coap_session_set_app_data (session, NULL);
  context_forget (coap, session);
  coap_session_disconnected (session, COAP_NACK_TLS_FAILED);
}

/* Whose session has to end for @peer's: libcoap's own bound would end one for every stranger's
 * datagram, and one device may not have those of all others. NULL: there is room. */
static PtCoapPeer *
context_oldest (const PtCoap *coap, const PtCoapPeer *peer)
{
  PtCoapPeer *first = NULL, *own = NULL;
  guint count = 0;

  for (GList *at = coap->order.head; at != NULL; at = at->next)
    {
      PtCoapPeer *other = coap_session_get_app_data (at->data);

      if (first == NULL)
        first = other;
      if (!pt_coap_peer_is_same (other, peer))
        continue;
      if (own == NULL)
        own = other;
      count++;
    }
  if (count >= SESSIONS_EACH)
    return own;
  return coap->order.length >= coap->sessions ? first : NULL;
}

static void
context_connected (PtCoap *coap, coap_session_t *session)
{
  PtCoapPeer *peer = pt_coap_peer_new (session, coap->keys, &coap->taken);
  PtCoapPeer *oldest = context_oldest (coap, peer);

  if (oldest != NULL)
    context_end (coap, oldest->place.data);
  context_forget (coap, session);
  coap_session_set_nstart (session, ABREAST);
  coap_session_set_app_data (session, peer);
  g_queue_push_tail_link (&coap->order, &peer->place);
  g_hash_table_replace (coap->peers, session, peer);
  if (coap->traffic != NULL)
    pt_traffic_session_begun (coap->traffic);
}

PtCoapPeer *
pt_coap_context_peer (PtCoap *coap, coap_session_t *session)
{
  PtCoapPeer *peer;

  g_return_val_if_fail (coap != NULL && session != NULL, NULL);

  if (coap->oscore != NULL)
    {
      peer = pt_coap_oscore_peer (coap->oscore, session);
      return peer != NULL && peer->peer.area != NULL ? peer : NULL;
    }
  peer = coap_session_get_app_data (session);
  if (peer == NULL)
    return NULL;
  g_queue_unlink (&coap->order, &peer->place);
  g_queue_push_tail_link (&coap->order, &peer->place);
  return peer->peer.area != NULL ? peer : NULL;
}

static int
context_event (coap_session_t *session, const coap_event_t event)
{
  PtCoap *coap = coap_get_app_data (coap_session_get_context (session));

  if (coap->oscore != NULL && event == COAP_EVENT_SERVER_SESSION_NEW)
    {
      coap_session_set_nstart (session, ABREAST);
      pt_coap_oscore_session_begun (coap->oscore, session);
    }
  else if (coap->oscore != NULL && event == COAP_EVENT_SERVER_SESSION_DEL)
    pt_coap_oscore_session_ended (coap->oscore, session);
  else if (event == COAP_EVENT_DTLS_CONNECTED)
    context_connected (coap, session);
  else if (event == COAP_EVENT_SERVER_SESSION_DEL)
    context_forget (coap, session);
  return 0;
}

static gboolean
peer_changed (const PtCoap *coap, const PtCoapPeer *peer)
{
  const PtCoapKey *key;

  if (peer->identity == NULL)
    return FALSE;
  key = pt_coap_keys_find (coap->keys, peer->identity);
  return key == NULL || key->size != peer->key.size
         || memcmp (key->bytes, peer->key.bytes, key->size) != 0;
}

void
pt_coap_context_drop_changed (PtCoap *coap)
{
  GList *next;

  g_return_if_fail (coap != NULL);

  for (GList *at = coap->order.head; at != NULL; at = next)
    {
      next = at->next;
      if (peer_changed (coap, coap_session_get_app_data (at->data)))
        context_end (coap, at->data);
    }
}

/* Keys */

static const coap_bin_const_t *
context_find_key (coap_bin_const_t *identity, coap_session_t *session, void *data)
{
  PtCoap *coap = data;
  g_autofree char *text = g_strndup ((const char *) identity->s, identity->length);
  const PtCoapKey *key = pt_coap_keys_find (coap->keys, text);

  if (key == NULL)
    return NULL;
  coap->found = (coap_bin_const_t){ .length = key->size, .s = key->bytes };
  return &coap->found;
}

/* A client that offers shared keys is asked for one; libcoap tells by whether there is any. */
static gboolean
context_set_keys (PtCoap *coap)
{
  coap_dtls_spsk_t setup = { .version = COAP_DTLS_SPSK_SETUP_VERSION,
                             .validate_id_call_back = context_find_key,
                             .id_call_back_arg = coap,
                             .psk_info.hint = { 0, (const guint8 *) "" },
                             .psk_info.key = { sizeof coap->nobodys, coap->nobodys } };

  return RAND_bytes (coap->nobodys, sizeof coap->nobodys) == 1
         && coap_context_set_psk2 (coap->context, &setup) == 1;
}

/* libcoap gives the certificate, and not those above it. */
static int
context_set_up_session (void *tls, coap_dtls_pki_t *setup)
{
  PtCoap *coap = setup->cn_call_back_arg;
  SSL *ssl = tls;

  SSL_set_options (ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_set_cipher_list (ssl, CIPHERS);
  if (SSL_get_certificate (ssl) == NULL)
    return 1; /* by a shared key */
  for (int i = 0; i < sk_X509_num (coap->files->chain); i++)
    if (SSL_add1_chain_cert (ssl, sk_X509_value (coap->files->chain, i)) != 1)
      return 0;
  return 1;
}

static gboolean
context_set_certificates (PtCoap *coap)
{
  coap_dtls_pki_t setup = { .version = COAP_DTLS_PKI_SETUP_VERSION,
                            .verify_peer_cert = 1,
                            .check_common_ca = 1,
                            .cert_chain_validation = 1,
                            .cert_chain_verify_depth = CHAIN_DEPTH,
                            .cn_call_back_arg = coap,
                            .additional_tls_setup_call_back = context_set_up_session,
                            .pki_key.key_type = COAP_PKI_KEY_PEM_BUF };
  coap_pki_key_pem_buf_t *pem = &setup.pki_key.key.pem_buf;

  pem->public_cert = g_bytes_get_data (coap->files->certificate, &pem->public_cert_len);
  pem->private_key = g_bytes_get_data (coap->files->key, &pem->private_key_len);
  pem->ca_cert = g_bytes_get_data (coap->files->client_ca, &pem->ca_cert_len);
  return coap_context_set_pki (coap->context, &setup) == 1;
}

/* The context */

static gboolean
context_fill_dtls (PtCoap *coap, GError **error)
{
  coap_context_t *context = coap->context;
  guint handshakes = CLAMP (coap->sessions, HANDSHAKES_MIN, HANDSHAKES_MAX);

  coap_context_set_max_handshake_sessions (context, handshakes);
  if (coap_context_get_coap_fd (context) < 0
      || (coap->files != NULL && !context_set_certificates (coap))
      || (coap->keys != NULL && !context_set_keys (coap)))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           "This libcoap has no DTLS or no epoll. Install another, or leave "
                           "[coap] listen out.");
      return FALSE;
    }
  return TRUE;
}

/* Sessions of it hold nothing that a device would miss. */
static gboolean
context_fill_oscore (PtCoap *coap, GError **error)
{
  coap_context_set_max_idle_sessions (coap->context, coap->sessions);
  if (coap_context_get_coap_fd (coap->context) < 0)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           "This libcoap has no epoll. Install another, or leave [coap] "
                           "oscore_listen out.");
      return FALSE;
    }
  return pt_coap_oscore_open (coap->oscore, coap->context, error);
}

static gboolean
context_fill (PtCoap *coap, GError **error)
{
  coap_set_app_data (coap->context, coap);
  coap_register_event_handler (coap->context, context_event);
  coap_context_set_session_timeout (coap->context, (unsigned int) MAX (1, coap->idle_ms / 1000));
  if (!(coap->oscore != NULL ? context_fill_oscore (coap, error) : context_fill_dtls (coap, error)))
    return FALSE;
  pt_coap_resources_add (coap);
  return TRUE;
}

/* Before its endpoint's socket. */
static gboolean
context_listen (PtCoap *coap)
{
  if (coap->oscore != NULL)
    return pt_coap_oscore_listen (coap->oscore);
  coap->gate = pt_coap_gate_new (coap->context);
  return coap->gate != NULL;
}

gboolean
pt_coap_context_open (PtCoap *coap, GError **error)
{
  static GMutex alone; /* libcoap writes addresses to where all threads do */
  g_autoptr (GMutexLocker) locker = NULL;
  coap_endpoint_t *endpoint;

  g_return_val_if_fail (coap != NULL && coap->context == NULL, FALSE);

  locker = g_mutex_locker_new (&alone);
  coap_startup ();
  coap_set_log_handler (context_log);
  coap_dtls_set_log_level (LOG_ERR);
  coap->context = coap->oscore != NULL ? coap_new_context (NULL) : pt_coap_gate_context ();
  if (coap->context == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           "This libcoap has no DTLS by OpenSSL. Install another, or leave [coap] "
                           "listen out.");
      return FALSE;
    }
  if (!context_fill (coap, error))
    return FALSE;
  endpoint = coap_new_endpoint (coap->context, &coap->address,
                                coap->oscore != NULL ? COAP_PROTO_UDP : COAP_PROTO_DTLS);
  if (endpoint != NULL && context_listen (coap))
    {
      g_clear_pointer (&coap->text, g_free);
      coap->text
          = g_strndup (coap_endpoint_str (endpoint), strcspn (coap_endpoint_str (endpoint), " "));
      return TRUE;
    }
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "Nobody can listen there: another program may, or the address is not this "
                       "machine's.");
  return FALSE;
}

void
pt_coap_context_close (PtCoap *coap)
{
  GHashTableIter iter;
  gpointer request;

  g_return_if_fail (coap != NULL);

  g_hash_table_iter_init (&iter, coap->requests);
  while (g_hash_table_iter_next (&iter, &request, NULL))
    pt_coap_request_forget (request);
  g_clear_pointer (&coap->gate, pt_coap_gate_free);
  if (coap->oscore != NULL)
    pt_coap_oscore_close (coap->oscore);
  g_clear_pointer (&coap->context, coap_free_context);
  g_queue_init (&coap->order);
  if (coap->traffic != NULL)
    pt_traffic_sessions_ended (coap->traffic, g_hash_table_size (coap->peers));
  g_hash_table_remove_all (coap->peers);
}
