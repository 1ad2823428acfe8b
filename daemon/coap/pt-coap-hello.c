/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-hello.h"

#include <string.h>

#define RECORD 13    /* type, version, epoch, number, length */
#define HANDSHAKE 12 /* type, length, number, the fragment's place and length */
#define RANDOM 34    /* version and random */
#define TYPE_HANDSHAKE 22
#define TYPE_CLIENT_HELLO 1
#define TYPE_VERIFY_REQUEST 3

static guint
read_big (const guint8 *data, guint size)
{
  guint value = 0;

  for (guint i = 0; i < size; i++)
    value = value << 8 | data[i];
  return value;
}

/* The bytes that a length before them tells of; FALSE: they end too soon. */
static gboolean
take_short (const guint8 *data, gsize size, gsize *at, PtSpan *out)
{
  gsize length;

  if (*at >= size)
    return FALSE;
  length = data[(*at)++];
  if (length > size - *at)
    return FALSE;
  *out = pt_span (data + *at, length);
  *at += length;
  return TRUE;
}

PtCoapHelloKind
pt_coap_hello_read (PtSpan datagram, PtCoapHello *out)
{
  const guint8 *data = (const guint8 *) datagram.data;
  gsize size = datagram.size, at = RECORD + HANDSHAKE + RANDOM, length;
  PtSpan session, cookie;

  g_return_val_if_fail (out != NULL, PT_COAP_HELLO_BAD);

  /* What libcoap makes a session of. */
  if (size <= RECORD || data[0] != TYPE_HANDSHAKE || data[RECORD] != TYPE_CLIENT_HELLO)
    return PT_COAP_HELLO_NOT;
  if (read_big (data + 3, 2) != 0) /* encrypted */
    return PT_COAP_HELLO_BEGUN;
  if (data[1] != 0xfe || size < RECORD + HANDSHAKE)
    return PT_COAP_HELLO_BAD;
  if (read_big (data + 19, 3) != 0)
    return PT_COAP_HELLO_BEGUN;
  length = read_big (data + 22, 3); /* of this fragment */
  if (length > read_big (data + 14, 3) || length + HANDSHAKE > read_big (data + 11, 2))
    return PT_COAP_HELLO_BAD;
  size = MIN (size, RECORD + HANDSHAKE + length);
  if (!take_short (data, size, &at, &session) || session.size > 32
      || !take_short (data, size, &at, &cookie))
    return PT_COAP_HELLO_BAD;
  memcpy (out->number, data + 5, sizeof out->number);
  out->cookie = cookie;
  return PT_COAP_HELLO;
}

void
pt_coap_hello_ask (const PtCoapHello *hello, const guint8 cookie[PT_COAP_COOKIE_SIZE],
                   guint8 out[PT_COAP_ASK_SIZE])
{
  const guint8 body = 3 + PT_COAP_COOKIE_SIZE;

  g_return_if_fail (hello != NULL && cookie != NULL && out != NULL);

  memset (out, 0, PT_COAP_ASK_SIZE);
  out[0] = TYPE_HANDSHAKE;
  out[1] = 0xfe; /* of DTLS 1.0, whatever comes after it */
  out[2] = 0xff;
  memcpy (out + 5, hello->number, sizeof hello->number);
  out[12] = HANDSHAKE + body;
  out[13] = TYPE_VERIFY_REQUEST;
  out[16] = body;
  out[24] = body;
  out[25] = 0xfe;
  out[26] = 0xff;
  out[27] = PT_COAP_COOKIE_SIZE;
  memcpy (out + 28, cookie, PT_COAP_COOKIE_SIZE);
}
