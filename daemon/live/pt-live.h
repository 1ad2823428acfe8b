/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-directory.h"
#include "pt-health.h"
#include "pt-news.h"
#include "pt-site-snapshot.h"
#include "pt-store-views.h"

/* What is known now: every site's state, and the events that change it, gathered for a moment and
 * told on the main loop. */
typedef struct _PtLive PtLive;

/* One accepted report or registration of a device, as the committer tells it. */
typedef struct
{
  PtDevice *device;
  PtPower power; /* of a report */
  gboolean is_registration;
  gboolean has_change;
  PtOutageChange change;
} PtAccepted;

/* @silent_after: ms. Changes of sites and outages are told through @news; @store knows the outages
 * that late reports change. All outlive it. */
PtLive *pt_live_new (PtDirectory *directory, PtStore *store, PtClock *clock, gint64 silent_after,
                     PtNews *news);
void pt_live_free (PtLive *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtLive, pt_live_free)
/* Where it is said that nothing arrives any more; before the main loop runs. */
void pt_live_set_health (PtLive *live, PtHealth *health);

/* What was committed becomes what is known; to be called before it is answered, so that whoever has
 * an answer finds it here. Memory only. Any thread, without the directory's lock. */
void pt_live_committed (PtLive *live, const PtAccepted *reports, guint count);
/* After the answers: outages that late ones among the same reports changed are asked of the store,
 * and told. */
void pt_live_tell_late (PtLive *live, const PtAccepted *reports, guint count);

/* A site by its devices; as a reader of the directory. */
void pt_live_site (PtLive *live, GPtrArray *devices, gint64 now, PtSite *out);
/* The site of that name, also one that all its devices were moved away from; FALSE: there was never
 * one. The strings of @out are the registry's, or @name. */
gboolean pt_live_named_site (PtLive *live, PtArea *area, const char *name, gint64 now, PtSite *out);

/* All sites; @asked and @patience as with pt_site_keeper_get (). Not with the door held. */
PtSiteSnapshot *pt_live_sites (PtLive *live, gint64 asked, guint patience);

/* What was committed is in them; but while reports of a million devices pour in they may be some
 * seconds behind. */
void pt_live_count (PtLive *live, PtSiteCounts *out);
/* Where they are; FALSE: there is none. */
gboolean pt_live_extent (PtLive *live, PtExtentBox *out);
/* Of one area. */
void pt_live_count_area (PtLive *live, guint32 area, PtSiteCounts *out);
