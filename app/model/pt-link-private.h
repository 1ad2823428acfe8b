/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-discovery.h"
#include "pt-event-queue.h"
#include "pt-event-stream.h"
#include "pt-feed-sites.h"
#include "pt-fetch.h"
#include "pt-link.h"

/* PtLink's parts, for pt-link*.c only:
 *   pt-link.c        the object: what it knows, and who may ask
 *   pt-link-steps.c  the connection: from one step to the next, losing it, coming back
 *   pt-link-site.c   one site, a proof, a batch file */

/* Where the connection is. What people are told (PtLinkState) depends on it and on what was there
 * before. */
typedef enum
{
  PT_LINK_STEP_OFF,     /* not started, or no address is known */
  PT_LINK_STEP_ASKING,  /* for the daemon's status: is it one of ours? */
  PT_LINK_STEP_OPENING, /* the stream of events, before anything is loaded, so that none is missed
                         */
  PT_LINK_STEP_FILLING, /* feed after feed is loaded; events wait in the queue */
  PT_LINK_STEP_LIVE,    /* events are applied; the status is asked for now and then */
  PT_LINK_STEP_PAUSING  /* it was lost, and is tried again after a pause */
} PtLinkStep;

struct _PtLink
{
  GObject parent_instance;
  char *wanted; /* the URL that was given, or NULL */
  char *url;
  PtDiscovery *discovery;
  SoupSession *session;
  gboolean running;

  PtLinkState state;
  char *detail;
  gboolean ever_live;
  gboolean lost; /* the log says so, and not yet that it is back */

  PtLinkStep step;
  GCancellable *attempt; /* of the connection that is up or being made, or NULL */
  PtEventStream *stream;
  PtEventQueue *queue;
  guint filling;    /* the feed that is being loaded */
  guint failures;   /* in a row */
  guint retry;      /* source: the next attempt */
  guint poll;       /* source: the status, while live */
  gboolean polling; /* its answer is awaited */

  GPtrArray *feeds;       /* PtFeed, in the order in which they are loaded */
  PtFeedSites *sites;     /* the first of them; borrowed */
  PtDaemonStatus *status; /* the last one, or NULL */
  gint64 now, now_at;     /* ms of the daemon's clock, and our monotonic us when it was so */
  double speed;
  gint64 heard; /* monotonic us; 0: never */
};

/* "http://.../api/v1" and @path, which is "" or begins with a slash. */
char *pt_link_address (PtLink *link, const char *path);
void pt_link_set_url (PtLink *link, const char *url);
void pt_link_set_clock (PtLink *link, gint64 now, double speed);
/* Takes @status; emits "status-changed". */
void pt_link_take_status (PtLink *link, PtDaemonStatus *status);
void pt_link_say (PtLink *link, PtLinkState state, char *detail); /* takes @detail */

/* Begins anew, whatever the step; OFF where no address is known. */
void pt_link_connect (PtLink *link);
void pt_link_disconnect (PtLink *link);
/* A PtEventQueueFailed for the queue. */
void pt_link_queue_failed (const GError *error, gpointer link);
