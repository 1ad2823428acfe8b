/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* How often something may be asked for: buckets that fill by themselves, one each for whoever asks.
 * What is kept of them is bounded for all together: whoever was not heard for longest is forgotten
 * first, and a full bucket needs no keeping. Any thread. */
typedef struct _PtLimits PtLimits;

/* By what it is counted. */
typedef enum
{
  PT_LIMIT_ADDRESS, /* of who asks: IPv4, or the first 64 bits of IPv6 */
  PT_LIMIT_KEY,     /* a citizen's */
  PT_LIMIT_SITE,    /* area and place */
  PT_LIMIT_AREA,
  PT_LIMIT_COUNT
} PtLimit;

typedef struct
{
  guint burst;    /* at once; 0: not limited */
  guint per_hour; /* that it fills by */
} PtLimitRate;

#define PT_LIMITS_BUCKETS_MAX 65536 /* of each limit */

PtLimits *pt_limits_new (const PtLimitRate rates[PT_LIMIT_COUNT]);
void pt_limits_free (PtLimits *limits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtLimits, pt_limits_free)

/* Takes one for @who; FALSE: there is none, and *@wait gets the seconds until there is, at least 1.
 * @now: monotonic, us. */
gboolean pt_limits_take (PtLimits *limits, PtLimit limit, const char *who, gint64 now, guint *wait);
/* How many buckets are kept. */
guint pt_limits_kept (PtLimits *limits, PtLimit limit);
