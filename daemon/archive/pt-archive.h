/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-block-store.h"
#include "pt-report-index.h"
#include "pt-registry.h"
#include "pt-store-batches.h"

/* What is sealed, read back from the batch files: single entries, proofs, the index of reports.
 * Blocking; any thread but the main one. */

typedef struct _PtArchive PtArchive;

/* @index is the directory of the index of reports; what it lacks is added by
 * pt_archive_reindex (). @store and @blocks live longer. */
PtArchive *pt_archive_new (PtStore *store, PtBlockStore *blocks, const char *index, GError **error);
void pt_archive_free (PtArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtArchive, pt_archive_free)

PtReportIndex *pt_archive_index (const PtArchive *archive);

/* The row of one batch, or PT_ERROR_NOT_FOUND. */
gboolean pt_archive_batch (const PtArchive *archive, guint32 area, guint64 batch, PtBatchRow *row,
                           GError **error);

/* The exact bytes of a sealed report; *@entry NULL when the index does not know it. */
gboolean pt_archive_report (const PtArchive *archive, guint32 area, guint32 device, gint64 seq,
                            GBytes **entry, GError **error);

/* Where the chain says it is. */
typedef struct
{
  guint64 chain_id;
  guint8 contract[20];
} PtArchiveChain;

/* A proof bundle (canonical JSON) of the device's report @seq. PT_ERROR_NOT_FOUND,
 * PT_ERROR_NOT_ANCHORED. */
GBytes *pt_archive_proof (const PtArchive *archive, const PtArchiveChain *chain, guint32 area,
                          guint32 device, gint64 seq, GError **error);

/* Adds to the index what it lacks after entry @complete_to, from the batch files. */
gboolean pt_archive_reindex (const PtArchive *archive, PtRegistry *registry, guint64 complete_to,
                             GError **error);
