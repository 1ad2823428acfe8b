/* SPDX-License-Identifier: Apache-2.0 */

/* `powertrack profile check`: whether a file is a profile, and what in it can't all be meant. No
 * network. */

#include "profile-read.h"
#include "profile-words.h"
#include "pt-cli.h"
#include "pt-i18n.h"

static void
print_json (const char *document, GPtrArray *problems)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "document");
  if (document != NULL)
    json_builder_add_string_value (builder, document);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "holds");
  json_builder_add_boolean_value (builder, document != NULL && problems->len == 0);
  json_builder_set_member_name (builder, "problems");
  json_builder_begin_array (builder);
  for (guint i = 0; i < problems->len; i++)
    {
      const PtProfileProblem *problem = g_ptr_array_index (problems, i);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "kind");
      json_builder_add_string_value (builder, problem->is_contradiction ? "contradiction" : "form");
      json_builder_set_member_name (builder, "what");
      json_builder_add_string_value (builder, problem->what);
      json_builder_set_member_name (builder, "where");
      json_builder_add_string_value (builder, problem->where);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  pt_cli_print_json (root);
}

static int
run (const char *path, gboolean json)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *document = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &text, &size, &error))
    {
      pt_cli_fail ("profile check", error);
      return PT_EXIT_NOT_CHECKED;
    }
  document = pt_profile_read (text, size, &problems);
  if (json)
    print_json (document, problems);
  else
    {
      if (document != NULL)
        pt_profile_print (document);
      pt_profile_problems_print (path, problems);
      if (document == NULL)
        g_print (_ ("This is no profile.\n"));
      else
        g_print ("%s", problems->len > 0 ? _ ("It is a profile, but contradicts itself.\n")
                                         : _ ("It is a profile, and nothing contradicts.\n"));
    }
  return document != NULL && problems->len == 0 ? PT_EXIT_HOLDS : PT_EXIT_FAILED;
}

int
pt_profile_check_main (int argc, char **argv)
{
  gboolean json = FALSE;
  g_auto (GStrv) rest = NULL;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object"), NULL },
          { NULL } };

  if (!pt_cli_parse (
          "profile check", N_ ("FILE"),
          N_ ("Whether a file is a profile, however it is laid out, and what in it can't "
              "all be meant. No network is asked."),
          entries, argc, argv, &rest))
    return PT_EXIT_USAGE;
  if (g_strv_length (rest) != 1)
    return pt_cli_usage ("profile check", _ ("name one FILE"));
  return run (rest[0], json);
}
