/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-tree.h"

#include <gio/gio.h>

/* The hashes of one area's tree in files, so that a path through it needs a few reads and no batch
 * file: level 0 has the leaves' hashes one after another, level L + 1 the root of each 256 hashes
 * of level L that are complete. 256 of them are a tile of C2SP tlog-tiles, the rest at the end is
 * the partial one. Derived from the batch files and not synced: who uses a hash holds what follows
 * from it against a root that is known, and has it written again where it is wrong.
 *
 * One thread at a time has one open; several may be open for an area, one of them for writing. */
typedef struct _PtHashTiles PtHashTiles;

#define PT_HASH_TILE 256

/* The area's below @directory; for writing, what is missing is made. PT_ERROR_RETRY,
 * PT_ERROR_NOT_FOUND: there are none yet. */
PtHashTiles *pt_hash_tiles_open (const char *directory, guint32 area, gboolean writing,
                                 GError **error);
void pt_hash_tiles_free (PtHashTiles *tiles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtHashTiles, pt_hash_tiles_free)

/* How many leaves are there, with all levels above them. */
guint64 pt_hash_tiles_size (PtHashTiles *tiles);

/* Puts @count leaves behind the first @first; what was there goes. PT_ERROR_CONFLICT when there are
 * fewer, PT_ERROR_RETRY when they can't be written: those that could are there. */
gboolean pt_hash_tiles_append (PtHashTiles *tiles, guint64 first, const PtHash *leaves, gsize count,
                               GError **error);
/* Writes leaves that are there once more; PT_ERROR_RETRY. */
gboolean pt_hash_tiles_put (PtHashTiles *tiles, guint64 first, const PtHash *leaves, gsize count,
                            GError **error);
/* Reckons the levels above @level again, from it, for the tiles that end in @range. */
gboolean pt_hash_tiles_raise (PtHashTiles *tiles, const PtTreeRange *range, guint level,
                              GError **error);

/* A PtTreeNodeFunc of @tiles: reads at most 128 hashes. PT_STOPPED: it is not there. Whether it is
 * right is not known. */
PtResult pt_hash_tiles_node (void *tiles, unsigned height, uint64_t index, PtHash *out);
