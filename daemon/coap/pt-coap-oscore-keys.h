/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-coap-name.h"

/* The security contexts of OSCORE (RFC 8613) that devices share with the daemon: a file
 * (pt-coap-lines.h), a device a line, "area/device:", its sender ID in hex, ":" and its master
 * secret in hex. The daemon's own ID is the empty one, the same for all, so that nothing of it is
 * ever sent; there is no salt and no ID context, and the algorithms are those of RFC 8613 section
 * 3.2 where nothing is said: AES-CCM-16-64-128, HKDF with SHA-256. */

#define PT_OSCORE_ID_MAX 7 /* bytes: what is left of AES-CCM-16-64-128's nonce (section 3.3) */
#define PT_OSCORE_SECRET_MIN 16
#define PT_OSCORE_SECRET_MAX 64
#define PT_OSCORE_KEYS_MAX 20000 /* libcoap looks through them one by one, with each datagram */

typedef struct
{
  char *identity; /* "area/device" */
  guint64 mark;   /* of the ID */
  gsize id_size, secret_size;
  guint8 id[PT_OSCORE_ID_MAX], secret[PT_OSCORE_SECRET_MAX];
} PtOscoreKey;

typedef struct _PtOscoreKeys PtOscoreKeys;

/* PT_ERROR_CONFIGURATION with the line and what to do. */
PtOscoreKeys *pt_oscore_keys_read (const char *path, GError **error);
/* The same of a file's text. */
PtOscoreKeys *pt_oscore_keys_parse (const char *text, gsize size, const char *path, GError **error);
void pt_oscore_keys_free (PtOscoreKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtOscoreKeys, pt_oscore_keys_free)

guint pt_oscore_keys_count (const PtOscoreKeys *keys);
const PtOscoreKey *pt_oscore_keys_at (const PtOscoreKeys *keys, guint index); /* as in the file */
/* Of the device whose sender ID this is; NULL: nobody's. */
const PtOscoreKey *pt_oscore_keys_find (const PtOscoreKeys *keys, PtSpan id);
/* Whether @keys have all that @before have, the same and in the same places. */
gboolean pt_oscore_keys_extend (const PtOscoreKeys *keys, const PtOscoreKeys *before);
