/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-event-line.h"

/* One line of the log of events: when, a symbol, a word, what, and what more there is to say. */
#define PT_TYPE_EVENT_ROW (pt_event_row_get_type ())
G_DECLARE_FINAL_TYPE (PtEventRow, pt_event_row, PT, EVENT_ROW, GtkWidget)

/* Empty, for a list that sets a line and, later, another one. */
GtkWidget *pt_event_row_new (void);
void pt_event_row_set (PtEventRow *row, const PtEventLine *line);
