/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-daemon-status.h"
#include "pt-event-line.h"

/* One sort of thing that a daemon tells of, as the console keeps it: loaded whole once a
 * connection, then brought up to date by the events of the stream. This is what PtLink knows of
 * each; what they are is said in pt-feed-sites.h and, for whatever is a list, pt-feed-list.h.
 * Main thread only.
 * Signal "told" (PtEventLine *line): something happened that belongs into the log of events. */

#define PT_TYPE_FEED (pt_feed_get_type ())
G_DECLARE_DERIVABLE_TYPE (PtFeed, pt_feed, PT, FEED, GObject)

struct _PtFeedClass
{
  GObjectClass parent_class;

  /* Reads everything from @base ("http://.../api/v1"); ends in @task, which it takes and which
   * returns a boolean. */
  void (*load) (PtFeed *feed, SoupSession *session, const char *base, GTask *task);
  /* The bytes that an event of @type may have; 0: the feed takes none of that type. */
  gsize (*event_max) (PtFeed *feed, const char *type);
  /* Does what an event says, or, where that is much, a part of it, and sets *@more: it is then
   * called again with the same @data, unless it was interrupted. */
  gboolean (*apply) (PtFeed *feed, const char *type, GBytes *data, gboolean *more, GError **error);
  /* Tells views what was applied since the last time; may be left out. */
  void (*flush) (PtFeed *feed);
  /* The connection is no more: what was half loaded or half applied stays so; may be left out. */
  void (*interrupt) (PtFeed *feed);
  /* Whether the daemon's status speaks of what no event has told; may be left out. */
  gboolean (*is_behind) (PtFeed *feed, const PtDaemonStatus *status);
};

/* The verbs of the class, for PtLink. Errors of loading are pt-fetch.h's; of an event that cannot
 * be read, PT_ERROR_UNSUPPORTED or PT_ERROR_MALFORMED. */
void pt_feed_load_async (PtFeed *feed, SoupSession *session, const char *base,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean pt_feed_load_finish (PtFeed *feed, GAsyncResult *result, GError **error);
gsize pt_feed_event_max (PtFeed *feed, const char *type);
gboolean pt_feed_apply (PtFeed *feed, const char *type, GBytes *data, gboolean *more,
                        GError **error);
void pt_feed_flush (PtFeed *feed);
void pt_feed_interrupt (PtFeed *feed);
gboolean pt_feed_is_behind (PtFeed *feed, const PtDaemonStatus *status);

/* For the feeds themselves: emits "told", and takes @line. */
void pt_feed_tell (PtFeed *feed, PtEventLine *line);
