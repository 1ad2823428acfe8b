/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-budget.h"
#include "pt-route.h"

/* A body that is taken in as it comes and answered on the way, line by line: past libsoup, which
 * can't write before it has read. Whoever takes it in holds it while he has enough. The connection
 * ends with the answer. Main loop. */

typedef struct
{
  void (*take) (gpointer data, const char *bytes, gsize size); /* what came */
  void (*go_on) (gpointer data);                               /* the client has read its answers */
  void (*came) (gpointer data);                                /* that was all */
  void (*gone) (gpointer data); /* nobody hears any more; once, last */
} PtStreamTaker;

/* Whether this is one: lines (application/x-ndjson) in chunks, or more than @most bytes. */
gboolean pt_stream_fits (SoupServerMessage *message, gsize most);
/* When the head is there. Calls the route's stream (), or refuses. @bodies: of bytes on their way
 * in; has to outlive it. */
void pt_stream_begin (SoupServerMessage *message, PtRouteMatch *match, PtBudget *bodies);
/* Of a message whose body was taken so; NULL: it was not. */
PtStream *pt_stream_of (SoupServerMessage *message);
/* From the message's handler in libsoup: all has come. */
void pt_stream_came (PtStream *stream);

/* For a route's stream () */

/* @taker is static. Once, in it. */
void pt_stream_set_taker (PtStream *stream, const PtStreamTaker *taker, gpointer data);
SoupServerMessage *pt_stream_message (PtStream *stream);
/* Nothing more is read, but for some KiB, until @held is FALSE. */
void pt_stream_hold (PtStream *stream, gboolean held);
/* A piece of the answer. */
void pt_stream_say (PtStream *stream, const char *text);
/* The client does not read as fast: how much waits for it. */
gsize pt_stream_unread (PtStream *stream);
/* The answer's end; gone () follows. */
void pt_stream_end (PtStream *stream);
