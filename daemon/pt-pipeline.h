/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batcher.h"
#include "pt-complaint-book.h"
#include "pt-intake.h"
#include "pt-notice-board.h"
#include "pt-scrub.h"

/* A report's way from intake to the chain: its parts made in order and ended in the reverse one.
 * The daemon, the tests and the benches have the same. */

/* What is pointed to outlives the pipeline. */
typedef struct
{
  PtStore *store;
  PtClock *clock;
  PtHealth *health;
  PtNews *news;
  const char *folder;     /* of the blocks and of the index of reports */
  const PtSigner *signer; /* service key */
  gint64 period;          /* ms, of batches */
  gint64 anchored_within; /* ms from a window's end, in the worst case: what receipts promise */
  gint64 silent_after;    /* ms */
  guint snapshot_s;       /* between saved histories */
  guint workers;          /* verifiers; 0: one a processor */
  guint lines_max;        /* on their way at once */
  PtRatesConfig rates;    /* of reports; zeros: no bound */
  gint64 rejected_for;    /* ms: how long what was refused is kept; 0: as ever */
  PtHold *hold;           /* what is not done for now; NULL: nothing is held back */
  const char *gateways;   /* that may have what is damaged here; with ; between, or NULL */
  /* How batches are anchored (health and news are filled in); NULL: they stay sealed. */
  const PtSubmitterConfig *anchoring;
} PtPipelineConfig;

/* A signer that more than one thread may use. */
typedef struct
{
  const PtSigner *signer;
  GMutex lock;
  PtSigner shared;
} PtSharedSigner;

/* In the order of the data; each knows those before it. */
typedef struct
{
  PtStore *store; /* not its own */
  PtSharedSigner signing;
  PtTimeGuard *guard;
  PtBlockStore *blocks;
  PtArchive *archive;
  PtDirectory *directory;
  PtRoster *roster;
  PtLive *live;
  PtComplaintBook *book;
  PtNoticeBoard *notices;
  PtCopiedKeys *copied;
  PtCommitter *committer;
  PtRates *rates;
  PtTraffic *traffic;
  PtIntake *intake;
  PtSubmitter *submitter; /* or NULL */
  PtBatcher *batcher;
  PtScrub *scrub;
  char **gateways;
  gint64 last_received; /* ms, of the newest entry when it was opened */
} PtPipeline;

/* Opens the files, recovers what is in memory from the store, and takes in from then on. */
PtPipeline *pt_pipeline_new (const PtPipelineConfig *config, GError **error);
/* Windows that end are sealed from now on. */
void pt_pipeline_start (PtPipeline *pipeline);
/* Commits what was taken in, saves the histories, ends the threads. Its readers and mouths must
 * have gone before. */
void pt_pipeline_free (PtPipeline *pipeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtPipeline, pt_pipeline_free)
