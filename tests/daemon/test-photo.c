/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures as strangers send them, to the real process. */
#include "pt-photo.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>
#include <zlib.h>

#include "pt-error.h"
#include "pt-photo-process.h"

#define SECRET "25.5941N 85.1376E by a phone"

static char *program;

/* Red above, blue below, so that it shows how it lies. */
static guint8 *
make_pixels (guint width, guint height)
{
  guint8 *pixels = g_malloc0 ((gsize) width * height * 3);

  for (gsize i = 0; i < (gsize) width * height; i++)
    pixels[i * 3 + (i < (gsize) width * height / 2 ? 0 : 2)] = 250;
  return pixels;
}

/* @orientation 0: none is said. */
static GBytes *
make_jpeg (guint width, guint height, guint8 orientation)
{
  g_autofree guint8 *pixels = make_pixels (width, height);
  guint8 exif[] = { 'E',  'x',  'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
                    0x01, 0x12, 0,   3,   0, 0, 0,   1,   0, 0,  0, 0, 0, 0, 0, 0 };
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned long size = 0;
  guint8 *bytes = NULL;
  GBytes *made;

  exif[25] = orientation;
  jpeg.err = jpeg_std_error (&errors);
  jpeg_create_compress (&jpeg);
  jpeg_mem_dest (&jpeg, &bytes, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults (&jpeg);
  jpeg_start_compress (&jpeg, TRUE);
  if (orientation > 0)
    jpeg_write_marker (&jpeg, JPEG_APP0 + 1, exif, sizeof exif);
  jpeg_write_marker (&jpeg, JPEG_COM, (const guint8 *) SECRET, sizeof SECRET);
  while (jpeg.next_scanline < height)
    {
      JSAMPROW row = pixels + (gsize) jpeg.next_scanline * width * 3;

      jpeg_write_scanlines (&jpeg, &row, 1);
    }
  jpeg_finish_compress (&jpeg);
  jpeg_destroy_compress (&jpeg);
  made = g_bytes_new (bytes, size);
  free (bytes);
  return made;
}

static GBytes *
make_png (guint width, guint height)
{
  g_autofree guint8 *pixels = make_pixels (width, height);
  png_image image = {
    .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGB
  };
  png_alloc_size_t size = 0;
  guint8 *bytes;

  g_assert_true (png_image_write_to_memory (&image, NULL, &size, 0, pixels, 0, NULL));
  bytes = g_malloc (size);
  g_assert_true (png_image_write_to_memory (&image, bytes, &size, 0, pixels, 0, NULL));
  return g_bytes_new_take (bytes, size);
}

static GBytes *
make_webp (guint width, guint height)
{
  g_autofree guint8 *pixels = make_pixels (width, height);
  guint8 *bytes = NULL;
  gsize size = WebPEncodeRGB (pixels, (int) width, (int) height, (int) width * 3, 80, &bytes);
  GBytes *made = g_bytes_new (bytes, size);

  WebPFree (bytes);
  return made;
}

static gboolean
contains (GBytes *bytes, const char *words)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return memmem (data, size, words, strlen (words)) != NULL;
}

/* What was written: a JPEG of this size, whose first pixel is red and whose last blue, or the other
 * way round. */
static void
assert_kept (GBytes *sent, guint width, guint height, gboolean red_first)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) kept = pt_photo_write_anew (program, sent, &error);
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  g_autofree guint8 *pixels = NULL;
  gsize size;

  g_assert_no_error (error);
  g_assert_false (contains (kept, SECRET) || contains (kept, "Exif"));
  jpeg.err = jpeg_std_error (&errors);
  jpeg_create_decompress (&jpeg);
  jpeg_mem_src (&jpeg, g_bytes_get_data (kept, NULL), g_bytes_get_size (kept));
  g_assert_cmpint (jpeg_read_header (&jpeg, TRUE), ==, JPEG_HEADER_OK);
  g_assert_cmpuint (jpeg.image_width, ==, width);
  g_assert_cmpuint (jpeg.image_height, ==, height);
  jpeg_start_decompress (&jpeg);
  size = (gsize) width * height * 3;
  pixels = g_malloc (size);
  while (jpeg.output_scanline < height)
    {
      JSAMPROW row = pixels + (gsize) jpeg.output_scanline * width * 3;

      jpeg_read_scanlines (&jpeg, &row, 1);
    }
  jpeg_finish_decompress (&jpeg);
  jpeg_destroy_decompress (&jpeg);
  g_assert_true (pixels[red_first ? 0 : 2] > 200 && pixels[red_first ? 2 : 0] < 60);
  g_assert_true (pixels[size - (red_first ? 3 : 1)] < 60
                 && pixels[size - (red_first ? 1 : 3)] > 200);
}

static void
assert_upright (GBytes *sent, guint width, guint height)
{
  assert_kept (sent, width, height, TRUE);
}

static void
test_formats (void)
{
  g_autoptr (GBytes) jpeg = make_jpeg (640, 480, 0);
  g_autoptr (GBytes) png = make_png (640, 480);
  g_autoptr (GBytes) webp = make_webp (640, 480);
  g_autoptr (GBytes) small = make_png (16, 32);

  g_assert_true (contains (jpeg, SECRET));
  assert_upright (jpeg, 640, 480);
  assert_upright (png, 640, 480);
  assert_upright (webp, 640, 480);
  assert_upright (small, 16, 32);
}

static void
test_large (void)
{
  g_autoptr (GBytes) jpeg = make_jpeg (8000, 6000, 0);
  g_autoptr (GBytes) png = make_png (6000, 4000);
  g_autoptr (GBytes) webp = make_webp (6000, 4000);

  assert_upright (jpeg, 2000, 1500);
  assert_upright (png, 2000, 1334);
  assert_upright (webp, 2560, 1706);
}

/* As cameras hold it. */
static void
test_turned (void)
{
  g_autoptr (GBytes) straight = make_jpeg (320, 160, 1);
  g_autoptr (GBytes) head_down = make_jpeg (320, 160, 3);
  g_autoptr (GBytes) right = make_jpeg (320, 160, 6);
  g_autoptr (GBytes) left = make_jpeg (320, 160, 8);
  g_autoptr (GBytes) nonsense = make_jpeg (320, 160, 9);

  g_assert_true (contains (right, "Exif"));
  assert_kept (straight, 320, 160, TRUE);
  assert_kept (nonsense, 320, 160, TRUE);
  assert_kept (head_down, 320, 160, FALSE);
  assert_kept (right, 160, 320, FALSE);
  assert_kept (left, 160, 320, TRUE);
}

static void
assert_refused (const void *data, gsize size, PtErrorCode code)
{
  g_autoptr (GBytes) sent = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_photo_write_anew (program, sent, &error));
  g_assert_error (error, PT_ERROR, (int) code);
}

static void
test_no_pictures (void)
{
  static const char html[] = "<script>alert(1)</script>", svg[] = "<svg xmlns=\"\"/>";
  static const char gif[] = "GIF89a\1\0\1\0\0\0\0;";
  g_autofree char *zeros = g_malloc0 (PT_PHOTO_BYTES_MAX + 1);

  assert_refused ("", 0, PT_ERROR_MALFORMED);
  assert_refused ("\xff\xd8\xff", 3, PT_ERROR_MALFORMED);
  assert_refused (html, sizeof html, PT_ERROR_MALFORMED);
  assert_refused (svg, sizeof svg, PT_ERROR_MALFORMED);
  assert_refused (gif, sizeof gif, PT_ERROR_MALFORMED);
  assert_refused (zeros, PT_PHOTO_BYTES_MAX, PT_ERROR_MALFORMED);
  assert_refused (zeros, PT_PHOTO_BYTES_MAX + 1, PT_ERROR_TOO_LARGE);
}

/* Whole ones without their ends, and with bytes changed: never more than a refusal, or a picture.
 */
static void
test_damaged (void)
{
  GBytes *whole[] = { make_jpeg (64, 48, 6), make_png (64, 48), make_webp (64, 48) };

  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (whole[i], &size);

      assert_refused (data, size / 2, PT_ERROR_MALFORMED);
      assert_refused (data, 20, PT_ERROR_MALFORMED);
      for (guint j = 0; j < 25; j++)
        {
          g_autofree guint8 *changed = g_memdup2 (data, size);
          g_autoptr (GBytes) sent = NULL;
          g_autoptr (GBytes) kept = NULL;
          g_autoptr (GError) error = NULL;

          changed[g_test_rand_int_range (0, (gint32) size)]
              = (guint8) g_test_rand_int_range (0, 256);
          sent = g_bytes_new (changed, size);
          kept = pt_photo_write_anew (program, sent, &error);
          g_assert_true (kept != NULL || error->code == PT_ERROR_MALFORMED
                         || error->code == PT_ERROR_TOO_LARGE);
        }
      g_bytes_unref (whole[i]);
    }
}

static void
append_chunk (GByteArray *png, const char *type, const guint8 *data, guint32 size)
{
  guint32 length = GUINT32_TO_BE (size), sum;
  uLong crc = crc32 (crc32 (0, (const Bytef *) type, 4), data, size);

  sum = GUINT32_TO_BE ((guint32) crc);
  g_byte_array_append (png, (const guint8 *) &length, 4);
  g_byte_array_append (png, (const guint8 *) type, 4);
  g_byte_array_append (png, data, size);
  g_byte_array_append (png, (const guint8 *) &sum, 4);
}

/* A PNG of @width * @height whose rows are @zeros bytes of nothing, packed. */
static void
assert_bomb (guint32 width, guint32 height, gsize zeros, const char *extra, PtErrorCode code)
{
  static const guint8 mark[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  g_autoptr (GByteArray) png = g_byte_array_new ();
  g_autofree guint8 *nothing = g_malloc0 (zeros);
  uLongf packed_size = compressBound (zeros);
  g_autofree guint8 *packed = g_malloc (packed_size + 16);
  guint32 sides[2] = { GUINT32_TO_BE (width), GUINT32_TO_BE (height) };
  guint8 head[13] = { 0 };

  g_assert_cmpint (compress2 (packed, &packed_size, nothing, zeros, 9), ==, Z_OK);
  memcpy (head, sides, sizeof sides);
  head[8] = 8;
  head[9] = 2;
  g_byte_array_append (png, mark, sizeof mark);
  append_chunk (png, "IHDR", head, sizeof head);
  if (extra != NULL)
    {
      g_autoptr (GByteArray) text = g_byte_array_new ();

      g_byte_array_append (text, (const guint8 *) "a\0\0", 3);
      g_byte_array_append (text, packed, (guint) packed_size);
      append_chunk (png, extra, text->data, text->len);
    }
  else
    append_chunk (png, "IDAT", packed, (guint32) packed_size);
  append_chunk (png, "IEND", NULL, 0);
  g_assert_cmpuint (png->len, <, PT_PHOTO_BYTES_MAX);
  assert_refused (png->data, png->len, code);
}

static void
test_bombs (void)
{
  assert_bomb (100000, 100000, 100, NULL, PT_ERROR_TOO_LARGE);
  assert_bomb (0x7fffffff, 1, 100, NULL, PT_ERROR_MALFORMED);
  assert_bomb (7072, 7072, 1000, NULL, PT_ERROR_TOO_LARGE);
  assert_bomb (7000, 7000, 100 * 1024 * 1024, NULL, PT_ERROR_MALFORMED);
  assert_bomb (10, 10, 400 * 1024 * 1024, "zTXt", PT_ERROR_MALFORMED);
  assert_bomb (10, 10, 400 * 1024 * 1024, "iCCP", PT_ERROR_MALFORMED);
}

/* What it may not do ends it; the daemon hears that it ended. */
static void
test_program (void)
{
  g_autoptr (GBytes) png = make_png (2, 2);
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_photo_write_anew ("/nonexistent", png, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  g_assert_null (pt_photo_write_anew ("/bin/false", png, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  program = g_build_filename (g_getenv ("PT_BUILD_DIR"), "daemon", "powertrack-photo", NULL);
  g_test_add_func ("/photo/formats", test_formats);
  g_test_add_func ("/photo/large", test_large);
  g_test_add_func ("/photo/turned", test_turned);
  g_test_add_func ("/photo/no-pictures", test_no_pictures);
  g_test_add_func ("/photo/damaged", test_damaged);
  g_test_add_func ("/photo/bombs", test_bombs);
  g_test_add_func ("/photo/program", test_program);
  return g_test_run ();
}
