/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What the console remembers from one start to the next, in powertrack/console.ini below the
 * user's configuration. What is not in the file has its default. */

typedef struct
{
  int width, height;
  gboolean maximized;
  char *url;    /* of the daemon; NULL: the one of this machine */
  char *rpc;    /* of the chain; NULL: the one that the daemon names */
  char *scheme; /* "system", "light" or "dark" */
} PtSettings;

PtSettings *pt_settings_load (void);
/* A file that can't be written is told in the log only. */
void pt_settings_save (const PtSettings *settings);
void pt_settings_free (PtSettings *settings);
