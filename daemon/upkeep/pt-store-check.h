/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-block-store.h"
#include "pt-store-batches.h"
#include "pt-store-findings.h"

/* Whether what is stored fits together: whatever a start, a seal and an audit would rely on. By the
 * verbs that all stores have; nothing is changed. */

/* How many entries of how many. */
typedef void (*PtUpkeepProgressFunc) (guint64 done, guint64 of, gpointer user_data);

typedef struct
{
  PtStore *store;       /* best one that stands still; else what is written meanwhile may be told */
  PtBlockStore *blocks; /* the batches' files; NULL: there are none here */
  gboolean quick;       /* entries are counted, not read: no roots, no files */
  PtUpkeepProgressFunc progress; /* or NULL */
  gpointer user_data;
} PtStoreCheckConfig;

/* Asked are: batches, transactions, blocks, numbers, entries, roots, subjects, histories, outages,
 * said. */
void pt_store_check (const PtStoreCheckConfig *config, PtStoreFindings *findings);

/* Whether @copy says of the log what @store says: areas, heads, tails, batches, sums. Asked is
 * @name. */
void pt_store_compare (PtStore *store, PtStore *copy, PtStoreFindings *findings, const char *name);

/* All of an area's PtBatchRow, oldest first. */
GArray *pt_store_area_batches (PtStore *store, guint32 area, GError **error);
