/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-base.h"
#include "pt-error.h"
#include "pt-fast.h"
#include "pt-listen.h"

/* A client's connection as libsoup is given it: a stream that hands on one request at a time, each
 * head checked before it is read (pt-framing), and whose reader and writer have deadlines. libsoup
 * has neither, and holds on to a connection whose reading failed. Main loop, but for writing. */
#define PT_TYPE_CONNECTION (pt_connection_get_type ())
G_DECLARE_FINAL_TYPE (PtConnection, pt_connection, PT, CONNECTION, GIOStream)

typedef void (*PtConnectionFunc) (PtConnection *connection, gpointer data);

typedef struct
{
  /* A proxy says that it speaks for @who, who may be NULL; FALSE: there is no place for him. */
  gboolean (*named) (PtConnection *connection, const char *who, gpointer data);
  PtConnectionFunc opened; /* requests can come, when TLS is agreed */
  PtConnectionFunc left;   /* it counts no more: it was cut, or @closed follows */
  PtConnectionFunc closed; /* its descriptor is free; comes last, once */
  gpointer data;
} PtConnectionEvents;

/* The certificate that a client showed in TLS. */
typedef struct
{
  char sha256[2 * PT_HASH_SIZE + 1]; /* of it, in hex */
  guint8 key[PT_PUBLIC_KEY_SIZE];    /* zeros, which are no device's: it is of another kind */
  char area[PT_AREA_MAX + 1], device[PT_ID_MAX + 1]; /* empty: it names no device by its URI */
} PtShown;

/* @listen: where it came, which outlives it. @who: the client, for budgets; NULL: it is not bounded
 * by itself. Copies both. */
PtConnection *pt_connection_new (GSocket *socket, const PtListen *listen, const char *who,
                                 const PtConnectionEvents *events);
/* Hears whom a proxy speaks for, and agrees on TLS, as its listen has it. */
void pt_connection_open (PtConnection *connection);
/* Gives it to @server; what @fast takes (NULL: nothing) goes past it, where devices are served.
 * Both have to outlive it. */
void pt_connection_serve (PtConnection *connection, SoupServer *server, PtFast *fast);
/* Of a message that came over one; NULL: it is closed. */
PtConnection *pt_connection_of (SoupServerMessage *message);
const char *pt_connection_who (PtConnection *connection);
const PtListen *pt_connection_listen (PtConnection *connection);
/* Where the client is, or whom a proxy named in its PROXY head. NULL before there are requests. */
GSocketAddress *pt_connection_remote (PtConnection *connection);
/* Whether it has its place still: neither cut nor closed. */
gboolean pt_connection_is_counted (PtConnection *connection);
/* What the client showed, which the listener's authorities signed; NULL: nothing. */
const PtShown *pt_connection_shown (PtConnection *connection);

/* Answers what is being asked with a problem, past libsoup, which then finds the connection at its
 * end; what the client still sends is read away for a while, so that it sees the answer. Only
 * before an answer has begun. */
void pt_connection_refuse (PtConnection *connection, guint status, PtErrorCode code,
                           const char *sentence);
/* Its body is answered on the way, past libsoup (pt-stream.h): whole it may take as long as it
 * moves. */
void pt_connection_be_streamed (PtConnection *connection);
/* Nothing more is read until @held is FALSE. */
void pt_connection_hold (PtConnection *connection, gboolean held);
/* Where such an answer is written, and how much of it was; @waits: there is more. */
GPollableOutputStream *pt_connection_below (PtConnection *connection);
void pt_connection_note_written (PtConnection *connection, gssize size, gboolean waits);
/* It is written: libsoup finds the connection at its end, and the client has time to read it. */
void pt_connection_end_streamed (PtConnection *connection);
/* Ends it without a word. */
void pt_connection_cut (PtConnection *connection);
/* From now on nobody is told of anything. */
void pt_connection_forget (PtConnection *connection);

/* Cuts it if it has been too slow; in want (@tight) patience is short, and with TLS where threads
 * are wanted. @now: monotonic, us. */
void pt_connection_look (PtConnection *connection, gint64 now, gboolean tight, gboolean wanted);
/* Its client began with TLS, and no thread has looked at that yet. */
gboolean pt_connection_waits_for_thread (PtConnection *connection);
/* Since when nothing is under way on it, monotonic, us; 0: something is. */
gint64 pt_connection_idle_since (PtConnection *connection);
