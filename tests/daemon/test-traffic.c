/* SPDX-License-Identifier: Apache-2.0 */
/* What came by each way, and what was refused of it: as the daemon counts, keeps and tells it. */
#include "pt-traffic.h"

#include "pt-pipeline-fixture.h"

typedef struct
{
  PtWorld *world;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer in_memory)
{
  fixture->world = pt_world_new (in_memory != NULL ? pt_memory_store_new () : NULL);
  pt_world_add_device (fixture->world, "east", "tx-1");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_world_free (fixture->world);
}

static char *
metrics (Fixture *fixture)
{
  GString *text = g_string_new (NULL);

  pt_traffic_append (fixture->world->pipeline->traffic, text);
  return g_string_free (text, FALSE);
}

static void
assert_says (Fixture *fixture, const char *line)
{
  g_autofree char *text = metrics (fixture);
  g_autofree char *wanted = g_strconcat ("\n", line, "\n", NULL);

  if (strstr (text, wanted) == NULL)
    g_error ("%s is not in %s", line, text);
}

static gboolean
print_row (const PtRejectedRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data, "%s %s %s/%s %s %.*s\n", row->transport, row->address,
                          row->area, row->device, row->reason, (int) MIN (row->size, 3), row->text);
  return TRUE;
}

static char *
kept (Fixture *fixture, const PtRejectedQuery *query)
{
  g_autoptr (GError) error = NULL;
  GString *text = g_string_new (NULL);

  pt_committer_keep_rejected (fixture->world->pipeline->committer);
  pt_store_rejected (fixture->world->store, query, print_row, text, &error);
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}

static void
submit (Fixture *fixture, PtTransport transport, const char *address, const char *lines)
{
  PtPeer peer = { .transport = transport, .address = (char *) address };
  g_autofree char *answer = pt_world_submit_from (fixture->world, &pt_kind_report, lines, &peer);

  g_assert_nonnull (answer);
}

static void
test_counted (Fixture *fixture, gconstpointer data)
{
  gint64 now = pt_clock_now (fixture->world->clock);
  g_autofree char *good
      = pt_world_report (fixture->world, "east", "tx-1", 1, now, PT_POWER_ON, NULL);
  g_autofree char *lines = g_strjoin ("\n", good, good, "{", "[]", NULL);

  submit (fixture, PT_TRANSPORT_COAP, NULL, lines);
  submit (fixture, PT_TRANSPORT_MQTT, NULL, "{");
  assert_says (fixture, "powertrack_lines_total{transport=\"coap\",outcome=\"accepted\"} 1");
  assert_says (fixture, "powertrack_lines_total{transport=\"coap\",outcome=\"duplicate\"} 1");
  assert_says (fixture, "powertrack_lines_total{transport=\"coap\",outcome=\"refused\"} 2");
  assert_says (fixture, "powertrack_lines_total{transport=\"mqtt\",outcome=\"refused\"} 1");
  assert_says (fixture, "powertrack_lines_total{transport=\"http\",outcome=\"accepted\"} 1");
  assert_says (fixture,
               "powertrack_refused_lines_total{transport=\"coap\",reason=\"malformed\"} 2");
  assert_says (fixture, "powertrack_lag_seconds_count{transport=\"coap\"} 1");
  assert_says (fixture, "powertrack_lag_seconds_count{transport=\"mqtt\"} 0");
  assert_says (fixture, "powertrack_commit_seconds_count 2");
}

/* What waits is counted by its way until it is answered, and how long it took. */
static void
test_on_its_way (Fixture *fixture, gconstpointer data)
{
  PtTraffic *traffic = fixture->world->pipeline->traffic;
  const PtPeer peer = { .transport = PT_TRANSPORT_MQTT };
  g_autoptr (GBytes) body = g_bytes_new_static ("{\n{\n{", 5);
  PtSubmission *submission = pt_submission_new (&pt_kind_report, body, TRUE, NULL, NULL, NULL);
  PtTrafficOfWay way;

  pt_submission_set_peer (submission, &peer);
  g_assert_true (
      pt_submission_enter (submission, pt_intake_admission (fixture->world->pipeline->intake)));
  assert_says (fixture, "powertrack_waiting_lines{transport=\"mqtt\"} 3");
  assert_says (fixture, "powertrack_waiting_lines{transport=\"http\"} 0");
  pt_traffic_get (traffic, PT_TRANSPORT_MQTT, &way);
  g_assert_cmpuint (way.waiting, ==, 3);
  g_assert_cmpuint (way.lag.lines, ==, 0);
  submission->lines[0].state = PT_LINE_ACCEPTED;
  submission->lines[1].state = PT_LINE_DUPLICATE;
  submission->entered -= 5000;
  pt_submission_free (submission);
  pt_traffic_get (traffic, PT_TRANSPORT_MQTT, &way);
  g_assert_cmpuint (way.waiting, ==, 0);
  g_assert_cmpuint (way.accepted, ==, 1);
  g_assert_cmpuint (way.duplicate, ==, 1);
  g_assert_cmpuint (way.refused, ==, 1);
  g_assert_cmpuint (way.lag.lines, ==, 1);
  g_assert_cmpint (way.lag.sum, >=, 5000);
  g_assert_cmpint (way.lag.longest, ==, way.lag.sum);
  assert_says (fixture, "powertrack_waiting_lines{transport=\"mqtt\"} 0");
  assert_says (fixture, "powertrack_refused_lines_total{transport=\"mqtt\",reason=\"busy\"} 1");
}

/* Of whom, of what and why, the newest first; what is not signed so, too. */
static void
test_kept (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  const PtRejectedQuery all = { .limit = 10 }, of_device = { .limit = 10, .device = "tx-9" },
                        of_area = { .limit = 10, .area = "west" },
                        of_reason = { .limit = 10, .reason = "malformed" },
                        later = { .limit = 10, .since = PT_WORLD_START + 1000 },
                        one = { .limit = 1 };
  g_autofree char *unknown
      = pt_world_report (world, "east", "tx-9", 1, pt_clock_now (world->clock), PT_POWER_ON, NULL);
  const PtRejectedQuery *const queries[] = { &all, &of_device, &of_area, &of_reason, &later, &one };
  static const char *const wanted[]
      = { "http 192.0.2.1 east/tx-9 unknown-device {\"a\nhttp 192.0.2.1 / malformed {\n",
          "http 192.0.2.1 east/tx-9 unknown-device {\"a\n",
          "",
          "http 192.0.2.1 / malformed {\n",
          "http 192.0.2.1 east/tx-9 unknown-device {\"a\n",
          "http 192.0.2.1 east/tx-9 unknown-device {\"a\n" };

  submit (fixture, PT_TRANSPORT_HTTP, "192.0.2.1", "{");
  pt_world_advance (world, 1000);
  submit (fixture, PT_TRANSPORT_HTTP, "192.0.2.1", unknown);
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autofree char *text = kept (fixture, queries[i]);

      g_assert_cmpstr (text, ==, wanted[i]);
    }
  pt_world_restart (world, FALSE);
  {
    g_autofree char *text = kept (fixture, &all);

    g_assert_cmpstr (text, ==, wanted[0]);
  }
}

/* They are written with the next group, and with the last one when the daemon ends. */
static void
test_with_group (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const PtRejectedQuery all = { .limit = 10 };

  submit (fixture, PT_TRANSPORT_COAP, "192.0.2.1", "{");
  pt_world_report_now (fixture->world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_store_rejected (fixture->world->store, &all, print_row, text, NULL);
  g_assert_cmpstr (text->str, ==, "coap 192.0.2.1 / malformed {\n");
}

/* A key that is in two hands is counted; a repetition, and what is badly signed, is none. */
static void
test_conflict (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 now = pt_clock_now (world->clock);
  g_autofree char *first = pt_world_report (world, "east", "tx-1", 1, now, PT_POWER_ON, NULL);
  g_autofree char *other = pt_world_report (world, "east", "tx-1", 1, now, PT_POWER_OFF, NULL);
  g_autofree char *broken = pt_world_break_signature (other);

  pt_world_expect (world, &pt_kind_report, first, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, broken, PT_REFUSED ("bad-signature"));
  assert_says (fixture, "powertrack_conflicts_total 0");
  pt_world_expect (world, &pt_kind_report, other, PT_REFUSED ("stale-seq"));
  assert_says (fixture, "powertrack_conflicts_total 1");
}

/* A flood fills neither memory nor store, and pushes out nobody else's. */
static void
test_bounded (Fixture *fixture, gconstpointer data)
{
  const PtRejectedQuery all = { .limit = 2 * PT_REJECTED_MAX };
  g_autoptr (GString) flood = g_string_new (NULL);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 10000; i++)
    g_string_append (flood, "{\n");
  submit (fixture, PT_TRANSPORT_HTTP, "192.0.2.2", "[]");
  for (guint i = 0; i < 2 + PT_REJECTED_PER_SOURCE / PT_REJECTS_PER_SOURCE; i++)
    {
      submit (fixture, PT_TRANSPORT_HTTP, "192.0.2.1", flood->str);
      g_free (text);
      text = kept (fixture, &all);
    }
  {
    g_auto (GStrv) rows = g_strsplit (text, "\n", -1);

    g_assert_cmpuint (g_strv_length (rows) - 1, ==, PT_REJECTED_PER_SOURCE + 1);
    g_assert_nonnull (strstr (text, "192.0.2.2"));
  }
  pt_world_advance (fixture->world, 8 * G_GINT64_CONSTANT (86400000));
  submit (fixture, PT_TRANSPORT_HTTP, "192.0.2.3", "{");
  g_free (text);
  text = kept (fixture, &all);
  g_assert_cmpstr (text, ==, "http 192.0.2.3 / malformed {\n");
}

/* What was busy says nothing of the report, and complaints have private parts. */
static void
test_not_kept (Fixture *fixture, gconstpointer data)
{
  const PtRejectedQuery all = { .limit = 10 };
  g_autofree char *answer = NULL;
  g_autofree char *text = NULL;

  if (data != NULL)
    {
      pt_memory_store_fail (fixture->world->store, PT_STORE_COMMIT, PT_FAIL_NOT_PERSISTED, 0, 1);
      pt_world_report_now (fixture->world, "tx-1", 1, PT_POWER_ON, PT_REFUSED ("busy"));
    }
  answer = pt_world_submit (fixture->world, &pt_kind_action, "{");
  text = kept (fixture, &all);
  g_assert_cmpstr (text, ==, "");
}

/* As long as a text is, of it so much is kept. */
static void
test_cut (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (20000, '{');
  g_autoptr (GBytes) body = g_bytes_new (text, 20000);
  g_autoptr (PtSubmission) submission
      = pt_submission_new (&pt_kind_report, body, FALSE, NULL, NULL, NULL);
  g_autoptr (PtRejects) rejects = pt_rejects_new (fixture->world->clock);
  g_autoptr (PtRejectedBatch) batch = NULL;

  pt_submission_refuse (submission, PT_ERROR_MALFORMED);
  pt_rejects_take (rejects, submission);
  batch = pt_rejects_steal (rejects);
  g_assert_cmpuint (batch->rows->len, ==, 1);
  g_assert_cmpuint (g_array_index (batch->rows, PtRejectedRow, 0).size, ==, PT_REJECTED_TEXT_MAX);
  g_assert_null (pt_rejects_steal (rejects));
}

#define ADD(name, func)                                                                            \
  g_test_add ("/traffic/memory/" name, Fixture, (gpointer) "", set_up, func, tear_down);           \
  g_test_add ("/traffic/sqlite/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("counted", test_counted);
  ADD ("on-its-way", test_on_its_way);
  ADD ("kept", test_kept);
  ADD ("with-group", test_with_group);
  ADD ("conflict", test_conflict);
  ADD ("bounded", test_bounded);
  ADD ("not-kept", test_not_kept);
  ADD ("cut", test_cut);
  return g_test_run ();
}
