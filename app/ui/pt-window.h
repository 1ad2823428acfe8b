/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

#include "pt-link.h"
#include "pt-settings.h"

/* The control room: outages and anchoring of one daemon. */
#define PT_TYPE_WINDOW (pt_window_get_type ())
G_DECLARE_FINAL_TYPE (PtWindow, pt_window, PT, WINDOW, AdwApplicationWindow)

/* @settings: borrowed for the window's life; its size is written there when it closes. @url: of the
 * daemon, or NULL; @rpc: of the chain, or NULL. */
PtWindow *pt_window_new (GtkApplication *application, PtSettings *settings, const char *url,
                         const char *rpc);
PtLink *pt_window_link (PtWindow *self); /* borrowed */
/* Signal "connect-to" (const char *url, const char *rpc; each may be NULL): a person wants another
 * daemon or endpoint. Signal "files" (GListModel of GFile): to be checked. */
