/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-cid.h"
#include "pt-error.h"

/* Content-addressed blocks in files: <directory>/blocks/<two hex digits of the digest>/<cid>. A
 * name stands for whole, durable bytes or does not exist: blocks are written beside
 * (<directory>/new/), fsync'ed, renamed, and the directory is fsync'ed. Thread-safe; every call
 * does disk I/O, so none belongs on a main loop.
 *
 * Errors of writing: PT_ERROR_RETRY (disk full, directory gone: nothing was written),
 * PT_ERROR_STOP (an fsync failed: what the disk holds is unknown). Errors of reading:
 * PT_ERROR_NOT_FOUND, PT_ERROR_OPERATOR (the block on the disk is not what its name says),
 * PT_ERROR_RETRY. */
typedef struct _PtBlockStore PtBlockStore;

/* Makes the directory where it is missing, and deletes what an earlier run left half-written. */
PtBlockStore *pt_block_store_new (const char *directory, GError **error);
/* The same to read from while another process may have it: makes and deletes nothing. */
PtBlockStore *pt_block_store_open (const char *directory);
PtBlockStore *pt_block_store_ref (PtBlockStore *store);
void pt_block_store_unref (PtBlockStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBlockStore, pt_block_store_unref)

/* Writes one file as blocks while it is being made; one thread. */
typedef struct _PtBlockWriter PtBlockWriter;

typedef enum
{
  PT_BLOCKS_DURABLE, /* finish () returns when the blocks are on the disk */
  PT_BLOCKS_DEFERRED /* the blocks are neither durable nor readable before pt_block_store_sync () */
} PtBlockDurability;

PtBlockWriter *pt_block_store_writer_new (PtBlockStore *store, GError **error);
/* For tests of deep trees with small files; 0: the profile's own. PT_ERROR_FAILED when the limits
 * are out of range. */
PtBlockWriter *pt_block_store_writer_new_sized (PtBlockStore *store, gsize chunk_size,
                                                gsize max_links, GError **error);
gboolean pt_block_store_writer_write (PtBlockWriter *writer, const void *data, gsize size,
                                      GError **error);
/* The writer is spent after this, whatever the outcome; free it. *@bytes: of the file. */
gboolean pt_block_store_writer_finish (PtBlockWriter *writer, PtBlockDurability durability,
                                       PtCid *cid, guint64 *bytes, GError **error);
/* Without finish () before: forgets what was written. */
void pt_block_store_writer_free (PtBlockWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBlockWriter, pt_block_store_writer_free)

/* Makes all deferred blocks durable and readable. On PT_ERROR_RETRY what was not yet done stays
 * deferred. */
gboolean pt_block_store_sync (PtBlockStore *store, GError **error);

/* One block, whose hash was checked; at most 1 MiB. */
GBytes *pt_block_store_read (PtBlockStore *store, const PtCid *cid, GError **error);
gboolean pt_block_store_has (PtBlockStore *store, const PtCid *cid);
/* Whether all blocks of a file are there, each as long as its parent says (leaves are not read).
 * *@bytes: of the file. */
gboolean pt_block_store_check (PtBlockStore *store, const PtCid *cid, guint64 *bytes,
                               GError **error);

/* The bytes of a file; one thread at a time; holds at most one block and one node a level. */
typedef struct _PtBlockFile PtBlockFile;

PtBlockFile *pt_block_store_open_file (PtBlockStore *store, const PtCid *cid, GError **error);
void pt_block_file_free (PtBlockFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBlockFile, pt_block_file_free)
guint64 pt_block_file_size (const PtBlockFile *file);
/* The bytes from @offset on: at most @size, and only of one block, so less may come; empty at the
 * end of the file only. */
GBytes *pt_block_file_read (PtBlockFile *file, guint64 offset, gsize size, GError **error);

/* A file of which a little is wanted, by who can tell by himself whether that is right: leaves are
 * neither read whole nor checked (pt_block_file_peek ()). */
PtBlockFile *pt_block_store_open_peek (PtBlockStore *store, const PtCid *cid, GError **error);
/* Like read, but what a leaf's hash says is not asked. */
GBytes *pt_block_file_peek (PtBlockFile *file, guint64 offset, gsize size, GError **error);

/* All blocks of a file, each parent before its children, depth first, repeated ones repeated. */
typedef struct _PtBlockWalk PtBlockWalk;

PtBlockWalk *pt_block_store_walk (PtBlockStore *store, const PtCid *cid);
void pt_block_walk_free (PtBlockWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBlockWalk, pt_block_walk_free)
/* The next block; *@block NULL: that was all. */
gboolean pt_block_walk_next (PtBlockWalk *walk, PtCid *cid, GBytes **block, GError **error);
