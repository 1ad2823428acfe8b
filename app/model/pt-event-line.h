/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

/* One line of the log of events, in words. */
#define PT_TYPE_EVENT_LINE (pt_event_line_get_type ())
G_DECLARE_FINAL_TYPE (PtEventLine, pt_event_line, PT, EVENT_LINE, GObject)

struct _PtEventLine
{
  GObject parent_instance;
  gint64 time; /* ms; 0: when it was told, by the daemon's clock */
  char *word, *what, *more;
  int state;      /* PtSiteState, or -1: a batch's step */
  gboolean final; /* the last step of a batch */
};

/* Takes @what and @more; @word is copied. */
PtEventLine *pt_event_line_new (gint64 time, const char *word, char *what, char *more, int state);
