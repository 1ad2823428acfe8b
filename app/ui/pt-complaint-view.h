/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-session.h"

/* One complaint: what the people say, what the device says, what was done. Signal "site" (area,
 * site): it wants to be seen on the map; "acted": something was done with its words. */
#define PT_TYPE_COMPLAINT_VIEW (pt_complaint_view_get_type ())
G_DECLARE_FINAL_TYPE (PtComplaintView, pt_complaint_view, PT, COMPLAINT_VIEW, GtkWidget)

void pt_complaint_view_set_session (PtComplaintView *view, PtSession *session, PtLink *link);
/* @detail: NULL for none; borrowed until it is set again. */
void pt_complaint_view_set (PtComplaintView *view, const PtComplaintDetail *detail);
/* Instead of a complaint: why there is none. */
void pt_complaint_view_say (PtComplaintView *view, const char *text);
/* Likewise, where that is a lie of the daemon's. */
void pt_complaint_view_accuse (PtComplaintView *view, const char *lie);
void pt_complaint_view_tick (PtComplaintView *view, gint64 now, gboolean stale);
