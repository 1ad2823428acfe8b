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

static const SuiteTest tests[] = {
  { "outages", test_outages },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_suite ("store-views", tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
