/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-replay.h"

#include <string.h>

#include "pt-contract.h"
#include "pt-entry.h"
#include "pt-replay-fetch.h"

#define FIRST_PAUSE_MS 1000
#define LAST_PAUSE_MS 60000
#define FRAME_MAX 65536 /* bytes of a file's first and last line, with room */

struct _PtReplay
{
  PtReplayConfig config;
  char *rpc_url;
  char **gateways;
  GThread *thread;

  GMutex lock; /* guards what follows */
  GCond changed;
  gboolean stopping;
  PtReplayProgress progress;
};

typedef struct
{
  PtReplay *replay;
  PtRpc *rpc;
  PtContract at;
  PtReplayEnd end;
} Round;

static gboolean
is_stopping (PtReplay *replay)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&replay->lock);

  return replay->stopping;
}

/* What is said */

void
pt_replay_get (PtReplay *replay, PtReplayProgress *out)
{
  g_return_if_fail (replay != NULL && out != NULL);

  g_mutex_lock (&replay->lock);
  *out = replay->progress;
  g_mutex_unlock (&replay->lock);
}

static void
say_progress (PtReplay *replay)
{
  g_autofree char *sentence = NULL;
  PtReplayProgress progress;

  pt_replay_get (replay, &progress);
  sentence = g_strdup_printf ("An older copy was put back. What the chain has since is brought "
                              "here: %" G_GUINT64_FORMAT " batches of %u areas to go. Nothing is "
                              "taken in until then.",
                              progress.batches, progress.areas);
  pt_health_say (replay->config.health, PT_HEALTH_REPLAY, PT_HEALTH_ASKS, sentence);
}

static void
say_error (PtReplay *replay, const GError *error)
{
  g_autofree char *sentence = g_strdup_printf (
      "An older copy was put back, and what the chain has since can't be brought here: %s. It is "
      "tried again. Nothing is taken in until then.",
      error->message);

  pt_health_say (replay->config.health, PT_HEALTH_REPLAY, PT_HEALTH_ASKS, sentence);
  if (g_error_matches (error, PT_ERROR, PT_ERROR_STOP))
    pt_health_stop (replay->config.health, error);
}

static void
count_area (PtReplay *replay, guint64 batches)
{
  g_mutex_lock (&replay->lock);
  replay->progress.areas++;
  replay->progress.batches += batches;
  g_mutex_unlock (&replay->lock);
}

static void
count_replayed (PtReplay *replay, gboolean last)
{
  g_mutex_lock (&replay->lock);
  replay->progress.done++;
  replay->progress.batches--;
  replay->progress.areas -= last ? 1 : 0;
  g_mutex_unlock (&replay->lock);
}

/* The chain */

/* Our root after the batch. */
static gboolean
read_root (PtReplay *replay, const PtAreaRow *area, guint64 batch, PtHash *root, GError **error)
{
  PtBatchQuery query = { .area = (gint32) area->number, .state = -1, .batch = batch, .limit = 1 };
  g_autoptr (GArray) rows = pt_store_batches (replay->config.log.store, &query, error);

  if (rows == NULL)
    return FALSE;
  if (rows->len == 1)
    {
      *root = g_array_index (rows, PtBatchRow, 0).root;
      return TRUE;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "Batch %" G_GUINT64_FORMAT " of %s is missing in the database. Restore a copy.",
               batch, area->id);
  return FALSE;
}

/* Whether what both have of the area's log is the same. */
static gboolean
compare_roots (Round *round, const PtAreaRow *area, const PtCheckpoint *latest, gboolean *same,
               GError **error)
{
  guint64 batch = MIN (latest->batch, area->head.batch);
  PtHash ours, theirs;

  *same = TRUE;
  if (batch == 0)
    return TRUE;
  if (!read_root (round->replay, area, batch, &ours, error)
      || !pt_contract_root_of (&round->at, area->id, batch, &theirs, error))
    return FALSE;
  *same = memcmp (&ours, &theirs, sizeof ours) == 0;
  return TRUE;
}

typedef struct
{
  Round *round;
  GArray *areas; /* PtAreaRow */
} Missing;

/* The contract's owner registered it with our key, so it was here once. */
static gboolean
add_missing (const PtAreaRegistered *event, gpointer user_data, GError **error)
{
  Missing *missing = user_data;
  const PtReplayConfig *config = &missing->round->replay->config;

  if (memcmp (event->service_key, config->service_key, PT_PUBLIC_KEY_SIZE) != 0)
    return TRUE;
  for (guint i = 0; i < missing->areas->len; i++)
    if (g_str_equal (g_array_index (missing->areas, PtAreaRow, i).id, event->area))
      return TRUE;
  g_message ("Area %s is younger than the copy, and is registered again as the chain has it.",
             event->area);
  return pt_committer_add_area (config->log.committer, event->area, event->authority_key,
                                event->service_key, NULL, error);
}

static gboolean
add_areas (Round *round, GError **error)
{
  const PtReplayConfig *config = &round->replay->config;
  g_autoptr (GArray) areas = pt_store_areas (config->log.store, error);
  Missing missing = { round, areas };

  return areas != NULL
         && pt_contract_each_registered (&round->at, config->from_block, add_missing, &missing,
                                         error);
}

/* Which areas are behind, PtAreaRow with ->ahead the chain's newest batch. */
static GArray *
find_behind (Round *round, GError **error)
{
  g_autoptr (GArray) areas = pt_store_areas (round->replay->config.log.store, error);
  g_autoptr (GArray) behind = g_array_new (FALSE, FALSE, sizeof (PtAreaRow));

  for (guint i = 0; areas != NULL && i < areas->len; i++)
    {
      PtAreaRow *area = &g_array_index (areas, PtAreaRow, i);
      PtCheckpoint latest;
      gboolean same;

      if (!pt_contract_latest (&round->at, area->id, &latest, error)
          || !compare_roots (round, area, &latest, &same, error))
        return NULL;
      if (!same)
        round->end = PT_REPLAY_OTHER;
      if (latest.batch <= area->head.batch)
        continue;
      area->ahead = latest.batch;
      g_array_append_vals (behind, area, 1);
      count_area (round->replay, latest.batch - area->head.batch);
    }
  return areas != NULL ? g_steal_pointer (&behind) : NULL;
}

static gboolean
read_checkpoint (Round *round, const PtAreaRow *area, guint64 *from, PtCheckpoint *out,
                 GError **error)
{
  guint64 batch = area->head.batch + 1;
  PtAnchored anchored;
  gboolean found;

  if (!pt_contract_anchored (&round->at, area->id, batch, *from, &found, &anchored, error))
    return FALSE;
  *from = found ? anchored.block : *from;
  *out = anchored.checkpoint;
  if (found && out->size > area->head.frontier.size)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the chain's endpoint does not tell how batch %" G_GUINT64_FORMAT " of %s was "
               "anchored",
               batch, area->id);
  return FALSE;
}

/* A file of so many entries has at most so many bytes. */
static guint64
most_bytes (const PtAreaRow *area, const PtCheckpoint *checkpoint)
{
  guint64 entries = checkpoint->size - area->head.frontier.size;

  return entries > G_MAXUINT64 / (PT_ENTRY_MAX + 2) - 1 ? G_MAXUINT64
                                                        : entries * (PT_ENTRY_MAX + 2) + FRAME_MAX;
}

static gboolean
replay_next (Round *round, PtAreaRow *area, guint64 *from, GError **error)
{
  PtReplay *replay = round->replay;
  const PtReplayLog *log = &replay->config.log;
  guint64 batch = area->head.batch + 1;
  PtCheckpoint checkpoint;

  if (!read_checkpoint (round, area, from, &checkpoint, error))
    return FALSE;
  if (!pt_replay_fetch (log->blocks, (const char *const *) replay->gateways, &checkpoint.cid,
                        most_bytes (area, &checkpoint), NULL, error))
    {
      g_prefix_error (error, "of batch %" G_GUINT64_FORMAT " of %s ", batch, area->id);
      return FALSE;
    }
  switch (pt_replay_batch (log, area, &checkpoint, error))
    {
    case PT_REPLAY_SEALED:
      count_replayed (replay, area->head.batch == area->ahead);
      return TRUE;
    case PT_REPLAY_DIFFERS:
      round->end = PT_REPLAY_OTHER;
      return TRUE;
    case PT_REPLAY_FAILED:
      break;
    }
  return FALSE;
}

static gboolean
replay_area (Round *round, PtAreaRow *area, GError **error)
{
  guint64 from = round->replay->config.from_block;

  g_message ("Replaying batches %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " of %s.",
             area->head.batch + 1, area->ahead, area->id);
  while (area->head.batch < area->ahead && round->end == PT_REPLAY_LEVEL)
    {
      if (is_stopping (round->replay))
        return FALSE;
      say_progress (round->replay);
      if (!replay_next (round, area, &from, error))
        return FALSE;
    }
  /* A start that can't ask the chain would hold on to what the last one saw. */
  return round->end != PT_REPLAY_LEVEL
         || pt_store_set_ahead (round->replay->config.log.store, area->number, 0, error);
}

/* TRUE: it ended as @round->end says. FALSE without an error: told to stop. */
static gboolean
run_round (Round *round, GError **error)
{
  PtReplay *replay = round->replay;
  g_autoptr (GArray) behind = NULL;

  g_mutex_lock (&replay->lock);
  replay->progress.areas = 0;
  replay->progress.batches = 0;
  g_mutex_unlock (&replay->lock);
  if (!pt_contract_pin (&round->at, round->rpc, replay->config.contract, PT_RPC_NEWEST, error))
    return FALSE;
  behind = add_areas (round, error) ? find_behind (round, error) : NULL;
  if (behind == NULL || !pt_contract_check_pin (&round->at, error))
    return FALSE;
  for (guint i = 0; i < behind->len && round->end == PT_REPLAY_LEVEL; i++)
    if (!replay_area (round, &g_array_index (behind, PtAreaRow, i), error))
      return FALSE;
  return TRUE;
}

/* The thread */

static gboolean
wait_a_while (PtReplay *replay, guint ms)
{
  gint64 until = g_get_monotonic_time () + (gint64) ms * 1000;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&replay->lock);

  while (!replay->stopping && g_cond_wait_until (&replay->changed, &replay->lock, until))
    ;
  return !replay->stopping;
}

static gpointer
replay_main (gpointer data)
{
  PtReplay *replay = data;
  g_autoptr (PtRpc) rpc = pt_rpc_new (replay->rpc_url);
  guint pause = FIRST_PAUSE_MS;

  while (!is_stopping (replay))
    {
      Round round = { .replay = replay, .rpc = rpc, .end = PT_REPLAY_LEVEL };
      g_autoptr (GError) error = NULL;

      if (run_round (&round, &error))
        {
          pt_health_say (replay->config.health, PT_HEALTH_REPLAY, PT_HEALTH_WELL, NULL);
          replay->config.done (round.end, replay->config.user_data);
          break;
        }
      if (error == NULL)
        break;
      say_error (replay, error);
      if (!wait_a_while (replay, pause))
        break;
      pause = MIN (2 * pause, LAST_PAUSE_MS);
    }
  return NULL;
}

PtReplay *
pt_replay_new (const PtReplayConfig *config)
{
  PtReplay *replay;

  g_return_val_if_fail (config != NULL && config->rpc_url != NULL && config->done != NULL, NULL);
  g_return_val_if_fail (config->log.store != NULL && config->log.committer != NULL, NULL);
  g_return_val_if_fail (config->health != NULL && config->service_key != NULL, NULL);

  replay = g_new0 (PtReplay, 1);
  replay->config = *config;
  replay->rpc_url = g_strdup (config->rpc_url);
  replay->gateways = pt_replay_gateways (config->gateways);
  g_mutex_init (&replay->lock);
  g_cond_init (&replay->changed);
  replay->thread = g_thread_new ("replay", replay_main, replay);
  return replay;
}

void
pt_replay_free (PtReplay *replay)
{
  if (replay == NULL)
    return;
  g_mutex_lock (&replay->lock);
  replay->stopping = TRUE;
  g_cond_signal (&replay->changed);
  g_mutex_unlock (&replay->lock);
  g_thread_join (replay->thread);
  g_free (replay->rpc_url);
  g_strfreev (replay->gateways);
  g_mutex_clear (&replay->lock);
  g_cond_clear (&replay->changed);
  g_free (replay);
}
