/* SPDX-License-Identifier: Apache-2.0 */
/* Outages and counts, over every store. */
#include "pt-store-suite.h"

static void
commit_outage (Fixture *fixture, const PtOutageWrite *writes, guint count)
{
  PtEntryRow entry = { .received = 100, .body = "{\"a\":1}", .size = 7 };
  PtGroup group = { .outages = writes, .outage_count = count };

  pt_commit_rows (fixture->store, &entry, 1, &group);
}

static gboolean
print_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data,
                          "%u:%" G_GINT64_FORMAT "@%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT
                          "@%" G_GINT64_FORMAT "*%" G_GINT64_FORMAT " ",
                          row->device, row->start_seq, row->start, row->end_seq, row->end,
                          row->customers);
  return TRUE;
}

static void
assert_outages (Fixture *fixture, const PtOutageQuery *query, const char *expected)
{
  g_autoptr (GError) error = NULL;
  GString *text = g_string_new (NULL);

  pt_store_outages (fixture->store, query, print_outage, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, expected);
  g_string_free (text, TRUE);
}

static void
test_outages (Fixture *fixture, gconstpointer data)
{
  const PtOutageWrite opened[]
      = { { 0, { PT_CHANGE_OPEN, .start_seq = 5, .start = 500 }, 10 },
          { 1, { PT_CHANGE_OPEN, .start_seq = 2, .start = 400 }, 20 },
          { 0, { PT_CHANGE_CLOSE, .start_seq = 5, .start = 500, .end_seq = 9, .end = 900 }, 10 } };
  const PtOutageQuery all = { .area = -1, .limit = 100 };
  PtCounts counts;
  PtOutageWrite start, end, split;
  guint32 zero;
  PtOutageQuery by_area, by_device, only_open, window, page;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_device (fixture, 0, 0, "zero", TRUE);
  commit_device (fixture, 1, 1, "one", TRUE);
  commit_outage (fixture, opened, 3);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:5@500-9@900*10 ");
  pt_store_counts (fixture->store, &counts, NULL);
  g_assert_cmpuint (counts.open_outages, ==, 1);
  start = (PtOutageWrite){ 0,
                           { PT_CHANGE_MOVE_START, .old_start_seq = 5, .start_seq = 4, .start = 450,
                             .end_seq = 9, .end = 900 },
                           10 };
  commit_outage (fixture, &start, 1);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-9@900*10 ");
  end = (PtOutageWrite){ 0,
                         { PT_CHANGE_MOVE_END, .start_seq = 7,
                           /* a counter inside it */ .end_seq = 8, .end = 800 },
                         10 };
  commit_outage (fixture, &end, 1);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-8@800*10 ");
  split = (PtOutageWrite){ 0,
                           { PT_CHANGE_SPLIT, .old_start_seq = 5, .start_seq = 7, .start = 700,
                             .end_seq = 6, .end = 600 },
                           10 };
  commit_outage (fixture, &split, 1);
  reopen (fixture, data);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-6@600*10 0:7@700-8@800*10 ");

  zero = 0;
  by_area = (PtOutageQuery){ .limit = 100, .area = 1 };
  by_device = (PtOutageQuery){ .limit = 100, .area = -1, .devices = &zero, .device_count = 1 };
  only_open = (PtOutageQuery){ .limit = 100, .area = -1, .only_open = TRUE };
  window = (PtOutageQuery){ .limit = 100, .area = -1, .from = 600, .to = 700 };
  page = (PtOutageQuery){
    .area = -1, .limit = 1, .after_start = 400, .after_device = 1, .after_seq = 2
  };
  assert_outages (fixture, &by_area, "1:2@400-0@0*20 ");
  assert_outages (fixture, &by_device, "0:4@450-6@600*10 0:7@700-8@800*10 ");
  assert_outages (fixture, &only_open, "1:2@400-0@0*20 ");
  assert_outages (fixture, &window, "1:2@400-0@0*20 ");
  assert_outages (fixture, &page, "0:4@450-6@600*10 ");
}

/* Evidence */

static void
commit_evidence (Fixture *fixture, guint32 device, gint64 seq, const char *body)
{
  PtEntryRow row = {
    .subject = pt_subject_device (device), .area = device, .seq = seq, .received = 700, .body = body
  };
  PtGroup group = { .evidence = &row, .evidence_count = 1 };
  g_autoptr (GError) error = NULL;

  row.size = strlen (body);
  pt_store_commit (fixture->store, &group, &error);
  g_assert_no_error (error);
}

static gboolean
print_evidence (const PtEvidenceRow *row, gpointer user_data, GError **error)
{
  g_assert_cmpint (row->received, ==, 700);
  g_string_append_printf (user_data, "%" G_GUINT64_FORMAT "=%u/%u:%" G_GINT64_FORMAT " %.*s;",
                          row->number, row->area, row->subject.number, row->seq, (int) row->size,
                          row->body);
  return TRUE;
}

static void
assert_evidence (Fixture *fixture, const PtEvidenceQuery *query, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  pt_store_evidence (fixture->store, query, print_evidence, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, expected);
}

/* Two of a counter, each once; the oldest stay. */
static void
test_evidence (Fixture *fixture, gconstpointer data)
{
  const PtEvidenceQuery all = { .area = -1, .limit = 100 }, page = { 1, -1, 1 },
                        east = { .area = 0, .limit = 100 };
  PtCounts counts;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_device (fixture, 0, 0, "zero", TRUE);
  commit_device (fixture, 1, 1, "one", TRUE);
  assert_evidence (fixture, &all, "");
  commit_evidence (fixture, 0, 5, "a");
  commit_evidence (fixture, 0, 5, "a");
  commit_evidence (fixture, 1, 5, "a");
  commit_evidence (fixture, 0, 5, "b");
  commit_evidence (fixture, 0, 5, "c");
  assert_evidence (fixture, &all, "1=0/0:5 a;2=1/1:5 a;3=0/0:5 b;");
  assert_evidence (fixture, &page, "2=1/1:5 a;");
  assert_evidence (fixture, &east, "1=0/0:5 a;3=0/0:5 b;");
  for (gint64 seq = 6; seq < 100; seq++)
    commit_evidence (fixture, 0, seq, "d");
  commit_evidence (fixture, 1, 6, "d");
  pt_store_counts (fixture->store, &counts, NULL);
  g_assert_cmpuint (counts.evidence, ==, PT_EVIDENCE_PER_SUBJECT + 2);
  reopen (fixture, data);
  pt_store_counts (fixture->store, &counts, NULL);
  if (counts.entries > 0)
    g_assert_cmpuint (counts.evidence, ==, PT_EVIDENCE_PER_SUBJECT + 2);
}

static const SuiteTest tests[] = {
  { "evidence", test_evidence },
  { "outages", test_outages },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_suite ("store-views", tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
