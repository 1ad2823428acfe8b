/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

#include "pt-link.h"
#include "pt-settings.h"

/* A proof bundle or a batch file from anywhere: what it claims, and whether that holds. Needs no
 * daemon. */
#define PT_TYPE_CHECK_WINDOW (pt_check_window_get_type ())
G_DECLARE_FINAL_TYPE (PtCheckWindow, pt_check_window, PT, CHECK_WINDOW, AdwWindow)

/* @rpc: through which the chain is read, or NULL; @settings: the contract that is trusted. */
GtkWindow *pt_check_window_new (GtkApplication *application, GFile *file, const char *rpc,
                                const PtSettings *settings);
