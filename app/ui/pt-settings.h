/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What the console remembers between two runs, in a key file below the user's configuration. A file
 * that cannot be read is as if it were not there. */
typedef struct
{
  int width, height; /* of the window */
  gboolean maximized;
  char *rpc;    /* or NULL */
  char *scheme; /* "system", "light" or "dark" */
} PtSettings;

PtSettings *pt_settings_load (void);
void pt_settings_save (const PtSettings *settings);
void pt_settings_free (PtSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSettings, pt_settings_free)
