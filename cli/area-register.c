/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack area register`: makes areas known to the daemon and, with --rpc, to the contract. */

#include <string.h>

#include "area-chain.h"
#include "pt-authority.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-ethereum-key.h"
#include "pt-i18n.h"

typedef struct
{
  char *authority_key, *authority_dir, *url, *token, *rpc, *contract;
  PtSenderOptions sender;
  gboolean json;
  guint8 address[20];
} Options;

static void
options_clear (Options *options)
{
  char *texts[] = { options->authority_key, options->authority_dir, options->url,
                    options->token,         options->rpc,           options->contract };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  pt_sender_options_clear (&options->sender);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static GBytes *
make_body (const char *area, const guint8 *authority_key)
{
  char key[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1] = { 0 };
  char *text = NULL;

  pt_base64url_encode (authority_key, PT_PUBLIC_KEY_SIZE, key, sizeof key);
  text = g_strdup_printf ("{\"area\":\"%s\",\"authority_key\":\"%s\"}", area, key);
  return g_bytes_new_take (text, strlen (text));
}

static gboolean
read_answer (GBytes *answer, PtAreaRegistered *out, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonObject *object = pt_cli_object (parser, answer);
  const char *key = object != NULL ? pt_cli_string (object, "service_key", "") : "";
  const char *account = object != NULL ? pt_cli_string (object, "operator", "") : "";

  if (!pt_base64url_decode (pt_span (key, strlen (key)), out->service_key, PT_PUBLIC_KEY_SIZE))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("the daemon's answer has no service_key; is --url the daemon's address?"));
      return FALSE;
    }
  /* A daemon without a chain has no operator. */
  pt_address_from_text (pt_keccak_permutation_nettle, pt_span (account, strlen (account)),
                        out->operator_address);
  return TRUE;
}

static gboolean
register_with_daemon (PtHttpClient *client, const char *url, const PtSigner *signer,
                      const char *area, PtAreaRegistered *out, GError **error)
{
  g_autofree char *whole = g_strconcat (url, "/api/v1/areas", NULL);
  g_autoptr (GBytes) body = make_body (area, signer->public_key), answer = NULL;

  g_strlcpy (out->area, area, sizeof out->area);
  memcpy (out->authority_key, signer->public_key, PT_PUBLIC_KEY_SIZE);
  answer = pt_http_client_post_ok (client, whole, "application/json", body, error);
  if (answer != NULL && read_answer (answer, out, error))
    return TRUE;
  g_prefix_error (error, _ ("area %s: "), area);
  return FALSE;
}

static void
add_key (JsonBuilder *builder, const char *name, const guint8 *key)
{
  char text[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1] = { 0 };

  pt_base64url_encode (key, PT_PUBLIC_KEY_SIZE, text, sizeof text);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

/* With --rpc: whether the account that anchors the area by the contract is the daemon's. */
static gboolean
is_operator (const PtAreaRegistered *area, const PtAreaAccount *operator)
{
  return memcmp (area->operator_address, operator->bytes, sizeof operator->bytes) == 0;
}

static void
add_account (JsonBuilder *builder, const char *name, const guint8 account[20])
{
  char text[43];

  pt_address_to_text (pt_keccak_permutation_nettle, account, text);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
print_json (const Options *options, const PtAreaRegistered *areas, guint count,
            const PtAreaAccount *operators, const PtAreaChainResult *chain)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "areas");
  json_builder_begin_array (builder);
  for (guint i = 0; i < count; i++)
    {
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "area");
      json_builder_add_string_value (builder, areas[i].area);
      add_key (builder, "authority_key", areas[i].authority_key);
      add_key (builder, "service_key", areas[i].service_key);
      add_account (builder, "operator", areas[i].operator_address);
      if (options->rpc != NULL)
        add_account (builder, "chain_operator", operators[i].bytes);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "transactions");
  json_builder_add_int_value (builder, chain->transactions);
  json_builder_set_member_name (builder, "gas");
  json_builder_add_int_value (builder, (gint64) chain->gas);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

static void
print_text (const Options *options, const PtAreaRegistered *areas, guint count,
            const PtAreaChainResult *chain)
{
  for (guint i = 0; i < count; i++)
    g_print (options->rpc != NULL ? _ ("%s is registered with the daemon and on the chain\n")
                                  : _ ("%s is registered with the daemon\n"),
             areas[i].area);
  if (options->rpc != NULL)
    g_print (_ ("%u of %u needed a transaction; gas %" PRIu64 "\n"), chain->transactions, count,
             chain->gas);
}

static gboolean
register_all (const Options *options, const char *url, PtAuthority *authority, char **names,
              PtAreaRegistered *areas, PtAreaAccount *operators, PtAreaChainResult *chain,
              GError **error)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  PtAreaChainOptions on_chain = { options->rpc, options->address, &options->sender };

  if (!pt_cli_use_token (client, options->token, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      const PtSigner *signer = pt_authority_signer (authority, names[i], error);

      if (signer == NULL || !register_with_daemon (client, url, signer, names[i], &areas[i], error))
        return FALSE;
    }
  return options->rpc == NULL
         || pt_area_register_on_chain (&on_chain, areas, g_strv_length (names), operators, chain,
                                       error);
}

/* An area whose operator is another account is never anchored by this daemon. */
static int
tell_operators (const Options *options, const PtAreaRegistered *areas, guint count,
                const PtAreaAccount *operators)
{
  int status = PT_EXIT_HOLDS;
  char ours[43], theirs[43];

  for (guint i = 0; options->rpc != NULL && i < count; i++)
    {
      if (is_operator (&areas[i], &operators[i]))
        continue;
      pt_address_to_text (pt_keccak_permutation_nettle, areas[i].operator_address, ours);
      pt_address_to_text (pt_keccak_permutation_nettle, operators[i].bytes, theirs);
      g_printerr (_ ("powertrack area register: area %s: its operator on the chain is %s, but the "
                     "daemon's account is %s and can't anchor it; change that with powertrack "
                     "area operator\n"),
                  areas[i].area, theirs, ours);
      status = PT_EXIT_FAILED;
    }
  return status;
}

static int
run (const Options *options, const char *url, PtAuthority *authority, char **names)
{
  guint count = g_strv_length (names);
  g_autofree PtAreaRegistered *areas = g_new0 (PtAreaRegistered, count);
  g_autofree PtAreaAccount *operators = g_new0 (PtAreaAccount, count);
  PtAreaChainResult chain = { 0 };
  g_autoptr (GError) error = NULL;

  if (!register_all (options, url, authority, names, areas, operators, &chain, &error))
    return pt_cli_fail ("area register", error);
  if (options->json)
    print_json (options, areas, count, operators, &chain);
  else
    print_text (options, areas, count, &chain);
  return tell_operators (options, areas, count, operators);
}

static gboolean
check_options (Options *options, char **names, GError **error)
{
  const char *why = NULL;

  if (names[0] == NULL)
    why = _ ("name at least one AREA");
  else if (options->token == NULL)
    why = _ ("--token-file FILE is needed (admin.token in the daemon's state directory)");
  else if (options->rpc != NULL
           && (options->contract == NULL || options->sender.keystore == NULL
               || options->sender.password_file == NULL))
    why = _ ("--rpc needs --contract, --owner-keystore and --password-file");
  if (why != NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION, why);
      return FALSE;
    }
  for (guint i = 0; names[i] != NULL; i++)
    if (!pt_is_area_id (pt_span (names[i], strlen (names[i]))))
      {
        g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                     _ ("'%s' is not an area's id: a-z, 0-9 and -, at most 31 long"), names[i]);
        return FALSE;
      }
  return options->rpc == NULL || pt_cli_parse_address (options->contract, options->address, error);
}

static gboolean
parse_options (Options *options, int argc, char **argv, char ***names)
{
  const GOptionEntry entries[] = {
    { "authority-key", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_key,
      N_ ("The authority's key"), N_ ("FILE") },
    { "authority-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->authority_dir,
      N_ ("Folder with one AREA.pem for each area; missing ones are made"), N_ ("DIR") },
    { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, N_ ("The daemon's address"), N_ ("URL") },
    { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &options->token, N_ ("The daemon's admin.token"),
      N_ ("FILE") },
    { "rpc", 0, 0, G_OPTION_ARG_STRING, &options->rpc, N_ ("Register on this chain too (JSON-RPC)"),
      N_ ("URL") },
    { "contract", 0, 0, G_OPTION_ARG_STRING, &options->contract, N_ ("The contract"), N_ ("ADDR") },
    { "owner-keystore", 0, 0, G_OPTION_ARG_FILENAME, &options->sender.keystore,
      N_ ("Keystore of the contract's owner"), N_ ("FILE") },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &options->sender.password_file,
      N_ ("The keystore's password, in the first line"), N_ ("FILE") },
    PT_SENDER_FEE_OPTIONS (options->sender),
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  return pt_cli_parse ("area register", N_ ("AREA…"),
                       N_ ("Registers areas with the daemon and, with --rpc, with the contract."),
                       entries, argc, argv, names);
}

int
pt_area_register_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (GStrv) names = NULL;
  g_autoptr (PtAuthority) authority = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  if (!parse_options (&options, argc, argv, &names))
    return PT_EXIT_USAGE;
  if (check_options (&options, names, &error))
    url = pt_cli_url (options.url, &error);
  if (url != NULL)
    authority = pt_authority_new (options.authority_key, options.authority_dir, TRUE, &error);
  if (authority == NULL)
    return pt_cli_usage ("area register", "%s", error->message);
  return run (&options, url, authority, names);
}
