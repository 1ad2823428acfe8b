/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"

/* A secret of the daemon's own, and what it vouches for: HMAC-SHA-256 (RFC 2104). */
typedef struct
{
  guint8 bytes[32];
} PtSecret;

/* PT_ERROR_RETRY. */
gboolean pt_secret_draw (PtSecret *secret, GError **error);
/* The one in the file, made where it is missing (mode 0600). PT_ERROR_CONFIGURATION where others
 * may read it, or it is none. */
gboolean pt_secret_open (PtSecret *secret, const char *path, GError **error);
/* @purpose: so that what was vouched for in one place says nothing in another. */
void pt_secret_mac (const PtSecret *secret, const char *purpose, PtSpan bytes, PtHash *out);
