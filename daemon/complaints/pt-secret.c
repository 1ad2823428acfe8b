/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-secret.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>

#include "pt-error.h"
#include "pt-sha256.h"

#define BLOCK 64

gboolean
pt_secret_draw (PtSecret *secret, GError **error)
{
  g_return_val_if_fail (secret != NULL, FALSE);

  if (RAND_bytes (secret->bytes, sizeof secret->bytes) == 1)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "The system gives no random bytes.");
  return FALSE;
}

static gboolean
secret_make (const char *path, GError **error)
{
  PtSecret secret;
  gboolean made;

  if (!pt_secret_draw (&secret, error))
    return FALSE;
  made = g_file_set_contents_full (path, (const char *) secret.bytes, sizeof secret.bytes,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
  OPENSSL_cleanse (&secret, sizeof secret);
  return made;
}

gboolean
pt_secret_open (PtSecret *secret, const char *path, GError **error)
{
  g_autofree char *bytes = NULL;
  GStatBuf info;
  gsize size;

  g_return_val_if_fail (secret != NULL && path != NULL, FALSE);

  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !secret_make (path, error))
    return FALSE;
  if (g_stat (path, &info) == 0 && (info.st_mode & 077) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "Others can read %s. Run chmod 600 on it, or remove it for a new one.", path);
      return FALSE;
    }
  if (!g_file_get_contents (path, &bytes, &size, error))
    return FALSE;
  if (size != sizeof secret->bytes)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s is no key of 32 bytes. Remove it for a new one.", path);
      return FALSE;
    }
  memcpy (secret->bytes, bytes, size);
  OPENSSL_cleanse (bytes, size);
  return TRUE;
}

static void
begin (PtSha256 *sha, const PtSecret *secret, guint8 pad)
{
  guint8 block[BLOCK];

  memset (block, pad, sizeof block);
  for (gsize i = 0; i < sizeof secret->bytes; i++)
    block[i] ^= secret->bytes[i];
  pt_sha256_init (sha);
  pt_sha256_update (sha, block, sizeof block);
}

void
pt_secret_mac (const PtSecret *secret, const char *purpose, PtSpan bytes, PtHash *out)
{
  PtHash inner;
  PtSha256 sha;

  g_return_if_fail (secret != NULL && purpose != NULL && out != NULL);

  begin (&sha, secret, 0x36);
  pt_sha256_update (&sha, purpose, strlen (purpose) + 1);
  pt_sha256_update (&sha, bytes.data, bytes.size);
  pt_sha256_finish (&sha, &inner);
  begin (&sha, secret, 0x5c);
  pt_sha256_update (&sha, &inner, sizeof inner);
  pt_sha256_finish (&sha, out);
}
