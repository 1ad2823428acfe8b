/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-live.h"
#include "pt-standstill.h"

typedef struct
{
  guint8 told;        /* PtSiteState + 1 as last told; 0: not yet */
  gboolean was_heard; /* at the last look for silence, or since */
  guint32 left;       /* how many places it had left when that was told */
} PtLiveDevice;

/* An outage that is to be told. */
typedef struct
{
  const PtDevice *device;
  gint64 start_seq, start, end_seq, end;
  PtOutageEnd ended_by;
  guint32 place;
  gboolean began;
} PtLiveOutage;

struct _PtLive
{
  PtDirectory *directory;
  PtClock *clock;
  PtStore *store;
  PtNews *news;
  gint64 silent_after;
  PtSiteKeeper *sites;
  gint registered;      /* atomic: the directory's generation that the sites were last read for */
  guint silence_source; /* main loop, as the next two */
  guint look_source, look_at; /* a look for silence, and the device it has come to */
  PtStandstill standstill;
  PtHealth *health; /* or NULL */
  gint64 told_at;   /* monotonic us: when something was told last; main loop */

  GMutex lock;         /* guards what follows */
  GArray *devices;     /* PtLiveDevice by number */
  GHashTable *changed; /* PtDevice whose site may have changed */
  GArray *outages;     /* PtLiveOutage */
  guint flush_source;
};

/* With the lock. */
PtLiveDevice *pt_live_device (PtLive *live, guint32 number);
/* As a reader of the directory, or as the committer. */
PtSiteState pt_live_device_state (const PtLive *live, const PtDevice *device, gint64 now);

/* pt-live-sites.c; the piece that has the device's site. As the committer. */
guint pt_live_piece (const PtDevice *device);
gboolean pt_live_read_piece (PtSitePiece *piece, guint number, gint64 now, gpointer live);

/* pt-live-tell.c; with the lock. */
void pt_live_add_outage (GArray *outages, const PtLiveOutage *outage);
void pt_live_schedule (PtLive *live);

/* pt-live-silence.c; main loop. */
void pt_live_silence_start (PtLive *live);
void pt_live_silence_stop (PtLive *live);
