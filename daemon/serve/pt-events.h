/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-budget.h"
#include "pt-clock.h"
#include "pt-route.h"

/* Server-sent events (WHATWG HTML, section 9.2) to every open stream. Main loop. */
typedef struct _PtEvents PtEvents;
/* Every stream is told the time of @clock (kept, not owned) at its start and every 5 s: one that is
 * silent for longer than twice that is dead. @places: of streams; has to outlive them. */
PtEvents *pt_events_new (PtClock *clock, PtBudget *places);
void pt_events_free (PtEvents *events);
/* GET /api/v1/events, with a PtEvents. */
extern const PtRoute pt_events_routes[];
/* @data: one line of JSON. */
void pt_events_send (PtEvents *events, const char *name, const char *data);
/* What every stream that begins is told first, besides the time; @data NULL: nothing. One
 * event. */
void pt_events_greet (PtEvents *events, const char *name, const char *data);
/* Brings every stream to its end; its reader comes back to a daemon that is there. */
void pt_events_end (PtEvents *events);
gboolean pt_events_is_heard (PtEvents *events);
/* Whether the reader of some stream has much before it that it did not take yet. */
gboolean pt_events_is_behind (PtEvents *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEvents, pt_events_free)
