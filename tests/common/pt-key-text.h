/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-encoding.h"
#include "pt-p256.h"

/* A public key as entries have it. */
static inline char *
pt_key_text (const PtP256Key *key)
{
  guint8 bytes[PT_PUBLIC_KEY_SIZE];
  char text[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1] = "";

  pt_p256_key_public (key, bytes);
  pt_base64url_encode (bytes, sizeof bytes, text, sizeof text);
  return g_strdup (text);
}
