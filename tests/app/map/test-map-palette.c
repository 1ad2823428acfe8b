/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-map-palette.h"

#define SIZE 48

typedef struct
{
  cairo_surface_t *surface;
  cairo_t *cr;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, SIZE, SIZE);
  fixture->cr = cairo_create (fixture->surface);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cairo_destroy (fixture->cr);
  cairo_surface_destroy (fixture->surface);
}

static void
wipe (Fixture *fixture)
{
  cairo_set_operator (fixture->cr, CAIRO_OPERATOR_CLEAR);
  cairo_paint (fixture->cr);
  cairo_set_operator (fixture->cr, CAIRO_OPERATOR_OVER);
}

/* How many pixels have @color, almost. */
static guint
count (Fixture *fixture, const PtColor *color)
{
  const guchar *pixels;
  int stride = cairo_image_surface_get_stride (fixture->surface);
  guint found = 0;

  cairo_surface_flush (fixture->surface);
  pixels = cairo_image_surface_get_data (fixture->surface);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      {
        guint32 pixel = ((const guint32 *) (gconstpointer) (pixels + y * stride))[x];

        found += pixel >> 24 == 255 && ABS ((int) (pixel >> 16 & 255) - color->red * 255) < 2
                 && ABS ((int) (pixel >> 8 & 255) - color->green * 255) < 2
                 && ABS ((int) (pixel & 255) - color->blue * 255) < 2;
      }
  return found;
}

/* The picture, so that two can be compared. */
static char *
draw_symbol (Fixture *fixture, gboolean dark, guint state, gboolean gray)
{
  gsize size = (gsize) cairo_image_surface_get_stride (fixture->surface) * SIZE;

  wipe (fixture);
  pt_map_draw_symbol (fixture->cr, pt_map_palette (dark), (PtSiteState) state, SIZE / 2.0,
                      SIZE / 2.0, gray);
  cairo_surface_flush (fixture->surface);
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256,
                                      cairo_image_surface_get_data (fixture->surface), size);
}

/* No two states look alike, and old news is not what is off now. */
static void
test_symbols (Fixture *fixture, gconstpointer data)
{
  for (guint dark = 0; dark < 2; dark++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      const PtColor *red = &pt_map_palette (dark)->states[PT_SITE_OFF];

      for (guint state = 0; state < PT_SITE_STATES; state++)
        {
          g_assert_true (g_hash_table_add (seen, draw_symbol (fixture, dark, state, FALSE)));
          g_assert_cmpuint (count (fixture, red) > 0, ==, state == PT_SITE_OFF);
        }
      for (guint state = 0; state < PT_SITE_STATES; state++)
        {
          g_autofree char *old = draw_symbol (fixture, dark, state, TRUE);

          g_assert_cmpuint (count (fixture, red), ==, 0);
        }
    }
}

static guint
red_of (Fixture *fixture, guint on, guint off)
{
  guint states[PT_SITE_STATES] = { [PT_SITE_ON] = on, [PT_SITE_OFF] = off };
  const PtMapPalette *palette = pt_map_palette (FALSE);

  wipe (fixture);
  pt_map_draw_ring (fixture->cr, palette, states, SIZE / 2.0, SIZE / 2.0, SIZE / 2.0 - 2, FALSE, 1);
  return count (fixture, &palette->states[PT_SITE_OFF]);
}

/* The arc is the share that is off, but one of many is seen too. */
static void
test_rings (Fixture *fixture, gconstpointer data)
{
  guint none = red_of (fixture, 100, 0), one = red_of (fixture, 100000, 1);
  guint half = red_of (fixture, 100, 100), all = red_of (fixture, 0, 100);

  g_test_message ("%u %u %u %u", none, one, half, all);
  g_assert_cmpuint (none, ==, 0);
  g_assert_cmpuint (one, >, 0);
  g_assert_cmpuint (half, >, 2 * one);
  g_assert_cmpuint (all, >, half + half / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/map-palette/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (symbols);
  ADD (rings);
  return g_test_run ();
}
