/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack receipt check --rpc`: whether a receipt's promise was kept, by the chain and whatever
 * gateway serves what is anchored there. With the network off receipt-check.c does it. */

#include <string.h>

#include "pt-cli.h"
#include "pt-i18n.h"
#include "receipt-verdict.h"

#define VERB "receipt check"
#define BLOCK_TIMEOUT 20 /* seconds */

typedef struct
{
  char *rpc, *contract, *gateway;
  gint64 from_block, confirmations;
  gboolean json;
  guint8 address[20];
} Options;

static void
options_clear (Options *options)
{
  g_free (options->rpc);
  g_free (options->contract);
  g_free (options->gateway);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What is odd about the chain itself is for `audit` to say, except where nothing can be trusted. */
static void
take_finding (const PtAuditFinding *finding, gpointer user_data)
{
  if (finding->code == PT_AUDIT_OTHER_CODE || finding->code == PT_AUDIT_NO_BEGINNING
      || finding->code == PT_AUDIT_NOT_ALL_EVENTS)
    *(gboolean *) user_data = TRUE;
}

static void
print_json (GPtrArray *files, const PtBlockHeader *final, int status, gboolean is_odd)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "final_block");
  json_builder_add_int_value (builder, (gint64) final->number);
  json_builder_set_member_name (builder, "final_time");
  json_builder_add_int_value (builder, final->time);
  json_builder_set_member_name (builder, "holds");
  json_builder_add_boolean_value (builder, status == PT_EXIT_HOLDS);
  json_builder_set_member_name (builder, "odd_chain");
  json_builder_add_boolean_value (builder, is_odd);
  json_builder_set_member_name (builder, "receipts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < files->len; i++)
    pt_receipt_file_to_json (g_ptr_array_index (files, i), builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

/* The worst of them: FAILED, then NOT_CHECKED. */
static int
print_text (GPtrArray *files, gboolean quiet)
{
  int worst = PT_EXIT_HOLDS;

  for (guint i = 0; i < files->len; i++)
    {
      const PtReceiptFile *file = g_ptr_array_index (files, i);
      int status = PT_EXIT_HOLDS;
      g_autofree char *words = pt_receipt_words (file->receipt, &status);

      if (!quiet)
        g_print ("%s: %s\n", file->path, words);
      if (worst == PT_EXIT_HOLDS || status == PT_EXIT_FAILED)
        worst = status;
    }
  return worst;
}

static int
run (const Options *options, GPtrArray *files)
{
  PtAuditOptions audit = { options->gateway, 1, BLOCK_TIMEOUT };
  PtAuditQuestion question = { .from_block = (guint64) options->from_block };
  g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc);
  g_autoptr (PtAuditChain) chain = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_odd = FALSE;
  PtAuditSink sink = { .found = take_finding, .user_data = &is_odd };
  PtBlockHeader final;
  int status;

  memcpy (question.contract, options->address, sizeof question.contract);
  chain = pt_audit_read_chain (rpc, &question, &sink, &error);
  if (chain == NULL
      || !pt_receipt_files_judge (files, chain, rpc, &audit, options->confirmations, &final,
                                  &error))
    {
      pt_cli_fail (VERB, error);
      return PT_EXIT_NOT_CHECKED;
    }
  status = print_text (files, options->json);
  if (is_odd && status == PT_EXIT_HOLDS)
    status = PT_EXIT_NOT_CHECKED;
  if (options->json)
    print_json (files, &final, status, is_odd);
  else if (is_odd)
    g_print (_ ("The contract or its events are odd: 'powertrack audit' says what.\n"));
  return status;
}

static gboolean
check_options (Options *options, char **rest)
{
  g_autoptr (GError) error = NULL;

  if (g_strv_length (rest) == 0)
    pt_cli_usage (VERB, _ ("name a FILE"));
  else if (options->rpc == NULL || options->contract == NULL || options->gateway == NULL)
    pt_cli_usage (VERB, _ ("--rpc, --contract and --gateway are needed"));
  else if (!pt_cli_parse_address (options->contract, options->address, &error))
    pt_cli_usage (VERB, _ ("--contract: %s"), error->message);
  else if (options->from_block < 0)
    pt_cli_usage (VERB, _ ("--from-block wants a number from 0 up"));
  else
    return TRUE;
  return FALSE;
}

int
pt_receipt_chain_main (int argc, char **argv)
{
  g_auto (Options) options = { .confirmations = -1 };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "rpc", 0, 0, G_OPTION_ARG_STRING, &options.rpc, N_ ("The chain's JSON-RPC"), N_ ("URL") },
    { "contract", 0, 0, G_OPTION_ARG_STRING, &options.contract, N_ ("The contract"), N_ ("ADDR") },
    { "gateway", 0, 0, G_OPTION_ARG_STRING, &options.gateway,
      N_ ("Any trustless IPFS gateway, the daemon too"), N_ ("URL") },
    { "from-block", 0, 0, G_OPTION_ARG_INT64, &options.from_block,
      N_ ("The block the contract was deployed in (default 0)"), N_ ("N") },
    { "confirmations", 0, 0, G_OPTION_ARG_INT64, &options.confirmations,
      N_ ("What is N blocks below the newest is final, instead of what the chain says is"),
      N_ ("N") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  if (!pt_cli_parse (VERB, N_ ("FILE..."), N_ ("Whether receipts' promises were kept."), entries,
                     argc, argv, &rest)
      || !check_options (&options, rest))
    return PT_EXIT_USAGE;
  files = pt_receipt_files_read (rest, &error);
  if (files == NULL)
    return pt_cli_fail (VERB, error);
  while (g_str_has_suffix (options.gateway, "/"))
    options.gateway[strlen (options.gateway) - 1] = '\0';
  return run (&options, files);
}
