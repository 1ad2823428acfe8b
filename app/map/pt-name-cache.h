/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-map-palette.h"

/* Names of places that were measured or drawn before: laying out and drawing text is slow, and the
 * next frame shows the same ones. */
typedef struct _PtNameCache PtNameCache;

/* @widget: whose font it is; not owned, outlives the cache. */
PtNameCache *pt_name_cache_new (GtkWidget *widget);
void pt_name_cache_free (PtNameCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtNameCache, pt_name_cache_free)

/* What pictures hang on; another one empties the cache, and is TRUE. @pale: the map's news is old.
 * @scale: pixels of the screen a pixel. */
gboolean pt_name_cache_set_style (PtNameCache *cache, gboolean dark, gboolean pale, int scale);
/* Pixels of the name, written in @size (0 to 3). */
void pt_name_cache_measure (PtNameCache *cache, const char *name, guint size, int *width,
                            int *height);
/* Draws it around (x, y), with a halo. */
void pt_name_cache_draw (PtNameCache *cache, GtkSnapshot *snapshot, const char *name, guint size,
                         double x, double y);
/* Draws the dot of a place around (x, y), with a halo. */
void pt_name_cache_draw_dot (PtNameCache *cache, GtkSnapshot *snapshot, double x, double y,
                             double radius);
