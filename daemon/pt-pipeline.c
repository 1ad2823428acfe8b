/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-pipeline.h"

#include "pt-recovery.h"
#include "pt-replay-fetch.h"

#define SCRUB_BYTES_S (8 * 1024 * 1024)
#define SCRUB_REST_S (6 * 60 * 60)

static bool
sign_shared (void *context, const PtHash *digest, uint8_t signature[PT_SIGNATURE_SIZE])
{
  PtSharedSigner *signing = context;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&signing->lock);

  return signing->signer->sign (signing->signer->context, digest, signature);
}

/* The committer signs receipts, the batcher rosters. */
static void
pipeline_share_signer (PtPipeline *pipeline, const PtSigner *signer)
{
  PtSharedSigner *signing = &pipeline->signing;

  signing->signer = signer;
  g_mutex_init (&signing->lock);
  signing->shared = *signer;
  signing->shared.sign = sign_shared;
  signing->shared.context = signing;
}

static gboolean
pipeline_open_files (PtPipeline *pipeline, const PtPipelineConfig *config, GError **error)
{
  pipeline->blocks = pt_block_store_new (config->folder, error);
  if (pipeline->blocks == NULL)
    return FALSE;
  pipeline->archive
      = pt_archive_new (pipeline->store, pipeline->blocks, config->health, config->folder, error);
  return pipeline->archive != NULL;
}

static gboolean
pipeline_recover (PtPipeline *pipeline, const PtPipelineConfig *config, PtRecovered *recovered,
                  GError **error)
{
  pipeline->directory = pt_directory_new ();
  pipeline->roster = pt_roster_new (pipeline->directory);
  return pt_recovery_load (pipeline->store, pipeline->directory, pipeline->roster,
                           config->signer->public_key, recovered, error)
         && pt_recovery_archive (pipeline->archive, pipeline->directory, recovered, error);
}

/* Of a PtSaidWatch: on the committer's thread, with the directory's door held. */
static void
pipeline_said (const PtSaidNews *news, gpointer user_data)
{
  PtPipeline *pipeline = user_data;

  switch (news->kind)
    {
    case PT_SAID_ACTION:
      pt_complaint_book_take (pipeline->book, news->area, news->entry, news->complaint);
      break;
    case PT_SAID_NOTICE:
      pt_notice_board_take (pipeline->notices, news->area, news->entry, news->notice);
      break;
    case PT_SAID_PROFILE:
      break;
    }
}

static void
pipeline_settled (PtArea *area, const char *complaint, gint64 n, PtAftermath later,
                  gpointer user_data)
{
  pt_complaint_book_passed (((PtPipeline *) user_data)->book);
}

static gboolean
pipeline_open_log (PtPipeline *pipeline, const PtPipelineConfig *config,
                   const PtRecovered *recovered, GError **error)
{
  PtCommitterConfig committer
      = { .store = pipeline->store,
          .archive = pipeline->archive,
          .directory = pipeline->directory,
          .clock = config->clock,
          .guard = pipeline->guard,
          .last_received = recovered->last_received,
          .receipts = { &pipeline->signing.shared, config->period, config->anchored_within },
          .health = config->health };
  PtSaidWatch said = { pipeline_said, pipeline_settled, pipeline };

  pipeline->last_received = recovered->last_received;
  committer.rates = pipeline->rates = pt_rates_new (&config->rates, config->clock);
  committer.traffic = pipeline->traffic = pt_traffic_new (config->clock);
  if (config->rejected_for > 0)
    pt_rejects_keep_for (pt_traffic_rejects (pipeline->traffic), config->rejected_for);
  pipeline->live = pt_live_new (pipeline->directory, pipeline->store, config->clock,
                                config->silent_after, config->news);
  pt_live_set_health (pipeline->live, config->health);
  pipeline->book = pt_complaint_book_new (pipeline->directory, config->clock, config->news);
  pipeline->notices = pt_notice_board_new (config->news);
  pipeline->copied = pt_copied_keys_new (config->health, config->news);
  committer.live = pipeline->live;
  committer.copied = pipeline->copied;
  pipeline->committer = pt_committer_new (&committer);
  pt_committer_watch (pipeline->committer, &said);
  if (!pt_recovery_replay (pipeline->store, pipeline->committer, recovered, error)
      || !pt_recovery_keys (pipeline->store, pipeline->directory, pipeline->copied, error))
    return FALSE;
  pt_complaint_book_start (pipeline->book);
  pt_notice_board_start (pipeline->notices);
  pipeline->intake = pt_intake_new (pipeline->directory, pipeline->committer, config->clock,
                                    config->hold, config->workers, config->lines_max);
  pt_intake_set_rates (pipeline->intake, pipeline->rates);
  pt_admission_set_traffic (pt_intake_admission (pipeline->intake), pipeline->traffic);
  return TRUE;
}

/* A PtScrubFetch. */
static gboolean
pipeline_fetch (const PtBatchRow *row, gint *stopped, gpointer user_data, GError **error)
{
  const PtPipeline *pipeline = user_data;

  return pt_replay_fetch (pipeline->blocks, (const char *const *) pipeline->gateways, &row->cid,
                          row->bytes, stopped, error);
}

static void
pipeline_open_scrub (PtPipeline *pipeline, const PtPipelineConfig *config)
{
  PtScrubConfig scrub = { .store = pipeline->store,
                          .archive = pipeline->archive,
                          .folder = config->folder,
                          .bytes_per_s = SCRUB_BYTES_S,
                          .rest_s = SCRUB_REST_S,
                          .fetch_data = pipeline };

  pipeline->gateways = pt_replay_gateways (config->gateways);
  if (pipeline->gateways[0] != NULL)
    scrub.fetch = pipeline_fetch;
  pipeline->scrub = pt_scrub_new (&scrub);
}

static void
pipeline_open_anchoring (PtPipeline *pipeline, const PtPipelineConfig *config)
{
  PtBatcherConfig batcher = { .store = pipeline->store,
                              .blocks = pipeline->blocks,
                              .directory = pipeline->directory,
                              .committer = pipeline->committer,
                              .clock = config->clock,
                              .guard = pipeline->guard,
                              .archive = pipeline->archive,
                              .roster = pipeline->roster,
                              .signer = &pipeline->signing.shared,
                              .period = config->period,
                              .snapshot_s = config->snapshot_s,
                              .health = config->health,
                              .news = config->news,
                              .hold = config->hold };

  if (config->anchoring != NULL)
    {
      PtSubmitterConfig anchoring = *config->anchoring;

      anchoring.guard = pipeline->guard;
      anchoring.health = config->health;
      anchoring.news = config->news;
      pipeline->submitter = pt_submitter_new (pipeline->store, pipeline->blocks, &anchoring);
    }
  batcher.submitter = pipeline->submitter;
  pipeline->batcher = pt_batcher_new (&batcher);
}

/* A PtStoreFaultFunc. */
static void
pipeline_store_failed (const GError *fault, gpointer user_data)
{
  PtHealth *health = user_data;

  if (fault == NULL)
    pt_health_say (health, PT_HEALTH_STORE, PT_HEALTH_WELL, NULL);
  else
    pt_health_say (health, PT_HEALTH_STORE, pt_health_sort_of (fault), fault->message);
  if (g_error_matches (fault, PT_ERROR, PT_ERROR_STOP))
    pt_health_stop (health, fault);
}

PtPipeline *
pt_pipeline_new (const PtPipelineConfig *config, GError **error)
{
  g_autoptr (PtPipeline) pipeline = NULL;
  g_auto (PtRecovered) recovered = { 0 };

  g_return_val_if_fail (config != NULL && config->store != NULL && config->signer != NULL, NULL);

  pipeline = g_new0 (PtPipeline, 1);
  pipeline->store = config->store;
  pipeline_share_signer (pipeline, config->signer);
  pipeline->guard = pt_time_guard_new (
      config->clock, config->health,
      pt_clock_source (config->clock) == PT_CLOCK_REAL ? pt_time_passed_since_boot : NULL, NULL);
  pt_store_watch (config->store, pipeline_store_failed, config->health);
  if (!pipeline_open_files (pipeline, config, error)
      || !pipeline_recover (pipeline, config, &recovered, error)
      || !pipeline_open_log (pipeline, config, &recovered, error))
    return NULL;
  pipeline_open_anchoring (pipeline, config);
  pipeline_open_scrub (pipeline, config);
  return g_steal_pointer (&pipeline);
}

void
pt_pipeline_start (PtPipeline *pipeline)
{
  g_return_if_fail (pipeline != NULL);

  pt_batcher_start (pipeline->batcher);
  pt_scrub_start (pipeline->scrub);
}

void
pt_pipeline_free (PtPipeline *pipeline)
{
  if (pipeline == NULL)
    return;
  /* The verifiers hand on what they have; the batcher's last snapshot asks the committer, and the
   * committer then commits what waits. */
  g_clear_pointer (&pipeline->scrub, pt_scrub_free);
  g_strfreev (pipeline->gateways);
  g_clear_pointer (&pipeline->intake, pt_intake_free);
  g_clear_pointer (&pipeline->batcher, pt_batcher_free);
  g_clear_pointer (&pipeline->submitter, pt_submitter_stop);
  g_clear_pointer (&pipeline->committer, pt_committer_free);
  g_clear_pointer (&pipeline->rates, pt_rates_free);
  g_clear_pointer (&pipeline->traffic, pt_traffic_unref);
  g_clear_pointer (&pipeline->book, pt_complaint_book_free);
  g_clear_pointer (&pipeline->notices, pt_notice_board_free);
  g_clear_pointer (&pipeline->copied, pt_copied_keys_free);
  g_clear_pointer (&pipeline->live, pt_live_free);
  g_clear_pointer (&pipeline->roster, pt_roster_free);
  g_clear_pointer (&pipeline->directory, pt_directory_free);
  g_clear_pointer (&pipeline->archive, pt_archive_free);
  g_clear_pointer (&pipeline->blocks, pt_block_store_unref);
  pt_store_watch (pipeline->store, NULL, NULL);
  pt_time_guard_free (pipeline->guard);
  g_mutex_clear (&pipeline->signing.lock);
  g_free (pipeline);
}
