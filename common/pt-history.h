/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"

/* What one device's reports say, folded: the highest counter, the gaps within the last 4096, how
 * many counters are missing further behind, and how each report changes the device's outages. Exact
 * for reports that come late and out of order, without keeping the reports: every gap remembers the
 * report before and after it. */

#define PT_SEQ_WINDOW 4096

typedef struct
{
  gint64 seq; /* 0: none */
  gint64 ts;  /* ms since 1970 */
  PtPower power;
} PtSighting;

typedef struct
{
  gint64 first, last; /* missing counters, inclusive */
  PtSighting before, after;
} PtGap;

typedef struct
{
  PtSighting latest; /* of the highest counter */
  PtGap *gaps;       /* rising; NULL when there are none */
  guint gap_count;
  gint64 passed; /* missing counters that fell behind the window: no report can fill them */
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
  PT_CHANGE_OPEN,       /* a new outage; end_seq is 0 while it lasts */
  PT_CHANGE_CLOSE,      /* the outage start_seq ended at end */
  PT_CHANGE_MOVE_START, /* the outage old_start_seq began earlier: at start_seq, start */
  PT_CHANGE_MOVE_END,   /* the outage start_seq ended earlier than was known */
  PT_CHANGE_SPLIT /* the outage old_start_seq ended at end (end_seq), and from start_seq, start a
                     second one has its old end */
} PtOutageChangeKind;

typedef struct
{
  PtOutageChangeKind kind;
  gint64 old_start_seq;
  gint64 start_seq, start;
  gint64 end_seq, end; /* 0: open */
  gint64 old_end_seq;  /* of MOVE_END: where it ended before */
} PtOutageChange;

void pt_history_init (PtHistory *history);
void pt_history_clear (PtHistory *history);
PtSeqVerdict pt_history_check (const PtHistory *history, gint64 seq);
/* Applies a PT_SEQ_NEW report; returns whether @change was filled. */
gboolean pt_history_apply (PtHistory *history, gint64 seq, gint64 ts, PtPower power,
                           PtOutageChange *change);
/* Counters missing below the highest, however far behind: none is ever forgotten. */
guint64 pt_history_missing (const PtHistory *history);

/* Some missing counters of a device, inclusive. */
typedef void (*PtGapFunc) (gint64 first, gint64 last, gpointer user_data);

/* The missing counters that a report @seq, higher than all before, puts behind the window. Rising.
 */
void pt_history_each_passed (const PtHistory *history, gint64 seq, PtGapFunc func,
                             gpointer user_data);

/* For the store: what is missing as bytes, and back (FALSE if they are not well-formed). */
GBytes *pt_history_save_gaps (const PtHistory *history);
gboolean pt_history_load_gaps (PtHistory *history, GBytes *bytes);
