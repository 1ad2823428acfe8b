/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-outbox.h"

#include <string.h>

static void
test_answer (void)
{
  const char *text
      = "{\"accepted\":2,\"duplicate\":1,\"rejected\":[{\"line\":2,\"error\":\"busy\"},"
        "{\"line\":5,\"error\":\"stale-seq\"}]}";
  g_autoptr (GError) error = NULL;
  PtFleetAnswer answer;

  g_assert_true (pt_fleet_answer_parse (text, strlen (text), 5, &answer, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (answer.accepted, ==, 2);
  g_assert_cmpuint (answer.duplicate, ==, 1);
  g_assert_cmpuint (answer.rejected->len, ==, 2);
  g_assert_cmpuint (g_array_index (answer.rejected, PtFleetRejection, 1).line, ==, 5);
  pt_fleet_answer_clear (&answer);
}

static void
test_bad_answers (void)
{
  static const char *const bad[] = {
    "",
    "[]",
    "ok",
    "{}",
    "{\"accepted\":2,\"duplicate\":0}",
    "{\"accepted\":1,\"duplicate\":0,\"rejected\":[]}",
    "{\"accepted\":3,\"duplicate\":0,\"rejected\":[]}",
    "{\"accepted\":3,\"duplicate\":-1,\"rejected\":[]}",
    "{\"accepted\":\"2\",\"duplicate\":0,\"rejected\":[]}",
    "{\"accepted\":2,\"duplicate\":0,\"rejected\":{}}",
    "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":3,\"error\":\"busy\"}]}",
    "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":0,\"error\":\"busy\"}]}",
    "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":1}]}",
    "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":7}]}",
    "{\"accepted\":1,\"duplicate\":0,\"rejected\":[1]}",
    "{\"accepted\":0,\"duplicate\":0,\"rejected\":[{\"line\":2,\"error\":\"a\"},{\"line\":1,"
    "\"error\":\"b\"}]}",
    "{\"accepted\":0,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"a\"},{\"line\":1,"
    "\"error\":\"b\"}]}",
  };
  PtFleetAnswer answer;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_false (pt_fleet_answer_parse (bad[i], strlen (bad[i]), 2, &answer, &error));
      g_assert_nonnull (error);
      g_assert_null (answer.rejected);
    }
}

static void
note_settled (gpointer context, const PtFleetItem *item, const char *slug)
{
  g_string_append_printf (context, "%u:%s ", item->device, slug != NULL ? slug : "stored");
}

static void
test_outbox (void)
{
  const char *text
      = "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"busy\"},"
        "{\"line\":3,\"error\":\"stale-seq\"},{\"line\":4,\"error\":\"busy\"}]}";
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;
  PtFleetOutbox outbox;
  PtFleetAnswer answer;

  pt_fleet_outbox_init (&outbox);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *line = g_strdup_printf ("report-%0*u", (int) i + 1, i);

      pt_fleet_outbox_add (&outbox, i, i + 1, 100, line, strlen (line));
    }
  g_assert_true (pt_fleet_answer_parse (text, strlen (text), 4, &answer, NULL));
  g_assert_cmpuint (pt_fleet_outbox_settle (&outbox, 4, &answer, note_settled, told), ==, 2);
  pt_fleet_answer_clear (&answer);
  g_assert_cmpstr (told->str, ==, "1:stored 2:stale-seq ");
  body = pt_fleet_outbox_body (&outbox, 3);
  g_assert_cmpmem (g_bytes_get_data (body, NULL), g_bytes_get_size (body),
                   "report-0\nreport-0003\nreport-00004\n", 34);
  pt_fleet_outbox_clear (&outbox);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-link/answer", test_answer);
  g_test_add_func ("/fleet-link/bad-answers", test_bad_answers);
  g_test_add_func ("/fleet-link/outbox", test_outbox);
  return g_test_run ();
}
