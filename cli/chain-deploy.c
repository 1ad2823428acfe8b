/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack chain deploy`: puts the contract on the chain. */

#include "pt-cli.h"
#include "pt-contract-bytecode.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-sender.h"
#include "pt-i18n.h"

#define WAIT_SECONDS 300

typedef struct
{
  char *rpc;
  PtSenderOptions sender;
  gint64 chain_id;
  gboolean wait, json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->rpc);
  pt_sender_options_clear (&options->sender);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct
{
  guint8 address[20];
  PtHash transaction;
  guint64 chain_id;
  PtRpcReceipt receipt; /* found: it was waited for */
} Deployed;

static void
print_json (const Deployed *deployed)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  char address[43], hash[2 * PT_HASH_SIZE + 3] = "0x";

  pt_address_to_text (pt_keccak_permutation_nettle, deployed->address, address);
  pt_hex_encode (&deployed->transaction, PT_HASH_SIZE, hash + 2, sizeof hash - 2);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "contract");
  json_builder_add_string_value (builder, address);
  json_builder_set_member_name (builder, "transaction");
  json_builder_add_string_value (builder, hash);
  json_builder_set_member_name (builder, "chain_id");
  json_builder_add_int_value (builder, (gint64) deployed->chain_id);
  if (deployed->receipt.found)
    {
      json_builder_set_member_name (builder, "block");
      json_builder_add_int_value (builder, (gint64) deployed->receipt.block);
      json_builder_set_member_name (builder, "gas");
      json_builder_add_int_value (builder, (gint64) deployed->receipt.gas_used);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

static void
print_text (const Deployed *deployed)
{
  char address[43], hash[2 * PT_HASH_SIZE + 1] = { 0 };

  pt_address_to_text (pt_keccak_permutation_nettle, deployed->address, address);
  pt_hex_encode (&deployed->transaction, PT_HASH_SIZE, hash, sizeof hash);
  g_print (_ ("Contract     %s\nChain        %" PRIu64 "\nTransaction  0x%s\n"), address,
           deployed->chain_id, hash);
  if (deployed->receipt.found)
    g_print (_ ("Block        %" PRIu64 "\nGas          %" PRIu64 "\n"), deployed->receipt.block,
             deployed->receipt.gas_used);
  else
    g_print (_ ("Sent; it stands once the transaction is mined.\n"));
}

static gboolean
check_chain (const Options *options, const PtSender *sender, GError **error)
{
  if (options->chain_id == 0 || (guint64) options->chain_id == sender->chain_id)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("%s is chain %" PRIu64 ", not %" PRId64 "; check --rpc and --chain-id"),
               options->rpc, sender->chain_id, options->chain_id);
  return FALSE;
}

static gboolean
deploy (const Options *options, Deployed *out, GError **error)
{
  g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc);
  g_autoptr (PtSender) sender = pt_sender_new (rpc, &options->sender, error);
  g_autoptr (GBytes) code = g_bytes_new_static (pt_contract_bytecode, PT_CONTRACT_BYTECODE_SIZE);

  if (sender == NULL || !check_chain (options, sender, error))
    return FALSE;
  out->chain_id = sender->chain_id;
  pt_address_of_contract (pt_keccak_permutation_nettle, sender->signer->address, sender->nonce,
                          out->address);
  return pt_sender_send (sender, NULL, code, &out->transaction, error)
         && (!options->wait
             || pt_sender_wait (sender, &out->transaction, WAIT_SECONDS, &out->receipt, error));
}

int
pt_chain_deploy_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;
  Deployed deployed = { 0 };
  const GOptionEntry entries[]
      = { { "rpc", 0, 0, G_OPTION_ARG_STRING, &options.rpc, N_ ("The chain's JSON-RPC"),
            N_ ("URL") },
          { "keystore", 0, 0, G_OPTION_ARG_FILENAME, &options.sender.keystore,
            N_ ("The owner's keystore (see keygen --ethereum)"), N_ ("FILE") },
          { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &options.sender.password_file,
            N_ ("The keystore's password, in the first line"), N_ ("FILE") },
          { "chain-id", 0, 0, G_OPTION_ARG_INT64, &options.chain_id, N_ ("Refuse any other chain"),
            N_ ("N") },
          PT_SENDER_FEE_OPTIONS (options.sender),
          { "wait", 0, 0, G_OPTION_ARG_NONE, &options.wait,
            N_ ("Wait until it is mined, and say block and gas"), NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
          { NULL } };

  if (!pt_cli_parse ("chain deploy", NULL, N_ ("Deploys the contract PowerAnchor."), entries, argc,
                     argv, NULL))
    return PT_EXIT_USAGE;
  if (options.rpc == NULL || options.sender.keystore == NULL
      || options.sender.password_file == NULL)
    return pt_cli_usage ("chain deploy", _ ("--rpc, --keystore and --password-file are needed"));
  if (!deploy (&options, &deployed, &error))
    return pt_cli_fail ("chain deploy", error);
  if (options.json)
    print_json (&deployed);
  else
    print_text (&deployed);
  return PT_EXIT_HOLDS;
}
