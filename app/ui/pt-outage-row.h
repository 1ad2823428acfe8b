/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-feed-outages.h"

/* One outage in the list: where, how many customers, for how long. */
#define PT_TYPE_OUTAGE_ROW (pt_outage_row_get_type ())
G_DECLARE_FINAL_TYPE (PtOutageRow, pt_outage_row, PT, OUTAGE_ROW, GtkWidget)

GtkWidget *pt_outage_row_new (void);
void pt_outage_row_set (PtOutageRow *self, PtOutage *outage); /* or NULL */
/* The heading above it, where it is the first of a group; NULL: it is none. */
void pt_outage_row_set_group (PtOutageRow *self, const char *heading);
/* The clock has moved on. */
/* How many complaints are open at its site. */
void pt_outage_row_set_complaints (PtOutageRow *self, guint count);
void pt_outage_row_tick (PtOutageRow *self, gint64 now, gboolean stale);
