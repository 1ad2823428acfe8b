/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-pipeline.h"
#include "pt-replay.h"

/* Makes a database again from the batches, in a folder beside, where an older copy took something
 * in before anybody saw that the chain was ahead: then its entries have the places that the chain's
 * have. First the batches that both have, then those of the chain, and last what only the copy has,
 * which comes in as it came before: what is there already or can't follow any more is left out, the
 * rest goes into the next batch. Nothing is deleted: the old database stays beside the new one. */

typedef struct
{
  const char *folder; /* the state directory */
  PtPipelineConfig
      pipeline; /* how the daemon's own is made; store, folder, anchoring don't count */
  const PtReplayConfig *replay; /* ->log is the daemon's; ->done doesn't count */
  gint *stopping;               /* atomic: it is to be given up */
} PtRebuildConfig;

/* Blocking. TRUE: the new database waits for pt_rebuild_finish (), which takes its place at the
 * next start. */
gboolean pt_rebuild_run (const PtRebuildConfig *config, GError **error);

/* Before the database is opened: puts a new one into its place, if there is one. */
gboolean pt_rebuild_finish (const char *folder, GError **error);
