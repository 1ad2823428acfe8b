/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tool.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "pt-error.h"
#include "pt-terminal.h"

/* Progress */

static gboolean line_is_begun;

static void
tell (guint64 done, guint64 of, const char *what)
{
  static guint shown = G_MAXUINT;
  guint percent = of > 0 ? (guint) (done * 100 / of) : 100;

  if (percent == shown || isatty (STDERR_FILENO) != 1)
    return;
  shown = percent;
  line_is_begun = TRUE;
  g_printerr (PT_TERMINAL_CLEAR_LINE);
  g_printerr ("%s %u %%", what, percent);
}

void
pt_tool_tell_copying (guint64 done, guint64 of, gpointer user_data)
{
  tell (done, of, _ ("Copying"));
}

void
pt_tool_tell_checking (guint64 done, guint64 of, gpointer user_data)
{
  tell (done, of, _ ("Checking"));
}

static void
end_progress (void)
{
  if (line_is_begun)
    g_printerr (PT_TERMINAL_CLEAR_LINE);
  line_is_begun = FALSE;
}

/* Asked and refused */

gboolean
pt_tool_parse (const char *verb, const char *arguments, const char *summary,
               const GOptionEntry *entries, guint count, int argc, char **argv, char ***rest)
{
  g_autofree char *name = NULL;
  g_autoptr (GOptionContext) context = NULL;
  g_auto (GStrv) copy = NULL;
  g_autoptr (GError) error = NULL;
  guint given;

  g_return_val_if_fail (verb != NULL && summary != NULL && entries != NULL, FALSE);
  g_return_val_if_fail (argc > 0 && argv != NULL && rest != NULL, FALSE);

  name = g_strdup_printf ("powertrack store %s", verb);
  copy = g_new0 (char *, argc + 1);
  for (int i = 0; i < argc; i++)
    copy[i] = g_strdup (argv[i]);
  g_set_prgname (name);
  context = g_option_context_new (arguments);
  g_option_context_set_translation_domain (context, "powertrack");
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, "powertrack");
  if (!g_option_context_parse_strv (context, &copy, &error))
    {
      g_printerr (_ ("%s: %s; try '%s --help'\n"), name, error->message, name);
      return FALSE;
    }
  given = g_strv_length (copy) - 1;
  if (given > count)
    g_printerr (_ ("%s: '%s' is an argument too many; try '%s --help'\n"), name, copy[count + 1],
                name);
  else if (given < count)
    g_printerr (_ ("%s: say %s; try '%s --help'\n"), name, arguments, name);
  else
    *rest = g_strdupv (copy + 1);
  return given == count;
}

int
pt_tool_fail (const char *verb, const GError *error)
{
  g_return_val_if_fail (verb != NULL && error != NULL, PT_EXIT_FAILED);

  end_progress ();
  g_printerr ("powertrack store %s: %s\n", verb, error->message);
  return g_error_matches (error, PT_ERROR, PT_ERROR_CONFIGURATION) ? PT_EXIT_USAGE : PT_EXIT_FAILED;
}

PtConfig *
pt_tool_config (const char *path, GError **error)
{
  return pt_config_load (path != NULL ? path : PT_SYSCONFDIR "/powertrack/powertrackd.conf", error);
}

char *
pt_tool_database (const PtConfig *config, GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (config != NULL, NULL);

  if (config->store_address != NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           _ ("The store is a database server's ([store] address). Its own tools "
                              "back it up and look through it."));
      return NULL;
    }
  path = g_build_filename (config->state_dir, "powertrack.sqlite", NULL);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("There is no database %s, or you may not look there."), path);
  return NULL;
}

/* Findings */

static const struct
{
  const char *name, *question;
} questions[] = {
  { "file", N_ ("The file is whole, page by page") },
  { "same", N_ ("The copy says what the database said") },
  { "contents", N_ ("All rows of both are the same") },
  { "batches", N_ ("Batches go on from each other up to the heads") },
  { "transactions", N_ ("What waits for the chain can be sent again") },
  { "blocks", N_ ("The file of every batch is there") },
  { "numbers", N_ ("Entries are numbered without holes up to the tails") },
  { "entries", N_ ("Entries are what their rows say, in the order of receipt") },
  { "roots", N_ ("Entries that are kept give the roots of their batches") },
  { "subjects", N_ ("Devices and officials are as registered last") },
  { "histories", N_ ("Histories fit the reports") },
  { "outages", N_ ("Outages last where devices are off, and nowhere else") },
  { "said", N_ ("What was said is what was kept of it") },
};

static const char *
question_of (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    if (g_str_equal (questions[i].name, name))
      return questions[i].question;
  return name;
}

static void
print_finding (const PtStoreFinding *finding)
{
  static const char *const words[] = { N_ ("ok"), N_ ("FAILED"), N_ ("not checked") };

  g_print ("  %s: %s", _ (question_of (finding->name)), _ (words[finding->state]));
  if (finding->why != NULL)
    g_print (" (%s)", finding->why);
  if (finding->more > 0)
    g_print (ngettext (" and %u more", " and %u more", finding->more), finding->more);
  g_print ("\n");
}

static void
write_text (PtJsonWriter *writer, const char *before, const char *text)
{
  pt_json_write_literal (writer, before);
  pt_json_write_string (writer, pt_span (text, strlen (text)));
}

static void
write_findings (const PtStoreFindings *findings, PtJsonWriter *writer)
{
  pt_json_write_literal (writer, "\"findings\":[");
  for (guint i = 0; i < pt_store_findings_count (findings); i++)
    {
      const PtStoreFinding *finding = pt_store_findings_at (findings, i);

      write_text (writer, i == 0 ? "{\"name\":" : ",{\"name\":", finding->name);
      write_text (writer, ",\"question\":", question_of (finding->name));
      write_text (writer, ",\"state\":", pt_store_state_name (finding->state));
      write_text (writer, ",\"why\":", finding->why != NULL ? finding->why : "");
      pt_json_write_literal (writer, ",\"more\":");
      pt_json_write_integer (writer, finding->more);
      pt_json_write_literal (writer, "}");
    }
  write_text (writer, "],\"verdict\":", pt_store_state_name (pt_store_findings_verdict (findings)));
}

void
pt_tool_print_json (const PtJsonWriter *writer)
{
  PtSpan line;

  g_return_if_fail (writer != NULL);

  if (pt_json_writer_finish (writer, &line) == PT_OK)
    g_print ("%.*s\n", (int) line.size, line.data);
}

static int
status_of (const PtStoreFindings *findings)
{
  switch (pt_store_findings_verdict (findings))
    {
    case PT_STORE_HOLDS:
      return PT_EXIT_HOLDS;
    case PT_STORE_FAILS:
      return PT_EXIT_FAILED;
    case PT_STORE_NOT_CHECKED:
      return PT_EXIT_NOT_CHECKED;
    }
  g_return_val_if_reached (PT_EXIT_FAILED);
}

int
pt_tool_report (const PtStoreFindings *findings, gboolean json, const char *name, guint64 number)
{
  char buffer[16384];
  PtJsonWriter writer;

  g_return_val_if_fail (findings != NULL, PT_EXIT_FAILED);

  if (!json)
    {
      end_progress ();
      for (guint i = 0; i < pt_store_findings_count (findings); i++)
        print_finding (pt_store_findings_at (findings, i));
      return status_of (findings);
    }
  pt_json_writer_init (&writer, buffer, sizeof buffer);
  pt_json_write_literal (&writer, "{");
  if (name != NULL)
    {
      pt_json_write_string (&writer, pt_span (name, strlen (name)));
      pt_json_write_literal (&writer, ":");
      pt_json_write_integer (&writer, (int64_t) number);
      pt_json_write_literal (&writer, ",");
    }
  write_findings (findings, &writer);
  pt_json_write_literal (&writer, "}");
  pt_tool_print_json (&writer);
  return status_of (findings);
}
