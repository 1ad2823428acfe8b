/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-photo-process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>
#include <png.h>
#include <webp/decode.h>

#define SCANS_MAX 100 /* of a progressive picture; cameras make ten */
#define QUALITY 82
#define EXIF_MARKER (JPEG_APP0 + 1)
#define EXIF_MAX 65533u

static void
check_size (uint32_t width, uint32_t height)
{
  if (width == 0 || height == 0)
    pt_photo_end (PT_PHOTO_DAMAGED);
  if ((uint64_t) width * height > PT_PHOTO_PIXELS_MAX)
    pt_photo_end (PT_PHOTO_TOO_LARGE);
}

static uint8_t *
make_pixels (PtPicture *picture)
{
  picture->pixels = malloc ((size_t) picture->width * picture->height * 3);
  if (picture->pixels == NULL)
    pt_photo_end (PT_PHOTO_TOO_LARGE);
  return picture->pixels;
}

/* JPEG, by libjpeg-turbo */

static void
jpeg_failed (j_common_ptr jpeg)
{
  pt_photo_end (jpeg->err->msg_code == JERR_OUT_OF_MEMORY ? PT_PHOTO_TOO_LARGE : PT_PHOTO_DAMAGED);
}

/* What is missing is filled with grey, which nobody photographed. */
static void
jpeg_warned (j_common_ptr jpeg, int level)
{
  int code = jpeg->err->msg_code;

  if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM
      && code != JWRN_JFIF_MAJOR)
    pt_photo_end (PT_PHOTO_DAMAGED);
}

static void
jpeg_went_on (j_common_ptr jpeg)
{
  if (((j_decompress_ptr) jpeg)->input_scan_number > SCANS_MAX)
    pt_photo_end (PT_PHOTO_DAMAGED);
}

/* Halved and less while it is read, where that is enough. */
static unsigned
jpeg_eighths (uint32_t width, uint32_t height)
{
  uint32_t longer = width > height ? width : height;
  uint64_t eighths = (uint64_t) PT_PHOTO_SIDE_MAX * 8 / longer;

  return eighths >= 8 ? 8 : eighths >= 4 ? 4 : eighths >= 2 ? 2 : 1;
}

static void
jpeg_read_rows (j_decompress_ptr jpeg, PtPicture *out)
{
  uint8_t *pixels;

  jpeg_start_decompress (jpeg);
  out->width = jpeg->output_width;
  out->height = jpeg->output_height;
  pixels = make_pixels (out);
  while (jpeg->output_scanline < jpeg->output_height)
    {
      JSAMPROW row = pixels + (size_t) jpeg->output_scanline * out->width * 3;

      jpeg_read_scanlines (jpeg, &row, 1);
    }
  jpeg_finish_decompress (jpeg);
}

static void
read_jpeg (const uint8_t *bytes, size_t size, PtPicture *out)
{
  struct jpeg_progress_mgr progress = { .progress_monitor = jpeg_went_on };
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;

  jpeg.err = jpeg_std_error (&errors);
  errors.error_exit = jpeg_failed;
  errors.emit_message = jpeg_warned;
  jpeg_create_decompress (&jpeg);
  jpeg.progress = &progress;
  jpeg_mem_src (&jpeg, bytes, size);
  jpeg_save_markers (&jpeg, EXIF_MARKER, EXIF_MAX);
  jpeg_read_header (&jpeg, TRUE);
  check_size (jpeg.image_width, jpeg.image_height);
  for (jpeg_saved_marker_ptr marker = jpeg.marker_list; marker != NULL && out->turn == 1;
       marker = marker->next)
    out->turn = pt_photo_orientation (marker->data, marker->data_length);
  jpeg.out_color_space = JCS_RGB;
  jpeg.scale_num = jpeg_eighths (jpeg.image_width, jpeg.image_height);
  jpeg.scale_denom = 8;
  jpeg_read_rows (&jpeg, out);
}

void
pt_photo_write (PtPicture picture, uint8_t **bytes, size_t *size)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned long written = 0;

  jpeg.err = jpeg_std_error (&errors);
  errors.error_exit = jpeg_failed;
  jpeg_create_compress (&jpeg);
  *bytes = NULL;
  jpeg_mem_dest (&jpeg, bytes, &written);
  jpeg.image_width = picture.width;
  jpeg.image_height = picture.height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults (&jpeg);
  jpeg_set_quality (&jpeg, QUALITY, TRUE);
  jpeg_start_compress (&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height)
    {
      JSAMPROW row = picture.pixels + (size_t) jpeg.next_scanline * picture.width * 3;

      jpeg_write_scanlines (&jpeg, &row, 1);
    }
  jpeg_finish_compress (&jpeg);
  *size = written;
}

/* PNG, by libpng: on white, where it can be seen through */

static void
read_png (const uint8_t *bytes, size_t size, PtPicture *out)
{
  const png_color white = { 255, 255, 255 };
  png_image image = { .version = PNG_IMAGE_VERSION };

  if (!png_image_begin_read_from_memory (&image, bytes, size))
    pt_photo_end (PT_PHOTO_DAMAGED);
  check_size (image.width, image.height);
  image.format = PNG_FORMAT_RGB;
  out->width = image.width;
  out->height = image.height;
  if (!png_image_finish_read (&image, &white, make_pixels (out), 0, NULL))
    pt_photo_end (PT_PHOTO_DAMAGED);
}

/* WebP, by libwebp; one that moves is no photo */

static void
webp_scale (WebPDecoderConfig *config, PtPicture *out)
{
  uint32_t width = (uint32_t) config->input.width, height = (uint32_t) config->input.height;
  uint32_t longer = width > height ? width : height;

  out->width = width;
  out->height = height;
  if (longer <= PT_PHOTO_SIDE_MAX)
    return;
  out->width = (uint32_t) ((uint64_t) width * PT_PHOTO_SIDE_MAX / longer);
  out->height = (uint32_t) ((uint64_t) height * PT_PHOTO_SIDE_MAX / longer);
  out->width += out->width == 0;
  out->height += out->height == 0;
  config->options.use_scaling = 1;
  config->options.scaled_width = (int) out->width;
  config->options.scaled_height = (int) out->height;
}

static void
read_webp (const uint8_t *bytes, size_t size, PtPicture *out)
{
  WebPDecoderConfig config;

  if (!WebPInitDecoderConfig (&config)
      || WebPGetFeatures (bytes, size, &config.input) != VP8_STATUS_OK
      || config.input.has_animation)
    pt_photo_end (PT_PHOTO_DAMAGED);
  check_size ((uint32_t) config.input.width, (uint32_t) config.input.height);
  webp_scale (&config, out);
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = make_pixels (out);
  config.output.u.RGBA.stride = (int) out->width * 3;
  config.output.u.RGBA.size = (size_t) out->width * out->height * 3;
  if (WebPDecode (bytes, size, &config) != VP8_STATUS_OK)
    pt_photo_end (PT_PHOTO_DAMAGED);
}

void
pt_photo_read (const uint8_t *bytes, size_t size, PtPicture *out)
{
  static const uint8_t jpeg[] = { 0xff, 0xd8, 0xff };
  static const uint8_t png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

  memset (out, 0, sizeof *out);
  out->turn = 1;
  if (size > sizeof jpeg && memcmp (bytes, jpeg, sizeof jpeg) == 0)
    read_jpeg (bytes, size, out);
  else if (size > sizeof png && memcmp (bytes, png, sizeof png) == 0)
    read_png (bytes, size, out);
  else if (size > 12 && memcmp (bytes, "RIFF", 4) == 0 && memcmp (bytes + 8, "WEBP", 4) == 0)
    read_webp (bytes, size, out);
  else
    pt_photo_end (PT_PHOTO_UNKNOWN);
}
