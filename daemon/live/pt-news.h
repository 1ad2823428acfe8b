/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-registry.h"
#include "pt-site-state.h"
#include "pt-store-batches.h"

/* What changed, told on the main loop to all who subscribed: event streams, the bus, and whoever
 * else carries it on. */
typedef struct _PtNews PtNews;

/* One site as a reader sees it. */
typedef struct
{
  const char *area, *site; /* whoever hands it out says how long they stay */
  const char *feeder;      /* likewise; NULL: not said */
  guint32 area_number;
  guint32 device; /* number of the one that speaks for it: it reported last, or is its first */
  guint8 level;   /* PtLevel */
  PtSiteState state;
  gint32 lat, lon; /* 1e-7 degree */
  gint64 customers;
  gint64 since;       /* ms; 0: not known */
  gint64 last_report; /* ms, time of the last report from here; 0: never */
  gint64 heard;       /* ms, when its device was heard, whatever its clock says; 0: never */
} PtSite;

typedef struct
{
  const char *area, *device, *site;
  const char *feeder; /* NULL: not said */
  gint32 lat, lon;    /* 1e-7 degree */
  gint64 customers;
  gint64 start_seq, end_seq; /* counters of its first OFF and of the ON after it; 0: none */
  gint64 start, end;         /* ms */
  PtOutageEnd ended_by;      /* PT_END_NONE: it lasts */
  gboolean began;            /* else it ended or was corrected */
} PtOutageEvent;

/* Sites and outages of a long list come in several turns of the loop. Strings stay until the
 * function is left. */
/* Nothing arrives any more, or it does again (pt-standstill.h). */
typedef struct
{
  gboolean is_still;
  guint silent, of; /* devices, of those that had supply */
  gint64 last;      /* ms: the newest report before it stood still */
} PtIntakeNews;

/* A device's key was copied, or it was replaced or revoked since (pt-copied-keys.h). */
typedef struct
{
  const char *area, *device;
  gboolean is_copied;
} PtKeyNews;

/* One complaint as a reader sees it: docs/PROTOCOL.md section 10. Times in ms; 0: there is none. */
typedef struct
{
  const char *area, *complaint, *category;
  const char *title;    /* of the category, under language tags: canonical JSON; NULL: not said */
  const char *site;     /* NULL: its place is a cell */
  const char *feeder;   /* these NULL: not known, or nobody */
  const char *place;    /* what it is near to, which nobody signed */
  const char *assigned; /* an official's id */
  guint32 area_number;
  guint64 order; /* of its file in the area's log */
  gint32 lat, lon;
  PtComplaintState state;
  gint64 n; /* of its newest action */
  gint64 filed_at, changed_at;
  gint64 acknowledge_by, acknowledged_at;
  gint64 resolve_by, resolved_at;
  gint64 outage_since;   /* its site is without supply since then */
  gint64 supply_back_at; /* it was, and that ended after it was filed */
  guint people;          /* who filed it, and all who joined */
  guint confirmed;       /* of those who joined, since the newest resolve */
  guint reopened;        /* how often */
  gboolean by_service;   /* filed for somebody without a browser */
  gboolean overdue;      /* it waits, and a limit is past */
  PtEvidence evidence;   /* of its newest resolve */
  PtAftermath later;
  PtClosed closed;
} PtComplaintRow;

/* A notice as a reader sees it; times in ms. Strings are the notice board's and stay until it is
 * told of the next entry: whoever keeps them longer copies. */
typedef struct
{
  const char *area, *notice, *by;
  const char *target; /* a feeder or site; NULL: the whole area */
  const char *note;
  guint32 area_number;
  PtNoticeAbout about;
  PtScope scope;
  PtStatus status;
  gint64 n, start, end;
  PtHash leaf;                     /* of its newest entry, which the next one names */
  gint64 received, first_received; /* of its newest entry and of its first */
  gboolean announced;              /* a shutdown that was made known long enough before */
} PtNotice;

typedef struct
{
  const PtIntakeNews *intake; /* or NULL */
  const PtSite *sites;
  guint site_count;
  const PtOutageEvent *outages;
  guint outage_count;
  const PtBatchRow *batches; /* as they now are */
  guint batch_count;
  const PtComplaintRow *complaints; /* as they now are */
  guint complaint_count;
  const PtNotice *notices; /* as they now are, those that were withdrawn too */
  guint notice_count;
  const PtKeyNews *keys;
  guint key_count;
} PtNewsItems;

typedef void (*PtNewsFunc) (const PtNewsItems *items, gpointer user_data);

PtNews *pt_news_new (void);
/* What was not told yet is forgotten. */
void pt_news_free (PtNews *news);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtNews, pt_news_free)

/* Main loop. Not from within a @func. */
void pt_news_subscribe (PtNews *news, PtNewsFunc func, gpointer user_data);
void pt_news_unsubscribe (PtNews *news, PtNewsFunc func, gpointer user_data);

/* Main loop: whether somebody who is told has much that is not taken yet. Who tells a long list
 * waits a little then. */
typedef gboolean (*PtNewsBehindFunc) (gpointer user_data);
/* @func NULL: nobody says so any more. */
void pt_news_set_behind (PtNews *news, PtNewsBehindFunc func, gpointer user_data);
gboolean pt_news_is_behind (PtNews *news);

/* Main loop: tells all at once. */
void pt_news_tell (PtNews *news, const PtNewsItems *items);
/* Any thread: @rows changed their state in the store, and it is told soon. Past 10,000 that wait
 * they are not told: who missed some asks. */
void pt_news_tell_batches (PtNews *news, const PtBatchRow *rows, guint count);
/* Likewise of a device's key, past 1,000 that wait. */
void pt_news_tell_key (PtNews *news, const char *area, const char *device, gboolean is_copied);
