/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether nothing arrives any more, from everywhere at once: then it is most likely the way in that
 * is broken, and not every single site. Fed by one look at all devices after another; pure. */
typedef struct
{
  gboolean is_still;
  gint64 last;  /* ms: when it stood still, the newest report by then */
  guint silent; /* devices that are not heard, of those whose supply was on */
  guint of;     /* those whose supply was on */

  /* The look under way. */
  guint on, fell;
  gint64 newest;
} PtStandstill;

void pt_standstill_begin_look (PtStandstill *standstill);
/* A device was heard at @heard (ms), whatever it said. */
void pt_standstill_hear (PtStandstill *standstill, gint64 heard);
/* A device that had supply when it was heard last; @fell: it was heard at the look before. */
void pt_standstill_see (PtStandstill *standstill, gboolean is_silent, gboolean fell);
/* Whether ->is_still changed. @now, @silent_after: ms.
 *
 * It stands still when nine of ten devices that were heard fall silent in one look, or when the
 * first one does and no device at all was heard for half the time that makes one silent. It is over
 * when there are reports that are newer, and one of ten devices is heard. Of less than ten devices
 * nothing is said. */
gboolean pt_standstill_end_look (PtStandstill *standstill, gint64 now, gint64 silent_after);
