/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-batch.h"
#include "pt-damage.h"
#include "pt-hash-tiles.h"

/* What the files of the archive share: pt-archive.c (single entries), pt-archive-proof.c (proofs),
 * pt-archive-derive.c (index and tiles, made again from the batch files), pt-archive-keep.c (batch
 * files, made again from the store). */

struct _PtArchive
{
  PtStore *store;
  PtBlockStore *blocks;
  PtEntryIndex *index;
  char *tiles;   /* directory */
  GMutex tiling; /* of who writes tiles */
  PtDamage *damage;
};

/* Appends the file's bytes from @offset on, over block borders. */
gboolean pt_archive_read_range (PtBlockFile *file, guint64 offset, gsize size, gboolean peeking,
                                GByteArray *out, GError **error);

/* Appends the entry's line of the file at @offset, without its newline and comma. @peeking: what
 * its block's hash says is not asked. */
GBytes *pt_archive_line (PtBlockFile *file, guint64 offset, gboolean peeking, GError **error);

/* The whole file of the batch, checked: its blocks' hashes, its form, the tree before it, size and
 * root, which are those of @row. @visitor may be NULL. PT_ERROR_OPERATOR: a block is damaged or
 * missing. PT_ERROR_RETRY: it can't be read now, or @visitor stopped. PT_ERROR_STOP: what is stored
 * of the batch is not what its file says. */
gboolean pt_archive_read_batch (const PtArchive *archive, const PtBatchRow *row,
                                PtBatchVisitor visitor, gpointer context, PtBatchHeader *header,
                                GError **error);

/* Whether it says that a batch file is not, or not all of it, as it was written. */
gboolean pt_archive_is_damage (const GError *error);

/* Writes those tiles again that gave wrong hashes for the path of leaf @index in the tree of @row;
 * @path: the right one. */
void pt_archive_mend_tiles (PtArchive *archive, const PtBatchRow *row, guint64 index,
                            const PtHash *path, size_t count);
