/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-event-line.h"

/* The log of events: the newest lines of all kinds, where many of one group that come together are
 * one line, and no clock goes back. */

#define PT_EVENT_LINES_MAX 500

#define PT_TYPE_EVENT_LINES (pt_event_lines_get_type ())
G_DECLARE_FINAL_TYPE (PtEventLines, pt_event_lines, PT, EVENT_LINES, GObject)

PtEventLines *pt_event_lines_new (void);
/* Newest first; borrowed. */
GListModel *pt_event_lines_list (PtEventLines *lines);

/* @line was told at @now (monotonic us). The list has it after the next flush. */
void pt_event_lines_put (PtEventLines *lines, PtEventLine *line, gint64 now);
void pt_event_lines_flush (PtEventLines *lines);
