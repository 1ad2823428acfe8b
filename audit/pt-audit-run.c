/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-run.h"

#include "pt-audit-check.h"
#include "pt-audit-fetch.h"

#define FETCH_THREADS 4

typedef struct
{
  PtAuditCheck *check;
  PtAuditFetcher *fetcher;
  const PtAuditSink *sink;
  PtAuditCounts *counts;
} Run;

static GArray *
make_jobs (GPtrArray *areas)
{
  GArray *jobs = g_array_new (FALSE, FALSE, sizeof (PtAuditJob));

  for (guint i = 0; i < areas->len; i++)
    {
      PtAuditArea *area = g_ptr_array_index (areas, i);

      for (guint k = 0; k < area->checkpoints->len; k++)
        {
          PtAuditJob job
              = { g_array_index (area->checkpoints, PtCheckpoint, k).cid, &area->stopped };

          g_array_append_val (jobs, job);
        }
    }
  return jobs;
}

static gboolean
skip_bytes (GBytes *bytes, gpointer user_data)
{
  return FALSE;
}

static gboolean
take_bytes (GBytes *bytes, gpointer user_data)
{
  return pt_audit_check_feed (user_data, bytes);
}

/* FALSE when the area's later batches can't be checked. */
static gboolean
run_batch (Run *run, const PtAuditArea *area, const PtCheckpoint *checkpoint)
{
  PtAuditFinding failure = { 0 };

  pt_audit_check_begin_batch (run->check, checkpoint);
  if (pt_audit_fetcher_read (run->fetcher, take_bytes, run->check, &failure))
    return pt_audit_check_end_batch (run->check);
  failure.area = area->registered.area;
  failure.batch = checkpoint->batch;
  pt_audit_tell (run->sink, &failure);
  return FALSE;
}

static void
run_area (Run *run, PtAuditArea *area)
{
  gboolean known = pt_audit_check_begin_area (run->check, &area->registered), good = known;

  if (known)
    pt_audit_check_note_named (run->check, area->named);

  for (guint i = 0; i < area->checkpoints->len; i++)
    {
      const PtCheckpoint *checkpoint = &g_array_index (area->checkpoints, PtCheckpoint, i);

      if (!good)
        {
          g_atomic_int_set (&area->stopped, TRUE);
          pt_audit_fetcher_read (run->fetcher, skip_bytes, NULL, NULL);
          continue;
        }
      good = run_batch (run, area, checkpoint);
      run->counts->batches++;
      run->sink->read (area->registered.area, checkpoint->batch, run->sink->user_data);
    }
  if (known)
    pt_audit_check_end_area (run->check);
}

void
pt_audit_run (const PtAuditOptions *options, GPtrArray *areas, const PtAuditSink *sink,
              PtAuditCounts *counts)
{
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  g_autoptr (PtAuditFetcher) fetcher = NULL;
  g_autoptr (PtAuditCheck) check = NULL;
  PtAuditFetchOptions fetch;
  PtAuditPool *pool;
  GArray *jobs;
  Run run;

  g_return_if_fail (options != NULL && areas != NULL && sink != NULL && counts != NULL);
  fetch = (PtAuditFetchOptions){ options->gateway, FETCH_THREADS, options->block_timeout };
  pool = pt_audit_pool_new (sink, counts,
                            options->threads > 0 ? options->threads : g_get_num_processors ());
  jobs = make_jobs (areas);
  counts->areas = areas->len;
  counts->batches_planned = jobs->len;
  fetcher = pt_audit_fetcher_new (&fetch, jobs);
  check = pt_audit_check_new (registry, pool, sink, counts);
  run = (Run){ check, fetcher, sink, counts };
  for (guint i = 0; i < areas->len; i++)
    run_area (&run, g_ptr_array_index (areas, i));
  pt_audit_pool_finish (pool);
}
