/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-event-reader.h"
#include "pt-feed.h"

/* What the stream has told and the feeds have not yet taken: bounded, in order, and applied a few
 * milliseconds a turn of the main loop, so that a storm holds up no frame. Main thread only. */
typedef struct _PtEventQueue PtEventQueue;

/* An event was refused; the queue has stopped. */
typedef void (*PtEventQueueFailed) (const GError *error, gpointer user_data);

/* @feeds: of PtFeed. */
PtEventQueue *pt_event_queue_new (GPtrArray *feeds, PtEventQueueFailed failed, gpointer user_data);
void pt_event_queue_free (PtEventQueue *queue);

/* Queues @event for the feeds that take its type; one that none takes is a newer daemon's and
 * passed over. FALSE: PT_ERROR_TOO_LARGE, it is larger than its type may be, or more waits than
 * should. */
gboolean pt_event_queue_push (PtEventQueue *queue, const PtEvent *event, GError **error);
/* From now on events are applied. */
void pt_event_queue_start (PtEventQueue *queue);
/* Forgets what waits and tells views what was applied; until it is started again nothing is
 * applied. May be called by whoever is told of an event. */
void pt_event_queue_stop (PtEventQueue *queue);
