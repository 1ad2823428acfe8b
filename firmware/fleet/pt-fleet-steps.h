/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdatomic.h>

#include "pt-fleet-grid.h"
#include "pt-fleet-link.h"

/* Moves a daemon's stepped clock through a plan: on by one step when each of the fleet's threads
 * has had everything acknowledged that was due. So a slow machine takes longer, and nothing is
 * late. */
typedef struct _PtFleetSteps PtFleetSteps;

typedef struct
{
  PtFleetGrid grid;
  gint64 begin, end; /* ms since 1970: the first event and the last */
  double speed;      /* times as fast as real at most; 0: as fast as all is acknowledged */
  guint members;     /* threads */
} PtFleetStepsOptions;

/* @link has the token and is used by nobody else; it and the clock are borrowed. */
PtFleetSteps *pt_fleet_steps_new (const PtFleetStepsOptions *options, PtFleetLink *link,
                                  PtFleetClock *clock);
void pt_fleet_steps_free (PtFleetSteps *steps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFleetSteps, pt_fleet_steps_free)

/* A thread, one of @members, says that it has nothing to do before the next step, and waits for it:
 * the last to come makes it. The first calls bring the clock to where the plan begins, or goes on.
 * FALSE: the plan is over and its last windows have ended; or *@stop; or an error, once. */
gboolean pt_fleet_steps_wait (PtFleetSteps *steps, const atomic_bool *stop, GError **error);

/* Why a step has to wait for long, for people; NULL: it does not. Never blocks. */
char *pt_fleet_steps_take_trouble (PtFleetSteps *steps);

/* After a failure the daemon may be a new one that lost its last step: tells it again. */
void pt_fleet_steps_repeat (PtFleetSteps *steps);
