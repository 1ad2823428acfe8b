/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack audit`: trusts nothing but the chain. Reads its events, fetches every batch by CID
 * from any gateway, and checks every byte. A line of threads: fetching, reading (this one),
 * signatures. */

#include <string.h>

#include "audit-chain.h"
#include "audit-check.h"
#include "audit-fetch.h"
#include "audit-pool.h"
#include "audit-report.h"
#include "pt-cli.h"
#include "pt-i18n.h"

#define FETCH_THREADS 4
#define THREADS_MAX 256
#define BLOCK_TIMEOUT_MAX 3600 /* seconds */

typedef struct
{
  char *rpc, *contract, *gateway, *area;
  gint64 from_block;
  int threads, block_timeout;
  gboolean json;
  guint8 address[20];
} Options;

static void
options_clear (Options *options)
{
  g_free (options->rpc);
  g_free (options->contract);
  g_free (options->gateway);
  g_free (options->area);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

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

static void
check_area (PtAuditCheck *check, PtAuditFetcher *fetcher, PtAuditArea *area, PtAuditReport *report)
{
  gboolean good = pt_audit_check_area (check, area), known = good;

  for (guint i = 0; i < area->checkpoints->len; i++)
    {
      const PtCheckpoint *checkpoint = &g_array_index (area->checkpoints, PtCheckpoint, i);

      if (!good)
        {
          g_atomic_int_set (&area->stopped, TRUE);
          pt_audit_fetcher_read (fetcher, skip_bytes, NULL, NULL);
          continue;
        }
      good = pt_audit_check_batch (check, fetcher, checkpoint);
      report->batches++;
      pt_audit_report_progress (report, area->registered.area, checkpoint->batch);
    }
  if (known)
    pt_audit_check_area_end (check);
}

static void
check_all (const Options *options, GPtrArray *areas, PtAuditReport *report)
{
  PtAuditFetchOptions fetch = { options->gateway, FETCH_THREADS, (guint) options->block_timeout };
  guint threads = options->threads > 0 ? (guint) options->threads : g_get_num_processors ();
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  GArray *jobs = make_jobs (areas);
  g_autoptr (PtAuditFetcher) fetcher = NULL;
  g_autoptr (PtAuditCheck) check = NULL;
  PtAuditPool *pool = pt_audit_pool_new (report, threads);

  report->areas = areas->len;
  report->batches_planned = jobs->len;
  fetcher = pt_audit_fetcher_new (&fetch, jobs);
  check = pt_audit_check_new (registry, pool, report);
  for (guint i = 0; i < areas->len; i++)
    check_area (check, fetcher, g_ptr_array_index (areas, i), report);
  pt_audit_pool_finish (pool);
}

static int
run (const Options *options)
{
  g_autoptr (PtRpc) rpc = pt_rpc_new (options->rpc);
  g_autoptr (GPtrArray) areas = NULL;
  g_autoptr (GError) error = NULL;
  PtAuditReport report;
  gboolean holds = FALSE;

  pt_audit_report_init (&report, options->json);
  areas = pt_audit_read_chain (rpc, options->address, (guint64) options->from_block, options->area,
                               &report, &error);
  if (areas == NULL)
    pt_audit_report_fail (&report, NULL, 0, 0, _ ("the chain can't be read: %s"), error->message);
  else if (areas->len == 0 && options->area != NULL)
    pt_audit_report_fail (&report, options->area, 0, 0, _ ("not registered with this contract"));
  else if (areas->len == 0)
    pt_audit_report_fail (
        &report, NULL, 0, 0,
        _ ("no area is registered with this contract; check --contract and --rpc"));
  else
    check_all (options, areas, &report);
  pt_audit_report_finish (&report);
  holds = report.failures == 0;
  pt_audit_report_clear (&report);
  return holds ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

static gboolean
check_options (Options *options)
{
  g_autoptr (GError) error = NULL;

  if (options->rpc == NULL || options->contract == NULL || options->gateway == NULL)
    pt_cli_usage ("audit", _ ("--rpc, --contract and --gateway are needed"));
  else if (!pt_cli_parse_address (options->contract, options->address, &error))
    pt_cli_usage ("audit", _ ("--contract: %s"), error->message);
  else if (options->threads < 0 || options->threads > THREADS_MAX)
    pt_cli_usage ("audit", _ ("--threads wants a number from 1 to %d"), THREADS_MAX);
  else if (options->block_timeout < 1 || options->block_timeout > BLOCK_TIMEOUT_MAX)
    pt_cli_usage ("audit", _ ("--block-timeout wants seconds from 1 to %d"), BLOCK_TIMEOUT_MAX);
  else if (options->from_block < 0)
    pt_cli_usage ("audit", _ ("--from-block wants a number from 0 up"));
  else if (options->area != NULL
           && !pt_is_area_id (pt_span (options->area, strlen (options->area))))
    pt_cli_usage ("audit", _ ("--area: '%s' is not an area's id"), options->area);
  else
    return TRUE;
  return FALSE;
}

int
pt_audit_main (int argc, char **argv)
{
  g_auto (Options) options = { .block_timeout = 20 };
  const GOptionEntry entries[] = {
    { "rpc", 0, 0, G_OPTION_ARG_STRING, &options.rpc, N_ ("The chain's JSON-RPC"), N_ ("URL") },
    { "contract", 0, 0, G_OPTION_ARG_STRING, &options.contract, N_ ("The contract"), N_ ("ADDR") },
    { "gateway", 0, 0, G_OPTION_ARG_STRING, &options.gateway,
      N_ ("Any trustless IPFS gateway, the daemon too"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("Only this area"), N_ ("AREA") },
    { "from-block", 0, 0, G_OPTION_ARG_INT64, &options.from_block,
      N_ ("The block the contract was deployed in (default 0)"), N_ ("N") },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads,
      N_ ("Threads for signatures (default: one a processor)"), N_ ("N") },
    { "block-timeout", 0, 0, G_OPTION_ARG_INT, &options.block_timeout,
      N_ ("Seconds that one block may take (default 20)"), N_ ("S") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("audit", NULL,
                     N_ ("Checks everything that was ever anchored, trusting the chain alone.\n"
                         "Gaps in counters, late reports and silent devices are told, they are no "
                         "failure."),
                     entries, argc, argv, NULL)
      || !check_options (&options))
    return PT_EXIT_USAGE;
  while (g_str_has_suffix (options.gateway, "/"))
    options.gateway[strlen (options.gateway) - 1] = '\0';
  return run (&options);
}
