/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-copy.h"
#include "pt-store-log.h"

/* The parts of a copy: -batches (the life of batches), -views (what is kept beside the log). Each
 * finds out what is there already and goes on from that. */

typedef struct
{
  const PtStoreCopyConfig *config;
  PtStore *from, *to;
  GArray *areas;        /* PtAreaRow of @from */
  GArray *here;         /* PtAreaRow of @to, kept as it grows */
  GArray *device_areas; /* guint32 by device number */
  guint64 done, all;    /* entries */
} PtStoreCopy;

static inline PtAreaRow *
pt_store_copy_there (const PtStoreCopy *copy, guint32 area)
{
  return &g_array_index (copy->areas, PtAreaRow, area);
}

static inline PtAreaRow *
pt_store_copy_here (const PtStoreCopy *copy, guint32 area)
{
  return &g_array_index (copy->here, PtAreaRow, area);
}

/* FALSE: PT_ERROR_CONFLICT. */
gboolean pt_store_copy_conflict (const char *what, GError **error);

/* -batches, when all entries are there: heads, then states and transactions. */
gboolean pt_store_copy_heads (PtStoreCopy *copy, GError **error);
gboolean pt_store_copy_states (PtStoreCopy *copy, GError **error);

/* -views, when all subjects are there. */
gboolean pt_store_copy_said (PtStoreCopy *copy, guint32 area, GError **error);
gboolean pt_store_copy_histories (PtStoreCopy *copy, GError **error);
gboolean pt_store_copy_outages (PtStoreCopy *copy, GError **error);
gboolean pt_store_copy_evidence (PtStoreCopy *copy, GError **error);
gboolean pt_store_copy_rejected (PtStoreCopy *copy, GError **error);
