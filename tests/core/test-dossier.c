/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-dossier.h"

#include "pt-vectors.h"

#define HEAD                                                                                       \
  "{\"area\":\"a\",\"complaint\":\"1\",\"format\":\"powertrack-dossier-1\",\"left_out\":1,"        \
  "\"made\":5,"                                                                                    \
  "\"privates\":[\"{\\\"text\\\":\\\"\\\\n\\\"}\"],\"profiles\":[],\"registrations\":[\"r\","      \
  "\"s\"],\"reports\":[\"p\"]"
#define STEP                                                                                       \
  "{\"entry\":\"{\\\"a\\\":1}\",\"evidence\":\"supported\",\"proof\":\"\",\"receipt\":\"x\"}"

static PtResult
parse (const char *text, PtDossier *out)
{
  static char buffer[4096];

  return pt_dossier_parse (pt_text (text), buffer, sizeof buffer, out);
}

static void
test_round_trip (void)
{
  const char *text = HEAD ",\"steps\":[" STEP "," STEP "]}";
  g_autofree PtDossier *dossier = g_new0 (PtDossier, 1);
  char written[1024];
  gsize size = 0;

  g_assert_cmpint (parse (text, dossier), ==, PT_OK);
  g_assert_cmpuint (dossier->step_count, ==, 2);
  g_assert_true (pt_span_is (dossier->steps[1].entry, "{\"a\":1}"));
  g_assert_cmpuint (dossier->steps[1].proof.size, ==, 0);
  g_assert_true (pt_span_is (dossier->privates.items[0], "{\"text\":\"\\n\"}"));
  g_assert_cmpuint (dossier->registrations.count, ==, 2);
  g_assert_cmpuint (dossier->reports.count, ==, 1);
  g_assert_true (pt_span_is (dossier->steps[1].evidence, "supported"));
  g_assert_cmpint (dossier->left_out, ==, 1);
  g_assert_cmpint (dossier->made, ==, 5);
  g_assert_cmpint (pt_dossier_write (dossier, written, sizeof written, &size), ==, PT_OK);
  g_assert_cmpmem (written, size, text, strlen (text));
  g_assert_cmpint (pt_dossier_write (dossier, written, size - 1, &size), ==, PT_NO_SPACE);
  g_assert_cmpuint (size, ==, 0);
}

static void
test_refused (void)
{
  static const char *const wrong[] = {
    HEAD ",\"steps\":[]}",
    HEAD ",\"steps\":[" STEP "]} ",
    HEAD ",\"steps\":[" STEP "],\"x\":1}",
    HEAD ",\"steps\":[" STEP ",1]}",
    HEAD "}",
    HEAD ",\"steps\":[{\"entry\":\"\",\"evidence\":\"\",\"proof\":\"\"}]}",
    HEAD ",\"steps\":[{\"entry\":\"\",\"proof\":\"\",\"receipt\":\"\"}]}",
    HEAD
    ",\"steps\":[{\"entry\":\"\",\"evidence\":\"\",\"proof\":\"\",\"receipt\":\"\",\"x\":\"\"}]}",
    "{\"area\":\"A\",\"complaint\":\"1\",\"format\":\"powertrack-dossier-1\",\"made\":5}",
    "{}",
    "",
  };
  g_autofree PtDossier *dossier = g_new0 (PtDossier, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_cmpint (parse (wrong[i], dossier), !=, PT_OK);
      g_assert_cmpuint (dossier->step_count, ==, 0);
    }
}

static void
test_bounds (void)
{
  g_autoptr (GString) text = g_string_new (HEAD ",\"steps\":[" STEP);
  g_autofree PtDossier *dossier = g_new0 (PtDossier, 1);
  g_autofree char *buffer = NULL;

  for (guint i = 1; i < PT_DOSSIER_STEPS_MAX; i++)
    g_string_append (text, "," STEP);
  g_string_append (text, "]}");
  buffer = g_malloc (text->len);
  g_assert_cmpint (pt_dossier_parse (pt_span (text->str, text->len), buffer, text->len, dossier),
                   ==, PT_OK);
  g_assert_cmpuint (dossier->step_count, ==, PT_DOSSIER_STEPS_MAX);
  g_assert_cmpint (pt_dossier_parse (pt_span (text->str, text->len), buffer, 64, dossier), ==,
                   PT_NO_SPACE);
  g_string_truncate (text, text->len - 2);
  g_string_append (text, "," STEP "]}");
  g_assert_cmpint (pt_dossier_parse (pt_span (text->str, text->len), buffer, text->len, dossier),
                   ==, PT_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dossier/round-trip", test_round_trip);
  g_test_add_func ("/dossier/refused", test_refused);
  g_test_add_func ("/dossier/bounds", test_bounds);
  return g_test_run ();
}
