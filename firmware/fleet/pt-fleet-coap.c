/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP over DTLS: a session a device, by its certificate or a key that it shares. */
#include "pt-fleet-pool.h"
#include "pt-fleet-transport.h"

#include "pt-error.h"

#include <coap3/coap.h>
#include <glib/gi18n.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DEFAULT_PORT 5684
#define PATIENCE_US (60 * G_USEC_PER_SEC) /* for all answers: longer than libcoap repeats */
#define TURN_MS 50
#define FORMAT_CBOR 60
#define SLUG_MOST 40
#define PAUSE_MOST_S 60
#define CODE(class, detail) ((class) << 5 | (detail))

typedef struct
{
  PtFleetTransport base;
  coap_context_t *context;
  coap_address_t address;
  char *host;
  PtFleetPool pool;      /* of Peer */
  GHashTable *exchanges; /* token -> Exchange, of those that have no answer yet */
  guint32 token;
  const char *trouble; /* static: why something had no answer; NULL: it is not known */
} Coap;

/* A device's session. */
typedef struct
{
  Coap *coap;
  coap_session_t *session;
  guint number;
  gboolean is_lost;
} Peer;

/* A request. */
typedef struct
{
  guint32 token;
  guint number;
  guint code; /* of the answer; 0: there is none */
  guint max_age;
  GByteArray *payload;
} Exchange;

/* What comes */

static void
exchange_clear (gpointer data)
{
  Exchange *exchange = data;

  g_clear_pointer (&exchange->payload, g_byte_array_unref);
}

static coap_response_t
hear (coap_session_t *session, const coap_pdu_t *sent, const coap_pdu_t *received,
      const coap_mid_t id)
{
  Peer *peer = coap_session_get_app_data (session);
  coap_bin_const_t token = coap_pdu_get_token (received);
  coap_opt_iterator_t iter;
  coap_opt_t *age;
  const guint8 *data = NULL;
  guint32 number = 0;
  gsize size = 0;
  Exchange *exchange;

  if (peer == NULL || token.length != sizeof number)
    return COAP_RESPONSE_OK;
  memcpy (&number, token.s, sizeof number);
  exchange = g_hash_table_lookup (peer->coap->exchanges, GUINT_TO_POINTER (number));
  if (exchange == NULL || exchange->number != peer->number)
    return COAP_RESPONSE_OK;
  g_hash_table_remove (peer->coap->exchanges, GUINT_TO_POINTER (number));
  exchange->code = coap_pdu_get_code (received);
  age = coap_check_option (received, COAP_OPTION_MAXAGE, &iter);
  exchange->max_age
      = age != NULL ? coap_decode_var_bytes (coap_opt_value (age), coap_opt_length (age)) : 0;
  coap_get_data (received, &size, &data);
  exchange->payload = g_byte_array_new ();
  g_byte_array_append (exchange->payload, data, (guint) size);
  return COAP_RESPONSE_OK;
}

static gboolean
is_of (gpointer key, gpointer value, gpointer data)
{
  return ((Exchange *) value)->number == ((Peer *) data)->number;
}

/* None of its requests is answered any more. */
static void
peer_lost (Peer *peer, const char *trouble)
{
  if (peer == NULL)
    return;
  peer->is_lost = TRUE;
  if (g_hash_table_foreach_remove (peer->coap->exchanges, is_of, peer) > 0)
    peer->coap->trouble = trouble;
}

static void
hear_nothing (coap_session_t *session, const coap_pdu_t *sent, const coap_nack_reason_t reason,
              const coap_mid_t id)
{
  peer_lost (coap_session_get_app_data (session),
             reason == COAP_NACK_TLS_FAILED
                 ? N_ ("The handshake failed: the daemon takes another key, or its certificate is "
                       "not of --ca.")
                 : N_ ("The daemon does not answer."));
}

static int
see (coap_session_t *session, const coap_event_t event)
{
  if (event == COAP_EVENT_DTLS_CLOSED)
    peer_lost (coap_session_get_app_data (session), N_ ("The daemon ended the session."));
  else if (event == COAP_EVENT_DTLS_ERROR)
    peer_lost (coap_session_get_app_data (session),
               N_ ("The handshake failed: the daemon takes another key, or its certificate is not "
                   "of --ca."));
  return 0;
}

/* Sessions */

static void
peer_free (gpointer data)
{
  Peer *peer = data;

  if (peer->session != NULL)
    {
      coap_session_set_app_data (peer->session, NULL);
      coap_session_release (peer->session);
    }
  g_free (peer);
}

/* That the certificate is the daemon's and not a device's, which the same authority may sign. */
static int
is_of_host (const char *name, const uint8_t *certificate, size_t size, coap_session_t *session,
            unsigned int depth, int validated, void *data)
{
  const Coap *coap = data;
  X509 *x509 = NULL;
  int good;

  if (depth > 0 || !validated)
    return validated;
  x509 = d2i_X509 (NULL, &certificate, (long) size);
  good = x509 != NULL
         && (X509_check_ip_asc (x509, coap->host, 0) == 1
             || X509_check_host (x509, coap->host, 0, 0, NULL) == 1);
  X509_free (x509);
  return good;
}

static coap_session_t *
open_with_key (Coap *coap, const PtFleetDevice *device, GError **error)
{
  g_autofree char *identity = g_strconcat (device->area, "/", device->id, NULL);
  GBytes *key
      = pt_fleet_credentials_key (coap->base.options.credentials, device->area, device->id, error);
  coap_dtls_cpsk_t setup = { .version = COAP_DTLS_CPSK_SETUP_VERSION };

  if (key == NULL)
    return NULL;
  setup.psk_info.identity.s = (const guint8 *) identity;
  setup.psk_info.identity.length = strlen (identity);
  setup.psk_info.key.s = g_bytes_get_data (key, &setup.psk_info.key.length);
  return coap_new_client_session_psk2 (coap->context, NULL, &coap->address, COAP_PROTO_DTLS,
                                       &setup);
}

static coap_session_t *
open_with_certificate (Coap *coap, const PtFleetDevice *device, const guint8 *scalar,
                       GError **error)
{
  const PtFleetCredentials *credentials = coap->base.options.credentials;
  const char *ca = pt_fleet_credentials_ca_text (credentials);
  g_autofree char *certificate = NULL;
  char *key = NULL;
  coap_session_t *session;
  coap_dtls_pki_t setup = { .version = COAP_DTLS_PKI_SETUP_VERSION,
                            .verify_peer_cert = 1,
                            .cert_chain_validation = 1,
                            .cert_chain_verify_depth = 3,
                            .validate_cn_call_back = is_of_host,
                            .cn_call_back_arg = coap,
                            .pki_key.key_type = COAP_PKI_KEY_PEM_BUF };

  if (!pt_fleet_credentials_certificate (credentials, device->area, device->id, scalar,
                                         &certificate, &key, error))
    return NULL;
  /* With their NUL, as libcoap has it. */
  setup.pki_key.key.pem_buf = (coap_pki_key_pem_buf_t){ .ca_cert = (const guint8 *) ca,
                                                        .ca_cert_len = strlen (ca) + 1,
                                                        .public_cert = (const guint8 *) certificate,
                                                        .public_cert_len = strlen (certificate) + 1,
                                                        .private_key = (const guint8 *) key,
                                                        .private_key_len = strlen (key) + 1 };
  session
      = coap_new_client_session_pki (coap->context, NULL, &coap->address, COAP_PROTO_DTLS, &setup);
  pt_fleet_secret_free (key);
  return session;
}

static Peer *
peer_open (Coap *coap, guint number, GError **error)
{
  const PtFleetTransportOptions *options = &coap->base.options;
  const guint8 *scalar;
  const PtFleetDevice *device = options->device (options->owner, number, &scalar);
  Peer *peer = pt_fleet_pool_find (&coap->pool, number);
  coap_session_t *session;

  if (peer != NULL && !peer->is_lost)
    return peer;
  pt_fleet_pool_drop (&coap->pool, number);
  session = pt_fleet_credentials_have_keys (options->credentials)
                ? open_with_key (coap, device, error)
                : open_with_certificate (coap, device, scalar, error);
  if (session == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
                     _ ("Device %s got no session; may this process open more files?"), device->id);
      return NULL;
    }
  peer = g_new0 (Peer, 1);
  *peer = (Peer){ .coap = coap, .session = session, .number = number };
  coap_session_set_app_data (session, peer);
  pt_fleet_pool_add (&coap->pool, number, peer);
  return peer;
}

/* What goes out */

static void
exchange_begin (Exchange *exchange, Peer *peer, coap_pdu_code_t method, const char *path,
                const guint8 *data, gsize size)
{
  Coap *coap = peer->coap;
  coap_pdu_t *pdu = coap_pdu_init (COAP_MESSAGE_CON, method, coap_new_message_id (peer->session),
                                   coap_session_max_pdu_size (peer->session));
  guint8 format[4];

  exchange->number = peer->number;
  exchange->token = ++coap->token;
  coap_add_token (pdu, sizeof exchange->token, (const guint8 *) &exchange->token);
  coap_add_option (pdu, COAP_OPTION_URI_PATH, strlen (path), (const guint8 *) path);
  if (size > 0)
    {
      coap_add_option (pdu, COAP_OPTION_CONTENT_FORMAT,
                       coap_encode_var_safe (format, sizeof format, FORMAT_CBOR), format);
      coap_add_data (pdu, size, data);
    }
  g_hash_table_insert (coap->exchanges, GUINT_TO_POINTER (exchange->token), exchange);
  if (coap_send (peer->session, pdu) == COAP_INVALID_MID)
    peer_lost (peer, N_ ("The daemon does not answer."));
}

/* Until all are answered or given up. */
static void
coap_wait (Coap *coap)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;
  GHashTableIter iter;
  gpointer exchange;

  while (g_hash_table_size (coap->exchanges) > 0 && !*coap->base.options.stop
         && g_get_monotonic_time () < until)
    coap_io_process (coap->context, TURN_MS);
  g_hash_table_iter_init (&iter, coap->exchanges);
  while (g_hash_table_iter_next (&iter, NULL, &exchange))
    {
      Peer *peer = pt_fleet_pool_find (&coap->pool, ((Exchange *) exchange)->number);

      coap->trouble = N_ ("The daemon does not answer.");
      if (peer != NULL)
        peer->is_lost = TRUE;
    }
  g_hash_table_remove_all (coap->exchanges);
}

/* The problem's name, which the diagnostic begins with. */
static const char *
slug_of (const Exchange *exchange)
{
  char slug[SLUG_MOST + 1];
  guint size = 0;

  while (
      size < SLUG_MOST && size < exchange->payload->len
      && (g_ascii_islower (exchange->payload->data[size]) || exchange->payload->data[size] == '-'))
    {
      slug[size] = (char) exchange->payload->data[size];
      size++;
    }
  slug[size] = '\0';
  return g_intern_string (size > 0 ? slug : "refused");
}

/* NULL: it is stored. */
static const char *
verdict_of (const Exchange *exchange)
{
  if (exchange->code == CODE (2, 4))
    return NULL;
  if (exchange->code == 0 || exchange->code >> 5 == 5 || exchange->code == CODE (4, 29))
    return g_intern_static_string ("busy");
  return slug_of (exchange);
}

/* Sends lines from @first on, of as many devices as may be connected at once; where it ended. */
static guint
post_some (Coap *coap, PtFleetOutbox *outbox, guint first, guint lines, gsize *at,
           Exchange *exchanges, GError **error)
{
  g_autoptr (GHashTable) devices = g_hash_table_new (NULL, NULL);
  guint8 compact[PT_COMPACT_MAX];
  guint line;

  for (line = first; line < lines; line++)
    {
      const PtFleetItem *item = &g_array_index (outbox->items, PtFleetItem, line);
      gsize size;
      Peer *peer;

      if (!g_hash_table_contains (devices, GUINT_TO_POINTER (item->device))
          && g_hash_table_size (devices) == coap->base.options.connections)
        break;
      g_hash_table_add (devices, GUINT_TO_POINTER (item->device));
      size = pt_fleet_compact (pt_span ((const char *) outbox->text->data + *at, item->size - 1),
                               compact);
      *at += item->size;
      peer = peer_open (coap, item->device, error);
      if (peer == NULL)
        break;
      exchange_begin (&exchanges[line], peer, COAP_REQUEST_CODE_POST, "r", compact, size);
    }
  coap_wait (coap);
  return line;
}

static void
fill_answer (const Exchange *exchanges, guint lines, PtFleetAnswer *answer)
{
  answer->rejected = g_array_new (FALSE, FALSE, sizeof (PtFleetRejection));
  for (guint i = 0; i < lines; i++)
    {
      const char *slug = verdict_of (&exchanges[i]);

      if (slug != NULL)
        pt_fleet_answer_reject (answer, i + 1, slug);
      answer->pause_s = MAX (answer->pause_s, MIN (exchanges[i].max_age, PAUSE_MOST_S));
    }
  answer->accepted = lines - answer->rejected->len;
}

static void
set_trouble (const Coap *coap, GError **error)
{
  if (error == NULL || *error != NULL)
    return;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "%s: %s", coap->base.options.via,
               coap->trouble != NULL ? _ (coap->trouble) : _ ("The daemon does not answer."));
}

static gboolean
is_anything_answered (const Exchange *exchanges, guint lines)
{
  for (guint i = 0; i < lines; i++)
    if (exchanges[i].code != 0)
      return TRUE;
  return FALSE;
}

static gboolean
coap_resolve (Coap *coap, GError **error)
{
  g_autoptr (GSocketConnectable) name
      = g_network_address_parse (coap->base.options.via, DEFAULT_PORT, error);
  g_autoptr (GSocketAddressEnumerator) all = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  if (coap->host != NULL)
    return TRUE;
  if (name == NULL)
    return FALSE;
  all = g_socket_connectable_enumerate (name);
  address = g_socket_address_enumerator_next (all, NULL, error);
  if (address == NULL)
    return FALSE;
  coap_address_init (&coap->address);
  coap->address.size = (socklen_t) g_socket_address_get_native_size (address);
  if (!g_socket_address_to_native (address, &coap->address.addr, sizeof coap->address.addr, error))
    return FALSE;
  coap->host = g_strdup (g_network_address_get_hostname (G_NETWORK_ADDRESS (name)));
  return TRUE;
}

static PtFleetVerdict
coap_post (PtFleetTransport *transport, PtFleetOutbox *outbox, guint lines, PtFleetAnswer *answer,
           GError **error)
{
  Coap *coap = (Coap *) transport;
  g_autoptr (GArray) exchanges = g_array_sized_new (FALSE, TRUE, sizeof (Exchange), lines);
  g_autoptr (GError) local = NULL;
  PtFleetVerdict verdict = PT_FLEET_ANSWERED;
  guint line = 0;
  gsize at = 0;

  coap->trouble = NULL;
  g_array_set_clear_func (exchanges, exchange_clear);
  g_array_set_size (exchanges, lines);
  if (!coap_resolve (coap, error))
    return PT_FLEET_AGAIN;
  while (line < lines && local == NULL && !*transport->options.stop)
    line = post_some (coap, outbox, line, lines, &at, (Exchange *) (gpointer) exchanges->data,
                      &local);
  if (is_anything_answered ((Exchange *) (gpointer) exchanges->data, lines))
    fill_answer ((Exchange *) (gpointer) exchanges->data, lines, answer);
  else
    {
      verdict = g_error_matches (local, PT_ERROR, PT_ERROR_CONFIGURATION) ? PT_FLEET_REFUSED
                                                                          : PT_FLEET_AGAIN;
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      set_trouble (coap, error);
    }
  return verdict;
}

static GBytes *
coap_held (PtFleetTransport *transport, guint number, PtHeld *out, PtFleetVerdict *verdict,
           GError **error)
{
  Coap *coap = (Coap *) transport;
  const guint8 *scalar;
  const PtFleetDevice *device
      = transport->options.device (transport->options.owner, number, &scalar);
  Exchange exchange = { 0 };
  Peer *peer;
  GBytes *bytes = NULL;

  *verdict = PT_FLEET_AGAIN;
  coap->trouble = NULL;
  peer = coap_resolve (coap, error) ? peer_open (coap, number, error) : NULL;
  if (peer == NULL)
    return NULL;
  exchange_begin (&exchange, peer, COAP_REQUEST_CODE_GET, "held", NULL, 0);
  coap_wait (coap);
  if (exchange.code == 0 || exchange.code >> 5 == 5)
    set_trouble (coap, error);
  else
    {
      if (exchange.code == CODE (2, 5))
        bytes = g_byte_array_free_to_bytes (g_steal_pointer (&exchange.payload));
      bytes = pt_fleet_held_read (bytes, TRUE, device, out, verdict, error);
    }
  exchange_clear (&exchange);
  return bytes;
}

static void
coap_free_transport (PtFleetTransport *transport)
{
  Coap *coap = (Coap *) transport;

  pt_fleet_pool_clear (&coap->pool);
  coap_free_context (coap->context);
  g_hash_table_unref (coap->exchanges);
  g_free (coap->host);
  g_free (coap);
}

static gpointer
start_library (gpointer data)
{
  coap_startup ();
  coap_set_log_level (LOG_EMERG);
  coap_dtls_set_log_level (LOG_EMERG);
  return NULL;
}

PtFleetTransport *
pt_fleet_coap_new (const PtFleetTransportOptions *options)
{
  static const PtFleetTransportClass class = { coap_free_transport, coap_post, coap_held };
  static GOnce once = G_ONCE_INIT;
  Coap *coap;

  g_return_val_if_fail (options != NULL && options->via != NULL, NULL);

  g_once (&once, start_library, NULL);
  coap = g_new0 (Coap, 1);
  coap->base = (PtFleetTransport){ &class, *options };
  coap->context = coap_new_context (NULL);
  g_assert (coap->context != NULL);
  coap_set_app_data (coap->context, coap);
  coap_register_response_handler (coap->context, hear);
  coap_register_nack_handler (coap->context, hear_nothing);
  coap_register_event_handler (coap->context, see);
  coap->exchanges = g_hash_table_new (NULL, NULL);
  pt_fleet_pool_init (&coap->pool, options->connections, peer_free);
  return &coap->base;
}
