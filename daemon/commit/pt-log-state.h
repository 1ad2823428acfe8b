/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-copied-keys.h"
#include "pt-directory.h"
#include "pt-rates.h"
#include "pt-traffic.h"
#include "pt-store-log.h"
#include "pt-said-watch.h"
#include "pt-tail.h"

/* Where an area's log stands: numbers of its entries. */
typedef struct
{
  guint64 tail;      /* the newest that is committed */
  guint64 sealed;    /* up to this they are found in the archive */
  gint64 held_until; /* ms: nothing is taken in for it before (pt-restamp.h); 0: not held */
} PtLogArea;

/* The log as the committer's thread has it: where it stands, and what can be asked about it. That
 * thread alone uses it, but for what is thread-safe by itself: the verifiers ask directory, tail
 * and archive. It alone changes the directory, so it reads there without the lock. */
typedef struct
{
  PtStore *store;
  PtArchive *archive; /* what is sealed; or NULL */
  PtDirectory *directory;
  PtTail *tail;
  GHashTable *touched;  /* PtDevice: their histories changed since they were taken last */
  gint64 last_received; /* ms, of the newest entry of all areas */
  GArray *areas;        /* PtLogArea, by number */
  PtSaidWatch watch;    /* set before the first entry */
  PtRates *rates;       /* that devices are held to; NULL: none */
  PtTraffic *traffic;   /* what groups took, and what was refused; or NULL */
  PtCopiedKeys *copied; /* told of keys that are in two hands; or NULL */
  gint reviewed;        /* the directory's generation that they were looked at with */
} PtLogState;

void pt_log_state_init (PtLogState *log, PtStore *store, PtArchive *archive,
                        PtDirectory *directory);
void pt_log_state_clear (PtLogState *log);

/* Of an area of the registry; good until there is a new area. */
PtLogArea *pt_log_state_area (const PtLogState *log, guint32 area);

/* The histories that changed since the last time, as PtSubjectRow with body NULL, true as of their
 * area's entry folded_to. */
void pt_log_state_take_touched (PtLogState *log, GArray *out);

/* See pt_committer_add_area (). @now: ms. */
gboolean pt_log_state_add_area (PtLogState *log, const char *id, const guint8 *authority_key,
                                const guint8 *service_key, gint64 now, gboolean *created,
                                GError **error);
