/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

/* powertrack-console: windows on a daemon, and windows on files that need none. */
#define PT_TYPE_APPLICATION (pt_application_get_type ())
G_DECLARE_FINAL_TYPE (PtApplication, pt_application, PT, APPLICATION, AdwApplication)

/* g_application_run () it: options and files are its command line. */
PtApplication *pt_application_new (void);
