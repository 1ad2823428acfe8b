/* SPDX-License-Identifier: Apache-2.0 */
/* `powertrack store check`: whether what is stored fits together. */
#include <glib/gi18n-lib.h>

#include "pt-error.h"
#include "pt-sqlite-store.h"
#include "pt-sqlite-upkeep.h"
#include "pt-tool.h"

int
pt_store_check_main (int argc, char **argv)
{
  PtToolOptions options = { 0 };
  gboolean quick = FALSE;
  g_autofree char *file = NULL;
  const GOptionEntry entries[]
      = { { "file", 0, 0, G_OPTION_ARG_FILENAME, &file,
            N_ ("Check this copy of the database, not the daemon's"), "FILE" },
          { "quick", 0, 0, G_OPTION_ARG_NONE, &quick,
            N_ ("Count entries and do not read them, nor the batches' files"), NULL },
          PT_TOOL_OPTIONS (options),
          { NULL, 0, 0, 0, NULL, NULL, NULL } };
  g_auto (GStrv) rest = NULL;
  g_autofree char *config_path = NULL;
  g_autoptr (PtConfig) config = NULL;
  g_autoptr (PtStore) store = NULL;
  g_autoptr (PtBlockStore) blocks = NULL;
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autoptr (GError) error = NULL;
  PtStoreCheckConfig check = { .progress = pt_tool_tell_checking };

  if (!pt_tool_parse ("check", NULL,
                      _ ("Looks whether what is stored fits together, while the daemon runs or "
                         "not, and changes nothing."),
                      entries, 0, argc, argv, &rest))
    return PT_EXIT_USAGE;
  config_path = options.config;
  config = pt_tool_config (config_path, &error);
  if (config == NULL)
    return pt_tool_fail ("check", error);
  if (file == NULL)
    file = pt_tool_database (config, &error);
  store = file != NULL ? pt_sqlite_store_new_frozen (file, &error) : NULL;
  if (store == NULL)
    return pt_tool_fail ("check", error);
  check.store = store;
  check.quick = quick;
  check.blocks = blocks = pt_block_store_open (config->state_dir);
  pt_store_findings_ask (findings, "file");
  if (!pt_sqlite_look_at_pages (store, quick, &error))
    pt_store_findings_error (findings, "file", error);
  pt_store_check (&check, findings);
  return pt_tool_report (findings, options.json, NULL, 0);
}
