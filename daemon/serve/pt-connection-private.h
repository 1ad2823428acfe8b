/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-connection.h"
#include "pt-framing.h"

typedef enum
{
  PT_CONNECTION_OPENS,
  PT_CONNECTION_IDLE, /* nothing of a request is there */
  PT_CONNECTION_HEAD,
  PT_CONNECTION_BODY,
  PT_CONNECTION_ANSWER, /* the request is read, its answer not yet written */
  PT_CONNECTION_ENDS,   /* libsoup is done with it */
  PT_CONNECTION_CLOSED
} PtConnectionState;

struct _PtConnection
{
  GIOStream parent;

  GSocket *socket;
  GIOStream *base; /* the socket's, or TLS above it */
  const PtListen *listen;
  GSocketAddress *remote;
  char *who;
  PtShown *shown; /* or NULL */
  PtConnectionEvents events;
  GInputStream *input; /* what libsoup reads and writes */
  GOutputStream *output;

  PtConnectionState state;
  gint64 since, began; /* of the state, monotonic, us; of lingering */
  PtFraming framing;
  GByteArray *ahead;     /* what was read and is not handed on */
  gsize at, ready;       /* of it: where it begins, how much may be handed on */
  gboolean is_hungry;    /* what is there is no whole head */
  gboolean ended;        /* nothing is read or written any more */
  gboolean was_refused;  /* with an answer that the client has to see */
  gboolean has_said_end; /* to libsoup */
  gboolean has_left, is_tls, is_closing_tls;
  guint hello;                   /* bytes: TLS begins with it; 0: it is not known yet */
  gboolean is_streamed, is_held; /* its body: answered on the way; not read for now */
  guint64 body_bytes;

  SoupServer *server; /* that it is to be given to; NULL: it was, or is not served yet */
  PtFast *fast;       /* what goes past libsoup; NULL: nothing does */
  gsize fast_head;    /* of a request that may, whose body is coming; 0: none is */
  gboolean is_fast;   /* one is not yet answered */
  GBytes *unsent;     /* of its answer */
  GSource *unsent_source;
  GSource *sleep; /* libsoup's, until there is something for it */

  gsize lingered;
  GSource *linger_source, *opening_source;
  GCancellable *wake; /* for whoever waits to read */

  gsize written;        /* atomic: bytes */
  gint is_blocked;      /* atomic: the client does not take them as fast */
  gint64 watched_since; /* how fast it is */
  guint64 moved_then;
};

/* Nothing of ours or of libsoup's uses the socket any more. */
void pt_connection_close (PtConnection *connection);
void pt_connection_enter (PtConnection *connection, PtConnectionState state);
void pt_connection_give_memory_back (PtConnection *connection);
/* Reads on and looks at what came, as far as it may. Whether there is something for libsoup: bytes,
 * or the end. */
gboolean pt_connection_advance (PtConnection *connection);

/* There is something for libsoup, which has it from now on: of most devices there never is, and a
 * connection that libsoup waits for costs every turn of the loop something. */
void pt_connection_give (PtConnection *connection);
/* Nobody has anything for it any more. */
void pt_connection_end (PtConnection *connection);

/* For the streams below. */
gssize pt_connection_read (PtConnection *connection, void *buffer, gsize count, GError **error);
GSource *pt_connection_read_source (PtConnection *connection);

/* pt-connection-fast.c: what goes past libsoup, which sleeps meanwhile. */

/* A source for libsoup to wait for. */
GSource *pt_connection_sleep (PtConnection *connection);
/* Something may be there to read; nothing happens while libsoup is awake. */
void pt_connection_pump (PtConnection *connection);
/* With its head, @head long, before what is ->ahead; FALSE: it is libsoup's. */
gboolean pt_connection_begin_fast (PtConnection *connection, gsize head);
/* After that, whenever more of its body came. */
void pt_connection_parse_fast (PtConnection *connection);
void pt_connection_answer_fast (PtConnection *connection, const char *text, gsize size);
/* It is closed. */
void pt_connection_leave_fast (PtConnection *connection);

/* pt-connection-streams.c: the two sides of it. */
GInputStream *pt_connection_input_new (PtConnection *connection);
GOutputStream *pt_connection_output_new (PtConnection *connection);
void pt_connection_input_detach (GInputStream *stream);
void pt_connection_output_detach (GOutputStream *stream);
