/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

#include "pt-link.h"
#include "pt-settings.h"

/* The control room: list, map, log and panel on one page, batches on another. */
#define PT_TYPE_WINDOW (pt_window_get_type ())
G_DECLARE_FINAL_TYPE (PtWindow, pt_window, PT, WINDOW, AdwApplicationWindow)

/* @settings belongs to the caller and outlives the window, which writes its size into it. @rpc (or
 * NULL): through which the chain is read instead of what the daemon names. */
PtWindow *pt_window_new (AdwApplication *application, PtLink *link, PtSettings *settings,
                         const char *rpc);
/* A word at the bottom that goes away by itself. */
void pt_window_say (PtWindow *self, const char *text);
