/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-complaint-detail.h"
#include "pt-site-detail.h"

/* What the devices of a complaint's site said over its life, as a bar, with what was done below it.
 */
#define PT_TYPE_COMPLAINT_BAR (pt_complaint_bar_get_type ())
G_DECLARE_FINAL_TYPE (PtComplaintBar, pt_complaint_bar, PT, COMPLAINT_BAR, GtkWidget)

/* Where the bar of a complaint begins, ms: its site's outages are asked for from there. */
gint64 pt_complaint_bar_from (const PtComplaintDetail *detail, gint64 now);
/* @site: NULL while it isn't known; both are borrowed for the call. @heard_to: until when the site
 * was heard, ms. */
void pt_complaint_bar_set (PtComplaintBar *bar, const PtComplaintDetail *detail,
                           const PtSiteDetail *site, gint64 now, gint64 heard_to);
void pt_complaint_bar_set_stale (PtComplaintBar *bar, gboolean stale);
