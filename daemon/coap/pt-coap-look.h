/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"

/* A look at a datagram of CoAP (RFC 7252 section 3) before libcoap has it: whether it is a request
 * that OSCORE protects, and whose it says to be (RFC 8613 section 6.1). */

#define PT_COAP_LOOK_MAX 2048    /* bytes of a datagram; a longer one is nobody's */
#define PT_COAP_LOOK_REFUSAL 128 /* bytes of an answer */

typedef enum
{
  PT_COAP_LOOK_JUNK,   /* it is passed over (section 4.2, 4.3) */
  PT_COAP_LOOK_EMPTY,  /* acknowledges or rejects what was sent to it */
  PT_COAP_LOOK_PLAIN,  /* a request that nothing protects */
  PT_COAP_LOOK_UNREAD, /* its OSCORE option says nothing */
  PT_COAP_LOOK_PROTECTED
} PtCoapLookKind;

typedef struct
{
  gboolean is_confirmable;
  guint8 number[2]; /* the message's */
  PtSpan token;     /* pieces of the datagram */
  PtSpan id;        /* the sender's */
} PtCoapLook;

PtCoapLookKind pt_coap_look_read (PtSpan datagram, PtCoapLook *out);
/* The answer to a request, in one datagram; its size. @text: of PT_COAP_LOOK_REFUSAL - 16 bytes at
 * most. */
gsize pt_coap_look_refuse (const PtCoapLook *look, guint8 code, const char *text,
                           guint8 out[PT_COAP_LOOK_REFUSAL]);
