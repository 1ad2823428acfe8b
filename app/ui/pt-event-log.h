/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-link.h"

/* What happens, newest first, the last 500 lines. */
#define PT_TYPE_EVENT_LOG (pt_event_log_get_type ())
G_DECLARE_FINAL_TYPE (PtEventLog, pt_event_log, PT, EVENT_LOG, GtkWidget)

/* From now on @link's lines are shown; once. */
void pt_event_log_set_link (PtEventLog *self, PtLink *link);
