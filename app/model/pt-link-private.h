/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-daemon-read.h"
#include "pt-discovery.h"
#include "pt-event-stream.h"
#include "pt-fetch.h"
#include "pt-link.h"
#include "pt-record-list.h"
#include "pt-site-row.h"

/* PtLink's parts, for pt-link*.c only:
 *   pt-link.c        its state: searching, connecting, losing, coming back
 *   pt-link-state.c  what all of them know
 *   pt-link-load.c   everything there is, read once a connection
 *   pt-link-apply.c  what happens, applied a little at a time
 *   pt-link-site.c   one site, a proof, a batch file */

#define PT_LINK_OUTAGES_MAX 200000
#define PT_LINK_BATCHES_MAX 1000
#define PT_LINK_AREAS_MAX 65536

/* Events that came and are not applied yet. */
typedef struct
{
  GQueue events; /* QueuedEvent */
  gsize bytes;
  GBytes *sites;       /* the event whose rows are being read, or NULL */
  PtJsonReader reader; /* inside its array */
  guint source;
  guint flush;    /* source: the lists are told later */
  gint64 flushed; /* monotonic us: when they were told last */
} PtLinkQueue;

struct _PtLink
{
  GObject parent_instance;
  /* The connection is no more, and another one is made after a pause; everything is loaded. */
  void (*lost) (PtLink *self, const GError *error);
  void (*loaded) (PtLink *self);
  char *wanted; /* the URL that was given, or NULL */
  char *url;
  PtDiscovery *discovery;
  SoupSession *session;
  gboolean running;

  PtLinkState state;
  char *detail;
  gboolean ever_live;
  guint failures;   /* in a row */
  guint retry;      /* source: the next attempt */
  guint poll;       /* source: the status, while live */
  gboolean polling; /* its answer is awaited */

  GCancellable *attempt; /* of the connection that is up or being made, or NULL */
  PtEventStream *stream;
  gboolean applying; /* everything is loaded: events may be applied */
  PtLinkQueue queue;

  PtSiteStore *sites;
  PtRecordList *outages, *batches, *areas;
  PtDaemonStatus *status; /* the last one, or NULL */
  gint64 now, now_at;     /* ms of the daemon's clock, and our monotonic us when it was so */
  double speed;
  gint64 heard; /* monotonic us; 0: never */

  /* While everything is loaded */
  GByteArray *seen;        /* a flag for each site that was there before, or NULL */
  GPtrArray *page_records; /* what came of outages */
  guint pages;
};

/* "http://.../api/v1" and @path, which begins with a slash. */
char *pt_link_address (PtLink *self, const char *path);
void pt_link_heard (PtLink *self);
void pt_link_set_clock (PtLink *self, gint64 now, double speed);
/* Takes @status; emits "status-changed". */
void pt_link_take_status (PtLink *self, PtDaemonStatus *status);
void pt_link_say (PtLink *self, PtLinkState state, char *detail); /* takes @detail */

/* Loads everything; ends in ->loaded () or ->lost (). */
void pt_link_load (PtLink *self);
void pt_link_load_clear (PtLink *self);
void pt_link_load_areas (PtLink *self); /* these alone, again */

/* Queues an event; FALSE with an error when more wait than should. */
gboolean pt_link_queue_event (PtLink *self, const PtEvent *event, GError **error);
void pt_link_queue_start (PtLink *self);
void pt_link_queue_clear (PtLink *self);
