/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A request's body that comes in blocks (RFC 7959 Block1), one after the other: a client that
 * cannot send it at once has one on its way. */

#define PT_COAP_BODY_MAX (64 * 1024)          /* bytes of one */
#define PT_COAP_BODIES_MAX (16 * 1024 * 1024) /* of all that are not whole yet */

typedef enum
{
  PT_COAP_BODY_WHOLE,
  PT_COAP_BODY_MORE,
  PT_COAP_BODY_GAP,       /* a block before it is not here */
  PT_COAP_BODY_MALFORMED, /* no block's size */
  PT_COAP_BODY_LARGE,
  PT_COAP_BODY_FULL /* others take all the room there is */
} PtCoapBodyState;

typedef struct
{
  guint number, size_exponent; /* RFC 7959 section 2.2 */
  gboolean more;
} PtCoapBlock;

typedef struct
{
  GByteArray *bytes; /* NULL: nothing of one is here */
  gsize *taken;      /* bytes of all bodies, kept up to date */
} PtCoapBody;

/* Adds a block. The body stays where it is until it is cleared or another begins; what is neither
 * WHOLE nor MORE clears it. */
PtCoapBodyState pt_coap_body_add (PtCoapBody *body, const PtCoapBlock *block, const guint8 *data,
                                  gsize size);
void pt_coap_body_clear (PtCoapBody *body);
