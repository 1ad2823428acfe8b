/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-block-store.h"
#include "pt-committer.h"
#include "pt-health.h"
#include "pt-hold.h"
#include "pt-news.h"
#include "pt-roster.h"
#include "pt-submitter.h"

/* Seals the windows: at each period's end, for every area with new entries, appends them in commit
 * order and the roster to its tree, writes the batch file into the block store and moves the area's
 * head, all areas in one compare-and-swap (pt_store_seal: the commit point). Also takes snapshots
 * of the device histories and prunes entries that are FINAL. */
typedef struct _PtBatcher PtBatcher;

typedef struct
{
  PtStore *store;
  PtBlockStore *blocks;
  PtDirectory *directory;
  PtCommitter *committer;
  PtClock *clock;
  PtTimeGuard *guard; /* whether it may be believed; NULL: it may */
  PtArchive *archive;
  PtRoster *roster;
  const PtSigner *signer; /* service key */
  gint64 period;          /* ms */
  guint snapshot_s;       /* real seconds between snapshots of the histories */
  PtHealth *health;       /* what holds up sealing is said here */
  PtNews *news;           /* and what was sealed is told here */
  PtHold *hold;           /* which areas may be sealed; NULL: all */
  PtSubmitter *submitter; /* to be woken then; may be NULL */
} PtBatcherConfig;

PtBatcher *pt_batcher_new (const PtBatcherConfig *config);
/* A thread that seals at every boundary of the period on the clock. */
void pt_batcher_start (PtBatcher *batcher);
/* Ends the thread, takes a last snapshot. */
void pt_batcher_free (PtBatcher *batcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBatcher, pt_batcher_free)

/* Seals every window that ends by @to, period by period: windows lie on the period's grid, and one
 * without entries grows into the next. *@count batches were sealed. For the thread, tests and
 * benches. */
gboolean pt_batcher_seal (PtBatcher *batcher, gint64 to, guint *count, GError **error);

/* How many windows have ended by the clock and are not sealed yet. Any thread. */
gint64 pt_batcher_behind (PtBatcher *batcher);

/* Histories to the store, then the pruning of what no one needs there any more. */
gboolean pt_batcher_snapshot (PtBatcher *batcher, GError **error);
