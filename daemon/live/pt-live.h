/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-directory.h"
#include "pt-news.h"
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

/* @silent_after: ms. Changes of sites and outages are told through @news; @store knows the outages
 * that late reports change. All outlive it. */
PtLive *pt_live_new (PtDirectory *directory, PtStore *store, PtClock *clock, gint64 silent_after,
                     PtNews *news);
void pt_live_free (PtLive *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtLive, pt_live_free)

/* At start-up: since when the device has been as it is, and the counter of the report that said so.
 */
void pt_live_remember (PtLive *live, guint32 device, gint64 since, gint64 since_seq);

/* What was committed becomes what is known; to be called before it is answered, so that whoever has
 * an answer finds it here. Memory only. Any thread, without the directory's lock. */
void pt_live_committed (PtLive *live, const PtAccepted *reports, guint count);
/* After the answers: outages that late ones among the same reports changed are asked of the store,
 * and told. */
void pt_live_tell_late (PtLive *live, const PtAccepted *reports, guint count);

/* A site by its devices; as a reader of the directory. */
void pt_live_site (PtLive *live, GPtrArray *devices, gint64 now, PtSite *out);

typedef struct
{
  guint sites, on, off, silent, unknown;
} PtSiteCounts;

/* Of one area (or all: NULL); reads the directory. */
void pt_live_count (PtLive *live, PtArea *area, PtSiteCounts *out);
