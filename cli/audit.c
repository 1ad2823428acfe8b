/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack audit`: trusts nothing but the chain. Reads its events, fetches every batch by CID
 * from any gateway, and checks every byte (audit/). Here are its options. */

#include <string.h>

#include "audit-report.h"
#include "pt-audit-run.h"
#include "pt-cli.h"
#include "pt-ethereum-key.h"
#include "pt-i18n.h"
#include "receipt-verdict.h"

#define THREADS_MAX 256
#define BLOCK_TIMEOUT_MAX 3600 /* seconds */
#define DELAY_S 3600           /* windows that were anchored later are counted */

typedef struct
{
  char **rpc, **receipts, *contract, *gateway, *area;
  gint64 from_block, max_delay, confirmations; /* max_delay in seconds; 0: none */
  int threads, block_timeout;
  gboolean json;
  guint8 address[20];
} Options;

static void
options_clear (Options *options)
{
  g_strfreev (options->rpc);
  g_strfreev (options->receipts);
  g_free (options->contract);
  g_free (options->gateway);
  g_free (options->area);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Every other endpoint that was given must say the same. */
static void
ask_others (const Options *options, const PtAuditChain *chain, const PtAuditQuestion *question,
            const PtAuditSink *sink, PtAuditReport *report)
{
  for (guint i = 1; options->rpc[i] != NULL; i++)
    {
      g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc[i]);
      g_autoptr (GError) error = NULL;

      if (!pt_audit_compare_chain (chain, rpc, options->rpc[i], question, sink, &error))
        pt_audit_report_open (report, NULL, 0, _ ("%s can't be asked: %s"), options->rpc[i],
                              error->message);
    }
}

static void
ask_delays (const Options *options, PtAuditChain *chain, PtRpc *rpc, const PtAuditSink *sink,
            PtAuditReport *report)
{
  gint64 limit = options->max_delay > 0 ? options->max_delay : DELAY_S;
  g_autoptr (GError) error = NULL;

  if (!pt_audit_read_delays (chain, rpc, limit * 1000, options->max_delay > 0, sink, &error))
    pt_audit_report_open (report, NULL, 0, _ ("the times of the chain's blocks can't be read: %s"),
                          error->message);
}

/* The blocks that the rosters name are known only once the files are read. */
static void
ask_named (const Options *options, const PtAuditChain *chain, const PtAuditSink *sink,
           PtAuditReport *report)
{
  g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc[0]);
  g_autoptr (GError) error = NULL;

  if (!pt_audit_read_named (chain, rpc, sink, &error))
    pt_audit_report_open (report, NULL, 0, _ ("the blocks that rosters name can't be read: %s"),
                          error->message);
}

/* What the chain says, or NULL after saying why nothing can be checked. */
static PtAuditChain *
read_chain (const Options *options, const PtAuditSink *sink, PtAuditReport *report)
{
  PtAuditQuestion question = { .from_block = (guint64) options->from_block, .only = options->area };
  g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc[0]);
  g_autoptr (PtAuditChain) chain = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (question.contract, options->address, sizeof question.contract);
  chain = pt_audit_read_chain (rpc, &question, sink, &error);
  if (chain == NULL)
    pt_audit_report_open (report, NULL, 0, _ ("the chain can't be read: %s"), error->message);
  else if (chain->areas->len == 0 && options->area != NULL)
    pt_audit_report_open (report, options->area, 0, _ ("not registered with this contract"));
  else if (chain->areas->len == 0)
    pt_audit_report_open (
        report, NULL, 0,
        _ ("no area is registered with this contract; check --contract and --rpc"));
  else
    {
      ask_others (options, chain, &question, sink, report);
      ask_delays (options, chain, rpc, sink, report);
      return g_steal_pointer (&chain);
    }
  return NULL;
}

/* What was promised in writing, beside what was just read. */
static void
judge_receipts (const Options *options, const PtAuditOptions *audit, const PtAuditChain *chain,
                GPtrArray *files, PtAuditReport *report)
{
  g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc[0]);
  g_autoptr (GError) error = NULL;
  PtBlockHeader final;

  if (files->len == 0)
    return;
  if (!pt_receipt_files_judge (files, chain, rpc, audit, options->confirmations, &final, &error))
    {
      pt_audit_report_open (report, NULL, 0, _ ("the receipts can't be judged: %s"),
                            error->message);
      return;
    }
  for (guint i = 0; i < files->len; i++)
    {
      const PtReceiptFile *file = g_ptr_array_index (files, i);
      int status = PT_EXIT_HOLDS;
      g_autofree char *words = pt_receipt_words (file->receipt, &status);

      if (status == PT_EXIT_FAILED)
        pt_audit_report_fail (report, NULL, 0, 0, "%s: %s", file->path, words);
      else if (status != PT_EXIT_HOLDS)
        pt_audit_report_open (report, NULL, 0, "%s: %s", file->path, words);
    }
  report->receipts = files;
}

static int
run (const Options *options, GPtrArray *files)
{
  PtAuditOptions audit
      = { options->gateway, (guint) options->threads, (guint) options->block_timeout };
  g_autoptr (PtAuditChain) chain = NULL;
  PtAuditReport report;
  PtAuditSink sink;
  int status;

  pt_audit_report_init (&report, options->json, &sink);
  report.chain = chain = read_chain (options, &sink, &report);
  if (chain != NULL)
    {
      pt_audit_run (&audit, chain->areas, &sink, &report.counts);
      ask_named (options, chain, &sink, &report);
      judge_receipts (options, &audit, chain, files, &report);
    }
  pt_audit_report_finish (&report);
  status = pt_audit_report_status (&report);
  pt_audit_report_clear (&report);
  return status;
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
  else if (options->max_delay < 0 || options->max_delay > G_MAXINT32)
    pt_cli_usage ("audit", _ ("--max-delay wants seconds"));
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
  g_auto (Options) options = { .block_timeout = 20, .confirmations = -1 };
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "rpc", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.rpc,
      N_ ("The chain's JSON-RPC; several must say the same"), N_ ("URL") },
    { "contract", 0, 0, G_OPTION_ARG_STRING, &options.contract, N_ ("The contract"), N_ ("ADDR") },
    { "gateway", 0, 0, G_OPTION_ARG_STRING, &options.gateway,
      N_ ("Any trustless IPFS gateway, the daemon too"), N_ ("URL") },
    { "area", 0, 0, G_OPTION_ARG_STRING, &options.area, N_ ("Only this area"), N_ ("AREA") },
    { "from-block", 0, 0, G_OPTION_ARG_INT64, &options.from_block,
      N_ ("The block the contract was deployed in (default 0)"), N_ ("N") },
    { "max-delay", 0, 0, G_OPTION_ARG_INT64, &options.max_delay,
      N_ ("A window anchored more than so many seconds after its end is a failure"), N_ ("S") },
    { "receipt", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.receipts,
      N_ ("Also whether this receipt's promise was kept; may be given again"), N_ ("FILE") },
    { "confirmations", 0, 0, G_OPTION_ARG_INT64, &options.confirmations,
      N_ ("For receipts: final is what is N blocks below the newest, instead of what the chain "
          "says is"),
      N_ ("N") },
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
  files = pt_receipt_files_read (options.receipts, &error);
  if (files == NULL)
    return pt_cli_usage ("audit", "%s", error->message);
  return run (&options, files);
}
