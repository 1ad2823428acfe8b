/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-private-part.h"

/* What a citizen says in confidence: docs/PROTOCOL.md section 10. The log holds its hash alone;
 * whoever keeps it can show what was said. */

#define PT_PHOTOS_MAX PT_PRIVATE_PHOTOS_MAX
#define PT_PHOTO_SIZE_MAX (8 * 1024 * 1024) /* bytes */

typedef struct
{
  GBytes *bytes;
  PtHash hash;      /* SHA-256 of them */
  const char *type; /* "image/jpeg", static */
} PtPhoto;

void pt_photo_free (PtPhoto *photo);

/* Reads the files at @paths (NULL: none), at most PT_PHOTOS_MAX: PtPhoto. NULL where one is no
 * JPEG, PNG or WebP, or is too large. */
GPtrArray *pt_photos_read (char **paths, GError **error);

/* The private part, canonical, and its hash. Each has a salt of its own, so that nobody can guess
 * the words from the hash. @text, @contact: NULL: "". */
char *pt_complaint_private_make (const char *text, const char *contact, GPtrArray *photos,
                                 PtHash *hash);
