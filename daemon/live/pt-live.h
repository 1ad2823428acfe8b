/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-directory.h"
#include "pt-site-state.h"
#include "pt-store-views.h"

/* What is known now: every site's state, and the events that change it, gathered for a moment and
 * told on the main loop. */
typedef struct _PtLive PtLive;

/* One accepted report, as the committer tells it. */
typedef struct
{
  PtDevice *device;
  gint64 seq, ts, received; /* ms */
  PtPower power;
  gboolean has_change;
  PtOutageChange change;
} PtAccepted;

/* One site as a reader sees it; strings belong to the registry. */
typedef struct
{
  const char *area, *site;
  const PtDevice *device; /* the one that reported last, or its first */
  PtSiteState state;
  gint64 since;       /* ms; 0: not known */
  gint64 last_report; /* ms; 0: never */
} PtSite;

typedef struct
{
  const PtDevice *device;
  gint64 start_seq, start, end; /* end 0: it lasts */
  gboolean began;               /* else it ended or was corrected */
} PtOutageEvent;

typedef struct
{
  const PtSite *sites;
  guint site_count;
  const PtOutageEvent *outages;
  guint outage_count;
} PtLiveEvents;

typedef void (*PtLiveFunc) (const PtLiveEvents *events, gpointer user_data);

/* @silent_after: ms. @func is called on the main loop, with the directory's reader lock held. */
PtLive *pt_live_new (PtDirectory *directory, PtClock *clock, gint64 silent_after, PtLiveFunc func,
                     gpointer user_data);
void pt_live_free (PtLive *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtLive, pt_live_free)

/* The device's outage that holds the instant @at (ms) and begins or ends with the report @seq, as
 * it is stored now; FALSE: there is none. Called on the committer's thread, without a lock. */
typedef gboolean (*PtLiveFindFunc) (const PtDevice *device, gint64 at, gint64 seq, PtOutageRow *out,
                                    gpointer user_data);

/* For reports that come late: they name only one end of the outage that they change. Without it
 * nothing is told of these. To be set before the first commit. */
void pt_live_set_find (PtLive *live, PtLiveFindFunc find, gpointer user_data);

/* At start-up: since when the device has been as it is, and the counter of the report that said so.
 */
void pt_live_remember (PtLive *live, guint32 device, gint64 since, gint64 since_seq);

/* What was committed becomes what is known; to be called before it is answered, so that whoever has
 * an answer finds it here. Memory only. Any thread, without the directory's lock. */
void pt_live_committed (PtLive *live, const PtAccepted *reports, guint count);
/* After the answers: outages that late ones among the same reports changed are asked of the store,
 * and told. */
void pt_live_tell_late (PtLive *live, const PtAccepted *reports, guint count);

/* A site by its devices; with the directory's reader lock held. */
void pt_live_site (PtLive *live, GPtrArray *devices, gint64 now, PtSite *out);

typedef struct
{
  guint sites, on, off, silent, unknown;
} PtSiteCounts;

/* Of one area (or all: NULL); takes the reader lock. */
void pt_live_count (PtLive *live, PtArea *area, PtSiteCounts *out);
