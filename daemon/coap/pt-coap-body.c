/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-body.h"

#define EXPONENT_MAX 6 /* 1024 bytes; 7 is of reliable transports */

void
pt_coap_body_clear (PtCoapBody *body)
{
  g_return_if_fail (body != NULL);

  if (body->bytes == NULL)
    return;
  *body->taken -= body->bytes->len;
  g_clear_pointer (&body->bytes, g_byte_array_unref);
}

static PtCoapBodyState
body_refuse (PtCoapBody *body, PtCoapBodyState state)
{
  pt_coap_body_clear (body);
  return state;
}

PtCoapBodyState
pt_coap_body_add (PtCoapBody *body, const PtCoapBlock *block, const guint8 *data, gsize size)
{
  gsize length, offset, here;

  g_return_val_if_fail (body != NULL && block != NULL, PT_COAP_BODY_MALFORMED);

  if (block->size_exponent > EXPONENT_MAX)
    return body_refuse (body, PT_COAP_BODY_MALFORMED);
  length = (gsize) 16 << block->size_exponent;
  offset = (gsize) block->number * length;
  if (size > length || size == 0 || (block->more && size != length))
    return body_refuse (body, PT_COAP_BODY_MALFORMED);
  if (offset + size > PT_COAP_BODY_MAX)
    return body_refuse (body, PT_COAP_BODY_LARGE);
  if (block->number == 0)
    pt_coap_body_clear (body);
  here = body->bytes != NULL ? body->bytes->len : 0;
  if (block->more && offset + size <= here)
    return PT_COAP_BODY_MORE; /* said again: its answer was lost */
  if (offset != here)
    return body_refuse (body, PT_COAP_BODY_GAP);
  if (*body->taken + size > PT_COAP_BODIES_MAX)
    return body_refuse (body, PT_COAP_BODY_FULL);
  if (body->bytes == NULL)
    body->bytes = g_byte_array_new ();
  g_byte_array_append (body->bytes, data, (guint) size);
  *body->taken += size;
  return block->more ? PT_COAP_BODY_MORE : PT_COAP_BODY_WHOLE;
}
