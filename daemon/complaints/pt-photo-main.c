/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "pt-photo-process.h"

static size_t
read_all (uint8_t *bytes, size_t most)
{
  size_t size = 0;

  while (size < most)
    {
      ssize_t some = read (STDIN_FILENO, bytes + size, most - size);

      if (some <= 0)
        break;
      size += (size_t) some;
    }
  return size;
}

static void
write_all (const uint8_t *bytes, size_t size)
{
  while (size > 0)
    {
      ssize_t some = write (STDOUT_FILENO, bytes, size);

      if (some <= 0)
        pt_photo_end (PT_PHOTO_TOO_LARGE);
      bytes += some;
      size -= (size_t) some;
    }
}

int
main (void)
{
  uint8_t *bytes, *written;
  PtPicture picture;
  size_t size;

  if (!pt_photo_bind ())
    pt_photo_end (PT_PHOTO_UNBOUND);
  bytes = malloc (PT_PHOTO_IN_MAX + 1);
  if (bytes == NULL)
    pt_photo_end (PT_PHOTO_TOO_LARGE);
  size = read_all (bytes, PT_PHOTO_IN_MAX + 1);
  if (size > PT_PHOTO_IN_MAX)
    pt_photo_end (PT_PHOTO_TOO_LARGE);
  pt_photo_read (bytes, size, &picture);
  picture = pt_photo_turn (pt_photo_shrink (picture));
  pt_photo_write (picture, &written, &size);
  write_all (written, size);
  pt_photo_end (PT_PHOTO_WRITTEN);
}
