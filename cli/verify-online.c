/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack verify --rpc`: asks the chain for keys, roots and sizes, and hands them to the same
 * check that runs with the network off. */

#include <stdio.h>
#include <string.h>

#include "batch-ends.h"
#include "pt-bundle.h"
#include "pt-cli.h"
#include "pt-contract.h"
#include "pt-dossier.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-offline.h"

#define VERB "verify"

typedef struct
{
  char *rpc, *contract;
  gint64 from_block;
  gboolean json;
  guint8 address[20];
} Options;

static void
options_clear (Options *options)
{
  g_free (options->rpc);
  g_free (options->contract);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What a file is about: its area, and the batches that it speaks of. */
typedef struct
{
  char area[PT_AREA_MAX + 1];
  GArray *batches; /* guint64 */
} About;

static void
take_bundle (About *about, PtSpan text)
{
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  g_autofree char *buffer = g_malloc (2 * PT_ENTRY_MAX);

  if (pt_bundle_parse (text, buffer, 2 * PT_ENTRY_MAX, bundle) != PT_OK)
    return;
  if (bundle->area.size <= PT_AREA_MAX)
    {
      memcpy (about->area, bundle->area.data, bundle->area.size);
      about->area[bundle->area.size] = '\0';
    }
  g_array_append_val (about->batches, bundle->batch);
}

static void
take_dossier (About *about, PtSpan text)
{
  g_autofree PtDossier *dossier = g_new0 (PtDossier, 1);
  g_autofree char *buffer = g_malloc (text.size + 1);

  if (pt_dossier_parse (text, buffer, text.size, dossier) != PT_OK)
    return;
  memcpy (about->area, dossier->area.data, dossier->area.size);
  about->area[dossier->area.size] = '\0';
  for (gsize i = 0; i < dossier->step_count; i++)
    take_bundle (about, dossier->steps[i].proof);
  for (gsize i = 0; i < dossier->reports.count; i++)
    take_bundle (about, dossier->reports.items[i]);
}

static void
take_batch (About *about, FILE *file, uint64_t size)
{
  PtBatchHeader header;

  if (pt_batch_ends_read (file, size, &header) != PT_ENDS_FOUND)
    return;
  g_strlcpy (about->area, header.area, sizeof about->area);
  g_array_append_val (about->batches, header.batch);
}

static void
read_about (PtVerifyForm form, FILE *file, uint64_t size, About *about)
{
  g_autofree char *text = NULL;
  gsize got = 0;

  if (form == PT_FORM_BATCH)
    {
      take_batch (about, file, size);
      return;
    }
  text = g_malloc (MIN (size, PT_DOSSIER_MAX) + 1);
  got = fread (text, 1, MIN (size, PT_DOSSIER_MAX), file);
  rewind (file);
  if (got > 0 && text[got - 1] == '\n')
    got--;
  if (form == PT_FORM_DOSSIER)
    take_dossier (about, pt_span (text, got));
  else
    take_bundle (about, pt_span (text, got));
}

static gboolean
ask_keys (const PtContract *contract, const Options *options, const About *about,
          PtVerifyOptions *out, GError **error)
{
  PtAreaRegistered registered;
  gboolean found = FALSE;

  if (!pt_contract_registered (contract, about->area, (guint64) options->from_block, &found,
                               &registered, error))
    return FALSE;
  if (!found)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                   _ ("area %s is not registered with this contract"), about->area);
      return FALSE;
    }
  out->has_authority = out->has_service = true;
  memcpy (out->authority_key, registered.authority_key, PT_PUBLIC_KEY_SIZE);
  memcpy (out->service_key, registered.service_key, PT_PUBLIC_KEY_SIZE);
  return TRUE;
}

/* A batch that is not anchored stays out: the check says that it was not asked. */
static gboolean
ask_batch (const PtContract *contract, const Options *options, const About *about, guint64 batch,
           GArray *roots, GError **error)
{
  PtVerifyRoot root = { .batch = batch };
  PtAnchored anchored;
  gboolean found = FALSE;

  for (guint i = 0; i < roots->len; i++)
    if (g_array_index (roots, PtVerifyRoot, i).batch == batch)
      return TRUE;
  if (!pt_contract_anchored (contract, about->area, batch, (guint64) options->from_block, &found,
                             &anchored, error)
      || !pt_contract_root_of (contract, about->area, batch, &root.root, error))
    return FALSE;
  root.size = anchored.checkpoint.size;
  if (found)
    g_array_append_val (roots, root);
  return TRUE;
}

static gboolean
ask_chain (const Options *options, const About *about, PtVerifyOptions *out, GArray *roots,
           GError **error)
{
  g_autoptr (PtRpc) rpc = pt_cli_rpc (options->rpc);
  PtContract contract;
  guint64 first = 0;

  if (!pt_contract_pin (&contract, rpc, options->address, PT_RPC_NEWEST, error)
      || !ask_keys (&contract, options, about, out, error))
    return FALSE;
  for (guint i = 0; i < about->batches->len; i++)
    if (!ask_batch (&contract, options, about, g_array_index (about->batches, guint64, i), roots,
                    error))
      return FALSE;
  first = about->batches->len > 0 ? g_array_index (about->batches, guint64, 0) : 0;
  out->roots = (const PtVerifyRoot *) (gpointer) roots->data;
  out->root_count = roots->len;
  if (roots->len > 0)
    {
      out->has_root = out->has_size = true;
      out->root = g_array_index (roots, PtVerifyRoot, 0).root;
      out->size = g_array_index (roots, PtVerifyRoot, 0).size;
    }
  if (first > 1)
    out->has_previous_root
        = pt_contract_root_of (&contract, about->area, first - 1, &out->previous_root, NULL);
  return pt_contract_check_pin (&contract, error);
}

static int
run (const Options *options, const char *path)
{
  g_autoptr (GArray) batches = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GArray) roots = g_array_new (FALSE, FALSE, sizeof (PtVerifyRoot));
  g_autoptr (GError) error = NULL;
  PtVerifyOptions verify = { .path = path, .json = options->json };
  About about = { .batches = batches };
  PtVerifyForm form;
  FILE *file = NULL;
  uint64_t size = 0;
  int status = PT_EXIT_FAILED;

  form = pt_verify_open (path, &file, &size, &status);
  if (form != PT_FORM_UNKNOWN)
    {
      read_about (form, file, size, &about);
      if (*about.area == '\0' || ask_chain (options, &about, &verify, roots, &error))
        status = pt_verify_file (form, file, size, &verify);
      else
        {
          pt_cli_fail (VERB, error);
          status = PT_EXIT_NOT_CHECKED;
        }
    }
  if (file != NULL)
    fclose (file);
  return status;
}

int
pt_verify_online_main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "rpc", 0, 0, G_OPTION_ARG_STRING, &options.rpc, N_ ("The chain's JSON-RPC"), N_ ("URL") },
    { "contract", 0, 0, G_OPTION_ARG_STRING, &options.contract, N_ ("The contract"), N_ ("ADDR") },
    { "from-block", 0, 0, G_OPTION_ARG_INT64, &options.from_block,
      N_ ("The block the contract was deployed in (default 0)"), N_ ("N") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
    { NULL }
  };

  if (!pt_cli_parse (
          VERB, N_ ("FILE"),
          N_ ("Checks a proof bundle, a batch file or a dossier against the chain: keys, "
              "roots and sizes are asked for there."),
          entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage (VERB, _ ("name one FILE"));
  if (options.rpc == NULL || options.contract == NULL)
    return pt_cli_usage (VERB, _ ("--rpc and --contract are needed"));
  if (options.from_block < 0)
    return pt_cli_usage (VERB, _ ("--from-block wants a number from 0 up"));
  if (!pt_cli_parse_address (options.contract, options.address, &error))
    return pt_cli_usage (VERB, _ ("--contract: %s"), error->message);
  return run (&options, rest[0]);
}
