/* SPDX-License-Identifier: Apache-2.0 */
#include "ticket-work.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-sha256.h"

#define PREFIX "powertrack work v1\n"

static gboolean
begins_with_zeros (const PtHash *hash, guint bits)
{
  guint whole = bits / 8;

  for (guint i = 0; i < whole; i++)
    if (hash->bytes[i] != 0)
      return FALSE;
  return bits % 8 == 0 || hash->bytes[whole] >> (8 - bits % 8) == 0;
}

gboolean
pt_ticket_work_solve (const char *ticket, guint bits, char out[PT_WORK_NONCE_SIZE + 1])
{
  PtSha256 begun;

  g_return_val_if_fail (ticket != NULL && out != NULL, FALSE);
  *out = '\0';
  if (bits > PT_WORK_BITS_MAX)
    return FALSE;
  pt_sha256_init (&begun);
  pt_sha256_update (&begun, PREFIX, sizeof PREFIX - 1);
  pt_sha256_update (&begun, ticket, strlen (ticket));
  pt_sha256_update (&begun, "\n", 1);
  for (gint64 nonce = 0;; nonce++)
    {
      PtSha256 sha = begun;
      gsize size = pt_integer_encode (nonce, out, PT_WORK_NONCE_SIZE);
      PtHash hash;

      pt_sha256_update (&sha, out, size);
      pt_sha256_finish (&sha, &hash);
      out[size] = '\0';
      if (begins_with_zeros (&hash, bits))
        return TRUE;
    }
}
