/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack area operator`: has another account anchor areas. */

#include <string.h>

#include "area-chain.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-ethereum-key.h"
#include "pt-i18n.h"

typedef struct
{
  char *rpc, *contract, *operator;
  PtSenderOptions sender;
  gboolean json;
  guint8 address[20];
  PtAreaAccount account;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->rpc);
  g_free (options->contract);
  g_free (options->operator);
  pt_sender_options_clear (&options->sender);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
add_account (JsonBuilder *builder, const char *name, const PtAreaAccount *account)
{
  char text[43];

  pt_address_to_text (pt_keccak_permutation_nettle, account->bytes, text);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
print_json (const Options *options, char **names, const PtAreaAccount *before,
            const PtAreaChainResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "areas");
  json_builder_begin_array (builder);
  for (guint i = 0; names[i] != NULL; i++)
    {
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "area");
      json_builder_add_string_value (builder, names[i]);
      add_account (builder, "operator", &options->account);
      add_account (builder, "before", &before[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "transactions");
  json_builder_add_int_value (builder, result->transactions);
  json_builder_set_member_name (builder, "gas");
  json_builder_add_int_value (builder, (gint64) result->gas);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

static void
print_text (const Options *options, char **names, const PtAreaAccount *before,
            const PtAreaChainResult *result)
{
  guint count = g_strv_length (names);
  char now[43], then[43];

  pt_address_to_text (pt_keccak_permutation_nettle, options->account.bytes, now);
  for (guint i = 0; i < count; i++)
    {
      pt_address_to_text (pt_keccak_permutation_nettle, before[i].bytes, then);
      if (strcmp (now, then) == 0)
        g_print (_ ("%s: %s was its operator already\n"), names[i], now);
      else
        g_print (_ ("%s: %s is its operator, %s was\n"), names[i], now, then);
    }
  g_print (_ ("%u of %u needed a transaction; gas %" PRIu64 "\n"), result->transactions, count,
           result->gas);
}

static gboolean
check_options (Options *options, char **names, GError **error)
{
  if (names[0] == NULL || options->rpc == NULL || options->contract == NULL
      || options->operator== NULL || options->sender.keystore == NULL || options->sender
             .password_file == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           _ ("give AREA, --operator, --rpc, --contract, --owner-keystore and "
                              "--password-file"));
      return FALSE;
    }
  for (guint i = 0; names[i] != NULL; i++)
    if (!pt_is_area_id (pt_span (names[i], strlen (names[i]))))
      {
        g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                     _ ("'%s' is not an area's id: a-z, 0-9 and -, at most 31 long"), names[i]);
        return FALSE;
      }
  return pt_cli_parse_address (options->contract, options->address, error)
         && pt_cli_parse_address (options->operator, options->account.bytes, error);
}

static int
run (const Options *options, char **names)
{
  g_autofree PtAreaAccount *before = g_new0 (PtAreaAccount, g_strv_length (names));
  const PtAreaChainOptions chain = { options->rpc, options->address, &options->sender };
  g_autoptr (GError) error = NULL;
  PtAreaChainResult result = { 0 };

  if (!pt_area_set_operator_on_chain (&chain, names, &options->account, before, &result, &error))
    return pt_cli_fail ("area operator", error);
  if (options->json)
    print_json (options, names, before, &result);
  else
    print_text (options, names, before, &result);
  return PT_EXIT_HOLDS;
}

int
pt_area_operator_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "operator", 0, 0, G_OPTION_ARG_STRING, &options.operator,
      N_ ("The account that anchors from now on"), N_ ("ADDR") },
    { "rpc", 0, 0, G_OPTION_ARG_STRING, &options.rpc, N_ ("The chain's JSON-RPC"), N_ ("URL") },
    { "contract", 0, 0, G_OPTION_ARG_STRING, &options.contract, N_ ("The contract"), N_ ("ADDR") },
    { "owner-keystore", 0, 0, G_OPTION_ARG_FILENAME, &options.sender.keystore,
      N_ ("Keystore of the contract's owner"), N_ ("FILE") },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &options.sender.password_file,
      N_ ("The keystore's password, in the first line"), N_ ("FILE") },
    PT_SENDER_FEE_OPTIONS (options.sender),
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("area operator", N_ ("AREA…"),
                     N_ ("Has another account anchor areas; the contract's owner may."), entries,
                     argc, argv, &names))
    return PT_EXIT_USAGE;
  if (!check_options (&options, names, &error))
    return pt_cli_usage ("area operator", "%s", error->message);
  return run (&options, names);
}
