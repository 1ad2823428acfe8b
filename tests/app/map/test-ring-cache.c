/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ring-cache.h"

#include <string.h>

#define SIZE 64

static cairo_surface_t *
draw (PtRingCache *cache, guint on, guint off)
{
  guint states[PT_SITE_STATES] = { [PT_SITE_ON] = on, [PT_SITE_OFF] = off };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, SIZE, SIZE);
  cairo_t *cr = cairo_create (surface);

  pt_ring_cache_draw (cache, cr, states, SIZE / 2.0, SIZE / 2.0, 20);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* Takes both. */
static gboolean
is_same (cairo_surface_t *one, cairo_surface_t *other)
{
  gsize size = (gsize) cairo_image_surface_get_stride (one) * SIZE;
  gboolean same
      = memcmp (cairo_image_surface_get_data (one), cairo_image_surface_get_data (other), size)
        == 0;

  cairo_surface_destroy (one);
  cairo_surface_destroy (other);
  return same;
}

/* One that was drawn before looks as it did, and the others are others. */
static void
test_pictures (void)
{
  g_autoptr (PtRingCache) cache = pt_ring_cache_new ();

  g_assert_true (is_same (draw (cache, 5, 1), draw (cache, 5, 1)));
  g_assert_false (is_same (draw (cache, 5, 1), draw (cache, 5, 4)));
}

static void
test_style (void)
{
  g_autoptr (PtRingCache) cache = pt_ring_cache_new ();
  cairo_surface_t *light = draw (cache, 5, 1), *again;

  pt_ring_cache_set_style (cache, TRUE, FALSE, 1, 1);
  again = cairo_surface_reference (light);
  g_assert_false (is_same (again, draw (cache, 5, 1)));
  pt_ring_cache_set_style (cache, FALSE, FALSE, 1, 1);
  again = cairo_surface_reference (light);
  g_assert_true (is_same (again, draw (cache, 5, 1)));
  /* Who reads large letters reads large numbers. */
  pt_ring_cache_set_style (cache, FALSE, FALSE, 1, 1.5);
  g_assert_false (is_same (light, draw (cache, 5, 1)));
}

/* More different ones than are kept: it starts anew, and draws them all. */
static void
test_many (void)
{
  g_autoptr (PtRingCache) cache = pt_ring_cache_new ();
  cairo_surface_t *first = draw (cache, 1, 0);

  for (guint i = 2; i < 4000; i++)
    cairo_surface_destroy (draw (cache, i, i / 2));
  g_assert_true (is_same (first, draw (cache, 1, 0)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring-cache/pictures", test_pictures);
  g_test_add_func ("/ring-cache/style", test_style);
  g_test_add_func ("/ring-cache/many", test_many);
  return g_test_run ();
}
