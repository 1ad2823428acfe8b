/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch.h"
#include "pt-block-store.h"
#include "pt-entry-index.h"
#include "pt-entry.h"
#include "pt-health.h"
#include "pt-store-batches.h"

/* What is sealed, read back from the batch files: single entries, proofs, their index.
 * Blocking; any thread but the main one. */

typedef struct _PtArchive PtArchive;

/* The index of reports and the hashes of the trees are in "index" and "tiles" of @folder; what they
 * lack is added by pt_archive_catch_up (). @health hears of batch files that are damaged and can't
 * be mended. What it is given lives longer. */
PtArchive *pt_archive_new (PtStore *store, PtBlockStore *blocks, PtHealth *health,
                           const char *folder, GError **error);
void pt_archive_free (PtArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtArchive, pt_archive_free)

PtEntryIndex *pt_archive_index (const PtArchive *archive);

/* The row of one batch, or PT_ERROR_NOT_FOUND. */
gboolean pt_archive_batch (const PtArchive *archive, guint32 area, guint64 batch, PtBatchRow *row,
                           GError **error);

/* The batch that an entry of the area is in, or PT_ERROR_NOT_FOUND. */
gboolean pt_archive_batch_of_entry (const PtArchive *archive, guint32 area, guint64 entry,
                                    PtBatchRow *row, GError **error);

/* Where a sealed entry is; FALSE: the index does not know it. */
gboolean pt_archive_find (const PtArchive *archive, guint32 area, PtSubject subject, gint64 seq,
                          PtEntryPlace *place);
/* The exact bytes of the entry of that number in its subject; *@entry NULL when the index does not
 * know it. */
gboolean pt_archive_entry (const PtArchive *archive, guint32 area, PtSubject subject, gint64 seq,
                           GBytes **entry, GError **error);

/* Where the chain says it is. */
typedef struct
{
  guint64 chain_id;
  guint8 contract[20];
} PtArchiveChain;

/* A proof bundle (canonical JSON) of that entry, in O(log n) of the entries there are. What it is
 * made of is held against the batch's root before it is handed out. PT_ERROR_NOT_FOUND,
 * PT_ERROR_NOT_ANCHORED. */
GBytes *pt_archive_proof (PtArchive *archive, const PtArchiveChain *chain, guint32 area,
                          PtSubject subject, gint64 seq, GError **error);

/* Whom the area's entry is about; FALSE: nobody who has a number. */
typedef gboolean (*PtFindSubject) (gpointer context, guint32 area, const PtEntry *entry,
                                   PtSubject *out);

/* Whether the index lacks any of the area's first @entries, or the tiles of its first @leaves. */
gboolean pt_archive_is_behind (const PtArchive *archive, guint32 area, guint64 entries,
                               guint64 leaves);
/* Adds what they lack of the area, from the batch files. @find is called for one entry after
 * another and takes what lock it needs for each: all of it may take long. */
gboolean pt_archive_catch_up (PtArchive *archive, guint32 area, PtFindSubject find,
                              gpointer context, GError **error);
/* Of a batch that is being made: its next leaves, of which the first is leaf @first of the area.
 * What was there from @first on is forgotten. FALSE: they are not there; pt_archive_catch_up ()
 * adds them once they are sealed. */
gboolean pt_archive_add_leaves (PtArchive *archive, guint32 area, guint64 first,
                                const PtHash *leaves, gsize count);

typedef enum
{
  PT_KEEP_UNKNOWN, /* it could not be looked at, with an error */
  PT_KEEP_HOLDS,
  PT_KEEP_MENDED, /* it was damaged and is whole again */
  PT_KEEP_DAMAGED /* and nothing here has all of it any more */
} PtKeep;

/* Looks at the batch's file from the first byte to the last: every block's hash, its form, its
 * root. Where it is damaged, it is made again from the store, if that still has all of its entries,
 * and looked at again. What can't be mended is told to health until it is found whole. @visitor (or
 * NULL) may pause, or stop it (PT_ERROR_RETRY). PT_ERROR_STOP: what is stored of the batch is not
 * what its file says. */
PtKeep pt_archive_keep (PtArchive *archive, const PtBatchRow *row, PtBatchVisitor visitor,
                        gpointer context, GError **error);
/* How many batches are known to be damaged. */
guint pt_archive_damaged (const PtArchive *archive);
GArray *pt_archive_damaged_rows (const PtArchive *archive); /* of PtBatchRow */
