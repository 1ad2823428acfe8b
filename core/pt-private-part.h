/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* The private part of what a citizen says: docs/PROTOCOL.md section 10. Its hash is in the log, it
 * never is. */

#define PT_PRIVATE_PHOTOS_MAX 5
#define PT_PRIVATE_SALT_SIZE 16

typedef struct
{
  PtSpan contact, text;                 /* UTF-8 */
  PtHash photos[PT_PRIVATE_PHOTOS_MAX]; /* SHA-256 of each */
  size_t photo_count;
  uint8_t salt[PT_PRIVATE_SALT_SIZE]; /* random, so that nobody can guess the words from the hash */
} PtPrivatePart;

/* Its canonical bytes, in @buffer. PT_NO_SPACE: they do not fit; PT_TOO_LARGE: too many photos. */
PtResult pt_private_part_write (const PtPrivatePart *part, char *buffer, size_t capacity,
                                PtSpan *out);
