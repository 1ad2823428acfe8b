/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-daemon-status.h"
#include "pt-feed-list.h"
#include "pt-fetch.h"
#include "pt-site-detail.h"
#include "pt-site-store.h"

/* The console's line to one daemon: finds it, loads what is, follows what happens, and says how old
 * all of it is. Never blocks; comes back by itself. Main thread only. */

typedef enum
{
  PT_LINK_SEARCHING, /* no daemon on the bus yet, or it does not answer; nothing was ever loaded */
  PT_LINK_LOADING,   /* it answers; sites, outages and batches are on their way */
  PT_LINK_LIVE,      /* everything shown is as of now */
  PT_LINK_STALE,     /* the line is lost or says nothing: what is shown is old */
  PT_LINK_INCOMPATIBLE /* what answers is no Power Tracker daemon that this console understands */
} PtLinkState;

#define PT_TYPE_LINK (pt_link_get_type ())
G_DECLARE_FINAL_TYPE (PtLink, pt_link, PT, LINK, GObject)

/* @url: http://host:port, or NULL to ask the session bus, then the system bus, for
 * org.powertracker.Daemon1. Properties (notify): "state" (PtLinkState), "detail" (a translated
 * sentence for people: what is wrong and what happens next; "" when live), "url" (or NULL).
 * Signal "status-changed": pt_link_status () has news. Signal "stream-event" (PtEventLine *): one
 * line for the log of events. */
PtLink *pt_link_new (const char *url);
/* The same with other lists than a console has; @specs ends with NULL, and what it names stays. */
PtLink *pt_link_new_with_lists (const char *url, const PtListSpec *const *specs);
void pt_link_start (PtLink *link);
void pt_link_stop (PtLink *link);
void pt_link_retry (PtLink *link); /* now, not after the pause */

/* The properties; strings are borrowed until they change. */
PtLinkState pt_link_state (PtLink *link);
const char *pt_link_detail (PtLink *link);
const char *pt_link_url (PtLink *link);

PtSiteStore *pt_link_sites (PtLink *link); /* borrowed */
/* A list, as its file says what is in it: pt_link_list (link, &pt_list_outages); borrowed. */
GListModel *pt_link_list (PtLink *link, const PtListSpec *spec);
/* Whether the daemon has it, as pt_feed_list_is_offered () says. */
gboolean pt_link_offers (PtLink *link, const PtListSpec *spec);

gint64 pt_link_now (PtLink *link); /* ms: the daemon's clock, run on locally (it may be scaled) */
gint64
pt_link_heard_ago (PtLink *link); /* ms of real time since the daemon was last heard; -1: never */

const PtDaemonStatus *pt_link_status (PtLink *link); /* NULL before the first */
/* Whether all lists were ever whole; before that no number is one. */
gboolean pt_link_is_known (PtLink *link);

/* One site's devices and last reports, and its outages since @from (ms), 1000 at most, or of the
 * last 7 days where that is longer ago. */
void pt_link_load_site_async (PtLink *link, const char *area, const char *site, gint64 from,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
PtSiteDetail *pt_link_load_site_finish (PtLink *link, GAsyncResult *result, GError **error);

/* Anything else: @path below the interface's base, what is sent, and the most that may come back.
 * As pt_fetch_send_async (). */
void pt_link_send_async (PtLink *link, const char *path, const PtFetchRequest *request,
                         gsize max_bytes, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data);
PtFetchReply *pt_link_send_finish (PtLink *link, GAsyncResult *result, GError **error);

/* A proof bundle's exact bytes. PT_ERROR_NOT_ANCHORED while its batch is in no block. */
void pt_link_load_proof_async (PtLink *link, const char *area, const char *device, gint64 seq,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
/* A batch file's bytes by its CID (bounded: 256 MiB). The same finish. */
void pt_link_load_file_async (PtLink *link, const char *cid, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
GBytes *pt_link_load_bytes_finish (PtLink *link, GAsyncResult *result, GError **error);
