/* SPDX-License-Identifier: Apache-2.0 */
/* `powertrack store copy`: all of a store into another, whichever they are. */
#include <glib/gi18n-lib.h>

#include "pt-store-copy.h"
#include "pt-store-digest.h"
#include "pt-store-open.h"
#include "pt-store-views.h"
#include "pt-tool.h"

/* What it is held against: everything of the one, and whether it fits together. */
static void
verify (PtStore *from, PtStore *to, PtBlockStore *blocks, gboolean quick, PtStoreFindings *findings)
{
  const PtStoreCheckConfig check = { to, blocks, quick, pt_tool_tell_checking, NULL };

  pt_store_compare (from, to, findings, "same");
  pt_store_findings_ask (findings, "contents");
  if (quick)
    pt_store_findings_skip (findings, "contents", _ ("left out by --quick"));
  else
    pt_store_compare_contents (from, to, findings, "contents");
  pt_store_check (&check, findings);
}

/* *@blocks stays NULL where no configuration says where they are. */
static gboolean
open_all (char **addresses, const char *password, const char *config_path, PtStore **from,
          PtStore **to, PtBlockStore **blocks, GError **error)
{
  g_autoptr (PtConfig) config = NULL;

  if (config_path != NULL && (config = pt_tool_config (config_path, error)) == NULL)
    return FALSE;
  if (config != NULL)
    *blocks = pt_block_store_open (config->state_dir);
  *from = pt_store_open_frozen (addresses[0], password, error);
  *to = *from != NULL ? pt_store_open (addresses[1], password, error) : NULL;
  return *to != NULL;
}

int
pt_store_copy_main (int argc, char **argv)
{
  PtToolOptions options = { 0 };
  gboolean quick = FALSE;
  g_autofree char *password = NULL;
  const GOptionEntry entries[]
      = { { "quick", 0, 0, G_OPTION_ARG_NONE, &quick, N_ ("Compare sums and heads only"), NULL },
          { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &password,
            N_ ("Password of the user whom a mongodb:// address names"), "FILE" },
          PT_TOOL_OPTIONS (options),
          { NULL, 0, 0, 0, NULL, NULL, NULL } };
  g_auto (GStrv) rest = NULL;
  g_autofree char *config_path = NULL;
  g_autoptr (PtStore) from = NULL;
  g_autoptr (PtStore) to = NULL;
  g_autoptr (PtBlockStore) blocks = NULL;
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autoptr (GError) error = NULL;
  PtStoreCopyConfig copy = { .progress = pt_tool_tell_copying };
  PtCounts counts;

  if (!pt_tool_parse ("copy", "FROM TO",
                      _ ("Copies all of one store into another, while no daemon runs on either; a "
                         "copy that was cut off goes on where it was. Stores are named as "
                         "sqlite:/path/to/file or mongodb://server/database."),
                      entries, 2, argc, argv, &rest))
    return PT_EXIT_USAGE;
  config_path = options.config;
  if (!open_all (rest, password, config_path, &from, &to, &blocks, &error))
    return pt_tool_fail ("copy", error);
  copy.from = from;
  copy.to = to;
  if (!pt_store_copy (&copy, &error) || !pt_store_counts (to, &counts, &error))
    return pt_tool_fail ("copy", error);
  verify (from, to, blocks, quick, findings);
  return pt_tool_report (findings, options.json, "entries", counts.entries);
}
