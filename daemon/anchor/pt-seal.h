/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batcher.h"

/* One sealing pass over all areas: everything received before `to`, in commit order. Reads the
 * heads from the store, so that a pass after a failure starts from what is true. One thread. */
typedef struct _PtSealPass PtSealPass;

PtSealPass *pt_seal_pass_new (const PtBatcherConfig *config, gint64 to, GError **error);
void pt_seal_pass_free (PtSealPass *pass);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSealPass, pt_seal_pass_free)

gboolean pt_seal_pass_run (PtSealPass *pass, GError **error);
/* Batches that were sealed. */
guint pt_seal_pass_count (PtSealPass *pass);
