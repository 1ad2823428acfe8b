/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-site-state.h"

/* A state's symbol as the map draws it, for lists and legends. Property "state" (int, PtSiteState).
 */
#define PT_TYPE_STATE_ICON (pt_state_icon_get_type ())
G_DECLARE_FINAL_TYPE (PtStateIcon, pt_state_icon, PT, STATE_ICON, GtkWidget)

/* Stale: gray, as on a map that is old. */
GtkWidget *pt_state_icon_new (PtSiteState state);
void pt_state_icon_set_state (PtStateIcon *self, PtSiteState state);
void pt_state_icon_set_stale (PtStateIcon *self, gboolean stale);

/* The state in one translated word: "on", "off", "silent", "unknown". */
const char *pt_state_word (PtSiteState state);
