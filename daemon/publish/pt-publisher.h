/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-batches.h"

/* Where a batch has to be before it may be anchored. A batch is PUBLISHED when every publisher has
 * said the batch's own CID. */
typedef struct
{
  const char *name; /* for messages; static */
  /* Blocks until the publisher holds the whole file and has named it by the row's CID. Called again
   * for the same batch after a failure or a restart, so it must be idempotent. PT_ERROR_RETRY, or
   * PT_ERROR_OPERATOR (another CID, refused). */
  gboolean (*publish) (gpointer context, const PtBatchRow *row, GError **error);
  gpointer context;
} PtPublisher;
