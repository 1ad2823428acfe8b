/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"

/* How a DTLS session begins (RFC 6347 section 4.2.1): the client's hello, and the server's answer
 * to one without its cookie, HelloVerifyRequest. Nothing is kept of either. */

#define PT_COAP_COOKIE_SIZE 32
#define PT_COAP_ASK_SIZE (13 + 12 + 3 + PT_COAP_COOKIE_SIZE) /* no longer than any hello */
#define PT_COAP_HELLO_LOOK 512 /* bytes of a datagram that are looked at; the cookie is in them */

typedef enum
{
  PT_COAP_HELLO_NOT,   /* something else */
  PT_COAP_HELLO_BEGUN, /* may be of a handshake that is known; a stranger's it is not */
  PT_COAP_HELLO_BAD,   /* looks like one and is none */
  PT_COAP_HELLO,
} PtCoapHelloKind;

typedef struct
{
  guint8 number[6]; /* of its record: the answer has the same */
  PtSpan cookie;    /* maybe empty; a piece of the datagram */
} PtCoapHello;

/* @datagram: its beginning, PT_COAP_HELLO_LOOK bytes if there are so many. */
PtCoapHelloKind pt_coap_hello_read (PtSpan datagram, PtCoapHello *out);
void pt_coap_hello_ask (const PtCoapHello *hello, const guint8 cookie[PT_COAP_COOKIE_SIZE],
                        guint8 out[PT_COAP_ASK_SIZE]);
