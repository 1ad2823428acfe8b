/* SPDX-License-Identifier: Apache-2.0 */
/* `powertrack store backup`: the database in a second file, while the daemon runs. */
#include <glib/gi18n-lib.h>

#include "pt-store-backup.h"
#include "pt-tool.h"

static void
tell_copying (guint64 done, guint64 of, gpointer user_data)
{
  pt_tool_progress (done, of, _ ("Copying"));
}

static void
tell_checking (guint64 done, guint64 of, gpointer user_data)
{
  pt_tool_progress (done, of, _ ("Checking"));
}

static int
print (const PtStoreFindings *findings, const char *path, guint64 bytes, gboolean json)
{
  g_autofree char *size = pt_tool_size (bytes);
  char buffer[16384];
  PtJsonWriter writer;

  if (!json)
    {
      pt_tool_print_findings (findings);
      g_print (_ ("%s is a copy of the database, %s.\n"), path, size);
      return pt_tool_status (findings);
    }
  pt_json_writer_init (&writer, buffer, sizeof buffer);
  pt_json_write_literal (&writer, "{\"bytes\":");
  pt_json_write_integer (&writer, (int64_t) bytes);
  pt_json_write_literal (&writer, ",");
  pt_tool_write_findings (findings, &writer);
  pt_json_write_literal (&writer, "}");
  pt_tool_print_json (&writer);
  return pt_tool_status (findings);
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
  PtStoreBackupConfig backup = { .copying = tell_copying, .checking = tell_checking };
  guint64 bytes;

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
  return print (findings, rest[0], bytes, options.json);
}
