/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-block-store.h"

/* What the files of the block store share: pt-block-place.c (names and syncing), pt-block-store.c
 * (directories, reading), pt-block-writer.c (writing), pt-block-file.c (files and walks). */

/* A block that was written under @temporary and has no name yet. */
typedef struct
{
  PtCid cid;
  char *temporary; /* owned; NULL once it was renamed */
  gboolean synced; /* its bytes are on the disk */
} PtPendingBlock;

struct _PtBlockStore
{
  gatomicrefcount references;
  char *directory, *blocks, *unfinished; /* owned */
  GMutex lock;
  guint64 next_name;  /* of a temporary file */
  GPtrArray *pending; /* PtPendingBlock, deferred */
};

/* Deletes the temporary file, if there still is one. */
void pt_pending_block_free (PtPendingBlock *block);

char *pt_block_store_path (PtBlockStore *store, const PtCid *cid);
/* Sets "Could not @verb @path: ..." from errno @code; returns FALSE. */
gboolean pt_block_store_fail (GError **error, int code, const char *verb, const char *path);
gboolean pt_block_store_sync_directory (const char *path, GError **error);
/* How long a block is on the disk. */
gboolean pt_block_store_size (PtBlockStore *store, const PtCid *cid, guint64 *size, GError **error);
/* At most @size bytes of the block from @offset on, unchecked. */
GBytes *pt_block_store_read_part (PtBlockStore *store, const PtCid *cid, guint64 offset, gsize size,
                                  GError **error);
/* Gives all of @blocks (PtPendingBlock) their names, durably. Those that are done are removed from
 * the array, also on failure. */
/* pt_block_store_sync () with the lock held. */
gboolean pt_block_store_sync_locked (PtBlockStore *store, GError **error);
gboolean pt_block_store_place (PtBlockStore *store, GPtrArray *blocks, GError **error);
