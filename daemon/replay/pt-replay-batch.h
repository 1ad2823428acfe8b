/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-abi.h"
#include "pt-block-store.h"
#include "pt-committer.h"
#include "pt-store-batches.h"

/* One batch that the chain has and the store has not, from its file into the log: read as an
 * auditor reads it, by the same rules, and committed as intake commits. The file's entries that the
 * store has already, not sealed, must be the first ones, byte for byte; the others follow them a
 * group at a time, each durable, and the seal comes last. So whoever is stopped goes on where that
 * was. */

/* The log that grows: of a pipeline that takes in nothing meanwhile. */
typedef struct
{
  PtStore *store;
  PtBlockStore *blocks; /* which has the file */
  PtDirectory *directory;
  PtCommitter *committer;
} PtReplayLog;

typedef enum
{
  PT_REPLAY_SEALED,  /* it is in the store, SEALED; what the chain says of it is the submitter's */
  PT_REPLAY_DIFFERS, /* the store has another entry in the place of one of the file's */
  PT_REPLAY_FAILED   /* see the error */
} PtReplayed;

/* @checkpoint: of the area's next batch. @area is brought up to date. Errors: the store's, the
 * block store's, PT_ERROR_OPERATOR when the file is not what the chain says or breaks a rule of the
 * log.
 */
PtReplayed pt_replay_batch (const PtReplayLog *log, PtAreaRow *area, const PtCheckpoint *checkpoint,
                            GError **error);
