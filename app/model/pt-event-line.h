/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-link.h"

/* One line of the log of events, in words. */
#define PT_TYPE_EVENT_LINE (pt_event_line_get_type ())
G_DECLARE_FINAL_TYPE (PtEventLine, pt_event_line, PT, EVENT_LINE, GObject)

struct _PtEventLine
{
  GObject parent_instance;
  char *time, *word, *what, *more;
  int state; /* PtSiteState, or -1: a batch's step */
  gboolean final;
};

/* NULL where another line says the same. @now: ms, the daemon's clock. */
PtEventLine *pt_event_line_new (PtLinkEvent kind, GObject *what, gint64 now);
