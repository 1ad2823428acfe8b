/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"
#include "pt-report-time.h"

/* What one device's reports say, folded: the highest counter, what is missing below it, the time of
 * each report, and how each of them changes the device's outages. Exact for reports that come late
 * and out of order, by any clock, without keeping the reports: where one may still come between
 * others, what these make of a time is kept as three numbers. */

#define PT_SEQ_WINDOW 4096

/* A report as the log has it. */
typedef struct
{
  gint64 seq;
  gint64 ts, received; /* ms since 1970 */
  PtPower power;
  guint32 place; /* where its device was by its registration then: pt_device_place () */
  guint64 order; /* of its entry in the log of its area: rising, whatever they are counted from */
} PtReport;

/* Why what came after a device's last report is not known. */
typedef enum
{
  PT_FOLLOWED,
  PT_CUT_REVOKED,
  PT_CUT_MOVED
} PtCut;

/* How an outage ended. */
typedef enum
{
  PT_END_NONE,    /* it lasts */
  PT_END_REPORT,  /* its device reported ON */
  PT_END_REVOKED, /* its device was revoked while it lasted: until then, and how long is not known
                   */
  PT_END_MOVED    /* its device was moved while it lasted */
} PtOutageEnd;

/* "report", "revoked", "moved"; NULL for one that lasts. */
const char *pt_outage_end_name (PtOutageEnd end);

typedef struct
{
  gint64 seq; /* 0: none */
  gint64 ts, received;
  gint64 time; /* see pt_report_time () */
  PtPower power;
  guint32 place; /* as of the report; PT_PLACE_UNKNOWN: kept by a version that did not know */
  guint64 order; /* as of the report; 0: likewise */
} PtSighting;

/* Reports of one power with neighbouring counters, all of which are known. Of the first piece only
 * what comes after it matters: no report can come before it any more. */
typedef struct
{
  gint64 first, last;        /* counters; 0: nothing is known before the next piece */
  gint64 ts, received, time; /* of the first */
  gint64 end;                /* time of the last */
  PtTimeFold fold;           /* of all of them */
  PtPower power;
  guint32 place;     /* of the first; PT_PLACE_UNKNOWN: kept by a version that did not know */
  gboolean cut;      /* what came after the last was not followed */
  gboolean is_moved; /* its time was reckoned anew, and not told yet */
} PtPiece;

#define PT_PLACE_UNKNOWN G_MAXUINT32

typedef struct
{
  PtSighting latest;       /* of the highest counter */
  gint64 since, since_seq; /* time and counter of the first report since which it is as it is;
                              0: not known, or not followed any more */
  guint32 since_place;     /* of that report */
  gint64 heard;            /* received of the newest report in the log, whatever its counter */
  gint64 passed;   /* missing counters that fell behind the window: no report can fill them */
  PtPiece *pieces; /* rising; NULL: no late report can come */
  guint piece_count;
  guint8 cut;         /* PtCut: after the latest */
  gboolean has_moved; /* a piece has is_moved */
  gboolean is_part;   /* counters may be missing that `passed` does not know of: it was folded by a
                         version that forgot them */
} PtHistory;

typedef enum
{
  PT_SEQ_NEW,
  PT_SEQ_USED,
  PT_SEQ_TOO_OLD
} PtSeqVerdict;

/* An outage is named by (device, start_seq), the counter of its first OFF. Where a change names an
 * outage that began before what is known here, it gives a counter inside it: the outage meant is
 * the device's one with the largest start_seq that is not above. */
typedef enum
{
  PT_CHANGE_OPEN,       /* a new outage at @place; end_seq is 0 while it lasts */
  PT_CHANGE_CLOSE,      /* the outage start_seq ended at end */
  PT_CHANGE_CUT,        /* the outage start_seq is not followed beyond @end: ended_by says why */
  PT_CHANGE_MOVE_START, /* the outage old_start_seq began earlier: at start_seq, start, @place */
  PT_CHANGE_MOVE_END,   /* the outage start_seq ended earlier than was known */
  PT_CHANGE_SPLIT, /* the outage old_start_seq ended at end (end_seq), and from start_seq, start
                      a second one at @place has its old end */
  PT_CHANGE_TIME_START, /* the time of the OFF start_seq is @start now */
  PT_CHANGE_TIME_END    /* the time of the ON end_seq is @end now */
} PtOutageChangeKind;

typedef struct
{
  PtOutageChangeKind kind;
  gint64 old_start_seq;
  gint64 start_seq, start; /* of CLOSE and CUT: what is known of it; start 0: nothing */
  gint64 end_seq, end;     /* 0: open */
  gint64 old_end_seq;      /* of MOVE_END: where it ended before */
  guint32 place;           /* of OPEN, CLOSE, CUT, MOVE_START, SPLIT; may be PT_PLACE_UNKNOWN */
  PtOutageEnd ended_by;
  gint64 time; /* of the report that was applied, whether or not it changed an outage */
} PtOutageChange;

void pt_history_init (PtHistory *history);
void pt_history_clear (PtHistory *history);
void pt_history_copy (const PtHistory *from, PtHistory *to); /* @to: cleared, or never used */

PtSeqVerdict pt_history_check (const PtHistory *history, gint64 seq);

/* Applies a PT_SEQ_NEW report; returns whether @change was filled. */
gboolean pt_history_apply (PtHistory *history, const PtReport *report, PtOutageChange *change);

/* The device was revoked or moved by an entry received at @received: from its latest report on it
 * is not known how things are, until it reports again. Returns whether @change was filled. */
gboolean pt_history_cut (PtHistory *history, PtCut cut, gint64 received, PtOutageChange *change);

/* After some reports: tells of outages whose times they changed beside what was said already, and
 * forgets what no late report can reach any more. @func NULL: nobody wants to know. */
typedef void (*PtChangeFunc) (const PtOutageChange *change, gpointer user_data);
void pt_history_settle (PtHistory *history, PtChangeFunc func, gpointer user_data);

/* Counters missing below the highest, however far behind: none is ever forgotten. */
guint64 pt_history_missing (const PtHistory *history);

/* The lowest counter above @above that is in the log and not behind the window; 0: none. */
gint64 pt_history_lowest (const PtHistory *history, gint64 above);

/* Some missing counters of a device, inclusive. */
typedef void (*PtGapFunc) (gint64 first, gint64 last, gpointer user_data);

/* The missing counters that a report @seq, higher than all before, puts behind the window. Rising.
 */
void pt_history_each_passed (const PtHistory *history, gint64 seq, PtGapFunc func,
                             gpointer user_data);
/* Those that a late report may still fill. Rising. */
void pt_history_each_gap (const PtHistory *history, PtGapFunc func, gpointer user_data);

/* For the store, and back (FALSE if they are not well-formed; then it is as after init). */
GBytes *pt_history_save (const PtHistory *history);
gboolean pt_history_load (PtHistory *history, GBytes *bytes);

/* What a database of schema 3 and before kept of a device. */
typedef struct
{
  gint64 seq, ts;
  PtPower power;
  GBytes *gaps;
  gint64 since, since_seq; /* of its newest outage; 0: none */
} PtOldHistory;

/* FALSE if it is not well-formed. Times are then what can be known: a report of which only the ts
 * was kept is taken to have come then. */
gboolean pt_history_load_old (PtHistory *history, const PtOldHistory *old);
