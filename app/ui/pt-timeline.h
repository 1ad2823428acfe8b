/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-feed-outages.h"

/* A site's last seven days as a bar: with supply, without, not known. What it shows is its
 * accessible description too. */
#define PT_TYPE_TIMELINE (pt_timeline_get_type ())
G_DECLARE_FINAL_TYPE (PtTimeline, pt_timeline, PT, TIMELINE, GtkWidget)

GtkWidget *pt_timeline_new (void);
/* @outages: PtOutage, copied; NULL: not known. @now: the end of the bar, ms. @known_from: since
 * when anything is known of the site (ms); 0: never. @heard_to: until when. */
void pt_timeline_set (PtTimeline *self, GPtrArray *outages, gint64 now, gint64 known_from,
                      gint64 heard_to);
/* What it shows is old: all of it is gray. */
void pt_timeline_set_stale (PtTimeline *self, gboolean stale);
