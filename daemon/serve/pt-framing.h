/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* How far a request reaches (RFC 9112): its head is checked whole before anybody acts on it, then
 * its body is followed to its end. What two programs could read in two ways is refused, also where
 * the RFC would let it pass: behind a proxy such a request smuggles a second one (section 11.2). No
 * input and output here. */

#define PT_FRAMING_HEAD_MAX (32 * 1024)

typedef enum
{
  PT_FRAMING_HEAD,
  PT_FRAMING_LENGTH, /* a body of ->left bytes */
  PT_FRAMING_SIZE,   /* of a chunk: digits */
  PT_FRAMING_EXTENSION,
  PT_FRAMING_SIZE_END, /* its LF */
  PT_FRAMING_CHUNK,    /* ->left bytes */
  PT_FRAMING_CHUNK_RETURN,
  PT_FRAMING_CHUNK_END,
  PT_FRAMING_TRAILER, /* a line's begin */
  PT_FRAMING_TRAILER_LINE,
  PT_FRAMING_TRAILER_END,
  PT_FRAMING_LAST_END,
  PT_FRAMING_DONE
} PtFramingState;

typedef struct
{
  PtFramingState state;
  gsize scanned, line; /* of the head: looked at, and where its line begins */
  guint64 left;
  guint digits, extra; /* of a chunk's size; bytes that say nothing */
  gboolean is_old;     /* HTTP/1.0 */
  gboolean has_host, is_head;
} PtFraming;

/* For the first request, and for the next one when ->state is DONE. */
void pt_framing_begin (PtFraming *framing);
/* @data: all of the head that has come, without empty lines before it. The head's length with the
 * empty line that ends it, once it is there; 0: more is needed, or *@wrong is a static sentence
 * that says why it is refused. */
gsize pt_framing_head (PtFraming *framing, const char *data, gsize size, const char **wrong);
/* How many of the bytes that came next belong to the body; all of them, unless it ends. 0 with
 * *@wrong set: refused. */
gsize pt_framing_body (PtFraming *framing, const char *data, gsize size, const char **wrong);
