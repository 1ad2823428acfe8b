/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-check.h"

/* All that one store has into another, whichever they are, by the verbs that all have. */
typedef struct
{
  PtStore *from; /* nobody writes to it meanwhile */
  PtStore *to;   /* empty, or what a run of this left that was cut off: that goes on */
  PtUpkeepProgressFunc progress; /* entries; or NULL */
  gpointer user_data;
} PtStoreCopyConfig;

/* Until it is complete, @to says of each area that the chain is far ahead of it, so that no daemon
 * takes anything in on it. PT_ERROR_CONFLICT: @to has something else. What is not copied: of
 * transactions that are final the account, the fees and the signed bytes, which only serve after a
 * reorg deeper than the confirmations (their batches are due anew then). */
gboolean pt_store_copy (const PtStoreCopyConfig *config, GError **error);
