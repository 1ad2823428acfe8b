/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack chain owner`: who owns the contract, and the two steps by which that changes. */

#include <string.h>

#include "pt-cli.h"
#include "pt-contract.h"
#include "pt-error.h"
#include "pt-ethereum-key.h"
#include "pt-sender.h"
#include "pt-i18n.h"

#define WAIT_SECONDS 300

typedef struct
{
  char *rpc, *contract, *offer;
  PtSenderOptions sender;
  gboolean accept, json;
  guint8 address[20], offered[20];
} Options;

static void
options_clear (Options *options)
{
  g_free (options->rpc);
  g_free (options->contract);
  g_free (options->offer);
  pt_sender_options_clear (&options->sender);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct
{
  char owner[43], pending[43]; /* pending: empty if the ownership is offered to nobody */
  PtRpcReceipt receipt;        /* found: a transaction was sent */
} Answer;

static gboolean
change (const Options *options, PtRpc *rpc, PtRpcReceipt *out, GError **error)
{
  g_autoptr (PtSender) sender = pt_sender_new (rpc, &options->sender, error);
  g_autoptr (GBytes) call = options->accept
                                ? pt_contract_accept_ownership_call ()
                                : pt_contract_transfer_ownership_call (options->offered);
  PtHash transaction;

  return sender != NULL && pt_sender_send (sender, options->address, call, &transaction, error)
         && pt_sender_wait (sender, &transaction, WAIT_SECONDS, out, error);
}

static gboolean
ask (const Options *options, Answer *out, GError **error)
{
  static const guint8 nobody[20];
  g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc);
  guint8 owner[20], pending[20];
  PtContract contract;

  if (!pt_contract_pin (&contract, rpc, options->address, PT_RPC_NEWEST, error)
      || ((options->offer != NULL || options->accept)
          && !change (options, rpc, &out->receipt, error)))
    return FALSE;
  /* As of the block that has the change, or the newest. */
  if (!pt_contract_pin (&contract, rpc, options->address,
                        out->receipt.found ? out->receipt.block : PT_RPC_NEWEST, error)
      || !pt_contract_owner (&contract, owner, pending, error))
    return FALSE;
  pt_address_to_text (pt_keccak_permutation_nettle, owner, out->owner);
  if (memcmp (pending, nobody, sizeof nobody) != 0)
    pt_address_to_text (pt_keccak_permutation_nettle, pending, out->pending);
  return TRUE;
}

static void
print_json (const Answer *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "owner");
  json_builder_add_string_value (builder, answer->owner);
  json_builder_set_member_name (builder, "offered_to");
  if (answer->pending[0] != '\0')
    json_builder_add_string_value (builder, answer->pending);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "gas");
  json_builder_add_int_value (builder, (gint64) answer->receipt.gas_used);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

static void
print_text (const Answer *answer)
{
  g_print (_ ("Owner       %s\n"), answer->owner);
  if (answer->pending[0] != '\0')
    g_print (_ ("Offered to  %s; it changes hands when that account accepts\n"), answer->pending);
}

static gboolean
check_options (Options *options, GError **error)
{
  gboolean sends = options->offer != NULL || options->accept;
  const char *why = NULL;

  if (options->rpc == NULL || options->contract == NULL)
    why = _ ("--rpc and --contract are needed");
  else if (options->offer != NULL && options->accept)
    why = _ ("--offer is the owner's and --accept the new owner's; give one of them");
  else if (sends && (options->sender.keystore == NULL || options->sender.password_file == NULL))
    why = _ ("--keystore and --password-file are needed");
  if (why != NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION, why);
      return FALSE;
    }
  return pt_cli_parse_address (options->contract, options->address, error)
         && (options->offer == NULL
             || pt_cli_parse_address (options->offer, options->offered, error));
}

int
pt_chain_owner_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;
  Answer answer = { 0 };
  const GOptionEntry entries[] = {
    { "rpc", 0, 0, G_OPTION_ARG_STRING, &options.rpc, N_ ("The chain's JSON-RPC"), N_ ("URL") },
    { "contract", 0, 0, G_OPTION_ARG_STRING, &options.contract, N_ ("The contract"), N_ ("ADDR") },
    { "offer", 0, 0, G_OPTION_ARG_STRING, &options.offer,
      N_ ("Offer the ownership to this account"), N_ ("ADDR") },
    { "accept", 0, 0, G_OPTION_ARG_NONE, &options.accept,
      N_ ("Take the ownership that was offered"), NULL },
    { "keystore", 0, 0, G_OPTION_ARG_FILENAME, &options.sender.keystore,
      N_ ("The keystore of who offers or accepts"), N_ ("FILE") },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &options.sender.password_file,
      N_ ("The keystore's password, in the first line"), N_ ("FILE") },
    PT_SENDER_FEE_OPTIONS (options.sender),
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("chain owner", NULL,
                     N_ ("Shows who owns the contract, offers the ownership or takes it."), entries,
                     argc, argv, NULL))
    return PT_EXIT_USAGE;
  if (!check_options (&options, &error))
    return pt_cli_usage ("chain owner", "%s", error->message);
  if (!ask (&options, &answer, &error))
    return pt_cli_fail ("chain owner", error);
  if (options.json)
    print_json (&answer);
  else
    print_text (&answer);
  return PT_EXIT_HOLDS;
}
