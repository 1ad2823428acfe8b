/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batcher.h"

/* Moves a stepped clock ([clock] source=stepped) for whoever replays: on and never back, not across
 * a new start either. Any thread. */
typedef struct _PtStepper PtStepper;

/* The clock begins at the greatest of what it shows, of @last_received (ms: no entry is newer, no
 * window later) and of what the file at @path says it was stepped to last. Borrows the clock. */
PtStepper *pt_stepper_new (PtClock *clock, const char *path, gint64 last_received, GError **error);
void pt_stepper_free (PtStepper *stepper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtStepper, pt_stepper_free)

/* Once they run; borrowed. */
void pt_stepper_attach (PtStepper *stepper, PtCommitter *committer, PtBatcher *batcher);

/* Moves the clock on to @now, ms since 1970; to what it shows already is well, for who lost an
 * answer asks again. Afterwards entries that are handed in get this time or a later one, and
 * windows that ended by then get none. PT_ERROR_CONFLICT: it would go back. PT_ERROR_BUSY: many
 * windows that ended are not sealed yet. PT_ERROR_RETRY: it can't be written down. */
gboolean pt_stepper_move (PtStepper *stepper, gint64 now, GError **error);
