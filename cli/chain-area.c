/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack chain area`: what the contract says of one area, all of it at one block: the keys and
 * the root that `powertrack verify` asks for. */

#include <string.h>

#include "pt-cli.h"
#include "pt-contract.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-ethereum-key.h"
#include "pt-table.h"
#include "pt-i18n.h"

typedef struct
{
  char *rpc, *contract;
  gint64 from_block, block; /* block -1: the newest */
  gboolean json;
  const char *area;
  guint64 batch; /* 0: none was asked for */
  guint8 address[20];
} Options;

static void
options_clear (Options *options)
{
  g_free (options->rpc);
  g_free (options->contract);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct
{
  guint64 chain_id;
  PtBlockHeader at;
  PtAreaRegistered registered;
  guint8 operator[20]; /* now; the registration has the first one */
  PtCheckpoint latest; /* batch 0: none */
  /* Of the batch that was asked for; zeros if it is not anchored. */
  PtHash root, root_before;
  PtAnchored anchored;
} Answer;

static const PtHash no_root;

static gboolean
is_anchored (const PtHash *root)
{
  return memcmp (root, &no_root, sizeof no_root) != 0;
}

/* Roots are the contract's state, the rest stands in the event alone; they have to fit. */
static gboolean
ask_batch (const Options *options, const PtContract *contract, Answer *out, GError **error)
{
  gboolean found = FALSE;

  if (!pt_contract_root_of (contract, options->area, options->batch, &out->root, error)
      || !pt_contract_root_of (contract, options->area, options->batch - 1, &out->root_before,
                               error))
    return FALSE;
  if (!is_anchored (&out->root))
    return TRUE;
  if (!pt_contract_anchored (contract, options->area, options->batch, (guint64) options->from_block,
                             &found, &out->anchored, error))
    return FALSE;
  if (found && memcmp (&out->anchored.checkpoint.root, &out->root, sizeof out->root) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               _ ("the endpoint's event of batch %" PRIu64 " is missing or does not fit the "
                  "contract's root; give another --rpc"),
               options->batch);
  return FALSE;
}

static gboolean
ask (const Options *options, Answer *out, GError **error)
{
  g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc);
  guint64 block = options->block < 0 ? PT_RPC_NEWEST : (guint64) options->block;
  gboolean found = FALSE;
  PtContract contract;

  if (!pt_rpc_chain_id (rpc, &out->chain_id, error)
      || !pt_contract_pin (&contract, rpc, options->address, block, error)
      || !pt_contract_registered (&contract, options->area, (guint64) options->from_block, &found,
                                  &out->registered, error))
    return FALSE;
  out->at = contract.at;
  if (!found)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                   _ ("area %s is not registered with this contract at block %" PRIu64),
                   options->area, out->at.number);
      return FALSE;
    }
  return pt_contract_operator_of (&contract, options->area, out->operator, error)
         && pt_contract_latest (&contract, options->area, &out->latest, error)
         && (options->batch == 0 || ask_batch (options, &contract, out, error))
         && pt_contract_check_pin (&contract, error);
}

static void
encode_key (const guint8 key[PT_PUBLIC_KEY_SIZE],
            char text[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1])
{
  memset (text, 0, PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1);
  pt_base64url_encode (key, PT_PUBLIC_KEY_SIZE, text, PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1);
}

static void
encode_hash (const PtHash *hash, char text[2 * PT_HASH_SIZE + 1])
{
  memset (text, 0, 2 * PT_HASH_SIZE + 1);
  pt_hex_encode (hash->bytes, PT_HASH_SIZE, text, 2 * PT_HASH_SIZE + 1);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_number (JsonBuilder *builder, const char *name, guint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) number);
}

static void
add_address (JsonBuilder *builder, const char *name, const guint8 address[20])
{
  char text[43];

  pt_address_to_text (pt_keccak_permutation_nettle, address, text);
  add_text (builder, name, text);
}

static void
add_key (JsonBuilder *builder, const char *name, const guint8 key[PT_PUBLIC_KEY_SIZE])
{
  char text[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1];

  encode_key (key, text);
  add_text (builder, name, text);
}

static void
add_root (JsonBuilder *builder, const char *name, const PtHash *root)
{
  char text[2 * PT_HASH_SIZE + 1];

  encode_hash (root, text);
  add_text (builder, name, is_anchored (root) ? text : NULL);
}

static void
add_batch (JsonBuilder *builder, const Options *options, const Answer *answer)
{
  const PtCheckpoint *checkpoint = &answer->anchored.checkpoint;
  char cid[PT_CID_TEXT_SIZE + 1], hash[2 * PT_HASH_SIZE + 3] = "0x";

  add_number (builder, "batch", options->batch);
  add_root (builder, "root", &answer->root);
  if (!is_anchored (&answer->root))
    return;
  add_root (builder, "prev_root", &answer->root_before);
  add_number (builder, "size", checkpoint->size);
  add_number (builder, "from", checkpoint->from);
  add_number (builder, "to", checkpoint->to);
  pt_cid_to_text (&checkpoint->cid, cid);
  add_text (builder, "cid", cid);
  add_number (builder, "anchored_in", answer->anchored.block);
  encode_hash (&answer->anchored.transaction, hash + 2);
  add_text (builder, "transaction", hash);
}

static void
print_json (const Options *options, const Answer *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  char hash[2 * PT_HASH_SIZE + 3] = "0x";

  encode_hash (&answer->at.hash, hash + 2);
  json_builder_begin_object (builder);
  add_text (builder, "area", options->area);
  add_number (builder, "chain_id", answer->chain_id);
  add_address (builder, "contract", options->address);
  json_builder_set_member_name (builder, "block");
  json_builder_begin_object (builder);
  add_number (builder, "number", answer->at.number);
  add_text (builder, "hash", hash);
  add_number (builder, "time", (guint64) answer->at.time);
  json_builder_end_object (builder);
  add_key (builder, "authority_key", answer->registered.authority_key);
  add_key (builder, "service_key", answer->registered.service_key);
  add_address (builder, "operator", answer->operator);
  json_builder_set_member_name (builder, "latest");
  json_builder_begin_object (builder);
  add_number (builder, "batch", answer->latest.batch);
  add_number (builder, "size", answer->latest.size);
  add_number (builder, "to", answer->latest.to);
  add_root (builder, "root", &answer->latest.root);
  json_builder_end_object (builder);
  if (options->batch > 0)
    add_batch (builder, options, answer);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

/* What verify asks for of a batch. */
static void
print_batch (const Options *options, const Answer *answer)
{
  char root[2 * PT_HASH_SIZE + 1], before[2 * PT_HASH_SIZE + 1], hash[2 * PT_HASH_SIZE + 1];
  char cid[PT_CID_TEXT_SIZE + 1];

  encode_hash (&answer->root, root);
  encode_hash (&answer->root_before, before);
  encode_hash (&answer->anchored.transaction, hash);
  pt_cid_to_text (&answer->anchored.checkpoint.cid, cid);
  g_print (_ ("Batch          %" PRIu64 "\n  root         %s\n  size         %" PRIu64 "\n"),
           options->batch, root, answer->anchored.checkpoint.size);
  if (is_anchored (&answer->root_before))
    g_print (_ ("  root before  %s\n"), before);
  g_print (_ ("  CID          %s\n  anchored in  block %" PRIu64 ", transaction 0x%s\n"), cid,
           answer->anchored.block, hash);
}

static void
print_batches (const Options *options, const Answer *answer)
{
  char hash[2 * PT_HASH_SIZE + 1];

  encode_hash (&answer->latest.root, hash);
  if (answer->latest.batch == 0)
    g_print (_ ("Newest batch   none yet\n"));
  else
    {
      g_autofree char *to = pt_format_time ((gint64) MIN (answer->latest.to, PT_INTEGER_MAX));

      g_print (_ ("Newest batch   %" PRIu64 ", %" PRIu64 " entries, up to %s\nIts root       %s\n"),
               answer->latest.batch, answer->latest.size, to, hash);
    }
  if (options->batch > 0 && is_anchored (&answer->root))
    print_batch (options, answer);
}

static void
print_text (const Options *options, const Answer *answer)
{
  g_autofree char *time = pt_format_time (answer->at.time);
  char authority[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1];
  char service[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1];
  char operator[43];

  encode_key (answer->registered.authority_key, authority);
  encode_key (answer->registered.service_key, service);
  pt_address_to_text (pt_keccak_permutation_nettle, answer->operator, operator);
  g_print (_ ("Area           %s\nAuthority key  %s\nService key    %s\nOperator       %s\n"),
           options->area, authority, service, operator);
  print_batches (options, answer);
  g_print (_ ("At block       %" PRIu64 " of chain %" PRIu64 ", %s\n"), answer->at.number,
           answer->chain_id, time);
}

static gboolean
check_arguments (Options *options, char **rest, GError **error)
{
  const char *area = rest[0];

  if (area == NULL || (rest[1] != NULL && rest[2] != NULL) || options->rpc == NULL
      || options->contract == NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                         _ ("give AREA, --rpc and --contract, and BATCH if its root is wanted"));
  else if (!pt_is_area_id (pt_span (area, strlen (area))))
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 _ ("'%s' is not an area's id: a-z, 0-9 and -, at most 31 long"), area);
  else if (rest[1] != NULL
           && !g_ascii_string_to_unsigned (rest[1], 10, 1, PT_INTEGER_MAX, &options->batch, NULL))
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("'%s' is no batch's number"), rest[1]);
  else if (options->from_block < 0)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                         _ ("--from-block wants a block's number"));
  else
    {
      options->area = area;
      return pt_cli_parse_address (options->contract, options->address, error);
    }
  return FALSE;
}

int
pt_chain_area_main (int argc, char **argv)
{
  g_auto (Options) options = { .block = -1 };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  Answer answer = { 0 };
  const GOptionEntry entries[] = {
    { "rpc", 0, 0, G_OPTION_ARG_STRING, &options.rpc, N_ ("The chain's JSON-RPC"), N_ ("URL") },
    { "contract", 0, 0, G_OPTION_ARG_STRING, &options.contract, N_ ("The contract"), N_ ("ADDR") },
    { "from-block", 0, 0, G_OPTION_ARG_INT64, &options.from_block,
      N_ ("Look for the registration from this block on first"), N_ ("N") },
    { "block", 0, 0, G_OPTION_ARG_INT64, &options.block,
      N_ ("As of this block instead of the newest"), N_ ("N") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  if (!pt_cli_parse ("chain area", N_ ("AREA [BATCH]"),
                     N_ ("Shows what the contract says of an area: its keys, its operator and "
                         "its newest batch."),
                     entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (!check_arguments (&options, rest, &error))
    return pt_cli_usage ("chain area", "%s", error->message);
  if (!ask (&options, &answer, &error))
    {
      int status = pt_cli_fail ("chain area", error);

      /* That the contract has no such area is an answer; that nobody answered is none. */
      return g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND) ? status : PT_EXIT_NOT_CHECKED;
    }
  if (options.json)
    print_json (&options, &answer);
  else
    print_text (&options, &answer);
  if (options.batch == 0 || is_anchored (&answer.root))
    return PT_EXIT_HOLDS;
  g_set_error (&error, PT_ERROR, PT_ERROR_NOT_FOUND,
               _ ("batch %" PRIu64 " of %s is not anchored at block %" PRIu64), options.batch,
               options.area, answer.at.number);
  return pt_cli_fail ("chain area", error);
}
