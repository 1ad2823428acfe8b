/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch-state.h"
#include "pt-feed-list.h"

#define PT_TYPE_BATCH (pt_batch_get_type ())
G_DECLARE_FINAL_TYPE (PtBatch, pt_batch, PT, BATCH, GObject)

/* All strings belong to it. */
struct _PtBatch
{
  GObject parent_instance;
  char *area, *cid, *root;
  char *transaction, *waits_for; /* or NULL */
  guint64 batch;
  gint64 from, to; /* ms */
  gint64 prev_size, size, bytes;
  gint64 block; /* 0: none */
  PtBatchState state;
};

/* Of PtBatch: the last 1,000, newest first. */
extern const PtListSpec pt_list_batches;
