/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-check.h"
#include "pt-link.h"

/* A check from its beginning to its verdict: what has to be fetched is fetched, the chain is asked,
 * and everything is reckoned on a thread of this program. */

typedef struct
{
  PtCheck *check;
  GBytes *bundle;   /* the exact bytes that were checked */
  char *notice;     /* what could not be fetched, translated; or NULL */
  gboolean is_file; /* somebody's file; else the daemon's own word */
} PtCheckResult;

/* The reader's own word on where the record is anchored; a proof's is compared with it, never used.
 */
typedef struct
{
  const char *contract; /* 0x..., or NULL: nothing is asked of the chain */
  guint64 chain_id, from_block;
} PtCheckAnchor;

/* Or NULL. */
void pt_check_result_free (PtCheckResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCheckResult, pt_check_result_free)

/* A report that the daemon knows: its bundle and batch file come from @link. @rpc (or NULL): the
 * endpoint through which the chain is read. */
void pt_check_run_report_async (PtLink *link, const char *area, const char *device, gint64 seq,
                                const char *rpc, const PtCheckAnchor *anchor,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
/* A bundle or batch file; asks no daemon. */
void pt_check_run_file_async (GBytes *file, const char *rpc, const PtCheckAnchor *anchor,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
PtCheckResult *pt_check_run_finish (GAsyncResult *result, GError **error);
