/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-map-palette.h"

/* Rings that were drawn before, as small pictures: most of them look the same in the next frame. */
typedef struct _PtRingCache PtRingCache;

/* Empty, light, scale 1. */
PtRingCache *pt_ring_cache_new (void);
void pt_ring_cache_free (PtRingCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRingCache, pt_ring_cache_free)

/* What the pictures hang on; another one empties the cache. @scale: pixels of the screen a pixel.
 * @enlarged: how many times as large as usual numbers are. */
void pt_ring_cache_set_style (PtRingCache *cache, gboolean dark, gboolean gray, int scale,
                              double enlarged);
/* As pt_map_draw_ring (). */
void pt_ring_cache_draw (PtRingCache *cache, cairo_t *cr, const guint *states, double x, double y,
                         double radius);
