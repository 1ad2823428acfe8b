/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batcher.h"

/* One sealing pass over all areas: the entries of one window, in commit order. Reads the
 * heads from the store, so that a pass after a failure starts from what is true. One thread. */
typedef struct _PtSealPass PtSealPass;

PtSealPass *pt_seal_pass_new (const PtBatcherConfig *config, GError **error);
void pt_seal_pass_free (PtSealPass *pass);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSealPass, pt_seal_pass_free)

/* Seals the oldest window that has entries, if it ends by @until. */
gboolean pt_seal_pass_run (PtSealPass *pass, gint64 until, GError **error);
/* Whether areas were left out that nobody looked at yet (pt-hold.h). */
gboolean pt_seal_pass_wants_look (PtSealPass *pass);
/* Batches that were sealed. */
guint pt_seal_pass_count (PtSealPass *pass);
/* Their rows (PtBatchRow), to tell them. */
GArray *pt_seal_pass_rows (PtSealPass *pass);
/* The end of the window it sealed; 0 when it sealed none. */
gint64 pt_seal_pass_to (PtSealPass *pass);
