/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* powertrack-photo: a picture on stdin, written anew on stdout; both are files. No GLib: what it
 * does not have can't be turned against us. It keeps nothing and frees little: it ends soon. */

#define PT_PHOTO_IN_MAX (8 * 1024 * 1024)
#define PT_PHOTO_OUT_MAX (8 * 1024 * 1024)
#define PT_PHOTO_PIXELS_MAX 50000000u
#define PT_PHOTO_SIDE_MAX 2560u /* as it is kept */

/* Its exit status. */
typedef enum
{
  PT_PHOTO_WRITTEN,
  PT_PHOTO_UNKNOWN,   /* none of the formats */
  PT_PHOTO_TOO_LARGE, /* too many pixels */
  PT_PHOTO_DAMAGED,
  PT_PHOTO_UNBOUND /* it could not give up what it must not have */
} PtPhotoEnd;

typedef struct
{
  uint8_t *pixels; /* RGB, rows without gaps */
  uint32_t width, height;
  unsigned turn; /* the orientation of EXIF, 1 to 8 */
} PtPicture;

/* These end the process where they can't go on. */
void pt_photo_read (const uint8_t *bytes, size_t size, PtPicture *out);
PtPicture pt_photo_shrink (PtPicture picture); /* to PT_PHOTO_SIDE_MAX */
PtPicture pt_photo_turn (PtPicture picture);   /* upright */
void pt_photo_write (PtPicture picture, uint8_t **bytes, size_t *size);
void pt_photo_end (PtPhotoEnd end) __attribute__ ((noreturn));
/* The value of EXIF's orientation in what an APP1 segment holds; 1 where there is none. */
unsigned pt_photo_orientation (const uint8_t *exif, size_t size);

/* No file, no socket, no process, so much memory and time; false: it can't be bound. */
int pt_photo_bind (void);
