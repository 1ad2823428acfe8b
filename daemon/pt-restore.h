/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-hold.h"
#include "pt-rebuild.h"

/* What a daemon does of itself when an older copy of its state was put back: nothing is taken in
 * (PtHold), the batches that the chain has since are replayed, or the database is made again from
 * them; and it starts again, inside the process, on what is there then. */
typedef struct _PtRestore PtRestore;

typedef struct
{
  const char *folder;        /* the state directory */
  gboolean is_ours;          /* the database is there, and can be made again */
  PtHold *hold;              /* as it is after the start looked at the chain */
  PtPipelineConfig pipeline; /* of the daemon */
  PtReplayConfig replay;     /* with the log of its pipeline; ->done doesn't count */
  GSourceFunc again;         /* on the main loop, once: the daemon is to start again */
  gpointer user_data;
} PtRestoreConfig;

/* Where nothing is held back it only watches. What @config points to outlives it. On the main
 * loop's thread. */
PtRestore *pt_restore_new (const PtRestoreConfig *config);
void pt_restore_free (PtRestore *restore);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRestore, pt_restore_free)

/* The replay that goes on; NULL: none, the daemon is as always. */
PtReplay *pt_restore_replay (PtRestore *restore);
