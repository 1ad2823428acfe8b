/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-work.h"

#include <math.h>
#include <string.h>

#include "pt-sha256.h"

#define PREFIX "powertrack work v1\n"
#define MINUTE_US (60.0 * G_USEC_PER_SEC)

struct _PtWork
{
  GMutex lock;
  guint bits, rest;
  double asked; /* in the last minute, those long ago counting less */
  gint64 last;  /* monotonic us; 0: never */
};

gboolean
pt_work_holds (PtSpan ticket, PtSpan nonce, guint bits)
{
  PtSha256 sha;
  PtHash hash;

  g_return_val_if_fail (bits <= PT_WORK_BITS_MAX, FALSE);

  if (nonce.size == 0 || nonce.size > PT_WORK_NONCE_MAX)
    return FALSE;
  for (gsize i = 0; i < nonce.size; i++)
    if (!g_ascii_isdigit (nonce.data[i]))
      return FALSE;
  pt_sha256_init (&sha);
  pt_sha256_update (&sha, PREFIX, strlen (PREFIX));
  pt_sha256_update (&sha, ticket.data, ticket.size);
  pt_sha256_update (&sha, "\n", 1);
  pt_sha256_update (&sha, nonce.data, nonce.size);
  pt_sha256_finish (&sha, &hash);
  for (guint i = 0; i < bits; i++)
    if ((hash.bytes[i / 8] & (0x80 >> (i % 8))) != 0)
      return FALSE;
  return TRUE;
}

PtWork *
pt_work_new (guint bits, guint rest)
{
  PtWork *work;

  g_return_val_if_fail (bits <= PT_WORK_BITS_MAX && rest > 0, NULL);

  work = g_new0 (PtWork, 1);
  g_mutex_init (&work->lock);
  work->bits = bits;
  work->rest = rest;
  return work;
}

void
pt_work_free (PtWork *work)
{
  if (work == NULL)
    return;
  g_mutex_clear (&work->lock);
  g_free (work);
}

guint
pt_work_ask (PtWork *work, gint64 now)
{
  guint bits;
  double limit;

  g_return_val_if_fail (work != NULL, PT_WORK_BITS_MAX);

  g_mutex_lock (&work->lock);
  if (work->last != 0 && now > work->last)
    work->asked *= exp (-(double) (now - work->last) / MINUTE_US);
  work->last = MAX (work->last, now);
  work->asked += 1;
  bits = work->bits;
  for (limit = work->rest; bits < PT_WORK_BITS_MAX && work->asked > limit; limit *= 2)
    bits++;
  g_mutex_unlock (&work->lock);
  return bits;
}
