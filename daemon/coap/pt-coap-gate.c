/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-gate.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <string.h>

#include "pt-coap-hello.h"
#include "pt-coap-socket.h"

#define COOKIE_US (60 * G_USEC_PER_SEC) /* one is good for so long, and at most twice as long */
#define ADMITTED_MAX 4096               /* whose handshakes may be on their way */
#define REFUSED_MAX 256                 /* at once */

struct _PtCoapGate
{
  int socket; /* libcoap's */
  guint8 secret[32];
  guint64 admitted[ADMITTED_MAX]; /* marks of their addresses, a ring */
  guint next;
};

/* libcoap's contexts of OpenSSL: it shows none, but OpenSSL tells of each that is made. */

#define CONTEXTS_MAX 4

static _Thread_local SSL_CTX *made[CONTEXTS_MAX];
static _Thread_local guint made_count;
static _Thread_local gboolean is_watching;

static void
see_context (void *parent, void *pointer, CRYPTO_EX_DATA *data, int index, long number, void *user)
{
  if (is_watching && made_count < CONTEXTS_MAX)
    made[made_count++] = parent;
}

static int
believe (SSL *ssl, const unsigned char *cookie, unsigned int size)
{
  return 1; /* the gate has looked at it */
}

coap_context_t *
pt_coap_gate_context (void)
{
  static gsize begun;
  coap_context_t *context;

  if (g_once_init_enter (&begun))
    {
      SSL_CTX_get_ex_new_index (0, NULL, see_context, NULL, NULL);
      g_once_init_leave (&begun, 1);
    }
  made_count = 0;
  is_watching = TRUE;
  context = coap_new_context (NULL);
  is_watching = FALSE;
  for (guint i = 0; i < made_count; i++)
    SSL_CTX_set_cookie_verify_cb (made[i], believe);
  if (made_count == 0)
    g_clear_pointer (&context, coap_free_context);
  return context;
}

PtCoapGate *
pt_coap_gate_new (coap_context_t *context)
{
  PtCoapGate *gate;

  g_return_val_if_fail (context != NULL, NULL);

  gate = g_new0 (PtCoapGate, 1);
  gate->socket = pt_coap_socket_find (context);
  if (gate->socket < 0 || RAND_bytes (gate->secret, sizeof gate->secret) != 1)
    {
      pt_coap_gate_free (gate);
      return NULL;
    }
  return gate;
}

void
pt_coap_gate_free (PtCoapGate *gate)
{
  if (gate == NULL)
    return;
  OPENSSL_cleanse (gate->secret, sizeof gate->secret);
  g_free (gate);
}

/* Cookies */

/* Of an address, in a span of time; of none, its mark. */
static void
gate_seal (const PtCoapGate *gate, const struct sockaddr_storage *from, socklen_t size, gint64 span,
           guint8 out[PT_COAP_COOKIE_SIZE])
{
  guint8 text[sizeof *from + sizeof span];

  memcpy (text, &span, sizeof span);
  memcpy (text + sizeof span, from, size);
  HMAC (EVP_sha256 (), gate->secret, sizeof gate->secret, text, sizeof span + size, out, NULL);
}

static guint64
gate_mark (const PtCoapGate *gate, const struct sockaddr_storage *from, socklen_t size)
{
  guint8 seal[PT_COAP_COOKIE_SIZE];
  guint64 mark;

  gate_seal (gate, from, size, -1, seal);
  memcpy (&mark, seal, sizeof mark);
  return mark;
}

static gboolean
gate_has_admitted (const PtCoapGate *gate, guint64 mark)
{
  for (guint i = 0; i < ADMITTED_MAX; i++)
    if (gate->admitted[i] == mark)
      return TRUE;
  return FALSE;
}

static void
gate_admit (PtCoapGate *gate, guint64 mark)
{
  if (gate_has_admitted (gate, mark))
    return;
  gate->admitted[gate->next] = mark;
  gate->next = (gate->next + 1) % ADMITTED_MAX;
}

static gboolean
gate_knows (const PtCoapGate *gate, PtSpan cookie, const struct sockaddr_storage *from,
            socklen_t size)
{
  gint64 now = g_get_monotonic_time () / COOKIE_US;
  guint8 seal[PT_COAP_COOKIE_SIZE];

  if (cookie.size != sizeof seal)
    return FALSE;
  for (gint64 span = now; span >= now - 1; span--)
    {
      gate_seal (gate, from, size, span, seal);
      if (CRYPTO_memcmp (seal, cookie.data, sizeof seal) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Datagrams */

/* Takes the next datagram, and asks its sender for @hello with a cookie. @hello: NULL, nothing is
 * asked. */
static void
gate_refuse (const PtCoapGate *gate, const PtCoapHello *hello)
{
  PtCoapSender sender;
  guint8 cookie[PT_COAP_COOKIE_SIZE], ask[PT_COAP_ASK_SIZE];

  if (!pt_coap_socket_take (gate->socket, &sender) || hello == NULL)
    return;
  gate_seal (gate, &sender.from, sender.from_size, g_get_monotonic_time () / COOKIE_US, cookie);
  pt_coap_hello_ask (hello, cookie, ask);
  pt_coap_socket_answer (gate->socket, &sender, ask, sizeof ask);
}

/* Whether what is next is libcoap's; what is not is taken away. */
static gboolean
gate_judge (PtCoapGate *gate, PtSpan datagram, const struct sockaddr_storage *from, socklen_t size)
{
  PtCoapHello hello;

  switch (pt_coap_hello_read (datagram, &hello))
    {
    case PT_COAP_HELLO_NOT:
      return TRUE;
    case PT_COAP_HELLO_BEGUN:
      if (gate_has_admitted (gate, gate_mark (gate, from, size)))
        return TRUE;
      gate_refuse (gate, NULL);
      return FALSE;
    case PT_COAP_HELLO_BAD:
      gate_refuse (gate, NULL);
      return FALSE;
    case PT_COAP_HELLO:
      if (gate_knows (gate, hello.cookie, from, size))
        {
          gate_admit (gate, gate_mark (gate, from, size));
          return TRUE;
        }
      gate_refuse (gate, &hello);
      return FALSE;
    }
  g_assert_not_reached ();
}

gboolean
pt_coap_gate_let (PtCoapGate *gate)
{
  g_return_val_if_fail (gate != NULL, FALSE);

  for (guint i = 0; i < REFUSED_MAX; i++)
    {
      char look[PT_COAP_HELLO_LOOK];
      PtCoapSender sender;
      gssize got = pt_coap_socket_peek (gate->socket, look, sizeof look, &sender);

      if (got < 0)
        return FALSE;
      if (gate_judge (gate, pt_span (look, MIN ((gsize) got, sizeof look)), &sender.from,
                      sender.from_size))
        return TRUE;
    }
  return FALSE;
}
