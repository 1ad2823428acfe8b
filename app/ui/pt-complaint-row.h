/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-feed-complaints.h"
#include "pt-site-state.h"

/* One row of the queue: what its device says, where it is, what it is about, who has it, its clock.
 */
#define PT_TYPE_COMPLAINT_ROW (pt_complaint_row_get_type ())
G_DECLARE_FINAL_TYPE (PtComplaintRow, pt_complaint_row, PT, COMPLAINT_ROW, GtkWidget)

GtkWidget *pt_complaint_row_new (void);
/* @complaint: NULL for none; @state: what is known of its site. */
void pt_complaint_row_set (PtComplaintRow *row, PtComplaint *complaint, PtSiteState state);
void pt_complaint_row_tick (PtComplaintRow *row, gint64 now, gboolean stale);
