/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"

/* Brings the blocks of a batch's file from elsewhere, none that its CID does not name, and ends
 * early where *@stopped (atomic). FALSE: nobody has it. Blocking. */
typedef gboolean (*PtScrubFetch) (const PtBatchRow *row, gint *stopped, gpointer user_data,
                                  GError **error);

/* A thread that slowly reads every batch file there is, and the index, round after round, so that a
 * disk that spoiled one is noticed while the bytes can still be had (pt_archive_keep ()). What
 * can't be made again here it fetches. It goes on where it stood when it was ended. */
typedef struct _PtScrub PtScrub;

/* What is pointed to outlives it. */
typedef struct
{
  PtStore *store;
  PtArchive *archive;
  const char *folder;  /* where it keeps its place, in "scrub" */
  guint64 bytes_per_s; /* of entries that it reads at most */
  guint rest_s;        /* between two rounds */
  PtScrubFetch fetch;  /* NULL: nobody is asked */
  gpointer fetch_data;
} PtScrubConfig;

PtScrub *pt_scrub_new (const PtScrubConfig *config);
void pt_scrub_start (PtScrub *scrub);
/* Ends the thread where it is. */
void pt_scrub_free (PtScrub *scrub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtScrub, pt_scrub_free)

/* One round, from where it stands to the end; FALSE: it was ended. For the thread and tests. */
gboolean pt_scrub_round (PtScrub *scrub);
