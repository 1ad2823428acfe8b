/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-look.h"

#include <string.h>

#define HEAD 4
#define CONFIRMABLE 0
#define NON_CONFIRMABLE 1
#define ACKNOWLEDGEMENT 2
#define OPTION_HOST 3
#define OPTION_PORT 7
#define OPTION_OSCORE 9
#define PAYLOAD 0xff
#define TAG 8 /* bytes at the end of a ciphertext; before them is a code at least */
#define PARTIAL_IV_MAX 5

/* RFC 7252 section 3.1: a number of which the first four bits are @nibble. */
static gboolean
read_number (PtSpan *rest, guint nibble, gsize *out)
{
  const guint8 *bytes = (const guint8 *) rest->data;
  gsize extra = nibble == 13 ? 1 : nibble == 14 ? 2 : 0;

  if (nibble == 15 || rest->size < extra)
    return FALSE;
  *out = nibble;
  if (extra == 1)
    *out = bytes[0] + 13u;
  else if (extra == 2)
    *out = (gsize) (bytes[0] << 8 | bytes[1]) + 269;
  *rest = pt_span (rest->data + extra, rest->size - extra);
  return TRUE;
}

/* The next option; FALSE: it has none, or it is none. */
static gboolean
next_option (PtSpan *rest, gsize *number, PtSpan *value)
{
  guint8 head;
  gsize delta, size;

  if (rest->size == 0 || (guint8) rest->data[0] == PAYLOAD)
    return FALSE;
  head = (guint8) rest->data[0];
  *rest = pt_span (rest->data + 1, rest->size - 1);
  if (!read_number (rest, head >> 4, &delta) || !read_number (rest, head & 15, &size)
      || size > rest->size)
    {
      *rest = pt_span (NULL, 0);
      return FALSE;
    }
  *number += delta;
  *value = pt_span (rest->data, size);
  *rest = pt_span (rest->data + size, rest->size - size);
  return TRUE;
}

/* Of the OSCORE option of a request: it has an ID and a partial IV, and no ID context, which no
 * device of ours has. */
static gboolean
read_id (PtSpan option, PtSpan *id)
{
  guint8 flags = option.size > 0 ? (guint8) option.data[0] : 0;
  gsize partial_iv = flags & 7;

  if ((flags & 0xf8) != 0x08 || partial_iv == 0 || partial_iv > PARTIAL_IV_MAX
      || option.size < 1 + partial_iv)
    return FALSE;
  *id = pt_span (option.data + 1 + partial_iv, option.size - 1 - partial_iv);
  return TRUE;
}

/* What else is outside is nobody's word, and libcoap judges some of it (a proxy's) before it looks
 * inside. */
static PtCoapLookKind
read_request (PtSpan rest, PtCoapLook *out)
{
  guint protections = 0;
  gboolean is_read = FALSE, has_others = FALSE;
  PtSpan value;
  gsize number = 0;

  while (next_option (&rest, &number, &value))
    if (number == OPTION_OSCORE)
      {
        protections++;
        is_read = read_id (value, &out->id);
      }
    else if (number != OPTION_HOST && number != OPTION_PORT)
      has_others = TRUE;
  if (rest.data == NULL)
    return PT_COAP_LOOK_JUNK;
  if (protections == 0)
    return PT_COAP_LOOK_PLAIN;
  return protections == 1 && is_read && !has_others && rest.size >= 2 + TAG ? PT_COAP_LOOK_PROTECTED
                                                                            : PT_COAP_LOOK_UNREAD;
}

PtCoapLookKind
pt_coap_look_read (PtSpan datagram, PtCoapLook *out)
{
  const guint8 *bytes = (const guint8 *) datagram.data;
  guint kind, token_size;

  g_return_val_if_fail (out != NULL, PT_COAP_LOOK_JUNK);

  memset (out, 0, sizeof *out);
  if (datagram.size < HEAD || datagram.size > PT_COAP_LOOK_MAX || bytes[0] >> 6 != 1)
    return PT_COAP_LOOK_JUNK;
  kind = bytes[0] >> 4 & 3;
  token_size = bytes[0] & 15;
  if (kind >= ACKNOWLEDGEMENT)
    return datagram.size == HEAD && token_size == 0 && bytes[1] == 0 ? PT_COAP_LOOK_EMPTY
                                                                     : PT_COAP_LOOK_JUNK;
  if (bytes[1] == 0 || bytes[1] >> 5 != 0 || token_size > 8 || datagram.size < HEAD + token_size)
    return PT_COAP_LOOK_JUNK;
  out->is_confirmable = kind == CONFIRMABLE;
  memcpy (out->number, bytes + 2, sizeof out->number);
  out->token = pt_span (datagram.data + HEAD, token_size);
  return read_request (
      pt_span (datagram.data + HEAD + token_size, datagram.size - HEAD - token_size), out);
}

gsize
pt_coap_look_refuse (const PtCoapLook *look, guint8 code, const char *text,
                     guint8 out[PT_COAP_LOOK_REFUSAL])
{
  guint kind;
  gsize size;

  g_return_val_if_fail (look != NULL && text != NULL && out != NULL, 0);
  g_return_val_if_fail (look->token.size <= 8 && strlen (text) <= PT_COAP_LOOK_REFUSAL - 16, 0);

  kind = look->is_confirmable ? ACKNOWLEDGEMENT : NON_CONFIRMABLE;
  out[0] = (guint8) (1 << 6 | kind << 4 | look->token.size);
  out[1] = code;
  memcpy (out + 2, look->number, sizeof look->number);
  size = HEAD;
  if (look->token.size > 0)
    memcpy (out + size, look->token.data, look->token.size);
  size += look->token.size;
  out[size++] = PAYLOAD;
  memcpy (out + size, text, strlen (text));
  return size + strlen (text);
}
