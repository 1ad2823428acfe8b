/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ring-cache.h"

#include <math.h>
#include <string.h>

#define PICTURES_MAX 1500 /* of at most 10 KB at scale 1 */

struct _PtRingCache
{
  GHashTable *pictures; /* guint[PT_SITE_STATES] -> cairo_surface_t */
  gboolean dark, gray;
  int scale;
  double enlarged;
};

static guint
states_hash (gconstpointer key)
{
  const guint *states = key;
  guint hash = 2166136261u;

  for (guint i = 0; i < PT_SITE_STATES; i++)
    hash = (hash ^ states[i]) * 16777619u;
  return hash;
}

static gboolean
states_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (guint[PT_SITE_STATES])) == 0;
}

PtRingCache *
pt_ring_cache_new (void)
{
  PtRingCache *cache = g_new0 (PtRingCache, 1);

  cache->scale = 1;
  cache->enlarged = 1;
  cache->pictures = g_hash_table_new_full (states_hash, states_equal, g_free,
                                           (GDestroyNotify) cairo_surface_destroy);
  return cache;
}

void
pt_ring_cache_free (PtRingCache *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_unref (cache->pictures);
  g_free (cache);
}

void
pt_ring_cache_set_style (PtRingCache *cache, gboolean dark, gboolean gray, int scale,
                         double enlarged)
{
  g_return_if_fail (cache != NULL);
  if (cache->dark == dark && cache->gray == gray && cache->scale == scale
      && cache->enlarged == enlarged)
    return;
  g_hash_table_remove_all (cache->pictures);
  cache->dark = dark;
  cache->gray = gray;
  cache->scale = scale;
  cache->enlarged = enlarged;
}

static cairo_surface_t *
draw_picture (PtRingCache *cache, const guint *states, double radius)
{
  int size = 2 * (int) ceil (radius + 1);
  cairo_surface_t *picture
      = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size * cache->scale, size * cache->scale);
  cairo_t *cr;

  cairo_surface_set_device_scale (picture, cache->scale, cache->scale);
  cr = cairo_create (picture);
  pt_map_draw_ring (cr, pt_map_palette (cache->dark), states, size / 2.0, size / 2.0, radius,
                    cache->gray, cache->enlarged);
  cairo_destroy (cr);
  return picture;
}

void
pt_ring_cache_draw (PtRingCache *cache, cairo_t *cr, const guint *states, double x, double y,
                    double radius)
{
  double half = ceil (radius + 1);
  cairo_surface_t *picture;

  g_return_if_fail (cache != NULL && cr != NULL && states != NULL);
  picture = g_hash_table_lookup (cache->pictures, states);
  if (picture == NULL)
    {
      if (g_hash_table_size (cache->pictures) >= PICTURES_MAX)
        g_hash_table_remove_all (cache->pictures);
      picture = draw_picture (cache, states, radius);
      g_hash_table_insert (cache->pictures, g_memdup2 (states, sizeof (guint[PT_SITE_STATES])),
                           picture);
    }
  /* On whole pixels: nothing is resampled. */
  cairo_set_source_surface (cr, picture, round ((x - half) * cache->scale) / cache->scale,
                            round ((y - half) * cache->scale) / cache->scale);
  cairo_paint (cr);
}
