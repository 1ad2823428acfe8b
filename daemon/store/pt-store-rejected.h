/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* Reports that were refused, kept for a while for operators: a ring, so that a flood fills no disk,
 * in which each source has a share, so that it pushes out nobody else's. 45 MiB at most. */
#define PT_REJECTED_MAX 10000
#define PT_REJECTED_PER_SOURCE 500
#define PT_REJECTED_TEXT_MAX 4096 /* bytes of one; what is longer is cut */

typedef struct
{
  guint64 number;            /* rising; the store gives it */
  gint64 at;                 /* ms, of the daemon's clock */
  const char *source;        /* whose share it has: a network, or a device */
  const char *transport;     /* "http" */
  const char *address;       /* numeric; "" where it is not known, as all that follow */
  const char *certificate;   /* SHA-256 in hex */
  const char *area, *device; /* as it says itself */
  const char *reason;        /* slug */
  const char *text;          /* as it came, its beginning */
  gsize size;                /* of ->text */
} PtRejectedRow;

/* Newest first. */
typedef struct
{
  guint64 before;                     /* paging: numbers below it; 0: from the newest */
  const char *area, *device, *reason; /* NULL: any */
  gint64 since;                       /* ms */
  guint limit;
} PtRejectedQuery;

typedef gboolean (*PtRejectedRowFunc) (const PtRejectedRow *row, gpointer user_data,
                                       GError **error);

/* At most @query->limit. @func ends it by returning FALSE; without an error that is fine. It does
 * not keep the row. */
gboolean pt_store_rejected (PtStore *store, const PtRejectedQuery *query, PtRejectedRowFunc func,
                            gpointer user_data, GError **error);
