/* SPDX-License-Identifier: Apache-2.0 */
/* A device's side of CoAP over DTLS, as a test wants it.
 *
 *   coap-probe HOST PORT psk IDENTITY HEX
 *   coap-probe HOST PORT pki CERTIFICATE KEY CA
 *
 * "psk-briefly" and "pki-briefly": it gives up soon when nobody answers. One session. Each line of
 * standard input is a request: con|non post|get PATH FORMAT|- ID|- TOKEN|- BODY|-      token and
 * body in hex or "block ..." instead of con: confirmable, its body in blocks of 64 bytes. Each
 * response is a line: its code, its token, Max-Age or -, its content format or -, its payload in
 * hex; "failed" and a reason is one too. It ends with its input or its session. */
#include <arpa/inet.h>
#include <coap3/coap.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#define BLOCK_EXPONENT 2 /* 64 bytes */

typedef struct
{
  coap_context_t *context;
  coap_session_t *session;
  gboolean is_over; /* the session */
} Probe;

static gsize
read_hex (const char *text, guint8 *out, gsize most)
{
  gsize size = strcmp (text, "-") == 0 ? 0 : strlen (text) / 2;

  g_assert_cmpuint (size, <=, most);
  for (gsize i = 0; i < size; i++)
    out[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4
                       | g_ascii_xdigit_value (text[2 * i + 1]));
  return size;
}

static void
print_hex (const guint8 *data, gsize size)
{
  if (size == 0)
    printf (" -");
  else
    printf (" ");
  for (gsize i = 0; i < size; i++)
    printf ("%02x", data[i]);
}

static void
print_option (const coap_pdu_t *pdu, coap_option_num_t number)
{
  coap_opt_iterator_t iter;
  coap_opt_t *option = coap_check_option (pdu, number, &iter);

  if (option == NULL)
    printf (" -");
  else
    printf (" %u", coap_decode_var_bytes (coap_opt_value (option), coap_opt_length (option)));
}

static coap_response_t
hear (coap_session_t *session, const coap_pdu_t *sent, const coap_pdu_t *received,
      const coap_mid_t id)
{
  coap_bin_const_t token = coap_pdu_get_token (received);
  guint code = coap_pdu_get_code (received);
  const guint8 *data = NULL;
  gsize size = 0, offset = 0, total = 0;

  coap_get_data_large (received, &size, &data, &offset, &total);
  printf ("%u.%02u", code >> 5, code & 31);
  print_hex (token.s, token.length);
  print_option (received, COAP_OPTION_MAXAGE);
  print_option (received, COAP_OPTION_CONTENT_FORMAT);
  print_hex (data, size);
  printf ("\n");
  fflush (stdout);
  return COAP_RESPONSE_OK;
}

static void
fail (const char *why)
{
  printf ("failed %s\n", why);
  fflush (stdout);
}

static void
hear_nothing (coap_session_t *session, const coap_pdu_t *sent, const coap_nack_reason_t reason,
              const coap_mid_t id)
{
  static const char *const reasons[] = { "retries", "undeliverable", "reset", "tls", "icmp" };

  fail ((guint) reason < G_N_ELEMENTS (reasons) ? reasons[reason] : "otherwise");
}

static int
see (coap_session_t *session, const coap_event_t event)
{
  Probe *probe = coap_get_app_data (coap_session_get_context (session));

  if (event == COAP_EVENT_DTLS_CLOSED || event == COAP_EVENT_DTLS_ERROR)
    {
      probe->is_over = TRUE;
      fail (event == COAP_EVENT_DTLS_CLOSED ? "closed" : "alert");
    }
  return 0;
}

static void
probe_send (Probe *probe, char **words)
{
  static guint8 body[128 * 1024];
  gboolean in_blocks = strcmp (words[0], "block") == 0;
  coap_pdu_t *pdu = coap_pdu_init (
      strcmp (words[0], "non") == 0 ? COAP_MESSAGE_NON : COAP_MESSAGE_CON,
      strcmp (words[1], "get") == 0 ? COAP_REQUEST_CODE_GET : COAP_REQUEST_CODE_POST,
      strcmp (words[4], "-") == 0 ? coap_new_message_id (probe->session)
                                  : (coap_mid_t) atoi (words[4]),
      coap_session_max_pdu_size (probe->session));
  g_auto (GStrv) path = g_strsplit (words[2], "/", -1);
  guint8 token[8], number[4];
  gsize token_size = read_hex (words[5], token, sizeof token);
  gsize size = read_hex (words[6], body, sizeof body);

  g_assert_nonnull (pdu);
  coap_add_token (pdu, token_size, token);
  for (guint i = 0; path[i] != NULL; i++)
    coap_add_option (pdu, COAP_OPTION_URI_PATH, strlen (path[i]), (const guint8 *) path[i]);
  if (strcmp (words[3], "-") != 0)
    coap_add_option (pdu, COAP_OPTION_CONTENT_FORMAT,
                     coap_encode_var_safe (number, sizeof number, (guint) atoi (words[3])), number);
  if (in_blocks)
    coap_add_option (pdu, COAP_OPTION_BLOCK1,
                     coap_encode_var_safe (number, sizeof number, BLOCK_EXPONENT), number);
  if (in_blocks)
    coap_add_data_large_request (probe->session, pdu, size, body, NULL, NULL);
  else if (size > 0)
    coap_add_data (pdu, size, body);
  if (coap_send (probe->session, pdu) == COAP_INVALID_MID)
    fail ("unsent");
}

static void
open_psk (Probe *probe, const coap_address_t *address, char **words)
{
  guint8 key[64];
  coap_dtls_cpsk_t setup = { .version = COAP_DTLS_CPSK_SETUP_VERSION };

  setup.psk_info.identity.s = (const guint8 *) words[0];
  setup.psk_info.identity.length = strlen (words[0]);
  setup.psk_info.key.s = key;
  setup.psk_info.key.length = read_hex (words[1], key, sizeof key);
  probe->session
      = coap_new_client_session_psk2 (probe->context, NULL, address, COAP_PROTO_DTLS, &setup);
}

static void
open_pki (Probe *probe, const coap_address_t *address, char **words)
{
  coap_dtls_pki_t setup = { .version = COAP_DTLS_PKI_SETUP_VERSION,
                            .verify_peer_cert = 1,
                            .check_common_ca = 1,
                            .cert_chain_validation = 1,
                            .cert_chain_verify_depth = 3,
                            .pki_key.key_type = COAP_PKI_KEY_PEM };

  setup.pki_key.key.pem.public_cert = strcmp (words[0], "-") == 0 ? NULL : words[0];
  setup.pki_key.key.pem.private_key = strcmp (words[1], "-") == 0 ? NULL : words[1];
  setup.pki_key.key.pem.ca_file = words[2];
  probe->session
      = coap_new_client_session_pki (probe->context, NULL, address, COAP_PROTO_DTLS, &setup);
}

static void
probe_open (Probe *probe, char **words)
{
  coap_address_t address;

  coap_address_init (&address);
  address.size = sizeof address.addr.sin;
  address.addr.sin.sin_family = AF_INET;
  address.addr.sin.sin_port = htons ((guint16) atoi (words[1]));
  g_assert_cmpint (inet_pton (AF_INET, words[0], &address.addr.sin.sin_addr), ==, 1);
  probe->context = coap_new_context (NULL);
  g_assert_nonnull (probe->context);
  coap_set_app_data (probe->context, probe);
  coap_context_set_block_mode (probe->context, COAP_BLOCK_USE_LIBCOAP | COAP_BLOCK_SINGLE_BODY);
  coap_register_response_handler (probe->context, hear);
  coap_register_nack_handler (probe->context, hear_nothing);
  coap_register_event_handler (probe->context, see);
  if (g_str_has_prefix (words[2], "psk"))
    open_psk (probe, &address, words + 3);
  else
    open_pki (probe, &address, words + 3);
  if (probe->session != NULL)
    coap_session_set_nstart (probe->session, 64);
  if (probe->session != NULL && g_str_has_suffix (words[2], "-briefly"))
    coap_session_set_max_retransmit (probe->session, 1);
}

int
main (int argc, char **argv)
{
  Probe probe = { 0 };
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (STDIN_FILENO);
  gboolean has_input = TRUE;

  g_assert_cmpint (argc, >=, 6);
  coap_startup ();
  coap_set_log_level (LOG_EMERG);
  coap_dtls_set_log_level (LOG_EMERG);
  probe_open (&probe, argv + 1);
  if (probe.session == NULL)
    {
      fail ("session");
      return 1;
    }
  g_io_channel_set_flags (input, G_IO_FLAG_NONBLOCK, NULL);
  while (!probe.is_over && has_input)
    {
      fd_set readable;
      g_autofree char *line = NULL;
      GIOStatus status = g_io_channel_read_line (input, &line, NULL, NULL, NULL);

      if (status == G_IO_STATUS_NORMAL)
        {
          g_auto (GStrv) words = g_strsplit (g_strstrip (line), " ", -1);

          g_assert_cmpuint (g_strv_length (words), ==, 7);
          probe_send (&probe, words);
          continue;
        }
      has_input = status == G_IO_STATUS_AGAIN;
      FD_ZERO (&readable);
      FD_SET (STDIN_FILENO, &readable);
      coap_io_process_with_fds (probe.context, 20, STDIN_FILENO + 1, &readable, NULL, NULL);
    }
  coap_session_release (probe.session);
  coap_free_context (probe.context);
  return 0;
}
