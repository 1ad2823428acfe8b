/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"

/* Certificate signing requests that wait for the authority to register their keys: one a device, in
 * memory alone, for a device asks again. One thread. */
typedef struct _PtPending PtPending;

#define PT_PENDING_MAX 1000
#define PT_PENDING_MS (G_GINT64_CONSTANT (7) * 86400 * 1000) /* since it asked last */

typedef struct
{
  char area[PT_AREA_MAX + 1], device[PT_ID_MAX + 1];
  guint8 key[PT_PUBLIC_KEY_SIZE];
  gboolean is_registered; /* with another key */
  char *request;          /* base64 of its DER */
  char *address;          /* that it came from, or NULL */
  gint64 first, last;     /* ms since 1970: when it asked */
} PtPendingRequest;

PtPending *pt_pending_new (void);
void pt_pending_free (PtPending *pending);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtPending, pt_pending_free)

/* Keeps @request (its ->last is now), in the place of one that the device has; copies it. FALSE:
 * there are PT_PENDING_MAX. */
gboolean pt_pending_put (PtPending *pending, const PtPendingRequest *request);
void pt_pending_remove (PtPending *pending, const char *area, const char *device);
/* Forgets those that are not asked for any more; how many are left. */
guint pt_pending_count (PtPending *pending, gint64 now);
/* In the order in which they came. */
const PtPendingRequest *pt_pending_get (const PtPending *pending, guint number);
