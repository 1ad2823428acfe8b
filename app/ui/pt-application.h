/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

/* powertrack-console: one window on a daemon, or files checked without one. */
#define PT_TYPE_APPLICATION (pt_application_get_type ())
G_DECLARE_FINAL_TYPE (PtApplication, pt_application, PT, APPLICATION, AdwApplication)

PtApplication *pt_application_new (void);
