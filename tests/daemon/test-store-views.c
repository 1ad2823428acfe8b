/* SPDX-License-Identifier: Apache-2.0 */
/* Outages and counts, over every store. */
#include "pt-store-suite.h"

#include "pt-store-rejected.h"

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
                          "@%" G_GINT64_FORMAT "*%" G_GINT64_FORMAT "%s ",
                          row->device, row->start_seq, row->start, row->end_seq, row->end,
                          row->customers, row->ended_by > PT_END_REPORT ? "?" : "");
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
change (Fixture *fixture, guint32 device, PtOutageChange change, gint64 customers)
{
  PtOutageWrite write = { device, device, change, customers };

  commit_outage (fixture, &write, 1);
}

static void
open_outage (Fixture *fixture, guint32 device, gint64 seq, gint64 start, gint64 end)
{
  change (fixture, device,
          (PtOutageChange){ PT_CHANGE_OPEN, .start_seq = seq, .start = start,
                            .end_seq = end != 0 ? seq + 1 : 0, .end = end,
                            .ended_by = end != 0 ? PT_END_REPORT : PT_END_NONE },
          10 + device * 10);
}

static void
two_areas (Fixture *fixture)
{
  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_device (fixture, 0, 0, "zero", TRUE);
  commit_device (fixture, 1, 1, "one", TRUE);
}

static void
test_outages (Fixture *fixture, gconstpointer data)
{
  const PtOutageQuery all = { .area = -1, .limit = 100 };
  const PtOutagesOf zero = { 0, 0, G_MAXUINT32 };
  PtCounts counts;
  PtOutageQuery by_area, by_device, only_open, only_ended, window, page;

  two_areas (fixture);
  open_outage (fixture, 0, 5, 500, 0);
  open_outage (fixture, 1, 2, 400, 0);
  change (fixture, 0,
          (PtOutageChange){ PT_CHANGE_CLOSE, .start_seq = 5, .start = 500, .end_seq = 9, .end = 900,
                            .ended_by = PT_END_REPORT },
          10);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:5@500-9@900*10 ");
  pt_store_counts (fixture->store, &counts, NULL);
  g_assert_cmpuint (counts.open_outages, ==, 1);
  change (
      fixture, 0,
      (PtOutageChange){ PT_CHANGE_MOVE_START, .old_start_seq = 5, .start_seq = 4, .start = 450 },
      11);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-9@900*11 ");
  change (fixture, 0,
          (PtOutageChange){ PT_CHANGE_MOVE_END, .start_seq = 7, /* a counter inside it */
                            .end_seq = 8, .end = 800, .ended_by = PT_END_REPORT },
          10);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-8@800*11 ");
  change (fixture, 0,
          (PtOutageChange){ PT_CHANGE_SPLIT, .old_start_seq = 5, .start_seq = 7, .start = 700,
                            .end_seq = 6, .end = 600, .ended_by = PT_END_REPORT },
          12);
  reopen (fixture, data);
  assert_outages (fixture, &all, "1:2@400-0@0*20 0:4@450-6@600*11 0:7@700-8@800*12 ");

  by_area = (PtOutageQuery){ .limit = 100, .area = 1 };
  by_device = (PtOutageQuery){ .limit = 100, .area = -1, .devices = &zero, .device_count = 1 };
  only_open = (PtOutageQuery){ .limit = 100, .area = -1, .only_open = TRUE };
  only_ended = (PtOutageQuery){ .limit = 100, .area = -1, .only_ended = TRUE };
  window = (PtOutageQuery){ .limit = 100, .area = -1, .from = 600, .to = 700 };
  page = (PtOutageQuery){
    .area = -1, .limit = 1, .after_start = 400, .after_device = 1, .after_seq = 2
  };
  assert_outages (fixture, &by_area, "1:2@400-0@0*20 ");
  assert_outages (fixture, &by_device, "0:4@450-6@600*11 0:7@700-8@800*12 ");
  assert_outages (fixture, &only_open, "1:2@400-0@0*20 ");
  assert_outages (fixture, &only_ended, "0:4@450-6@600*11 0:7@700-8@800*12 ");
  assert_outages (fixture, &window, "1:2@400-0@0*20 ");
  assert_outages (fixture, &page, "0:4@450-6@600*11 ");
}

/* Times move and outages are cut: no end is before its start. A time of 0 is one, too. */
static void
test_ends (Fixture *fixture, gconstpointer data)
{
  const PtOutageQuery all = { .area = -1, .limit = 100 };
  PtCounts counts;

  two_areas (fixture);
  open_outage (fixture, 0, 1, 0, 0);
  change (fixture, 0,
          (PtOutageChange){ PT_CHANGE_CLOSE, .start_seq = 1, .end_seq = 2, .end = 0,
                            .ended_by = PT_END_REPORT },
          10);
  open_outage (fixture, 0, 5, 500, 0);
  change (fixture, 0,
          (PtOutageChange){ PT_CHANGE_CUT, .start_seq = 5, .end = 600, .ended_by = PT_END_MOVED },
          10);
  pt_store_counts (fixture->store, &counts, NULL);
  g_assert_cmpuint (counts.open_outages, ==, 0);
  change (fixture, 0, (PtOutageChange){ PT_CHANGE_TIME_START, .start_seq = 5, .start = 650 }, 10);
  change (fixture, 0,
          (PtOutageChange){ PT_CHANGE_TIME_END, .start_seq = 1, .end_seq = 2, .end = 7 }, 10);
  change (fixture, 0, (PtOutageChange){ PT_CHANGE_TIME_START, .start_seq = 4, .start = 1 }, 10);
  change (fixture, 0,
          (PtOutageChange){ PT_CHANGE_TIME_END, .start_seq = 5, .end_seq = 3, .end = 9 }, 10);
  assert_outages (fixture, &all, "0:1@0-2@7*10 0:5@650-0@650*10? ");
  change (fixture, 0,
          (PtOutageChange){ PT_CHANGE_SPLIT, .old_start_seq = 5, .start_seq = 8, .start = 700,
                            .end_seq = 7, .end = 680, .place = PT_PLACE_UNKNOWN,
                            .ended_by = PT_END_REPORT },
          99);
  assert_outages (fixture, &all, "0:1@0-2@7*10 0:5@650-7@680*10 0:8@700-0@700*10? ");
}

typedef struct
{
  gint64 start, end;
} Span;

/* The answer of a window is what a look at each outage would say, in pages of any size. */
static void
test_windows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (Span));
  const PtOutagesOf zero = { 0, 0, G_MAXUINT32 };
  gint64 at = 0;

  two_areas (fixture);
  for (guint i = 0; i < 60; i++)
    {
      gint64 length = (gint64) 1 << g_test_rand_int_range (0, 30);
      Span span = { at, i == 59 ? 0 : at + length - 1 };

      open_outage (fixture, 0, 1 + i * 2, span.start, span.end);
      if (i % 7 == 2)
        change (fixture, 0,
                (PtOutageChange){ PT_CHANGE_CUT, .start_seq = 1 + i * 2,
                                  .end = span.end = at + 5000000, .ended_by = PT_END_REVOKED },
                10);
      g_array_append_val (spans, span);
      at += length + g_test_rand_int_range (0, 1000);
    }
  for (guint round = 0; round < 200; round++)
    {
      Span some = g_array_index (spans, Span, (guint) g_test_rand_int_range (0, 60));
      gint64 from
          = MAX (1, (g_test_rand_bit () ? some.start : some.end) + g_test_rand_int_range (-1, 2));
      PtOutageQuery query
          = { .area = round % 3 == 0 ? 0 : -1, .from = from, .limit = 1 + round % 9 };
      GString *expected = g_string_new (NULL);
      guint count = 0;

      if (round % 2 == 0)
        {
          query.devices = &zero;
          query.device_count = 1;
        }
      for (guint i = 0; i < spans->len && count < query.limit; i++)
        {
          Span span = g_array_index (spans, Span, i);

          if (i != 59 && span.end <= from)
            continue;
          count++;
          g_string_append_printf (
              expected, "0:%u@%" G_GINT64_FORMAT "-%u@%" G_GINT64_FORMAT "*10%s ", 1 + i * 2,
              span.start, i == 59 || i % 7 == 2 ? 0 : 2 + i * 2, span.end, i % 7 == 2 ? "?" : "");
        }
      assert_outages (fixture, &query, expected->str);
      g_string_free (expected, TRUE);
    }
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
  const PtSubject one = pt_subject_device (1), nobody = pt_subject_official (1);
  const PtEvidenceQuery of_one = { .area = -1, .limit = 100, .subject = &one },
                        of_nobody = { .area = -1, .limit = 100, .subject = &nobody };
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
  assert_evidence (fixture, &of_one, "2=1/1:5 a;");
  assert_evidence (fixture, &of_nobody, "");
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

/* @count refusals of one source, made at @at, which leave none that are older than @from. */
static void
commit_rejected (Fixture *fixture, const char *source, const char *reason, gint64 at, gint64 from,
                 guint count)
{
  g_autofree PtRejectedRow *rows = g_new (PtRejectedRow, count);
  PtGroup group = { .rejected = rows, .rejected_count = count, .rejected_from = from };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < count; i++)
    rows[i] = (PtRejectedRow){ .at = at,
                               .source = source,
                               .transport = "http",
                               .address = "192.0.2.1",
                               .certificate = "",
                               .area = "east",
                               .device = source,
                               .reason = reason,
                               .text = "{\0}",
                               .size = 3 };
  pt_store_commit (fixture->store, &group, &error);
  g_assert_no_error (error);
}

static gboolean
print_rejected (const PtRejectedRow *row, gpointer user_data, GError **error)
{
  g_assert_cmpmem (row->text, row->size, "{\0}", 3);
  g_assert_cmpstr (row->transport, ==, "http");
  g_assert_cmpstr (row->address, ==, "192.0.2.1");
  g_assert_cmpstr (row->area, ==, "east");
  g_string_append_printf (user_data, "%" G_GUINT64_FORMAT "=%s@%" G_GINT64_FORMAT " %s;",
                          row->number, row->device, row->at, row->reason);
  return TRUE;
}

static void
assert_rejected (Fixture *fixture, const PtRejectedQuery *query, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  pt_store_rejected (fixture->store, query, print_rejected, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, expected);
}

static gboolean
count_rejected (const PtRejectedRow *row, gpointer user_data, GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

/* How many are kept of @source; NULL: of all. */
static guint
kept_rejected (Fixture *fixture, const char *source)
{
  PtRejectedQuery query = { .device = source, .limit = 2 * PT_REJECTED_MAX };
  g_autoptr (GError) error = NULL;
  guint count = 0;

  pt_store_rejected (fixture->store, &query, count_rejected, &count, &error);
  g_assert_no_error (error);
  return count;
}

/* Newest first, in pages and by what is asked for; what is too old goes, and nothing else, over a
 * new start too. */
static void
test_rejected (Fixture *fixture, gconstpointer data)
{
  const PtRejectedQuery all = { .limit = 10 }, page = { .before = 3, .limit = 1 },
                        reason = { .reason = "malformed", .limit = 10 },
                        device = { .device = "b", .limit = 10 },
                        since = { .since = 300, .limit = 10 },
                        nobody = { .area = "west", .limit = 10 };

  assert_rejected (fixture, &all, "");
  commit_rejected (fixture, "a", "malformed", 100, 0, 1);
  commit_rejected (fixture, "b", "stale-seq", 200, 0, 1);
  commit_rejected (fixture, "a", "malformed", 300, 0, 1);
  reopen (fixture, data);
  assert_rejected (fixture, &all, "3=a@300 malformed;2=b@200 stale-seq;1=a@100 malformed;");
  assert_rejected (fixture, &page, "2=b@200 stale-seq;");
  assert_rejected (fixture, &reason, "3=a@300 malformed;1=a@100 malformed;");
  assert_rejected (fixture, &device, "2=b@200 stale-seq;");
  assert_rejected (fixture, &since, "3=a@300 malformed;");
  assert_rejected (fixture, &nobody, "");
  commit_rejected (fixture, "a", "too-many", 400, 200, 1);
  assert_rejected (fixture, &all, "4=a@400 too-many;3=a@300 malformed;2=b@200 stale-seq;");
}

/* A flood pushes out its own, and all together are no more than the ring. */
static void
test_rejected_bounds (Fixture *fixture, gconstpointer data)
{
  commit_rejected (fixture, "quiet", "malformed", 100, 0, 1);
  commit_rejected (fixture, "loud", "malformed", 100, 0, PT_REJECTED_PER_SOURCE + 100);
  g_assert_cmpuint (kept_rejected (fixture, "loud"), ==, PT_REJECTED_PER_SOURCE);
  g_assert_cmpuint (kept_rejected (fixture, "quiet"), ==, 1);
  for (guint i = 0; i < PT_REJECTED_MAX / PT_REJECTED_PER_SOURCE; i++)
    {
      g_autofree char *source = g_strdup_printf ("source-%u", i);

      commit_rejected (fixture, source, "malformed", 100, 0, PT_REJECTED_PER_SOURCE);
    }
  g_assert_cmpuint (kept_rejected (fixture, NULL), ==, PT_REJECTED_MAX);
  g_assert_cmpuint (kept_rejected (fixture, "quiet"), ==, 0);
  g_assert_cmpuint (kept_rejected (fixture, "source-0"), ==, PT_REJECTED_PER_SOURCE);
}

static const SuiteTest tests[] = {
  { "evidence", test_evidence },
  { "rejected", test_rejected },
  { "rejected-bounds", test_rejected_bounds },
  { "outages", test_outages },
  { "ends", test_ends },
  { "windows", test_windows },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_suite ("store-views", tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
