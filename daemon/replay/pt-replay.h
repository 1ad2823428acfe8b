/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-health.h"
#include "pt-replay-batch.h"

/* Brings a log level with the chain: an older copy of the store was put back, so batches that this
 * daemon or another copy of it anchored are missing. One thread, while nothing is taken in. What
 * can't be had is asked for again, more and more slowly, until it is there. */
typedef struct _PtReplay PtReplay;

typedef enum
{
  PT_REPLAY_LEVEL, /* the store has what the chain has */
  PT_REPLAY_OTHER  /* it has entries besides, in places that the chain's have: it has to be made
                      again from the batches */
} PtReplayEnd;

/* On the replay's thread, once. */
typedef void (*PtReplayDone) (PtReplayEnd end, gpointer user_data);

typedef struct
{
  const char *rpc_url;
  guint8 contract[20];
  guint64 from_block;
  const char *gateways;      /* addresses with ; between, or NULL: our own blocks only */
  const guint8 *service_key; /* of the areas that belong here */
  PtReplayLog log;
  PtHealth *health; /* told what is done, and what is wanted; outlives it */
  PtReplayDone done;
  gpointer user_data;
} PtReplayConfig;

/* Begins at once. What @config points to outlives the replay, but for its texts. */
PtReplay *pt_replay_new (const PtReplayConfig *config);
/* Ends the thread, at most a request's time later; what was replayed is in the store. */
void pt_replay_free (PtReplay *replay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtReplay, pt_replay_free)

typedef struct
{
  guint areas;     /* that are not level; 0 before the chain was asked */
  guint64 batches; /* that are to be replayed */
  guint64 done;    /* that were, since the start */
} PtReplayProgress;

void pt_replay_get (PtReplay *replay, PtReplayProgress *out);
