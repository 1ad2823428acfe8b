/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-png.h"

#include <cairo.h>
#include <string.h>

typedef struct
{
  const GByteArray *bytes;
  guint at;
} Source;

static cairo_status_t
read_cb (void *closure, unsigned char *out, unsigned int length)
{
  Source *source = closure;

  if (length > source->bytes->len - source->at)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (out, source->bytes->data + source->at, length);
  source->at += length;
  return CAIRO_STATUS_SUCCESS;
}

/* Encodes, and reads back with libpng; *out_difference is the largest of any channel. */
static void
check (const guint32 *pixels, guint width, guint height, guint *out_difference)
{
  g_autoptr (GByteArray) png = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  Source source = { png, 0 };
  cairo_surface_t *surface;

  *out_difference = 0;
  g_assert_true (pt_basemap_png_encode (png, pixels, width, height, &error));
  g_assert_no_error (error);
  surface = cairo_image_surface_create_from_png_stream (read_cb, &source);
  g_assert_cmpint (cairo_surface_status (surface), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_image_surface_get_width (surface), ==, width);
  g_assert_cmpint (cairo_image_surface_get_height (surface), ==, height);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        const guint8 *row = cairo_image_surface_get_data (surface)
                            + (gsize) y * (gsize) cairo_image_surface_get_stride (surface);
        guint32 read;

        memcpy (&read, row + 4 * x, 4);
        for (guint shift = 0; shift < 24; shift += 8)
          {
            int difference
                = (int) (read >> shift & 255) - (int) (pixels[y * width + x] >> shift & 255);

            *out_difference = MAX (*out_difference, (guint) ABS (difference));
          }
      }
  cairo_surface_destroy (surface);
}

/* Of 1, 2, 4 and 8 bits, and of widths that end within a byte. */
static void
test_exact (void)
{
  static const guint n_colours[] = { 1, 2, 3, 4, 5, 16, 17, 255, 256 };
  static const guint widths[] = { 1, 7, 64, 256 };

  for (guint i = 0; i < G_N_ELEMENTS (n_colours); i++)
    for (guint j = 0; j < G_N_ELEMENTS (widths); j++)
      {
        g_autofree guint32 *pixels = g_new (guint32, widths[j] * 256);
        guint difference;

        for (guint k = 0; k < widths[j] * 256; k++)
          pixels[k] = 0xff000000 | (k * 7 % n_colours[i]) * 0x010305;
        check (pixels, widths[j], 256, &difference);
        g_assert_cmpuint (difference, ==, 0);
      }
}

/* More colours than a palette has: the frequent ones stay, the others move a little. */
static void
test_many (void)
{
  g_autofree guint32 *pixels = g_new (guint32, 65536);
  guint difference;

  for (guint i = 0; i < 65536; i++)
    pixels[i] = 0xff000000 | (i & 0xff) << 16 | (i >> 8 & 3) * 0x40;
  check (pixels, 256, 256, &difference);
  g_assert_cmpuint (difference, <=, 0xc0);
  for (guint i = 0; i < 65536; i++)
    pixels[i] = 0xff000000 | i * 2654435761u >> 8;
  check (pixels, 256, 256, &difference);
  for (guint i = 0; i < 65536; i++)
    pixels[i] = 0xff000000 | (i < 60000 ? 0xf6f5f1 : i % 600);
  check (pixels, 256, 256, &difference);
  g_assert_cmpuint (difference, <=, 255);
}

static void
test_same (void)
{
  g_autofree guint32 *pixels = g_new (guint32, 65536);
  g_autoptr (GByteArray) first = g_byte_array_new ();
  g_autoptr (GByteArray) second = g_byte_array_new ();

  for (guint i = 0; i < 65536; i++)
    pixels[i] = 0xff000000 | i % 900 * 37;
  g_assert_true (pt_basemap_png_encode (first, pixels, 256, 256, NULL));
  g_assert_true (pt_basemap_png_encode (second, pixels, 256, 256, NULL));
  g_assert_cmpmem (first->data, first->len, second->data, second->len);
}

static void
test_plain_is_small (void)
{
  g_autofree guint32 *pixels = g_new (guint32, 65536);
  g_autoptr (GByteArray) png = g_byte_array_new ();

  for (guint i = 0; i < 65536; i++)
    pixels[i] = 0xffdfe6ea;
  g_assert_true (pt_basemap_png_encode (png, pixels, 256, 256, NULL));
  g_assert_cmpuint (png->len, <, 150);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/basemap/png/exact", test_exact);
  g_test_add_func ("/basemap/png/many", test_many);
  g_test_add_func ("/basemap/png/same", test_same);
  g_test_add_func ("/basemap/png/plain-is-small", test_plain_is_small);
  return g_test_run ();
}
