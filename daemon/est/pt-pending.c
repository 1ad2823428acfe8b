/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-pending.h"

#include <string.h>

struct _PtPending
{
  GPtrArray *requests; /* of PtPendingRequest */
};

static void
request_free (gpointer data)
{
  PtPendingRequest *request = data;

  g_free (request->request);
  g_free (request->address);
  g_free (request);
}

PtPending *
pt_pending_new (void)
{
  PtPending *pending = g_new0 (PtPending, 1);

  pending->requests = g_ptr_array_new_with_free_func (request_free);
  return pending;
}

void
pt_pending_free (PtPending *pending)
{
  if (pending == NULL)
    return;
  g_ptr_array_unref (pending->requests);
  g_free (pending);
}

/* -1: none. */
static int
pending_find (const PtPending *pending, const char *area, const char *device)
{
  for (guint i = 0; i < pending->requests->len; i++)
    {
      const PtPendingRequest *request = pt_pending_get (pending, i);

      if (strcmp (request->device, device) == 0 && strcmp (request->area, area) == 0)
        return (int) i;
    }
  return -1;
}

gboolean
pt_pending_put (PtPending *pending, const PtPendingRequest *request)
{
  gint64 first;
  PtPendingRequest *kept;
  int at;

  g_return_val_if_fail (pending != NULL && request != NULL && request->request != NULL, FALSE);

  first = request->last;
  at = pending_find (pending, request->area, request->device);
  if (at < 0 && pt_pending_count (pending, request->last) >= PT_PENDING_MAX)
    return FALSE;
  if (at >= 0)
    {
      kept = g_ptr_array_index (pending->requests, at);
      first = memcmp (kept->key, request->key, sizeof kept->key) == 0 ? kept->first : first;
      g_ptr_array_remove_index (pending->requests, (guint) at);
    }
  kept = g_memdup2 (request, sizeof *request);
  kept->request = g_strdup (request->request);
  kept->address = g_strdup (request->address);
  kept->first = first;
  g_ptr_array_insert (pending->requests, at, kept);
  return TRUE;
}

void
pt_pending_remove (PtPending *pending, const char *area, const char *device)
{
  int at;

  g_return_if_fail (pending != NULL && area != NULL && device != NULL);

  at = pending_find (pending, area, device);
  if (at >= 0)
    g_ptr_array_remove_index (pending->requests, (guint) at);
}

guint
pt_pending_count (PtPending *pending, gint64 now)
{
  g_return_val_if_fail (pending != NULL, 0);

  for (guint i = pending->requests->len; i > 0; i--)
    if (now - pt_pending_get (pending, i - 1)->last > PT_PENDING_MS)
      g_ptr_array_remove_index (pending->requests, i - 1);
  return pending->requests->len;
}

const PtPendingRequest *
pt_pending_get (const PtPending *pending, guint number)
{
  g_return_val_if_fail (pending != NULL && number < pending->requests->len, NULL);

  return g_ptr_array_index (pending->requests, number);
}
