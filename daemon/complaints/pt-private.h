/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-private-part.h"

/* The private part of what a citizen said, as it is handed in and made for others. */

#define PT_PRIVATE_MAX 32768        /* bytes of all of it */
#define PT_PRIVATE_TEXT_MAX 16384   /* bytes, as they are escaped */
#define PT_PRIVATE_CONTACT_MAX 1024 /* likewise */

typedef struct
{
  PtSpan contact, text; /* still escaped; they point into what was read */
  PtHash photos[PT_PRIVATE_PHOTOS_MAX];
  guint photo_count;
} PtPrivate;

/* Reads one that is canonical; PT_ERROR_MALFORMED, PT_ERROR_NOT_CANONICAL or PT_ERROR_TOO_LARGE
 * with what is wrong. */
gboolean pt_private_parse (PtSpan bytes, PtPrivate *out, GError **error);

/* The note_hash of the entry that it belongs to. */
void pt_private_hash (PtSpan bytes, PtHash *out);

/* One of our own, for who has no browser: a new salt, no photos. @contact, @text: UTF-8. Errors as
 * above. */
GBytes *pt_private_make (const char *contact, const char *text, GError **error);
