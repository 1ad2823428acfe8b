/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-settings.h"
#include "pt-link.h"

/* One site looked at closely: its state, its week, its last reports, and whether they are true. */
#define PT_TYPE_SITE_PANEL (pt_site_panel_get_type ())
G_DECLARE_FINAL_TYPE (PtSitePanel, pt_site_panel, PT, SITE_PANEL, GtkWidget)

void pt_site_panel_set_link (PtSitePanel *self, PtLink *link);
/* @rpc: through which the chain is read; NULL: what the daemon names first. */
void pt_site_panel_set_rpc (PtSitePanel *self, const char *rpc);
/* Where the contract that is trusted stands; outlives the panel. */
void pt_site_panel_set_settings (PtSitePanel *self, const PtSettings *settings);
/* By the store's number; PT_SITE_NONE: none. */
void pt_site_panel_show (PtSitePanel *self, guint number);
/* The site that is shown, borrowed until the next; FALSE: none. */
gboolean pt_site_panel_site (PtSitePanel *self, const char **area, const char **site);
void pt_site_panel_tick (PtSitePanel *self, gint64 now, gboolean stale);
/* The acts, for shortcuts; nothing happens where they are not possible. */
void pt_site_panel_verify (PtSitePanel *self);
void pt_site_panel_save_proof (PtSitePanel *self);
/* Signal "said" (const char *text): a short word for a toast. */
