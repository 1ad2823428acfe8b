/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-site-detail.h"

/* One of a site's last reports, in a list of them. */
#define PT_TYPE_REPORT_ITEM (pt_report_item_get_type ())
G_DECLARE_FINAL_TYPE (PtReportItem, pt_report_item, PT, REPORT_ITEM, GtkListBoxRow)

/* Of @report, for ever; what is known of it is set apart. */
GtkWidget *pt_report_item_new (const PtReportRow *report);
gboolean pt_report_item_is (PtReportItem *self, const PtReportRow *report);
/* @now: ms; times of another day are said with it. What is the same as before is left alone. */
void pt_report_item_set (PtReportItem *self, const PtReportRow *report, gint64 now);
void pt_report_item_set_stale (PtReportItem *self, gboolean stale);
