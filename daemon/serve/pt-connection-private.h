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
  GSocketAddress *remote;
  char *who;
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
  guint64 body_bytes;
  gsize lingered;
  GSource *linger_source;
  GCancellable *wake; /* for whoever waits to read */

  gsize written;        /* atomic: bytes */
  gint is_blocked;      /* atomic: the client does not take them as fast */
  gint64 watched_since; /* how fast it is */
  guint64 moved_then;
};

/* For the streams below. */
gssize pt_connection_read (PtConnection *connection, void *buffer, gsize count, GError **error);
gboolean pt_connection_is_readable (PtConnection *connection);
GSource *pt_connection_read_source (PtConnection *connection);

/* pt-connection-streams.c: the two sides of it. */
GInputStream *pt_connection_input_new (PtConnection *connection);
GOutputStream *pt_connection_output_new (PtConnection *connection);
void pt_connection_input_detach (GInputStream *stream);
void pt_connection_output_detach (GOutputStream *stream);
