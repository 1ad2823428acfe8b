/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

/* A proof bundle or a batch file from anywhere, checked here with no daemon. */
#define PT_TYPE_CHECK_WINDOW (pt_check_window_get_type ())
G_DECLARE_FINAL_TYPE (PtCheckWindow, pt_check_window, PT, CHECK_WINDOW, AdwWindow)

/* @rpc (or NULL): the endpoint that is offered for reading the chain. */
PtCheckWindow *pt_check_window_new (GtkApplication *application, GFile *file, const char *rpc);
