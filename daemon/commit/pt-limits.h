/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* How often something may be asked for: buckets that fill by themselves, one each for whoever asks.
 * What is kept of them is bounded for all together: whoever was not heard for longest is forgotten
 * first, and a full bucket needs no keeping. Any thread. */
typedef struct _PtLimits PtLimits;

typedef struct
{
  guint burst;     /* at once; 0: not limited */
  double per_hour; /* that it fills by */
} PtLimitRate;

#define PT_LIMITS_BUCKETS_MAX 65536 /* of each limit: 10 MiB at most */

/* One limit for each of @rates. */
PtLimits *pt_limits_new (const PtLimitRate *rates, guint count);
void pt_limits_free (PtLimits *limits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtLimits, pt_limits_free)

/* Takes one of @limit for @who; FALSE: there is none, and *@wait gets the seconds until there is,
 * at least 1. @now: us, of a clock that is the same for all of @limit. */
gboolean pt_limits_take (PtLimits *limits, guint limit, const char *who, gint64 now, guint *wait);
/* Takes so many of @count as there are, and returns how many; where these are not all, *@wait gets
 * the seconds until there are as many as are missing, or as ever. */
guint pt_limits_take_some (PtLimits *limits, guint limit, const char *who, guint count, gint64 now,
                           guint *wait);
/* One that was taken for nothing. */
void pt_limits_give (PtLimits *limits, guint limit, const char *who);
/* Whether one is there; takes none. */
gboolean pt_limits_has (PtLimits *limits, guint limit, const char *who, gint64 now, guint *wait);
/* How many buckets are kept. */
guint pt_limits_kept (PtLimits *limits, guint limit);
