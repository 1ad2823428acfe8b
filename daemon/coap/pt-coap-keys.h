/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The keys that devices share with the daemon for DTLS: a file (pt-coap-lines.h), a device a line,
 * "area/device:" and 16 to 64 bytes in hex. */

#define PT_COAP_KEY_MIN 16
#define PT_COAP_KEY_MAX 64 /* bytes: libcoap's own bound */

typedef struct
{
  gsize size;
  guint8 bytes[PT_COAP_KEY_MAX];
} PtCoapKey;

typedef struct _PtCoapKeys PtCoapKeys;

/* PT_ERROR_CONFIGURATION with the line and what to do. */
PtCoapKeys *pt_coap_keys_read (const char *path, GError **error);
/* The same of a file's text. */
PtCoapKeys *pt_coap_keys_parse (const char *text, gsize size, const char *path, GError **error);
void pt_coap_keys_free (PtCoapKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCoapKeys, pt_coap_keys_free)

/* Of "area/device"; NULL: it has none. */
const PtCoapKey *pt_coap_keys_find (const PtCoapKeys *keys, const char *identity);
