/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-session.h"

/* The queue, the complaint that is looked at, and what can be done with it. Signals: "site" (area,
 * site, gboolean near): it is chosen, or to be shown on the map; "said" (const char *); "counted":
 * numbers have changed. */
#define PT_TYPE_COMPLAINTS_PAGE (pt_complaints_page_get_type ())
G_DECLARE_FINAL_TYPE (PtComplaintsPage, pt_complaints_page, PT, COMPLAINTS_PAGE, GtkWidget)

void pt_complaints_page_set_session (PtComplaintsPage *page, PtSession *session, PtLink *link);
void pt_complaints_page_set_area (PtComplaintsPage *page, const char *area);
void pt_complaints_page_set_search (PtComplaintsPage *page, const char *words);
void pt_complaints_page_tick (PtComplaintsPage *page, gint64 now, gboolean stale);
/* Chooses a complaint. */
void pt_complaints_page_show (PtComplaintsPage *page, const char *area, const char *complaint);
/* Begins an act on what is chosen. */
void pt_complaints_page_begin (PtComplaintsPage *page, PtAction action);
/* Gives up what is being written, or goes back to the list; FALSE: there was nothing of it. */
gboolean pt_complaints_page_back (PtComplaintsPage *page);
/* How many are open, and how many of them are overdue. */
void pt_complaints_page_counts (PtComplaintsPage *page, guint *open, guint *overdue);
/* Its panes, in order; NULL where one is not in sight. */
void pt_complaints_page_panes (PtComplaintsPage *page, GtkWidget *panes[3]);
