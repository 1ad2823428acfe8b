/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-log-state.h"

/* What a clock that was ahead has left behind: entries, and windows that were sealed, with times
 * that have not come yet. */

#define PT_RESTAMP_LEAST_MS (15 * 60 * 1000) /* what is less far ahead is waited for */

typedef struct
{
  guint64 changed;  /* entries that have the time of now */
  gint64 furthest;  /* ms: the latest time that any of them had */
  guint areas_held; /* what is handed in for them is busy until a time that is to come */
  guint32 area;     /* the first of them */
  gint64 until;     /* and that time, ms */
} PtRestamped;

/* On the committer's thread, while nothing is sealed. @now: ms. Entries that are not sealed get the
 * time of now, because nobody has signed the other one; but only if what their devices say of the
 * time shows that it is now that is right, else nothing changes. Where a device's own time is
 * beyond now as well the log may not say that it was received before: such an area is held, and so
 * is one whose last window ends later, because that is signed and for all to see. The rest goes on.
 */
gboolean pt_restamp_run (PtLogState *log, gint64 now, PtRestamped *out, GError **error);
