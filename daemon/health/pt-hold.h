/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-health.h"

/* What is not done for now, because the chain says otherwise than what is stored: what is signed or
 * acknowledged on a wrong log can't be taken back. Whoever looked at the chain says it here;
 * intake, batcher and submitter ask. Areas go by their numbers. All threads, but for making and
 * freeing. */
typedef struct _PtHold PtHold;

/* The later ones hold what the earlier ones do. */
typedef enum
{
  PT_HOLD_NOTHING,
  PT_HOLD_AREA, /* the area is not sealed, not anchored */
  PT_HOLD_ALL   /* nothing is taken in, and nothing sealed or anchored, of any area */
} PtHoldSort;

/* @chain: there is one to look at, so an area is held until somebody did. @health: told the first
 * area's sentence; outlives it. */
PtHold *pt_hold_new (PtHealth *health, gboolean chain);
void pt_hold_free (PtHold *hold);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtHold, pt_hold_free)

/* Of an area that was looked at. @sentence: what is wrong and what to do; NULL with NOTHING. */
void pt_hold_set (PtHold *hold, guint32 area, PtHoldSort sort, const char *sentence);
/* It has to be looked at again before it is sealed; what is said of it stays. */
void pt_hold_look_again (PtHold *hold, guint32 area);

/* Whether it was looked at, whatever was seen. */
gboolean pt_hold_was_looked_at (PtHold *hold, guint32 area);
PtHoldSort pt_hold_get (PtHold *hold, guint32 area);
/* Whether the area's next batch may be sealed. NULL: yes. */
gboolean pt_hold_may_seal (PtHold *hold, guint32 area);
/* Whether anything may be taken in; PT_ERROR_BUSY with the sentence. NULL: yes. */
gboolean pt_hold_may_take (PtHold *hold, GError **error);

/* @func is called, with no lock held, by whoever changed what is held. One; NULL: nobody any more.
 */
typedef void (*PtHoldFunc) (gpointer user_data);
void pt_hold_watch (PtHold *hold, PtHoldFunc func, gpointer user_data);
