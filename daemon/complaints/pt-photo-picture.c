/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-photo-process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
pt_photo_end (PtPhotoEnd end)
{
  _exit ((int) end);
}

static uint8_t *
make_pixels (uint32_t width, uint32_t height)
{
  uint8_t *pixels = malloc ((size_t) width * height * 3);

  if (pixels == NULL)
    pt_photo_end (PT_PHOTO_TOO_LARGE);
  return pixels;
}

/* The mean of a square of @by pixels to a side, which ends with the picture. */
static void
mean (const PtPicture *picture, uint32_t left, uint32_t top, uint32_t by, uint8_t out[3])
{
  uint32_t right = left + by < picture->width ? left + by : picture->width;
  uint32_t bottom = top + by < picture->height ? top + by : picture->height;
  uint32_t count = (right - left) * (bottom - top);
  uint64_t sum[3] = { 0 };

  for (uint32_t y = top; y < bottom; y++)
    for (uint32_t x = left; x < right; x++)
      for (unsigned i = 0; i < 3; i++)
        sum[i] += picture->pixels[((size_t) y * picture->width + x) * 3 + i];
  for (unsigned i = 0; i < 3; i++)
    out[i] = (uint8_t) ((sum[i] + count / 2) / count);
}

PtPicture
pt_photo_shrink (PtPicture picture)
{
  uint32_t longer = picture.width > picture.height ? picture.width : picture.height;
  uint32_t by = (longer + PT_PHOTO_SIDE_MAX - 1) / PT_PHOTO_SIDE_MAX;
  PtPicture small = picture;

  if (by <= 1)
    return picture;
  small.width = (picture.width + by - 1) / by;
  small.height = (picture.height + by - 1) / by;
  small.pixels = make_pixels (small.width, small.height);
  for (uint32_t y = 0; y < small.height; y++)
    for (uint32_t x = 0; x < small.width; x++)
      mean (&picture, x * by, y * by, by, small.pixels + ((size_t) y * small.width + x) * 3);
  free (picture.pixels);
  return small;
}

/* Where the pixel at @x, @y of what is upright lies in what was taken (EXIF 2.3, orientation). */
static size_t
place (const PtPicture *taken, uint32_t x, uint32_t y)
{
  uint32_t right = taken->width - 1, bottom = taken->height - 1;
  uint32_t column = x, row = y;

  switch (taken->turn)
    {
    case 2:
      column = right - x;
      break;
    case 3:
      column = right - x;
      row = bottom - y;
      break;
    case 4:
      row = bottom - y;
      break;
    case 5:
      column = y;
      row = x;
      break;
    case 6:
      column = y;
      row = bottom - x;
      break;
    case 7:
      column = right - y;
      row = bottom - x;
      break;
    case 8:
      column = right - y;
      row = x;
      break;
    }
  return (size_t) row * taken->width + column;
}

PtPicture
pt_photo_turn (PtPicture picture)
{
  PtPicture upright = picture;

  if (picture.turn <= 1 || picture.turn > 8)
    return picture;
  if (picture.turn >= 5)
    {
      upright.width = picture.height;
      upright.height = picture.width;
    }
  upright.turn = 1;
  upright.pixels = make_pixels (upright.width, upright.height);
  for (uint32_t y = 0; y < upright.height; y++)
    for (uint32_t x = 0; x < upright.width; x++)
      memcpy (upright.pixels + ((size_t) y * upright.width + x) * 3,
              picture.pixels + place (&picture, x, y) * 3, 3);
  free (picture.pixels);
  return upright;
}

static uint32_t
number (const uint8_t *bytes, unsigned size, int little)
{
  uint32_t value = 0;

  for (unsigned i = 0; i < size; i++)
    value = value << 8 | bytes[little ? size - 1 - i : i];
  return value;
}

/* TIFF 6.0: a header, then at an offset the fields of twelve bytes. */
unsigned
pt_photo_orientation (const uint8_t *exif, size_t size)
{
  static const uint8_t mark[] = "Exif\0";
  const uint8_t *tiff = exif + 6;
  uint32_t at, count;
  int little;

  if (size < 6 + 8 || memcmp (exif, mark, 6) != 0)
    return 1;
  size -= 6;
  little = tiff[0] == 'I';
  at = number (tiff + 4, 4, little);
  if (at > size - 2)
    return 1;
  count = number (tiff + at, 2, little);
  for (uint32_t i = 0; i < count && size - at >= 2 + 12 * ((size_t) i + 1); i++)
    {
      const uint8_t *field = tiff + at + 2 + 12 * (size_t) i;
      uint32_t value = number (field + 8, 2, little);

      if (number (field, 2, little) == 0x0112)
        return value >= 1 && value <= 8 ? value : 1;
    }
  return 1;
}
