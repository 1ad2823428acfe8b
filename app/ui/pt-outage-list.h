/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-link.h"

/* Numbers first, then the outages that last, sorted and filtered. Signal "chosen" (PtOutage *): a
 * person chose one; "activated" (PtOutage *): pressed Return on it, or clicked twice; "counted":
 * what is shown may be another number. */
#define PT_TYPE_OUTAGE_LIST (pt_outage_list_get_type ())
G_DECLARE_FINAL_TYPE (PtOutageList, pt_outage_list, PT, OUTAGE_LIST, GtkWidget)

void pt_outage_list_set_link (PtOutageList *self, PtLink *link);
void pt_outage_list_set_area (PtOutageList *self, const char *area);    /* NULL: all */
void pt_outage_list_set_search (PtOutageList *self, const char *words); /* NULL or "": all */
/* Shows the site's outage as chosen without telling; NULL: none. */
void pt_outage_list_show_site (PtOutageList *self, const char *area, const char *site);
void pt_outage_list_tick (PtOutageList *self, gint64 now, gboolean stale);
guint pt_outage_list_count (PtOutageList *self); /* shown */
