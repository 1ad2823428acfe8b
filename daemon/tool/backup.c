/* SPDX-License-Identifier: Apache-2.0 */
/* `powertrack store backup`: the database in a second file, while the daemon runs. */
#include <glib/gi18n-lib.h>

#include "pt-store-backup.h"
#include "pt-tool.h"

static void
say_copied (const char *path, guint64 bytes)
{
  g_autofree char *size = pt_tool_size (bytes);

  g_print (_ ("%s is a copy of the database, %s.\n"), path, size);
}

int
pt_store_backup_main (int argc, char **argv)
{
  PtToolOptions options = { 0 };
  gboolean quick = FALSE;
  const GOptionEntry entries[] = { { "quick", 0, 0, G_OPTION_ARG_NONE, &quick,
                                     N_ ("Do not read the copy's entries and batches"), NULL },
                                   PT_TOOL_OPTIONS (options),
                                   { NULL, 0, 0, 0, NULL, NULL, NULL } };
  g_auto (GStrv) rest = NULL;
  g_autofree char *config_path = NULL;
  g_autoptr (PtConfig) config = NULL;
  g_autofree char *database = NULL;
  g_autoptr (PtBlockStore) blocks = NULL;
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autoptr (GError) error = NULL;
  PtStoreBackupConfig backup
      = { .copying = pt_tool_tell_copying, .checking = pt_tool_tell_checking };
  guint64 bytes;
  int status;

  if (!pt_tool_parse ("backup", "FILE",
                      _ ("Writes the daemon's database, as it is at this moment, into FILE, while "
                         "the daemon runs, and checks what was written."),
                      entries, 1, argc, argv, &rest))
    return PT_EXIT_USAGE;
  config_path = options.config;
  config = pt_tool_config (config_path, &error);
  database = config != NULL ? pt_tool_database (config, &error) : NULL;
  if (database == NULL)
    return pt_tool_fail ("backup", error);
  blocks = pt_block_store_open (config->state_dir);
  backup.from = database;
  backup.to = rest[0];
  backup.blocks = blocks;
  backup.quick = quick;
  if (!pt_store_backup (&backup, findings, &bytes, &error))
    return pt_tool_fail ("backup", error);
  status = pt_tool_report (findings, options.json, "bytes", bytes);
  if (!options.json)
    say_copied (rest[0], bytes);
  return status;
}
